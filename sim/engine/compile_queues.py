"""Where people wait and what serves them, compiled to arrays.

Legs of journey options wait in queues; positions, which are the stops of patterns, serve the queues of all legs
that board there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.engine_input import Positions
from sim.engine.leg_arrays import Legs, RealTime
from sim.model.detours import Hindrance
from sim.model.journeys import AS_PLANNED, KnownVehicles, LegTable
from sim.model.scenario import Scenario
from sim.model.service import Service, StopPattern
from sim.units import quantize


@dataclass
class _QueueRows:
    """Rows of legs that are added one by one, and the queues of those legs."""

    board_stop: list[int] = field(default_factory=list)
    goal: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    position: list[int] = field(default_factory=list)
    alight: list[int] = field(default_factory=list)


def compile_legs(service: Service, table: LegTable, put_out: Iterable[tuple[int, int]], reconsiders: bool) -> Legs:
    """Compile the legs of journey options, and lay out those of people who are put out early.

    Parameters
    ----------
    service : Service
    table : LegTable
        Legs that any commuter may use; where people know when vehicles will really leave, its legs with every vehicle.
    put_out : iterable of (int, int)
        Patterns and positions in them at which people may have to get out against their will.
    reconsiders : bool
        Whether people whom a full vehicle leaves behind look for another way.
    """
    known = table.known_vehicles
    table = table if known is None else known.legs
    start = first_positions(service)
    rows = _distinct_rows(table, start)
    owner, position = _owner(table)[rows], start[table.pattern[rows]] + table.board_sequence[rows]
    queue, queues = np.arange(len(table), dtype=np.int64), len(table)
    if known is None:
        queue, queues = _shared_queues(table.board_stop, owner, position, table.from_s[rows], table.until_s[rows])
    more = _QueueRows()
    by_stop = _interrupted(service, table, put_out, more)
    added = len(more.goal)
    # A leg that says nothing of what follows ends as the journey says, with its walk to the destination, also beside
    # legs of strategies; journeys by strategy have none (test_jingjinji_network.py).
    next_leg, next_walk_s = table.next_leg[rows], quantize(table.next_walk_s[rows])
    sizes = np.concatenate([np.bincount(owner, minlength=len(table)), np.array(more.size, dtype=np.int64)])
    stops = np.array(sorted(by_stop), dtype=np.int64).reshape(-1, 2)
    fallbacks = int(table.fallback_ptr[-1]) if reconsiders else 0
    return Legs(
        planned=len(table),
        queues=queues + added,
        queue=np.concatenate([queue, queues + np.arange(added)]),
        board_stop=_appended(table.board_stop, more.board_stop),
        goal=_appended(table.alight_stop, more.goal),
        row_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        position=_appended(position, more.position),
        from_s=np.concatenate([table.from_s[rows], np.full(len(more.position), -np.inf)]),
        until_s=np.concatenate([table.until_s[rows], np.full(len(more.position), np.inf)]),
        alight=_appended(table.alight_sequence[rows], more.alight),
        next_leg=_appended(next_leg, [AS_PLANNED] * len(more.position)),
        next_walk_s=np.concatenate([next_walk_s, np.zeros(len(more.position))]),
        fallback_ptr=_appended(np.minimum(table.fallback_ptr, fallbacks), [fallbacks] * added),
        fallback_from_s=table.fallback_from_s[:fallbacks],
        fallback=table.fallback_leg[:fallbacks],
        fallback_walk_s=quantize(table.fallback_walk_s[:fallbacks]),
        interrupted_ptr=np.searchsorted(stops[:, 0], np.arange(_stops(service, table) + 1)),
        interrupted_goal=stops[:, 1].copy(),
        interrupted_leg=np.array([by_stop[stop, goal] for stop, goal in stops.tolist()], dtype=np.int64),
    )


def compile_real_time(known: KnownVehicles | None, legs: int, due_s: FloatArray) -> RealTime:
    """Compile the vehicles from which people with real time choose.

    Parameters
    ----------
    known : KnownVehicles or None
        None where nobody knows.
    legs : int
        Number of legs, with those of people who are put out early.
    due_s : ndarray of float, shape (visits,)
        When vehicles are due to leave.
    """
    if known is None:
        none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
        return RealTime(none, none, empty, empty, none, empty, empty, 0.0)
    floor_s = known.wait_weight * due_s[known.visit] + known.onward_s
    for first, end in pairwise(known.ptr.tolist()):
        floor_s[first:end] = np.minimum.accumulate(floor_s[first:end][::-1])[::-1]
    ptr = np.concatenate([known.ptr, np.full(legs + 1 - len(known.ptr), known.ptr[-1], dtype=np.int64)])
    times = known.onward_s, quantize(known.ready_s), known.next_leg, known.least_s
    return RealTime(ptr, known.visit, *times, floor_s, known.wait_weight)


def first_positions(service: Service) -> IntArray:
    """Return the first position of each pattern and the number of positions, shape (patterns + 1,)."""
    lengths = [len(pattern.stops) for pattern in service.patterns]
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _appended(values: IntArray, more: list[int]) -> IntArray:
    return np.concatenate([values, np.array(more, dtype=np.int64)]).astype(np.int64)


def _stops(service: Service, table: LegTable) -> int:
    """Return a number above all rows of stops that trips or legs name."""
    served = max((max(pattern.stops) for pattern in service.patterns), default=-1)
    return 1 + max(served, int(table.board_stop.max(initial=-1)))


def _owner(table: LegTable) -> IntArray:
    return np.repeat(np.arange(len(table)), np.diff(table.set_ptr))


def _distinct_rows(table: LegTable, start: IntArray) -> IntArray:
    """Return rows of the table sorted by leg, position and time; of several for the same vehicles the last."""
    owner, position = _owner(table), start[table.pattern] + table.board_sequence
    order = np.lexsort((np.arange(len(owner)), table.from_s, position, owner))
    owner, position, from_s = owner[order], position[order], table.from_s[order]
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (owner[1:] != owner[:-1]) | (position[1:] != position[:-1]) | (from_s[1:] != from_s[:-1])
    rows: IntArray = order[last]
    return rows


def _shared_queues(
    board_stop: IntArray, owner: IntArray, position: IntArray, from_s: FloatArray, until_s: FloatArray
) -> tuple[IntArray, int]:
    """Return the queue of each leg, numbered in order of the first leg that needs it, and their number."""
    number: dict[tuple[int, bytes], int] = {}
    ends = np.searchsorted(owner, np.arange(len(board_stop) + 1)).tolist()
    boards = np.stack([position.astype(np.float64), from_s, until_s], axis=1)
    queue = [
        # People stand in one queue only where they board the very same vehicles: then whoever came first boards first,
        # and taking from the head is all that boarding does (test_those_board_who_came_first_across_queues).
        number.setdefault((stop, boards[ends[leg] : ends[leg + 1]].tobytes()), len(number))
        for leg, stop in enumerate(board_stop.tolist())
    ]
    return np.array(queue, dtype=np.int64), len(number)


def _interrupted(
    service: Service, table: LegTable, put_out: Iterable[tuple[int, int]], more: _QueueRows
) -> dict[tuple[int, int], int]:
    """Return the leg from each stop where people may be put out to each goal they may have.

    Where a strategy says what to do at the stop that is its leg. Legs for all others are added
    to `more`: by any pattern that goes from the stop to the goal.
    """
    places = sorted(set(put_out))
    if not places:
        return {}
    goals = _goals(service, table)
    wanted = sorted({(service.patterns[pattern].stops[at], goal) for pattern, at in places for goal in goals[pattern]})
    known = _legs_of_strategies(table)
    outs = [_outs(service, pattern) for pattern in range(len(service.patterns))]
    boards: dict[int, list[tuple[int, int]]] = {}
    for number, pattern in enumerate(service.patterns):
        for board, stop in enumerate(pattern.stops[:-1]):
            if board not in pattern.no_boarding:
                boards.setdefault(stop, []).append((number, board))
    start = first_positions(service).tolist()
    for stop, goal in wanted:
        if (stop, goal) in known:
            continue
        known[stop, goal] = len(table) + len(more.goal)
        before = len(more.position)
        for number, board in boards.get(stop, ()):
            ahead = [place for place in outs[number].get(goal, ()) if place > board]
            if ahead:
                more.position.append(start[number] + board)
                # The first time that the pattern comes by: nobody rides on round a loop.
                more.alight.append(ahead[0])
        more.board_stop.append(stop)
        more.goal.append(goal)
        more.size.append(len(more.position) - before)
    return {pair: known[pair] for pair in wanted}


def _goals(service: Service, table: LegTable) -> list[set[int]]:
    """Return the goals that people on board of each pattern may have.

    They ride a leg of the table, boarded there or earlier in the run; or they were put out before and ride straight
    to a goal, which is then a stop reached.
    """
    of_legs: list[set[int]] = [set() for _ in service.patterns]
    for pattern, goal in set(zip(table.pattern.tolist(), table.alight_stop[_owner(table)].tolist(), strict=True)):
        of_legs[pattern].add(goal)
    every = set(table.alight_stop.tolist())
    found = [goals | (set(item.reached_stops()) & every) for goals, item in zip(of_legs, service.patterns, strict=True)]
    for trip in service.runs.continued_trips:
        found[int(service.trip_pattern[trip + 1])] |= of_legs[int(service.trip_pattern[trip])]
    return found


def _outs(service: Service, pattern: int) -> dict[int, list[int]]:
    """Return the places of a pattern at which people may get out, by stop, rising."""
    item = service.patterns[pattern]
    found: dict[int, list[int]] = {}
    for place, (stop, lets_out) in enumerate(zip(item.reached_stops(), item.reached_alights().tolist(), strict=True)):
        if lets_out:
            found.setdefault(stop, []).append(place)
    return found


def _legs_of_strategies(table: LegTable) -> dict[tuple[int, int], int]:
    """Return the leg from a stop to a goal where a strategy says what to do there."""
    rows = np.flatnonzero(table.is_strategy())
    pairs = zip(table.board_stop[rows].tolist(), table.alight_stop[rows].tolist(), strict=True)
    return dict(zip(pairs, rows.tolist(), strict=True))


def compile_positions(
    scenario: Scenario, legs: Legs, position_hop: IntArray, controls: bool, hindrances: Sequence[Hindrance]
) -> Positions:
    """Compile the positions of all patterns.

    Parameters
    ----------
    scenario : Scenario
    legs : Legs
    position_hop : ndarray of int, shape (positions,)
        Row of the table of running times for the run to the next stop; -1 where the timetable holds.
    controls : bool
        Whether there is a holding rule.
    hindrances : sequence of Hindrance
        What closed and slow links do.
    """
    service = scenario.service
    start = first_positions(service)
    lengths = np.diff(start)
    stop = np.array([stop for pattern in service.patterns for stop in pattern.stops], dtype=np.int64)
    section, sections = _sections(stop, start)
    point, points = _points(service.patterns)
    queue_ptr, queue, queue_from_s, queue_until_s = _served_queues(legs, int(start[-1]))
    at = [(int(start[item.pattern]) + item.place, item) for item in hindrances]
    closures = [(position, (item.start_s, item.end_s)) for position, item in at if item.factor is None]
    slowings = [
        (position, (item.start_s, item.end_s, item.factor, item.added_s, item.missed))
        for position, item in at
        if item.factor is not None
    ]
    closure_ptr, closure = compressed(sorted(closures), int(start[-1]), 2)
    slowing_ptr, slowing = compressed(slowings, int(start[-1]), 5)
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
        queue_from_s=queue_from_s,
        queue_until_s=queue_until_s,
        closure_ptr=closure_ptr,
        closure_start_s=closure[0],
        closure_end_s=closure[1],
        slowing_ptr=slowing_ptr,
        slowing_start_s=slowing[0],
        slowing_end_s=slowing[1],
        slowing_factor=slowing[2],
        slowing_added_s=slowing[3],
        slowing_missed=slowing[4].astype(np.int64),
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
        # A loop comes by a stop several times. Vehicles on their first and on their second passage do not follow each
        # other.
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


def _served_queues(legs: Legs, positions: int) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return the queues served at each position in compressed rows, rising at each, and by which vehicles."""
    queue = legs.queue[np.repeat(np.arange(len(legs.queue)), np.diff(legs.row_ptr))]
    order = np.lexsort((legs.from_s, queue, legs.position))
    position, queue = legs.position[order], queue[order]
    from_s, until_s = legs.from_s[order], legs.until_s[order]
    # Legs that share a queue board at the same positions in the same spans.
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (position[1:] != position[:-1]) | (queue[1:] != queue[:-1]) | (from_s[1:] != from_s[:-1])
    ptr = np.searchsorted(position[first], np.arange(positions + 1)).astype(np.int64)
    return ptr, queue[first], from_s[first], until_s[first]
