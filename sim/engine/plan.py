"""The scenario compiled to plain arrays: all that the engine may know.

Conventions: rows as in `sim.model.service`; all times and durations in seconds, rounded to
the tick of the clock (`sim.units.TICKS_PER_S`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.control import HoldingRule
from sim.engine.operations import Operations, compile_operations
from sim.engine.running_times import RunningTimes, hop_lost_s, running_times
from sim.model.journeys import AS_PLANNED, NO_FALLBACK, LegTable
from sim.model.parameters import ServiceParameters
from sim.model.scenario import Scenario
from sim.model.service import HeadwayLaw, Service, VehicleType
from sim.randomness import UInt64Array, text_keys
from sim.units import quantize


@dataclass(frozen=True)
class Plan:
    """What the engine runs.

    Attributes
    ----------
    service : Service
        Trips, visits, vehicle types.
    legs : LegTable
        Legs that commuters may use.
    leg_queue : ndarray of int, shape (legs,)
        Queue at which a leg waits; legs with the same stop and attractive set share one.
    queues : int
        Number of queues.
    position_legs : mapping of (pattern, sequence) to mapping of leg to alighting sequence
        Who may board at a stop of a pattern, and where they get out.
    position_queues : mapping of (pattern, sequence) to tuple of int
        Queues served there, in order.
    visit_running_s : ndarray of float, shape (visits,)
        Scheduled running time to the next stop, with what `service.stop_lost_time` adds; 0 at
        the last stop.
    running_times : RunningTimes or None
        Running times by period, which go before the schedule.
    visit_passing : ndarray of int, shape (visits,)
        Number of the pair of consecutive stops on which vehicles keep their order where
        overtaking is off; -1 at the last stop.
    continues : ndarray of bool, shape (trips,)
        Trips that the vehicle of the trip before goes on as, with passengers on board.
    block_trips : tuple of tuple of int
        Trips of each block in order, without those that are cancelled.
    scheduled_dispatch_s : ndarray of float, shape (trips,)
    headway_laws : tuple of HeadwayLaw
    trip_key : ndarray of uint64, shape (trips,)
        Key of each trip for random numbers, a hash of its id.
    operations : Operations
        Control, room at stops and disruptions.
    parameters : ServiceParameters
    patience_s : float or None
    end_s : float or None
    next_steps : mapping of (leg, pattern, alighting sequence) to (leg, float)
        Where strategies go on, and the walk there in seconds.
    fallbacks : mapping of leg to (leg, float)
        What people do whom a full vehicle leaves behind, and the walk there in seconds; empty
        where they wait on.
    """

    service: Service
    legs: LegTable
    leg_queue: IntArray
    queues: int
    position_legs: Mapping[tuple[int, int], Mapping[int, int]]
    position_queues: Mapping[tuple[int, int], tuple[int, ...]]
    visit_running_s: FloatArray
    running_times: RunningTimes | None
    visit_passing: IntArray
    continues: BoolArray
    block_trips: tuple[tuple[int, ...], ...]
    scheduled_dispatch_s: FloatArray
    headway_laws: tuple[HeadwayLaw, ...]
    trip_key: UInt64Array
    operations: Operations
    parameters: ServiceParameters
    patience_s: float | None
    end_s: float | None
    next_steps: Mapping[tuple[int, int, int], tuple[int, float]]
    fallbacks: Mapping[int, tuple[int, float]]

    def vehicle_type(self, trip: int) -> VehicleType:
        """Return the vehicle type of a trip."""
        return self.service.vehicle_types[int(self.service.trip_vehicle_type[trip])]


def compile_plan(scenario: Scenario, legs: LegTable, holding: HoldingRule | None = None) -> Plan:
    """Compile a scenario and the legs of its journey options.

    Parameters
    ----------
    scenario : Scenario
    legs : LegTable
        Legs that any commuter may use.
    holding : HoldingRule or None
        Control of your own, instead of that of the scenario.
    """
    service = scenario.service
    operations = compile_operations(scenario, holding)
    leg_queue, position_legs, position_queues = _queues(legs)
    first = service.visit_ptr[:-1]
    dispatch = quantize(service.scheduled_departure_s[first]) if len(first) else np.zeros(0)
    return Plan(
        service=service,
        legs=legs,
        leg_queue=leg_queue,
        queues=int(leg_queue.max(initial=-1)) + 1,
        position_legs=position_legs,
        position_queues=position_queues,
        visit_running_s=_scheduled_running(service, hop_lost_s(scenario.parameters.service.stop_lost_time)),
        running_times=running_times(scenario),
        visit_passing=_passing(service),
        continues=service.continues if service.continues is not None else np.zeros(len(service.trip_id), np.bool_),
        block_trips=_block_trips(service, dispatch, operations.cancelled),
        scheduled_dispatch_s=dispatch,
        headway_laws=service.headway_laws,
        trip_key=text_keys(service.trip_id),
        operations=operations,
        parameters=scenario.parameters.service,
        patience_s=scenario.parameters.behaviour.patience_s,
        end_s=scenario.parameters.horizon.end_s,
        next_steps=_next_steps(legs),
        fallbacks=_fallbacks(legs) if scenario.parameters.behaviour.on_denied == "reconsider" else {},
    )


def _next_steps(legs: LegTable) -> dict[tuple[int, int, int], tuple[int, float]]:
    rows = np.flatnonzero(legs.next_leg != AS_PLANNED)
    owner = np.repeat(np.arange(len(legs)), np.diff(legs.set_ptr))[rows]
    keys = zip(owner.tolist(), legs.pattern[rows].tolist(), legs.alight_sequence[rows].tolist(), strict=True)
    steps = zip(legs.next_leg[rows].tolist(), quantize(legs.next_walk_s[rows]).tolist(), strict=True)
    return dict(zip(keys, steps, strict=True))


def _fallbacks(legs: LegTable) -> dict[int, tuple[int, float]]:
    mine = np.flatnonzero(legs.fallback_leg != NO_FALLBACK)
    targets = zip(legs.fallback_leg[mine].tolist(), quantize(legs.fallback_walk_s[mine]).tolist(), strict=True)
    return dict(zip(mine.tolist(), targets, strict=True))


def _queues(
    legs: LegTable,
) -> tuple[IntArray, dict[tuple[int, int], dict[int, int]], dict[tuple[int, int], tuple[int, ...]]]:
    number: dict[tuple[int, frozenset[tuple[int, int]]], int] = {}
    leg_queue = np.zeros(len(legs), dtype=np.int64)
    position_legs: dict[tuple[int, int], dict[int, int]] = {}
    position_queues: dict[tuple[int, int], set[int]] = {}
    pattern, board, alight = legs.pattern.tolist(), legs.board_sequence.tolist(), legs.alight_sequence.tolist()
    for leg in range(len(legs)):
        rows = range(int(legs.set_ptr[leg]), int(legs.set_ptr[leg + 1]))
        boarding_set = frozenset((pattern[row], board[row]) for row in rows)
        queue = number.setdefault((int(legs.board_stop[leg]), boarding_set), len(number))
        leg_queue[leg] = queue
        for row in rows:
            position = (pattern[row], board[row])
            position_legs.setdefault(position, {})[leg] = alight[row]
            position_queues.setdefault(position, set()).add(queue)
    ordered = {position: tuple(sorted(queues)) for position, queues in position_queues.items()}
    return leg_queue, position_legs, ordered


def _scheduled_running(service: Service, lost_s: float) -> FloatArray:
    running = np.zeros(len(service.scheduled_arrival_s))
    running[:-1] = service.scheduled_arrival_s[1:] - service.scheduled_departure_s[:-1] + lost_s
    running[service.visit_ptr[1:] - 1] = 0.0
    return quantize(running)


def _passing(service: Service) -> IntArray:
    """Give each pair of consecutive stops a number; vehicles of all lines keep their order on one."""
    stop = service.visit_stop
    last = service.visit_ptr[1:] - 1
    pair = np.stack([stop, np.roll(stop, -1)], axis=1)
    numbers = np.unique(pair, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    numbers[last] = -1
    return numbers


def _block_trips(service: Service, dispatch: FloatArray, cancelled: frozenset[int]) -> tuple[tuple[int, ...], ...]:
    trips: list[list[int]] = [[] for _ in service.block_id]
    for trip in np.lexsort((np.arange(len(dispatch)), dispatch)).tolist():
        if trip not in cancelled:
            trips[int(service.trip_block[trip])].append(trip)
    return tuple(tuple(block) for block in trips)
