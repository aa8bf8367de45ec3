"""Waiting of passengers who come at random for vehicles at random headways (Osuna and Newell 1972).

Headways and waits are in the unit of the mean headway.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.arrays import FloatArray

LawKind = Literal["deterministic", "exponential", "gamma", "uniform", "two_point", "pairs", "shares"]


@dataclass(frozen=True)
class TheoryHeadways:
    """A law of headways.

    Attributes
    ----------
    kind : str
        pairs: headways take the two ends of the range in turns; shares: a fixed share of them is
        short; the others are independent.
    mean : float
    cv : float
        Coefficient of variation; the range of uniform, two_point, pairs and shares follows from it.
    short_share : float
        Chance or share of the shorter headway of two.
    """

    kind: LawKind
    mean: float
    cv: float
    short_share: float = 0.5

    @property
    def ends(self) -> tuple[float, float]:
        """Shortest and longest headway of a law that has both."""
        reach = self.mean * self.cv * (math.sqrt(3.0) if self.kind == "uniform" else 1.0)
        odds = math.sqrt(self.short_share / (1.0 - self.short_share))
        return self.mean - reach / odds, self.mean + reach * odds

    def moment(self, order: int) -> float:
        """Return the mean of the power of a headway."""
        if self.kind == "deterministic":
            return self.mean**order
        if self.kind == "exponential":
            return math.factorial(order) * self.mean**order
        if self.kind == "gamma":
            return self.mean**order * math.prod(1.0 + step * self.cv**2 for step in range(order))
        low, high = self.ends
        if self.kind == "uniform" and high > low:
            return float((high ** (order + 1) - low ** (order + 1)) / ((order + 1) * (high - low)))
        return float(self.short_share * low**order + (1.0 - self.short_share) * high**order)


def mean_wait(headways: TheoryHeadways) -> float:
    """Return the mean wait, E[H^2] / (2 E[H]) (Osuna and Newell 1972)."""
    return headways.moment(2) / (2.0 * headways.moment(1))


def wait_sd(headways: TheoryHeadways) -> float:
    """Return the standard deviation of the wait; E[W^2] = E[H^3] / (3 E[H])."""
    second = headways.moment(3) / (3.0 * headways.moment(1))
    return math.sqrt(second - mean_wait(headways) ** 2)


def relative_variance_of_mean(headways: TheoryHeadways, passengers: float) -> float:
    """Return the variance of the mean wait of one headway's passengers, over the square of the mean wait.

    That of n headways is an n-th of it (delta method for the ratio of a cycle's total wait to
    its passengers). Says how long a run must be; no part of the theory that is tested.

    Parameters
    ----------
    headways : TheoryHeadways
    passengers : float
        Passengers per headway.
    """
    wait = mean_wait(headways)
    influence = np.array([0.0, -wait, 0.5])
    return _per_headway(influence, headways, wait) + (wait_sd(headways) / wait) ** 2 / passengers


def relative_variance_of_sd(headways: TheoryHeadways, passengers: float) -> float:
    """Return the variance of the standard deviation of the wait, as `relative_variance_of_mean` does."""
    wait, spread = mean_wait(headways), wait_sd(headways)
    influence = np.array([0.0, 2.0 * wait**2 - (spread**2 + wait**2), -wait, 1.0 / 3.0]) / (2.0 * spread)
    fourth = headways.moment(5) / (5.0 * headways.moment(1))
    return _per_headway(influence, headways, spread) + fourth / spread**4 / (4.0 * passengers)


def _per_headway(influence: FloatArray, headways: TheoryHeadways, value: float) -> float:
    """Return E[influence(H)^2] / (value E[H])^2; 0 where headways follow a fixed order."""
    if headways.kind in ("deterministic", "pairs", "shares"):
        return 0.0
    square = np.convolve(influence, influence)
    mean = sum(float(factor) * headways.moment(order) for order, factor in enumerate(square))
    return mean / (value * headways.mean) ** 2
