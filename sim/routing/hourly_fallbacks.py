"""What people do by the hour after a full vehicle has left them behind: further lines, another stop, on foot.

After a full vehicle people expect every line by frequency a whole headway later instead of a part of it; vehicles whose
time they know come when they come. On these terms the vehicles worth boarding are found anew, and what waiting on costs
just after each departure is compared with walks to other stops, and to where the leg leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import NO_FALLBACK, ON_FOOT
from sim.routing.hourly_legs import ELSEWHERE, WIDER, LegBuilder
from sim.routing.hourly_nodes import NO_NODE, NodeFinder, NodeTable
from sim.routing.profile_search import ProfileSearch, WaysOn, places
from sim.routing.service_levels import TripLevels
from sim.routing.waiting_by_frequency import TIE_S

MOST_CELLS = 4_000_000
"""Departures times goals of one search, which bounds the memory: about 80 bytes each."""


def levels_after_full(levels: TripLevels, wait_share: float) -> TripLevels:
    """Return what people expect of each trip after a full vehicle: a wait of a whole headway.

    Parameters
    ----------
    levels : TripLevels
    wait_share : float
        Expected wait as a share of the headway, before.
    """
    return replace(levels, headway_s=levels.headway_s / wait_share)


@dataclass(frozen=True)
class _WaysAfterDenial:
    """Ways from stops where people may be left behind: nodes and what is there to do; `after` is after a full vehicle.

    `rides` are the rides left, less one.
    """

    before: Sequence[WaysOn]
    rides: int
    after: WaysOn
    goals: IntArray
    named: bool


class Fallbacks:
    """Adds to the legs of a builder what people do after a full vehicle.

    Parameters
    ----------
    search : ProfileSearch
    after_full : ProfileSearch
        The same with `levels_after_full`.
    builder : LegBuilder
    """

    def __init__(self, search: ProfileSearch, after_full: ProfileSearch, builder: LegBuilder) -> None:
        self.search = search
        self.after_full = after_full
        self.builder = builder
        self.finder = NodeFinder(search)
        self._elsewhere = _walks_elsewhere(search)
        ends = search.walks.ends
        pairs = zip(ends.start.tolist(), ends.goal.tolist(), ends.walk_s.tolist(), strict=True)
        self._on_foot_s = {(stop, goal): walk_s for stop, goal, walk_s in pairs if stop != goal}

    def add_named(self) -> None:
        """Give every leg over named stops, as numbered so far, what to do after a full vehicle."""
        legs, stops, goals = self.builder.named_legs()
        most = max(MOST_CELLS // max(len(self.search.departures.visit), 1), 1)
        every = np.unique(goals)
        for first in range(0, len(every), most):
            mine = every[first : first + most]
            rows = np.flatnonzero(np.isin(goals, mine))
            ways = _WaysAfterDenial(
                [self.search.straight_to(mine)], 0, self.after_full.straight_to(mine), mine, named=True
            )
            self._add(ways, legs[rows], stops[rows], np.searchsorted(mine, goals[rows]))

    def add_strategies(
        self, ways_on: Sequence[WaysOn], nodes: NodeTable, by_strategy: IntArray, goals: IntArray
    ) -> None:
        """Give the legs of strategies to some destinations what to do after a full vehicle.

        Parameters
        ----------
        ways_on : sequence of WaysOn
            By rides left.
        nodes : NodeTable
        by_strategy : ndarray of int, shape (nodes,)
            Leg of each node, -1 for none.
        goals : ndarray of int, shape (destinations,)
        """
        for rides, number in enumerate(nodes.number):
            node = number[number != NO_NODE]
            node = node[by_strategy[node] >= 0]
            if len(node):
                after = self.after_full.waiting(ways_on[rides])
                ways = _WaysAfterDenial(ways_on, rides, after, goals, named=False)
                self._add(ways, by_strategy[node], nodes.stop[node], nodes.column[node])

    def _add(self, ways: _WaysAfterDenial, legs: IntArray, stop: IntArray, column: IntArray) -> None:
        new = np.array([not self.builder.has_fallback(leg) for leg in legs.tolist()], dtype=np.bool_)
        legs, stop, column = legs[new], stop[new], column[new]
        if not len(legs):
            return
        wider = self._legs_at(ways, stop, column, WIDER)
        # Where the vehicles worth boarding are the same as before people wait on.
        wider = np.where(self.builder.same_rows(wider, legs), NO_FALLBACK, wider)
        at = [self._elsewhere[place] for place in stop.tolist()]
        other = np.array([goal for walks in at for goal, _ in walks], dtype=np.int64)
        owner = np.repeat(np.arange(len(at)), [len(walks) for walks in at])
        there = self._legs_at(ways, other, column[owner], ELSEWHERE)
        ptr = np.searchsorted(owner, np.arange(len(at) + 1)).tolist()
        for place, leg in enumerate(legs.tolist()):
            walks = [
                (int(target), walk_s, goal)
                for target, (goal, walk_s) in zip(there[ptr[place] : ptr[place + 1]], at[place], strict=True)
                if target >= 0
            ]
            found = self._choices(ways, int(stop[place]), int(column[place]), int(wider[place]), walks)
            self.builder.set_fallback(leg, *found)

    def _legs_at(self, ways: _WaysAfterDenial, stop: IntArray, column: IntArray, variant: int) -> IntArray:
        """Return the legs from stops that are taken after a full vehicle, -1 where none leads on."""
        shape = (self.search.stops, len(ways.goals))
        wanted = [np.zeros(shape, dtype=np.bool_) for _ in range(ways.rides + 1)]
        wanted[-1][stop, column] = True
        own = [*ways.before[: ways.rides], ways.after if variant == WIDER else ways.before[ways.rides]]
        # A stop from which no vehicle leads on has no rows, and is no place to wait at.
        part = self.finder.nodes(own, ways.goals, wanted, only_with_rows=True)
        node = part.number[-1][stop, column]
        legs = self.builder.legs_after_full(part, ways.goals, np.unique(node[node >= 0]), variant, ways.named)
        return np.where(node >= 0, np.append(legs, -1)[node], -1)

    def _choices(
        self, ways: _WaysAfterDenial, stop: int, column: int, wider: int, walks: list[tuple[int, float, int]]
    ) -> tuple[FloatArray, IntArray, FloatArray]:
        """Return from when on which leg is the best after a full vehicle, and the walk to it."""
        search, weight = self.search, self.search.preferences.walk_weight
        rows = slice(*search.departures.stop_ptr[stop : stop + 2].tolist())
        due_s = search.departures.due_s[rows]
        least_s = ways.after.after_s[rows, column].copy()
        place = np.zeros(len(due_s), dtype=np.int64)
        targets, walks_s = [wider], [0.0]
        for target, walk_s, other in walks:
            at = places(search.departures, np.full(len(due_s), other), due_s + walk_s)
            cost_s = search.waiting_for_s(ways.before[ways.rides], at, np.full(len(due_s), column))
            better = weight * walk_s + cost_s < least_s - TIE_S
            least_s = np.where(better, weight * walk_s + cost_s, least_s)
            targets.append(target)
            walks_s.append(walk_s)
            place[better] = len(targets) - 1
        foot_s = self._on_foot_s.get((stop, int(ways.goals[column])))
        if foot_s is not None:
            targets.append(ON_FOOT)
            walks_s.append(foot_s)
            place[weight * foot_s < least_s - TIE_S] = len(targets) - 1
        changes = np.flatnonzero(np.diff(place, prepend=-1))
        from_s = due_s[changes].copy()
        from_s[:1] = -np.inf
        return from_s, np.array(targets, dtype=np.int64)[place[changes]], np.array(walks_s)[place[changes]]


def _walks_elsewhere(search: ProfileSearch) -> list[list[tuple[int, float]]]:
    """Return by stop the walks to other stops: goals and times."""
    changes = search.changes
    ptr, goal, walk_s = changes.ptr.tolist(), changes.goal.tolist(), changes.walk_s.tolist()
    return [
        [(goal[row], walk_s[row]) for row in range(ptr[stop], ptr[stop + 1]) if goal[row] != stop]
        for stop in range(search.stops)
    ]
