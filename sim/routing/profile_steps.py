"""One ride more of the search of ways by the hour, array by array; compiled where that can be.

The compiled loops do the same operation by operation, and give the same bits
(tests/unit/test_routing_profile_steps.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import Loops, loops
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.routing.departures import PatternVisits, StopDepartures
from sim.routing.ragged import pointers
from sim.routing.waiting_by_frequency import NEVER_S, TIE_S, WaitingByFrequency

ShortArray = NDArray[np.int16]


class Room:
    """Memory for the ways on to some destinations, taken again for the next ones.

    Fresh pages cost as much as what is written to them. Only who is done with the ways that a search found before may
    hand the same room to it.
    """

    def __init__(self) -> None:
        self._pieces: dict[tuple[str, int], NDArray[Any]] = {}

    def array(self, name: str, ride: int, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array whose numbers are still to be written.

        Parameters
        ----------
        name : str
        ride : int
            Rides left, less one; arrays of the same name and ride share their memory.
        shape : tuple of int
        dtype : dtype
        """
        size = math.prod(shape)
        piece = self._pieces.get((name, ride))
        if piece is None or len(piece) < size:
            piece = self._pieces[name, ride] = np.empty(size, dtype=dtype)
        return piece[:size].reshape(shape)


@dataclass(frozen=True)
class ChangeEdges:
    """The changes after getting out at each visit: walks to other departures.

    Attributes
    ----------
    ptr : ndarray of int, shape (visits + 1,)
    cost_s : ndarray of float, shape (edges,)
        Of the change and the walk; not negative.
    row, share, early_s, none : ndarray, shape (edges,)
        Where people then are; see `Places`.
    """

    ptr: IntArray
    cost_s: FloatArray
    row: IntArray
    share: FloatArray
    early_s: FloatArray
    none: BoolArray


def known_weight(preferences: PreferenceParameters) -> float:
    """Return the weight of waiting for a vehicle whose time one knows: at most that of time on board.

    People that know the time need not stand at the stop. If such a wait counted for more than riding, they would ride
    to and fro to shorten it (tests/functional/test_routing_by_hour.py).

    Parameters
    ----------
    preferences : PreferenceParameters
    """
    return min(preferences.wait_weight, preferences.in_vehicle_weight)


def profile_steps(
    service: Service,
    departures: StopDepartures,
    patterns: list[PatternVisits],
    edges: ChangeEdges,
    preferences: PreferenceParameters,
) -> ProfileSteps:
    """Return the steps of the search, compiled where there is a library.

    Parameters
    ----------
    service : Service
    departures : StopDepartures
    patterns : list of PatternVisits
    edges : ChangeEdges
    preferences : PreferenceParameters
    """
    library = loops()
    if library is None:
        return ProfileSteps(service, departures, patterns, edges, preferences)
    return CompiledSteps(library, service, departures, patterns, edges, preferences)


