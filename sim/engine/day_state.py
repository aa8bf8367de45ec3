"""The state of one simulated day: plain lists, since single items are read and written most."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.engine.day_start import DayStart
from sim.engine.day_trace import DayTrace
from sim.engine.engine_input import EngineInput
from sim.engine.queues import Queue
from sim.model.outcome import Cause

NAN = float("nan")


@dataclass(slots=True)
class DayState:
    """What has happened so far; columns as in `sim.engine.day_trace.DayTrace`, and what is still to come.

    Rides only get more, and each ride moves one way: it waits from a time on, boards a visit, gets out at one.
    So no time of a ride is written twice, and rides are conserved (tests/functional/test_random_worlds.py).

    Attributes
    ----------
    queues : list of Queue
    riders : list of list of int
        By visit: rides on board that get out there, in order of boarding.
    ride_following : list of int
        Ride that follows when this one ends at its goal; -1 where the journey ends.
    planned : int
        Number of rides of the journeys; rides from there on continue others.
    """

    queues: list[Queue]
    riders: list[list[int]]
    planned: int
    ride_leg: list[int]
    ride_walk_s: list[float]
    ride_following: list[int]
    ride_wait_from_s: list[float]
    ride_alight_s: list[float]
    ride_board_visit: list[int]
    ride_alight_visit: list[int]
    visit_arrival_s: list[float]
    visit_departure_s: list[float]
    visit_boardings: list[int]
    visit_alightings: list[int]
    visit_denied: list[int]
    visit_load: list[int]
    visit_holding_s: list[float]
    visit_disruption: list[int]
    return_departure_s: list[float]
    trip_broken_visit: list[int]
    trip_reopened_s: list[float]
    denied_ride: list[int] = field(default_factory=list)
    denied_visit: list[int] = field(default_factory=list)
    continued_root: list[int] = field(default_factory=list)
    continued_cause: list[int] = field(default_factory=list)
    ride_left_s: dict[int, float] = field(default_factory=dict)
    ride_last_walk_s: dict[int, float] = field(default_factory=dict)

    @classmethod
    def at_start(cls, engine_input: EngineInput, start: DayStart) -> DayState:
        """Return the state before anything has happened."""
        rides, visits = len(start.ride_leg), len(engine_input.timetable.visit_trip)
        trips = len(engine_input.timetable.trip_vehicle_type)
        times_s, entries = start.entry_time_s.tolist(), start.entry_ride.tolist()
        bounds = start.queue_ptr.tolist()
        return cls(
            queues=[Queue(times_s[first:end], entries[first:end]) for first, end in itertools.pairwise(bounds)],
            riders=[[] for _ in range(visits)],
            planned=rides,
            ride_leg=start.ride_leg.tolist(),
            ride_walk_s=start.ride_walk_s.tolist(),
            ride_following=start.ride_following.tolist(),
            ride_wait_from_s=start.ride_wait_from_s.tolist(),
            ride_alight_s=[NAN] * rides,
            ride_board_visit=[-1] * rides,
            ride_alight_visit=[-1] * rides,
            visit_arrival_s=[NAN] * visits,
            visit_departure_s=[NAN] * visits,
            visit_boardings=[0] * visits,
            visit_alightings=[0] * visits,
            visit_denied=[0] * visits,
            visit_load=[0] * visits,
            visit_holding_s=[0.0] * visits,
            visit_disruption=[0] * visits,
            return_departure_s=start.return_departure_s.tolist(),
            trip_broken_visit=[-1] * trips,
            trip_reopened_s=[NAN] * trips,
        )

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
        self.ride_walk_s.append(walk_s)
        self.ride_following.append(self.ride_following[ride])
        self.ride_wait_from_s.append(time_s)
        self.ride_alight_s.append(NAN)
        self.ride_board_visit.append(-1)
        self.ride_alight_visit.append(-1)
        return len(self.ride_leg) - 1

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
            visit_arrival_s=np.array(self.visit_arrival_s, dtype=np.float64),
            visit_departure_s=np.array(self.visit_departure_s, dtype=np.float64),
            visit_boardings=_whole(self.visit_boardings),
            visit_alightings=_whole(self.visit_alightings),
            visit_denied=_whole(self.visit_denied),
            visit_load=_whole(self.visit_load),
            visit_holding_s=np.array(self.visit_holding_s, dtype=np.float64),
            visit_disruption=_whole(self.visit_disruption),
            denied_ride=_whole(self.denied_ride),
            denied_visit=_whole(self.denied_visit),
            trip_broken_visit=_whole(self.trip_broken_visit),
            trip_reopened_s=np.array(self.trip_reopened_s, dtype=np.float64),
            return_departure_s=np.array(self.return_departure_s, dtype=np.float64),
        )


def _whole(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _spread(values: dict[int, float], rows: int) -> FloatArray:
    """Return values by row; NaN where there is none."""
    found = np.full(rows, np.nan)
    found[list(values)] = list(values.values())
    return found
