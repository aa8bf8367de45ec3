"""The loop of vehicles that control, room at stops or disruptions have a say in.

Like `sim.engine.vehicle` with an event at each departure besides: a vehicle enters a stop,
serves it, is held, waits for the road and its turn, and leaves.
"""

from __future__ import annotations

from collections import defaultdict

import simpy

from sim.engine.control import StopSituation
from sim.engine.draws import Draws
from sim.engine.dwell import fluid_dwell_s
from sim.engine.exchange import StopCall, TripRun
from sim.engine.movement import Movement
from sim.engine.operations import Breakdown, Operations
from sim.engine.places import Lane, Place, Spacing
from sim.engine.plan import Plan
from sim.engine.queues import Queue
from sim.engine.state import DayState
from sim.engine.stranded import Stranded
from sim.engine.succession import Succession
from sim.engine.vehicle import At, Turns, TurnsUntil, Vehicles
from sim.model.outcome import Cause, Disruption
from sim.units import quantize_one


class SlowedMovement(Movement):
    """Movement over links some of which are slow for a while."""

    def __init__(self, plan: Plan, draws: Draws, state: DayState) -> None:
        super().__init__(plan, draws)
        self.slowings = plan.operations.slowings
        self.state = state

    def running_s(self, visit: int, departure_s: float) -> float:
        """Return the running time in seconds to the next stop when leaving at a time."""
        running_s = super().running_s(visit, departure_s)
        for start_s, end_s, factor in self.slowings.get(visit, ()):
            if start_s <= departure_s < end_s:
                running_s = quantize_one(running_s * factor)
                self.state.hinder(visit, Disruption.LINK_SLOW)
        return running_s


