"""Random numbers that are spread evenly within groups (systematic sampling, Madow 1949).

Each number is uniform for itself, but any share of a group is met to a person: of a group of
n exactly p n numbers lie below p wherever p n is whole, and one more or less otherwise. A
share of all is therefore also a share of every group, drawn pro rata.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.randomness import Purpose, Streams, UInt64Array, entity_keys


def group_rows(*columns: NDArray[np.integer] | BoolArray) -> IntArray:
    """Give the distinct rows of some integer or boolean columns numbers, shape (rows,)."""
    stacked = np.stack([np.asarray(column, dtype=np.int64) for column in columns], axis=1)
    if not len(stacked):
        return np.zeros(0, dtype=np.int64)
    code = np.zeros(len(stacked), dtype=np.int64)
    for column in stacked.T:
        values, place = np.unique(column, return_inverse=True)
        code = np.unique(code * len(values) + place.reshape(-1), return_inverse=True)[1].reshape(-1)
    return code.astype(np.int64)


def spread_evenly(uniform: FloatArray, group: IntArray, offset: FloatArray) -> FloatArray:
    """Turn independent uniform numbers into ones that are spread evenly within groups.

    Parameters
    ----------
    uniform : ndarray of float, shape (rows,)
        Decide the order within a group.
    group : ndarray of int, shape (rows,)
        Number of the group, from 0.
    offset : ndarray of float, shape (groups,)
        Uniform number in (0, 1) of each group.

    Returns
    -------
    ndarray of float, shape (rows,)
        (rank + offset) / size within each group.
    """
    order = np.lexsort((uniform, group))
    size = np.bincount(group, minlength=len(offset))
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    spread = np.empty(len(uniform))
    grouped = group[order]
    spread[order] = (np.arange(len(order)) - first[grouped] + offset[grouped]) / size[grouped]
    return spread


def even_uniform(streams: Streams, purpose: Purpose, key: UInt64Array, group: IntArray, *day: int) -> FloatArray:
    """Draw a uniform number for each entity, spread evenly within groups.

    Parameters
    ----------
    streams : Streams
    purpose : Purpose
    key : ndarray of uint64, shape (rows,)
        Keys of the entities.
    group : ndarray of int, shape (rows,)
        Number of the group of each, from 0.
    *day : int
        Day, or whatever else tells this draw from others of its purpose.
    """
    groups = int(group.max(initial=-1)) + 1
    offset = streams.uniform(purpose, entity_keys(np.arange(groups)), *day, _OFFSETS)
    return spread_evenly(streams.uniform(purpose, key, *day), group, offset)


_OFFSETS = 2**31
"""Last part of the key of the groups' own numbers; no day is as late."""
