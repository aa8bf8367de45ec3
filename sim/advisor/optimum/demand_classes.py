"""Classes of travellers, the rides each may take, and what a ride costs besides being on board."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.vehicles import Rides, VehicleRuns
from sim.arrays import BoolArray, FloatArray, IntArray, members_of_ranges
from sim.compiled.loops import loops
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population, Traits
from sim.population.schedule_cost import schedule_cost_min
from sim.population.systematic_sampling import group_rows

MOST_PAIRS, MANY_PAIRS = 500_000, 4_000_000
"""Pairs of class and ride that are looked at, and where a bound is worth some seconds; beyond it each class has those
nearest to its wish (assumed)."""

_SAME_MIN = 1e-7
"""Costs that differ by less are the same."""


@dataclass(frozen=True)
class LookedAt:
    """How many rides are looked at, and how long people wait.

    Attributes
    ----------
    pairs : int
        Of class and ride, at most.
    waiting_ends_s : float
        When whoever still waits is sent away, in seconds after midnight; infinite where they wait for the last
        vehicle, minus infinity where they lose patience.
    """

    pairs: int
    waiting_ends_s: float


@dataclass(frozen=True)
class DemandClasses:
    """Classes of travellers who are alike, and pairs of class and ride, sorted by class.

    Attributes
    ----------
    of_person : ndarray of int, shape (people,)
        Class of each.
    count : ndarray of float, shape (classes,)
    rides : Rides
    owner, ride : ndarray of int, shape (pairs,)
        Class and row of `rides`.
    cost_min : ndarray of float, shape (pairs,)
        All but the time on board.
    otherwise_min : ndarray of float, shape (classes,)
        Least cost of whatever is no pair: not travelling, and rides far from the wish.
    """

    of_person: IntArray
    count: FloatArray
    rides: Rides
    owner: IntArray
    ride: IntArray
    cost_min: FloatArray
    otherwise_min: FloatArray

    def cheapest(self, toll_min: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the ride of least cost of each class, -1 for none, and its cost in minutes.

        Parameters
        ----------
        toll_min : ndarray of float, shape (rides,)
            Price of each ride.
        """
        chosen, cost = np.full(len(self.count), -1, dtype=np.int64), self.otherwise_min.copy()
        if not len(self.ride):
            return chosen, cost
        least, place = self._least(toll_min)
        owner = self.owner[self._starts[:-1]]
        better = least < cost[owner]
        chosen[owner[better]], cost[owner[better]] = self.ride[place[better]], least[better]
        return chosen, cost

    @cached_property
    def _starts(self) -> IntArray:
        """First pair of each class that has any, and how many pairs there are."""
        return np.append(np.flatnonzero(np.diff(self.owner, prepend=-1)), len(self.owner))

    def _least(self, toll_min: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return what the cheapest pair of each class that has any costs, and the first such pair."""
        library, classes = loops(), len(self._starts) - 1
        if library is None:
            return self._least_by_numpy(toll_min)
        least, place = np.empty(classes), np.empty(classes, dtype=np.int64)
        # Prices are asked for again and again, and that is most of what a bound takes. The twin gives the same bits
        # (tests/unit/test_advisor_demand_classes.py).
        library.peakshift_rides_cheapest(
            classes, self._starts, self.cost_min, self.ride, np.ascontiguousarray(toll_min), least, place
        )
        return least, place

    def _least_by_numpy(self, toll_min: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return what `_least` does."""
        total = self.cost_min + toll_min[self.ride]
        first = self._starts[:-1]
        least = np.minimum.reduceat(total, first)
        lowest = np.flatnonzero(total <= np.repeat(least, np.diff(self._starts)))
        return least, lowest[np.searchsorted(lowest, first)]

    def entries(self) -> int:
        """Return how many rooms all pairs use together."""
        return int((self.rides.alight - self.rides.board)[self.ride].sum())

    def only(self, kept: BoolArray) -> DemandClasses:
        """Return the same classes with some of their pairs.

        Parameters
        ----------
        kept : ndarray of bool, shape (pairs,)
        """
        return replace(self, owner=self.owner[kept], ride=self.ride[kept], cost_min=self.cost_min[kept])

    def spread(self, most: int) -> BoolArray:
        """Return so many pairs of each class, even over its rides and apart from those of the next class.

        Parameters
        ----------
        most : int

        Returns
        -------
        ndarray of bool, shape (pairs,)
        """
        size = np.bincount(self.owner, minlength=len(self.count))
        shift = np.arange(len(self.count)) * (np.sqrt(5.0) - 1.0) / 2.0 % 1.0
        place = (np.arange(most) + shift[:, np.newaxis]) * (size / most)[:, np.newaxis]
        start = (np.cumsum(size) - size)[:, np.newaxis]
        chosen = np.zeros(len(self.owner), dtype=np.bool_)
        chosen[(start + np.floor(place).astype(np.int64))[size > 0]] = True
        return chosen

    def cheaper(self, toll_min: FloatArray, kept: BoolArray, most: int) -> BoolArray:
        """Return the cheapest rides below the best that a class is offered so far, at most so many of each class.

        Parameters
        ----------
        toll_min : ndarray of float, shape (rides,)
            Price of each ride.
        kept : ndarray of bool, shape (pairs,)
            Pairs that classes have.
        most : int

        Returns
        -------
        ndarray of bool, shape (pairs,)
        """
        _, now_min = self.only(kept).cheapest(toll_min)
        total = self.cost_min + toll_min[self.ride]
        better = np.flatnonzero(total < now_min[self.owner] - _SAME_MIN)
        better = better[np.lexsort((total[better], self.owner[better]))]
        size = np.bincount(self.owner[better], minlength=len(self.count))
        rank = np.arange(len(better)) - np.repeat(np.cumsum(size) - size, size)
        chosen = np.zeros(len(self.owner), dtype=np.bool_)
        chosen[better[rank < most]] = True
        return chosen


def demand_classes(
    people: IntArray,
    population: Population,
    options: JourneyOptions,
    rides: Rides,
    vehicles: VehicleRuns,
    preferences: PreferenceParameters,
    room: VehicleCapacity,
    looked_at: LookedAt,
) -> DemandClasses:
    """Put people together who are alike, and cost their rides.

    Parameters
    ----------
    people : ndarray of int
        Those whose options need one vehicle.
    population : Population
    options : JourneyOptions
    rides : Rides
    vehicles : VehicleRuns
    preferences : PreferenceParameters
    room : VehicleCapacity
    looked_at : LookedAt
    """
    option = population.journeys.option[people]
    first, end = np.searchsorted(rides.option, option), np.searchsorted(rides.option, option, side="right")
    walk_s = options.walk_before_s[options.leg_ptr[option]]
    board_s = vehicles.arrival_s[rides.board]
    # Bounds earlier than any vehicle bind nobody: people who differ only in them are one class, or there were as many
    # classes as people.
    joins_s = population.earliest_departure_s[people] + walk_s
    joins_s = np.where(joins_s <= _by_range(np.minimum, board_s, first, end), -np.inf, joins_s)
    until_s = population.latest_departure_s[people] + walk_s
    until_s = np.where(until_s >= _by_range(np.maximum, board_s, first, end), np.inf, until_s)
    wish_s = population.preferred_arrival_s[people]
    traits = population.traits.take(people)
    of_person = _alike(option, joins_s, until_s, wish_s, traits.early_factor, traits.late_factor)
    _, member, count = np.unique(of_person, return_index=True, return_counts=True)
    costs = _RideCosts(
        rides=rides,
        vehicles=vehicles,
        preferences=preferences,
        traits=traits.take(member),
        hold_up_pays=_hold_up_pays(preferences, traits, room),
        wish_s=wish_s[member],
        joins_s=joins_s[member],
        until_s=until_s[member],
        walk_s=walk_s[member],
        egress_s=options.egress_walk_s[option[member]],
    )
    low, high = costs.nearest(first[member], end[member], looked_at.pairs // max(len(member), 1))
    owner, ride = members_of_ranges(low, high)
    cost_min = costs.of_pairs(owner, ride)
    far_min = costs.beyond_min(first[member], end[member], low, high, room.toll(room.empty_price(), rides))
    otherwise_min = np.minimum(costs.unserved_min(first[member], end[member], looked_at.waiting_ends_s), far_min)
    can = np.isfinite(cost_min)
    return DemandClasses(
        of_person, count.astype(np.float64), rides, owner[can], ride[can], cost_min[can], otherwise_min
    )


def _alike(option: IntArray, *columns: FloatArray) -> IntArray:
    """Give those who differ in nothing the same number."""
    return group_rows(option, *(np.unique(values, return_inverse=True)[1].reshape(-1) for values in columns))


def _hold_up_pays(preferences: PreferenceParameters, traits: Traits, room: VehicleCapacity) -> bool:
    """Tell whether somebody early would rather be held up on board than arrive."""
    on_board = preferences.in_vehicle_weight * room.least_multiplier()
    return bool(on_board < preferences.early_penalty * traits.early_factor.max(initial=0.0))


def _by_range(pick: np.ufunc, values: FloatArray, first: IntArray, end: IntArray) -> FloatArray:
    """Reduce values over ranges; NaN where a range is empty."""
    known, place = _distinct_ranges(first, end)
    found = np.array([pick.reduce(values[a:b]) if b > a else np.nan for a, b in known])
    reduced: FloatArray = np.append(found, np.nan)[place]
    return reduced


def _distinct_ranges(first: IntArray, end: IntArray) -> tuple[list[tuple[int, int]], IntArray]:
    """Return the distinct ranges, and which of them each one is."""
    beyond = int(end.max(initial=0)) + 1
    codes, place = np.unique(first * beyond + end, return_inverse=True)
    return list(zip((codes // beyond).tolist(), (codes % beyond).tolist(), strict=True)), place.reshape(-1)


@dataclass(frozen=True)
class _RideCosts:
    """What rides cost classes; arrays by class."""

    rides: Rides
    vehicles: VehicleRuns
    preferences: PreferenceParameters
    traits: Traits
    hold_up_pays: bool
    wish_s: FloatArray
    joins_s: FloatArray
    until_s: FloatArray
    walk_s: FloatArray
    egress_s: FloatArray

    def nearest(self, first: IntArray, end: IntArray, most: int) -> tuple[IntArray, IntArray]:
        """Return the range of rides that arrive nearest to the wish of each class."""
        low, high = first.copy(), end.copy()
        arrival_s = self.vehicles.arrival_s[self.rides.alight]
        rows = np.flatnonzero(end - first > most)
        ranges, place = _distinct_ranges(first[rows], end[rows])
        # All classes of a range at once: there are as many classes as people, and few ranges.
        by_range = np.split(rows[np.argsort(place, kind="stable")], np.cumsum(np.bincount(place))[:-1])
        for (start, stop), mine in zip(ranges, by_range, strict=False):
            found = np.searchsorted(arrival_s[start:stop], self.wish_s[mine] - self.egress_s[mine])
            low[mine] = start + np.clip(found - most // 2, 0, stop - start - most)
        high[rows] = low[rows] + most
        return low, high

    def of_pairs(self, owner: IntArray, ride: IntArray) -> FloatArray:
        """Return all but the time on board in minutes; infinite where the vehicle has left before."""
        preferences = self.preferences
        board_s = self.vehicles.arrival_s[self.rides.board[ride]]
        waits_s = np.maximum(board_s - self.until_s[owner], 0.0)
        walk_s = self.walk_s[owner] + self.egress_s[owner]
        travel_min = (preferences.wait_weight * waits_s + preferences.walk_weight * walk_s) / 60.0
        cost_min = travel_min + self._schedule_min(owner, ride)
        missed = self.vehicles.latest_s[self.rides.board[ride]] < self.joins_s[owner]
        return np.where(missed, np.inf, cost_min)

    def _schedule_min(self, owner: IntArray, ride: IntArray) -> FloatArray:
        """Return the least cost of being early or late, the vehicle being held up as suits best.

        Being held up on board costs as much as being early and more, so that only what happens before counts.
        """
        vehicles, board, wish_s = self.vehicles, self.rides.board[ride], self.wish_s[owner]
        arrival_s = vehicles.arrival_s[self.rides.alight[ride]] + self.egress_s[owner]
        if not vehicles.fixed:
            later_s = np.inf if self.hold_up_pays else vehicles.latest_s[board] - vehicles.arrival_s[board]
            arrival_s = np.maximum(arrival_s, np.minimum(wish_s, arrival_s + later_s))
        early_factor, late_factor = self.traits.early_factor[owner], self.traits.late_factor[owner]
        return schedule_cost_min(self.preferences, arrival_s, wish_s, early_factor, late_factor)

    def beyond_min(
        self, first: IntArray, end: IntArray, low: IntArray, high: IntArray, alone_min: FloatArray
    ) -> FloatArray:
        """Return the least cost of any ride outside of the range looked at; infinite where there is none."""
        found = np.full(len(low), np.inf)
        board_s = self.vehicles.arrival_s[self.rides.board]
        for inside, ride, begin, stop in ((low > first, low - 1, first, low), (high < end, high, high, end)):
            owner = np.flatnonzero(inside)
            least_min = _by_range(np.minimum, alone_min, first[owner], end[owner])
            # None of the rides there comes before the first of them does, and all wait for it who may not leave later.
            comes_s = _by_range(np.minimum, board_s, begin[owner], stop[owner])
            least_min += self.preferences.wait_weight * np.maximum(comes_s - self.until_s[owner], 0.0) / 60.0
            found[owner] = np.minimum(found[owner], self._schedule_min(owner, ride[owner]) + least_min)
        return found

    def unserved_min(self, first: IntArray, end: IntArray, waiting_ends_s: float) -> FloatArray:
        """Return the least that classes pay whom no vehicle takes: the penalty, and the wait for the last one."""
        # The last vehicle comes then at the earliest, and they join then at the latest
        # (test_who_is_not_served_has_waited_for_the_last_vehicle).
        last_s = _by_range(np.maximum, self.vehicles.arrival_s[self.rides.board], first, end)
        waits_s = np.maximum(np.minimum(np.nan_to_num(last_s), waiting_ends_s) - self.until_s, 0.0)
        return (self.preferences.unserved_penalty_s + self.preferences.wait_weight * waits_s) / 60.0
