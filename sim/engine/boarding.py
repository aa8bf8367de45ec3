"""Passengers getting out of and into a vehicle at a stop, at their own or before it."""

from __future__ import annotations

import itertools
from array import array
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from sim.engine.day_state import DayState, compact_rows, compact_times
from sim.engine.doors import NEVER, Vehicle
from sim.engine.dwell import hindered_boardings
from sim.engine.engine_input import EngineInput, Positions
from sim.engine.leg_arrays import Legs
from sim.engine.queues import FOR_EVER, Queue, take, take_of_one
from sim.engine.real_time import RealTimeChoices
from sim.engine.rerouting import Rerouting
from sim.engine.rules import BoardingRule
from sim.model.journeys import AS_PLANNED, AT_GOAL
from sim.model.outcome import Cause


class Boarding:
    """Moves rides between queues and vehicles.

    Parameters
    ----------
    engine_input : EngineInput
    state : DayState
    """

    def __init__(self, engine_input: EngineInput, state: DayState) -> None:
        legs, positions = engine_input.legs, engine_input.positions
        self.state = state
        self.riders = state.riders
        self.arrival_s, self.load = state.visit_arrival_s, state.visit_load
        self.boardings, self.alightings = state.visit_boardings, state.visit_alightings
        self.board_visit, self.alight_visit, self.alight_s = (
            state.ride_board_visit,
            state.ride_alight_visit,
            state.ride_alight_s,
        )
        self.patience_s = engine_input.rules.patience_s
        bounds, numbers = positions.queue_ptr.tolist(), positions.queue.tolist()
        self.queues: list[list[Queue]] = [
            [state.queues[number] for number in numbers[first:end]] for first, end in itertools.pairwise(bounds)
        ]
        # Without real time, which vehicles people board is decided by when these are due, so that it is the same for
        # all that wait in a queue and stays the same as long as the vehicle stands (test_engine_lines_by_hour.py).
        self.spans = _spans(positions)
        self.due_s = compact_times(engine_input.timetable.scheduled_departure_s)
        patient = self.patience_s == FOR_EVER
        self.only_queue = [
            queues[0] if patient and len(queues) == 1 and spans is None else None
            for queues, spans in zip(self.queues, self.spans, strict=True)
        ]
        self.visit_position = compact_rows(engine_input.timetable.visit_position)
        self.stop = compact_rows(positions.stop)
        self.row_of = _BoardableLegs(legs)
        self.alight_after = compact_rows(legs.alight)
        self.next_leg = compact_rows(legs.next_leg)
        self.next_walk_s = compact_times(legs.next_walk_s)
        self.open_ended = bool((legs.next_leg != AS_PLANNED).any())
        self.rerouting = Rerouting(legs, state) if engine_input.rules.reconsiders else None
        self.interrupted = InterruptedJourneys(legs, state)
        self.ends_here = self.open_ended or bool(state.stays)
        self.choices = RealTimeChoices(engine_input, state) if len(engine_input.real_time.ptr) else None
        self.during_dwell = engine_input.rules.boarding_rule == BoardingRule.DURING_DWELL
        self.open: list[list[Vehicle]] = [[] for _ in engine_input.stops.berths]

    def serve_at_once(self, vehicle: Vehicle, visit: int, position: int, time_s: float) -> float:
        """Let people out and in where nothing but they counts; return when the vehicle is ready to leave.

        These are the steps `alight`, `board` and `close` and the dwell, for the commonest stop without a detour
        (test_engine_order.py: a stop served at once or step by step gives the same day).
        """
        self.arrival_s[visit] = time_s
        load, alighted, boarded = vehicle.load, 0, 0
        leavers = self.riders[visit]
        if leavers is not None:
            alighted = len(leavers)
            load -= alighted
            self._let_out(leavers, vehicle.step_s, visit, time_s)
        queue = self.only_queue[position]
        if queue is not None or self.queues[position]:
            room = vehicle.capacity - load
            if queue is not None:
                rides, left_behind = take_of_one(queue, time_s, room)
            else:
                rides, left_behind = take(self.queues_of(visit, position), time_s, room, self.patience_s)
            if rides:
                boarded = len(rides)
                load += boarded
                self._let_in(rides, vehicle.first, visit, position)
                self.boardings[visit] = boarded
            if left_behind:
                queues = self.queues_of(visit, position)
                self._deny(visit, queues, (NEVER, time_s), set())
                if self.rerouting is not None:
                    self.rerouting.reconsider(queues, time_s, self.due_s[visit])
        self.load[visit] = vehicle.load = load
        return time_s + vehicle.dwell(boarded, hindered_boardings(load, boarded, vehicle.seats), alighted)

    def alight(self, vehicle: Vehicle, visit: int, time_s: float) -> None:
        """Open the doors and let out everybody whose stop it is."""
        self.reach(visit, time_s)
        vehicle.open_doors(visit, time_s)
        leavers = self.riders[visit]
        if leavers is not None:
            vehicle.alighted = len(leavers)
            vehicle.load -= len(leavers)
            vehicle.out_s = self._let_out(leavers, vehicle.step_s, visit, time_s)

    def reach(self, visit: int, time_s: float) -> None:
        """Note that a vehicle is at a stop from a time on."""
        self.arrival_s[visit] = time_s
        if self.choices is not None:
            self.choices.reached(visit)

    def look(self, vehicle: Vehicle, until_s: float) -> None:
        """Let in everybody who has joined by a time, as far as there is room, and record whom there is none for.

        Vehicles that stand at the stop with open doors look first, in the order in which they came. A commuter who
        joins while one of them stands boards it or finds it full then, whatever comes later
        (test_engine_open_doors.py).
        """
        if not self.during_dwell:
            self._look(vehicle, until_s)
            return
        standing = self.open[self.stop[self.visit_position[vehicle.visit]]]
        if vehicle.looked_s == NEVER:
            standing.append(vehicle)
        for one in standing:
            self._look(one, until_s)

    def close(self, vehicle: Vehicle, until_s: float) -> None:
        """Close the doors: let people reconsider who are left behind, and record boardings and load."""
        visit = vehicle.visit
        position = self.visit_position[visit]
        if self.during_dwell:
            self.open[self.stop[position]].remove(vehicle)
        if vehicle.left_behind and self.rerouting is not None:
            queues = self.queues_of(visit, position)
            for queue in queues:
                queue.drop_impatient(queue.waiting_until(until_s), until_s, self.patience_s)
            self.rerouting.reconsider(queues, until_s, self.due_s[visit])
        self.boardings[visit] = vehicle.boarded
        self.load[visit] = vehicle.load

    def _look(self, vehicle: Vehicle, until_s: float) -> None:
        visit, before_s = vehicle.visit, vehicle.looked_s
        position, again = self.visit_position[visit], before_s > NEVER
        if self.choices is not None and not again:
            # What people make of a vehicle when it opens its doors holds as long as they are open.
            self.choices.choose(visit, self._served_by_the_clock(visit, position), until_s)
        queues, room = self.queues_of(visit, position), vehicle.capacity - vehicle.load
        # Commuters who come while the doors are open board at once or find no room: nobody's patience ends before.
        rides, vehicle.left_behind = take(queues, until_s, room, FOR_EVER if again else self.patience_s)
        vehicle.looked_s = until_s
        if rides:
            if again:
                vehicle.let_in_late(self.state.ride_wait_from_s[ride] for ride in rides)
            else:
                vehicle.boarded += len(rides)
                vehicle.load += len(rides)
            self._let_in(rides, vehicle.first, visit, position)
        if vehicle.left_behind:
            self._deny(visit, queues, (before_s, until_s), vehicle.denied)

    def _deny(self, visit: int, queues: list[Queue], times_s: tuple[float, float], known: set[int]) -> None:
        """Record everybody who has joined between two times and finds no room, and is not known yet."""
        state, first = self.state, len(self.state.denied_ride)
        for queue in queues:
            end = queue.waiting_until(times_s[1])
            rides = queue.rides[bisect_left(queue.times_s, times_s[0], queue.head, end) : end]
            state.denied_ride.extend(ride for ride in rides if ride not in known)
        known.update(state.denied_ride[first:])
        number = len(state.denied_ride) - first
        state.visit_denied[visit] += number
        state.denied_visit.extend(array("i", [visit]) * number)

    def queues_of(self, visit: int, position: int) -> list[Queue]:
        """Return the queues that a vehicle serves at a visit."""
        if self.choices is not None:
            return self.choices.chosen[visit]
        return self._served_by_the_clock(visit, position)

    def _served_by_the_clock(self, visit: int, position: int) -> list[Queue]:
        """Return the queues of a position that are for a vehicle due at its time."""
        queues, spans = self.queues[position], self.spans[position]
        if spans is None:
            return queues
        due_s = self.due_s[visit]
        return [queue for queue, (from_s, until_s) in zip(queues, spans, strict=True) if from_s <= due_s <= until_s]

    def put_out(self, vehicle: Vehicle, visit: int, cause: Cause) -> None:
        """Let those out whose stop was passed or is not reached, after all others."""
        state, rides = self.state, vehicle.passed
        where = visit, self.stop[self.visit_position[visit]]
        vehicle.out_s = self.interrupted.put_out(rides, cause, where, vehicle.out_s, vehicle.step_s)
        vehicle.load -= len(rides)
        state.visit_alightings[visit] += len(rides)
        vehicle.alighted += len(rides)
        vehicle.passed = []

    def gather(self, vehicle: Vehicle, visit: int, last: int) -> None:
        """Gather everybody on board who wants to get out after a visit, up to the last one they could reach."""
        for later in range(visit + 1, last + 1):
            vehicle.passed += self.riders[later] or ()
            self.riders[later] = None

    def _let_in(self, rides: Sequence[int], first: int, visit: int, position: int) -> None:
        board_visit, riders, ride_after = self.board_visit, self.riders, self.state.ride_after
        for ride in rides:
            board_visit[ride] = visit
            after = ride_after[ride]
            if after < 0:
                after = self.alight_after[self.row_of(self.state.ride_leg[ride], position, self.due_s[visit])]
            others = riders[first + after]
            if others is None:
                riders[first + after] = [ride]
            else:
                others.append(ride)

    def _let_out(self, rides: list[int], step_s: float, visit: int, time_s: float) -> float:
        state, alight_s, alight_visit = self.state, self.alight_s, self.alight_visit
        following, ends_here = state.ride_following, self.ends_here
        self.alightings[visit] = len(rides)
        out_s = time_s
        # In order of boarding, one step each: the k-th is out k steps after the arrival (test_engine_passengers.py).
        for ride in rides:
            out_s += step_s
            alight_s[ride] = out_s
            alight_visit[ride] = visit
            later = following[ride]
            if later >= 0:
                state.join(later, out_s + state.ride_walk_s[later])
            elif ends_here:
                self._journey_ends(ride, out_s)
        return out_s

    def _journey_ends(self, ride: int, out_s: float) -> None:
        """Let a commuter go on by the leg that their strategy names where they got out, or end the journey."""
        state = self.state
        if not self.open_ended:
            state.end_journey(ride, out_s)
            return
        visit = state.ride_board_visit[ride]
        row = self.row_of(state.ride_leg[ride], self.visit_position[visit], self.due_s[visit])
        leg, walk_s = self.next_leg[row], self.next_walk_s[row]
        if leg == AS_PLANNED:
            state.end_journey(ride, out_s)
        elif leg == AT_GOAL:
            state.ride_last_walk_s[ride] = walk_s
            state.end_journey(ride, out_s, walk_s)
        else:
            new = state.continue_ride(ride, leg, out_s + walk_s, walk_s)
            state.join(new, out_s + walk_s)


