"""Blocks that a scenario makes of trips without any."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from sim.model.parameters import ServiceParameters
from sim.model.service import Service


def arrange_blocks(service: Service, parameters: ServiceParameters) -> Service:
    """Give trips the vehicles that the scenario's rule says.

    Parameters
    ----------
    service : Service
    parameters : ServiceParameters
        Rule and layover.
    """
    if parameters.blocks == "as_given":
        return service
    if parameters.blocks == "independent":
        return replace(service, trip_block=np.arange(len(service.trip_id)), block_id=service.trip_id)
    return _numbered(service, _chained(service, parameters.layover_s))


def _chained(service: Service, layover_s: float) -> list[int]:
    """Return the first trip of the vehicle that runs each trip.

    A trip alone in its block is run by the vehicle of its type that has waited longest at the
    stop where it starts, for at least the layover.
    """
    alone = np.bincount(service.trip_block, minlength=len(service.block_id))[service.trip_block] == 1
    leader = list(range(len(service.trip_id)))
    first_of_block: dict[int, int] = {}
    waiting: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    starts, ends = service.visit_ptr[:-1], service.visit_ptr[1:] - 1
    departure_s, arrival_s = service.scheduled_departure_s[starts], service.scheduled_arrival_s[ends]
    for trip in np.lexsort((np.arange(len(starts)), departure_s)).tolist():
        kind = int(service.trip_vehicle_type[trip])
        if not alone[trip]:
            leader[trip] = first_of_block.setdefault(int(service.trip_block[trip]), trip)
            continue
        line = waiting[int(service.visit_stop[starts[trip]]), kind]
        ready = [item for item in line if item[0] + layover_s <= departure_s[trip]]
        if ready:
            chosen = min(ready)
            line.remove(chosen)
            leader[trip] = leader[chosen[1]]
        waiting[int(service.visit_stop[ends[trip]]), kind].append((float(arrival_s[trip]), trip))
    return leader


def _numbered(service: Service, leader: list[int]) -> Service:
    """Return the service with blocks in the order of their first trips and name them after these."""
    leaders, block = np.unique(np.array(leader, dtype=np.int64), return_inverse=True)
    given = [service.block_id[int(service.trip_block[trip])] for trip in leaders]
    return replace(service, trip_block=block.reshape(-1).astype(np.int64), block_id=tuple(given))
