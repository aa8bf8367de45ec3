"""The state of one simulated day: lists and arrays of single items, since those are read and written most."""

from __future__ import annotations

import itertools
from array import array
from dataclasses import dataclass, field

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.engine.day_arrays import DayStart, DayTrace
from sim.engine.engine_input import EngineInput
from sim.engine.queues import Queue
from sim.model.outcome import Cause

NAN = float("nan")


@dataclass(slots=True)
class DayState:
    """What has happened so far; columns as in `DayTrace`, and what is still to come.

    Rides only get more, and each ride moves one way: it waits from a time on, boards a visit, gets out at one.
    So no time of a ride is written twice, and rides are conserved (test_extremes.py).

    Attributes
    ----------
    queues : list of Queue
    queue_compared : list of int
    riders : list of (list of int or None)
        By visit: rides on board that get out there, in order of boarding; None for nobody.
    ride_following : list of int
        Ride that follows when this one ends at its goal; -1 where the journey ends.
    leg_queue, ride_queue : array of int
        By leg, and by ride: where they wait.
    leg_after, ride_after : array of int
        By leg, and by ride: where they get out, in visits after the first visit of the trip that
        they board; -1 where that depends on where they board.
    trip_reached : array of int
        Last visit of each trip that has begun, -1 before; only where people know when vehicles will really leave.
    planned : int
        Number of rides of the journeys; rides from there on continue others.
    stays : list of (int, float, float, float)
        Columns of `Stays` by ride; empty where no journey waits for another.
    """

    queues: list[Queue]
    queue_compared: list[int]
    riders: list[list[int] | None]
    planned: int
    leg_queue: array[int]
    leg_after: array[int]
    ride_after: array[int]
    ride_queue: array[int]
    ride_leg: array[int]
    ride_walk_s: array[float]
    ride_following: array[int]
    ride_wait_from_s: array[float]
    ride_alight_s: array[float]
    ride_board_visit: array[int]
    ride_alight_visit: array[int]
    visit_arrival_s: array[float]
    visit_departure_s: array[float]
    visit_boardings: array[int]
    visit_alightings: array[int]
    visit_denied: array[int]
    visit_load: array[int]
    visit_holding_s: array[float]
    visit_berth_wait_s: array[float]
    visit_disruption: array[int]
    trip_broken_visit: array[int]
    trip_reopened_s: array[float]
    trip_reached: array[int]
    stays: list[tuple[int, float, float, float]]
    denied_ride: array[int] = field(default_factory=lambda: array("i"))
    denied_visit: array[int] = field(default_factory=lambda: array("i"))
    continued_root: list[int] = field(default_factory=list)
    continued_cause: list[int] = field(default_factory=list)
    ride_left_s: dict[int, float] = field(default_factory=dict)
    ride_last_walk_s: dict[int, float] = field(default_factory=dict)

    @classmethod
    def at_start(cls, engine_input: EngineInput, start: DayStart) -> DayState:
        """Return the state before anything has happened."""
        rides, visits = len(start.ride_leg), len(engine_input.timetable.visit_trip)
        trips = len(engine_input.timetable.trip_vehicle_type)
        times_s, entries = compact_times(start.entry_time_s), compact_rows(start.entry_ride)
        bounds, legs = start.queue_ptr.tolist(), engine_input.legs
        one_way = np.diff(legs.row_ptr) == 1
        after = np.full(len(one_way), -1, dtype=np.int64)
        after[one_way] = legs.alight[legs.row_ptr[:-1][one_way]]
        return cls(
            queues=[Queue(times_s[first:end], entries[first:end]) for first, end in itertools.pairwise(bounds)],
            queue_compared=[0] * len(bounds[1:]),
            riders=[None] * visits,
            planned=rides,
            leg_queue=compact_rows(legs.queue),
            leg_after=compact_rows(after),
            ride_after=compact_rows(after[start.ride_leg]),
            ride_queue=compact_rows(legs.queue[start.ride_leg]),
            ride_leg=compact_rows(start.ride_leg),
            ride_walk_s=compact_times(start.ride_walk_s),
            ride_following=compact_rows(start.ride_following),
            ride_wait_from_s=compact_times(start.ride_wait_from_s),
            ride_alight_s=_floats(NAN, rides),
            ride_board_visit=_integers(-1, rides),
            ride_alight_visit=_integers(-1, rides),
            visit_arrival_s=_floats(NAN, visits),
            visit_departure_s=_floats(NAN, visits),
            visit_boardings=_integers(0, visits),
            visit_alightings=_integers(0, visits),
            visit_denied=_integers(0, visits),
            visit_load=_integers(0, visits),
            visit_holding_s=_floats(0.0, visits),
            visit_berth_wait_s=_floats(0.0, visits),
            visit_disruption=_integers(0, visits),
            stays=list(zip(*(column.tolist() for column in vars(start.stays).values()), strict=True)),
            trip_broken_visit=_integers(-1, trips),
            trip_reopened_s=_floats(NAN, trips),
            trip_reached=_integers(-1, trips),
        )

    def join(self, ride: int, time_s: float) -> None:
        """Let a ride join its queue at a time, now or later."""
        self.ride_wait_from_s[ride] = time_s
        self.queues[self.ride_queue[ride]].join(time_s, ride)

    def hinder(self, visit: int, by: int) -> None:
        """Note what hindered a vehicle at a visit; of several things the highest counts."""
        self.visit_disruption[visit] = max(by, self.visit_disruption[visit])

    def root(self, ride: int) -> int:
        """Return the ride of the journeys that a ride continues, or the ride itself."""
        return ride if ride < self.planned else self.continued_root[ride - self.planned]

    def continue_ride(self, ride: int, leg: int, time_s: float, walk_s: float = 0.0, cause: int = Cause.NONE) -> int:
        """Add a ride that waits from a time on and goes on where another ended; return its row."""
        self.continued_root.append(self.root(ride))
        self.continued_cause.append(cause)
        self.ride_leg.append(leg)
        self.ride_after.append(self.leg_after[leg])
        self.ride_queue.append(self.leg_queue[leg])
        self.ride_walk_s.append(walk_s)
        self.ride_following.append(self.ride_following[ride])
        self.ride_wait_from_s.append(time_s)
        self.ride_alight_s.append(NAN)
        self.ride_board_visit.append(-1)
        self.ride_alight_visit.append(-1)
        return len(self.ride_leg) - 1

    def end_journey(self, ride: int, out_s: float, last_walk_s: float | None = None) -> None:
        """Let a journey end, and the one that waits for it join its queue, if there is one.

        Parameters
        ----------
        ride : int
            The ride with which the journey ends.
        out_s : float
            When it ends, seconds after midnight.
        last_walk_s : float or None
            Walk to the destination that was decided on the way; that of the journey where None.
        """
        if not self.stays:
            return
        later, egress_s, not_before_s, stay_s = self.stays[self.root(ride)]
        if later >= 0:
            ended_s = out_s + (egress_s if last_walk_s is None else last_walk_s)
            self.join(later, max(ended_s, not_before_s) + stay_s + self.ride_walk_s[later])

    def change_leg(self, ride: int, leg: int) -> None:
        """Let a ride that waits be one of another leg from the same stop."""
        self.ride_leg[ride] = leg
        self.ride_after[ride] = self.leg_after[leg]
        self.ride_queue[ride] = self.leg_queue[leg]

    def trace(self) -> DayTrace:
        """Return what has happened as arrays."""
        rides = len(self.ride_leg)
        return DayTrace(
            ride_leg=_whole(self.ride_leg),
            ride_walk_s=np.array(self.ride_walk_s, dtype=np.float64),
            ride_wait_from_s=np.array(self.ride_wait_from_s, dtype=np.float64),
            ride_alight_s=np.array(self.ride_alight_s, dtype=np.float64),
            ride_board_visit=_whole(self.ride_board_visit),
            ride_alight_visit=_whole(self.ride_alight_visit),
            ride_left_s=_spread(self.ride_left_s, rides),
            ride_last_walk_s=_spread(self.ride_last_walk_s, rides),
            continued_root=_whole(self.continued_root),
            continued_cause=_whole(self.continued_cause),
            queue_last_visit_s=np.array([queue.last_visit_s for queue in self.queues], dtype=np.float64),
            queue_compared=_whole(self.queue_compared),
            visit_arrival_s=np.array(self.visit_arrival_s, dtype=np.float64),
            visit_departure_s=np.array(self.visit_departure_s, dtype=np.float64),
            visit_boardings=_whole(self.visit_boardings),
            visit_alightings=_whole(self.visit_alightings),
            visit_denied=_whole(self.visit_denied),
            visit_load=_whole(self.visit_load),
            visit_holding_s=np.array(self.visit_holding_s, dtype=np.float64),
            visit_berth_wait_s=np.array(self.visit_berth_wait_s, dtype=np.float64),
            visit_disruption=_whole(self.visit_disruption),
            denied_ride=_whole(self.denied_ride),
            denied_visit=_whole(self.denied_visit),
            trip_broken_visit=_whole(self.trip_broken_visit),
            trip_reopened_s=np.array(self.trip_reopened_s, dtype=np.float64),
        )


def _floats(value: float, number: int) -> array[float]:
    return array("d", [value]) * number


def _integers(value: int, number: int) -> array[int]:
    return array("i", [value]) * number


def compact_times(values: FloatArray) -> array[float]:
    """Return times for reading one by one, next to each other in memory."""
    return array("d", np.ascontiguousarray(values).tobytes())


def compact_rows(values: IntArray) -> array[int]:
    """Return rows for reading one by one, next to each other in memory."""
    return array("i", values.astype(np.intc).tobytes())


def _whole(values: list[int] | array[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _spread(values: dict[int, float], rows: int) -> FloatArray:
    """Return values by row; NaN where there is none."""
    found = np.full(rows, np.nan)
    found[list(values)] = list(values.values())
    return found
