"""Journey options from ways on: for each pair of stops and period of departure the cheapest way, and a walk.

An option holds from its period on until the next one of the pair: rows are there only where the way changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.demand import Demand
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.routing.hourly_legs import LegBuilder
from sim.routing.hourly_nodes import NO_NODE, NodeFinder, NodeTable
from sim.routing.patterns import PatternOffer
from sim.routing.profile_search import NEVER_S, TIE_S, ProfileSearch, WaysOn, places
from sim.routing.ragged import first_hits, pointers, rows_of
from sim.routing.service_levels import trip_levels
from sim.routing.walks import Walks

MOST_CELLS = 4_000_000
"""Visits times destinations of one search, which bounds the memory: about 80 bytes each."""

UNLIMITED_RIDES = 12
"""Rides of a journey where transfers have no limit (assumed; searches end where more do not help)."""


def hourly_options(
    scenario: Scenario, demand: Demand, offers: Sequence[PatternOffer], walks: Walks, known_above_s: float
) -> JourneyOptions:
    """Return the options of all pairs of stops and periods with demand.

    Parameters
    ----------
    scenario : Scenario
    demand : Demand
        Its pairs of stops and times of departure count.
    offers : sequence of PatternOffer
    walks : Walks
    known_above_s : float
        Gap between vehicles from which people know when they come; 0 where they know the timetable.
    """
    parameters = scenario.parameters
    journeys, period_s = parameters.journeys, parameters.journeys.departure_period_s
    wanted = demanded(demand, period_s)
    levels = trip_levels(scenario.service, known_above_s)
    search = ProfileSearch(
        scenario.service, levels, walks, journeys, parameters.preferences, len(scenario.network.stop_id)
    )
    most_rides = UNLIMITED_RIDES if journeys.routing == "strategy" else journeys.max_transfers + 1
    finder = _WayFinder(search, LegBuilder(offers, journeys.headway_wait_share), most_rides)
    ways = _Ways.none(len(wanted), most_rides)
    goals = np.unique(wanted[:, 1])
    most = max(MOST_CELLS // max(len(search.service.visit_stop), 1), 1)
    for first in range(0, len(goals), most):
        mine = goals[first : first + most]
        rows = np.flatnonzero((wanted[:, 1] >= mine[0]) & (wanted[:, 1] <= mine[-1]))
        finder.find(mine, wanted[rows], period_s, ways, rows)
    return _options(scenario, wanted, walks, finder.builder, ways)


def demanded(demand: Demand, period_s: float) -> IntArray:
    """List origin, destination and period of departure wherever somebody may leave, sorted, shape (rows, 3)."""
    flows = np.flatnonzero(demand.commuters > 0)
    first = np.floor(demand.start_s[flows] / period_s).astype(np.int64)
    last = np.maximum(np.ceil(demand.end_s[flows] / period_s).astype(np.int64) - 1, first)
    sizes = last - first + 1
    flow = np.repeat(flows, sizes)
    period = np.repeat(first, sizes) + np.arange(len(flow)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows = np.stack([demand.origin[flow], demand.destination[flow], period], axis=1)
    return np.unique(rows, axis=0) if len(rows) else np.zeros((0, 3), dtype=np.int64)


@dataclass(frozen=True)
class _Ways:
    """The way of each pair and period; arrays (rows,) or (rows, rides), with -1 for legs that are not there.

    Costs are in equivalent seconds, walks in seconds; the walk after the last leg is that to the destination.
    """

    cost_s: FloatArray
    leg: IntArray
    walk_s: FloatArray
    egress_s: FloatArray

    @classmethod
    def none(cls, rows: int, most_rides: int) -> _Ways:
        """Return no ways."""
        shape = (rows, most_rides)
        return cls(np.full(rows, NEVER_S), np.full(shape, -1, dtype=np.int64), np.zeros(shape), np.zeros(rows))


@dataclass(frozen=True)
class _Starts:
    """Where journeys begin to wait, for rows of pairs and periods that have a way; shape (rows,) each.

    `rides` are the rides left, less one.
    """

    row: IntArray
    stop: IntArray
    column: IntArray
    rides: IntArray
    walk_s: FloatArray
    time_s: FloatArray
    cost_s: FloatArray


class _WayFinder:
    """Finds ways to some destinations at a time.

    Parameters
    ----------
    search : ProfileSearch
    builder : LegBuilder
    most_rides : int
    """

    def __init__(self, search: ProfileSearch, builder: LegBuilder, most_rides: int) -> None:
        self.search = search
        self.builder = builder
        self.most_rides = most_rides
        self.nodes = NodeFinder(search)
        ends = search.walks.ends
        self._access = np.lexsort((ends.goal, ends.walk_s, ends.start))
        self._access_ptr = np.searchsorted(ends.start[self._access], np.arange(search.stops + 1)).astype(np.int64)

    def find(self, goals: IntArray, wanted: IntArray, period_s: float, ways: _Ways, rows: IntArray) -> None:
        """Fill in the ways of some rows.

        Parameters
        ----------
        goals : ndarray of int, shape (destinations,)
            Destinations, rising.
        wanted : ndarray of int, shape (n, 3)
            Origin, destination and period of each row.
        period_s : float
        ways : _Ways
        rows : ndarray of int, shape (n,)
            Their places in `ways`.
        """
        ways_on = self.search.to(goals, self.most_rides)
        starts = self._starts(ways_on, goals, wanted, period_s)
        begins = [np.zeros((self.search.stops, len(goals)), dtype=np.bool_) for _ in ways_on]
        for rides, mask in enumerate(begins):
            mine = starts.rides == rides
            mask[starts.stop[mine], starts.column[mine]] = True
        nodes = self.nodes.nodes(ways_on, goals, begins)
        node = np.stack(nodes.number)[starts.rides, starts.stop, starts.column] if len(starts.row) else starts.row
        legs = self.builder.legs_of(nodes, goals, np.unique(node))
        mine = rows[starts.row]
        ways.cost_s[mine] = starts.cost_s
        self._follow(nodes, legs, node, starts, ways, mine)

    def _starts(self, ways_on: Sequence[WaysOn], goals: IntArray, wanted: IntArray, period_s: float) -> _Starts:
        """Choose the stop of the first boarding, and the fewest rides that cost no more than any number of them."""
        edges, bounds = rows_of(self._access_ptr, wanted[:, 0])
        owner = np.repeat(np.arange(len(wanted)), np.diff(bounds))
        ends, edges = self.search.walks.ends, self._access[edges]
        stop, walk_s = ends.goal[edges], ends.walk_s[edges]
        column = np.searchsorted(goals, wanted[owner, 1])
        walk_cost_s = self.search.preferences.walk_weight * walk_s
        if not len(wanted):
            none = np.zeros(0, dtype=np.int64)
            return _Starts(none, none, none, none, np.zeros(0), np.zeros(0), np.zeros(0))
        moment = np.full(len(wanted), 0.5)
        # A period has the way from its middle, or, where the last vehicle has gone by then, the one from its start:
        # people who leave before that vehicle are not to be told that there is none (functional/test_invariance.py).
        for again in (True, False):
            time_s = (wanted[owner, 2] + moment[owner]) * period_s + walk_s
            at = places(self.search.departures, stop, time_s)
            by_rides = [walk_cost_s + self.search.waiting_for_s(ways_on, at, column) for ways_on in ways_on]
            least_s = np.minimum.reduceat(by_rides[-1], bounds[:-1])
            late = least_s >= NEVER_S / 2
            if not (again and late.any()):
                break
            moment[late] = 0.0
        rides, edge = np.full(len(wanted), -1, dtype=np.int64), np.zeros(len(wanted), dtype=np.int64)
        for number in range(len(ways_on) - 1, -1, -1):
            hit = by_rides[number] <= (least_s + TIE_S)[owner]
            there = np.bincount(owner[hit], minlength=len(wanted)) > 0
            place = first_hits(hit | ~there[owner], bounds)
            rides, edge = np.where(there, number, rides), np.where(there, place, edge)
        found = np.flatnonzero(least_s < NEVER_S / 2)
        edge = edge[found]
        return _Starts(found, stop[edge], column[edge], rides[found], walk_s[edge], time_s[edge], least_s[found])

    def _follow(
        self,
        nodes: NodeTable,
        legs: tuple[IntArray, IntArray],
        node: IntArray,
        starts: _Starts,
        ways: _Ways,
        rows: IntArray,
    ) -> None:
        """Follow the ways from where they begin over the vehicles that are cheapest at the time."""
        by_name, by_strategy = legs
        named = by_name[node] >= 0
        time_s, walk_s, going = starts.time_s.copy(), starts.walk_s, np.arange(len(node))
        for ride in range(self.most_rides):
            ways.leg[rows, ride] = np.where(named[going], by_name[node], by_strategy[node])
            ways.walk_s[rows, ride] = walk_s
            taken, board_s = self._cheapest(nodes, node, time_s)
            walk_s = nodes.next_walk_s[taken]
            time_s = board_s + self.builder.mean_ride_s(nodes.pattern[taken], nodes.board[taken], nodes.alight[taken])
            time_s = time_s + walk_s
            ways.egress_s[rows] = walk_s
            node = nodes.next_node[taken]
            onward = np.flatnonzero(node != NO_NODE)
            if not len(onward):
                return
            node, time_s, walk_s, rows, going = (
                node[onward],
                time_s[onward],
                walk_s[onward],
                rows[onward],
                going[onward],
            )

    def _cheapest(self, nodes: NodeTable, node: IntArray, time_s: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return for each wait the row of its node that is cheapest, and when its vehicle may be expected."""
        rows, bounds = rows_of(nodes.row_ptr, node)
        owner = np.repeat(np.arange(len(node)), np.diff(bounds))
        first_s, last_s = nodes.first_due_s[rows], nodes.last_due_s[rows]
        gap_s = (last_s - first_s) / np.maximum(nodes.vehicles[rows] - 1, 1)
        begun = time_s[owner] > first_s
        wait_s = np.where(begun, self.builder.wait_share * gap_s, first_s - time_s[owner])
        # A vehicle gone is the last choice: somebody who comes too late by rounding has no other.
        gone = time_s[owner] > last_s
        cost_s = nodes.onward_s[rows] + self.search.preferences.wait_weight * wait_s + np.where(gone, NEVER_S, 0.0)
        least_s = np.minimum.reduceat(cost_s, bounds[:-1]) if len(node) else cost_s
        place = first_hits(cost_s == least_s[owner], bounds) if len(node) else rows
        return rows[place], time_s + wait_s[place]