class OperatedVehicles(Vehicles):
    """Vehicles under control and disruptions; parameters as of `Vehicles`."""

    def __init__(self, env: simpy.Environment, plan: Plan, draws: Draws, state: DayState, queues: list[Queue]) -> None:
        super().__init__(env, plan, draws, state, queues)
        self.operations: Operations = plan.operations
        self.movement = SlowedMovement(plan, draws, state)
        self.succession = Succession(plan, self.dispatch_s)
        self.stranded = Stranded(plan, state, self.exchange)
        self.visit_stop: list[int] = plan.service.visit_stop.tolist()
        self.lets_out: list[bool] = plan.service.visit_alights.tolist()
        self.controlled: list[bool] = plan.operations.controlled.tolist()
        self.pattern_line: list[int] = [pattern.line for pattern in plan.service.patterns]
        self.spacing = Spacing(plan.operations.line_headways)
        self.places: dict[int, Place] = {}
        self.lanes: dict[int, Lane] = defaultdict(lambda: Lane(env))

    def _place(self, visit: int) -> Place:
        stop = self.visit_stop[visit]
        if stop not in self.places:
            asked = self.operations
            self.places[stop] = Place(self.env, asked.berths.get(stop), asked.minimum_headway_s.get(stop, 0.0))
        return self.places[stop]

    def _run_trip(self, run: TripRun, start_s: float) -> TurnsUntil:
        """Serve the stops of a trip; return when the vehicle is empty, at the last stop or where it broke down."""
        del start_s  # the clock is there already
        departures, env = self.state.visit_departure_s, self.env
        trouble = self.operations.breakdowns.get(run.trip)
        for visit in range(run.first, run.last):
            yield from self._enter(visit)
            if trouble is not None and trouble.happens(visit, env.now):
                yield from self._break_down(run, visit, trouble)
                if trouble.ends_trip:
                    return env.now
                trouble = None
            else:
                yield from self._serve(run, visit, env.now)
            yield from self._wait_turn(run, visit)
            departures[visit], next_s = self.movement.leave(visit, env.now)
            self._exit(visit)
            self.succession.departed(visit, env.now)
            yield At(env, next_s, run.block)
        yield from self._enter(run.last)
        call = self.exchange.arrive(run, run.last, env.now)
        passed = len(run.carried_past)
        end_s = self._put_out(run, call, Cause.STOP_CLOSED)
        if run.trip in self.operations.cancelled_onward:
            self._gather(run, call)
            call.alighted += passed
            end_s = max(end_s, self._put_out(run, call, Cause.TRIP_CANCELLED))
        departures[run.last] = end_s
        yield At(env, end_s, run.block)
        self._exit(run.last)
        return end_s

    def _enter(self, visit: int) -> Turns:
        """Come to a stop: take a place in the lane, then a berth."""
        if self.movement.keep_order and self.movement.passing[visit] >= 0:
            self.lanes[self.movement.passing[visit]].join(visit)
        place = self._place(visit)
        if place.blocked:
            self.state.hinder(visit, Disruption.BEHIND_BROKEN_VEHICLE)
        yield from place.enter()

    def _exit(self, visit: int) -> None:
        if self.movement.keep_order and self.movement.passing[visit] >= 0:
            self.lanes[self.movement.passing[visit]].leave(visit)
        self._place(visit).leave()

    def _wait_turn(self, run: TripRun, visit: int) -> Turns:
        """Wait until nobody is in front and the last departure is long enough ago."""
        yield from self._wait_in_lane(visit)
        place, line, way = self._place(visit), self.pattern_line[run.pattern], self.movement.passing[visit]
        while self.env.now < (earliest_s := max(place.earliest_s(), self.spacing.earliest_s(line, way))):
            yield At(self.env, earliest_s, run.block)
        place.last_departure_s = self.env.now
        self.spacing.departed(line, way, self.env.now)

    def _wait_in_lane(self, visit: int) -> Turns:
        """Wait until nobody is in front, where vehicles keep their order."""
        if self.movement.keep_order:
            yield from self.lanes[self.movement.passing[visit]].wait_turn(visit)

    def _serve(self, run: TripRun, visit: int, arrival_s: float) -> Turns:
        """Let people out and in, hold the vehicle, and wait until the road is open."""
        if self._is_closed(visit, arrival_s):
            self._pass_by(run, visit, arrival_s)
            yield At(self.env, self._open_road_s(visit, arrival_s), run.block)
            return
        call = self.exchange.alight(run, visit, arrival_s)
        call.headway_s = self.succession.arrived(visit, arrival_s)
        out_s = arrival_s + call.alighted * run.facts.alighting_step_s
        if run.carried_past and self.lets_out[visit]:
            out_s = self._put_out(run, call, Cause.STOP_CLOSED)
            call.standing = run.load > run.facts.seats
        self.exchange.board(run, call, arrival_s)
        yield from self._finish(run, call, out_s, max(out_s, arrival_s + self._dwell_s(run, call)))

    def _finish(self, run: TripRun, call: StopCall, out_s: float, ready_s: float) -> Turns:
        """Stand until those who get out are out, and the dwell, the control and the road allow to leave."""
        visit = call.visit
        if not self.during_dwell:
            self.exchange.close(run, call, self.env.now)
        else:
            ready_s = yield from self._stand_open(run, call, ready_s)
        departure_s = ready_s
        if self.controlled[visit]:
            if not self.operations.limits.allow_negative:
                yield At(self.env, ready_s, run.block)
            departure_s = max(ready_s + self._holding_s(run, call, ready_s), out_s, self.env.now)
        departure_s = self._open_road_s(visit, departure_s)
        if self.during_dwell:
            left_s = departure_s
            if departure_s > ready_s:
                left_s = yield from self._stand_open(run, call, departure_s)
            yield from self._wait_in_lane(visit)
            if self.env.now > left_s:
                left_s = yield from self._stand_open(run, call, self.env.now)
            ready_s += left_s - departure_s
            departure_s = left_s
            self.exchange.close(run, call, departure_s)
        if self.controlled[visit]:
            self.state.visit_holding_s[visit] = departure_s - ready_s
        yield At(self.env, departure_s, run.block)

    def _stand_open(self, run: TripRun, call: StopCall, until_s: float) -> TurnsUntil:
        """Keep the doors open until a time and then until nobody has come since the last look."""
        while True:
            yield At(self.env, until_s, run.block)
            if not self.exchange.board(run, call, until_s):
                return until_s
            until_s = max(until_s, call.arrival_s + self._dwell_s(run, call))

    def _dwell_s(self, run: TripRun, call: StopCall) -> float:
        kind = run.facts.kind
        if kind.dwell_rule != "headway" or self.plan.parameters.no_dwell:
            return self.exchange.dwell_s(run, call)
        if call.headway_s is None:
            return fluid_dwell_s(kind, self.succession.planned_headway_s(call.visit) or 0.0, of_departures=False)
        if not self.during_dwell:
            return fluid_dwell_s(kind, call.headway_s, of_departures=False)
        gathered_s = self.succession.loading_headway_s(call.visit, call.headway_s, call.arrival_s)
        return fluid_dwell_s(kind, gathered_s, of_departures=True)

    def _holding_s(self, run: TripRun, call: StopCall, ready_s: float) -> float:
        visit, service = call.visit, self.plan.service
        line = service.lines[service.patterns[run.pattern].line]
        situation = StopSituation(
            trip_id=service.trip_id[run.trip],
            line_id=line.line_id,
            stop_id=self.operations.stop_id[self.visit_stop[visit]],
            stop_sequence=call.sequence,
            arrival_s=call.arrival_s,
            ready_s=ready_s,
            scheduled_departure_s=self.succession.scheduled_s[visit],
            headway_s=call.headway_s,
            departure_headway_s=self.succession.departure_headway_s(visit, ready_s),
            planned_headway_s=self.succession.planned_headway_s(visit),
            next_arrival_s=self.succession.next_arrival_s(visit),
            load=run.load,
        )
        limits = self.operations.limits
        holding_s = self.operations.holding.holding_s(situation)
        if not limits.allow_negative:
            holding_s = max(holding_s, 0.0)
        return quantize_one(holding_s if limits.most_s is None else min(holding_s, limits.most_s))

    def _open_road_s(self, visit: int, time_s: float) -> float:
        """Return the first time from `time_s` on at which the way to the next stop is open."""
        for start_s, end_s in sorted(self.operations.closures.get(visit, ())):
            if start_s <= time_s < end_s:
                time_s = end_s
                self.state.hinder(visit, Disruption.LINK_CLOSED)
        return time_s

    def _is_closed(self, visit: int, time_s: float) -> bool:
        stretches = self.operations.closed_stops.get(self.visit_stop[visit], ())
        return any(start_s <= time_s < end_s for start_s, end_s in stretches)

    def _pass_by(self, run: TripRun, visit: int, time_s: float) -> None:
        """Go past a closed stop; who wants to get out there stays on board."""
        self.state.hinder(visit, Disruption.STOP_CLOSED)
        self.state.visit_arrival_s[visit] = time_s
        self.state.visit_load[visit] = run.load
        self.succession.arrived(visit, time_s)
        run.carried_past += run.getting_out[visit - run.first]

    def _gather(self, run: TripRun, call: StopCall) -> None:
        """Let nobody stay on board who wanted to get out later."""
        for rides in run.getting_out[call.sequence + 1 :]:
            run.carried_past += rides
            rides.clear()

    def _put_out(self, run: TripRun, call: StopCall, cause: Cause) -> float:
        """Let people out who wanted to get out elsewhere, after the others; return when the last one is out."""
        step_s, rides = run.facts.alighting_step_s, run.carried_past
        end_s = self.stranded.put_out(rides, cause, call.visit, call.arrival_s + call.alighted * step_s, step_s)
        run.load -= len(rides)
        self.state.visit_alightings[call.visit] += len(rides)
        self.state.visit_load[call.visit] = run.load
        rides.clear()
        return end_s

    def _break_down(self, run: TripRun, visit: int, trouble: Breakdown) -> Turns:
        """Stand broken at a stop, after everybody has got out; then end there, or take people in and go on."""
        env, place, arrival_s = self.env, self._place(visit), self.env.now
        self.state.hinder(visit, Disruption.VEHICLE_BROKE_DOWN)
        call = self.exchange.alight(run, visit, arrival_s)
        call.headway_s = self.succession.arrived(visit, arrival_s)
        self._gather(run, call)
        out_s = self._put_out(run, call, Cause.VEHICLE_BROKE_DOWN)
        if trouble.blocks:
            place.block()
        else:
            self._exit(visit)
        yield At(env, max(arrival_s + trouble.duration_s, out_s), run.block)
        if trouble.blocks:
            place.unblock()
        elif not trouble.ends_trip:
            yield from self._enter(visit)
        if trouble.ends_trip:
            if trouble.blocks:
                self._exit(visit)
            self.state.visit_departure_s[visit] = env.now
            self.state.broken.append(visit)
            return
        again = self.exchange.call_again(run, call, env.now)
        self.exchange.board(run, again, env.now)
        yield from self._finish(run, again, env.now, env.now + self._dwell_s(run, again))
