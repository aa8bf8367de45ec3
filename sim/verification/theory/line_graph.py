"""Shortest journeys over lines by Dijkstra's algorithm (1959) on a graph of stops per line.

A node is a position on a route; edges go to the neighbours on the route, both ways, and to
the same stop on other routes. Times are in minutes. This is the evaluation of the urban
transit routing problem by Mumford (2013): every traveller takes the path of least minutes on
board plus a penalty for each change, without waiting; ties go to fewer changes.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_DIGITS = 9

Routes = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Journey:
    """The best journey of a pair of stops: time on board in minutes, and changes."""

    in_vehicle_min: float
    changes: int


def best_journeys(
    routes: Routes, minutes: Mapping[tuple[int, int], float], change_min: float, origin: int
) -> dict[int, Journey]:
    """Return the best journey from a stop to every stop that can be reached.

    Parameters
    ----------
    routes : sequence of sequence of int
        Stops of each route; vehicles run both ways.
    minutes : mapping of (int, int) to float
        Running time of each link.
    change_min : float
        Penalty of a change in minutes.
    origin : int
    """
    at_stop: dict[int, list[tuple[int, int]]] = {}
    for row, route in enumerate(routes):
        for place, stop in enumerate(route):
            at_stop.setdefault(stop, []).append((row, place))
    heap = [(0.0, 0, 0.0, node) for node in at_stop.get(origin, [])]
    settled: set[tuple[int, int]] = set()
    best: dict[int, Journey] = {}
    while heap:
        _, changes, ride_min, node = heapq.heappop(heap)
        if node in settled:
            continue
        settled.add(node)
        row, place = node
        stop = routes[row][place]
        best.setdefault(stop, Journey(ride_min, changes))
        onward = [(changes + 1, ride_min, other) for other in at_stop[stop] if other[0] != row]
        for neighbour in (place - 1, place + 1):
            if 0 <= neighbour < len(routes[row]):
                ride = ride_min + minutes[stop, routes[row][neighbour]]
                onward.append((changes, ride, (row, neighbour)))
        for more_changes, ride, following in onward:
            if following not in settled:
                cost = round(ride + change_min * more_changes, _DIGITS)
                heapq.heappush(heap, (cost, more_changes, ride, following))
    return best


def all_best_journeys(
    routes: Routes, minutes: Mapping[tuple[int, int], float], change_min: float
) -> dict[tuple[int, int], Journey]:
    """Return the best journey of every pair of different stops that the routes join."""
    stops = sorted({stop for route in routes for stop in route})
    return {
        (origin, destination): journey
        for origin in stops
        for destination, journey in best_journeys(routes, minutes, change_min, origin).items()
        if destination != origin
    }
