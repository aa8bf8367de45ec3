"""Legs and the queues in which people wait for them, compiled to arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sim.arrays import IntArray
from sim.engine.engine_input import Legs
from sim.model.journeys import AS_PLANNED, AT_GOAL, NO_FALLBACK, LegTable
from sim.model.service import Service
from sim.units import quantize


@dataclass
class _Rows:
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
        Legs that any commuter may use.
    put_out : iterable of (int, int)
        Patterns and positions in them at which people may have to get out against their will.
    reconsiders : bool
        Whether people whom a full vehicle leaves behind look for another way.
    """
    start = first_positions(service)
    rows = _distinct_rows(table, start)
    owner, position = _owner(table)[rows], start[table.pattern[rows]] + table.board_sequence[rows]
    queue, queues = _shared_queues(table.board_stop, owner, position)
    more = _Rows()
    by_stop = _interrupted(service, table, put_out, more)
    added = len(more.goal)
    open_ended = bool((table.next_leg != AS_PLANNED).any())
    next_leg, next_walk_s = table.next_leg[rows], quantize(table.next_walk_s[rows])
    if open_ended:
        # Commuters on a leg that says nothing of what follows are at the goal of the journey when it ends.
        next_walk_s = np.where(next_leg == AS_PLANNED, 0.0, next_walk_s)
        next_leg = np.where(next_leg == AS_PLANNED, AT_GOAL, next_leg)
    sizes = np.concatenate([np.bincount(owner, minlength=len(table)), np.array(more.size, dtype=np.int64)])
    stops = np.array(sorted(by_stop), dtype=np.int64).reshape(-1, 2)
    fallback = table.fallback_leg if reconsiders else np.full(len(table), NO_FALLBACK)
    return Legs(
        planned=len(table),
        queues=queues + added,
        queue=np.concatenate([queue, queues + np.arange(added)]),
        board_stop=_appended(table.board_stop, more.board_stop),
        goal=_appended(table.alight_stop, more.goal),
        row_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        position=_appended(position, more.position),
        alight=_appended(table.alight_sequence[rows], more.alight),
        next_leg=_appended(next_leg, [AT_GOAL if open_ended else AS_PLANNED] * len(more.position)),
        next_walk_s=np.concatenate([next_walk_s, np.zeros(len(more.position))]),
        fallback=_appended(fallback, [NO_FALLBACK] * added),
        fallback_walk_s=np.concatenate([quantize(table.fallback_walk_s), np.zeros(added)]),
        interrupted_ptr=np.searchsorted(stops[:, 0], np.arange(_stops(service, table) + 1)),
        interrupted_goal=stops[:, 1].copy(),
        interrupted_leg=np.array([by_stop[stop, goal] for stop, goal in stops.tolist()], dtype=np.int64),
    )


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
    """Return rows of the table sorted by leg and position; of several at one position the last."""
    owner, position = _owner(table), start[table.pattern] + table.board_sequence
    order = np.lexsort((np.arange(len(owner)), position, owner))
    owner, position = owner[order], position[order]
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (owner[1:] != owner[:-1]) | (position[1:] != position[:-1])
    rows: IntArray = order[last]
    return rows


def _shared_queues(board_stop: IntArray, owner: IntArray, position: IntArray) -> tuple[IntArray, int]:
    """Return the queue of each leg, numbered in order of the first leg that needs it, and their number."""
    number: dict[tuple[int, bytes], int] = {}
    ends = np.searchsorted(owner, np.arange(len(board_stop) + 1)).tolist()
    queue = [
        number.setdefault((stop, position[ends[leg] : ends[leg + 1]].tobytes()), len(number))
        for leg, stop in enumerate(board_stop.tolist())
    ]
    return np.array(queue, dtype=np.int64), len(number)


def _interrupted(
    service: Service, table: LegTable, put_out: Iterable[tuple[int, int]], more: _Rows
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
                more.alight.append(ahead[0])
        more.board_stop.append(stop)
        more.goal.append(goal)
        more.size.append(len(more.position) - before)
    return {pair: known[pair] for pair in wanted}


def _goals(service: Service, table: LegTable) -> list[set[int]]:
    """Return the goals that people on board of each pattern may have.

    They ride a leg of the table, boarded there or on the trip that goes on as this pattern; or
    they were put out before and ride straight to a goal, which is then a stop reached.
    """
    of_legs: list[set[int]] = [set() for _ in service.patterns]
    for pattern, goal in set(zip(table.pattern.tolist(), table.alight_stop[_owner(table)].tolist(), strict=True)):
        of_legs[pattern].add(goal)
    every = set(table.alight_stop.tolist())
    found = [goals | (set(item.reached_stops()) & every) for goals, item in zip(of_legs, service.patterns, strict=True)]
    for trip in np.flatnonzero(service.goes_on).tolist():
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
