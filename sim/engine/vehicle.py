"""The loop of a vehicle: it runs the trips of its block, stop by stop.

At each stop but the last one of a trip the steps are

1. *come*: take a place behind those that are there, and a berth, waiting for it if need be;
2. *arrive*, and let out everybody whose stop it is; or pass a closed stop; or break down;
3. *board*: let in, first come first served, those who are there;
4. *dwell*: stand for the passengers, with open doors for those who come meanwhile where the
   boarding rule says so;
5. *hold*: stand longer if the holding rule, a closed road, vehicles in front or a minimum
   headway say so;
6. *leave* for the next stop.

A rule that the scenario does not have makes its step do nothing. Where no rule needs the
vehicle at its departure, a stop takes one event, its arrival: what happens until the departure
is known then. At the last stop of a trip everybody gets out, or stays on board for the trip as
which the vehicle goes on.
"""

from __future__ import annotations

import numpy as np
import simpy

from sim.arrays import BoolArray
from sim.engine.boarding import Boarding
from sim.engine.day_state import DayState, compact_rows
from sim.engine.day_variates import DayVariates
from sim.engine.doors import Vehicle, VehicleFacts
from sim.engine.dwell import dwell_rule, fluid_dwell_s, late_rule
from sim.engine.engine_input import EngineInput
from sim.engine.headways import Control, Headways
from sim.engine.movement import Movement, rows_by_entity
from sim.engine.rules import BoardingRule, DwellKind, VehicleTypes
from sim.engine.stop_capacity import MinimumHeadways, NoOvertaking, StopBerths
from sim.engine.turn import BEFORE_ALL, Turn, Turns, TurnsUntil
from sim.model.holding import HoldingRule
from sim.model.outcome import Cause, Disruption


