"""Journeys found the plain way, one label at a time, to compare fast searches with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from sim.model.service import Service

Pair = tuple[int, int]


def cheapest_by_transfers(
    legs_s: Mapping[Pair, float], ends_s: Mapping[Pair, float], changes_s: Mapping[Pair, float], origin: int, most: int
) -> list[dict[int, float]]:
    """Return, for each number of transfers, the least cost in seconds to be at each stop on foot in the end."""
    found = []
    waiting = {goal: cost for (start, goal), cost in ends_s.items() if start == origin}
    for _ in range(most + 1):
        out: dict[int, float] = {}
        for (board, alight), cost in legs_s.items():
            if board in waiting:
                out[alight] = min(out.get(alight, float("inf")), waiting[board] + cost)
        found.append(spread(out, ends_s))
        waiting = spread(out, changes_s)
    return found


def spread(at: Mapping[int, float], steps: Mapping[Pair, float]) -> dict[int, float]:
    """Return the least of what is at each stop after one step."""
    after: dict[int, float] = {}
    for (start, goal), cost in steps.items():
        if start in at:
            after[goal] = min(after.get(goal, float("inf")), at[start] + cost)
    return after


def earliest_by_transfers(
    service: Service,
    ends_s: Mapping[Pair, float],
    changes_s: Mapping[Pair, float],
    origin: int,
    leave_s: float,
    most: int,
) -> list[dict[int, float]]:
    """Return, for each number of transfers, the earliest arrival at each stop, riding every trip through."""
    ready = {goal: leave_s + walk for (start, goal), walk in ends_s.items() if start == origin}
    found = []
    for _ in range(most + 1):
        out: dict[int, float] = {}
        for visits in _trips(service):
            aboard = False
            for stop, arrival_s, departure_s, gets_in, gets_out in visits:
                if aboard and gets_out:
                    out[stop] = min(out.get(stop, float("inf")), arrival_s)
                aboard = aboard or (gets_in and ready.get(stop, float("inf")) <= departure_s)
        found.append(spread(out, ends_s))
        ready = spread(out, changes_s)
    return found


def _trips(service: Service) -> Iterable[list[tuple[int, float, float, bool, bool]]]:
    stop, ptr = service.visit_stop.tolist(), service.visit_ptr.tolist()
    arrival, departure = service.scheduled_arrival_s.tolist(), service.scheduled_departure_s.tolist()
    for (first, end), row in zip(pairwise(ptr), service.trip_pattern.tolist(), strict=True):
        pattern = service.patterns[row]
        yield [
            (
                stop[visit],
                arrival[visit],
                departure[visit],
                visit - first not in pattern.no_boarding,
                visit - first not in pattern.no_alighting,
            )
            for visit in range(first, end)
        ]
