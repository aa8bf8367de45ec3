"""The least total cost of many-to-many travel by timetabled vehicles with hard capacity, as a linear program.

People of a pair of stops are alike. A way is a ride, or two with a change; the program says how many of each pair take
each way, so that no vehicle carries more than it holds. Solved by HiGHS (Huangfu and Hall 2018, Math. Program. Comput.
10:119-142). Nothing is shared with the engine or with routing: stops, minutes and departures are all it knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy


@dataclass(frozen=True)
class PlainLine:
    """A line by its stops, the minutes between them, and when its vehicles leave the first stop, in minutes."""

    stops: tuple[str, ...]
    minutes: tuple[float, ...]
    departures: tuple[float, ...]

    def offset(self, stop: str) -> float:
        """Return the minutes from the first stop to another."""
        return sum(self.minutes[: self.stops.index(stop)])


@dataclass(frozen=True)
class PlainPair:
    """People who travel alike: from where to where, how many, when they wish to arrive, in minutes."""

    origin: str
    destination: str
    people: float
    wished: float


@dataclass(frozen=True)
class PlainWeights:
    """What people mind, and how exactly they can be told when to leave.

    Attributes
    ----------
    wait, early, late : float
        Minutes on board that a minute of it counts for.
    change : float
        The same of a change.
    window : float
        Width of the windows they are told, in minutes from midnight on; they leave anywhere in theirs. 0 where they
        leave at any second.
    """

    wait: float
    early: float
    late: float
    change: float
    window: float = 0.0

    def first_wait(self, comes: float) -> float:
        """Return the least mean wait for a vehicle that comes at a time: that of the latest window that ends by then.

        In a window that it comes in some miss it and wait for the next one, a headway that is longer than the window:
        they wait longer in the mean than for both vehicles from the windows before these.
        """
        return 0.0 if self.window <= 0.0 else self.wait * (comes % self.window + self.window / 2.0)


@dataclass(frozen=True)
class PlainWay:
    """A way of a pair: its cost, and the rooms it takes, by line, vehicle and stop."""

    pair: int
    cost: float
    rooms: tuple[tuple[int, int, int], ...]


def least_total_min(
    lines: Sequence[PlainLine], pairs: Sequence[PlainPair], places: float, weights: PlainWeights
) -> float:
    """Return the least total cost in minutes.

    Parameters
    ----------
    lines : sequence of PlainLine
    pairs : sequence of PlainPair
    places : float
        Of each vehicle.
    weights : PlainWeights
    """
    ways = [way for number, pair in enumerate(pairs) for way in _ways(lines, number, pair, weights)]
    rooms = sorted({room for way in ways for room in way.rooms})
    row_of = {room: row for row, room in enumerate(rooms)}
    row = [row_of[room] for way in ways for room in way.rooms]
    column = [number for number, way in enumerate(ways) for _ in way.rooms]
    takes = scipy.sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(rooms), len(ways)))
    ones = np.ones(len(ways)), ([way.pair for way in ways], range(len(ways)))
    program: dict[str, Any] = {
        "A_ub": takes,
        "b_ub": np.full(len(rooms), places),
        "A_eq": scipy.sparse.csr_array(ones, shape=(len(pairs), len(ways))),
        "b_eq": [pair.people for pair in pairs],
    }
    found = scipy.optimize.linprog([way.cost for way in ways], method="highs", **program)
    if found.x is None:
        raise ArithmeticError(f"the least total could not be worked out: {found.message}")
    return float(np.dot([way.cost for way in ways], found.x))


def _ways(lines: Sequence[PlainLine], number: int, pair: PlainPair, weights: PlainWeights) -> Iterator[PlainWay]:
    """Yield the ways of a pair, those with one change only where no line leads there."""
    direct = False
    for row, line in enumerate(lines):
        if _leads(line, pair.origin, pair.destination):
            direct = True
            for vehicle, leaves in enumerate(line.departures):
                begins, ends = leaves + line.offset(pair.origin), leaves + line.offset(pair.destination)
                rooms = _rooms(line, row, vehicle, pair.origin, pair.destination)
                yield PlainWay(number, ends - begins + weights.first_wait(begins) + _away(pair, ends, weights), rooms)
    if direct:
        return
    for first, one in enumerate(lines):
        for second, other in enumerate(lines):
            for place in set(one.stops) & set(other.stops):
                if _leads(one, pair.origin, place) and _leads(other, place, pair.destination):
                    yield from _changes(lines, (number, pair), (first, second, place), weights)


def _changes(
    lines: Sequence[PlainLine], who: tuple[int, PlainPair], where: tuple[int, int, str], weights: PlainWeights
) -> Iterator[PlainWay]:
    """Yield the ways with a change from one line to another at a stop: to any later vehicle within an hour."""
    (number, pair), (first, second, place) = who, where
    one, other = lines[first], lines[second]
    for vehicle, leaves in enumerate(one.departures):
        begins, there = leaves + one.offset(pair.origin), leaves + one.offset(place)
        for next_vehicle, later in enumerate(other.departures):
            boards, ends = later + other.offset(place), later + other.offset(pair.destination)
            if not 0.0 <= boards - there <= 60.0:
                continue
            rides = there - begins + ends - boards + weights.first_wait(begins)
            cost = rides + weights.wait * (boards - there) + weights.change + _away(pair, ends, weights)
            rooms = (
                *_rooms(one, first, vehicle, pair.origin, place),
                *_rooms(other, second, next_vehicle, place, pair.destination),
            )
            yield PlainWay(number, cost, rooms)


def _leads(line: PlainLine, origin: str, destination: str) -> bool:
    stops = line.stops
    return origin in stops and destination in stops and stops.index(origin) < stops.index(destination)


def _rooms(line: PlainLine, row: int, vehicle: int, origin: str, destination: str) -> tuple[tuple[int, int, int], ...]:
    stops = line.stops
    return tuple((row, vehicle, stop) for stop in range(stops.index(origin), stops.index(destination)))


def _away(pair: PlainPair, arrives: float, weights: PlainWeights) -> float:
    return weights.early * max(pair.wished - arrives, 0.0) + weights.late * max(arrives - pair.wished, 0.0)
