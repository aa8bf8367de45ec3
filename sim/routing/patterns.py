"""What a stop pattern offers on average over the day: headway and rides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.network import Network
from sim.model.service import Service
from sim.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class PatternOffer:
    """The average service on one stop pattern.

    Attributes
    ----------
    pattern : int
        Row number of the pattern.
    stops : ndarray of int, shape (positions,)
    headway_s : float
        Mean time between two trips; the whole span of the day for a single trip.
    arrival_s, departure_s : ndarray of float, shape (positions,)
        Scheduled times relative to the departure from the first stop, averaged over trips.
    free_s : ndarray of float, shape (positions,)
        Time from the first stop at free running times, without dwell.
    boards, alights : ndarray of bool, shape (positions,)
        Whether people may get in, and out.
    """

    pattern: int
    stops: IntArray
    headway_s: float
    arrival_s: FloatArray
    departure_s: FloatArray
    free_s: FloatArray
    boards: BoolArray
    alights: BoolArray


DAY_S = 86400.0


def pattern_offers(network: Network, service: Service) -> list[PatternOffer]:
    """Average the trips of each stop pattern that has any.

    Parameters
    ----------
    network : Network
        Free running times of links.
    service : Service
        Trips.
    """
    offers = []
    for number, pattern in enumerate(service.patterns):
        trips = np.flatnonzero(service.trip_pattern == number)
        if not len(trips):
            continue
        rows = service.visit_ptr[trips][:, None] + np.arange(len(pattern.stops))
        start = service.scheduled_departure_s[rows[:, :1]]
        starts = np.sort(start[:, 0])
        span = float(starts[-1] - starts[0])
        hops = [float(network.link_running_time_s[list(links)].sum()) if links else 0.0 for links in pattern.links]
        offers.append(
            PatternOffer(
                pattern=number,
                stops=np.asarray(pattern.stops, dtype=np.int64),
                headway_s=span / (len(trips) - 1) if span > 0 else DAY_S,
                arrival_s=(service.scheduled_arrival_s[rows] - start).mean(axis=0),
                departure_s=(service.scheduled_departure_s[rows] - start).mean(axis=0),
                free_s=np.concatenate([[0.0], np.cumsum(hops)]),
                boards=pattern.boards(),
                alights=pattern.alights(),
            )
        )
    return offers
