"""What all trips of a pattern have in common at each of its stops, compiled to arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.compile_legs import first_positions
from sim.engine.engine_input import Legs, Positions
from sim.model.network import Network
from sim.model.parameters import DisruptionParameters
from sim.model.scenario import Scenario
from sim.model.service import Service, StopPattern
from sim.units import quantize_one


def compile_positions(scenario: Scenario, legs: Legs, position_hop: IntArray, controls: bool) -> Positions:
    """Compile the positions of all patterns.

    Parameters
    ----------
    scenario : Scenario
    legs : Legs
    position_hop : ndarray of int, shape (positions,)
        Row of the table of running times for the run to the next stop; -1 where the timetable holds.
    controls : bool
        Whether there is a holding rule.
    """
    service, network = scenario.service, scenario.network
    start = first_positions(service)
    lengths = np.diff(start)
    stop = np.array([stop for pattern in service.patterns for stop in pattern.stops], dtype=np.int64)
    section, sections = _sections(stop, start)
    point, points = _points(service.patterns)
    queue_ptr, queue = _served_queues(legs, int(start[-1]))
    hindered = list(_hindered_hops(service, network, scenario.parameters.disruptions, start))
    closures = [(position, (begin, end)) for position, begin, end, factor in hindered if factor is None]
    slowings = [(position, (begin, end, factor)) for position, begin, end, factor in hindered if factor is not None]
    closure_ptr, closure = compressed(sorted(closures), int(start[-1]), 2)
    slowing_ptr, slowing = compressed(slowings, int(start[-1]), 3)
    return Positions(
        stop=stop,
        line=np.repeat(np.array([pattern.line for pattern in service.patterns], dtype=np.int64), lengths),
        sequence=np.arange(start[-1]) - np.repeat(start[:-1], lengths),
        lets_out=_by_position([pattern.alights() for pattern in service.patterns]),
        controlled=_controlled(scenario, stop, start) if controls else np.zeros(len(stop), dtype=np.bool_),
        section=section,
        point=point,
        hop=position_hop,
        queue_ptr=queue_ptr,
        queue=queue,
        closure_ptr=closure_ptr,
        closure_start_s=closure[0],
        closure_end_s=closure[1],
        slowing_ptr=slowing_ptr,
        slowing_start_s=slowing[0],
        slowing_end_s=slowing[1],
        slowing_factor=slowing[2],
        sections=sections,
        points=points,
    )


def compressed(
    rows: Sequence[tuple[int, tuple[float, ...]]], entities: int, columns: int
) -> tuple[IntArray, list[FloatArray]]:
    """Return rows in compressed form: the pointers, shape (entities + 1,), and the columns.

    Parameters
    ----------
    rows : sequence of (int, tuple of float)
        Entity and values of each row; rows of an entity keep their order.
    entities, columns : int
        Numbers of each.
    """
    owner = np.array([entity for entity, _ in rows], dtype=np.int64)
    values = np.array([value for _, value in rows], dtype=np.float64).reshape(-1, columns)
    order = np.argsort(owner, kind="stable")
    ptr = np.searchsorted(owner[order], np.arange(entities + 1)).astype(np.int64)
    return ptr, [np.ascontiguousarray(column) for column in values[order].T]


def _by_position(of_pattern: Sequence[BoolArray]) -> BoolArray:
    return np.concatenate([np.zeros(0, dtype=np.bool_), *of_pattern])


def _sections(stop: IntArray, start: IntArray) -> tuple[IntArray, int]:
    """Give each pair of consecutive stops a number; vehicles of all lines keep their order on one."""
    section = np.full(len(stop), -1, dtype=np.int64)
    onward = np.ones(len(stop), dtype=np.bool_)
    onward[start[1:] - 1] = False
    rows = np.flatnonzero(onward)
    pairs, numbers = np.unique(np.stack([stop[rows], stop[rows + 1]], axis=1), axis=0, return_inverse=True)
    section[rows] = numbers.reshape(-1)
    return section, len(pairs)


def _points(patterns: Sequence[StopPattern]) -> tuple[IntArray, int]:
    """Return the number of the point of each position, and how many points there are."""
    number: dict[tuple[int, int, int, int], int] = {}
    found = []
    for pattern in patterns:
        times: dict[int, int] = {}
        for stop in pattern.stops:
            times[stop] = times.get(stop, -1) + 1
            found.append(number.setdefault((pattern.line, pattern.direction_id, stop, times[stop]), len(number)))
    return np.array(found, dtype=np.int64), len(number)


def _controlled(scenario: Scenario, stop: IntArray, start: IntArray) -> BoolArray:
    """Tell where vehicles may be held: never at last stops, and at first ones only where they are named."""
    wanted = scenario.parameters.service.holding.control_stops
    controlled = np.ones(len(stop), dtype=np.bool_)
    if wanted is None:
        controlled[start[:-1]] = False
    else:
        controlled = np.isin(stop, [scenario.network.stop_index[name] for name in wanted])
    controlled[start[1:] - 1] = False
    return controlled


def _served_queues(legs: Legs, positions: int) -> tuple[IntArray, IntArray]:
    """Return the queues served at each position in compressed rows, rising at each."""
    queue = legs.queue[np.repeat(np.arange(len(legs.queue)), np.diff(legs.row_ptr))]
    pairs = np.unique(np.stack([legs.position, queue], axis=1), axis=0)
    ptr = np.searchsorted(pairs[:, 0], np.arange(positions + 1)).astype(np.int64)
    return ptr, np.ascontiguousarray(pairs[:, 1])


def _hindered_hops(
    service: Service, network: Network, disruptions: DisruptionParameters, start: IntArray
) -> Iterator[tuple[int, float, float, float | None]]:
    """Yield positions whose way to the next stop is hindered, from when until when, and the factor; None if closed."""
    for item in disruptions.links:
        link = network.link_index[network.stop_index[item.from_stop], network.stop_index[item.to_stop]]
        begin, end = quantize_one(item.start_s), quantize_one(item.end_s)
        for pattern, sequence, share in _hops_over(service, network, link):
            factor = 1.0 + share * (1.0 / item.speed_factor - 1.0) if item.speed_factor else None
            yield int(start[pattern]) + sequence, begin, end, factor


def _hops_over(service: Service, network: Network, link: int) -> Iterator[tuple[int, int, float]]:
    """Yield pattern, position and share of the running time of every hop that uses a link."""
    time_s = network.link_running_time_s
    for number, pattern in enumerate(service.patterns):
        for sequence, links in enumerate(pattern.links):
            if link in links:
                whole = float(time_s[list(links)].sum())
                yield number, sequence, links.count(link) * float(time_s[link]) / whole if whole > 0 else 1.0
