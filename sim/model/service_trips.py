"""Some of the trips of a service."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.arrays import BoolArray, IntArray
from sim.model.service import HeadwayLaw, Service


def keep_trips(service: Service, wanted: BoolArray) -> Service:
    """Return the service with some of its trips, and the blocks that still have any.

    Parameters
    ----------
    service : Service
    wanted : ndarray of bool, shape (trips,)
    """
    if wanted.all():
        return service
    rows = np.flatnonzero(wanted)
    new_row = np.cumsum(wanted) - 1
    visits = np.flatnonzero(wanted[service.visit_trip])
    blocks, trip_block = np.unique(service.trip_block[rows], return_inverse=True)
    sizes = np.diff(service.visit_ptr)[rows]
    return replace(
        service,
        trip_id=tuple(service.trip_id[row] for row in rows),
        trip_pattern=service.trip_pattern[rows],
        trip_vehicle_type=service.trip_vehicle_type[rows],
        trip_block=trip_block.reshape(-1).astype(np.int64),
        block_id=tuple(service.block_id[block] for block in blocks),
        visit_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        scheduled_arrival_s=service.scheduled_arrival_s[visits],
        scheduled_departure_s=service.scheduled_departure_s[visits],
        headway_laws=tuple(_keep_law(law, wanted, new_row) for law in service.headway_laws),
        continues=None if service.continues is None else service.continues[rows],
    )


def _keep_law(law: HeadwayLaw, wanted: BoolArray, new_row: IntArray) -> HeadwayLaw:
    """Keep the trips of a law; the headways of those left out at the start still count."""
    kept = law.trips[wanted[law.trips]]
    skipped = int(np.argmax(wanted[law.trips])) if len(kept) else 0
    return replace(law, trips=new_row[kept], first_s=law.first_s + skipped * law.mean_s)
