"""Journey options as a tree: what begins in the same way is followed once.

Two options that board the same line at the same stop after the same walk are one journey up to where the first of them
alights. A *branch* is such a ride, an *end* is a place where somebody on it alights; the branches of the next ride grow
from ends. Options share most of their way: on a line of n stops n (n - 1) / 2 of them are n - 1 branches.
"""

from __future__ import annotations

from dataclasses import dataclass

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
