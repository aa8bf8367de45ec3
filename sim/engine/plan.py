"""The scenario compiled to plain arrays: all that the engine may know.

Conventions: rows as in `sim.model.service`; all times and durations in seconds, rounded to
the tick of the clock (`sim.units.TICKS_PER_S`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.model.journeys import LegTable
from sim.model.network import LinkTimes
from sim.model.parameters import ServiceParameters
from sim.model.scenario import Scenario
from sim.model.service import HeadwayLaw, Service, VehicleType
from sim.randomness import UInt64Array, entity_keys
from sim.units import BoolArray, FloatArray, IntArray, quantize


@dataclass(frozen=True)
class RunningTimes:
    """Running times by hop and time of entering it.

    Attributes
    ----------
    step_s : float
        Width of the time steps, the first of which starts at midnight.
    table_s : ndarray of float, shape (hops, steps)
        Running time of a vehicle that leaves for the hop in the step; the last step holds
        for all later times.
    visit_hop : ndarray of int, shape (visits,)
        Row of the table for the run to the next stop; -1 where the schedule holds.
    """

    step_s: float
    table_s: FloatArray
    visit_hop: IntArray


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
        Scheduled running time to the next stop; 0 at the last stop.
    running_times : RunningTimes or None
        Running times by period, which go before the schedule.
    visit_passing : ndarray of int, shape (visits,)
        Number of the pair of consecutive stops on which vehicles keep their order where
        overtaking is off; -1 at the last stop.
    block_trips : tuple of tuple of int
        Trips of each block in order.
    scheduled_dispatch_s : ndarray of float, shape (trips,)
    headway_laws : tuple of HeadwayLaw
    trip_key : ndarray of uint64, shape (trips,)
        Key of each trip for random numbers, a hash of its id.
    parameters : ServiceParameters
    end_s : float or None
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
    block_trips: tuple[tuple[int, ...], ...]
    scheduled_dispatch_s: FloatArray
    headway_laws: tuple[HeadwayLaw, ...]
    trip_key: UInt64Array
    parameters: ServiceParameters
    patience_s: float | None
    end_s: float | None

    def vehicle_type(self, trip: int) -> VehicleType:
        """Return the vehicle type of a trip."""
        return self.service.vehicle_types[int(self.service.trip_vehicle_type[trip])]


def compile_plan(scenario: Scenario, legs: LegTable) -> Plan:
    """Compile a scenario and the legs of its journey options.

    Parameters
    ----------
    scenario : Scenario
    legs : LegTable
        Legs that any commuter may use.
    """
    service = scenario.service
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
        visit_running_s=_scheduled_running(service),
        running_times=_observed_running(scenario) if scenario.parameters.service.use_traffic else None,
        visit_passing=_passing(service),
        block_trips=_block_trips(service, dispatch),
        scheduled_dispatch_s=dispatch,
        headway_laws=service.headway_laws,
        trip_key=_trip_keys(service),
        parameters=scenario.parameters.service,
        patience_s=scenario.parameters.behaviour.patience_s,
        end_s=scenario.parameters.horizon.end_s,
    )


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


def _scheduled_running(service: Service) -> FloatArray:
    running = np.zeros(len(service.scheduled_arrival_s))
    running[:-1] = service.scheduled_arrival_s[1:] - service.scheduled_departure_s[:-1]
    running[service.visit_ptr[1:] - 1] = 0.0
    return quantize(running)


def _observed_running(scenario: Scenario) -> RunningTimes | None:
    """Tabulate running times by hop and step; a gap takes the nearest step in time that has one."""
    network, service = scenario.network, scenario.service
    times = network.link_times
    if times is None or not len(times.link):
        return None
    edges = np.unique(np.concatenate([times.start_s, times.end_s])).astype(np.int64)
    step = int(np.gcd.reduce(edges[edges > 0]))
    steps = int(edges.max()) // step
    observed = np.unique(times.link)
    by_link = {int(link): _nearest_filled(times.link == link, times, step, steps) for link in observed}
    hops: dict[tuple[int, ...], int] = {}
    rows: list[FloatArray] = []
    pattern_hops: list[list[int]] = []
    for pattern in service.patterns:
        numbers = []
        for links in pattern.links:
            if any(link not in by_link for link in links) or not links:
                numbers.append(-1)
                continue
            if links not in hops:
                hops[links] = len(rows)
                rows.append(np.sum([by_link[link] for link in links], axis=0))
            numbers.append(hops[links])
        pattern_hops.append([*numbers, -1])
    visit_hop = np.concatenate([np.asarray(pattern_hops[pattern]) for pattern in service.trip_pattern])
    return RunningTimes(float(step), quantize(np.array(rows)), visit_hop.astype(np.int64))


def _nearest_filled(mine: BoolArray, times: LinkTimes, step: int, steps: int) -> FloatArray:
    start = np.round(times.start_s[mine] / step).astype(np.int64)
    end = np.round(times.end_s[mine] / step).astype(np.int64)
    row = np.full(steps, np.nan)
    for first, last, value in zip(start.tolist(), end.tolist(), times.running_time_s[mine].tolist(), strict=True):
        row[first:last] = value
    known = np.flatnonzero(np.isfinite(row))
    after = np.searchsorted(known, np.arange(steps)).clip(0, len(known) - 1)
    before = (after - 1).clip(0)
    nearer_before = np.abs(known[before] - np.arange(steps)) <= np.abs(known[after] - np.arange(steps))
    filled: FloatArray = row[np.where(nearer_before, known[before], known[after])]
    return filled


def _passing(service: Service) -> IntArray:
    """Give each pair of consecutive stops a number; vehicles of all lines keep their order on one."""
    stop = service.visit_stop
    last = service.visit_ptr[1:] - 1
    pair = np.stack([stop, np.roll(stop, -1)], axis=1)
    numbers = np.unique(pair, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    numbers[last] = -1
    return numbers


def _block_trips(service: Service, dispatch: FloatArray) -> tuple[tuple[int, ...], ...]:
    trips: list[list[int]] = [[] for _ in service.block_id]
    for trip in np.lexsort((np.arange(len(dispatch)), dispatch)).tolist():
        trips[int(service.trip_block[trip])].append(trip)
    return tuple(tuple(block) for block in trips)


def _trip_keys(service: Service) -> UInt64Array:
    """Hash trip ids letter by letter, so that adding a trip leaves the numbers of others alone."""
    keys = np.zeros(len(service.trip_id), dtype=np.uint64)
    if not len(keys):
        return keys
    letters = np.array(service.trip_id, dtype=np.str_).view(np.uint32).reshape(len(keys), -1)
    lengths = (letters > 0).sum(axis=1)
    # Shorter ids are padded to the longest one, which must not enter their keys.
    for length in np.unique(lengths).tolist():
        rows = lengths == length
        keys[rows] = entity_keys(*(letters[rows, place] for place in range(length)))
    return keys
