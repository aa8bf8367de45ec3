"""Journey options by the hour: for each pair of stops and period of departure the ways on, and a walk.

Where one way is taken it is the cheapest; where one is drawn, the cheapest for each number of rides, as long as more
rides cost less; where options are counted, the cheapest over different lines (`sim.routing.hourly_lines`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.demand import Demand
from sim.model.journeys import JourneyOptions
from sim.model.parameters import JourneyParameters
from sim.model.scenario import Scenario
from sim.routing.hourly_fallbacks import Fallbacks, levels_after_full
from sim.routing.hourly_legs import LegBuilder
from sim.routing.hourly_lines import line_ways
from sim.routing.hourly_nodes import NO_NODE, NodeFinder, NodeTable
from sim.routing.hourly_ways import Ways, options_of
from sim.routing.known_vehicles import known_vehicles
from sim.routing.patterns import PatternOffer
from sim.routing.profile_search import ProfileSearch, WaysOn, places
from sim.routing.profile_steps import Room, known_weight
from sim.routing.ragged import first_hits, rows_of
from sim.routing.service_levels import trip_levels
from sim.routing.waiting_by_frequency import NEVER_S, TIE_S
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
    builder = LegBuilder(offers, journeys.headway_wait_share, open_ended=journeys.real_time)
    fallbacks = None
    if parameters.behaviour.on_denied == "reconsider":
        later = levels_after_full(levels, journeys.headway_wait_share)
        after_full = ProfileSearch(scenario.service, later, walks, journeys, parameters.preferences, search.stops)
        fallbacks = Fallbacks(search, after_full, builder)
    if journeys.options is not None and journeys.routing != "strategy":
        ways = line_ways(search, builder, wanted, journeys)
    else:
        ways = _ways(search, builder, wanted, journeys, fallbacks)
    if fallbacks is not None:
        fallbacks.add_named()
    legs = builder.table()
    if journeys.real_time:
        known = known_vehicles(builder.table_of_every_vehicle(), scenario.service, parameters.preferences)
        legs = replace(legs, known_vehicles=known)
    return options_of(wanted, ways, journeys, legs, offers)


def _ways(
    search: ProfileSearch,
    builder: LegBuilder,
    wanted: IntArray,
    journeys: JourneyParameters,
    fallbacks: Fallbacks | None,
) -> Ways:
    """Return the ways of pairs and periods, and walks all the way after them."""
    most_rides = UNLIMITED_RIDES if journeys.routing == "strategy" else journeys.max_transfers + 1
    finder = _WayFinder(search, builder, most_rides, journeys, fallbacks)
    goals = np.unique(wanted[:, 1])
    most = max(MOST_CELLS // max(len(search.service.visit_stop), 1), 1)
    nothing = np.zeros(0, dtype=np.int64)
    parts = [Ways.blank(nothing, np.zeros(0), most_rides, journeys)]
    for first in range(0, len(goals), most):
        mine = goals[first : first + most]
        rows = np.flatnonzero((wanted[:, 1] >= mine[0]) & (wanted[:, 1] <= mine[-1]))
        parts.append(finder.find(mine, wanted[rows], rows))
    parts.append(Ways.on_foot(wanted, search.walks, search.preferences.walk_weight, most_rides, journeys))
    return Ways.joined(parts)


def demanded(demand: Demand, period_s: float) -> IntArray:
    """List origin, destination and period of departure wherever somebody may leave, sorted, shape (rows, 3)."""
    flows = np.flatnonzero(demand.commuters > 0)
    first = np.floor(demand.start_s[flows] / period_s).astype(np.int64)
    last = np.maximum(np.ceil(demand.end_s[flows] / period_s).astype(np.int64) - 1, first)
    sizes = last - first + 1
    flow = np.repeat(flows, sizes)
    period = np.repeat(first, sizes) + np.arange(len(flow)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows = np.stack([demand.origin[flow], demand.destination[flow], period], axis=1).astype(np.int64)
    order = np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))
    rows = rows[order]
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (np.diff(rows, axis=0) != 0).any(axis=1)
    return rows[new]


@dataclass(frozen=True)
class _Starts:
    """Where journeys begin to wait, in the order of rows of pairs and periods, then of rides; shape (ways,) each.

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
    journeys : JourneyParameters
    fallbacks : Fallbacks or None
        Where people reconsider.
    """

    def __init__(
        self,
        search: ProfileSearch,
        builder: LegBuilder,
        most_rides: int,
        journeys: JourneyParameters,
        fallbacks: Fallbacks | None,
    ) -> None:
        self.search = search
        self.builder = builder
        self.most_rides = most_rides
        self.journeys = journeys
        self.fallbacks = fallbacks
        self.drawn = journeys.choice != "deterministic" and journeys.routing != "strategy"
        self.nodes = NodeFinder(search, journeys.real_time)
        # Invariant: nothing of the ways on to some destinations is read after those to the next ones are asked for;
        # nodes, legs and ways are copies (tests/unit/test_routing_profile_steps.py fills a room twice).
        self._room = Room()
        ends = search.walks.ends
        self._access = np.lexsort((ends.goal, ends.walk_s, ends.start))
        self._access_ptr = np.searchsorted(ends.start[self._access], np.arange(search.stops + 1)).astype(np.int64)

    def find(self, goals: IntArray, wanted: IntArray, rows: IntArray) -> Ways:
        """Return the ways of some rows.

        Parameters
        ----------
        goals : ndarray of int, shape (destinations,)
            Destinations, rising.
        wanted : ndarray of int, shape (n, 3)
            Origin, destination and period of each row.
        rows : ndarray of int, shape (n,)
            Their numbers, the owners of the ways.
        """
        ways_on = self.search.to(goals, self.most_rides, self._room)
        starts = self._starts(ways_on, goals, wanted)
        begins = [np.zeros((self.search.stops, len(goals)), dtype=np.bool_) for _ in ways_on]
        for rides, mask in enumerate(begins):
            mine = starts.rides == rides
            mask[starts.stop[mine], starts.column[mine]] = True
        nodes = self.nodes.nodes(ways_on, goals, begins)
        node = np.stack(nodes.number)[starts.rides, starts.stop, starts.column] if len(starts.row) else starts.row
        legs = self.builder.legs_of(nodes, goals, np.unique(node))
        if self.fallbacks is not None:
            self.fallbacks.add_strategies(ways_on, nodes, legs[1], goals)
        ways = Ways.blank(rows[starts.row], starts.cost_s, self.most_rides, self.journeys)
        self._follow(nodes, legs, node, starts, ways)
        return ways

    def _starts(self, ways_on: Sequence[WaysOn], goals: IntArray, wanted: IntArray) -> _Starts:
        """Choose the stop of the first boarding, for the fewest rides that cost no more than any number of them.

        Where a way is drawn, for each number of rides that costs less than fewer do.
        """
        edges, bounds = rows_of(self._access_ptr, wanted[:, 0])
        owner = np.repeat(np.arange(len(wanted)), np.diff(bounds))
        ends, edges = self.search.walks.ends, self._access[edges]
        stop, walk_s = ends.goal[edges], ends.walk_s[edges]
        column = np.searchsorted(goals, wanted[owner, 1])
        walk_cost_s = self.search.preferences.walk_weight * walk_s
        if not len(wanted):
            none = np.zeros(0, dtype=np.int64)
            return _Starts(none, none, none, none, np.zeros(0), np.zeros(0), np.zeros(0))
        period_s = self.journeys.departure_period_s
        time_s = (wanted[owner, 2] + 0.5) * period_s + walk_s
        by_rides = self._costs_s(ways_on, stop, column, time_s, walk_cost_s)
        least_s = np.minimum.reduceat(by_rides[-1], bounds[:-1])
        # A period has the way from its middle, or, where the last vehicle has gone by then, the one from its start:
        # people who leave before that vehicle are not to be told that there is none (functional/test_invariance.py).
        again = np.flatnonzero((least_s >= NEVER_S / 2)[owner])
        if len(again):
            time_s[again] = wanted[owner[again], 2] * period_s + walk_s[again]
            at_start = self._costs_s(ways_on, stop[again], column[again], time_s[again], walk_cost_s[again])
            for cost_s, other_s in zip(by_rides, at_start, strict=True):
                cost_s[again] = other_s
            least_s = np.minimum.reduceat(by_rides[-1], bounds[:-1])
        late = least_s >= NEVER_S / 2
        found: list[tuple[IntArray, IntArray, IntArray]] = []
        before_s = np.full(len(wanted), NEVER_S / 2)
        for number, cost_s in enumerate(by_rides):
            mine_s = np.minimum.reduceat(cost_s, bounds[:-1])
            if self.drawn:
                row = np.flatnonzero(mine_s < before_s - TIE_S)
            else:
                row = np.flatnonzero((mine_s <= least_s + TIE_S) & (before_s > least_s + TIE_S) & ~late)
            before_s = np.minimum(mine_s, before_s)
            hit = cost_s <= ((mine_s if self.drawn else least_s) + TIE_S)[owner]
            there = np.bincount(owner[hit], minlength=len(wanted)) > 0
            edge = first_hits(hit | ~there[owner], bounds)[row]
            found.append((row, edge, np.full(len(row), number, dtype=np.int64)))
        row, edge, rides = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.argsort(row, kind="stable")
        row, edge, rides = row[order], edge[order], rides[order]
        cost_s = np.stack(by_rides)[rides, edge] if self.drawn else least_s[row]
        return _Starts(row, stop[edge], column[edge], rides, walk_s[edge], time_s[edge], cost_s)

    def _costs_s(
        self, ways_on: Sequence[WaysOn], stop: IntArray, column: IntArray, time_s: FloatArray, walk_cost_s: FloatArray
    ) -> list[FloatArray]:
        """Return by rides left what journeys cost whose passengers reach a stop at a time, with the walk to it."""
        at = places(self.search.departures, stop, time_s)
        return [walk_cost_s + self.search.waiting_for_s(ways, at, column) for ways in ways_on]

    def _follow(
        self,
        nodes: NodeTable,
        legs: tuple[IntArray, IntArray],
        node: IntArray,
        starts: _Starts,
        ways: Ways,
    ) -> None:
        """Follow the ways from where they begin over the vehicles that are cheapest at the time."""
        by_name, by_strategy = legs
        named = by_name[node] >= 0
        time_s, walk_s, rows = starts.time_s.copy(), starts.walk_s, np.arange(len(node))
        columns = np.stack([nodes.pattern, nodes.board, nodes.alight], axis=1)
        for ride in range(self.most_rides):
            ways.leg[rows, ride] = np.where(named[rows], by_name[node], by_strategy[node])
            ways.walk_s[rows, ride] = walk_s
            taken, board_s = self._cheapest(nodes, node, time_s)
            if ways.ridden.shape[1]:
                ways.ridden[rows, ride] = columns[taken]
            walk_s = nodes.next_walk_s[taken]
            time_s = board_s + self.builder.mean_ride_s(nodes.pattern[taken], nodes.board[taken], nodes.alight[taken])
            time_s = time_s + walk_s
            ways.egress_s[rows] = walk_s
            node = nodes.next_node[taken]
            onward = np.flatnonzero(node != NO_NODE)
            if not len(onward):
                return
            node, time_s, walk_s, rows = node[onward], time_s[onward], walk_s[onward], rows[onward]

    def _cheapest(self, nodes: NodeTable, node: IntArray, time_s: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return for each wait the row of its node that is cheapest, and when its vehicle may be expected."""
        rows, bounds = rows_of(nodes.row_ptr, node)
        owner = np.repeat(np.arange(len(node)), np.diff(bounds))
        first_s, last_s = nodes.first_due_s[rows], nodes.last_due_s[rows]
        gap_s = (last_s - first_s) / np.maximum(nodes.vehicles[rows] - 1, 1)
        begun = time_s[owner] > first_s
        wait_s = np.where(begun, self.builder.wait_share * gap_s, first_s - time_s[owner])
        # A vehicle gone is the last choice: somebody who comes too late by rounding has no other.
        gone = (time_s[owner] > last_s) | ~nodes.attractive[rows]
        preferences = self.search.preferences
        weight = np.where(begun, preferences.wait_weight, known_weight(preferences))
        cost_s = nodes.onward_s[rows] + weight * wait_s + np.where(gone, NEVER_S, 0.0)
        least_s = np.minimum.reduceat(cost_s, bounds[:-1]) if len(node) else cost_s
        place = first_hits(cost_s == least_s[owner], bounds) if len(node) else rows
        return rows[place], time_s + wait_s[place]
