"""The cheapest way on to some destinations from every stop at every time of the day.

Time-dependent optimal strategies (after Spiess and Florian 1989, with departures of the day in place of one headway):
for each number of rides, backwards over the departures of each stop, what it costs to wait there, and which vehicles
are worth boarding. A vehicle is boarded where going on with it costs less than waiting for others at that very time.

What waiting costs follows from what people know (`sim.routing.service_levels`). The vehicle they know is waited for
until its time. Of the others they expect each at any moment with the chance that its frequency gives, so that where
the frequencies do not change the cost is that of Spiess and Florian. It is never more than a headway of waiting for
the next vehicle of a line and going on with it. Where everything is known the search is a profile connection scan
(Dibbelt et al. 2013) with costs in place of arrivals.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.model.service import Service
from sim.routing.departures import PatternVisits, StopDepartures, stop_departures
from sim.routing.ragged import pointers
from sim.routing.service_levels import TripLevels
from sim.routing.walks import Walks, WalkTable

NEVER_S = 1e12
"""Cost where there is no way; finite, so that differences are numbers."""

TIE_S = 1e-6
"""Costs that differ by less are equal."""

ShortArray = NDArray[np.int16]


@dataclass(frozen=True)
class Places:
    """Times at stops, placed between two departures, from which costs of waiting are read.

    Attributes
    ----------
    row : ndarray of int, shape (n,)
        The next departure; any where there is none.
    share : ndarray of float, shape (n, 1)
        How far back towards the departure before; 0 at the next one, or where it is the first one.
    early_s : ndarray of float, shape (n, 1)
        Time to the first departure of the day where it is the next one.
    none : ndarray of bool, shape (n,)
        Whether no vehicle comes any more.
    """

    row: IntArray
    share: FloatArray
    early_s: FloatArray
    none: BoolArray


def places(departures: StopDepartures, stop: IntArray, time_s: FloatArray) -> Places:
    """Place times at stops.

    Parameters
    ----------
    departures : StopDepartures
    stop : ndarray of int, shape (n,)
    time_s : ndarray of float, shape (n,)
    """
    row = departures.next_at(stop, time_s)
    none = row == departures.stop_ptr[stop + 1]
    row = np.minimum(row, max(len(departures.visit) - 1, 0))
    early = (row == departures.stop_ptr[stop]) | none
    gone_s = np.where(none, 0.0, departures.due_s[row] - time_s) if len(departures.visit) else np.zeros(len(stop))
    gap_s = departures.due_s[row] - departures.due_s[row - 1] if len(departures.visit) else np.ones(len(stop))
    share = np.divide(gone_s, gap_s, out=np.zeros(len(stop)), where=~early)
    return Places(row, share[:, None], np.where(early, gone_s, 0.0)[:, None], none)


@dataclass(frozen=True)
class WaysOn:
    """What to do with so many rides left; columns are destinations.

    Attributes
    ----------
    before_s, after_s : ndarray of float, shape (departures, destinations)
        Cost of waiting on at the stop just before each departure, and just after it, without it.
    onward_s : ndarray of float, shape (departures, destinations)
        Cost of going on in the vehicle.
    boards : ndarray of bool, shape (departures, destinations)
    alight : ndarray of int, shape (departures, destinations)
        Position at which to get out.
    change : ndarray of int, shape (visits, destinations)
        What to do after getting out: number of the walk to another departure among those from the stop; -1 where
        the destination is a walk away.
    """

    before_s: FloatArray
    after_s: FloatArray
    onward_s: FloatArray
    boards: BoolArray
    alight: ShortArray
    change: ShortArray


class ChangeWalks:
    """Walks between vehicles by where they start: the first of each stop, the second, and so on.

    Parameters
    ----------
    table : WalkTable
    stops : int
    """

    def __init__(self, table: WalkTable, stops: int) -> None:
        order = np.lexsort((table.goal, table.walk_s, table.start))
        self.goal, self.walk_s = table.goal[order], table.walk_s[order]
        self.ptr: IntArray = np.searchsorted(table.start[order], np.arange(stops + 1)).astype(np.int64)


class ProfileSearch:
    """Searches the ways to destinations, some at a time.

    Parameters
    ----------
    service : Service
    levels : TripLevels
        What people know of vehicles.
    walks : Walks
    journeys : JourneyParameters
    preferences : PreferenceParameters
    stops : int
        Number of stops.
    """

    def __init__(
        self,
        service: Service,
        levels: TripLevels,
        walks: Walks,
        journeys: JourneyParameters,
        preferences: PreferenceParameters,
        stops: int,
    ) -> None:
        self.service = service
        self.walks = walks
        self.preferences = preferences
        self.stops = stops
        self.departures, self.patterns = stop_departures(service, levels, journeys.headway_wait_share, stops)
        self.changes = ChangeWalks(walks.transfers, stops)
        self._edges = self._change_edges()
        self._first_of_time = _first_of_time(self.departures)
        stop_of = np.repeat(np.arange(stops), np.diff(self.departures.stop_ptr))
        open_ = np.bincount(stop_of, self.departures.rate_per_s > 0, stops) > 0
        served = np.diff(self.departures.stop_ptr) > 0
        self._known_stops: list[int] = np.flatnonzero(served & ~open_).tolist()
        self._by_frequency = _ByFrequency(self.departures, np.flatnonzero(open_), preferences.wait_weight)

    def _change_edges(self) -> list[tuple[IntArray, FloatArray, Places]]:
        """Return the changes by number: visits at which people get out, cost of the change, and where they then are."""
        changes, visit_stop, found = self.changes, self.service.visit_stop, []
        count = (changes.ptr[1:] - changes.ptr[:-1])[visit_stop]
        preferences = self.preferences
        for number in range(int(count.max(initial=0))):
            visit = np.flatnonzero(count > number)
            edge = changes.ptr[visit_stop[visit]] + number
            cost_s = preferences.transfer_penalty_s + preferences.walk_weight * changes.walk_s[edge]
            time_s = self.service.scheduled_arrival_s[visit] + changes.walk_s[edge]
            found.append((visit, cost_s[:, None], places(self.departures, changes.goal[edge], time_s)))
        return found

    def to(self, destinations: IntArray, most_rides: int) -> list[WaysOn]:
        """Return ways on by number of rides left, from one ride on, as long as more rides help.

        Parameters
        ----------
        destinations : ndarray of int, shape (destinations,)
        most_rides : int
        """
        goal_s = self._walks_to(destinations)
        found: list[WaysOn] = []
        for _ in range(most_rides):
            before = found[-1] if found else None
            found.append(self._one_ride_more(goal_s, before))
            if before is not None and np.array_equal(found[-1].before_s, before.before_s):
                return found[:-1]
        return found

    def _walks_to(self, destinations: IntArray) -> FloatArray:
        """Return the cost of walking from each stop to destinations, shape (stops, destinations)."""
        ends = self.walks.ends
        column = np.full(self.stops, -1, dtype=np.int64)
        column[destinations] = np.arange(len(destinations))
        rows = np.flatnonzero(column[ends.goal] >= 0)
        goal_s = np.full((self.stops, len(destinations)), NEVER_S)
        goal_s[ends.start[rows], column[ends.goal[rows]]] = self.preferences.walk_weight * ends.walk_s[rows]
        return goal_s

    def waiting_s(self, ways_on: WaysOn, at: Places) -> FloatArray:
        """Return the cost of waiting from some times on, shape (n, destinations).

        Between two departures it is read off a straight line.
        """
        before_s = ways_on.before_s[at.row]
        cost_s = before_s + at.share * (ways_on.after_s[at.row - 1] - before_s)
        cost_s += self.preferences.wait_weight * at.early_s
        cost_s[at.none] = NEVER_S
        return cost_s

    def waiting_for_s(self, ways_on: WaysOn, at: Places, column: IntArray) -> FloatArray:
        """Return the same for one destination at each time, shape (n,).

        Parameters
        ----------
        ways_on : WaysOn
        at : Places
        column : ndarray of int, shape (n,)
        """
        before_s = ways_on.before_s[at.row, column]
        cost_s = before_s + at.share[:, 0] * (ways_on.after_s[at.row - 1, column] - before_s)
        cost_s += self.preferences.wait_weight * at.early_s[:, 0]
        return np.where(at.none, NEVER_S, cost_s)

    def _one_ride_more(self, goal_s: FloatArray, before: WaysOn | None) -> WaysOn:
        out_s, change = self._get_out(goal_s, before)
        shape = (len(self.departures.visit), goal_s.shape[1])
        onward_s, alight = np.full(shape, NEVER_S), np.zeros(shape, dtype=np.int16)
        for pattern in self.patterns:
            self._ride(pattern, out_s, onward_s, alight)
        before_s, after_s = self._wait(onward_s)
        departures = self.departures
        known = (departures.rate_per_s == 0)[:, None]
        # Of vehicles that leave at the same time those that are best; of a line by frequency only what beats waiting.
        least_s = before_s[self._first_of_time] + self.preferences.wait_weight * departures.latest_s[:, None] + TIE_S
        boards = (onward_s < NEVER_S / 2) & (onward_s <= least_s)
        boards &= known | (onward_s < after_s + TIE_S)
        return WaysOn(before_s, after_s, onward_s, boards, alight, change)

    def _get_out(self, goal_s: FloatArray, before: WaysOn | None) -> tuple[FloatArray, ShortArray]:
        """Return what going on costs after getting out at each visit, and how people go on."""
        out_s = goal_s[self.service.visit_stop]
        change = np.full(out_s.shape, -1, dtype=np.int16)
        if before is None:
            return out_s, change
        for number, (visit, cost_s, at) in enumerate(self._edges):
            found_s = self.waiting_s(before, at) + cost_s
            better = found_s < out_s[visit] - TIE_S
            out_s[visit] = np.where(better, found_s, out_s[visit])
            change[visit] = np.where(better, np.int16(number), change[visit])
        return out_s, change

    def _ride(self, pattern: PatternVisits, out_s: FloatArray, onward_s: FloatArray, alight: ShortArray) -> None:
        """Follow the trips of a pattern back from their last stop; fill in what going on with each vehicle costs."""
        weight, service = self.preferences.in_vehicle_weight, self.service
        last = pattern.visit.shape[1] - 1
        arrival_s = service.scheduled_arrival_s[pattern.visit]
        departure_s = service.scheduled_departure_s[pattern.visit]
        on_board_s = np.full((len(pattern.visit), out_s.shape[1]), NEVER_S)
        place = np.full(on_board_s.shape, last, dtype=np.int16)
        for position in range(last, -1, -1):
            if position < last:
                on_board_s = on_board_s + weight * (arrival_s[:, position + 1] - departure_s[:, position])[:, None]
                rows = pattern.departure[:, position]
                if rows[0] >= 0:
                    onward_s[rows], alight[rows] = on_board_s, place
                on_board_s += weight * (departure_s[:, position] - arrival_s[:, position])[:, None]
            if pattern.alights[position]:
                here_s = out_s[pattern.visit[:, position]]
                gets_out = here_s <= on_board_s
                on_board_s = np.where(gets_out, here_s, on_board_s)
                place = np.where(gets_out, np.int16(position), place)

    def _wait(self, onward_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the cost of waiting just before each departure, and just after it."""
        before_s, after_s = np.full(onward_s.shape, NEVER_S), np.full(onward_s.shape, NEVER_S)
        departures, weight = self.departures, self.preferences.wait_weight
        for stop in self._known_stops:
            rows = slice(*departures.stop_ptr[stop : stop + 2].tolist())
            due_s = weight * departures.due_s[rows, None]
            least_s = np.minimum.accumulate((onward_s[rows] + due_s)[::-1])[::-1]
            before_s[rows] = least_s - due_s
            after_s[rows][:-1] = least_s[1:] - due_s[:-1]
        self._by_frequency.fill(onward_s, before_s, after_s)
        return before_s, after_s


