"""Which vehicle departures journeys ride on, and sums along them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.population.journey_tree import TimedCases, TimedLevel
from sim.population.stretches import Stretches
from sim.population.waits import rows_of


@dataclass(frozen=True)
class CellRows:
    """Vehicle departures by row, as compressed rows.

    Attributes
    ----------
    ptr : ndarray of int, shape (rows + 1,)
    cell : ndarray of int
    share : ndarray of float
        Chance of being on each.
    """

    ptr: IntArray
    cell: IntArray
    share: FloatArray


@dataclass(frozen=True)
class TimedPath:
    """Which vehicle departures (cells: service point and period) cases ride on.

    Sums along the way go stretch by stretch: each adds its cell once, whatever the number of cases that ride on it.

    Attributes
    ----------
    cases : TimedCases
    stretches : tuple of Stretches
        By level.
    share : tuple of ndarray of float
        By level, the chance of coming to each goal by each of its ends.
    all_cells : int
        Number of cells.
    """

    cases: TimedCases
    stretches: tuple[Stretches, ...]
    share: tuple[FloatArray, ...]
    all_cells: int

    @property
    def goals(self) -> int:
        """Number of goals of all levels, and one for whoever only walks."""
        return sum(level.goals for level in self.cases.levels) + 1

    @property
    def last_goal(self) -> IntArray:
        """Last goal of each case, a row of what `sums_at_goals` returns."""
        return self.cases.last_goal

    @cached_property
    def _last_stretch(self) -> tuple[IntArray, ...]:
        """The last stretch to each end of each goal, by level."""
        pairs = zip(self.stretches, self.cases.levels, strict=True)
        return tuple(stretches.of_end[level.goal_end] for stretches, level in pairs)

    def sums_at_goals(self, price: FloatArray) -> FloatArray:
        """Return the expected sum of a price over all cells on the way to each goal, 0 for whoever only walks.

        Parameters
        ----------
        price : ndarray of float, shape (cells,)

        Returns
        -------
        ndarray of float, shape (goals of all levels + 1,)
        """
        parts: list[FloatArray] = []
        for place, level in enumerate(self.cases.levels):
            found = mean_at_goals(
                level, self.share[place], self.stretches[place].sums(price)[self._last_stretch[place]]
            )
            if parts:
                found += parts[-1][level.parent[level.goal_stand]]
            parts.append(found)
        return np.concatenate([*parts, np.zeros(1)])

    def highest_at_goals(self, value: FloatArray, at_stands: Sequence[FloatArray] = ()) -> FloatArray:
        """Return the expected highest of a value over all cells on the way to each goal, 0 for whoever only walks.

        Parameters
        ----------
        value : ndarray of float, shape (cells,)
            Not negative.
        at_stands : sequence of ndarray of float, shape (stands,)
            Values that people meet where they wait, by level; none without.

        Returns
        -------
        ndarray of float, shape (goals of all levels + 1,)
        """
        parts: list[FloatArray] = []
        for place, level in enumerate(self.cases.levels):
            before = parts[-1][level.parent] if parts else np.zeros(len(level.parent))
            if at_stands:
                before = np.maximum(before, at_stands[place])
            of_goal = np.repeat(level.goal_stand, np.diff(level.goal_ptr))
            most = np.maximum(before[of_goal], self.stretches[place].highest(value)[self._last_stretch[place]])
            parts.append(mean_at_goals(level, self.share[place], most))
        return np.concatenate([*parts, np.zeros(1)])

    def riders(self, count: FloatArray | IntArray) -> FloatArray:
        """Return the riders in each cell if so many people travel to each goal and no further.

        Counted from the last ride to the first one.

        Parameters
        ----------
        count : ndarray of float or int, shape (goals of all levels + 1,)

        Returns
        -------
        ndarray of float, shape (cells,)
        """
        found = np.zeros(self.all_cells)
        end, onward = len(count) - 1, np.zeros(0)
        for place in reversed(range(len(self.cases.levels))):
            level, stretches = self.cases.levels[place], self.stretches[place]
            start = end - level.goals
            to_goal: FloatArray | IntArray = count[start:end]
            if len(onward):
                to_goal = to_goal + np.bincount(self.cases.levels[place + 1].parent, onward, level.goals)
            by_end = self.share[place] * np.repeat(to_goal, np.diff(level.goal_ptr))
            leaving = np.bincount(self._last_stretch[place], by_end, len(stretches.before))
            found += stretches.riders(leaving, self.all_cells)
            end, onward = start, np.bincount(level.goal_stand, to_goal, len(level.parent))
        return found

    def cells(self, rows: IntArray) -> CellRows:
        """Return the cells of some cases, in the order in which they are ridden, and the chance of each.

        Parameters
        ----------
        rows : ndarray of int
            Cases.
        """
        nothing = np.zeros(0, dtype=np.int64)
        parts = [(nothing, nothing, np.zeros(0))]
        for level, stretches, share in zip(self.cases.levels, self.stretches, self.share, strict=True):
            goal_of_case = np.full(len(self.cases.option), -1, dtype=np.int64)
            goal_of_case[level.cases] = level.goal_of_case
            mine = np.flatnonzero(goal_of_case[rows] >= 0)
            ptr, row = rows_of(level.goal_ptr, goal_of_case[rows[mine]])
            mine, chance = np.repeat(mine, np.diff(ptr)), share[row]
            stretch, ridden = stretches.of_end[level.goal_end[row]], []
            on = np.flatnonzero((chance > 0.0) & (stretch > 0))
            while len(on):
                ridden.append((mine[on], stretches.cell[stretch[on]], chance[on]))
                stretch[on] = stretches.before[stretch[on]]
                on = on[stretch[on] > 0]
            # They were followed from their last stretch back to the first.
            parts += reversed(ridden)
        of_row, cell, chance = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.argsort(of_row, kind="stable")
        ptr = np.concatenate([[0], np.cumsum(np.bincount(of_row, minlength=len(rows)))]).astype(np.int64)
        return CellRows(ptr, cell[order], chance[order])

    def boarding(self, count: FloatArray) -> tuple[TimedLevel | None, FloatArray]:
        """Return the first level, and the people who board on each of its branches; None where everybody walks.

        Parameters
        ----------
        count : ndarray of float, shape (cases,)
            People of each case.
        """
        if not self.cases.levels:
            return None, np.zeros(0)
        level = self.cases.levels[0]
        at_goal = np.bincount(level.goal_of_case, count[level.cases], level.goals)
        by_end = self.share[0] * np.repeat(at_goal, np.diff(level.goal_ptr))
        return level, np.bincount(level.branch[level.goal_end], by_end, len(level.stand)).astype(np.float64)


def mean_at_goals(level: TimedLevel, share: FloatArray, at_ends: FloatArray) -> FloatArray:
    """Return what is expected at the goals of a level, given a value at each of their ends.

    Parameters
    ----------
    level : TimedLevel
    share, at_ends : ndarray of float, shape of `goal_end` of the level
        The chance of coming by each end, and the value there.
    """
    if level.goals == len(at_ends):
        # One end a goal: its share is 1.
        return at_ends
    mean: FloatArray = np.add.reduceat(share * at_ends, level.goal_ptr[:-1])
    return mean
