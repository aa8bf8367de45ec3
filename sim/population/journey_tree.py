"""Journey options as a tree: what begins in the same way is followed once.

A *stand* is where people wait for a set of service points after the same journey so far. One *branch* grows from it for
each of them: the ride of those who board there. An *end* is a place where somebody on a branch alights. A *goal* is
what a leg leads to: an end on each branch of its stand, by whichever line somebody came. The stands of the next ride
grow from goals. Options share most of their way: on a line of n stops n (n - 1) / 2 of them are n - 1 branches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import AS_PLANNED, AT_GOAL, JourneyOptions
from sim.population.distinct_codes import distinct_codes
from sim.population.systematic_sampling import group_rows
from sim.population.waits import WaitingSets, rows_of


@dataclass(frozen=True)
class TreeLevel:
    """All rides that are the first, the second or a later one of some journey.

    Attributes
    ----------
    parent : ndarray of int, shape (stands,)
        Goal of the level before from which a stand grows; -1 at the first level.
    waits_for : ndarray of int, shape (stands,)
        The set of service points that people wait for.
    walk_s : ndarray of float, shape (stands,)
        Walk to where they wait, in seconds.
    branch_ptr : ndarray of int, shape (stands + 1,)
        First branch of each stand: one for each member of its set.
    boards_at : ndarray of int, shape (branches,)
        Row of the position at which a branch begins, in the list of all positions of patterns.
    branch : ndarray of int, shape (ends,)
        Branch of each end.
    hops : ndarray of int, shape (ends,)
        Stops from boarding to alighting.
    goal_ptr : ndarray of int, shape (goals + 1,)
        First row of each goal in `goal_end`: one for each branch of its stand from which the journey goes on alike.
    goal_end : ndarray of int
        Ends of goals.
    goal_of_option : ndarray of int, shape (options,)
        Where each option leads; -1 for options with fewer rides.
    """

    parent: IntArray
    waits_for: IntArray
    walk_s: FloatArray
    branch_ptr: IntArray
    boards_at: IntArray
    branch: IntArray
    hops: IntArray
    goal_ptr: IntArray
    goal_end: IntArray
    goal_of_option: IntArray


def journey_tree(
    options: JourneyOptions, waiting: WaitingSets, boards_at: IntArray, hops: IntArray
) -> tuple[TreeLevel, ...]:
    """Lay options over each other, ride by ride.

    Parameters
    ----------
    options : JourneyOptions
    waiting : WaitingSets
        Of their legs.
    boards_at, hops : ndarray of int, shape (rows of legs,)
        Position at which a row of a leg boards, and stops from there to where it alights.
    """
    rides = np.diff(options.leg_ptr)
    before = np.full(len(rides), -1, dtype=np.int64)
    levels = []
    for place in range(int(rides.max(initial=0))):
        option = np.flatnonzero(rides > place)
        row = options.leg_ptr[option] + place
        leg, walk_s = options.leg[row], options.walk_before_s[row]
        follows, then_s = _planned(options, option, row)
        walk = np.unique(walk_s, return_inverse=True)[1].reshape(-1)
        stand = group_rows(before[option], waiting.of_leg[leg], walk)
        first_of_stand = np.unique(stand, return_index=True)[1]
        goal = group_rows(stand, leg, follows, np.unique(then_s, return_inverse=True)[1].reshape(-1))
        first_of_goal = np.unique(goal, return_index=True)[1]
        goal_of_option = np.full(len(rides), -1, dtype=np.int64)
        goal_of_option[option] = goal
        branch_ptr, branch_row = rows_of(waiting.leg_ptr, leg[first_of_stand])
        every_ptr, goal_row = rows_of(waiting.leg_ptr, leg[first_of_goal])
        of_goal = np.repeat(np.arange(len(first_of_goal)), np.diff(every_ptr))
        # The members of a set come in the same order whichever leg waits for it.
        branch = branch_ptr[stand[first_of_goal]][of_goal] + np.arange(len(goal_row)) - every_ptr[of_goal]
        rows = waiting.leg_row[goal_row]
        follows, then_s = follows[first_of_goal][of_goal], then_s[first_of_goal][of_goal]
        alike = (options.legs.next_leg[rows] == follows) & (options.legs.next_walk_s[rows] == then_s)
        alights, branch, of_goal = hops[waiting.leg_row[goal_row[alike]]], branch[alike], of_goal[alike]
        goal_ptr = np.concatenate([[0], np.cumsum(np.bincount(of_goal))]).astype(np.int64)
        goal_end = group_rows(branch, alights)
        first_of_end = np.unique(goal_end, return_index=True)[1]
        levels.append(
            TreeLevel(
                parent=before[option][first_of_stand],
                waits_for=waiting.of_leg[leg[first_of_stand]],
                walk_s=walk_s[first_of_stand],
                branch_ptr=branch_ptr,
                boards_at=boards_at[waiting.leg_row[branch_row]],
                branch=branch[first_of_end],
                hops=alights[first_of_end],
                goal_ptr=goal_ptr,
                goal_end=goal_end,
                goal_of_option=goal_of_option,
            )
        )
        before = goal_of_option
    return tuple(levels)


def _planned(options: JourneyOptions, option: IntArray, row: IntArray) -> tuple[IntArray, FloatArray]:
    """Return with which next leg and walk the rows of legs lead on as journeys do, shapes (options,).

    A strategy may lead on in other ways after other lines, or at other hours; options name the one over the lines that
    are cheapest at their hour.

    Parameters
    ----------
    options : JourneyOptions
    option, row : ndarray of int, shape (options,)
        Options and the row of the ride in question among all legs of options.
    """
    last = row + 1 == options.leg_ptr[option + 1]
    onward = np.where(last, AT_GOAL, np.append(options.leg, AT_GOAL)[row + 1])
    walk_s = np.where(last, options.egress_walk_s[option], np.append(options.walk_before_s, 0.0)[row + 1])
    is_open = options.legs.is_strategy()[options.leg[row]]
    return np.where(is_open, onward, AS_PLANNED), np.where(is_open, walk_s, 0.0)


@dataclass(frozen=True)
class TimedLevel:
    """The stands, branches, ends and goals of a level that some cases use, each with a departure window.

    Attributes
    ----------
    parent : ndarray of int, shape (stands,)
        Timed goal of the level before; -1 at the first level.
    window, waits_for : ndarray of int, shape (stands,)
    walk_s : ndarray of float, shape (stands,)
    stand, member : ndarray of int, shape (branches,)
        Timed stand of each branch, and the member of its set that is boarded, counted from 0.
    boards_at : ndarray of int, shape (branches,)
    riding : ndarray of int, shape (most hops,)
        How many branches are still followed at each hop: always the first ones, since longer branches come first.
    branch : ndarray of int, shape (ends,)
        Timed branch of each end; ends are sorted by their hops.
    hops : ndarray of int, shape (ends,)
    end_ptr : ndarray of int, shape (most hops + 2,)
        First end of each number of hops.
    goal_ptr : ndarray of int, shape (goals + 1,)
    goal_end : ndarray of int
        Timed ends of each timed goal.
    goal_stand : ndarray of int, shape (goals,)
        Timed stand of each goal.
    cases : ndarray of int
        The cases with a ride at this level.
    goal_of_case : ndarray of int, shape of `cases`
        Their goals.
    """

    parent: IntArray
    window: IntArray
    waits_for: IntArray
    walk_s: FloatArray
    stand: IntArray
    member: IntArray
    boards_at: IntArray
    riding: IntArray
    branch: IntArray
    hops: IntArray
    end_ptr: IntArray
    goal_ptr: IntArray
    goal_end: IntArray
    goal_stand: IntArray
    cases: IntArray
    goal_of_case: IntArray

    @property
    def goals(self) -> int:
        """Number of goals."""
        return len(self.goal_ptr) - 1


@dataclass(frozen=True)
class TimedCases:
    """Cases of leaving: rows of (journey option, departure window), and the part of the tree that they use.

    What hangs on no traffic is worked out once: the same cases are forecast for one rehearsed day after the other.

    Attributes
    ----------
    option, window : ndarray of int, shape (cases,)
    followed : ndarray of int, shape (cases,)
        The option that is followed through the tree: of a strategy the one that tells its way at the hour.
    levels : tuple of TimedLevel
    """

    option: IntArray
    window: IntArray
    followed: IntArray
    levels: tuple[TimedLevel, ...]

    @cached_property
    def last_goal(self) -> IntArray:
        """The row of the last goal of each case among those of all levels, shape (cases,).

        The row behind the last one is for cases that only walk.
        """
        sizes = [level.goals for level in self.levels]
        last = np.full(len(self.option), sum(sizes), dtype=np.int64)
        for start, level in zip(np.cumsum([0, *sizes]).tolist(), self.levels, strict=False):
            last[level.cases] = start + level.goal_of_case
        return last

    @cached_property
    def walk_s(self) -> FloatArray:
        """The walk of each case to all its boardings, in seconds, shape (cases,)."""
        walk_s: FloatArray = self.sums_of_stands([level.walk_s for level in self.levels])[self.last_goal]
        return walk_s

    def sums_of_stands(self, at_stands: Sequence[FloatArray]) -> FloatArray:
        """Return sums over the stands on the way to each goal, shape (goals of all levels + 1,).

        Parameters
        ----------
        at_stands : sequence of ndarray of float, shape (stands,) each
            By level.

        Returns
        -------
        ndarray of float
            A row for each of what `last_goal` names; 0 in the last one.
        """
        parts: list[FloatArray] = []
        for level, here in zip(self.levels, at_stands, strict=True):
            parts.append((parts[-1][level.parent] + here if parts else here)[level.goal_stand])
        return np.concatenate([*parts, np.zeros(1)])

    @cached_property
    def first_stand(self) -> IntArray:
        """The stand where each case waits first, shape (cases,); the row behind the last one if it only walks."""
        stands = len(self.levels[0].waits_for) if self.levels else 0
        first = np.full(len(self.option), stands, dtype=np.int64)
        if self.levels:
            level = self.levels[0]
            first[level.cases] = level.goal_stand[level.goal_of_case]
        return first


def timed_cases(tree: tuple[TreeLevel, ...], option: IntArray, window: IntArray, followed: IntArray) -> TimedCases:
    """Pick the branches that cases use, in the windows in which they use them.

    Parameters
    ----------
    tree : tuple of TreeLevel
    option, window, followed : ndarray of int, shape (cases,)
        See `TimedCases`.
    """
    earliest = int(window.min(initial=0))
    span = int(window.max(initial=0)) - earliest + 1
    levels: list[TimedLevel] = []
    # Codes of the timed goals of the level before.
    codes_before = np.zeros(0, dtype=np.int64)
    for level in tree:
        goal = level.goal_of_option[followed]
        cases = np.flatnonzero(goal >= 0)
        if not len(cases):
            break
        codes, goal_of_case = distinct_codes(goal[cases] * span + window[cases] - earliest)
        levels.append(_timed_level(level, codes, (span, earliest), codes_before, (cases, goal_of_case)))
        codes_before = codes
    return TimedCases(option, window, followed, tuple(levels))


def _timed_level(
    level: TreeLevel,
    codes: IntArray,
    windows: tuple[int, int],
    codes_before: IntArray,
    of_cases: tuple[IntArray, IntArray],
) -> TimedLevel:
    """Pick what leads to timed goals, which are codes: goal times span of windows plus window, from the earliest."""
    span, earliest = windows
    goal_ptr, row = rows_of(level.goal_ptr, codes // span)
    when = np.repeat(codes % span, np.diff(goal_ptr))
    end_codes, goal_end = distinct_codes(level.goal_end[row] * span + when)
    ends, when = end_codes // span, end_codes % span
    branch_codes, branch = distinct_codes(level.branch[ends] * span + when)
    hops = level.hops[ends]
    longest = np.zeros(len(branch_codes), dtype=np.int64)
    np.maximum.at(longest, branch, hops)
    order = np.argsort(-longest, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    branches, time = branch_codes[order] // span, branch_codes[order] % span
    stand_of = np.repeat(np.arange(len(level.parent)), np.diff(level.branch_ptr))[branches]
    stand_codes, stand = distinct_codes(stand_of * span + time)
    stands, stand_time = stand_codes // span, stand_codes % span
    parent = np.full(len(stands), -1, dtype=np.int64)
    if len(codes_before):
        parent = np.searchsorted(codes_before, level.parent[stands] * span + stand_time)
    by_hops = np.argsort(hops, kind="stable")
    place = np.empty_like(by_hops)
    place[by_hops] = np.arange(len(by_hops))
    steps = np.arange(int(longest.max(initial=0)) + 2)
    return TimedLevel(
        parent=parent,
        window=stand_time + earliest,
        waits_for=level.waits_for[stands],
        walk_s=level.walk_s[stands],
        stand=stand,
        member=branches - level.branch_ptr[stand_of],
        boards_at=level.boards_at[branches],
        riding=len(order) - np.searchsorted(np.sort(longest), steps[:-2], side="right"),
        branch=rank[branch[by_hops]],
        hops=hops[by_hops],
        end_ptr=np.searchsorted(hops[by_hops], steps),
        goal_ptr=goal_ptr,
        goal_end=place[goal_end],
        goal_stand=stand[rank[branch[goal_end[goal_ptr[:-1]]]]],
        cases=of_cases[0],
        goal_of_case=of_cases[1],
    )
