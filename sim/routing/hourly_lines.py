"""The cheapest journeys over different lines by the hour, for scenarios that count options.

Journeys are over named stops. What a ride from one stop to another costs, and when it ends, hangs on when one comes to
the stop: its attractive set is that of the hour, found backwards over the departures of the day by the same search as
everywhere (`sim.routing.profile_search`). The search over lines (`sim.routing.line_search`) is the one for service that
is the same all day, forward in time from the middle of a period of departure.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray, members_of_ranges
from sim.model.parameters import JourneyParameters
from sim.randomness import UInt64Array, entity_keys
from sim.routing.hourly_legs import LegBuilder
from sim.routing.hourly_nodes import NodeFinder
from sim.routing.hourly_ways import Ways
from sim.routing.line_search import Followed, Path, Search, cheapest_paths
from sim.routing.line_sets import LineSets
from sim.routing.profile_search import ProfileSearch
from sim.routing.profile_steps import known_weight
from sim.routing.waiting_by_frequency import NEVER_S

MOST_CELLS = 4_000_000
"""Departures times goals of one search, which bounds the memory: about 80 bytes each."""


def line_ways(search: ProfileSearch, builder: LegBuilder, wanted: IntArray, journeys: JourneyParameters) -> Ways:
    """Return the cheapest ways over different lines of pairs and periods, walking all the way among them.

    Parameters
    ----------
    search : ProfileSearch
    builder : LegBuilder
        Numbers the legs of the ways.
    wanted : ndarray of int, shape (rows, 3)
        Origin, destination and period, sorted.
    journeys : JourneyParameters
    """
    edges = TimedEdges(search)
    paths = _paths(search, edges, wanted, journeys)
    leg_of = _legs(search, builder, edges, _used(paths))
    owner = np.array([row for row, _ in paths], dtype=np.int64)
    cost_s = np.array([path.cost_s for _, path in paths], dtype=np.float64)
    ways = Ways.blank(owner, cost_s, journeys.max_transfers + 1, journeys)
    for place, (_, path) in enumerate(paths):
        ways.egress_s[place] = path.egress_s
        ways.leg[place, : len(path.rides)] = [leg_of[edge] for edge in path.rides]
        ways.walk_s[place, : len(path.rides)] = path.walks_s
    if ways.ridden.shape[1]:
        time_s = (wanted[owner, 2] + 0.5) * journeys.departure_period_s
        for ride in range(journeys.max_transfers + 1):
            mine = np.flatnonzero(ways.leg[:, ride] >= 0)
            edge = np.array([paths[place][1].rides[ride] for place in mine.tolist()], dtype=np.int64)
            ways.ridden[mine, ride], time_s[mine] = edges.ridden(edge, time_s[mine] + ways.walk_s[mine, ride])
    return ways


def _used(paths: list[tuple[int, Path]]) -> IntArray:
    return np.unique(np.array([edge for _, path in paths for edge in path.rides], dtype=np.int64))


def _paths(
    search: ProfileSearch, edges: TimedEdges, wanted: IntArray, journeys: JourneyParameters
) -> list[tuple[int, Path]]:
    """Return the paths of each row, the cheapest first, in the order of rows."""
    over_lines = Search(
        stops=search.stops,
        rides=edges,
        sets=edges.sets,
        walks=search.walks,
        walk_weight=search.preferences.walk_weight,
        transfer_penalty_s=search.preferences.transfer_penalty_s,
        max_transfers=journeys.max_transfers,
        labels=journeys.options or 1,
    )
    on_foot_s = search.walks.all_the_way(journeys)
    order = np.lexsort((wanted[:, 1], wanted[:, 2], wanted[:, 0]))
    new = np.ones(len(order) + 1, dtype=np.bool_)
    new[1:-1] = (np.diff(wanted[order][:, [0, 2]], axis=0) != 0).any(axis=1)
    found: dict[int, list[Path]] = {}
    for first, end in pairwise(np.flatnonzero(new).tolist()):
        rows = order[first:end].tolist()
        # A period has the ways from its middle, or, where the last vehicle has gone by then, those from its start.
        for moment in (0.5, 0.0):
            origin, _, period = wanted[rows[0]].tolist()
            journeys_from = over_lines.journeys_from(origin, (period + moment) * journeys.departure_period_s)
            for row in rows:
                goal = int(wanted[row, 1])
                found[row] = cheapest_paths(journeys_from, goal, on_foot_s.get((origin, goal)), journeys)
            rows = [row for row in rows if not any(path.rides for path in found[row])]
            if not rows:
                break
    return [(row, path) for row in range(len(wanted)) for path in found[row]]


def _legs(search: ProfileSearch, builder: LegBuilder, edges: TimedEdges, used: IntArray) -> dict[int, int]:
    """Return the number of the leg of each edge that is used."""
    found: dict[int, int] = {}
    finder = NodeFinder(search)
    for goals in _parts(search, np.unique(edges.goal[used])):
        mine = used[np.isin(edges.goal[used], goals)].astype(np.int64)
        column = np.searchsorted(goals, edges.goal[mine])
        mask = np.zeros((search.stops, len(goals)), dtype=np.bool_)
        mask[edges.start[mine], column] = True
        nodes = finder.nodes([search.straight_to(goals)], goals, [mask])
        node = nodes.number[0][edges.start[mine], column]
        by_name, _ = builder.legs_of(nodes, goals, np.unique(node))
        found.update(zip(mine.tolist(), by_name[node].tolist(), strict=True))
    return found


def _parts(search: ProfileSearch, goals: IntArray) -> list[IntArray]:
    most = max(MOST_CELLS // max(len(search.departures.visit), 1), 1)
    return [goals[first : first + most] for first in range(0, len(goals), most)]


@dataclass(frozen=True)
class _DepartureRows:
    """Departures by edge: from where, to where, and what waiting for it costs; arrays (rows,)."""

    start: IntArray
    goal: IntArray
    due_s: FloatArray
    before_s: FloatArray
    after_s: FloatArray
    boards: BoolArray
    arrival_s: FloatArray
    pattern: IntArray
    board: IntArray
    alight: IntArray

    def at(self, rows: IntArray) -> _DepartureRows:
        return _DepartureRows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class TimedEdges:
    """The direct ride from each stop to each other one that a pattern joins, by the time of coming to the stop.

    Parameters
    ----------
    search : ProfileSearch

    Attributes
    ----------
    start, goal : ndarray of int, shape (edges,)
        Sorted by goal, then start.
    """

    def __init__(self, search: ProfileSearch) -> None:
        self.known_weight = known_weight(search.preferences)
        goals = np.unique(search.service.visit_stop)
        parts = [_rows_to(search, part) for part in _parts(search, goals)] or [_rows_to(search, goals)]
        names = _DepartureRows.__dataclass_fields__
        rows = _DepartureRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
        rows = rows.at(np.lexsort((rows.due_s, rows.start, rows.goal)))
        self.rows = rows
        new = np.ones(len(rows.goal), dtype=np.bool_)
        new[1:] = (np.diff(rows.goal) != 0) | (np.diff(rows.start) != 0)
        first = np.flatnonzero(new)
        self.start, self.goal = rows.start[first], rows.goal[first]
        self.ptr: IntArray = np.append(first, len(new)).astype(np.int64)
        # A vehicle that is best for somebody is boarded, so that after any row of an edge there is one that is.
        place = np.where(rows.boards, np.arange(len(new)), len(new))
        self.taken: IntArray = np.minimum.accumulate(place[::-1])[::-1]
        edge = np.repeat(np.arange(len(first)), np.diff(self.ptr))
        self.sets, self.lines = _line_sets(rows, edge, self.taken)

    def follow(self, edge: IntArray, time_s: FloatArray) -> Followed:
        """Return what it costs to ride, by which lines and until when; see `Edges.follow`."""
        rows, edge = self.rows, np.broadcast_to(edge[:, None], time_s.shape)
        row = self._next(edge, time_s)
        none = row == self.ptr[edge + 1]
        row = np.minimum(row, len(rows.due_s) - 1)
        early = row == self.ptr[edge]
        gone_s = rows.due_s[row] - time_s
        gap_s = rows.due_s[row] - rows.due_s[row - 1]
        share = np.divide(gone_s, gap_s, out=np.zeros(gone_s.shape), where=~early & (gap_s > 0))
        between_s = share * np.where(early, 0.0, rows.after_s[row - 1] - rows.before_s[row])
        cost_s = rows.before_s[row] + between_s + np.where(early, self.known_weight * gone_s, 0.0)
        cost_s[none] = np.inf
        taken = np.minimum(self.taken[row], len(rows.due_s) - 1)
        return Followed(cost_s, self.lines[row], rows.arrival_s[taken])

    def ridden(self, edge: IntArray, time_s: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the rides expected on edges: pattern, and positions of boarding and alighting; and when they end.

        Parameters
        ----------
        edge : ndarray of int, shape (rides,)
        time_s : ndarray of float, shape (rides,)
            When people come to the stop, seconds after midnight.

        Returns
        -------
        ndarray of int, shape (rides, 3)
        ndarray of float, shape (rides,)
        """
        rows = self.rows
        row = self.taken[np.minimum(self._next(edge, time_s), self.ptr[edge + 1] - 1)]
        return np.stack([rows.pattern[row], rows.board[row], rows.alight[row]], axis=1), rows.arrival_s[row]

    def _next(self, edge: IntArray, time_s: FloatArray) -> IntArray:
        """Return the first row of each edge that is due at a time or later; the row behind them for none."""
        low, high = self.ptr[edge], self.ptr[edge + 1]
        last = max(len(self.rows.due_s) - 1, 0)
        while (low < high).any():
            middle = (low + high) // 2
            later = self.rows.due_s[np.minimum(middle, last)] < time_s
            low, high = np.where(later & (low < high), middle + 1, low), np.where(later, high, middle)
        return low


