"""Journey options as a tree: what begins in the same way is followed once.

Two options that board the same line at the same stop after the same walk are one journey up to where the first of them
alights. A *branch* is such a ride, an *end* is a place where somebody on it alights; the branches of the next ride grow
from ends. Options share most of their way: on a line of n stops n (n - 1) / 2 of them are n - 1 branches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.population.systematic_sampling import group_rows


@dataclass(frozen=True)
class TreeLevel:
    """All rides that are the first, the second or a later one of some journey.

    Attributes
    ----------
    parent : ndarray of int, shape (branches,)
        End of the level before from which a branch grows; -1 at the first level.
    leg : ndarray of int, shape (branches,)
        A leg that rides along the branch; all of them board at the same place and wait for the same lines.
    walk_s : ndarray of float, shape (branches,)
        Walk to where it boards, in seconds.
    branch : ndarray of int, shape (ends,)
        Branch of each end.
    hops : ndarray of int, shape (ends,)
        Stops from boarding to alighting.
    end_of_option : ndarray of int, shape (options,)
        Where each option alights; -1 for options with fewer rides.
    """

    parent: IntArray
    leg: IntArray
    walk_s: FloatArray
    branch: IntArray
    hops: IntArray
    end_of_option: IntArray


def journey_tree(
    options: JourneyOptions, boards_at: IntArray, waits_for: IntArray, hops: IntArray
) -> tuple[TreeLevel, ...]:
    """Lay options over each other, ride by ride.

    Parameters
    ----------
    options : JourneyOptions
    boards_at : ndarray of int, shape (legs,)
        Number of the place where a leg boards, and of what it rides along.
    waits_for : ndarray of int, shape (legs,)
        Number of the set of lines that it waits for.
    hops : ndarray of int, shape (legs,)
        Stops from boarding to alighting.
    """
    rides = np.diff(options.leg_ptr)
    before = np.full(len(rides), -1, dtype=np.int64)
    levels = []
    for place in range(int(rides.max(initial=0))):
        option = np.flatnonzero(rides > place)
        row = options.leg_ptr[option] + place
        leg, walk_s = options.leg[row], options.walk_before_s[row]
        walk = np.unique(walk_s, return_inverse=True)[1].reshape(-1)
        branch = group_rows(before[option], boards_at[leg], waits_for[leg], walk)
        first_of_branch = np.unique(branch, return_index=True)[1]
        end = group_rows(branch, hops[leg])
        first_of_end = np.unique(end, return_index=True)[1]
        end_of_option = np.full(len(rides), -1, dtype=np.int64)
        end_of_option[option] = end
        levels.append(
            TreeLevel(
                parent=before[option][first_of_branch],
                leg=leg[first_of_branch],
                walk_s=walk_s[first_of_branch],
                branch=branch[first_of_end],
                hops=hops[leg][first_of_end],
                end_of_option=end_of_option,
            )
        )
        before = end_of_option
    return tuple(levels)


@dataclass(frozen=True)
class TimedLevel:
    """The branches and ends of a level that some cases use, each with a departure window.

    Attributes
    ----------
    parent : ndarray of int, shape (branches,)
        Timed end of the level before; -1 at the first level.
    window : ndarray of int, shape (branches,)
    leg : ndarray of int, shape (branches,)
    walk_s : ndarray of float, shape (branches,)
    riding : ndarray of int, shape (most hops,)
        How many branches are still followed at each hop: always the first ones, since longer branches come first.
    branch : ndarray of int, shape (ends,)
        Timed branch of each end; ends are sorted by their hops.
    hops : ndarray of int, shape (ends,)
    end_ptr : ndarray of int, shape (most hops + 2,)
        First end of each number of hops.
    cases : ndarray of int
        The cases with a ride at this level.
    end_of_case : ndarray of int, shape of `cases`
        Their ends.
    """

    parent: IntArray
    window: IntArray
    leg: IntArray
    walk_s: FloatArray
    riding: IntArray
    branch: IntArray
    hops: IntArray
    end_ptr: IntArray
    cases: IntArray
    end_of_case: IntArray


@dataclass(frozen=True)
class TimedCases:
    """Cases of leaving: rows of (journey option, departure window), and the part of the tree that they use.

    Attributes
    ----------
    option, window : ndarray of int, shape (cases,)
    levels : tuple of TimedLevel
    """

    option: IntArray
    window: IntArray
    levels: tuple[TimedLevel, ...]

    def last_ends(self) -> tuple[IntArray, IntArray]:
        """Return for each case the row of its last end among those of all levels, and that of its first branch.

        The row behind the last one is for cases that only walk.
        """
        sizes = [len(level.branch) for level in self.levels]
        last = np.full(len(self.option), sum(sizes), dtype=np.int64)
        for start, level in zip(np.cumsum([0, *sizes]).tolist(), self.levels, strict=False):
            last[level.cases] = start + level.end_of_case
        branches = len(self.levels[0].leg) if self.levels else 0
        first = np.full(len(self.option), branches, dtype=np.int64)
        if self.levels:
            level = self.levels[0]
            first[level.cases] = level.branch[level.end_of_case]
        return last, first


@dataclass(frozen=True)
class CellRows:
    """Vehicle departures by row, as compressed rows.

    Attributes
    ----------
    ptr : ndarray of int, shape (rows + 1,)
    cell : ndarray of int
    """

    ptr: IntArray
    cell: IntArray


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
    all_cells : int
        Number of cells.
    """

    cases: TimedCases
    ridden: tuple[IntArray, ...]
    all_cells: int

    @property
    def ends(self) -> int:
        """Number of ends of all levels, and one for whoever only walks."""
        return sum(len(level.branch) for level in self.cases.levels) + 1

    @cached_property
    def _at_end(self) -> tuple[IntArray, ...]:
        """Place of each end of a level among its branches before the first hop and all hops behind them."""
        return tuple(
            np.cumsum([0, len(level.leg), *level.riding.tolist()])[level.hops] + level.branch
            for level in self.cases.levels
        )

    @cached_property
    def last_end(self) -> IntArray:
        """Last end of each case, a row of what `sums_at_ends` returns."""
        return self.cases.last_ends()[0]

    def sums_at_ends(self, price: FloatArray) -> FloatArray:
        """Return the sum of a price over all cells on the way to each end, 0 for whoever only walks.

        Parameters
        ----------
        price : ndarray of float, shape (cells,)

        Returns
        -------
        ndarray of float, shape (ends of all levels + 1,)
        """
        parts: list[FloatArray] = []
        for level, cells, at_end in zip(self.cases.levels, self.ridden, self._at_end, strict=True):
            branches = len(level.leg)
            total = np.empty(branches + len(cells))
            total[:branches] = parts[-1][level.parent] if parts else 0.0
            np.take(price, cells, out=total[branches:], mode="clip")
            before, here = 0, branches
            for riding in level.riding.tolist():
                total[here : here + riding] += total[before : before + riding]
                before, here = here, here + riding
            parts.append(total[at_end])
        return np.concatenate([*parts, np.zeros(1)])

    def riders(self, count: FloatArray | IntArray) -> FloatArray:
        """Return the riders in each cell if so many people travel to each end and no further.

        Whoever is on a branch at a hop alights there or later; counted from the last stop back to the first, and from
        the last ride to the first one.

        Parameters
        ----------
        count : ndarray of float or int, shape (ends of all levels + 1,)

        Returns
        -------
        ndarray of float, shape (cells,)
        """
        found = np.zeros(self.all_cells)
        end, onward = len(count) - 1, np.zeros(0)
        for place in reversed(range(len(self.cases.levels))):
            level, cells = self.cases.levels[place], self.ridden[place]
            start = end - len(level.branch)
            alighting: FloatArray | IntArray = count[start:end]
            if len(onward):
                alighting = alighting + np.bincount(self.cases.levels[place + 1].parent, onward, len(alighting))
            # First those who alight after each hop, then those who are on board at it.
            branches = len(level.leg)
            on = np.zeros(branches + len(cells))
            on[self._at_end[place]] = alighting
            here, riding = len(on), level.riding.tolist()
            for still, boarded in zip(reversed(riding), reversed([branches, *riding[:-1]]), strict=True):
                here -= still
                on[here - boarded : here - boarded + still] += on[here : here + still]
            found += np.bincount(cells, on[branches:], len(found))
            end, onward = start, on[:branches]
        return found

    def cells(self, rows: IntArray) -> CellRows:
        """Return the cells of some cases, in the order in which they are ridden.

        Parameters
        ----------
        rows : ndarray of int
            Cases.
        """
        hops = np.zeros(len(rows), dtype=np.int64)
        parts = []
        for level, cells in zip(self.cases.levels, self.ridden, strict=True):
            end_of_case = np.full(len(self.cases.option), -1, dtype=np.int64)
            end_of_case[level.cases] = level.end_of_case
            mine = np.flatnonzero(end_of_case[rows] >= 0)
            end = end_of_case[rows[mine]]
            parts.append((mine, level.branch[end], level.hops[end], hops[mine], level.riding, cells))
            hops[mine] += level.hops[end]
        ptr = np.concatenate([[0], np.cumsum(hops)]).astype(np.int64)
        cell = np.zeros(int(ptr[-1]), dtype=np.int64)
        for mine, branch, ridden, before, riding, cells in parts:
            for hop, start in enumerate((np.cumsum(riding) - riding).tolist()):
                on = np.flatnonzero(ridden > hop)
                cell[ptr[mine[on]] + before[on] + hop] = cells[start + branch[on]]
        return CellRows(ptr, cell)


