"""Passengers getting out of and into a vehicle at a stop."""

from __future__ import annotations

import itertools

import numpy as np

from sim.engine.day_start import DayStart
from sim.engine.day_state import DayState
from sim.engine.dwell import DwellRule
from sim.engine.engine_input import EngineInput, Legs
from sim.engine.interrupted_journeys import InterruptedJourneys
from sim.engine.queues import Queue, take
from sim.engine.rerouting import Rerouting
from sim.engine.return_journeys import ReturnJourneys
from sim.engine.turn import Turn
from sim.model.journeys import AS_PLANNED, AT_GOAL
from sim.model.outcome import Cause

VehicleFacts = tuple[int, int, float, DwellRule, tuple[float, float] | None]
"""Seats, capacity, alighting step, dwell rule, and dead time and dwell per headway where it depends on headways."""


class Vehicle:
    """The vehicle of a block, on its trip and at its stop.

    Attributes
    ----------
    turn : Turn
    first : int
        First visit of its trip.
    seats, capacity : int
    step_s : float
        Between two persons getting out.
    dwell : DwellRule
    fluid : tuple of (float, float) or None
        Dead time and dwell per headway of a vehicle whose dwell depends on the headway.
    load : int
        Persons on board; from 0 to `capacity` (tests/functional/test_random_worlds.py).
    passed : list of int
        Rides on board whose stop was passed.
    opened_s, out_s : float
        When it opened its doors, and when the last of those who get out is out.
    alighted, boarded : int
        Since then.
    hindered : bool
        Whether somebody stood when boarding began.
    left_behind : bool
        Whether somebody found no place at the last look.
    headway_s : float or None
        Since the arrival before of the line and direction, where a rule looks at it.
    """

    __slots__ = (
        "alighted",
        "boarded",
        "capacity",
        "dwell",
        "first",
        "fluid",
        "headway_s",
        "hindered",
        "left_behind",
        "load",
        "opened_s",
        "out_s",
        "passed",
        "seats",
        "step_s",
        "turn",
    )

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.load = self.alighted = self.boarded = 0
        self.opened_s = self.out_s = 0.0
        self.hindered = self.left_behind = False
        self.passed: list[int] = []
        self.headway_s: float | None = None

    def begin(self, first: int, facts: VehicleFacts) -> None:
        """Begin a trip at its first visit; whoever has stayed on board goes on."""
        self.first = first
        self.seats, self.capacity, self.step_s, self.dwell, self.fluid = facts


