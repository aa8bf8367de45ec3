"""Cheapest journeys from one origin by number of transfers, in rounds of a ride and a change.

Each round follows the edges that leave the stops reached (rounds as in RAPTOR, Delling, Pajor and Werneck 2015,
Transportation Science 49:591-604, over legs with expected costs in place of trips with times). Only costs are kept;
the edges of a journey that is wanted are found from the costs afterwards, backwards from its end.

What must hold: journeys that cost less than all with fewer transfers are found as if every edge were followed in
every round. A label (cost of being at a stop) no lower than one with fewer rides is dropped, since whatever follows it
follows the other one too, for no more and with fewer transfers. Sums are made in the same order either way, and adding
the same cost keeps the order of two sums even when rounded, so nothing hangs on a tolerance. Of equal costs the edge
counts that comes first in its table. `tests/unit/test_routing_rounds.py` compares with a search that follows every
edge in every round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.routing.direct_legs import DirectLegs
from sim.routing.ragged import first_hits, pointers, rows_of
from sim.routing.walks import Walks


class EdgeTable:
    """Edges between stops, grouped by where they lead, with a second order by where they start.

    Parameters
    ----------
    stops : int
    start, goal : ndarray of int, shape (edges,)
        Sorted by goal.
    cost_s : ndarray of float, shape (edges,)
        Equivalent seconds.
    """

    def __init__(self, stops: int, start: IntArray, goal: IntArray, cost_s: FloatArray) -> None:
        self.stops = stops
        self.start = start
        self.cost_s = cost_s
        self.goal_ptr = np.searchsorted(goal, np.arange(stops + 1)).astype(np.int64)
        self.onward = np.argsort(start, kind="stable")
        self.start_ptr = np.searchsorted(start[self.onward], np.arange(stops + 1)).astype(np.int64)
        self.onward_goal = goal[self.onward]
        self.onward_cost_s = cost_s[self.onward]

    def follow(self, cost_s: FloatArray, frontier: IntArray) -> FloatArray:
        """Return the least cost of all stops over one edge from the stops of a frontier, shape (stops,)."""
        rows, bounds = rows_of(self.start_ptr, frontier)
        found = np.full(self.stops, np.inf)
        reached_s = np.repeat(cost_s[frontier], np.diff(bounds)) + self.onward_cost_s[rows]
        np.minimum.at(found, self.onward_goal[rows], reached_s)
        return found

    def collect(self, cost_s: FloatArray, goals: IntArray) -> FloatArray:
        """Return the same where only some goals, each named once, are asked for; infinite elsewhere."""
        rows, bounds = rows_of(self.goal_ptr, goals)
        found = np.full(self.stops, np.inf)
        reached_s = cost_s[self.start[rows]] + self.cost_s[rows]
        np.minimum.at(found, np.repeat(goals, np.diff(bounds)), reached_s)
        return found

    def edges_into(self, goals: IntArray, cost_s: FloatArray, before_s: FloatArray) -> IntArray:
        """Return the first edge into each of some goals that makes its cost from the costs before, shape (goals,).

        Parameters
        ----------
        goals : ndarray of int, shape (goals,)
        cost_s : ndarray of float, shape (goals,)
            As `follow` found it.
        before_s : ndarray of float, shape (stops,)
        """
        rows, bounds = rows_of(self.goal_ptr, goals)
        hit = before_s[self.start[rows]] + self.cost_s[rows] == np.repeat(cost_s, np.diff(bounds))
        found: IntArray = rows[first_hits(hit, bounds)]
        return found


@dataclass(frozen=True)
class Journeys:
    """Journeys from one origin, one per row, in order of destination and number of transfers.

    Attributes
    ----------
    destination : ndarray of int, shape (journeys,)
        Place among the destinations asked for.
    cost_s : ndarray of float, shape (journeys,)
    egress_s : ndarray of float, shape (journeys,)
        Walk at the end.
    leg_ptr : ndarray of int, shape (journeys + 1,)
    leg : ndarray of int, shape (rows,)
        Direct legs in order.
    walk_s : ndarray of float, shape (rows,)
        Walk before each.
    """

    destination: IntArray
    cost_s: FloatArray
    egress_s: FloatArray
    leg_ptr: IntArray
    leg: IntArray
    walk_s: FloatArray


@dataclass(frozen=True)
class _Ends:
    """The cheapest journeys with one number of transfers: destinations, costs and walks at the end."""

    destination: IntArray
    cost_s: FloatArray
    walk: IntArray


class RoundSearch:
    """Searches journeys from one origin after the other.

    Parameters
    ----------
    stops : int
    legs : DirectLegs
    walks : Walks
    walk_weight : float
    transfer_penalty_s : float
    max_transfers : int
    tolerance_s : float
        Journeys that cost less than one with fewer transfers by no more than this are left out.
    """

    def __init__(
        self,
        stops: int,
        legs: DirectLegs,
        walks: Walks,
        walk_weight: float,
        transfer_penalty_s: float,
        max_transfers: int,
        tolerance_s: float,
    ) -> None:
        self.walks = walks
        self.walk_weight = walk_weight
        self.max_transfers = max_transfers
        self.tolerance_s = tolerance_s
        change_s = transfer_penalty_s + walk_weight * walks.transfers.walk_s
        self.rides = EdgeTable(stops, legs.start, legs.goal, legs.cost_s)
        self.changes = EdgeTable(stops, walks.transfers.start, walks.transfers.goal, change_s)
        self.ends = EdgeTable(stops, walks.ends.start, walks.ends.goal, walk_weight * walks.ends.walk_s)

    def journeys(self, origin: int, destinations: IntArray) -> Journeys:
        """Find the journeys from an origin to destinations, each of which is named once.

        The cheapest for each number of transfers, where it costs less than every one with fewer.
        """
        start_s = np.full(self.ends.stops, np.inf)
        start_s[origin] = 0.0
        boards, alights = self._rounds(self.ends.follow(start_s, np.array([origin])), destinations)
        ends = self._ends(alights, destinations)
        parts = [self._trace([start_s, *alights], boards, found.walk, count) for count, found in enumerate(ends)]
        return _in_order(ends, parts, self.walks.ends.walk_s)

    def _rounds(self, access_s: FloatArray, destinations: IntArray) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return the costs of boarding and of having alighted at each stop, by number of transfers."""
        last_stops = np.unique(self.ends.start[rows_of(self.ends.goal_ptr, destinations)[0]])
        boards, alights = [access_s], list[FloatArray]()
        best_board_s, best_alight_s = access_s.copy(), np.full(len(access_s), np.inf)
        for transfers in range(self.max_transfers + 1):
            is_last = transfers == self.max_transfers
            alights.append(self._ride(boards[-1], last_stops if is_last else None))
            _drop_dominated(alights[-1], best_alight_s)
            if not is_last:
                boards.append(self.changes.follow(alights[-1], np.flatnonzero(np.isfinite(alights[-1]))))
                _drop_dominated(boards[-1], best_board_s)
        return boards, alights

    def _ride(self, board_s: FloatArray, last_stops: IntArray | None) -> FloatArray:
        """Return the costs of having alighted, in the last round only where journeys may end if that is less work."""
        rides, frontier = self.rides, np.flatnonzero(np.isfinite(board_s))
        if last_stops is not None:
            onward = int((rides.start_ptr[frontier + 1] - rides.start_ptr[frontier]).sum())
            back = int((rides.goal_ptr[last_stops + 1] - rides.goal_ptr[last_stops]).sum())
            if back < onward:
                return rides.collect(board_s, last_stops)
        return rides.follow(board_s, frontier)

    def _ends(self, alights: list[FloatArray], destinations: IntArray) -> list[_Ends]:
        """Return the journeys that are kept, by number of transfers."""
        ends = self.ends
        rows, bounds = rows_of(ends.goal_ptr, destinations)
        group = np.repeat(np.arange(len(destinations)), np.diff(bounds))
        kept_s = np.full(len(destinations), np.inf)
        found = []
        for alight_s in alights:
            reached_s = alight_s[ends.start[rows]] + ends.cost_s[rows]
            least_s = np.minimum.reduceat(reached_s, bounds[:-1])
            kept = np.flatnonzero(least_s < kept_s - self.tolerance_s)
            kept_s[kept] = least_s[kept]
            walk = rows[first_hits(reached_s == least_s[group], bounds)]
            found.append(_Ends(kept, least_s[kept], walk[kept]))
        return found

    def _trace(
        self, before: list[FloatArray], boards: list[FloatArray], last_walk: IntArray, transfers: int
    ) -> tuple[IntArray, FloatArray]:
        """Return the legs of journeys and the walk before each, shape (journeys, transfers + 1).

        `before` holds the costs of beginning the walk to a stop of boarding: at the origin, then by transfers.
        """
        legs = np.empty((len(last_walk), transfers + 1), dtype=np.int64)
        walks_s = np.empty(legs.shape)
        at = self.ends.start[last_walk]
        for round_ in range(transfers, -1, -1):
            legs[:, round_] = self.rides.edges_into(at, before[round_ + 1][at], boards[round_])
            at = self.rides.start[legs[:, round_]]
            edges, table = (self.changes, self.walks.transfers) if round_ else (self.ends, self.walks.ends)
            walk = edges.edges_into(at, boards[round_][at], before[round_])
            walks_s[:, round_] = table.walk_s[walk]
            at = edges.start[walk]
        return legs, walks_s