class ProfileSteps:
    """The steps in NumPy.

    Parameters
    ----------
    service : Service
    departures : StopDepartures
    patterns : list of PatternVisits
    edges : ChangeEdges
    preferences : PreferenceParameters
    """

    def __init__(
        self,
        service: Service,
        departures: StopDepartures,
        patterns: list[PatternVisits],
        edges: ChangeEdges,
        preferences: PreferenceParameters,
    ) -> None:
        self.service = service
        self.departures = departures
        self.patterns = patterns
        self.edges = edges
        self.preferences = preferences
        self.first_of_time = _first_of_time(departures)
        self.row_before = _row_before(departures)
        gap_s = departures.due_s - departures.due_s[self.row_before]
        self.per_gap: FloatArray = np.divide(1.0, gap_s, out=np.zeros(len(gap_s)), where=gap_s > 0)
        stops = len(departures.stop_ptr) - 1
        stop_of = np.repeat(np.arange(stops), np.diff(departures.stop_ptr))
        self.by_frequency: BoolArray = np.bincount(stop_of, departures.rate_per_s > 0, stops) > 0
        self.room, self.rides = Room(), 0

    def into(self, room: Room, rides: int) -> None:
        """Say whose memory the next steps may write to; those in NumPy take fresh one.

        Parameters
        ----------
        room : Room
        rides : int
            Rides left, less one.
        """
        self.room, self.rides = room, rides

    def _array(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        return self.room.array(name, self.rides, shape, dtype)

    def get_out(
        self, goal_s: FloatArray, before_s: FloatArray, after_s: FloatArray, changes: bool
    ) -> tuple[FloatArray, ShortArray]:
        """Return what going on costs after getting out at each visit, and the number of the change; -1 for none.

        Parameters
        ----------
        goal_s : ndarray of float, shape (stops, destinations)
            Cost of the walk to destinations.
        before_s, after_s : ndarray of float, shape (departures, destinations)
            Cost of waiting with one ride fewer; see `WaysOn`.
        changes : bool
            Whether there are rides left.
        """
        out_s = goal_s[self.service.visit_stop]
        change = np.full(out_s.shape, -1, dtype=np.int16)
        count, edges, weight = np.diff(self.edges.ptr), self.edges, known_weight(self.preferences)
        for number in range(int(count.max(initial=0)) if changes else 0):
            visit = np.flatnonzero(count > number)
            edge = edges.ptr[visit] + number
            at_s = before_s[edges.row[edge]]
            found_s = at_s + edges.share[edge, None] * (after_s[edges.row[edge] - 1] - at_s)
            found_s += weight * edges.early_s[edge, None]
            found_s[edges.none[edge]] = NEVER_S
            found_s += edges.cost_s[edge, None]
            better = found_s < out_s[visit] - TIE_S
            out_s[visit] = np.where(better, found_s, out_s[visit])
            change[visit] = np.where(better, np.int16(number), change[visit])
        return out_s, change

    def ride(self, out_s: FloatArray) -> tuple[FloatArray, ShortArray]:
        """Return what going on in each vehicle costs, and the position at which to get out.

        Trips are followed back from their last stop.

        Parameters
        ----------
        out_s : ndarray of float, shape (visits, destinations)
        """
        shape = (len(self.departures.visit), out_s.shape[1])
        onward_s, alight = np.full(shape, NEVER_S), np.zeros(shape, dtype=np.int16)
        for pattern in self.patterns:
            self._ride(pattern, out_s, onward_s, alight)
        return onward_s, alight

    def _ride(self, pattern: PatternVisits, out_s: FloatArray, onward_s: FloatArray, alight: ShortArray) -> None:
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

    def wait(self, onward_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the cost of waiting just before each departure, and just after it.

        Parameters
        ----------
        onward_s : ndarray of float, shape (departures, destinations)
        """
        before_s, after_s = np.full(onward_s.shape, NEVER_S), np.full(onward_s.shape, NEVER_S)
        departures, weight = self.departures, known_weight(self.preferences)
        served = np.diff(departures.stop_ptr) > 0
        for stop in np.flatnonzero(served & ~self.by_frequency).tolist():
            rows = slice(*departures.stop_ptr[stop : stop + 2].tolist())
            due_s = weight * departures.due_s[rows, None]
            least_s = np.minimum.accumulate((onward_s[rows] + due_s)[::-1])[::-1]
            before_s[rows] = least_s - due_s
            after_s[rows][:-1] = least_s[1:] - due_s[:-1]
        waiting = WaitingByFrequency(
            departures, self.by_frequency, self.row_before, self.per_gap, self.preferences.wait_weight, weight
        )
        waiting.fill(onward_s, before_s, after_s)
        return before_s, after_s

    def boards(self, onward_s: FloatArray, before_s: FloatArray, after_s: FloatArray) -> BoolArray:
        """Tell which vehicles are worth boarding, shape (departures, destinations).

        Of vehicles that leave at the same time those that are best; of a line by frequency only what beats waiting.

        Parameters
        ----------
        onward_s, before_s, after_s : ndarray of float, shape (departures, destinations)
        """
        departures = self.departures
        least_s = before_s[self.first_of_time] + self.preferences.wait_weight * departures.latest_s[:, None] + TIE_S
        boards: BoolArray = (onward_s < NEVER_S / 2) & (onward_s <= least_s)
        boards &= (departures.rate_per_s == 0)[:, None] | (onward_s < after_s + TIE_S)
        return boards


class CompiledSteps(ProfileSteps):
    """The steps in C.

    Parameters
    ----------
    library : Loops
    service : Service
    departures : StopDepartures
    patterns : list of PatternVisits
    edges : ChangeEdges
    preferences : PreferenceParameters
    """

    def __init__(
        self,
        library: Loops,
        service: Service,
        departures: StopDepartures,
        patterns: list[PatternVisits],
        edges: ChangeEdges,
        preferences: PreferenceParameters,
    ) -> None:
        super().__init__(service, departures, patterns, edges, preferences)
        self.library = library
        whole = np.zeros(0, dtype=np.int64)
        self._visit = np.concatenate([whole, *(pattern.visit.reshape(-1) for pattern in patterns)])
        self._departure = np.concatenate([whole, *(pattern.departure.reshape(-1) for pattern in patterns)])
        self._alights = np.concatenate(
            [whole.astype(np.bool_), *(np.tile(pattern.alights, len(pattern.visit)) for pattern in patterns)]
        )
        lengths = [np.full(len(pattern.visit), pattern.visit.shape[1]) for pattern in patterns]
        self._trip_ptr = pointers(np.concatenate([whole, *lengths]))
        # A service built in Python may count whole seconds in integers.
        times = service.scheduled_arrival_s, service.scheduled_departure_s, departures.due_s
        self._arrival_s, self._departure_s, self._due_s = (np.ascontiguousarray(time, np.float64) for time in times)
        self._visit_stop = np.ascontiguousarray(service.visit_stop, np.int64)

    def get_out(
        self, goal_s: FloatArray, before_s: FloatArray, after_s: FloatArray, changes: bool
    ) -> tuple[FloatArray, ShortArray]:
        """Return what going on costs after getting out at each visit, and the number of the change."""
        visit_stop, columns, edges = self._visit_stop, goal_s.shape[1], self.edges
        shape = len(visit_stop), columns
        # What getting out costs is read once, on the ride that follows.
        out_s, change = self.room.array("out_s", 0, shape, np.float64), self._array("change", shape, np.int16)
        ptr = edges.ptr if changes else np.zeros_like(edges.ptr)
        self.library.peakshift_profile_get_out(
            *(len(visit_stop), columns, visit_stop, goal_s, ptr),
            *(edges.row, edges.share, edges.early_s, edges.none, edges.cost_s),
            *(before_s, after_s, known_weight(self.preferences), out_s, change),
        )
        return out_s, change

    def ride(self, out_s: FloatArray) -> tuple[FloatArray, ShortArray]:
        """Return what going on in each vehicle costs, and the position at which to get out."""
        shape = (len(self.departures.visit), out_s.shape[1])
        onward_s, alight = self._array("onward_s", shape, np.float64), self._array("alight", shape, np.int16)
        self.library.peakshift_profile_ride(
            *(len(self._trip_ptr) - 1, shape[1], self._trip_ptr, self._visit, self._departure, self._alights),
            *(self._arrival_s, self._departure_s),
            *(self.preferences.in_vehicle_weight, out_s),
            *(np.empty(shape[1]), np.empty(shape[1], dtype=np.int16), onward_s, alight),
        )
        return onward_s, alight

    def wait(self, onward_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the cost of waiting just before each departure, and just after it."""
        departures, columns = self.departures, onward_s.shape[1]
        before_s, after_s = (self._array(name, onward_s.shape, np.float64) for name in ("before_s", "after_s"))
        kinds = int(departures.kinds.max(initial=0))
        self.library.peakshift_profile_wait(
            *(len(departures.kinds), columns, departures.stop_ptr, self.by_frequency, departures.kinds),
            *(self._due_s, departures.kind, departures.rate_per_s, departures.latest_s),
            *(self.row_before, self.per_gap, self.preferences.wait_weight, known_weight(self.preferences), onward_s),
            *(np.empty((2 * kinds + 5) * columns + kinds), before_s, after_s),
        )
        return before_s, after_s

    def boards(self, onward_s: FloatArray, before_s: FloatArray, after_s: FloatArray) -> BoolArray:
        """Tell which vehicles are worth boarding, shape (departures, destinations)."""
        departures, boards = self.departures, self._array("boards", onward_s.shape, np.bool_)
        self.library.peakshift_profile_board(
            *(*onward_s.shape, self.first_of_time, departures.rate_per_s, departures.latest_s),
            *(self.preferences.wait_weight, onward_s, before_s, after_s, boards),
        )
        return boards


def _first_of_time(departures: StopDepartures) -> IntArray:
    """Return for each departure the first one from the stop that is due at the same time."""
    rows = np.arange(len(departures.visit))
    again = np.zeros(len(rows), dtype=np.bool_)
    again[1:] = np.diff(departures.due_s) == 0
    again[departures.stop_ptr[:-1][departures.stop_ptr[:-1] < len(rows)]] = False
    return np.maximum.accumulate(np.where(again, 0, rows))


def _row_before(departures: StopDepartures) -> IntArray:
    """Return for each departure the one before it of its pattern and position at the stop; itself for the first."""
    stop = np.repeat(np.arange(len(departures.kinds)), np.diff(departures.stop_ptr))
    order = np.lexsort((np.arange(len(stop)), departures.kind, stop))
    found = np.arange(len(stop))
    same = (np.diff(stop[order]) == 0) & (np.diff(departures.kind[order]) == 0)
    found[order[1:][same]] = order[:-1][same]
    return found