def timed_cases(tree: tuple[TreeLevel, ...], option: IntArray, window: IntArray) -> TimedCases:
    """Pick the branches that cases use, in the windows in which they use them.

    Parameters
    ----------
    tree : tuple of TreeLevel
    option, window : ndarray of int, shape (cases,)
    """
    earliest = int(window.min(initial=0))
    span = int(window.max(initial=0)) - earliest + 1
    levels: list[TimedLevel] = []
    # Codes of the timed ends of the level before, and where each of them lies in that level.
    codes_before, place_before = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for level in tree:
        end = level.end_of_option[option]
        cases = np.flatnonzero(end >= 0)
        if not len(cases):
            break
        codes, end_of_case = _distinct(end[cases] * span + window[cases] - earliest)
        ends, when = codes // span, codes % span
        branch_codes, branch = _distinct(level.branch[ends] * span + when)
        hops = level.hops[ends]
        longest = np.zeros(len(branch_codes), dtype=np.int64)
        np.maximum.at(longest, branch, hops)
        order = np.argsort(-longest, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        rows, time = branch_codes[order] // span, branch_codes[order] % span
        parent = np.full(len(rows), -1, dtype=np.int64)
        if levels:
            parent = place_before[np.searchsorted(codes_before, level.parent[rows] * span + time)]
        by_hops = np.argsort(hops, kind="stable")
        place = np.empty_like(by_hops)
        place[by_hops] = np.arange(len(by_hops))
        steps = np.arange(int(longest.max(initial=0)) + 2)
        levels.append(
            TimedLevel(
                parent=parent,
                window=time + earliest,
                leg=level.leg[rows],
                walk_s=level.walk_s[rows],
                riding=len(order) - np.searchsorted(np.sort(longest), steps[:-2], side="right"),
                branch=rank[branch[by_hops]],
                hops=hops[by_hops],
                end_ptr=np.searchsorted(hops[by_hops], steps),
                cases=cases,
                end_of_case=place[end_of_case],
            )
        )
        codes_before, place_before = codes, place
    return TimedCases(option, window, tuple(levels))


def _distinct(codes: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct codes, rising, and the place of each among them; codes are dense, so a table is fastest."""
    used = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.bool_)
    used[codes] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[codes]
