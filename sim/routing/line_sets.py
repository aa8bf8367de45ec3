"""Sets of lines of which people board what comes first, by number, and whether two of them have a line in common."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scipy

from sim.arrays import BoolArray, IntArray
from sim.randomness import UInt64Array


class LineSets:
    """Sets of patterns, numbered from 1 on; 0 is the set of somebody who rode nothing.

    Parameters
    ----------
    number, pattern : ndarray of int, shape (members,)
        Of each member of each set.
    sets : int
        How many there are.
    """

    def __init__(self, number: IntArray, pattern: IntArray, sets: int) -> None:
        shape = (sets + 1, int(pattern.max(initial=-1)) + 1)
        self.members = scipy.sparse.csr_array((np.ones(len(number), dtype=np.int32), (number, pattern)), shape=shape)

    @classmethod
    def of(cls, sets: Iterable[frozenset[int]]) -> tuple[LineSets, UInt64Array]:
        """Give sets numbers in the order in which they come first.

        Returns
        -------
        LineSets
        ndarray of uint64, shape (sets,)
            The number of each set that was given.
        """
        numbers: dict[frozenset[int], int] = {}
        given = np.array([numbers.setdefault(mine, 1 + len(numbers)) for mine in sets], dtype=np.uint64)
        members = [(number, pattern) for mine, number in numbers.items() for pattern in sorted(mine)]
        number, pattern = np.array(members, dtype=np.int64).reshape(-1, 2).T
        return cls(number, pattern, len(numbers)), given

    def have_common(self, ridden: UInt64Array, start: IntArray, onward: UInt64Array) -> BoolArray:
        """Tell which sets ridden next have a line of the set ridden before.

        Parameters
        ----------
        ridden : ndarray of uint64, shape (stops, labels)
            Set ridden last where people are.
        start : ndarray of int, shape (edges,)
            Stop from which each edge goes on.
        onward : ndarray of uint64, broadcast to (edges, labels)
            Set ridden next.

        Returns
        -------
        ndarray of bool, shape (edges, labels)
        """
        # There are few labels beside edges: what was ridden last is compared with all sets once for each set of those.
        before, place = np.unique(ridden.astype(np.int64), return_inverse=True)
        common = (self.members[before] @ self.members.T).tocsr()
        common.sort_indices()
        sets = common.shape[1]
        row = np.repeat(np.arange(len(before)), np.diff(common.indptr))
        pairs = np.append(row * sets + common.indices, -1)
        asked = place.reshape(ridden.shape)[start] * sets + onward.astype(np.int64)
        found: BoolArray = pairs[np.searchsorted(pairs[:-1], asked)] == asked
        return found