def _drop_dominated(label_s: FloatArray, best_s: FloatArray) -> None:
    """Make labels infinite that cost no less than the best of the rounds before; note the best so far."""
    label_s[label_s >= best_s] = np.inf
    np.minimum(best_s, label_s, out=best_s)


def _in_order(ends: list[_Ends], parts: list[tuple[IntArray, FloatArray]], egress_s: FloatArray) -> Journeys:
    """Put journeys of all numbers of transfers in order of destination, then transfers."""
    transfers = np.repeat(np.arange(len(ends)), [len(found.walk) for found in ends])
    destination = np.concatenate([found.destination for found in ends])
    order = np.lexsort((transfers, destination))
    legs = np.zeros((len(order), len(ends)), dtype=np.int64)
    walks_s = np.zeros(legs.shape)
    first = 0
    for mine, mine_s in parts:
        legs[first : first + len(mine), : mine.shape[1]] = mine
        walks_s[first : first + len(mine), : mine.shape[1]] = mine_s
        first += len(mine)
    used = np.arange(len(ends)) <= transfers[order, None]
    return Journeys(
        destination=destination[order],
        cost_s=np.concatenate([found.cost_s for found in ends])[order],
        egress_s=egress_s[np.concatenate([found.walk for found in ends])[order]],
        leg_ptr=pointers(transfers[order] + 1),
        leg=legs[order][used],
        walk_s=walks_s[order][used],
    )
