"""Rows of compressed tables: many ranges at once, and the first hit of each."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, IntArray


def pointers(sizes: IntArray) -> IntArray:
    """Return the first row of each group of a compressed table, and one more, shape (groups + 1,)."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def rows_of(ptr: IntArray, groups: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows of some groups one after the other, and where those of each begin.

    Parameters
    ----------
    ptr : ndarray of int, shape (all groups + 1,)
    groups : ndarray of int, shape (groups,)

    Returns
    -------
    ndarray of int, shape (rows,)
    ndarray of int, shape (groups + 1,)
    """
    first = ptr[groups]
    bounds = pointers(ptr[groups + 1] - first)
    rows = np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], np.diff(bounds))
    return rows, bounds


def first_hits(hit: BoolArray, bounds: IntArray) -> IntArray:
    """Return the place of the first hit of each group, each of which must have one, shape (groups,)."""
    places = np.flatnonzero(hit)
    first: IntArray = places[np.searchsorted(places, bounds[:-1])]
    return first
