"""From a scenario and the legs of its journey options to the input of the engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.compile_queues import (
    compile_legs,
    compile_positions,
    compile_real_time,
    compressed,
    first_positions,
)
from sim.engine.dwell import DUEKER_STEP_S
from sim.engine.engine_input import Breakdowns, EngineInput, Names, RunningTimes, StopRoom, Timetable
from sim.engine.put_out import breakdown_of_trip, cancelled_trips, put_out_places
from sim.engine.rules import (
    BoardingRule,
    ChanceLaws,
    DispatchNoise,
    DwellKind,
    HeadwayDistribution,
    Holding,
    HoldingKind,
    NoiseDistribution,
    Rules,
    VehicleTypes,
)
from sim.engine.running_times import hop_lost_s, running_times
from sim.engine.signals import compile_signals
from sim.model.detours import find_hindrances
from sim.model.holding import HoldingNumbers, HoldingRule, declared_holding_rules, depends_on_loads
from sim.model.journeys import LegTable
from sim.model.parameters import (
    HoldingParameters,
    ScenarioParameters,
    ServiceParameters,
)
from sim.model.scenario import Scenario
from sim.model.service import Service, VehicleType
from sim.model.signals import signals_of
from sim.randomness import text_keys
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
    cancelled = cancelled_trips(scenario)
    control = holding_numbers(parameters.service.holding, holding)
    rules = compile_rules(parameters, service, control.kind)
    breakdowns, trip_breakdown = _breakdowns(scenario)
    signals = signals_of(network, parameters.traffic)
    hindrances = find_hindrances(network, service, parameters.disruptions.links, signals)
    put_out = put_out_places(scenario, cancelled, hindrances)
    the_legs = compile_legs(service, legs, put_out, parameters.behaviour.on_denied == "reconsider")
    times, position_hop = _running_times(scenario)
    positions = compile_positions(scenario, the_legs, position_hop, control.kind != HoldingKind.NONE, hindrances)
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
            trip_last_reached=service.runs.last_reached,
            trip_breakdown=trip_breakdown,
            trip_cancelled=cancelled,
            trip_ends_early=service.runs.end_early(cancelled),
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
        signals=compile_signals(scenario, first_positions(service).tolist()),
        stops=_stop_room(scenario),
        breakdowns=breakdowns,
        legs=the_legs,
        real_time=compile_real_time(legs.known_vehicles, len(the_legs.queue), service.scheduled_departure_s),
        holding=control,
        rules=rules,
        chance=chance_laws(service, parameters.service),
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


def _neighbours(service: Service, point: IntArray, wanted: bool) -> tuple[IntArray, IntArray]:
    """Return for each visit that of the trip before and of the one behind at the same point; -1 for none.

    Invariant: trips that end at the stop, as short turns do, are between no others, as in the headways that vehicles
    run at (`Headways.arrived`). If they were, those that go on would be aimed at a part of the headway at which they
    are scheduled (test_trips_that_end_at_a_stop_are_in_front_of_nobody).
    """
    if not wanted:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    visits = len(point)
    before, after = np.full(visits, -1, dtype=np.int64), np.full(visits, -1, dtype=np.int64)
    order = np.lexsort((np.arange(visits), service.scheduled_departure_s, point))
    goes_on = np.ones(visits, dtype=np.bool_)
    goes_on[service.visit_ptr[1:] - 1] = False
    order = order[goes_on[order]]
    same = point[order][1:] == point[order][:-1]
    before[order[1:][same]] = order[:-1][same]
    after[order[:-1][same]] = order[1:][same]
    return before, after


def _breakdowns(scenario: Scenario) -> tuple[Breakdowns, IntArray]:
    """Return the breakdowns, and the row of each trip among them; -1 for none."""
    service, network = scenario.service, scenario.network
    items = breakdown_of_trip(scenario)
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


NONE: Final = float("inf")


def vehicle_types(kinds: Sequence[VehicleType], no_dwell: bool) -> VehicleTypes:
    """Compile vehicle types.

    Parameters
    ----------
    kinds : sequence of VehicleType
    no_dwell : bool
        Whether every dwell is 0.
    """
    boarding = [kind.boarding_s / kind.boarding_channels for kind in kinds]
    hindered = [(kind.boarding_s + kind.standee_friction_s) / kind.boarding_channels for kind in kinds]
    alighting = [kind.alighting_s / kind.alighting_channels for kind in kinds]
    rule = [DwellKind.CONSTANT if no_dwell else DwellKind[kind.dwell_rule.upper()] for kind in kinds]
    return VehicleTypes(
        seats=np.array([kind.seats for kind in kinds], dtype=np.int64),
        capacity=np.array([kind.capacity for kind in kinds], dtype=np.int64),
        dwell_rule=np.array(rule, dtype=np.int64),
        dead_s=np.array([0.0 if no_dwell else kind.dead_time_s for kind in kinds], dtype=np.float64),
        boarding_s=np.array(boarding, dtype=np.float64),
        hindered_boarding_s=np.array(hindered, dtype=np.float64),
        alighting_s=np.array(alighting, dtype=np.float64),
        alighting_step_s=np.array([0.0 if no_dwell else _alighting_step_s(kind) for kind in kinds], dtype=np.float64),
        dwell_per_headway=np.array([kind.dwell_per_headway for kind in kinds], dtype=np.float64),
    )


def _alighting_step_s(kind: VehicleType) -> float:
    """Return the time in seconds between two persons getting out; 0 under a constant or fluid dwell."""
    if kind.dwell_rule in ("constant", "headway"):
        return 0.0
    if kind.dwell_rule == "dueker":
        return DUEKER_STEP_S
    return quantize_one(kind.alighting_s / kind.alighting_channels)


def holding_numbers(parameters: HoldingParameters, own: HoldingRule | None) -> Holding:
    """Compile the holding rule that a scenario names.

    Parameters
    ----------
    parameters : HoldingParameters
    own : HoldingRule or None
        What a user gives instead.
    """
    gain, headway_s = parameters.alpha + parameters.marginal_dwell, parameters.headway_s
    name = parameters.rule if own is None else ""
    numbers = HoldingNumbers(gain, parameters.slack_s, headway_s)
    rule = declared_holding_rules()[name].of(numbers) if own is None else own
    return Holding(
        kind=HoldingKind.__members__.get(name.upper(), HoldingKind.OWN),
        rule=name,
        gain=gain,
        slack_s=parameters.slack_s,
        headway_s=float("nan") if headway_s is None else headway_s,
        most_s=NONE if parameters.most_s is None else parameters.most_s,
        allow_negative=parameters.allow_negative,
        depends_on_loads=depends_on_loads(rule),
    )


def compile_rules(parameters: ScenarioParameters, service: Service, holding: HoldingKind) -> Rules:
    """Compile what holds for all vehicles and commuters.

    Parameters
    ----------
    parameters : ScenarioParameters
    service : Service
    holding : HoldingKind
    """
    fluid = any(kind.dwell_rule == "headway" for kind in service.vehicle_types) and not parameters.service.no_dwell
    patience_s, end_s = parameters.behaviour.patience_s, parameters.horizon.end_s
    return Rules(
        boarding_rule=BoardingRule[parameters.service.boarding_rule.upper()],
        no_dwell=parameters.service.no_dwell,
        overtaking=parameters.service.overtaking,
        layover_s=quantize_one(parameters.service.layover_s),
        patience_s=NONE if patience_s is None else patience_s,
        end_s=NONE if end_s is None else end_s,
        keeps_headways=fluid or holding != HoldingKind.NONE,
        reconsiders=parameters.behaviour.on_denied == "reconsider",
    )


def chance_laws(service: Service, parameters: ServiceParameters) -> ChanceLaws:
    """Compile the laws of dispatch and of running times.

    Parameters
    ----------
    service : Service
    parameters : ServiceParameters
    """
    laws, dispatch, noise = service.headway_laws, parameters.dispatch_noise, parameters.running_time_noise
    rows = [np.zeros(0, dtype=np.int64), *(np.asarray(law.trips, dtype=np.int64) for law in laws)]
    return ChanceLaws(
        trip_key=text_keys(service.trip_id),
        law_ptr=np.cumsum([len(trips) for trips in rows]).astype(np.int64),
        law_trip=np.concatenate(rows),
        law_distribution=np.array([HeadwayDistribution[law.distribution.upper()] for law in laws], dtype=np.int64),
        law_mean_s=np.array([law.mean_s for law in laws], dtype=np.float64),
        law_cv=np.array([law.cv for law in laws], dtype=np.float64),
        law_first_s=np.array([law.first_s for law in laws], dtype=np.float64),
        dispatch_noise=DispatchNoise[dispatch.distribution.upper()],
        dispatch_sigma_s=dispatch.sigma_s,
        noise=NoiseDistribution[noise.distribution.upper()],
        noise_cv=noise.cv,
        noise_sigma_s=noise.sigma_s,
        noise_correlation=noise.correlation,
    )