def _first_of_time(departures: StopDepartures) -> IntArray:
    """Return for each departure the first one from the stop that is due at the same time."""
    rows = np.arange(len(departures.visit))
    again = np.zeros(len(rows), dtype=np.bool_)
    again[1:] = np.diff(departures.due_s) == 0
    again[departures.stop_ptr[:-1][departures.stop_ptr[:-1] < len(rows)]] = False
    return np.maximum.accumulate(np.where(again, 0, rows))


class _ByFrequency:
    """The cost of waiting at stops where people know some lines by their frequency.

    Backwards in time, for all stops together: first the last departures of all of them, then those before. Between two
    departures the cost changes as it must for people who expect each line with its rate and board it where that costs
    less than waiting. A vehicle that came earlier than it is due would cost as much more or less from there on as the
    one before it does, in proportion. Stops with more departures come first, so that those still looked at are always
    the first ones.

    Parameters
    ----------
    departures : StopDepartures
    stops : ndarray of int
    weight : float
        Of waiting.
    """

    def __init__(self, departures: StopDepartures, stops: IntArray, weight: float) -> None:
        self.departures = departures
        self.weight = weight
        count = np.diff(departures.stop_ptr)[stops]
        order = np.argsort(-count, kind="stable")
        self.stops, count = stops[order], count[order]
        self.still: list[int] = (
            len(count) - np.searchsorted(count[::-1], np.arange(count.max(initial=0) + 1), "right")
        ).tolist()
        self.last_row: IntArray = departures.stop_ptr[self.stops + 1] - 1
        self.kind_ptr = pointers(departures.kinds[self.stops])
        self.stop_of_kind = np.repeat(np.arange(len(self.stops)), departures.kinds[self.stops])
        self.row_before = _row_before(departures)
        gap_s = departures.due_s - departures.due_s[self.row_before]
        self.per_gap: FloatArray = np.divide(1.0, gap_s, out=np.zeros(len(gap_s)), where=gap_s > 0)

    def fill(self, onward_s: FloatArray, before_s: FloatArray, after_s: FloatArray) -> None:
        """Fill in the cost of waiting just before and just after the departures from the stops.

        Parameters
        ----------
        onward_s, before_s, after_s : ndarray of float, shape (departures, destinations)
        """
        departures, weight = self.departures, self.weight
        rate = np.zeros((len(self.stop_of_kind), 1))
        coming_s, slope = np.full((len(rate), onward_s.shape[1]), NEVER_S), np.zeros((len(rate), onward_s.shape[1]))
        cost_s = np.full((len(self.stops), onward_s.shape[1]), NEVER_S)
        for step, (still, more) in enumerate(pairwise(self.still)):
            row = self.last_row[:still] - step
            onward = onward_s[row]
            after_s[row] = cost_s[:still]
            np.minimum(cost_s[:still], onward + weight * departures.latest_s[row, None], out=cost_s[:still])
            before_s[row] = cost_s[:still]
            kind = self.kind_ptr[:still] + departures.kind[row]
            rate[kind, 0], coming_s[kind] = departures.rate_per_s[row], onward
            rise_s = onward - onward_s[self.row_before[row]]
            # From a vehicle that leads to the destination to one that does not there is no way in between.
            rise_s[np.abs(rise_s) > NEVER_S / 2] = 0.0
            slope[kind] = rise_s * self.per_gap[row, None]
            row = row[:more]
            span_s = departures.due_s[row] - departures.due_s[row - 1]
            self._earlier(cost_s[:more], span_s, rate, coming_s, slope)

    def _earlier(
        self, cost_s: FloatArray, span_s: FloatArray, rate: FloatArray, coming_s: FloatArray, slope: FloatArray
    ) -> None:
        """Put in what waiting and the vehicles to come cost some time earlier.

        With the rates r and the costs c of lines worth boarding, waiting costs v where v' = sum of r (v - c) - weight;
        over a span in which c changes evenly that is solved by a line and an exponential.
        """
        if not len(cost_s):
            return
        first, kinds = self.kind_ptr[: len(cost_s)], int(self.kind_ptr[len(cost_s)])
        stop = self.stop_of_kind[:kinds]
        worth = np.where(coming_s[:kinds] < cost_s[stop], rate[:kinds], 0.0)
        joint = np.add.reduceat(worth, first)
        level_s = np.add.reduceat(worth * coming_s[:kinds], first)
        worth *= slope[:kinds]
        waits = joint == 0.0
        joint[waits] = 1.0
        falls = np.add.reduceat(worth, first) / joint
        level_s = (level_s + self.weight + falls) / joint
        span = span_s[:, None]
        went = level_s - falls * span + (cost_s - level_s) * np.exp(-joint * span)
        cost_s[:] = np.where(waits, cost_s + self.weight * span, went)
        coming_s[:kinds] -= slope[:kinds] * span_s[stop, None]


def _row_before(departures: StopDepartures) -> IntArray:
    """Return for each departure the one before it of its pattern and position at the stop; itself for the first."""
    stop = np.repeat(np.arange(len(departures.kinds)), np.diff(departures.stop_ptr))
    order = np.lexsort((np.arange(len(stop)), departures.kind, stop))
    found = np.arange(len(stop))
    same = (np.diff(stop[order]) == 0) & (np.diff(departures.kind[order]) == 0)
    found[order[1:][same]] = order[:-1][same]
    return found
