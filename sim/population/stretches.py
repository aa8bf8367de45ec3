"""Rides along the branches of the journey tree, joined where they are in the same vehicles.

A *stretch* is the ride to the next stop in a vehicle departure by all who have been in the same ones since they boarded
at the same position. Branches of different stands, windows and journeys share most of theirs: on the subway of Beijing
one stretch stands for ten stops of branches. What is summed along the way is summed once for each stretch.

The compiled loops do the same operation by operation, and give the same bits (tests/unit/test_population_stretches.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.compiled.loops import loops
from sim.population.distinct_codes import distinct_codes
from sim.population.journey_tree import TimedLevel
from sim.population.observation import Observation
from sim.population.service_points import ServicePoints
from sim.units import TICKS_PER_S


@dataclass(frozen=True)
class Stretches:
    """The stretches of a level, those to the first stop first, then those to the second one, and so on.

    The first row stands for not having left yet.

    Attributes
    ----------
    before : ndarray of int, shape (stretches,)
        The stretch before each; row 0 of itself.
    cell : ndarray of int, shape (stretches,)
        The vehicle departure; any for row 0.
    hop_ptr : ndarray of int, shape (most hops + 1,)
        First stretch of each number of stops.
    of_end : ndarray of int, shape (ends,)
        The last stretch to each end of the level.
    """

    before: IntArray
    cell: IntArray
    hop_ptr: IntArray
    of_end: IntArray

    def hops(self) -> Iterator[tuple[slice, slice]]:
        """Yield the stretches to each stop, first stop first, with those before them."""
        before, bounds = slice(0, 1), self.hop_ptr.tolist()
        for start, end in pairwise(bounds):
            yield slice(before.start, before.stop), slice(start, end)
            before = slice(start, end)

    def sums(self, price: FloatArray) -> FloatArray:
        """Return the sum of a price by cell up to the end of each stretch, shape (stretches,)."""
        library = loops()
        if library is None:
            return self.sums_by_numpy(price)
        total = np.empty(len(self.before))
        library.peakshift_stretches_sums(len(self.before), self.before, self.cell, price, total)
        return total

    def sums_by_numpy(self, price: FloatArray) -> FloatArray:
        """Return what `sums` does."""
        total: FloatArray = price[self.cell]
        total[:1] = 0.0
        for _, here in self.hops():
            total[here] += total[self.before[here]]
        return total

    def highest(self, value: FloatArray) -> FloatArray:
        """Return the highest of a value by cell up to the end of each stretch, shape (stretches,); 0 at least."""
        library = loops()
        if library is None:
            return self.highest_by_numpy(value)
        most = np.empty(len(self.before))
        library.peakshift_stretches_highest(len(self.before), self.before, self.cell, value, most)
        return most

    def highest_by_numpy(self, value: FloatArray) -> FloatArray:
        """Return what `highest` does."""
        most: FloatArray = np.maximum(value[self.cell], 0.0)
        most[:1] = 0.0
        for _, here in self.hops():
            np.maximum(most[here], most[self.before[here]], out=most[here])
        return most

    def riders(self, leaving: FloatArray, cells: int) -> FloatArray:
        """Return the riders in each cell if so many alight at the end of each stretch, shape (cells,).

        Whoever is on a stretch alights there or later; counted from the last stop back to the first.

        Parameters
        ----------
        leaving : ndarray of float, shape (stretches,)
        cells : int
            Number of cells.
        """
        library = loops()
        if library is None:
            return self.riders_by_numpy(leaving, cells)
        on, riders = leaving.astype(np.float64), np.empty(cells)
        hops = len(self.hop_ptr) - 1
        library.peakshift_stretches_riders(hops, self.hop_ptr, self.before, self.cell, on, cells, riders)
        return riders

    def riders_by_numpy(self, leaving: FloatArray, cells: int) -> FloatArray:
        """Return what `riders` does."""
        on = leaving.copy()
        for before, here in reversed(list(self.hops())):
            on[before] += np.bincount(self.before[here] - before.start, on[here], before.stop - before.start)
        return np.bincount(self.cell[1:], on[1:], cells).astype(np.float64)


@dataclass(frozen=True)
class Ridden:
    """The stretches to one stop.

    Attributes
    ----------
    source : ndarray of int, shape (stretches,)
        Row of the one before, rising.
    cell : ndarray of int, shape (stretches,)
        The vehicle departure.
    began : ndarray of int, shape (stretches,)
        Row of the position where people boarded.
    took_s : ndarray of float, shape (stretches,)
        From there to the end of the stretch.
    of_branch : ndarray of int, shape (branches,)
        The stretch on which each branch is.
    """

    source: IntArray
    cell: IntArray
    began: IntArray
    took_s: FloatArray
    of_branch: IntArray


class Follower:
    """Follows branches through the traffic of a day.

    Parameters
    ----------
    points : ServicePoints
    position_point : ndarray of int
        Service point at each row of the list of all positions of patterns.
    observation : Observation
    """

    def __init__(self, points: ServicePoints, position_point: IntArray, observation: Observation) -> None:
        self.points = points
        self.position_point = position_point
        self.running_s: FloatArray = observation.running_s.reshape(-1)
        self.served_period: IntArray = observation.served_period().reshape(-1)

    def period(self, time_s: FloatArray) -> IntArray:
        """Return the period of each time."""
        # A vehicle due at the very start of a period must not fall into the one before by rounding.
        return np.clip((time_s + 1.0 / TICKS_PER_S) // self.points.period_s, 0, self.points.periods - 1).astype(
            np.int64
        )

    def stretches(self, level: TimedLevel, board_s: FloatArray) -> Stretches:
        """Ride along the branches of a level.

        The vehicle departure taken at each stop is the one of the period in which people come there; of the nearest
        period that has one.

        Parameters
        ----------
        level : TimedLevel
        board_s : ndarray of float, shape (stands,)
            When people board, seconds after midnight.
        """
        library = loops()
        if library is None:
            return self.stretches_by_numpy(level, board_s)
        branches, hops, positions = len(level.boards_at), len(level.riding), len(self.position_point)
        # Mostly far fewer are needed; what nothing is written to takes no memory.
        most = 1 + int(level.riding.sum())
        before, cell, began = (np.empty(most, dtype=np.int64) for _ in range(3))
        hop_ptr, of_end = np.empty(hops + 1, dtype=np.int64), np.zeros(len(level.branch), dtype=np.int64)
        first = np.empty(max(positions, branches) + 1, dtype=np.int64)
        work = (np.empty(size, dtype=np.int64) for size in (branches, 2 * branches, *(self.points.periods,) * 2))
        library.peakshift_stretches_follow(
            *(positions, hops, self.points.periods, self.points.period_s, 1.0 / TICKS_PER_S, board_s[level.stand]),
            *(level.riding, level.end_ptr, level.branch, self.position_point, self.served_period, self.running_s),
            *(level.boards_at.copy(), first, *work, before, cell, began, np.empty(most), hop_ptr, of_end),
        )
        stretches = int(hop_ptr[-1])
        return Stretches(before[:stretches].copy(), cell[:stretches].copy(), hop_ptr, of_end)

    def stretches_by_numpy(self, level: TimedLevel, board_s: FloatArray) -> Stretches:
        """Return what `stretches` does."""
        time_s, end_ptr = board_s[level.stand], level.end_ptr.tolist()
        before, cell, hop_ptr = [np.zeros(1, dtype=np.int64)], [np.zeros(1, dtype=np.int64)], [1]
        of_end = np.zeros(len(level.branch), dtype=np.int64)
        # At first each position is a stretch that has taken no time.
        positions = len(self.position_point)
        nowhere = np.zeros(positions, dtype=np.int64)
        at = Ridden(nowhere, nowhere, np.arange(positions), np.zeros(positions), level.boards_at)
        for hop, riding in enumerate(level.riding.tolist()):
            at = self._next(at, hop, time_s[:riding])
            before.append(at.source + hop_ptr[-2] if hop else np.zeros_like(at.source))
            cell.append(at.cell)
            off = slice(*end_ptr[hop + 1 : hop + 3])
            of_end[off] = at.of_branch[level.branch[off]] + hop_ptr[-1]
            hop_ptr.append(hop_ptr[-1] + len(at.source))
        return Stretches(np.concatenate(before), np.concatenate(cell), np.array(hop_ptr, dtype=np.int64), of_end)

    def _next(self, at: Ridden, hop: int, time_s: FloatArray) -> Ridden:
        """Ride on to the next stop.

        Parameters
        ----------
        at : Ridden
            The stretches to the stop before.
        hop : int
            Stops since boarding.
        time_s : ndarray of float, shape (branches that go on,)
            When each branch boarded, seconds after midnight.
        """
        periods, of = self.points.periods, at.of_branch[: len(time_s)]
        rows = self.position_point[at.began + hop] * periods
        taken = self.served_period[rows[of] + self.period(time_s + at.took_s[of])]
        codes, of_branch = distinct_codes(of * periods + taken)
        source, taken = codes // periods, codes % periods
        cell = rows[source] + taken
        return Ridden(source, cell, at.began[source], at.took_s[source] + self.running_s[cell], of_branch)
