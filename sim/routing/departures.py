"""Departures of a service day by stop, in order of time, with what people know of each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.service import Service
from sim.routing.ragged import pointers
from sim.routing.service_levels import TripLevels, trips_by_pattern


@dataclass(frozen=True)
class PatternVisits:
    """The visits of all trips of a pattern.

    Attributes
    ----------
    pattern : int
    visit : ndarray of int, shape (trips, positions)
        Visits in order, at the stops that people on board reach (`StopPattern.reached_stops`).
    departure : ndarray of int, shape (trips, positions)
        Row of each among the departures; -1 where nobody may board.
    alights : ndarray of bool, shape (positions,)
    """

    pattern: int
    visit: IntArray
    departure: IntArray
    alights: BoolArray


@dataclass(frozen=True)
class StopDepartures:
    """Visits at which people may board; one row each, sorted by stop, then time, then visit.

    Attributes
    ----------
    stop_ptr : ndarray of int, shape (stops + 1,)
    visit : ndarray of int, shape (departures,)
    due_s : ndarray of float, shape (departures,)
        When the vehicle is due to leave, seconds after midnight.
    pattern, sequence : ndarray of int, shape (departures,)
        Pattern and position on it.
    kind : ndarray of int, shape (departures,)
        Number of the pattern and position among those of the stop.
    kinds : ndarray of int, shape (stops,)
        How many there are.
    rate_per_s : ndarray of float, shape (departures,)
        Vehicles per second of waiting in the gap before; 0 where people know when it comes.
    latest_s : ndarray of float, shape (departures,)
        See `TripLevels`.
    """

    stop_ptr: IntArray
    visit: IntArray
    due_s: FloatArray
    pattern: IntArray
    sequence: IntArray
    kind: IntArray
    kinds: IntArray
    rate_per_s: FloatArray
    latest_s: FloatArray

    def next_at(self, stop: IntArray, time_s: FloatArray) -> IntArray:
        """Return the first departure from stops that is due at a time or later; the end of the stop for none.

        Parameters
        ----------
        stop : ndarray of int, shape (n,)
        time_s : ndarray of float, shape (n,)
        """
        found = np.empty(len(stop), dtype=np.int64)
        order = np.argsort(stop, kind="stable")
        bounds = [0, *(np.flatnonzero(np.diff(stop[order])) + 1).tolist(), len(stop)]
        for first, end in pairwise(bounds):
            mine = order[first:end]
            if len(mine):
                part = slice(*self.stop_ptr[stop[mine[0]] : stop[mine[0]] + 2].tolist())
                found[mine] = part.start + np.searchsorted(self.due_s[part], time_s[mine])
        return found


def stop_departures(
    service: Service, levels: TripLevels, wait_share: float, stops: int
) -> tuple[StopDepartures, list[PatternVisits]]:
    """Sort the visits of a service by stop.

    Parameters
    ----------
    service : Service
    levels : TripLevels
    wait_share : float
        Expected wait as a share of the headway.
    stops : int
        Number of stops.
    """
    boards = np.zeros(len(service.visit_stop), dtype=np.bool_)
    parts: list[tuple[int, IntArray]] = []
    for trips in trips_by_pattern(service):
        number = int(service.trip_pattern[trips[0]])
        reached = service.patterns[number].reached_boards()
        visit = service.visit_ptr[trips][:, None] + np.arange(len(reached))
        boards[visit[:, :-1]] |= reached[:-1]
        parts.append((number, visit))
    rows = np.flatnonzero(boards)
    rows = rows[np.lexsort((rows, service.scheduled_departure_s[rows], service.visit_stop[rows]))]
    row_of = np.full(len(boards) + 1, -1, dtype=np.int64)
    row_of[rows] = np.arange(len(rows))
    stop, trip = service.visit_stop[rows], service.visit_trip[rows]
    kind, kinds = _kinds(stop, service.trip_pattern[trip], service.visit_sequence[rows], stops)
    headway_s = levels.headway_s[trip]
    rate = np.divide(1.0, wait_share * headway_s, out=np.zeros(len(rows)), where=headway_s > 0)
    departures = StopDepartures(
        stop_ptr=pointers(np.bincount(stop, minlength=stops)),
        visit=rows,
        due_s=service.scheduled_departure_s[rows],
        pattern=service.trip_pattern[trip],
        sequence=service.visit_sequence[rows],
        kind=kind,
        kinds=kinds,
        rate_per_s=rate,
        latest_s=2.0 * wait_share * levels.latest_s[trip],
    )
    visits = []
    for number, visit in parts:
        departure = row_of[visit]
        # People reach more stops than they may board at for this pattern.
        departure[:, ~service.patterns[number].reached_boards()] = -1
        departure[:, -1] = -1
        visits.append(PatternVisits(number, visit, departure, service.patterns[number].reached_alights()))
    return departures, visits


def _kinds(stop: IntArray, pattern: IntArray, sequence: IntArray, stops: int) -> tuple[IntArray, IntArray]:
    """Return the number of the pattern and position of each departure at its stop, and how many each stop has."""
    kinds, kind = np.unique(np.stack([stop, pattern, sequence], axis=1), axis=0, return_inverse=True)
    first = np.searchsorted(kinds[:, 0], np.arange(stops + 1))
    return kind.reshape(-1) - first[stop], np.diff(first)
