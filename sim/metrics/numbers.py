"""Means, shares and ratios that are NaN where nothing can be said.

Sums of products are summed and not taken as dot products, whose last digit depends on how many threads
the linear algebra library has.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray

MINUTE_S = 60.0


def mean(values: NDArray[np.float64] | IntArray) -> float:
    """Return the mean of the values that are not NaN; NaN where there are none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def share(mask: BoolArray) -> float:
    """Return the share that is true; NaN of nothing."""
    return float(mask.mean()) if len(mask) else math.nan


def over(numerator: float, denominator: float) -> float:
    """Divide; NaN by 0."""
    return numerator / denominator if denominator else math.nan


def gini(values: FloatArray) -> float:
    """Return the Gini coefficient: half the mean distance of two persons over the mean.

    0 where all have the same, near 1 where one has all; NaN where there is nothing to share out.

    Parameters
    ----------
    values : ndarray of float, shape (persons,)
        Not negative; NaN is left out.
    """
    known = np.sort(values[np.isfinite(values)])
    total = float(known.sum())
    if total <= 0:
        return math.nan
    count = len(known)
    rank = np.arange(1, count + 1)
    return float(((2 * rank - count - 1) * known).sum() / (count * total))


def period_counts(times_s: FloatArray, period_s: float) -> IntArray:
    """Count events by period, from the first period with one to the last; the same period of several days is one.

    Parameters
    ----------
    times_s : ndarray of float, shape (events,)
        Seconds after midnight.
    period_s : float
        Length of a period in seconds.
    """
    period = np.floor_divide(times_s, period_s).astype(np.int64)
    return np.bincount(period - period.min()) if len(period) else np.zeros(0, dtype=np.int64)


def peak_to_mean_ratio(times_s: FloatArray, period_s: float) -> float:
    """Return the highest count of a period over the mean of the periods from first to last used."""
    counts = period_counts(times_s, period_s)
    return float(counts.max() / counts.mean()) if len(counts) else math.nan
