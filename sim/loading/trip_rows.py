"""Trips of a service in another order, and copies of trips at other times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.service import Service


def trip_starts_s(service: Service) -> FloatArray:
    """Return the scheduled departure of each trip from its first stop in seconds, shape (trips,)."""
    starts: FloatArray = service.scheduled_departure_s[service.visit_ptr[:-1]]
    return starts


def reordered(service: Service, order: IntArray) -> Service:
    """Return the service with its trips in another order.

    Parameters
    ----------
    service : Service
    order : ndarray of int, shape (trips,)
        Present row of the trip of each new row; every trip once.
    """
    new_row = np.empty(len(order), dtype=np.int64)
    new_row[order] = np.arange(len(order))
    sizes = np.diff(service.visit_ptr)[order]
    visits = visit_rows(service, order)
    return replace(
        service,
        trip_id=tuple(service.trip_id[row] for row in order.tolist()),
        trip_pattern=service.trip_pattern[order],
        trip_vehicle_type=service.trip_vehicle_type[order],
        trip_block=service.trip_block[order],
        visit_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        scheduled_arrival_s=service.scheduled_arrival_s[visits],
        scheduled_departure_s=service.scheduled_departure_s[visits],
        headway_laws=tuple(replace(law, trips=new_row[law.trips]) for law in service.headway_laws),
    )


def in_order(service: Service) -> Service:
    """Return the service with its trips sorted by scheduled departure, then id: the tie order of the engine."""
    starts_s = trip_starts_s(service).tolist()
    order = sorted(range(len(starts_s)), key=lambda row: (starts_s[row], service.trip_id[row]))
    return reordered(service, np.array(order, dtype=np.int64))


def visit_rows(service: Service, trips: IntArray) -> IntArray:
    """Return the visits of some trips, trip by trip."""
    rows = [np.arange(service.visit_ptr[row], service.visit_ptr[row + 1]) for row in trips.tolist()]
    return np.concatenate([np.zeros(0, dtype=np.int64), *rows])


def with_copies(service: Service, added: Sequence[tuple[float, str, int]]) -> Service:
    """Return the service with copies of trips at other times, each run by a vehicle of its own.

    Parameters
    ----------
    service : Service
    added : sequence of (float, str, int)
        Departure in seconds, id and the trip that it is like.
    """
    if not added:
        return service
    starts_s = trip_starts_s(service)
    like = np.array([row for _, _, row in added], dtype=np.int64)
    later_s = np.array([time_s for time_s, _, _ in added]) - starts_s[like]
    sizes, visits = np.diff(service.visit_ptr)[like], visit_rows(service, like)
    names = tuple(name for _, name, _ in added)
    moved_s = np.repeat(later_s, sizes)
    longer = replace(
        service,
        trip_id=(*service.trip_id, *names),
        trip_pattern=np.concatenate([service.trip_pattern, service.trip_pattern[like]]),
        trip_vehicle_type=np.concatenate([service.trip_vehicle_type, service.trip_vehicle_type[like]]),
        trip_block=np.concatenate([service.trip_block, len(service.block_id) + np.arange(len(added))]),
        block_id=(*service.block_id, *names),
        visit_ptr=np.concatenate([service.visit_ptr, service.visit_ptr[-1] + np.cumsum(sizes)]),
        scheduled_arrival_s=np.concatenate(
            [service.scheduled_arrival_s, service.scheduled_arrival_s[visits] + moved_s]
        ),
        scheduled_departure_s=np.concatenate(
            [service.scheduled_departure_s, service.scheduled_departure_s[visits] + moved_s]
        ),
    )
    return in_order(longer)
