"""Means over replications and their confidence intervals.

Half-widths are those of Student's t interval, t(n - 1, 1 - (1 - confidence) / 2) s / sqrt(n). A
replication whose value is NaN says nothing and is left out; one replication has no half-width (NaN).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import FloatArray

CONFIDENCE = 0.95
"""Confidence of the intervals in summaries and reports."""


@dataclass(frozen=True)
class Estimate:
    """A mean over replications.

    Attributes
    ----------
    mean : float
        NaN where no replication has a value.
    half_width : float
        Of the confidence interval; NaN for fewer than two values.
    """

    mean: float
    half_width: float


def t_quantile(replications: int, confidence: float = CONFIDENCE) -> float:
    """Return the two-sided quantile of Student's t for a number of replications.

    Raises
    ------
    ValueError
        For fewer than two replications.
    """
    if replications < 2:
        raise ValueError("an interval needs at least 2 replications")
    return float(scipy.special.stdtrit(replications - 1, 0.5 + confidence / 2.0))


def estimate(values: FloatArray, confidence: float = CONFIDENCE) -> Estimate:
    """Return mean and half-width of values, one per replication.

    Parameters
    ----------
    values : ndarray, shape (replications,)
    confidence : float
        Of the interval, between 0 and 1.
    """
    values = np.asarray(values, dtype=np.float64)
    known = values[~np.isnan(values)]
    count = len(known)
    if count == 0:
        return Estimate(math.nan, math.nan)
    if count == 1:
        return Estimate(float(known[0]), math.nan)
    deviation = float(known.std(ddof=1))
    return Estimate(float(known.mean()), t_quantile(count, confidence) * deviation / math.sqrt(count))


def paired_difference(values: FloatArray, reference: FloatArray, confidence: float = CONFIDENCE) -> Estimate:
    """Return mean and half-width of values minus reference, paired by replication.

    With common random numbers the two are correlated and Var(D) = Var(X) + Var(Y) - 2 Cov(X, Y) is
    smaller than for separate draws.

    Parameters
    ----------
    values, reference : ndarray, shape (replications,)
        Of the same replications in the same order.
    confidence : float
        Of the interval, between 0 and 1.

    Raises
    ------
    ValueError
        When the numbers of replications differ.
    """
    if len(values) != len(reference):
        raise ValueError(f"{len(values)} replications cannot be paired with {len(reference)}")
    return estimate(np.asarray(values) - np.asarray(reference), confidence)
