"""Which vehicle departures journeys ride on, and sums along them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.population.journey_tree import TimedCases, TimedLevel
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

    Sums along the way go branch by branch: each branch adds its cells once, whatever the number of cases that use it.
    Hops are laid one behind the other, each with the branches that are still followed at it.

    Attributes
    ----------
    cases : TimedCases
    ridden : tuple of ndarray of int
        By level, the cells of the branches that are followed at the first hop, then at the second one and so on.
    share : tuple of ndarray of float
        By level, the chance of coming to each goal by each of its ends.
    all_cells : int
        Number of cells.
    """

    cases: TimedCases
    ridden: tuple[IntArray, ...]
    share: tuple[FloatArray, ...]
    all_cells: int

    @property
    def goals(self) -> int:
        """Number of goals of all levels, and one for whoever only walks."""
        return sum(level.goals for level in self.cases.levels) + 1

    @cached_property
    def _at_end(self) -> tuple[IntArray, ...]:
        """Place of each end of a level among its branches before the first hop and all hops behind them."""
        return tuple(
            np.cumsum([0, len(level.stand), *level.riding.tolist()])[level.hops] + level.branch
            for level in self.cases.levels
        )

    @cached_property
    def last_goal(self) -> IntArray:
        """Last goal of each case, a row of what `sums_at_goals` returns."""
        return self.cases.last_goals()

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
        levels = zip(self.cases.levels, self.ridden, self._at_end, self.share, strict=True)
        for level, cells, at_end, share in levels:
            branches = len(level.stand)
            total = np.empty(branches + len(cells))
            total[:branches] = parts[-1][level.parent][level.stand] if parts else 0.0
            np.take(price, cells, out=total[branches:], mode="clip")
            before, here = 0, branches
            for riding in level.riding.tolist():
                total[here : here + riding] += total[before : before + riding]
                before, here = here, here + riding
            parts.append(np.add.reduceat(share * total[at_end[level.goal_end]], level.goal_ptr[:-1]))
        return np.concatenate([*parts, np.zeros(1)])

    def riders(self, count: FloatArray | IntArray) -> FloatArray:
        """Return the riders in each cell if so many people travel to each goal and no further.

        Whoever is on a branch at a hop alights there or later; counted from the last stop back to the first, and from
        the last ride to the first one.

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
            level, cells = self.cases.levels[place], self.ridden[place]
            start = end - level.goals
            alighting: FloatArray | IntArray = count[start:end]
            if len(onward):
                alighting = alighting + np.bincount(self.cases.levels[place + 1].parent, onward, len(alighting))
            by_end = self.share[place] * np.repeat(alighting, np.diff(level.goal_ptr))
            # First those who alight after each hop, then those who are on board at it.
            branches = len(level.stand)
            on = np.zeros(branches + len(cells))
            on[self._at_end[place]] = np.bincount(level.goal_end, by_end, len(level.branch))
            here, riding = len(on), level.riding.tolist()
            for still, boarded in zip(reversed(riding), reversed([branches, *riding[:-1]]), strict=True):
                here -= still
                on[here - boarded : here - boarded + still] += on[here : here + still]
            found += np.bincount(cells, on[branches:], len(found))
            end, onward = start, np.bincount(level.stand, on[:branches], len(level.parent))
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
        for level, cells, share in zip(self.cases.levels, self.ridden, self.share, strict=True):
            goal_of_case = np.full(len(self.cases.option), -1, dtype=np.int64)
            goal_of_case[level.cases] = level.goal_of_case
            mine = np.flatnonzero(goal_of_case[rows] >= 0)
            ptr, row = rows_of(level.goal_ptr, goal_of_case[rows[mine]])
            end, mine, chance = level.goal_end[row], np.repeat(mine, np.diff(ptr)), share[row]
            branch, ridden = level.branch[end], level.hops[end]
            for hop, start in enumerate((np.cumsum(level.riding) - level.riding).tolist()):
                on = np.flatnonzero((ridden > hop) & (chance > 0.0))
                parts.append((mine[on], cells[start + branch[on]], chance[on]))
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
