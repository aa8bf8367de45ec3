"""From a scenario and the legs of its journey options to the input of the engines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.compile_legs import compile_legs, first_positions
from sim.engine.compile_positions import compile_positions, compressed
from sim.engine.compile_rules import chance_laws, compile_rules, holding_numbers, vehicle_types
from sim.engine.engine_input import Breakdowns, EngineInput, Names, RunningTimes, StopRoom, Timetable
from sim.engine.rules import HoldingKind
from sim.engine.running_times import hop_lost_s, running_times
from sim.model.holding import HoldingRule
from sim.model.journeys import LegTable
from sim.model.parameters import ServiceParameters
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.units import quantize, quantize_one


def compile_input(scenario: Scenario, legs: LegTable, holding: HoldingRule | None = None) -> EngineInput:
    """Compile a scenario and the legs of its journey options.

    Parameters
    ----------
    scenario : Scenario
    legs : LegTable
        Legs that any commuter may use.
    holding : HoldingRule or None
        A rule in Python that `simulate` will be given, instead of that of the scenario.
    """
    service, network, parameters = scenario.service, scenario.network, scenario.parameters
    cancelled = np.isin(np.array(service.trip_id, dtype=np.str_), sorted(parameters.disruptions.cancelled_trips))
    ends_early = _ends_early(service, cancelled)
    control = holding_numbers(parameters.service.holding, holding)
    rules = compile_rules(parameters, service, control.kind)
    breakdowns, trip_breakdown = _breakdowns(scenario)
    put_out = _put_out_places(scenario, breakdowns, trip_breakdown, ends_early)
    the_legs = compile_legs(service, legs, put_out, parameters.behaviour.on_denied == "reconsider")
    times, position_hop = _running_times(scenario)
    positions = compile_positions(scenario, the_legs, position_hop, control.kind != HoldingKind.NONE)
    visit_position = first_positions(service)[service.trip_pattern[service.visit_trip]] + service.visit_sequence
    before, after = _neighbours(service, positions.point[visit_position], rules.keeps_headways)
    dispatch_s = quantize(service.scheduled_departure_s[service.visit_ptr[:-1]])
    block_ptr, block_trip = _block_trips(service, dispatch_s, cancelled)
    return EngineInput(
        vehicle_types=vehicle_types(service.vehicle_types, parameters.service.no_dwell),
        timetable=Timetable(
            block_ptr=block_ptr,
            block_trip=block_trip,
            visit_ptr=service.visit_ptr.astype(np.int64),
            trip_vehicle_type=service.trip_vehicle_type.astype(np.int64),
            trip_last_reached=_last_reached(service),
            trip_breakdown=trip_breakdown,
            trip_cancelled=cancelled,
            trip_ends_early=ends_early,
            scheduled_dispatch_s=dispatch_s,
            visit_trip=service.visit_trip,
            visit_position=visit_position,
            visit_running_s=_scheduled_running(service, hop_lost_s(parameters.service.stop_lost_time)),
            scheduled_arrival_s=service.scheduled_arrival_s,
            scheduled_departure_s=service.scheduled_departure_s,
            visit_before=before,
            visit_after=after,
        ),
        positions=positions,
        running_times=times,
        stops=_stop_room(scenario),
        breakdowns=breakdowns,
        legs=the_legs,
        holding=control,
        rules=rules,
        chance=chance_laws(service, parameters.service.running_time_noise),
        names=Names(service.trip_id, tuple(line.line_id for line in service.lines), network.stop_id),
    )


def _scheduled_running(service: Service, lost_s: float) -> FloatArray:
    running = np.zeros(len(service.scheduled_arrival_s))
    running[:-1] = service.scheduled_arrival_s[1:] - service.scheduled_departure_s[:-1] + lost_s
    running[service.visit_ptr[1:] - 1] = 0.0
    return quantize(running)


def _running_times(scenario: Scenario) -> tuple[RunningTimes, IntArray]:
    """Return the table of running times, and its row for each position."""
    service, start = scenario.service, first_positions(scenario.service)
    hop = np.full(int(start[-1]), -1, dtype=np.int64)
    times = running_times(scenario)
    if times is None:
        return RunningTimes(1.0, np.zeros((0, 0))), hop
    hop[start[service.trip_pattern[service.visit_trip]] + service.visit_sequence] = times.visit_hop
    return RunningTimes(times.step_s, times.table_s), hop


def _block_trips(service: Service, dispatch_s: FloatArray, cancelled: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the trips of each block that run, in compressed rows, by scheduled dispatch and then by row."""
    trips = np.lexsort((np.arange(len(dispatch_s)), dispatch_s, service.trip_block))
    trips = trips[~cancelled[trips]]
    return np.searchsorted(service.trip_block[trips], np.arange(len(service.block_id) + 1)), trips


def _last_reached(service: Service) -> IntArray:
    trip = np.arange(len(service.trip_id)) + service.goes_on
    last: IntArray = service.visit_ptr[1:][trip] - 1
    return last


