"""Places on vehicles by where and when: what was seen there, what the plan foresees, and what has been booked.

A place is on the vehicles of a stop pattern that leave one of its stops in a stretch of time. It is the same for
everybody who rides there, wherever they come from and go to, so that bookings of different journeys fill the same
places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.population.crowding import crowding_multiplier, crowding_slope
from sim.population.observation import VisitFacts
from sim.population.traced_journeys import visits_ridden


@dataclass(frozen=True)
class PlaceGrid:
    """Numbers of the places: positions on stop patterns, one pattern after the other, by stretch of time.

    Attributes
    ----------
    visit_position : ndarray of int, shape (visits,)
        Position on a stop pattern of each visit.
    width_s : float
        Length of a stretch.
    stretches, positions : int
    """

    visit_position: IntArray
    width_s: float
    stretches: int
    positions: int

    @classmethod
    def of(cls, service: Service, width_s: float) -> PlaceGrid:
        """Give the places of a service their numbers.

        Parameters
        ----------
        service : Service
        width_s : float
            That of departure windows. Of all vehicles of a quarter of an hour together, in windows of a minute
            125 people with one question are sent to one of them
            (test_equal_questions_fill_one_vehicle_after_the_other). Single vehicles of the timetable would not do where
            headways are random: each comes at another time on every day.
        """
        lengths = [len(pattern.stops) for pattern in service.patterns]
        first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        position = first[service.trip_pattern[service.visit_trip]] + service.visit_sequence
        stretches = int(np.nanmax(service.scheduled_arrival_s, initial=0.0) // width_s) + LATE_STRETCHES
        return cls(position, width_s, stretches, int(first[-1]))

    def place(self, visit: IntArray, departure_s: FloatArray) -> IntArray:
        """Return the number of the place that vehicles offer which leave at some times.

        Parameters
        ----------
        visit : ndarray of int
        departure_s : ndarray of float
            Seconds after midnight.
        """
        stretch = np.clip(np.nan_to_num(departure_s) // self.width_s, 0, self.stretches - 1).astype(np.int64)
        number: IntArray = self.visit_position[visit] * self.stretches + stretch
        return number

    def total(self, place: IntArray, values: FloatArray | IntArray | None = None) -> FloatArray:
        """Sum values by place, shape (places,)."""
        return np.bincount(place, values, self.positions * self.stretches).astype(np.float64)


LATE_STRETCHES = 2
"""Stretches of time after the last arrival of the timetable; later vehicles count in the last of them."""


@dataclass(frozen=True)
class Followers:
    """Rides of those who followed advice on an observed day.

    Attributes
    ----------
    board, alight : ndarray of int, shape (rides,)
        Visits.
    """

    board: IntArray
    alight: IntArray


@dataclass(frozen=True)
class PlaceTraffic:
    """What was seen at each place; arrays of shape (places,), means over days.

    Attributes
    ----------
    grid : PlaceGrid
    load, capacity : ndarray of float
        Riders and room on the vehicles that leave.
    followers : ndarray of float
        Riders among them who follow advice.
    running_s : ndarray of float
        To the next stop.
    headway_s : ndarray of float, shape (positions,)
        Between vehicles that leave a position, mean over the day.
    """

    grid: PlaceGrid
    load: FloatArray
    capacity: FloatArray
    followers: FloatArray
    running_s: FloatArray
    headway_s: FloatArray

    @classmethod
    def of(cls, grid: PlaceGrid, days: Sequence[tuple[VisitFacts, Followers]]) -> PlaceTraffic:
        """Take the means of observed days."""
        size, count = grid.positions * grid.stretches, max(len(days), 1)
        load, capacity, followed, ran_s, ran = (np.zeros(size) for _ in range(5))
        headway_s = np.zeros(grid.positions)
        for facts, followers in days:
            visit = np.flatnonzero(np.isfinite(facts.departure_s) & ~facts.is_last)
            place = grid.place(visit, facts.departure_s[visit])
            load += grid.total(place, facts.load[visit])
            capacity += grid.total(place, facts.capacity[visit])
            took_s = facts.arrival_s[visit + 1] - facts.arrival_s[visit]
            known = np.isfinite(took_s)
            ran_s += grid.total(place[known], took_s[known])
            ran += grid.total(place[known])
            followed += grid.total(places_ridden(grid, facts, followers.board, followers.alight)[1])
            headway_s += _headways_s(grid.visit_position[visit], facts.departure_s[visit], grid.positions) / count
        running_s = np.divide(ran_s, ran, out=np.zeros(size), where=ran > 0)
        return cls(grid, load / count, capacity / count, followed / count, running_s, headway_s)


def places_ridden(grid: PlaceGrid, facts: VisitFacts, board: IntArray, alight: IntArray) -> tuple[IntArray, IntArray]:
    """Return the places that rides take on a day: the number of the ride, and that of the place.

    Parameters
    ----------
    grid : PlaceGrid
    facts : VisitFacts
        Of the day.
    board, alight : ndarray of int, shape (rides,)
        Visits.
    """
    ride, visit = visits_ridden(board, alight)
    # A vehicle that goes on as another trip leaves the stop between them once, as that trip.
    leaves = np.isfinite(facts.departure_s[visit]) & ~facts.is_last[visit]
    return ride[leaves], grid.place(visit[leaves], facts.departure_s[visit[leaves]])


def _headways_s(position: IntArray, leaves_s: FloatArray, positions: int) -> FloatArray:
    """Return the mean time between vehicles that leave each position, shape (positions,); 0 where at most one does."""
    first_s, last_s = np.full(positions, np.inf), np.full(positions, -np.inf)
    np.minimum.at(first_s, position, leaves_s)
    np.maximum.at(last_s, position, leaves_s)
    apart = np.bincount(position, minlength=positions) - 1
    found: FloatArray = np.divide(last_s - first_s, apart, out=np.zeros(positions), where=apart > 0)
    return found


@dataclass
class PlaceLedger:
    """What may be given out at each place, and what has been; arrays of shape (places,), in persons.

    Attributes
    ----------
    traffic : PlaceTraffic
    preferences : PreferenceParameters
    planned : ndarray of float
        People whom the plan puts there, counted as those who ask are: by the chance that they are there.
    quota : ndarray of float
        Persons whom the advisor may put there: those of the plan, or more where there is room without them.
    booked, placed : ndarray of float
        Bookings that may be kept or not, and those of them that took places of the quota.
    came, came_placed : ndarray of float
        The same of bookings that are known to be kept.
    """

    traffic: PlaceTraffic
    preferences: PreferenceParameters
    planned: FloatArray
    quota: FloatArray
    booked: FloatArray = field(init=False)
    placed: FloatArray = field(init=False)
    came: FloatArray = field(init=False)
    came_placed: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Begin without bookings."""
        self.clear()

    @classmethod
    def of(
        cls, traffic: PlaceTraffic, planned: FloatArray, preferences: PreferenceParameters, target_load_factor: float
    ) -> PlaceLedger:
        """Give out what the plan uses, and as much more as there is room for.

        Parameters
        ----------
        traffic : PlaceTraffic
        planned : ndarray of float, shape (places,)
        preferences : PreferenceParameters
        target_load_factor : float
            Up to which vehicles are filled by advice.
        """
        room = target_load_factor * traffic.capacity - (traffic.load - traffic.followers)
        return cls(traffic, preferences, planned, np.maximum(planned, np.maximum(room, 0.0)))

    def clear(self) -> None:
        """Forget all bookings."""
        self.booked, self.placed, self.came, self.came_placed = (np.zeros(len(self.quota)) for _ in range(4))

    def take(self, places: Mapping[int, float], has_place: bool, sign: float = 1.0, *, came: bool = False) -> None:
        """Count a booking, or with a sign of -1 give it back.

        Parameters
        ----------
        places : mapping of int to float
            Places with the chance that it is this one.
        has_place : bool
            Whether it takes places of the quota.
        sign : float
        came : bool
            Whether it is known to be kept.
        """
        number, share = _columns(places)
        booked, placed = (self.came, self.came_placed) if came else (self.booked, self.placed)
        np.add.at(booked, number, sign * share)
        if has_place:
            # The very places that `left` asks for, or else a quota could be passed
            # (tests/unit/test_booking.py: test_quotas_are_never_exceeded).
            number, share = _needed(places)
            np.add.at(placed, number, sign * share)

    def left(self, places: Mapping[int, float], show_share: float) -> int:
        """Return how many more may book a way: the least over its places, counting those who book and do not come.

        Parameters
        ----------
        places : mapping of int to float
        show_share : float
            Share of bookings that are kept.
        """
        number, share = _needed(places)
        return _whole_people(self._bookable(number, show_share) / share)

    def left_each(self, places: scipy.sparse.csr_array, show_share: float) -> list[int]:
        """Return the same for each of several ways.

        Parameters
        ----------
        places : sparse array of float, shape (ways, places)
            The chance to be on board at each place.
        show_share : float
        """
        number, share, way = places.indices.astype(np.int64), places.data, _way_of(places)
        needed = share > LEAST_SHARE * _by_way(np.maximum, share, places, 0.0)[way]
        free = np.full(len(share), float(MOST_PLACES))
        free[needed] = self._bookable(number, show_share)[needed] / share[needed]
        return [_whole_people(np.array([least])) for least in _by_way(np.minimum, free, places, MOST_PLACES).tolist()]

    def _bookable(self, number: IntArray, show_share: float) -> FloatArray:
        """Return how many more may book at some places.

        Those who came are there, and not only expected: with all who are expected to come they must not be more than
        the quota, or whoever gives a booking back after them sends others to a full vehicle
        (tests/unit/test_place_ledger.py: test_whoever_came_counts_as_a_person).
        """
        found: FloatArray = (self.quota[number] - self.came_placed[number]) / show_share - self.placed[number]
        return found

    def foreseen(self, places: Mapping[int, float], show_share: float) -> int:
        """Return how many may book a way in all, whatever has been booked; else as `left`."""
        number, share = _needed(places)
        return _whole_people(self.quota[number] / show_share / share)

    def more_min(self, places: scipy.sparse.csr_array, show_share: float) -> tuple[FloatArray, FloatArray]:
        """Return what bookings beyond the plan make ways dearer by, for whoever takes them and for others, in minutes.

        Riders beyond the plan crowd the vehicles; where they pass the room there is, they and those behind them wait
        until vehicles have carried them off (a point queue, Vickrey 1969).

        Parameters
        ----------
        places : sparse array of float, shape (ways, places)
            The chance to be on board at each place.
        show_share : float
            Share of bookings that are kept.

        Returns
        -------
        tuple of ndarray of float, shape (ways,)
        """
        number, share, way = places.indices, places.data, _way_of(places)
        seen = self.traffic
        capacity, load = np.maximum(seen.capacity[number], 1.0), seen.load[number]
        expected = self.came[number] + self.booked[number] * show_share
        over = np.maximum(expected - self.planned[number], 0.0)
        crowding = self.preferences.crowding
        before, after = load / capacity, np.minimum((load + over) / capacity, MOST_LOAD_FACTOR)
        ride_min = self.preferences.in_vehicle_weight * seen.running_s[number] / 60.0 * share
        own = ride_min * (crowding_multiplier(crowding, after) - crowding_multiplier(crowding, before))
        others = ride_min * (after * crowding_slope(crowding, after) - before * crowding_slope(crowding, before))
        held_s = np.maximum(seen.headway_s[number // seen.grid.stretches], seen.grid.width_s)
        waits_s = np.maximum(load + over - capacity, 0.0) / capacity * held_s * np.minimum(share, 1.0)
        wait_min = self.preferences.wait_weight * _by_way(np.maximum, waits_s, places, 0.0) / 60.0
        ways = places.shape[0]
        return np.bincount(way, own, ways) + wait_min, np.bincount(way, others, ways) + wait_min


MOST_LOAD_FACTOR = 2.0
"""Load factors beyond it are no crowding but a queue (assumed)."""

LEAST_SHARE = 0.2
"""Vehicles that take a rider with less than this part of the chance of the likeliest ones are not needed for a place
(assumed): a rare way round may be full."""

MOST_PLACES = 1_000_000
"""Stands for any number: ways on foot take no places."""


def _needed(places: Mapping[int, float]) -> tuple[IntArray, FloatArray]:
    """Return the places that somebody must have, with the chance that it is this one."""
    number, share = _columns(places)
    needed = share > LEAST_SHARE * share.max(initial=0.0)
    return number[needed], share[needed]


def _whole_people(places: FloatArray) -> int:
    """Return for how many whole people there is room where each takes all of some places."""
    return int(np.clip(np.floor(places.min(initial=MOST_PLACES) + 1e-9), 0, MOST_PLACES))


def _way_of(places: scipy.sparse.csr_array) -> IntArray:
    return np.repeat(np.arange(places.shape[0]), np.diff(places.indptr))


def _by_way(found: np.ufunc, values: FloatArray, places: scipy.sparse.csr_array, empty: float) -> FloatArray:
    """Reduce values of the places of each way; `empty` for ways that take none."""
    reduced, some = np.full(places.shape[0], empty, dtype=np.float64), np.diff(places.indptr) > 0
    if some.any():
        reduced[some] = found.reduceat(values, places.indptr[:-1][some])
    return reduced


def _columns(places: Mapping[int, float]) -> tuple[IntArray, FloatArray]:
    number = np.fromiter(places.keys(), dtype=np.int64, count=len(places))
    return number, np.fromiter(places.values(), dtype=np.float64, count=len(places))
