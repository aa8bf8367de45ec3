"""Blank stop times between times that are given: by distance where it is known, else evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.distances import distance_m


@dataclass(frozen=True)
class InterpolatedTimes:
    """Times without blanks, and how the blanks were filled; arrays of shape (visits,)."""

    arrival_s: FloatArray
    departure_s: FloatArray
    by_distance: BoolArray
    evenly: BoolArray


def interpolate_blanks(
    arrival_s: FloatArray, departure_s: FloatArray, along: FloatArray | None, lat: FloatArray, lon: FloatArray
) -> InterpolatedTimes:
    """Interpolate blank times between the last departure and the next arrival given.

    Distances are those of ``shape_dist_traveled`` where they grow between the times given, else
    straight lines between the stops where all of these have a position.

    Parameters
    ----------
    arrival_s, departure_s : ndarray of float, shape (visits,)
        NaN where blank; the first and last visit of each trip are given.
    along : ndarray of float or None
        Distance from the start of the shape in any unit; NaN where unknown.
    lat, lon : ndarray of float, shape (visits,)
        Degrees; NaN where unknown.
    """
    blank = np.isnan(arrival_s)
    nowhere = np.zeros(len(arrival_s), dtype=bool)
    if not blank.any():
        return InterpolatedTimes(arrival_s, departure_s, nowhere, nowhere)
    place = np.arange(len(arrival_s))
    before = np.maximum.accumulate(np.where(blank, -1, place))
    after = np.minimum.accumulate(np.where(blank, len(place), place)[::-1])[::-1]
    gap = np.flatnonzero(blank)
    start, end = before[gap], after[gap]
    share, known = _shares(gap, start, end, along, lat, lon)
    arrival, departure = arrival_s.copy(), departure_s.copy()
    times = departure_s[start] + share * (arrival_s[end] - departure_s[start])
    arrival[gap] = departure[gap] = times
    by_distance, evenly = nowhere.copy(), nowhere.copy()
    by_distance[gap[known]] = True
    evenly[gap[~known]] = True
    return InterpolatedTimes(arrival, departure, by_distance, evenly)


def _shares(
    gap: IntArray, start: IntArray, end: IntArray, along: FloatArray | None, lat: FloatArray, lon: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return how far between the times given each blank lies, and whether that is by distance."""
    share = (gap - start) / (end - start)
    known = np.zeros(len(gap), dtype=bool)
    steps = np.zeros(len(lat))
    if len(lat) > 1:
        steps[1:] = distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:], geographic=True)
    for measure in (np.cumsum(np.nan_to_num(steps)), along):
        if measure is None:
            continue
        whole = measure[end] - measure[start]
        part = measure[gap] - measure[start]
        with np.errstate(invalid="ignore", divide="ignore"):
            fits = (whole > 0) & (part >= 0) & (part <= whole)
            if measure is not along:
                lost = np.cumsum(np.isnan(steps))
                fits &= lost[end] == lost[start]
            else:
                fits &= _grows(measure, gap, start, end)
            share = np.where(fits, part / whole, share)
        known |= fits
    return share, known


def _grows(measure: FloatArray, gap: IntArray, start: IntArray, end: IntArray) -> BoolArray:
    """Tell for each blank whether the measure never falls between the times given around it."""
    falls = np.zeros(len(measure), dtype=np.int64)
    falls[1:] = ~(measure[1:] >= measure[:-1])
    total = np.cumsum(falls)
    grows: BoolArray = (total[end] == total[start]) & np.isfinite(measure[gap])
    return grows