class Vehicles:
    """The vehicles of one day and what they share.

    Parameters
    ----------
    env : simpy.Environment
    engine_input : EngineInput
    variates : DayVariates
    state : DayState
    holding : HoldingRule or None
        A rule of a user; that of the scenario where None.
    """

    def __init__(
        self,
        env: simpy.Environment,
        engine_input: EngineInput,
        variates: DayVariates,
        state: DayState,
        holding: HoldingRule | None,
    ) -> None:
        timetable, positions, rules = engine_input.timetable, engine_input.positions, engine_input.rules
        self.env = env
        self.state = state
        self.boarding = Boarding(engine_input, state)
        self.movement = Movement(engine_input, variates, state)
        self.during_dwell = rules.boarding_rule == BoardingRule.DURING_DWELL
        self.keep_order = not rules.overtaking
        self.layover_s = rules.layover_s
        self.dispatch_s: list[float] = variates.dispatch_s.tolist()
        self.blocks = np.split(timetable.block_trip, timetable.block_ptr[1:-1])
        self.visit_ptr: list[int] = timetable.visit_ptr.tolist()
        self.last_reached: list[int] = timetable.trip_last_reached.tolist()
        self.ends_early: list[bool] = timetable.trip_ends_early.tolist()
        types = engine_input.vehicle_types
        facts = [vehicle_facts(types, kind) for kind in range(len(types.seats))]
        self.facts = [facts[kind] for kind in timetable.trip_vehicle_type.tolist()]
        self.position = compact_rows(timetable.visit_position)
        self.stop: list[int] = positions.stop.tolist()
        self.line: list[int] = positions.line.tolist()
        self.lets_out: list[bool] = positions.lets_out.tolist()
        self.controlled: list[bool] = positions.controlled.tolist()
        self.section: list[int] = positions.section.tolist()
        self.headways = Headways(engine_input, self.dispatch_s)
        self.control = Control(engine_input, self.headways, holding)
        self.allow_negative = engine_input.holding.allow_negative
        self.guarded: list[bool] = engine_input.needs_departure().tolist()
        self.at_once: list[bool] = served_at_once(engine_input).tolist()
        stops = engine_input.stops
        rooms = zip(stops.berths.tolist(), stops.minimum_headway_s.tolist(), strict=True)
        self.berths = [StopBerths(*room) for room in rooms]
        self.lanes = [NoOvertaking() for _ in range(positions.sections if self.keep_order else 0)]
        self.minimum_headways = MinimumHeadways(stops)
        closures = zip(stops.closed_start_s.tolist(), stops.closed_end_s.tolist(), strict=True)
        self.closed = rows_by_entity(stops.closed_ptr.tolist(), list(closures))
        self.breakdown: list[int] = timetable.trip_breakdown.tolist()
        self.breakdowns = engine_input.breakdowns

    def start_all(self) -> None:
        """Start the process of every block when its first trip is due, before any vehicle acts in that instant."""
        self.env.process(self._start_blocks())

    def _start_blocks(self) -> Turns:
        turn = Turn(self.env, BEFORE_ALL)
        first = [(self.dispatch_s[trips[0]], block) for block, trips in enumerate(self.blocks) if len(trips)]
        for dispatch_s, block in sorted(first):
            if dispatch_s > self.env.now:
                yield turn.at(dispatch_s)
            self.env.process(self.run_block(block))

    def run_block(self, block: int) -> Turns:
        """Run the trips of a block one after the other; lateness carries over."""
        vehicle = Vehicle(Turn(self.env, block))
        ready_s = 0.0
        for trip in self.blocks[block].tolist():
            start_s = max(self.dispatch_s[trip], ready_s)
            yield vehicle.turn.at(start_s)
            end_s = yield from self._run_trip(vehicle, trip, start_s)
            ready_s = end_s + self.layover_s

    def _run_trip(self, vehicle: Vehicle, trip: int, now_s: float) -> TurnsUntil:
        """Serve the stops of a trip; return when it is done with the last one, or has broken down for good."""
        first, last = self.visit_ptr[trip], self.visit_ptr[trip + 1] - 1
        departures, turn, position = self.state.visit_departure_s, vehicle.turn, self.position[first] - 1
        at_once, guarded, serve_at_once = self.at_once, self.guarded, self.boarding.serve_at_once
        by_timetable, running_s = self.movement.by_timetable, self.movement.scheduled_s
        vehicle.begin(first, last, self.facts[trip])
        visit, reached = first - 1, first
        while reached < last:
            position += reached - visit
            visit = reached
            reached += 1
            if at_once[position]:
                departures[visit] = departure_s = serve_at_once(vehicle, visit, position, now_s)
            else:
                yield from self._serve(vehicle, trip, visit)
                if vehicle.broken:
                    return self.env.now
                departure_s = departures[visit]
            if by_timetable[position]:
                now_s = departure_s + running_s[visit]
            else:
                now_s = self.movement.next_arrival_s(visit, position, departure_s)
                reached += self.movement.missed_stops(position, departure_s)
            if guarded[position]:
                self._leave(vehicle, visit)
                self.headways.departed(visit, departure_s)
            for missed in range(visit + 1, reached):
                self._pass_by(vehicle, missed, now_s, Disruption.STOP_MISSED)
                departures[missed] = now_s
            # An arrival is never before the departure: nobody runs back in time (test_engine_vehicles.py).
            yield turn.at(now_s)
        return (yield from self._end_trip(vehicle, trip, last))

    def _serve(self, vehicle: Vehicle, trip: int, visit: int) -> Turns:
        """Serve a stop step by step until the vehicle leaves it, or has broken down for good."""
        position, state = self.position[visit], self.state
        if self.guarded[position]:
            yield from self._come(vehicle, visit)
        if self._breaks_down(trip, visit):
            yield from self._break_down(vehicle, trip, visit)
            if vehicle.broken:
                return
            departure_s = yield from self._stand(vehicle, visit, self._served_s(vehicle))
        elif self._is_closed(position, self.env.now):
            self._pass_by(vehicle, visit, self.env.now, Disruption.STOP_CLOSED)
            self.headways.arrived(visit, self.env.now)
            departure_s = self.movement.open_road_s(visit, position, self.env.now)
        else:
            departure_s = yield from self._stand(vehicle, visit, self._open_doors(vehicle, visit))
        if self.guarded[position]:
            departure_s = yield from self._wait_to_leave(vehicle, visit, departure_s)
        state.visit_departure_s[visit] = departure_s

    def _open_doors(self, vehicle: Vehicle, visit: int) -> float:
        """Let people out and in on arrival; return when the vehicle is ready to leave."""
        boarding, now_s = self.boarding, float(self.env.now)
        boarding.alight(vehicle, visit, now_s)
        vehicle.headway_s = self.headways.arrived(visit, now_s)
        if vehicle.passed and self.lets_out[self.position[visit]]:
            boarding.put_out(vehicle, visit, Cause.STOP_CLOSED)
        boarding.look(vehicle, now_s)
        return max(self._served_s(vehicle), vehicle.out_s)

    def _stand(self, vehicle: Vehicle, visit: int, ready_s: float) -> TurnsUntil:
        """Stand until the dwell is over and control and the road allow to leave; return that time."""
        position, boarding, turn = self.position[visit], self.boarding, vehicle.turn
        if self.during_dwell:
            ready_s = yield from self._load(vehicle, ready_s)
        else:
            boarding.close(vehicle, self.env.now)
        departure_s = ready_s
        if self.controlled[position]:
            if not self.allow_negative and ready_s > self.env.now:
                yield turn.at(ready_s)
            times_s = vehicle.opened_s, ready_s
            holding_s = self.control.holding_s(visit, times_s, vehicle.headway_s, vehicle.load)
            departure_s = max(ready_s + holding_s, vehicle.out_s, self.env.now)
            # A road that is closed makes everybody wait, control or not: that is no holding
            # (test_waiting_for_a_closed_road_is_no_holding).
            self.state.visit_holding_s[visit] = departure_s - ready_s
        departure_s = self.movement.open_road_s(visit, position, departure_s)
        if self.controlled[position]:
            self.headways.held(visit, departure_s)
        if self.during_dwell:
            if departure_s > ready_s:
                departure_s = yield from self._load(vehicle, departure_s)
            if self.keep_order:
                yield from self.lanes[self.section[position]].wait_turn(turn)
                departure_s = yield from self._load(vehicle, self.env.now)
            boarding.close(vehicle, departure_s)
        return departure_s

    def _load(self, vehicle: Vehicle, until_s: float) -> TurnsUntil:
        """Keep the doors open until a time and then until everybody is in who has come."""
        while True:
            if until_s > self.env.now:
                yield vehicle.turn.at(until_s)
            self.boarding.look(vehicle, until_s)
            served_s = self._served_s(vehicle)
            if served_s <= until_s:
                return until_s
            until_s = served_s

    def _served_s(self, vehicle: Vehicle) -> float:
        """Return when a vehicle has served the passengers so far, in seconds."""
        if vehicle.fluid is None:
            return vehicle.served_s()
        (dead_s, share), visit = vehicle.fluid, vehicle.visit
        headway_s, of_departures = vehicle.headway_s, False
        if visit == vehicle.last:
            share = headway_s = 0.0
        elif headway_s is None:
            headway_s = self.headways.planned_headway_s(visit) or 0.0
        elif self.during_dwell:
            headway_s = self.headways.loading_headway_s(visit, headway_s, vehicle.opened_s)
            of_departures = True
        return vehicle.opened_s + fluid_dwell_s(dead_s, share, headway_s, of_departures)

    def _end_trip(self, vehicle: Vehicle, trip: int, last: int) -> TurnsUntil:
        """Let all out at the last stop but those who stay for the next trip; return when the dwell there is over."""
        boarding, guarded = self.boarding, self.guarded[self.position[last]]
        if guarded:
            yield from self._come(vehicle, last)
        boarding.alight(vehicle, last, self.env.now)
        boarding.put_out(vehicle, last, Cause.STOP_CLOSED)
        if self.ends_early[trip]:
            boarding.gather(vehicle, last, self.last_reached[trip])
            boarding.put_out(vehicle, last, Cause.TRIP_CANCELLED)
        # The doors open and close here as at every stop (test_engine_vehicles.py).
        done_s = max(self._served_s(vehicle), vehicle.out_s)
        self.state.visit_load[last] = vehicle.load
        self.state.visit_departure_s[last] = done_s
        if guarded:
            if done_s > self.env.now:
                yield vehicle.turn.at(done_s)
            self._leave(vehicle, last)
        return done_s

    # --- room, order and minimum headways -----------------------------------------------------------------

    def _come(self, vehicle: Vehicle, visit: int) -> Turns:
        """Come to a stop, and note how long it takes until there is a berth."""
        came_s = self.env.now
        yield from self._take_berth(vehicle, visit)
        self.state.visit_berth_wait_s[visit] = self.env.now - came_s

    def _take_berth(self, vehicle: Vehicle, visit: int) -> Turns:
        """Take a place behind those in front, then a berth."""
        position = self.position[visit]
        if self.keep_order and self.section[position] >= 0:
            self.lanes[self.section[position]].join(vehicle.turn)
        berths = self.berths[self.stop[position]]
        if berths.blocked:
            self.state.hinder(visit, Disruption.BEHIND_BROKEN_VEHICLE)
        yield from berths.enter(vehicle.turn)

    def _wait_to_leave(self, vehicle: Vehicle, visit: int, departure_s: float) -> TurnsUntil:
        """Wait until the departure, until nobody is in front and the last departure is long enough ago."""
        env, turn, position = self.env, vehicle.turn, self.position[visit]
        if departure_s > env.now:
            yield turn.at(departure_s)
        line, section = self.line[position], self.section[position]
        if self.keep_order:
            yield from self.lanes[section].wait_turn(turn)
        berths, headways = self.berths[self.stop[position]], self.minimum_headways
        # Another vehicle may leave while this one waits, so it has to look again.
        while env.now < (earliest_s := max(berths.earliest_s(), headways.earliest_s(line, section))):
            yield turn.at(earliest_s)
        berths.last_departure_s = env.now
        headways.departed(line, section, env.now)
        return float(env.now)

    def _leave(self, vehicle: Vehicle, visit: int) -> None:
        """Give up the place and the berth."""
        position = self.position[visit]
        if self.keep_order and self.section[position] >= 0:
            self.lanes[self.section[position]].leave(vehicle.turn)
        self.berths[self.stop[position]].leave()

    # --- disruptions --------------------------------------------------------------------------------------

    def _is_closed(self, position: int, time_s: float) -> bool:
        return any(start_s <= time_s < end_s for start_s, end_s in self.closed.get(self.stop[position], ()))

    def _pass_by(self, vehicle: Vehicle, visit: int, time_s: float, why: Disruption) -> None:
        """Go past a stop at a time; people who want to get out there stay on board."""
        state = self.state
        state.hinder(visit, why)
        self.boarding.reach(visit, time_s)
        state.visit_load[visit] = vehicle.load
        vehicle.passed += state.riders[visit] or ()
        state.riders[visit] = None

    def _breaks_down(self, trip: int, visit: int) -> bool:
        row = self.breakdown[trip]
        if row < 0 or self.state.trip_broken_visit[trip] >= 0:
            return False
        at = self.breakdowns.visit[row]
        return bool(visit == at or (at < 0 and self.env.now >= self.breakdowns.after_s[row]))

    def _break_down(self, vehicle: Vehicle, trip: int, visit: int) -> Turns:
        """Stand broken at a stop, after everybody has got out; then end the trip, or let people in again."""
        env, state, boarding, row = self.env, self.state, self.boarding, self.breakdown[trip]
        berths, blocks = self.berths[self.stop[self.position[visit]]], bool(self.breakdowns.blocks[row])
        ends = bool(self.breakdowns.ends_trip[row])
        state.hinder(visit, Disruption.VEHICLE_BROKE_DOWN)
        boarding.alight(vehicle, visit, env.now)
        vehicle.headway_s = self.headways.arrived(visit, env.now)
        boarding.gather(vehicle, visit, self.last_reached[trip])
        boarding.put_out(vehicle, visit, Cause.VEHICLE_BROKE_DOWN)
        state.trip_broken_visit[trip] = visit
        if blocks:
            berths.block()
        else:
            self._leave(vehicle, visit)
        until_s = max(env.now + float(self.breakdowns.duration_s[row]), vehicle.out_s)
        if until_s > env.now:
            yield vehicle.turn.at(until_s)
        if blocks:
            berths.unblock()
        elif not ends:
            yield from self._take_berth(vehicle, visit)
        if ends:
            if blocks:
                self._leave(vehicle, visit)
            vehicle.broken = True
            state.visit_departure_s[visit] = env.now
        else:
            state.trip_reopened_s[trip] = env.now
            vehicle.open_doors(visit, env.now)
            boarding.look(vehicle, env.now)


def vehicle_facts(types: VehicleTypes, kind: int) -> VehicleFacts:
    """Return what stays the same for vehicles of a type."""
    fluid = None
    if types.dwell_rule[kind] == DwellKind.HEADWAY:
        fluid = float(types.dead_s[kind]), float(types.dwell_per_headway[kind])
    room = int(types.seats[kind]), int(types.capacity[kind])
    return *room, float(types.alighting_step_s[kind]), dwell_rule(types, kind), late_rule(types, kind), fluid


def served_at_once(engine_input: EngineInput) -> BoolArray:
    """Tell at which positions nothing but passengers decides when a vehicle leaves, shape (positions,)."""
    rules, positions = engine_input.rules, engine_input.positions
    passes = len(engine_input.stops.closed_end_s) > 0 or bool((positions.slowing_missed > 0).any())
    nowhere = rules.boarding_rule == BoardingRule.DURING_DWELL or passes or len(engine_input.real_time.ptr) > 0
    closed_road = np.diff(positions.closure_ptr) > 0
    once: BoolArray = ~engine_input.needs_departure() & ~positions.controlled & ~closed_road & (not nowhere)
    return once
