"""The way of each vehicle from stop to stop on a day, in metres: usual ones, and those round closed links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import FloatArray
from sim.model.network import Network
from sim.model.service import Service
from sim.records.day import DayRecords

if TYPE_CHECKING:
    from sim.model.parameters.disruptions import LinkDisruptionParameters


def ways_m(
    service: Service, network: Network, disruptions: Sequence[LinkDisruptionParameters], records: DayRecords
) -> FloatArray:
    """Return the way from each visit to the next one of its trip that the vehicle comes to, shape (visits,).

    0 at the last one, and at stops that are missed on a way round closed links.

    Parameters
    ----------
    service : Service
    network : Network
    disruptions : sequence of LinkDisruptionParameters
        Links closed or slow.
    records : DayRecords
        Of the day: when a vehicle leaves a stop decides on its way.
    """
    hops = [
        np.array([*(sum(float(network.link_length_m[link]) for link in links) for links in pattern.links), 0.0])
        for pattern in service.patterns
    ]
    usual_m = np.concatenate([*(hops[pattern] for pattern in service.trip_pattern), np.zeros(0)])
    return _going_round(service, network, disruptions, records, usual_m) if disruptions else usual_m


def _going_round(
    service: Service,
    network: Network,
    disruptions: Sequence[LinkDisruptionParameters],
    records: DayRecords,
    usual_m: FloatArray,
) -> FloatArray:
    # It brings the ways over streets, which few days ask for.
    from sim.model.detours import find_hindrances

    found_m, missed = usual_m.copy(), np.zeros(len(usual_m), dtype=np.bool_)
    rounds = [item for item in find_hindrances(network, service, disruptions) if item.goes_round]
    # Along the run: whoever misses a stop does not leave it, whatever is closed behind it.
    for item in sorted(rounds, key=lambda item: item.place):
        visit = service.visit_ptr[np.flatnonzero(service.trip_pattern == item.pattern)] + item.place
        left_s = records.visit_departure_s[visit]
        visit = visit[(item.start_s <= left_s) & (left_s < item.end_s) & ~missed[visit]]
        found_m[visit] = network.link_length_m[list(item.links)].sum()
        for behind in range(1, item.missed + 1):
            missed[visit + behind], found_m[visit + behind] = True, 0.0
    return found_m
