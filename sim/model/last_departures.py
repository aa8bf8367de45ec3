"""The last departures with which a destination can still be reached, by the timetable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.network import Network
from sim.model.service import Service

MOST_STEPS: Final = 4e9
"""Connections times rides times destinations that are worked out; assumed to be a minute or two."""
_LOOK_EVERY: Final = 500


def last_departures(
    service: Service,
    changes: Iterable[tuple[int, int, float]],
    ends: BoolArray,
    rides: int,
    wanted: BoolArray | None = None,
) -> FloatArray | None:
    """Find when the last vehicle leaves each stop with which each destination can be reached.

    The connection scan of Dibbelt, Pajor, Strasser and Wagner (2013), from the end of the day backwards.

    Parameters
    ----------
    service : Service
    changes : iterable of (int, int, float)
        Stops of alighting and boarding, and the walk between them in seconds; a stop leads to itself.
    ends : ndarray of bool, shape (stops, destinations)
        Whether people who get out at a stop are at, or walk to, a destination.
    rides : int
        Most vehicles of a journey.
    wanted : ndarray of bool or None, shape (stops, destinations)
        What is asked for; the search ends once all of it is known.

    Returns
    -------
    ndarray of float, shape (stops, destinations), or None
        Seconds after midnight, minus infinity where there is no way; None where the network is too large.
    """
    visits = np.arange(len(service.visit_stop))
    last_visits = np.zeros(len(visits), dtype=np.bool_)
    last_visits[service.visit_ptr[1:] - 1] = True
    connections = visits[~last_visits]
    if float(len(connections)) * rides * ends.shape[1] > MOST_STEPS:
        return None
    departure_s = service.scheduled_departure_s
    order = connections[np.lexsort((-connections, -departure_s[connections]))]
    left_s = np.full((rides, *ends.shape), -np.inf)
    reaches = np.zeros((len(service.trip_id), rides, ends.shape[1]), dtype=np.bool_)
    to: dict[int, list[tuple[int, float]]] = {}
    for start, goal, walk_s in changes:
        to.setdefault(start, []).append((goal, walk_s))
    # Later visits of a trip come first, so that what is reached from them is known at the earlier ones.
    for number, visit in enumerate(order.tolist()):
        aboard = reaches[service.runs.of_visit[visit]]
        if service.visit_alights[visit + 1]:
            stop, arrival_s = int(service.visit_stop[visit + 1]), service.scheduled_arrival_s[visit + 1]
            aboard |= ends[stop]
            for goal, walk_s in to.get(stop, ()):
                aboard[1:] |= left_s[:-1, goal] >= arrival_s + walk_s
        if service.visit_boards[visit]:
            here = left_s[:, service.visit_stop[visit]]
            np.maximum(here, np.where(aboard, departure_s[visit], -np.inf), out=here)
        if wanted is not None and number % _LOOK_EVERY == 0 and np.isfinite(left_s[-1][wanted]).all():
            break
    found: FloatArray = left_s[-1]
    return found


def last_useful_s(
    network: Network, service: Service, origin: IntArray, destination: IntArray, rides: int
) -> tuple[FloatArray, bool]:
    """Return the last useful departure of each flow, by destination where the network is not too large for that.

    Parameters
    ----------
    network : Network
    service : Service
    origin, destination : ndarray of int, shape (flows,)
        Rows of stops.
    rides : int
        Most vehicles of a journey.

    Returns
    -------
    tuple of (ndarray of float, shape (flows,), bool)
        Seconds after midnight, minus infinity where there is no way; and whether destinations were asked for.
    """
    stops = len(network.stop_id)
    goals, goal = np.unique(destination, return_inverse=True)
    ends = np.zeros((stops, len(goals)), dtype=np.bool_)
    ends[goals, np.arange(len(goals))] = True
    changes = [(stop, stop, 0.0) for stop in range(stops)]
    if network.foot is not None:
        foot = network.foot
        walk_s = np.nan_to_num(foot.transfer_s, nan=0.0, posinf=np.inf)
        columns = (foot.transfer_from.tolist(), foot.transfer_to.tolist(), walk_s.tolist())
        changes += [way for way in zip(*columns, strict=True) if np.isfinite(way[2])]
    wanted = np.zeros(ends.shape, dtype=np.bool_)
    wanted[origin, goal] = True
    found = last_departures(service, changes, ends, rides, wanted)
    if found is not None:
        return found[origin, goal], True
    last = np.full(stops, -np.inf)
    np.maximum.at(last, service.visit_stop, service.scheduled_departure_s)
    return last[origin], False
