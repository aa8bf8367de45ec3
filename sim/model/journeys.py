"""Journeys as data: legs by vehicle, the options of each pair of stops, and those chosen.

Conventions: a leg is a ride from one stop to another in the first vehicle of its attractive
set that has room; sets and options are rows of compressed tables ("ptr" columns give the
first row of each group and one more).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray, read_only
from sim.units import quantize

AS_PLANNED = -2
"""Next leg where it is the one that the journey names."""

AT_GOAL = -1
"""Next leg where there is none: the destination is reached, or a walk away."""

NO_FALLBACK = -1
ON_FOOT = -2
"""Fallback of people who rather walk to where the leg leads."""


@dataclass(frozen=True)
class KnownVehicles:
    """The vehicles from which people with real time choose on each leg, by the timetable.

    Attributes
    ----------
    legs : LegTable
        The same legs, with all vehicles that lead to where they go.
    ptr : ndarray of int, shape (legs + 1,)
        First row of each leg in the columns below, which are in order of when vehicles are due to leave.
    visit : ndarray of int, shape (rows,)
        Where they are boarded.
    leg_row : ndarray of int, shape (rows,)
        Row of `legs` by which.
    onward_s : ndarray of float, shape (rows,)
        What going on costs from there on where all are on time, but for the wait at the next stop, equivalent seconds.
    ready_s : ndarray of float, shape (rows,)
        When people then are at the next stop, or at the destination, seconds after midnight.
    next_leg : ndarray of int, shape (rows,)
        As in `LegTable`, with a lower number than the leg of the row.
    least_s : ndarray of float, shape (rows,)
        Least of `wait_weight` times when a vehicle is due and what going on in it costs altogether, over this one and
        all later ones; infinite where none goes on. Less `wait_weight` times a moment before, it is what waiting costs
        from then on.
    wait_weight : float
        Of a second of waiting for a vehicle whose time is known.
    """

    legs: LegTable
    ptr: IntArray
    visit: IntArray
    leg_row: IntArray
    onward_s: FloatArray
    ready_s: FloatArray
    next_leg: IntArray
    least_s: FloatArray
    wait_weight: float


@dataclass(frozen=True)
class LegTable:
    """Distinct legs.

    A leg of a strategy leads to the destination of the journey: each line of its set has a
    stop of its own to get out at, and a leg that follows there. A leg that a journey names
    leads to one stop with all lines of its set.

    Attributes
    ----------
    board_stop, alight_stop : ndarray of int, shape (legs,)
        Row numbers of stops.
    set_ptr : ndarray of int, shape (legs + 1,)
        First row of each leg in the three columns below.
    pattern, board_sequence, alight_sequence : ndarray of int, shape (rows,)
        The attractive set: patterns and the positions at which to board and alight.
    from_s, until_s : ndarray of float, shape (rows,)
        Which vehicles of the pattern are boarded: those that are due to leave the stop between these times of the
        timetable, both included; minus and plus infinity where the pattern is attractive all day. Rows of a leg that
        board a pattern at the same position do not overlap.
    wait_s : ndarray of float, shape (legs,)
        Expected wait for the set from its frequencies.
    ride_s : ndarray of float, shape (legs,)
        Expected scheduled ride over the set.
    free_ride_s : ndarray of float, shape (legs,)
        Least ride over the set at free running times.
    next_leg : ndarray of int, shape (rows,)
        Leg that follows where the pattern is left; `AS_PLANNED` or `AT_GOAL` where none does.
    next_walk_s : ndarray of float, shape (rows,)
        Walk to that leg, or to the destination; 0 where as planned.
    fallback_ptr : ndarray of int, shape (legs + 1,)
        First row of each leg in the three columns below; a leg without rows is waited for on.
    fallback_from_s : ndarray of float, shape (fallbacks,)
        From when on a row holds, by when the vehicle that left full was due; rising in each leg.
    fallback_leg : ndarray of int, shape (fallbacks,)
        Leg to wait for after a full vehicle has left, where people reconsider; `NO_FALLBACK`
        or `ON_FOOT` where there is none.
    fallback_walk_s : ndarray of float, shape (fallbacks,)
        Walk to it.
    known_vehicles : KnownVehicles or None
        Where people know at a stop when vehicles will really leave: then the sets above are those of the timetable,
        and which vehicles are boarded is decided when they come.
    """

    board_stop: IntArray
    alight_stop: IntArray
    set_ptr: IntArray
    pattern: IntArray
    board_sequence: IntArray
    alight_sequence: IntArray
    from_s: FloatArray
    until_s: FloatArray
    wait_s: FloatArray
    ride_s: FloatArray
    free_ride_s: FloatArray
    next_leg: IntArray
    next_walk_s: FloatArray
    fallback_ptr: IntArray
    fallback_from_s: FloatArray
    fallback_leg: IntArray
    fallback_walk_s: FloatArray
    known_vehicles: KnownVehicles | None = None

    def __len__(self) -> int:
        """Count the legs."""
        return len(self.board_stop)

    def waits_on(self) -> BoolArray:
        """Tell which legs are waited for on after any full vehicle, where people reconsider, shape (legs,)."""
        leg = np.repeat(np.arange(len(self)), np.diff(self.fallback_ptr))
        waits: BoolArray = np.bincount(leg, self.fallback_leg != NO_FALLBACK, len(self)) == 0
        return waits

    def is_strategy(self) -> BoolArray:
        """Tell which legs belong to strategies, shape (legs,)."""
        strategy: BoolArray = self.next_leg[self.set_ptr[:-1]] != AS_PLANNED
        return strategy


@dataclass(frozen=True)
class JourneyOptions:
    """Journey options of every pair of stops with demand.

    Attributes
    ----------
    pairs : ndarray of int, shape (pairs, 2)
        Origin and destination stop rows, sorted; a row for each period where options differ
        by time of departure.
    period : ndarray of int, shape (pairs,)
        Period of departure, the first starting at midnight; 0 where options hold all day.
    period_s : float
        Width of a period in seconds; infinite where options hold all day.
    option_ptr : ndarray of int, shape (pairs + 1,)
        First option of each pair; a pair may have none.
    leg_ptr : ndarray of int, shape (options + 1,)
        First leg of each option in `leg`; none for walking all the way.
    leg : ndarray of int, shape (rows,)
        Rows of `legs`; of a strategy, the legs of the way over its cheapest lines.
    walk_before_s : ndarray of float, shape (rows,)
        Walk to the stop of boarding: access for the first leg, transfer walk for others.
    egress_walk_s : ndarray of float, shape (options,)
        Walk from the last stop to the destination.
    cost_min : ndarray of float, shape (options,)
        Expected generalized cost without crowding and schedule delay.
    path_size : ndarray of float, shape (options,)
        Share of an option that it has for itself (Ben-Akiva and Bierlaire 1999); 1 for all
        where the choice does not ask for it.
    legs : LegTable
    fare, fare_min : ndarray of float, shape (options,), or None
        Fare over the lines that stand for each leg, and what it is worth in minutes, which is part of
        `cost_min`; None where the scenario has no fares.
    """

    pairs: IntArray
    period: IntArray
    period_s: float
    option_ptr: IntArray
    leg_ptr: IntArray
    leg: IntArray
    walk_before_s: FloatArray
    egress_walk_s: FloatArray
    cost_min: FloatArray
    path_size: FloatArray
    legs: LegTable
    fare: FloatArray | None = None
    fare_min: FloatArray | None = None

    def with_every_vehicle(self) -> JourneyOptions:
        """Return the options with all vehicles that people may board on each leg, where they know real times.

        Which of these they board on a day is asked of that day (`sim.population.real_time_sets`).
        """
        known = self.legs.known_vehicles
        return self if known is None else replace(self, legs=replace(known.legs, known_vehicles=known))

    def has_legs(self) -> BoolArray:
        """Tell which options are more than a walk, shape (options,)."""
        more: BoolArray = np.diff(self.leg_ptr) > 0
        return more

    def cheapest(self, row: IntArray) -> IntArray:
        """Return the option of least expected cost of some pairs of stops and periods; -1 where one has none.

        Parameters
        ----------
        row : ndarray of int
            Rows of `pairs`.
        """
        first, count = self.option_ptr[row], np.diff(self.option_ptr)[row]
        best, least_min = np.full(len(row), -1, dtype=np.int64), np.full(len(row), np.inf)
        for place in range(int(count.max(initial=0))):
            there = np.flatnonzero(place < count)
            cost_min = self.cost_min[first[there] + place]
            better = (cost_min < least_min[there]) | (best[there] < 0)
            best[there[better]], least_min[there[better]] = first[there[better]] + place, cost_min[better]
        return best

    def first_leg(self) -> IntArray:
        """Return the first leg of each option, -1 for a walk, shape (options,)."""
        first = np.append(self.leg, -1)[self.leg_ptr[:-1]]
        return np.where(self.has_legs(), first, -1)

    def is_strategy(self) -> BoolArray:
        """Tell which options leave open what follows their first leg, shape (options,)."""
        return np.append(self.legs.is_strategy(), False)[self.first_leg()]


@dataclass(frozen=True)
class ChosenJourneys:
    """The journey of every commuter: rows of legs, in order.

    Attributes
    ----------
    option : ndarray of int, shape (commuters,)
        Row of the option chosen; -1 where the pair has none.
    leg_ptr : ndarray of int, shape (commuters + 1,)
        First row of each commuter in the two columns below; whoever has an option and no rows walks all the way.
    leg : ndarray of int, shape (rows,)
        Rows of the `LegTable`.
    walk_before_s : ndarray of float, shape (rows,)
    egress_walk_s : ndarray of float, shape (commuters,)
    """

    option: IntArray
    leg_ptr: IntArray
    leg: IntArray
    walk_before_s: FloatArray
    egress_walk_s: FloatArray

    # Invariant: nobody changes the arrays of journeys. What follows from them alone is worked out once for all days on
    # which people travel so, and cannot be written to (test_what_follows_from_journeys_is_shared_by_days).

    @cached_property
    def rides(self) -> BoolArray:
        """Tell which commuters board a vehicle, or would, shape (commuters,)."""
        return read_only(np.diff(self.leg_ptr) > 0)

    @cached_property
    def walks(self) -> BoolArray:
        """Tell which commuters walk all the way, shape (commuters,)."""
        return read_only((self.option >= 0) & ~self.rides)

    @cached_property
    def commuter(self) -> IntArray:
        """Commuter of each row, shape (rows,)."""
        return read_only(np.repeat(np.arange(len(self.option)), np.diff(self.leg_ptr)))

    @cached_property
    def walk_before_ticks_s(self) -> FloatArray:
        """Walk before each row on the tick of the simulation clock, shape (rows,)."""
        return read_only(quantize(self.walk_before_s))


@dataclass(frozen=True)
class JourneyChain:
    """Which journeys of a day begin only after others have ended, and when.

    Such a journey begins `stay_s` after the one before has ended, and that long after `not_before_s`
    where it ends earlier. The only chains today are journeys back (`sim.population.return_journeys`).

    Attributes
    ----------
    after : ndarray of int, shape (commuters,)
        Row of the journey before; -1 for those that wait for none.
    stay_s : ndarray of float, shape (commuters,)
        0 where there is no journey before.
    not_before_s : ndarray of float, shape (commuters,)
        Seconds after midnight; minus infinity where the stay begins on arrival.
    """

    after: IntArray
    stay_s: FloatArray
    not_before_s: FloatArray

    @classmethod
    def none(cls, commuters: int) -> JourneyChain:
        """Return the chain in which no journey waits for another one."""
        return cls(np.full(commuters, -1, dtype=np.int64), np.zeros(commuters), np.full(commuters, -np.inf))

    @cached_property
    def is_first(self) -> BoolArray:
        """Tell which journeys wait for no other one, shape (commuters,)."""
        return read_only(self.after < 0)

    @cached_property
    def is_empty(self) -> bool:
        """Tell whether no journey waits for another one, as in most scenarios."""
        return bool(self.is_first.all())

    def departure_s(self, planned_s: FloatArray, ended_s: FloatArray) -> FloatArray:
        """Return departures in seconds, as planned where they wait for no journey or for one that has not ended.

        Parameters
        ----------
        planned_s : ndarray of float, shape (commuters,)
        ended_s : ndarray of float, shape (commuters,)
            When each journey ended; NaN where it did not, or nobody knows yet.
        """
        rows = np.flatnonzero(self.after >= 0)
        rows = rows[np.isfinite(ended_s[self.after[rows]])]
        if not len(rows):
            return planned_s
        departure_s = planned_s.copy()
        stays_from_s = np.maximum(ended_s[self.after[rows]], quantize(self.not_before_s[rows]))
        departure_s[rows] = stays_from_s + quantize(self.stay_s[rows])
        return departure_s
