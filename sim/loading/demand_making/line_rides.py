"""The stops of a line in one order, and from which to which its vehicles take people.

A line may have branches, short trips and expresses, and come to a stop more than once, as a ring does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.model.service import Service


@dataclass(frozen=True)
class LineRides:
    """Rides on a line in one direction.

    Attributes
    ----------
    order : tuple of int
        Rows of stops in an order that all its stop patterns keep; one that a vehicle comes to twice stands there twice.
    stops : tuple of int
        The same, each stop once.
    rides : dict of (int, int) to (int, int)
        For each pair of places in `stops` that some vehicle leads from and to, the places in `order` where people of it
        get in and out: those nearest to each other.
    """

    order: tuple[int, ...]
    stops: tuple[int, ...]
    rides: dict[tuple[int, int], tuple[int, int]]

    def possible(self) -> BoolArray:
        """Tell from which stop to which one can ride, shape (stops, stops)."""
        matrix = np.zeros((len(self.stops), len(self.stops)), dtype=np.bool_)
        for pair in self.rides:
            matrix[pair] = True
        return matrix

    def on_and_off(self, matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return how many get in and out at each place of `order`.

        Parameters
        ----------
        matrix : ndarray of float, shape (stops, stops)
            Persons by pair.
        """
        on, off = np.zeros(len(self.order)), np.zeros(len(self.order))
        for pair, (start, end) in self.rides.items():
            on[start] += matrix[pair]
            off[end] += matrix[pair]
        return on, off


def rides_of_line(service: Service, line: int, direction: int) -> LineRides:
    """Return the stops and rides of a line in a direction.

    Parameters
    ----------
    service : Service
    line : int
        Row of the line.
    direction : int
    """
    own = [pattern for pattern in service.patterns if pattern.line == line and pattern.direction_id == direction]
    patterns = sorted(own, key=lambda pattern: len(pattern.stops), reverse=True)
    order: tuple[int, ...] = ()
    for pattern in patterns:
        order = _merged(order, pattern.stops)
    stops = tuple(dict.fromkeys(order))
    place = {stop: number for number, stop in enumerate(stops)}
    rides: dict[tuple[int, int], tuple[int, int]] = {}
    for pattern in patterns:
        at, boards, alights = _places(pattern.stops, order), pattern.boards(), pattern.alights()
        for first, last in combinations(range(len(at)), 2):
            start, end = at[first], at[last]
            pair = place[order[start]], place[order[end]]
            if pair[0] == pair[1] or not (boards[first] and alights[last]):
                continue
            if pair not in rides or end - start < rides[pair][1] - rides[pair][0]:
                rides[pair] = start, end
    return LineRides(order, stops, rides)


def _merged(order: tuple[int, ...], pattern: Sequence[int]) -> tuple[int, ...]:
    """Return an order that keeps both; what stays alike in both stands once."""
    merged: list[int] = []
    for _, start, end, other, last in SequenceMatcher(None, order, pattern, autojunk=False).get_opcodes():
        merged += order[start:end]
        if tuple(pattern[other:last]) != order[start:end]:
            merged += pattern[other:last]
    return tuple(merged)


def _places(pattern: Sequence[int], order: Sequence[int]) -> list[int]:
    """Return where the stops of a pattern stand in an order that keeps it."""
    places, after = [], 0
    for stop in pattern:
        after = order.index(stop, after) + 1
        places.append(after - 1)
    return places