def _rows_to(search: ProfileSearch, goals: IntArray) -> _DepartureRows:
    """Return the departures from which some goals are reached without a change."""
    ways, departures, service = search.straight_to(goals), search.departures, search.service
    departure, column = np.nonzero(ways.onward_s < NEVER_S / 2)
    stop = np.repeat(np.arange(search.stops), np.diff(departures.stop_ptr))
    apart = stop[departure] != goals[column]
    departure, column = departure[apart], column[apart]
    alight = ways.alight[departure, column].astype(np.int64)
    visit = departures.visit[departure] - departures.sequence[departure] + alight
    return _DepartureRows(
        start=stop[departure],
        goal=goals[column],
        due_s=departures.due_s[departure],
        before_s=ways.before_s[departure, column],
        after_s=ways.after_s[departure, column],
        boards=ways.boards[departure, column],
        arrival_s=service.scheduled_arrival_s[visit],
        pattern=departures.pattern[departure],
        board=departures.sequence[departure],
        alight=alight,
    )


def _line_sets(rows: _DepartureRows, edge: IntArray, taken: IntArray) -> tuple[LineSets, UInt64Array]:
    """Return the sets of lines that are attractive when a row is the next one, and the number of that of each row.

    A line is among them from the first to the last of its vehicles that are boarded without one between that is not.
    """
    key = entity_keys(rows.pattern)
    order = np.lexsort((np.arange(len(edge)), rows.alight, rows.board, rows.pattern, edge))
    boards = rows.boards[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = ~boards[:-1]
    for column in (edge, rows.pattern, rows.board, rows.alight):
        begins[1:] |= np.diff(column[order]) != 0
    begins &= boards
    ends = np.append(begins[1:] | ~boards[1:], True) & boards
    begin, end = order[begins], order[ends]
    # Sets are told apart by sums of keys, so that only one row of each has to be looked at line by line.
    on = np.zeros(len(edge) + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        np.add.at(on, begin, key[begin])
        np.subtract.at(on, end + 1, key[end])
        total: UInt64Array = np.cumsum(on, dtype=np.uint64)[:-1]
    alone = total == 0
    total[alone] = key[np.minimum(taken[alone], max(len(key) - 1, 0))]
    _, first, number = np.unique(total, return_index=True, return_inverse=True)
    # Stretches on which lines are attractive are sorted by edge.
    low, high = (np.searchsorted(edge[begin], edge[first], side=side) for side in ("left", "right"))
    owner, stretch = members_of_ranges(low, high)
    inside = (begin[stretch] <= first[owner]) & (first[owner] <= end[stretch])
    by_itself = np.setdiff1d(np.arange(len(first)), owner[inside])
    pattern = rows.pattern[np.append(begin[stretch[inside]], taken[first[by_itself]])]
    of_set = np.append(owner[inside], by_itself)
    return LineSets(of_set + 1, pattern, len(first)), (number.reshape(-1) + 1).astype(np.uint64)
