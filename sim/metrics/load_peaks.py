"""What a new peak is: load factors at the stops of a line, period by period, without advice and with it.

Load factors are compared and not loads, so that a vehicle that leaves a minute earlier, and so in
another period, makes no peak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.metrics.statistics import estimate
from sim.records.table import Table

PEAK_SHARE = 0.8
"""A local peak counts from this share of the stop's highest load factor without advice; assumed."""

LEAST_LOAD_FACTOR = 0.3
"""Fuller than this a vehicle has to be for a peak: below, everybody sits; assumed."""

LEAST_RISE_SHARE = 0.05
"""Least rise as a share of the stop's highest load factor without advice; assumed."""


@dataclass(frozen=True)
class StopGrid:
    """One stop of a line and direction under one strategy; arrays by replication and period.

    Attributes
    ----------
    key : tuple of (int, int)
        Code of the line, and direction.
    names : mapping of str to str
        `line_id` and `stop_id`.
    first : int
        Number of the first period.
    none, factor : ndarray of float, shape (replications, periods)
        Load factors without advice and under the strategy.
    runs : ndarray of bool, shape (periods,)
        Whether a vehicle always leaves in the period.
    counts : mapping of str to ndarray, shape (replications, periods)
        Per day, by columns of the account.
    """

    key: tuple[int, int]
    names: Mapping[str, str]
    first: int
    none: FloatArray
    factor: FloatArray
    runs: BoolArray
    counts: Mapping[str, FloatArray]


def stop_grids(own: Table, period_s: float) -> Iterator[StopGrid]:
    """Yield the stops of an account of one strategy.

    Parameters
    ----------
    own : Table
        Rows of one strategy of the table `account`.
    period_s : float
        Length of an observation period in seconds.
    """
    stops = len(own.categories["stop_id"])
    packed = (own["line_id"] * 2 + own["direction_id"]) * stops + own["stop_id"]
    order = np.argsort(packed, kind="stable")
    bounds = np.flatnonzero(np.diff(packed[order], prepend=-1) != 0)
    replications, replication = np.unique(own["replication"], return_inverse=True)
    days = len(np.unique(own["day"]))
    for rows in np.split(order, bounds[1:]) if len(order) else ():
        period = np.round(own["period_start_s"][rows] / period_s).astype(np.int64)
        first, span = int(period.min()), int(period.max() - period.min()) + 1
        shape = (len(replications), span)
        cell = replication[rows] * span + period - first
        counts = {
            name: np.bincount(cell, own[name][rows], shape[0] * span).reshape(shape) / days
            for name in ("load_none", "load", "load_direct_shift", "capacity_none", "capacity")
        }
        yield StopGrid(
            key=(int(own["line_id"][rows[0]]), int(own["direction_id"][rows[0]])),
            names={name: own.categories[name][int(own[name][rows[0]])] for name in ("line_id", "stop_id")},
            first=first,
            none=_factor(counts["load_none"], counts["capacity_none"]),
            factor=_factor(counts["load"], counts["capacity"]),
            runs=np.minimum(counts["capacity_none"], counts["capacity"]).min(axis=0) > 0,
            counts=counts,
        )


def _factor(load: FloatArray, capacity: FloatArray) -> FloatArray:
    """Return load over capacity, 0 where no vehicle runs."""
    return np.divide(load, capacity, out=np.zeros_like(load), where=capacity > 0)


def new_peaks(none: FloatArray, factor: FloatArray, runs: BoolArray) -> list[int]:
    """Return the periods of one stop that are rebounds.

    Only periods in which vehicles always run can be compared.

    Parameters
    ----------
    none, factor : ndarray of float, shape (replications, periods)
        Load factors without advice and with it.
    runs : ndarray of bool, shape (periods,)
    """
    before, after = none.mean(axis=0), factor.mean(axis=0)
    changes = [estimate(column) for column in (factor - none).T]
    highest = float(before.max(initial=0.0))
    if not any(change.mean + change.half_width < 0 for change in changes):
        return []
    peaks = []
    for place, change in enumerate(changes):
        rises = change.mean - change.half_width > 0 and change.mean >= LEAST_RISE_SHARE * highest
        is_new = is_new_peak(before, after, place)
        if runs[place] and rises and is_new and after[place] >= PEAK_SHARE * highest:
            peaks.append(place)
    return peaks


def is_new_peak(before: FloatArray, after: FloatArray, place: int) -> bool:
    """Tell whether a period is a peak with advice and was none without, or is higher than any period was.

    Parameters
    ----------
    before, after : ndarray of float, shape (periods,)
        Load factors without and with advice.
    place : int
    """
    if after[place] < LEAST_LOAD_FACTOR:
        return False
    highest = float(before.max(initial=0.0))
    if after[place] > highest:
        return True
    was_peak = _is_peak(before, place) and before[place] >= PEAK_SHARE * highest
    return _is_peak(after, place) and not was_peak


def _is_peak(factors: FloatArray, place: int) -> bool:
    around = factors[max(place - 1, 0) : place + 2]
    return bool(factors[place] >= around.max())
