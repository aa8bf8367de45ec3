"""Direct legs between stops, each with its attractive set of patterns, all in arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import AS_PLANNED, LegTable
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.routing.legs import DirectLeg, Ride
from sim.routing.patterns import PatternOffer
from sim.routing.ragged import pointers, rows_of


@dataclass(frozen=True)
class DirectLegs:
    """The direct leg of every pair of stops that a pattern joins, sorted by goal, then start.

    Attributes
    ----------
    start, goal : ndarray of int, shape (legs,)
        Stops of boarding and alighting.
    ride_ptr : ndarray of int, shape (legs + 1,)
        First row of each leg in the columns of rides.
    pattern, board, alight : ndarray of int, shape (rides,)
        All rides from start to goal, one for each pattern: the shorter first, then the lower row.
    ride_s, headway_s, free_ride_s : ndarray of float, shape (rides,)
        Scheduled ride, mean time between two vehicles, ride at free running times.
    chosen : ndarray of int, shape (legs,)
        How many of the rides are worth boarding: the attractive set is the first of them.
    wait_s, mean_ride_s, least_free_s, cost_s : ndarray of float, shape (legs,)
        Expected wait, ride and generalized cost over the attractive set, and its least ride at free running times.
    """

    start: IntArray
    goal: IntArray
    ride_ptr: IntArray
    pattern: IntArray
    board: IntArray
    alight: IntArray
    ride_s: FloatArray
    headway_s: FloatArray
    free_ride_s: FloatArray
    chosen: IntArray
    wait_s: FloatArray
    mean_ride_s: FloatArray
    least_free_s: FloatArray
    cost_s: FloatArray

    def __len__(self) -> int:
        """Count the legs."""
        return len(self.start)

    def rides(self, leg: int, most: int | None = None) -> list[Ride]:
        """Return the rides of a leg, the shortest first; all of them, or so many."""
        first, last = int(self.ride_ptr[leg]), int(self.ride_ptr[leg + 1])
        rows = slice(first, last if most is None else first + most)
        columns = (self.ride_s, self.pattern, self.board, self.alight, self.headway_s, self.free_ride_s)
        return [Ride(*ride) for ride in zip(*(column[rows].tolist() for column in columns), strict=True)]

    def leg(self, leg: int) -> DirectLeg:
        """Return a leg with its attractive set."""
        return DirectLeg(
            rides=tuple(self.rides(leg, int(self.chosen[leg]))),
            wait_s=float(self.wait_s[leg]),
            ride_s=float(self.mean_ride_s[leg]),
            free_ride_s=float(self.least_free_s[leg]),
            cost_s=float(self.cost_s[leg]),
        )

    def between(self, start: int, goal: int) -> int:
        """Return the leg from a stop to another one, which must be there."""
        first, last = np.searchsorted(self.goal, (goal, goal + 1))
        return int(first + np.searchsorted(self.start[first:last], start))

    def costs_to(self, goal: int) -> dict[int, float]:
        """Return the cost of the leg to a stop from each stop that has one, equivalent seconds."""
        part = slice(*np.searchsorted(self.goal, (goal, goal + 1)).tolist())
        return dict(zip(self.start[part].tolist(), self.cost_s[part].tolist(), strict=True))

    def table(self, used: IntArray) -> LegTable:
        """Return legs that journeys name as a table.

        Parameters
        ----------
        used : ndarray of int, shape (legs used,)
        """
        rides, _ = rows_of(self.ride_ptr, used)
        place, sizes = np.arange(len(rides)), np.diff(self.ride_ptr)[used]
        worth = place - np.repeat(pointers(sizes)[:-1], sizes) < np.repeat(self.chosen[used], sizes)
        rides = rides[worth]
        return LegTable(
            board_stop=self.start[used],
            alight_stop=self.goal[used],
            set_ptr=pointers(self.chosen[used]),
            pattern=self.pattern[rides],
            board_sequence=self.board[rides],
            alight_sequence=self.alight[rides],
            from_s=np.full(len(rides), -np.inf),
            until_s=np.full(len(rides), np.inf),
            wait_s=self.wait_s[used],
            ride_s=self.mean_ride_s[used],
            free_ride_s=self.least_free_s[used],
            next_leg=np.full(len(rides), AS_PLANNED, dtype=np.int64),
            next_walk_s=np.zeros(len(rides)),
            fallback_ptr=np.zeros(len(used) + 1, dtype=np.int64),
            fallback_from_s=np.zeros(0),
            fallback_leg=np.zeros(0, dtype=np.int64),
            fallback_walk_s=np.zeros(0),
        )


def direct_legs(
    offers: Iterable[PatternOffer], journeys: JourneyParameters, preferences: PreferenceParameters
) -> DirectLegs:
    """Find the attractive set of every pair of stops that a pattern joins directly.

    Parameters
    ----------
    offers : iterable of PatternOffer
    journeys : JourneyParameters
        Share of the headway that is waited.
    preferences : PreferenceParameters
        Weights of waiting and riding.
    """
    rides = _sorted(_all_rides(offers))
    new = np.ones(len(rides.start), dtype=np.bool_)
    new[1:] = (np.diff(rides.goal) != 0) | (np.diff(rides.start) != 0)
    first = np.flatnonzero(new)
    ride_ptr = np.append(first, len(new)).astype(np.int64)
    chosen, wait_s, mean_ride_s, cost_s = _attractive_sets(rides, ride_ptr, journeys, preferences)
    sizes = np.diff(ride_ptr)
    place = np.arange(len(new)) - np.repeat(first, sizes)
    free_s = np.where(place < np.repeat(chosen, sizes), rides.free_ride_s, np.inf)
    return DirectLegs(
        start=rides.start[first],
        goal=rides.goal[first],
        ride_ptr=ride_ptr,
        pattern=rides.pattern,
        board=rides.board,
        alight=rides.alight,
        ride_s=rides.ride_s,
        headway_s=rides.headway_s,
        free_ride_s=rides.free_ride_s,
        chosen=chosen,
        wait_s=wait_s,
        mean_ride_s=mean_ride_s,
        least_free_s=np.minimum.reduceat(free_s, first) if len(first) else np.zeros(0),
        cost_s=cost_s,
    )


@dataclass(frozen=True)
class _DirectRides:
    """Rides as columns; see `DirectLegs`."""

    start: IntArray
    goal: IntArray
    pattern: IntArray
    board: IntArray
    alight: IntArray
    ride_s: FloatArray
    headway_s: FloatArray
    free_ride_s: FloatArray

    def at(self, rows: IntArray | BoolArray) -> _DirectRides:
        """Return some of the rides."""
        return _DirectRides(
            self.start[rows],
            self.goal[rows],
            self.pattern[rows],
            self.board[rows],
            self.alight[rows],
            self.ride_s[rows],
            self.headway_s[rows],
            self.free_ride_s[rows],
        )


def _all_rides(offers: Iterable[PatternOffer]) -> _DirectRides:
    """Return every ride of every pattern, in order of pattern, boarding and alighting."""
    found: list[_DirectRides] = []
    for offer in offers:
        length = len(offer.stops)
        later = np.arange(length)[:, None] < np.arange(length)
        apart = offer.stops[:, None] != offer.stops
        board, alight = np.nonzero(offer.boards[:, None] & offer.alights & later & apart)
        found.append(
            _DirectRides(
                start=offer.stops[board],
                goal=offer.stops[alight],
                pattern=np.full(len(board), offer.pattern, dtype=np.int64),
                board=board,
                alight=alight,
                ride_s=offer.arrival_s[alight] - offer.departure_s[board],
                headway_s=np.full(len(board), offer.headway_s),
                free_ride_s=offer.free_s[alight] - offer.free_s[board],
            )
        )
    whole, real = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    return _DirectRides(
        start=np.concatenate([*(part.start for part in found), *whole]),
        goal=np.concatenate([*(part.goal for part in found), *whole]),
        pattern=np.concatenate([*(part.pattern for part in found), *whole]),
        board=np.concatenate([*(part.board for part in found), *whole]),
        alight=np.concatenate([*(part.alight for part in found), *whole]),
        ride_s=np.concatenate([*(part.ride_s for part in found), *real]),
        headway_s=np.concatenate([*(part.headway_s for part in found), *real]),
        free_ride_s=np.concatenate([*(part.free_ride_s for part in found), *real]),
    )


def _sorted(rides: _DirectRides) -> _DirectRides:
    """Return rides by goal, start, time and row; of rides on a pattern that passes a stop twice the best."""
    rides = rides.at(np.lexsort((rides.ride_s, rides.start, rides.goal)))
    by_pattern = np.lexsort((rides.pattern, rides.start, rides.goal))
    again = np.zeros(len(by_pattern), dtype=np.bool_)
    same = [np.diff(column[by_pattern]) == 0 for column in (rides.pattern, rides.start, rides.goal)]
    # Both sorts keep the order of equals, so that the first of a pattern is its best ride.
    again[by_pattern[1:]] = same[0] & same[1] & same[2]
    return rides.at(~again) if again.any() else rides


def _attractive_sets(
    rides: _DirectRides, ride_ptr: IntArray, journeys: JourneyParameters, preferences: PreferenceParameters
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """Choose the rides worth boarding: the sets of least expected cost.

    Rides are added in order of their time as long as the next one is shorter than the expected cost of waiting and
    riding with those before (common lines, Chriqui and Robillard 1975, Transportation Science 9:115-121). All legs
    take their first ride at once, then those that want it their second, and so on.

    Returns number of rides, wait, ride and cost of each leg.
    """
    legs = len(ride_ptr) - 1
    chosen = np.zeros(legs, dtype=np.int64)
    frequency, weighted_s, cost_s = np.zeros(legs), np.zeros(legs), np.full(legs, np.inf)
    wait_s, mean_ride_s = np.zeros(legs), np.zeros(legs)
    sizes = np.diff(ride_ptr)
    open_legs = np.arange(legs)
    while len(open_legs):
        row = ride_ptr[open_legs] + chosen[open_legs]
        wanted = preferences.in_vehicle_weight * rides.ride_s[row] < cost_s[open_legs]
        open_legs, row = open_legs[wanted], row[wanted]
        chosen[open_legs] += 1
        frequency[open_legs] += 1.0 / rides.headway_s[row]
        weighted_s[open_legs] += rides.ride_s[row] / rides.headway_s[row]
        wait_s[open_legs] = journeys.headway_wait_share / frequency[open_legs]
        mean_ride_s[open_legs] = weighted_s[open_legs] / frequency[open_legs]
        cost_s[open_legs] = (
            preferences.wait_weight * wait_s[open_legs] + preferences.in_vehicle_weight * mean_ride_s[open_legs]
        )
        open_legs = open_legs[chosen[open_legs] < sizes[open_legs]]
    return chosen, wait_s, mean_ride_s, cost_s
