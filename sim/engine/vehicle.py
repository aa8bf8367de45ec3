"""A vehicle block as a SimPy process: one event per stop visit where the model allows.

Under the boarding rule ``present_at_arrival`` a visit is settled when the vehicle arrives:
who gets out, who gets in, when it leaves and when it reaches the next stop. Under
``during_dwell`` the doors stay open for those who come while it stands, so a further event
looks for them each time it is about to leave.
"""

from __future__ import annotations

from collections.abc import Generator

import simpy

from sim.engine.draws import Draws
from sim.engine.exchange import Exchange, StopCall, TripRun
from sim.engine.movement import Movement
from sim.engine.plan import Plan
from sim.engine.queues import Queue
from sim.engine.state import DayState
from sim.units import quantize_one

Turns = Generator[simpy.Event, None, None]
TurnsUntil = Generator[simpy.Event, None, float]


class At(simpy.Event):
    """An event at a time of the clock, in the order of blocks within one instant."""

    def __init__(self, env: simpy.Environment, time_s: float, block: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=block + 1, delay=time_s - env.now)  # type: ignore[arg-type]


class Vehicles:
    """The vehicles of one day and what they share.

    Parameters
    ----------
    env : simpy.Environment
    plan : Plan
    draws : Draws
    state : DayState
    queues : list of Queue
    """

    def __init__(self, env: simpy.Environment, plan: Plan, draws: Draws, state: DayState, queues: list[Queue]) -> None:
        self.env = env
        self.plan = plan
        self.state = state
        self.exchange = Exchange(plan, state, queues)
        self.movement = Movement(plan, draws)
        self.during_dwell = plan.parameters.boarding_rule == "during_dwell"
        self.layover_s = quantize_one(plan.parameters.layover_s)
        self.dispatch_s: list[float] = draws.dispatch_s.tolist()
        self.visit_ptr: list[int] = plan.service.visit_ptr.tolist()
        self.pattern: list[int] = plan.service.trip_pattern.tolist()
        self.vehicle_type: list[int] = plan.service.trip_vehicle_type.tolist()
        self.continues: list[bool] = plan.continues.tolist()
        self.beyond: list[int] = [len(item.reached_stops()) - len(item.stops) for item in plan.service.patterns]

    def start_all(self) -> None:
        """Start the process of every block, in order."""
        for block in range(len(self.plan.block_trips)):
            self.env.process(self.run_block(block))

    def run_block(self, block: int) -> Turns:
        """Run the trips of a block one after the other; lateness carries over."""
        ready_s, run = 0.0, None
        for trip in self.plan.block_trips[block]:
            start_s = max(self.dispatch_s[trip], ready_s)
            yield At(self.env, start_s, block)
            run = self._trip_run(block, trip, run)
            end_s = yield from self._run_trip(run, start_s)
            ready_s = end_s + self.layover_s

    def _trip_run(self, block: int, trip: int, before: TripRun | None) -> TripRun:
        """Return a trip about to begin, with those on board who have stayed there from the one before."""
        first, last = self.visit_ptr[trip], self.visit_ptr[trip + 1] - 1
        run = TripRun(
            trip=trip,
            block=block,
            pattern=self.pattern[trip],
            first=first,
            last=last,
            facts=self.exchange.facts[self.vehicle_type[trip]],
            getting_out=[[] for _ in range(last - first + 1 + self.beyond[self.pattern[trip]])],
        )
        if before is not None and before.trip == trip - 1 and self.continues[trip]:
            stayed = before.getting_out[before.last - before.first + 1 :]
            run.getting_out[: len(stayed)] = stayed
            run.load = before.load
            run.came_as = (before.pattern, before.first)
        return run

    def _run_trip(self, run: TripRun, start_s: float) -> TurnsUntil:
        """Serve the stops of a trip; return when the vehicle is empty at the last one."""
        exchange, departures = self.exchange, self.state.visit_departure_s
        time_s = start_s
        for visit in range(run.first, run.last):
            call = exchange.arrive(run, visit, time_s)
            departure_s = time_s + exchange.dwell_s(run, call)
            if self.during_dwell and (call.queues or self.movement.keep_order):
                departure_s = yield from self._stand(run, call, departure_s)
                exchange.close(run, call, departure_s)
            else:
                exchange.close(run, call, time_s)
            departures[visit], time_s = self.movement.leave(visit, departure_s)
            yield At(self.env, time_s, run.block)
        call = exchange.arrive(run, run.last, time_s)
        end_s = time_s + call.alighted * run.facts.alighting_step_s
        departures[run.last] = end_s
        self.state.visit_load[run.last] = run.load
        return end_s

    def _stand(self, run: TripRun, call: StopCall, departure_s: float) -> TurnsUntil:
        """Keep the doors open until nobody has come since the last look; return the departure."""
        while True:
            departure_s = self.movement.stand(call.visit, departure_s)
            yield At(self.env, departure_s, run.block)
            if self.exchange.board(run, call, departure_s):
                departure_s = max(departure_s, call.arrival_s + self.exchange.dwell_s(run, call))
            elif self.movement.stand(call.visit, departure_s) <= departure_s:
                return departure_s
