"""Times that a network folder leaves blank, spread over a run as the streets under it say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.loading.gtfs_times import StopTimes
from sim.loading.hop_ways import HopWays
from sim.loading.service_build import Feed
from sim.model.link_uses import Way, way_of
from sim.model.ways import time_of
from sim.units import quantize


def spread_by_streets(feed: Feed, ways: HopWays, known: BoolArray) -> StopTimes:
    """Return the times with blanks in proportion to the free running times between the times given.

    Where that of a link on the way is known neither by its speed nor by observed times, blanks stay spread evenly: what
    is taken for its free running time comes from these same blanks.

    Parameters
    ----------
    feed : Feed
        With blanks spread evenly.
    ways : HopWays
    known : ndarray of bool, shape (links,)
        Whether a speed or observed times say the free running time of a link.
    """
    times = feed.times
    blank = np.flatnonzero(times.was_blank)
    if not len(blank) or not known.any():
        return times
    arrival_s, departure_s = times.arrival_s.copy(), times.departure_s.copy()
    shares: dict[tuple[Way | None, tuple[int, ...]], FloatArray | None] = {}
    # Neither the first nor the last visit of a trip is blank, so that no group reaches over two trips.
    for group in np.split(blank, np.flatnonzero(np.diff(blank) > 1) + 1):
        before, after = int(group[0]) - 1, int(group[-1]) + 1
        trip = int(np.searchsorted(times.ptr, before, side="right")) - 1
        made_for = way_of(feed.lines.lines[int(feed.trips.line[trip])].mode)
        key = made_for, tuple(times.stop[before : after + 1].tolist())
        if key not in shares:
            shares[key] = _shares(key[1], made_for, ways, known)
        share, start_s = shares[key], departure_s[before]
        if share is not None:
            arrival_s[group] = departure_s[group] = quantize(start_s + share * (arrival_s[after] - start_s))
    return replace(times, arrival_s=arrival_s, departure_s=departure_s)


def _shares(stops: tuple[int, ...], made_for: Way | None, ways: HopWays, known: BoolArray) -> FloatArray | None:
    """Return which share of a run lies before each stop between its ends; None where the streets do not say."""
    free_s = []
    for start, end in pairwise(stops):
        links = ways.links(start, end, made_for)
        if not links or not known[list(links)].all():
            return None
        free_s.append(time_of(links, ways.network.link_running_time_s))
    passed_s = np.cumsum(free_s)
    return passed_s[:-1] / passed_s[-1] if passed_s[-1] > 0.0 else None
