"""Earliest arrivals on the timetable, from many origins at once, by number of transfers.

The connection scan algorithm (Dibbelt, Pajor, Strasser and Wagner 2013): every ride from a stop
to the next is a connection; one pass over all of them in order of departure finds where people
can be when. Here each step works on all origins and all numbers of transfers together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.service import Service
from sim.routing.walks import Walks

NOWHERE = -1


@dataclass(frozen=True)
class RideTaken:
    """A ride by the timetable.

    Attributes
    ----------
    trip : int
    board_visit, alight_visit : int
    walk_s : float
        Walk to the stop of boarding.
    ready_s : float
        When the wait for the trip begins, seconds after midnight.
    """

    trip: int
    board_visit: int
    alight_visit: int
    walk_s: float
    ready_s: float


@dataclass(frozen=True)
class TimetableJourney:
    """A journey by the timetable.

    Attributes
    ----------
    rides : tuple of RideTaken
    egress_s : float
    arrival_s : float
        At the destination, seconds after midnight.
    """

    rides: tuple[RideTaken, ...]
    egress_s: float
    arrival_s: float


class Connections:
    """The connections of a service day in order of departure.

    Parameters
    ----------
    service : Service
    walks : Walks
    stops : int
    """

    def __init__(self, service: Service, walks: Walks, stops: int) -> None:
        self.service = service
        self.stops = stops
        self.walks = walks
        self.visit_stop = service.visit_stop
        self.visit_trip = service.visit_trip
        self.boards: list[bool] = service.visit_boards.tolist()
        self.alights: list[bool] = service.visit_alights.tolist()
        # By visit that begins a trip which continues another one: the first visit of that other one.
        before = service.visit_ptr[:-1][service.goes_on]
        self.stays_from = dict(zip(service.through_visits.tolist(), before.tolist(), strict=True))
        visits = np.arange(len(service.scheduled_departure_s))
        last = np.zeros(len(visits), dtype=np.bool_)
        last[service.visit_ptr[1:] - 1] = True
        connections = visits[~last]
        order = np.lexsort((connections, service.scheduled_departure_s[connections]))
        self.visit: IntArray = connections[order]
        self.departure_s: FloatArray = service.scheduled_departure_s[self.visit]
        self.changes: dict[int, list[tuple[int, float]]] = {}
        table = walks.transfers
        for start, goal, walk_s in zip(table.start.tolist(), table.goal.tolist(), table.walk_s.tolist(), strict=True):
            self.changes.setdefault(start, []).append((goal, walk_s))
        self.change_s = {(start, goal): walk_s for start, changes in self.changes.items() for goal, walk_s in changes}
        self.ends_bounds = np.searchsorted(walks.ends.goal, np.arange(stops + 1))
        self.access_s = {
            (start, goal): walk_s
            for start, goal, walk_s in zip(
                walks.ends.start.tolist(), walks.ends.goal.tolist(), walks.ends.walk_s.tolist(), strict=True
            )
        }

    def scan(self, origins: IntArray, leave_s: float, max_transfers: int) -> Arrivals:
        """Find the earliest arrivals at all stops when leaving origins at a time.

        Parameters
        ----------
        origins : ndarray of int, shape (origins,)
        leave_s : float
            Seconds after midnight.
        max_transfers : int
        """
        return Arrivals(self, origins, leave_s, max_transfers)


class Arrivals:
    """Earliest arrivals from origins at one time of leaving; arrays (transfers + 1, stops, origins)."""

    def __init__(self, timetable: Connections, origins: IntArray, leave_s: float, max_transfers: int) -> None:
        self.timetable = timetable
        self.leave_s = leave_s
        self.origin_row = {int(origin): row for row, origin in enumerate(origins)}
        rounds, stops = max_transfers + 1, timetable.stops
        shape = (rounds, stops, len(origins))
        self.ready_s = np.full(shape, np.inf)
        self.came_from = np.full(shape, NOWHERE, dtype=np.int32)
        self.alight_s = np.full(shape, np.inf)
        self.boarded_at = np.full(shape, NOWHERE, dtype=np.int32)
        self.left_at = np.full(shape, NOWHERE, dtype=np.int32)
        for origin, row in self.origin_row.items():
            for (start, goal), walk_s in self._access(origin):
                self.ready_s[0, goal, row] = leave_s + walk_s
                self.came_from[0, goal, row] = start
        self._scan(rounds)

    def _access(self, origin: int) -> list[tuple[tuple[int, int], float]]:
        ends = self.timetable.walks.ends
        rows = np.flatnonzero(ends.start == origin)
        return [((origin, int(ends.goal[row])), float(ends.walk_s[row])) for row in rows]

    def _scan(self, rounds: int) -> None:
        timetable = self.timetable
        service, stop_of, trip_of = timetable.service, timetable.visit_stop, timetable.visit_trip
        aboard = np.full((rounds, len(service.trip_id), self.ready_s.shape[2]), NOWHERE, dtype=np.int32)
        first = int(np.searchsorted(timetable.departure_s, self.leave_s))
        departures = timetable.departure_s[first:].tolist()
        # Connections come in order of departure. So whoever can be at the stop in time is known when a connection is
        # looked at, and one pass finds all earliest arrivals (Dibbelt, Pajor, Strasser and Wagner 2018).
        for visit, departure_s in zip(timetable.visit[first:].tolist(), departures, strict=True):
            trip = int(trip_of[visit])
            on_trip = aboard[:, trip]
            if visit in timetable.stays_from:
                self._stay(aboard, trip, timetable.stays_from[visit])
            joins = (self.ready_s[:, stop_of[visit]] <= departure_s) & (on_trip == NOWHERE)
            if timetable.boards[visit] and joins.any():
                on_trip[joins] = visit
            elif not (on_trip != NOWHERE).any():
                continue
            self._arrive(visit + 1, on_trip)

    def _stay(self, aboard: np.ndarray[tuple[int, ...], np.dtype[np.int32]], trip: int, first: int) -> None:
        """Let those who boarded the trip before stay on board of the trip that continues it.

        `first` is the first visit of the trip before. Whoever boarded earlier than that has stayed once already and
        gets out here, since a ride leads over one such stop at most.
        """
        before = aboard[:, trip - 1]
        aboard[:, trip] = np.where(before >= first, before, aboard[:, trip])

    def _arrive(self, visit: int, on_trip: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> None:
        """Bring the people on a trip to the stop of one of its visits."""
        timetable = self.timetable
        if not timetable.alights[visit]:
            return
        stop, arrival_s = int(timetable.visit_stop[visit]), float(timetable.service.scheduled_arrival_s[visit])
        sooner = (on_trip != NOWHERE) & (arrival_s < self.alight_s[:, stop])
        if not sooner.any():
            return
        self.alight_s[:, stop][sooner] = arrival_s
        self.boarded_at[:, stop][sooner] = on_trip[sooner]
        self.left_at[:, stop][sooner] = visit
        for goal, walk_s in timetable.changes.get(stop, ()):
            # A change makes a round more: with k changes people are ready for ride k + 1.
            earlier = sooner[:-1] & (arrival_s + walk_s < self.ready_s[1:, goal])
            self.ready_s[1:, goal][earlier] = arrival_s + walk_s
            self.came_from[1:, goal][earlier] = stop

    def journeys(self, origin: int, destination: int) -> list[TimetableJourney]:
        """Return the journeys to a destination, fewest transfers first; each with more arrives sooner."""
        ends, bounds = self.timetable.walks.ends, self.timetable.ends_bounds
        part = slice(int(bounds[destination]), int(bounds[destination + 1]))
        row = self.origin_row[origin]
        arrivals_s = self.alight_s[:, ends.start[part], row] + ends.walk_s[part]
        found: list[TimetableJourney] = []
        for transfers, place in enumerate(arrivals_s.argmin(axis=1).tolist()):
            arrival_s = float(arrivals_s[transfers, place])
            if np.isfinite(arrival_s) and (not found or arrival_s < found[-1].arrival_s):
                last = int(ends.start[part][place])
                rides = self._rides(row, last, transfers)
                found.append(TimetableJourney(rides, float(ends.walk_s[part][place]), arrival_s))
        return found

    def _rides(self, row: int, stop: int, transfers: int) -> tuple[RideTaken, ...]:
        timetable = self.timetable
        rides = []
        for round_ in range(transfers, -1, -1):
            board, alight = int(self.boarded_at[round_, stop, row]), int(self.left_at[round_, stop, row])
            at = int(timetable.visit_stop[board])
            stop = int(self.came_from[round_, at, row])
            walk_s = (timetable.change_s if round_ else timetable.access_s)[stop, at]
            trip = int(timetable.visit_trip[board])
            rides.append(RideTaken(trip, board, alight, walk_s, float(self.ready_s[round_, at, row])))
        return tuple(rides[::-1])
