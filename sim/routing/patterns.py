"""What a stop pattern offers on average over the day: headway and rides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.network import Network
from sim.model.service import Service, StopPattern
from sim.units import DAY_S


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

    Notes
    -----
    Positions are those of the stops that people on board reach (`StopPattern.reached_stops`).
    """

    pattern: int
    stops: IntArray
    headway_s: float
    arrival_s: FloatArray
    departure_s: FloatArray
    free_s: FloatArray
    boards: BoolArray
    alights: BoolArray


def pattern_offers(network: Network, service: Service) -> list[PatternOffer]:
    """Average the trips of each stop pattern that has any.

    Parameters
    ----------
    network : Network
        Free running times of links.
    service : Service
        Trips.
    """
    trips_of = _trips_of(service)
    offers, headways_s = [], _headways_s(service, trips_of)
    for number, pattern in enumerate(service.patterns):
        trips = trips_of[number]
        if not len(trips):
            continue
        stops = pattern.reached_stops()
        # The visits of a run are in one piece.
        rows = service.visit_ptr[trips][:, None] + np.arange(len(stops))
        start = service.scheduled_departure_s[rows[:, :1]]
        times = network.link_running_time_s
        paces = zip(pattern.reached_links(), pattern.reached_paces(), strict=True)
        hops = [pace * float(times[list(links)].sum()) if links else 0.0 for links, pace in paces]
        offers.append(
            PatternOffer(
                pattern=number,
                stops=np.asarray(stops, dtype=np.int64),
                headway_s=headways_s[number],
                arrival_s=(service.scheduled_arrival_s[rows] - start).mean(axis=0),
                departure_s=(service.scheduled_departure_s[rows] - start).mean(axis=0),
                free_s=np.concatenate([[0.0], np.cumsum(hops)]),
                boards=pattern.reached_boards(),
                alights=pattern.reached_alights(),
            )
        )
    return offers


def _trips_of(service: Service) -> list[IntArray]:
    """Return the trips of each pattern, in order."""
    order = np.argsort(service.trip_pattern, kind="stable")
    bounds = np.searchsorted(service.trip_pattern[order], np.arange(1, len(service.patterns)))
    return np.split(order, bounds)


def _headways_s(service: Service, trips_of: list[IntArray]) -> dict[int, float]:
    """Return the mean time in seconds between two trips of each pattern that has any.

    Patterns that people at the stops cannot tell apart share the headway of all of them by their numbers of trips, so
    that together they come as often as one pattern would.
    """
    alike: dict[StopPattern, list[int]] = {}
    for number in np.unique(service.trip_pattern).tolist():
        alike.setdefault(service.patterns[number].as_boarded(), []).append(number)
    starts_s = service.scheduled_departure_s[service.visit_ptr[:-1]]
    found = {}
    for numbers in alike.values():
        mine_s = starts_s[np.concatenate([trips_of[number] for number in numbers])]
        span = float(mine_s.max() - mine_s.min())
        headway_s = span / (len(mine_s) - 1) if span > 0 else DAY_S
        for number in numbers:
            found[number] = headway_s * (len(mine_s) / len(trips_of[number]))
    return found