def _options(scenario: Scenario, wanted: IntArray, walks: Walks, builder: LegBuilder, ways: _Ways) -> JourneyOptions:
    """Put ways and walks all the way together, a row for each pair and every period in which its way changes."""
    journeys, weight = scenario.parameters.journeys, scenario.parameters.preferences.walk_weight
    on_foot_s = walks.all_the_way(journeys)
    foot_s = np.array(
        [on_foot_s.get((start, goal), np.nan) for start, goal in wanted[:, :2].tolist()], dtype=np.float64
    )
    kept = _changes(wanted, ways, weight * foot_s)
    # The first row of a pair holds before its period too.
    first = np.diff(wanted[kept, 0] * (1 + wanted[:, 1].max(initial=0)) + wanted[kept, 1], prepend=-1) != 0
    rides, walks_too = (ways.leg[kept, 0] >= 0), np.isfinite(foot_s[kept])
    number = rides.astype(np.int64) + walks_too
    ptr = pointers(number)
    at_ride, at_walk = ptr[:-1][rides], (ptr[1:] - 1)[walks_too]
    cost_s, egress_s = np.zeros(ptr[-1]), np.zeros(ptr[-1])
    cost_s[at_ride], cost_s[at_walk] = ways.cost_s[kept][rides], weight * foot_s[kept][walks_too]
    egress_s[at_ride], egress_s[at_walk] = ways.egress_s[kept][rides], foot_s[kept][walks_too]
    sizes = np.zeros(ptr[-1], dtype=np.int64)
    used = ways.leg[kept][rides] >= 0
    sizes[at_ride] = used.sum(axis=1)
    return JourneyOptions(
        pairs=wanted[kept, :2],
        period=np.where(first, 0, wanted[kept, 2]),
        period_s=journeys.departure_period_s,
        option_ptr=ptr,
        leg_ptr=pointers(sizes),
        leg=ways.leg[kept][rides][used],
        walk_before_s=ways.walk_s[kept][rides][used],
        egress_walk_s=egress_s,
        cost_min=cost_s / 60.0,
        path_size=np.ones(len(cost_s)),
        legs=builder.table(),
    )


def _changes(wanted: IntArray, ways: _Ways, foot_s: FloatArray) -> IntArray:
    """Return the rows in which a pair has another way than before, or rather walks; one at least for each pair.

    Where a pair has no way any more people go on as before, and wait in vain.
    """
    pair = np.unique(wanted[:, :2], axis=0, return_inverse=True)[1].reshape(-1) if len(wanted) else wanted[:, 0]
    there = ways.leg[:, 0] >= 0
    some = np.bincount(pair, there) > 0 if len(pair) else np.zeros(0, dtype=np.bool_)
    rows = np.flatnonzero(there | ~some[pair]) if len(pair) else pair
    rides: BoolArray = ~(foot_s[rows] < ways.cost_s[rows])
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (np.diff(pair[rows]) != 0) | (np.diff(rides.astype(np.int64)) != 0)
    for column in (ways.leg, ways.walk_s, ways.egress_s[:, None]):
        new[1:] |= (np.diff(column[rows], axis=0) != 0).any(axis=1)
    found: IntArray = rows[new]
    return found