class Boarding:
    """Moves rides between queues and vehicles.

    Parameters
    ----------
    engine_input : EngineInput
    start : DayStart
    state : DayState
    """

    def __init__(self, engine_input: EngineInput, start: DayStart, state: DayState) -> None:
        legs, positions = engine_input.legs, engine_input.positions
        self.state = state
        self.patience_s = engine_input.rules.patience_s
        bounds, numbers = positions.queue_ptr.tolist(), positions.queue.tolist()
        self.queues: list[list[Queue]] = [
            [state.queues[number] for number in numbers[first:end]] for first, end in itertools.pairwise(bounds)
        ]
        self.visit_position: list[int] = engine_input.timetable.visit_position.tolist()
        self.visit_stop: list[int] = positions.stop[engine_input.timetable.visit_position].tolist()
        self.only_row, self.row_at = _rows(legs)
        self.alight_after: list[int] = legs.alight.tolist()
        self.next_leg: list[int] = legs.next_leg.tolist()
        self.next_walk_s: list[float] = legs.next_walk_s.tolist()
        self.leg_queue: list[int] = legs.queue.tolist()
        self.open_ended = bool((legs.next_leg != AS_PLANNED).any())
        self.returns = ReturnJourneys(start.returns, state, self.leg_queue)
        self.rerouting = (
            Rerouting(legs, state, self.leg_queue, self.returns) if engine_input.rules.reconsiders else None
        )
        self.interrupted = InterruptedJourneys(legs, state, self.leg_queue)

    def alight(self, vehicle: Vehicle, visit: int, time_s: float) -> None:
        """Open the doors and let out everybody whose stop it is."""
        self.state.visit_arrival_s[visit] = time_s
        vehicle.opened_s = vehicle.out_s = time_s
        vehicle.boarded = vehicle.alighted = 0
        vehicle.left_behind = False
        leavers = self.state.riders[visit]
        if leavers:
            vehicle.alighted = len(leavers)
            vehicle.load -= len(leavers)
            self.state.visit_alightings[visit] = len(leavers)
            vehicle.out_s = self._let_out(leavers, vehicle.step_s, visit, time_s)
        vehicle.hindered = vehicle.load > vehicle.seats

    def open_again(self, vehicle: Vehicle, time_s: float) -> None:
        """Open the doors of an empty vehicle once more."""
        vehicle.opened_s = vehicle.out_s = time_s
        vehicle.boarded = vehicle.alighted = 0
        vehicle.hindered = vehicle.left_behind = False

    def board(self, vehicle: Vehicle, visit: int, until_s: float) -> int:
        """Let in everybody who has joined by a time, as far as there is room; return their number."""
        state, position = self.state, self.visit_position[visit]
        rides, vehicle.left_behind = take(
            self.queues[position], until_s, vehicle.capacity - vehicle.load, self.patience_s
        )
        if rides:
            vehicle.boarded += len(rides)
            vehicle.load += len(rides)
            legs, board_visit, riders = state.ride_leg, state.ride_board_visit, state.riders
            only_row, alight_after, first = self.only_row, self.alight_after, vehicle.first
            for ride in rides:
                board_visit[ride] = visit
                row = only_row[legs[ride]]
                if row < 0:
                    row = self.row_at[legs[ride], position]
                riders[first + alight_after[row]].append(ride)
        return len(rides)

    def close(self, vehicle: Vehicle, visit: int, until_s: float) -> None:
        """Close the doors: record everybody who was left behind of those there by a time, and the load."""
        state = self.state
        if vehicle.left_behind:
            queues = self.queues[self.visit_position[visit]]
            before = len(state.denied_ride)
            for queue in queues:
                state.denied_ride += queue.rides[queue.head : queue.waiting_until(until_s)]
            state.visit_denied[visit] = len(state.denied_ride) - before
            state.denied_visit += [visit] * state.visit_denied[visit]
            if self.rerouting is not None:
                self.rerouting.reconsider(queues, until_s)
        state.visit_boardings[visit] = vehicle.boarded
        state.visit_load[visit] = vehicle.load

    def put_out(self, vehicle: Vehicle, visit: int, cause: Cause) -> None:
        """Let those out whose stop was passed or is not reached, after all others."""
        state, rides = self.state, vehicle.passed
        where = visit, self.visit_stop[visit]
        vehicle.out_s = self.interrupted.put_out(rides, cause, where, vehicle.out_s, vehicle.step_s)
        vehicle.load -= len(rides)
        vehicle.hindered = vehicle.load > vehicle.seats
        state.visit_alightings[visit] += len(rides)
        vehicle.passed = []

    def gather(self, vehicle: Vehicle, visit: int, last: int) -> None:
        """Let nobody stay on board who wanted to get out after a visit, up to the last one they could reach."""
        riders = self.state.riders
        for later in range(visit + 1, last + 1):
            vehicle.passed += riders[later]
            riders[later] = []

    def _let_out(self, rides: list[int], step_s: float, visit: int, time_s: float) -> float:
        state = self.state
        alight_s, alight_visit, following = state.ride_alight_s, state.ride_alight_visit, state.ride_following
        ends_here = self.open_ended or bool(self.returns.after_ride)
        out_s = time_s
        # In order of boarding, one step each: the k-th is out k steps after the arrival (test_engine_passengers.py).
        for ride in rides:
            out_s += step_s
            alight_s[ride] = out_s
            alight_visit[ride] = visit
            later = following[ride]
            if later >= 0:
                joined_s = out_s + state.ride_walk_s[later]
                state.ride_wait_from_s[later] = joined_s
                state.queues[self.leg_queue[state.ride_leg[later]]].join(joined_s, later)
            elif ends_here:
                self._journey_ends(ride, out_s)
        return out_s

    def _journey_ends(self, ride: int, out_s: float) -> None:
        """Let somebody go on whose strategy names a leg for where they got out, or go back later."""
        state = self.state
        if not self.open_ended:
            self.returns.journey_ends(ride, out_s)
            return
        row = self._row(state.ride_leg[ride], self.visit_position[state.ride_board_visit[ride]])
        leg, walk_s = self.next_leg[row], self.next_walk_s[row]
        if leg == AT_GOAL:
            state.ride_last_walk_s[ride] = walk_s
            self.returns.journey_ends(ride, out_s, walk_s)
        else:
            new = state.continue_ride(ride, leg, out_s + walk_s, walk_s)
            state.queues[self.leg_queue[leg]].join(out_s + walk_s, new)

    def _row(self, leg: int, position: int) -> int:
        return self.only_row[leg] if self.only_row[leg] >= 0 else self.row_at[leg, position]


def _rows(legs: Legs) -> tuple[list[int], dict[tuple[int, int], int]]:
    """Return the row of each leg that has one; and of those that have several, the rows by leg and position."""
    size = np.diff(legs.row_ptr)
    only = np.where(size == 1, legs.row_ptr[:-1], -1)
    leg = np.repeat(np.arange(len(size)), size)
    several = np.flatnonzero(size[leg] > 1)
    pairs = zip(leg[several].tolist(), legs.position[several].tolist(), strict=True)
    return only.tolist(), dict(zip(pairs, several.tolist(), strict=True))