def _ends_early(service: Service, cancelled: BoolArray) -> BoolArray:
    early: BoolArray = service.goes_on & np.append(cancelled[1:], False)
    return early


def _neighbours(service: Service, point: IntArray, wanted: bool) -> tuple[IntArray, IntArray]:
    """Return for each visit that of the trip before and of the one behind at the same point; -1 for none."""
    if not wanted:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    visits = len(point)
    before, after = np.full(visits, -1, dtype=np.int64), np.full(visits, -1, dtype=np.int64)
    order = np.lexsort((np.arange(visits), service.scheduled_departure_s, point))
    same = point[order][1:] == point[order][:-1]
    before[order[1:][same]] = order[:-1][same]
    after[order[:-1][same]] = order[1:][same]
    return before, after


def _breakdowns(scenario: Scenario) -> tuple[Breakdowns, IntArray]:
    """Return the breakdowns, and the row of each trip among them; -1 for none."""
    service, network = scenario.service, scenario.network
    rows = {trip: row for row, trip in enumerate(service.trip_id)}
    # Of several breakdowns of a trip the last one counts.
    items = {rows[item.trip]: item for item in scenario.parameters.disruptions.breakdowns if item.trip in rows}
    trip_breakdown = np.full(len(service.trip_id), -1, dtype=np.int64)
    trip_breakdown[list(items)] = np.arange(len(items))
    overtaking = scenario.parameters.service.overtaking
    visit = [
        -1
        if item.stop is None
        else int(service.visit_ptr[trip])
        + service.patterns[int(service.trip_pattern[trip])].stops.index(network.stop_index[item.stop])
        for trip, item in items.items()
    ]
    found = Breakdowns(
        visit=np.array(visit, dtype=np.int64),
        after_s=np.array([item.after_s or 0.0 for item in items.values()], dtype=np.float64),
        duration_s=np.array([quantize_one(item.duration_s) for item in items.values()], dtype=np.float64),
        ends_trip=np.array([item.then == "end" for item in items.values()], dtype=np.bool_),
        blocks=np.array(
            [not overtaking if item.blocks is None else item.blocks for item in items.values()], dtype=np.bool_
        ),
    )
    return found, trip_breakdown


def _put_out_places(
    scenario: Scenario, breakdowns: Breakdowns, trip_breakdown: IntArray, ends_early: BoolArray
) -> set[tuple[int, int]]:
    """Return the patterns and positions at which people may have to get out against their will."""
    service, network = scenario.service, scenario.network
    found: set[tuple[int, int]] = set()
    for trip in np.flatnonzero(trip_breakdown >= 0).tolist():
        pattern, visit = int(service.trip_pattern[trip]), int(breakdowns.visit[trip_breakdown[trip]])
        stops = range(len(service.patterns[pattern].stops) - 1)
        found |= {(pattern, at) for at in (stops if visit < 0 else [visit - int(service.visit_ptr[trip])])}
    for trip in np.flatnonzero(ends_early).tolist():
        pattern = int(service.trip_pattern[trip])
        found.add((pattern, len(service.patterns[pattern].stops) - 1))
    closed = {network.stop_index[item.stop] for item in scenario.parameters.disruptions.closed_stops}
    for number, item in enumerate(service.patterns):
        passed = [at for at, stop in enumerate(item.stops[:-1]) if stop in closed]
        found |= {(number, at) for at in range(min(passed, default=len(item.stops)) + 1, len(item.stops))}
    return found


def _stop_room(scenario: Scenario) -> StopRoom:
    network, parameters = scenario.network, scenario.parameters.service
    rooms = [parameters.stops.get(stop, parameters.all_stops) for stop in network.stop_id]
    closed = [
        (network.stop_index[item.stop], (quantize_one(item.start_s), quantize_one(item.end_s)))
        for item in scenario.parameters.disruptions.closed_stops
    ]
    closed_ptr, (closed_start_s, closed_end_s) = compressed(closed, len(network.stop_id), 2)
    spacing_ptr, (group, spacing_s) = compressed(
        list(_spacings(scenario.service, parameters)), len(scenario.service.lines), 2
    )
    return StopRoom(
        berths=np.array([-1 if room.berths is None else room.berths for room in rooms], dtype=np.int64),
        minimum_headway_s=np.array([quantize_one(room.minimum_headway_s) for room in rooms], dtype=np.float64),
        closed_ptr=closed_ptr,
        closed_start_s=closed_start_s,
        closed_end_s=closed_end_s,
        spacing_ptr=spacing_ptr,
        spacing_group=group.astype(np.int64),
        spacing_s=spacing_s,
        spacing_groups=len(parameters.minimum_headways),
    )


def _spacings(service: Service, parameters: ServiceParameters) -> Iterator[tuple[int, tuple[float, float]]]:
    """Yield line, group and least headway wherever a line keeps one together with others."""
    for row, line in enumerate(service.lines):
        for group, item in enumerate(parameters.minimum_headways):
            if line.mode in item.modes or line.line_id in item.lines:
                yield row, (float(group), quantize_one(item.headway_s))
