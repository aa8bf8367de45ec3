"""Means over replications and their confidence intervals.

Half-widths are those of Student's t interval, made as much wider as the skewness of the values asks for:

    t s / sqrt(n) + |g| s (1 + 2 t^2) / (6 n)

with t = t(n - 1, 1 - (1 - confidence) / 2), s the standard deviation and g the skewness of the values
(G1 of Joanes and Gill 1998), which two values do not have. It is the longer side of the interval that
follows from Johnson's modified t (Johnson 1978, J. Am. Stat. Assoc. 73:536-544), to the first order in
g / sqrt(n). What it covers: docs/interval-coverage.md. A replication whose value is NaN says nothing and
is left out; one replication has no half-width (NaN).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import FloatArray

CONFIDENCE = 0.95
"""Confidence of the intervals in summaries and reports."""


_T_QUANTILES = (
    12.706204736174694,
    4.302652729749462,
    3.1824463052837078,
    2.7764451051977934,
    2.5705818356363146,
    2.4469118511449786,
    2.364624251592784,
    2.306004135204166,
    2.262157162798205,
    2.228138851986274,
    2.200985160091639,
    2.1788128296672284,
    2.1603686564627913,
    2.144786687917804,
    2.131449545559776,
    2.1199052992212546,
    2.1098155778333156,
    2.1009220402410382,
    2.0930240544083087,
    2.085963447265864,
    2.0796138447276795,
    2.0738730679040254,
    2.0686576104190486,
    2.0638985616280245,
    2.0595385527532972,
    2.0555294386428735,
    2.0518305164802846,
    2.0484071417952454,
    2.045229642132703,
    2.0422724563012378,
)
"""Two-sided quantiles of Student's t at `CONFIDENCE` for 1 to 30 degrees of freedom, as SciPy gives them.

Importing SciPy's special functions takes a small run longer than its simulation; a test compares the two.
"""


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
    if confidence == CONFIDENCE and replications - 1 <= len(_T_QUANTILES):
        return _T_QUANTILES[replications - 2]
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
    middle, deviation, quantile = float(known.mean()), float(known.std(ddof=1)), t_quantile(count, confidence)
    wider = abs(_skewness(known)) * (1.0 + 2.0 * quantile**2) / (6.0 * count)
    return Estimate(middle, deviation * (quantile / math.sqrt(count) + wider))


def p_value(values: FloatArray) -> float:
    """Return the chance at which the interval of `estimate` would end at 0; NaN for fewer than two values.

    An interval of confidence c excludes 0 where this is below 1 - c.

    Parameters
    ----------
    values : ndarray, shape (replications,)
    """
    values = np.asarray(values, dtype=np.float64)
    known = values[~np.isnan(values)]
    count = len(known)
    if count < 2:
        return math.nan
    middle, deviation = abs(float(known.mean())), float(known.std(ddof=1))
    if deviation == 0.0 or middle == 0.0:
        return 0.0 if middle else 1.0
    # The half-width is wide t^2 + steep t + flat deviations, see above; which t makes it as large as the mean?
    skewness = abs(_skewness(known))
    wide, steep, flat = skewness / (3.0 * count), 1.0 / math.sqrt(count), skewness / (6.0 * count)
    beyond = middle / deviation - flat
    if beyond <= 0.0:
        return 1.0
    quantile = 2.0 * beyond / (steep + math.sqrt(steep**2 + 4.0 * wide * beyond))
    return _two_sided(quantile, count - 1)


def _two_sided(quantile: float, freedom: int) -> float:
    """Return the chance that Student's t is farther from 0 (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).

    By the finite sums for whole degrees of freedom, for the reason that quantiles are a table above.
    """
    angle = math.atan(quantile / math.sqrt(freedom))
    square, odd = math.cos(angle) ** 2, freedom % 2
    total, term = 0.0, math.cos(angle) if odd else 1.0
    for power in range(2 + odd, freedom + 1, 2):
        total += term
        term *= square * (power - 1) / power
    inside = math.sin(angle) * total
    return max(0.0, 1.0 - (2.0 / math.pi * (angle + inside) if odd else inside))


def holm(chances: Sequence[float]) -> list[float]:
    """Return p-values made larger for how many are looked at (Holm 1979, Scand. J. Stat. 6:65-70).

    Whatever hangs together with what: with a chance of at most x is any of those that are 0 in truth at or below x.

    Parameters
    ----------
    chances : sequence of float
        p-values; NaN stays NaN and counts for none.
    """
    order = sorted((place for place, chance in enumerate(chances) if not math.isnan(chance)), key=chances.__getitem__)
    adjusted, most = [math.nan] * len(chances), 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, (len(order) - rank) * chances[place]))
        adjusted[place] = most
    return adjusted


def largest(values: FloatArray) -> Estimate:
    """Return the largest value, which has no interval; NaN where no replication has one.

    Parameters
    ----------
    values : ndarray, shape (replications,)
    """
    known = values[~np.isnan(values)]
    return Estimate(float(known.max()) if len(known) else math.nan, math.nan)


def _skewness(values: FloatArray) -> float:
    """Return G1 of Joanes and Gill (1998); 0 for fewer than three values, or for values that are all the same."""
    count, away = len(values), values - values.mean()
    spread = math.sqrt(float((away**2).mean()))
    if count < 3 or spread == 0.0:
        return 0.0
    # As a product, so that values of the other sign have exactly the other skewness.
    away = away / spread
    return float((away * away * away).mean()) * math.sqrt(count * (count - 1)) / (count - 2)


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
    # NaN in one of the two leaves the pair out: a replication counts on both sides or on none.
    return estimate(np.asarray(values) - np.asarray(reference), confidence)
