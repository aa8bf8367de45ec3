"""A vehicle block as a SimPy process: one event per stop visit where the model allows.

Under the boarding rule ``present_at_arrival`` a visit is settled when the vehicle arrives:
who gets out, who gets in, when it leaves and when it reaches the next stop. Under
``during_dwell`` the doors stay open for those who come while it stands, so a further event
looks for them each time it is about to leave.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import simpy

from sim.engine.draws import Draws
from sim.engine.dwell import DwellRule, alighting_step_s, dwell_rule, no_dwell
from sim.engine.plan import Plan
from sim.engine.queues import Entry, Queue, record_denied, take
from sim.engine.state import DayState
from sim.units import quantize, quantize_one

Turn = Generator[simpy.Event, None, None]


class At(simpy.Event):
    """An event at a time of the clock, in the order of blocks within one instant."""

    def __init__(self, env: simpy.Environment, time_s: float, block: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=block + 1, delay=time_s - env.now)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class TripFacts:
    """What stays the same over a trip."""

    dwell: DwellRule
    alighting_step_s: float
    seats: int
    capacity: int


class Vehicles:
    """The vehicles of one day and what they share."""

    def __init__(self, env: simpy.Environment, plan: Plan, draws: Draws, state: DayState, queues: list[Queue]) -> None:
        self.env = env
        self.plan = plan
        self.state = state
        self.queues = queues
        service = plan.service
        self.dispatch_s: list[float] = draws.dispatch_s.tolist()
        self.visit_ptr: list[int] = service.visit_ptr.tolist()
        self.pattern: list[int] = service.trip_pattern.tolist()
        self.layover_s = quantize_one(plan.parameters.layover_s)
        self.patience_s = plan.patience_s
        self.during_dwell = plan.parameters.boarding_rule == "during_dwell"
        self.keep_order = not plan.parameters.overtaking
        self.passing: list[int] = plan.visit_passing.tolist()
        self.last_departure_s: dict[int, float] = {}
        self.last_arrival_s: dict[int, float] = {}
        self._set_running_times(plan, draws)
        self._facts = [self._facts_of(number) for number in range(len(service.vehicle_types))]
        self.trip_facts = [self._facts[kind] for kind in service.trip_vehicle_type.tolist()]
        self._position_queues: dict[tuple[int, int], list[Queue]] = {
            position: [queues[number] for number in numbers] for position, numbers in plan.position_queues.items()
        }
        self._no_legs: Mapping[int, int] = {}

    def _facts_of(self, number: int) -> TripFacts:
        kind = self.plan.service.vehicle_types[number]
        if self.plan.parameters.no_dwell:
            return TripFacts(no_dwell, 0.0, kind.seats, kind.capacity)
        return TripFacts(dwell_rule(kind), alighting_step_s(kind), kind.seats, kind.capacity)

    def _set_running_times(self, plan: Plan, draws: Draws) -> None:
        self.scheduled_s: list[float] = quantize(plan.visit_running_s * draws.running_factor).tolist()
        times = plan.running_times
        self.hop: list[int] = times.visit_hop.tolist() if times is not None else []
        self.step_s = times.step_s if times is not None else 1.0
        self.table_s: list[list[float]] = times.table_s.tolist() if times is not None else []
        self.factor: list[float] = draws.running_factor.tolist()

    def running_s(self, visit: int, departure_s: float) -> float:
        """Return the running time in seconds to the next stop when leaving at a time."""
        if self.hop:
            hop = self.hop[visit]
            if hop >= 0:
                row = self.table_s[hop]
                step = min(int(departure_s // self.step_s), len(row) - 1)
                return quantize_one(row[step] * self.factor[visit])
        return self.scheduled_s[visit]

    def run_block(self, block: int) -> Turn:
        """Run the trips of a block one after the other; lateness carries over."""
        ready_s = 0.0
        for trip in self.plan.block_trips[block]:
            start_s = max(self.dispatch_s[trip], ready_s)
            yield At(self.env, start_s, block)
            end_s = yield from self._run_trip(block, trip, start_s)
            ready_s = end_s + self.layover_s

    def _run_trip(self, block: int, trip: int, start_s: float) -> Generator[simpy.Event, None, float]:
        state, env = self.state, self.env
        first, last = self.visit_ptr[trip], self.visit_ptr[trip + 1] - 1
        getting_out: list[list[int]] = [[] for _ in range(last - first + 1)]
        facts = self.trip_facts[trip]
        pattern = self.pattern[trip]
        load = 0
        time_s = start_s
        for visit in range(first, last + 1):
            sequence = visit - first
            state.visit_arrival_s[visit] = time_s
            leavers = getting_out[sequence]
            if leavers:
                self._let_out(leavers, time_s, visit, facts.alighting_step_s)
                load -= len(leavers)
                state.visit_alightings[visit] = len(leavers)
            if visit == last:
                break
            queues = self._position_queues.get((pattern, sequence))
            standing = load > facts.seats
            boarded = 0
            if queues:
                entries, left = take(queues, time_s, facts.capacity - load, self.patience_s)
                boarded = self._let_in(entries, visit, pattern, sequence, getting_out)
            departure_s = time_s + facts.dwell(boarded, len(leavers), standing)
            if queues:
                if self.during_dwell:
                    while True:
                        yield At(env, departure_s, block)
                        entries, left = take(queues, departure_s, facts.capacity - load - boarded, self.patience_s)
                        if not entries:
                            break
                        boarded += self._let_in(entries, visit, pattern, sequence, getting_out)
                        departure_s = time_s + facts.dwell(boarded, len(leavers), standing)
                if left:
                    until_s = departure_s if self.during_dwell else time_s
                    state.visit_denied[visit] = record_denied(queues, until_s, visit, state)
            load += boarded
            state.visit_boardings[visit] = boarded
            state.visit_load[visit] = load
            departure_s, next_s = self._leave(visit, departure_s)
            state.visit_departure_s[visit] = departure_s
            yield At(env, next_s, block)
            time_s = next_s
        end_s = time_s + len(leavers) * facts.alighting_step_s
        state.visit_departure_s[last] = end_s
        return end_s

    def _leave(self, visit: int, departure_s: float) -> tuple[float, float]:
        """Settle departure and next arrival; behind the vehicle in front where order is kept."""
        if not self.keep_order:
            return departure_s, departure_s + self.running_s(visit, departure_s)
        pair = self.passing[visit]
        departure_s = max(departure_s, self.last_departure_s.get(pair, departure_s))
        next_s = departure_s + self.running_s(visit, departure_s)
        next_s = max(next_s, self.last_arrival_s.get(pair, next_s))
        self.last_departure_s[pair] = departure_s
        self.last_arrival_s[pair] = next_s
        return departure_s, next_s

    def _let_in(
        self, entries: list[Entry], visit: int, pattern: int, sequence: int, getting_out: list[list[int]]
    ) -> int:
        state = self.state
        arrival_s = state.visit_arrival_s[visit]
        alight_at = self.plan.position_legs.get((pattern, sequence), self._no_legs)
        legs, board_s, board_visit = state.ride_leg, state.ride_board_s, state.ride_board_visit
        for joined_s, ride in entries:
            board_s[ride] = joined_s if joined_s > arrival_s else arrival_s
            board_visit[ride] = visit
            getting_out[alight_at[legs[ride]]].append(ride)
        return len(entries)

    def _let_out(self, rides: list[int], time_s: float, visit: int, step_s: float) -> None:
        state = self.state
        out_s = time_s
        for ride in rides:
            out_s += step_s
            state.ride_alight_s[ride] = out_s
            state.ride_alight_visit[ride] = visit
            if not state.ride_is_last[ride]:
                following = ride + 1
                joined_s = out_s + state.ride_walk_s[following]
                state.ride_wait_from_s[following] = joined_s
                self.queues[state.ride_queue[following]].join(joined_s, following)


def start_all(env: simpy.Environment, vehicles: Vehicles) -> None:
    """Start the process of every block, in order."""
    for block in range(len(vehicles.plan.block_trips)):
        env.process(vehicles.run_block(block))
