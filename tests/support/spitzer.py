"""A second way to the mean number that a vehicle with few places leaves behind."""

from __future__ import annotations

import numpy as np
from scipy import special


def spitzer_mean_left(arrivals: float, capacity: int) -> float:
    """Return the mean number left behind by Spitzer's identity (1956): another way to `bulk_service.mean_left`.

    E[L] = sum over n >= 1 of E[max(N_n - n c, 0)] / n, N_n Poisson with mean n a.
    """
    steps = int(60.0 * capacity / (capacity - arrivals) ** 2) + 100
    n = np.arange(1, steps + 1)
    mean, least = n * arrivals, n * capacity
    at_least = special.pdtrc(least - 1, mean)
    at_least_less_one = np.where(least > 1, special.pdtrc(np.maximum(least - 2, 0), mean), 1.0)
    excess = mean * at_least_less_one - least * at_least
    return float((excess / n).sum())
