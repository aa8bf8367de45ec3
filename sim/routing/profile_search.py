"""The cheapest way on to some destinations from every stop at every time of the day.

Time-dependent optimal strategies (after Spiess and Florian 1989, with departures of the day in place of one headway):
for each number of rides, backwards over the departures of each stop, what it costs to wait there, and which vehicles
are worth boarding. A vehicle is boarded where going on with it costs less than waiting for others at that very time.

What waiting costs follows from what people know (`sim.routing.service_levels`). The vehicle they know is waited for
until its time, which counts as time on board. Of the others they expect each at any moment with the chance that its
frequency gives, so that where the frequencies do not change the cost is that of Spiess and Florian. It is never more
than a headway of waiting for the next vehicle of a line and going on with it. Where everything is known the search is a
profile connection scan (Dibbelt et al. 2013) with costs in place of arrivals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.model.service import Service
from sim.routing.departures import StopDepartures, stop_departures
from sim.routing.profile_steps import ChangeEdges, Room, ShortArray, known_weight, profile_steps
from sim.routing.ragged import rows_of
from sim.routing.service_levels import TripLevels
from sim.routing.waiting_by_frequency import NEVER_S
from sim.routing.walks import Walks, WalkTable


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
        self._steps = profile_steps(service, self.departures, self.patterns, self._change_edges(), preferences)

    def _change_edges(self) -> ChangeEdges:
        """Return the changes after getting out at each visit, by number."""
        visit_stop, preferences = self.service.visit_stop, self.preferences
        edge, ptr = rows_of(self.changes.ptr, visit_stop)
        visit = np.repeat(np.arange(len(visit_stop)), np.diff(ptr))
        walk_s = self.changes.walk_s[edge]
        time_s = self.service.scheduled_arrival_s[visit] + walk_s
        at = places(self.departures, self.changes.goal[edge], time_s)
        cost_s = preferences.transfer_penalty_s + preferences.walk_weight * walk_s
        return ChangeEdges(ptr, cost_s, at.row, at.share[:, 0], at.early_s[:, 0], at.none)

    def to(self, destinations: IntArray, most_rides: int, room: Room | None = None) -> list[WaysOn]:
        """Return ways on by number of rides left, from one ride on, as long as more rides help.

        Parameters
        ----------
        destinations : ndarray of int, shape (destinations,)
        most_rides : int
        room : Room or None
            Memory of ways on that nobody needs any more.
        """
        goal_s = self._walks_to(destinations)
        found: list[WaysOn] = []
        room = Room() if room is None else room
        for ride in range(most_rides):
            before = found[-1] if found else None
            found.append(self._one_ride_more(goal_s, before, room, ride))
            if before is not None and np.array_equal(found[-1].before_s, before.before_s):
                return found[:-1]
        return found

    def straight_to(self, goals: IntArray) -> WaysOn:
        """Return ways on by one ride that ends at a stop itself, of several goals.

        Parameters
        ----------
        goals : ndarray of int, shape (goals,)
        """
        goal_s = np.full((self.stops, len(goals)), NEVER_S)
        goal_s[goals, np.arange(len(goals))] = 0.0
        return self._one_ride_more(goal_s, None, Room(), 0)

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
        cost_s += known_weight(self.preferences) * at.early_s
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
        cost_s += known_weight(self.preferences) * at.early_s[:, 0]
        return np.where(at.none, NEVER_S, cost_s)

    def _one_ride_more(self, goal_s: FloatArray, before: WaysOn | None, room: Room, ride: int) -> WaysOn:
        steps = self._steps
        none_s = np.zeros((0, goal_s.shape[1]))
        later = (none_s, none_s) if before is None else (before.before_s, before.after_s)
        steps.into(room, ride)
        out_s, change = steps.get_out(goal_s, *later, changes=before is not None)
        onward_s, alight = steps.ride(out_s)
        before_s, after_s = steps.wait(onward_s)
        boards = steps.boards(onward_s, before_s, after_s)
        return WaysOn(before_s, after_s, onward_s, boards, alight, change)

    def waiting(self, ways_on: WaysOn) -> WaysOn:
        """Return ways on of another search with what people here make of waiting.

        Parameters
        ----------
        ways_on : WaysOn
            Of a search over the same departures.
        """
        self._steps.into(Room(), 0)
        before_s, after_s = self._steps.wait(ways_on.onward_s)
        boards = self._steps.boards(ways_on.onward_s, before_s, after_s)
        return replace(ways_on, before_s=before_s, after_s=after_s, boards=boards)