def _spans(positions: Positions) -> list[list[tuple[float, float]] | None]:
    """Return by position when each of its queues is served; None where every vehicle serves all of them."""
    rows = list(zip(positions.queue_from_s.tolist(), positions.queue_until_s.tolist(), strict=True))
    parts = [rows[first:end] for first, end in itertools.pairwise(positions.queue_ptr.tolist())]
    return [part if any(span != ALL_DAY for span in part) else None for part in parts]


ALL_DAY = (float("-inf"), float("inf"))


class _BoardableLegs:
    """Finds the row of a leg at a position where it may be boarded by a vehicle.

    Parameters
    ----------
    legs : Legs
    """

    def __init__(self, legs: Legs) -> None:
        size = np.diff(legs.row_ptr)
        leg = np.repeat(np.arange(len(size)), size)
        several = np.flatnonzero(size[leg] > 1)
        # Rows at one position rise by time: the last of them is kept.
        pairs = zip(leg[several].tolist(), legs.position[several].tolist(), strict=True)
        self.from_s = compact_times(legs.from_s)
        self.only = compact_rows(np.where(size == 1, legs.row_ptr[:-1], -1))
        self.at = dict(zip(pairs, several.tolist(), strict=True))

    def __call__(self, leg: int, position: int, due_s: float) -> int:
        if self.only[leg] >= 0:
            return self.only[leg]
        row = self.at[leg, position]
        while self.from_s[row] > due_s:
            row -= 1
        return row


