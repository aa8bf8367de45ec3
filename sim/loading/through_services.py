"""Trips of a block that passengers may stay on board of from one to the next: loops and through services."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from sim.arrays import IntArray
from sim.loading.trip_rows import reordered
from sim.model.parameters import ServiceParameters
from sim.model.service import Service, StopPattern

LONGEST_STAY_S: Final = 600.0
"""Longest scheduled stay between two trips for which passengers stay on board (assumed)."""


def join_through(service: Service, parameters: ServiceParameters) -> Service:
    """Say which trips go on as others, and put the trips that do one after the other.

    Patterns of trips that go on know the stops beyond. Rows of trips that go on as others follow
    each other, so that the visits of a vehicle from its first trip to its last are in one piece.

    Parameters
    ----------
    service : Service
        With blocks.
    parameters : ServiceParameters
        Rule.
    """
    if parameters.through_services == "apart":
        return service
    follows = _follows(service, parameters)
    if not (follows >= 0).any():
        return service
    patterns, trip_pattern = _patterns(service, follows)
    return _in_one_piece(replace(service, patterns=patterns, trip_pattern=trip_pattern), follows)


def _follows(service: Service, parameters: ServiceParameters) -> IntArray:
    """Return the trip as which each trip goes on; -1 for none."""
    first, last = service.visit_ptr[:-1], service.visit_ptr[1:] - 1
    starts_s, ends_s = service.scheduled_departure_s[first], service.scheduled_arrival_s[last]
    blocks: dict[int, list[int]] = {}
    for trip in np.lexsort((np.arange(len(starts_s)), starts_s)).tolist():
        blocks.setdefault(int(service.trip_block[trip]), []).append(trip)
    follows = np.full(len(starts_s), -1, dtype=np.int64)
    for trips in blocks.values():
        for trip, onward in pairwise(trips):
            stay_s = float(starts_s[onward] - ends_s[trip])
            meets = service.visit_stop[last[trip]] == service.visit_stop[first[onward]]
            same_kind = service.trip_vehicle_type[trip] == service.trip_vehicle_type[onward]
            if meets and same_kind and 0 <= stay_s <= LONGEST_STAY_S and _wanted(service, trip, onward, parameters):
                follows[trip] = onward
    return follows


def _wanted(service: Service, trip: int, onward: int, parameters: ServiceParameters) -> bool:
    """Tell whether the rule lets passengers stay on board."""
    if parameters.through_services == "blocks":
        return True
    here, there = (service.patterns[int(service.trip_pattern[row])] for row in (trip, onward))
    return here.line == there.line and here.direction_id == there.direction_id


def _patterns(service: Service, follows: IntArray) -> tuple[tuple[StopPattern, ...], IntArray]:
    """Add a pattern for each pair of patterns that trips run one after the other; return patterns and that of trips."""
    patterns, number = list(service.patterns), dict[tuple[int, int], int]()
    trip_pattern = service.trip_pattern.copy()
    for trip in np.flatnonzero(follows >= 0).tolist():
        here, there = int(service.trip_pattern[trip]), int(service.trip_pattern[follows[trip]])
        if (here, there) not in number:
            number[here, there] = len(patterns)
            base, onward = service.patterns[here], service.patterns[there]
            patterns.append(replace(base, pattern_id=f"{base.pattern_id}>{onward.pattern_id}", onward=onward))
        trip_pattern[trip] = number[here, there]
    return tuple(patterns), trip_pattern


def _in_one_piece(service: Service, follows: IntArray) -> Service:
    """Return the service with the trips that go on as others in rows one after the other."""
    is_onward = np.zeros(len(follows), dtype=np.bool_)
    is_onward[follows[follows >= 0]] = True
    order: list[int] = []
    for trip in np.flatnonzero(~is_onward).tolist():
        at = trip
        while at >= 0:
            order.append(at)
            at = int(follows[at])
    rows = np.array(order, dtype=np.int64)
    return replace(reordered(service, rows), continues=is_onward[rows])
