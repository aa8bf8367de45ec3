"""People on their way along the branches of the journey tree, and where they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.arrays import FloatArray, IntArray


@dataclass
class Riding:
    """People on their way, one row per timed stand, branch, end or goal; all arrays of float, shape (rows,)."""

    time_s: FloatArray
    wait_s: FloatArray
    ride_s: FloatArray
    crowded_s: FloatArray
    walk_s: FloatArray
    others_s: FloatArray
    queue_s: FloatArray
    load_factor: FloatArray
    boards: FloatArray

    @classmethod
    def at(cls, start_s: FloatArray) -> Riding:
        """Return people who set out."""
        return cls(start_s.astype(np.float64).copy(), *(np.zeros(len(start_s)) for _ in range(8)))

    def take(self, rows: IntArray) -> Riding:
        """Return some rows."""
        return Riding(*(getattr(self, item.name)[rows] for item in fields(self)))

    def mean(self, rows: IntArray, share: FloatArray, first: IntArray) -> Riding:
        """Return the means of groups of rows, each with its share, given the first entry of each group."""
        if len(first) == len(rows):
            # One row a group: its share is 1.
            return self.take(rows)
        return Riding(*(np.add.reduceat(share * getattr(self, item.name)[rows], first) for item in fields(self)))

    def put(self, place: slice, other: Riding, rows: IntArray) -> None:
        """Write rows of others into a slice of these."""
        for item in fields(self):
            getattr(self, item.name)[place] = getattr(other, item.name)[rows]


@dataclass(frozen=True)
class AtGoals:
    """People at the last goals of cases, of whom a column is read when it is asked for.

    Attributes
    ----------
    by_level : sequence of Riding
        Everybody at the goals of each level.
    last : ndarray of int, shape (cases,)
        Row of the last goal among those of all levels; the row behind them is somebody who only walks.
    in_vehicle_weight, wait_weight : float
        Of the preferences.
    """

    by_level: Sequence[Riding]
    last: IntArray
    in_vehicle_weight: float
    wait_weight: float

    @property
    def goals(self) -> int:
        """How many there are on all levels."""
        return sum(len(level.time_s) for level in self.by_level)

    def read(self, name: str) -> FloatArray:
        """Return a column of `Riding` for each case."""
        columns = [*(getattr(level, name) for level in self.by_level), np.zeros(1)]
        read: FloatArray = np.concatenate(columns)[self.last]
        return read
