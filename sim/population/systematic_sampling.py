"""Random numbers that are spread evenly within groups (systematic sampling, Madow 1949).

Each number is uniform for itself, but any share of a group is met to a person: of a group of
n exactly p n numbers lie below p wherever p n is whole, and one more or less otherwise. A
share of all is therefore also a share of every group, drawn pro rata.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray


def group_rows(*columns: NDArray[np.integer] | BoolArray) -> IntArray:
    """Give the distinct rows of some integer or boolean columns numbers, in the order of the rows, shape (rows,)."""
    known = [np.asarray(column, dtype=np.int64) for column in columns]
    code, kinds = np.zeros(len(known[0]), dtype=np.int64), 1
    if not len(code):
        return code
    for column in known:
        value = column - column.min()
        spread = int(value.max()) + 1
        if kinds * spread >= MOST_CODES:
            code, kinds = _dense(code, kinds)
            value, spread = _dense(value, spread)
        code = code * spread + value
        kinds *= spread
    return _dense(code, kinds)[0]


MOST_CODES = 2**62
"""Codes of rows stay below it, so that they are exact integers."""

TABLE_SHARE = 8
"""Codes are looked up in a table where it has at most so many times as many entries as there are rows."""


def _dense(code: IntArray, kinds: int) -> tuple[IntArray, int]:
    """Return the rank of each code among the distinct ones, and how many these are."""
    if kinds <= TABLE_SHARE * len(code):
        used = np.zeros(kinds, dtype=np.bool_)
        used[code] = True
        rank = np.cumsum(used) - 1
        return rank[code], int(rank[-1]) + 1
    distinct, place = np.unique(code, return_inverse=True)
    return place.reshape(-1).astype(np.int64), len(distinct)


def spread_evenly(uniform: FloatArray, group: IntArray, offset: FloatArray) -> FloatArray:
    """Turn independent uniform numbers into ones that are spread evenly within groups.

    Parameters
    ----------
    uniform : ndarray of float, shape (rows,)
        Decide the order within a group.
    group : ndarray of int, shape (rows,)
        Number of the group, from 0.
    offset : ndarray of float, shape (rows,)
        Further independent uniform numbers in (0, 1); a group takes that of its first member in order.

    Returns
    -------
    ndarray of float, shape (rows,)
        (rank + offset) / size within each group.
    """
    # The ranks of a group, shifted by one number for all, must be uniform for each member and hit any share of the
    # group to a person (test_a_share_of_all_is_that_share_of_every_group, test_every_draw_is_uniform_for_itself).
    # The shift comes from a member and not from the number of the group, which another order of stops, lines or
    # flows would change (tests/functional/test_order_of_rows.py).
    order = np.lexsort((uniform, group))
    grouped = group[order]
    size = np.bincount(group)
    first = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64)
    shift = offset[order[np.minimum(first, max(len(order) - 1, 0))]] if len(order) else offset
    spread = np.empty(len(uniform))
    spread[order] = (np.arange(len(order)) - first[grouped] + shift[grouped]) / size[grouped]
    return spread


OFFSETS = 2**31
"""Last part of the key of the numbers that shift whole groups; no day is as late."""