class InterruptedJourneys:
    """Makes rides that continue a ride which ended too early.

    They wait in queues of their own, one for each stop and goal, which every pattern serves
    that goes from the one to the other; or in that of a strategy which says what to do there.

    Parameters
    ----------
    legs : Legs
    state : DayState
    """

    def __init__(self, legs: Legs, state: DayState) -> None:
        self.state = state
        self.goal: list[int] = legs.goal.tolist()
        stops = [
            stop
            for stop, (first, end) in enumerate(zip(legs.interrupted_ptr[:-1], legs.interrupted_ptr[1:], strict=True))
            for _ in range(first, end)
        ]
        pairs = zip(stops, legs.interrupted_goal.tolist(), strict=True)
        self.leg = dict(zip(pairs, legs.interrupted_leg.tolist(), strict=True))

    def put_out(self, rides: list[int], cause: Cause, where: tuple[int, int], time_s: float, step_s: float) -> float:
        """Let rides end at a visit and wait there again; return when the last one is out.

        Parameters
        ----------
        rides : list of int
        cause : Cause
            Why they end.
        where : tuple of (int, int)
            Visit and its stop.
        time_s, step_s : float
            When the first one begins to get out, and how long each one takes, in seconds.
        """
        state, (visit, stop) = self.state, where
        out_s = time_s
        for ride in rides:
            out_s += step_s
            state.ride_alight_s[ride] = out_s
            state.ride_alight_visit[ride] = visit
            leg = self.leg[stop, self.goal[state.ride_leg[ride]]]
            new = state.continue_ride(ride, leg, out_s, cause=cause)
            state.join(new, out_s)
        return out_s
