"""Passengers getting out of and into a vehicle at a stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.engine.dwell import DwellRule, alighting_step_s, dwell_rule, no_dwell
from sim.engine.plan import Plan
from sim.engine.queues import Entry, Queue, record_denied, take
from sim.engine.reaction import Reaction
from sim.engine.returns import go_back_later
from sim.engine.state import DayState
from sim.model.journeys import AT_GOAL
from sim.model.service import VehicleType


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """What stays the same for vehicles of a type; times in seconds."""

    dwell: DwellRule
    alighting_step_s: float
    seats: int
    capacity: int
    kind: VehicleType


@dataclass(slots=True)
class TripRun:
    """A trip that is under way.

    Attributes
    ----------
    trip, block, pattern, first, last : int
        Rows of the trip, its block, its pattern, its first and last visit.
    facts : VehicleFacts
    getting_out : list of list of int
        Rides on board, by the position at which they get out, in order of boarding.
    load : int
        Persons on board.
    carried_past : list of int
        Rides on board whose stop was passed.
    came_as : tuple of (int, int)
        Pattern and first visit of the trip that goes on as this one.
    """

    trip: int
    block: int
    pattern: int
    first: int
    last: int
    facts: VehicleFacts
    getting_out: list[list[int]]
    load: int = 0
    carried_past: list[int] = field(default_factory=list)
    came_as: tuple[int, int] = (-1, -1)


@dataclass(slots=True)
class StopCall:
    """A vehicle standing at a stop.

    Attributes
    ----------
    visit : int
    sequence : int
        Position in the trip, from 0.
    arrival_s : float
    queues : list of Queue
        Those that this vehicle serves here.
    alighted, boarded : int
    standing : bool
        Whether somebody stood when boarding began.
    left_behind : bool
        Whether somebody found no place at the last look.
    headway_s : float or None
        Since the arrival before of the line and direction, where that is wanted.
    """

    visit: int
    sequence: int
    arrival_s: float
    queues: list[Queue]
    alighted: int = 0
    boarded: int = 0
    standing: bool = False
    left_behind: bool = False
    headway_s: float | None = None


class Exchange:
    """Moves rides between queues and vehicles.

    Parameters
    ----------
    plan : Plan
    state : DayState
    queues : list of Queue
    """

    def __init__(self, plan: Plan, state: DayState, queues: list[Queue]) -> None:
        self.state = state
        self.queues = queues
        self.patience_s = plan.patience_s
        self.position_legs: dict[tuple[int, int], Mapping[int, int]] = dict(plan.position_legs)
        self.position_queues: dict[tuple[int, int], list[Queue]] = {
            position: [queues[number] for number in numbers] for position, numbers in plan.position_queues.items()
        }
        self.no_queues: list[Queue] = []
        self.next_steps = plan.next_steps
        self.leg_queue: list[int] = plan.leg_queue.tolist()
        self.reaction = Reaction(plan, state, queues) if plan.fallbacks else None
        self.facts = [_facts(plan, number) for number in range(len(plan.service.vehicle_types))]

    def arrive(self, run: TripRun, visit: int, arrival_s: float) -> StopCall:
        """Open the doors: let out who wants to, let in who is present."""
        call = self.alight(run, visit, arrival_s)
        if call.queues and visit != run.last:
            self.board(run, call, arrival_s)
        return call

    def alight(self, run: TripRun, visit: int, arrival_s: float) -> StopCall:
        """Let out who wants to."""
        sequence = visit - run.first
        queues = self.position_queues.get((run.pattern, sequence), self.no_queues)
        call = StopCall(visit, sequence, arrival_s, queues)
        self.state.visit_arrival_s[visit] = arrival_s
        leavers = run.getting_out[sequence]
        if leavers:
            call.alighted = len(leavers)
            self._let_out(leavers, arrival_s, visit, run)
            run.load -= call.alighted
            self.state.visit_alightings[visit] = call.alighted
        call.standing = run.load > run.facts.seats
        return call

    def call_again(self, run: TripRun, call: StopCall, time_s: float) -> StopCall:
        """Return the call of a vehicle that opens its doors once more; queues may have been added."""
        queues = self.position_queues.get((run.pattern, call.sequence), self.no_queues)
        return StopCall(call.visit, call.sequence, time_s, queues, headway_s=call.headway_s)

    def board(self, run: TripRun, call: StopCall, until_s: float) -> int:
        """Let in who has joined by a time, as far as there is room; return their number."""
        entries, call.left_behind = take(call.queues, until_s, run.facts.capacity - run.load, self.patience_s)
        if entries:
            self._let_in(entries, call, run)
            call.boarded += len(entries)
            run.load += len(entries)
        return len(entries)

    def dwell_s(self, run: TripRun, call: StopCall) -> float:
        """Return how long the vehicle stands for the passengers so far, in seconds."""
        return run.facts.dwell(call.boarded, call.alighted, call.standing)

    def close(self, run: TripRun, call: StopCall, until_s: float) -> None:
        """Close the doors: record who was left behind of those there by a time, and the load."""
        state, visit = self.state, call.visit
        if call.left_behind:
            state.visit_denied[visit] = record_denied(call.queues, until_s, visit, state)
            if self.reaction is not None:
                self.reaction.react(call.queues, until_s)
        state.visit_boardings[visit] = call.boarded
        state.visit_load[visit] = run.load

    def _let_in(self, entries: list[Entry], call: StopCall, run: TripRun) -> None:
        state, visit, arrival_s = self.state, call.visit, call.arrival_s
        alight_at = self.position_legs[run.pattern, call.sequence]
        legs, board_s, board_visit = state.ride_leg, state.ride_board_s, state.ride_board_visit
        getting_out = run.getting_out
        for joined_s, ride in entries:
            board_s[ride] = joined_s if joined_s > arrival_s else arrival_s
            board_visit[ride] = visit
            getting_out[alight_at[legs[ride]]].append(ride)

    def _let_out(self, rides: list[int], time_s: float, visit: int, run: TripRun) -> None:
        state = self.state
        out_s, step_s = time_s, run.facts.alighting_step_s
        for ride in rides:
            out_s += step_s
            state.ride_alight_s[ride] = out_s
            state.ride_alight_visit[ride] = visit
            following = state.ride_following[ride]
            if following >= 0:
                joined_s = out_s + state.ride_walk_s[following]
                state.ride_wait_from_s[following] = joined_s
                self.queues[state.ride_queue[following]].join(joined_s, following)
            elif self.next_steps:
                boarded_here = state.ride_board_visit[ride] >= run.first
                pattern, first = (run.pattern, run.first) if boarded_here else run.came_as
                self._go_on(ride, (state.ride_leg[ride], pattern, visit - first), out_s)
            elif state.returns:
                go_back_later(state, self.queues, ride, out_s)

    def _go_on(self, ride: int, place: tuple[int, int, int], out_s: float) -> None:
        """Decide where somebody goes on who has a strategy, by the leg, pattern and stop of getting out."""
        leg, walk_s = self.next_steps.get(place, (AT_GOAL, 0.0))
        if leg == AT_GOAL:
            self.state.last_walk_s[ride] = walk_s
            go_back_later(self.state, self.queues, ride, out_s, walk_s)
        else:
            queue, joined_s = self.leg_queue[leg], out_s + walk_s
            new = self.state.continue_ride(ride, leg, queue, joined_s, walk_s, put_out=False)
            self.queues[queue].join(joined_s, new)


def _facts(plan: Plan, number: int) -> VehicleFacts:
    kind = plan.service.vehicle_types[number]
    if plan.parameters.no_dwell:
        return VehicleFacts(no_dwell, 0.0, kind.seats, kind.capacity, kind)
    return VehicleFacts(dwell_rule(kind), alighting_step_s(kind), kind.seats, kind.capacity, kind)
