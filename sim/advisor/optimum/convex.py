"""The greatest convex function below a cost: what is left of it when the order of those who come does not matter."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray


def convex_below(cost: FloatArray) -> FloatArray:
    """Return the greatest convex function that is nowhere above a cost given at 0, 1, 2, ... persons.

    Its slopes are the isotonic regression of those of the cost, by pooling adjacent violators (Barlow et al.
    1972; in one pass, Busing 2022, J. Stat. Softw. 102:1-25). The sums run in the order of
    `scipy.optimize.isotonic_regression`, so that the bits are the same; importing that takes longer than a
    small scenario runs.

    Parameters
    ----------
    cost : ndarray, shape (persons + 1,)

    Returns
    -------
    ndarray, shape (persons + 1,)
        0 at 0 persons.
    """
    value: list[float] = []
    size: list[int] = []
    slopes: list[float] = np.diff(cost).tolist()
    place = 0
    while place < len(slopes):
        mean, count = slopes[place], 1
        if value and value[-1] >= mean:
            total = size[-1] * value[-1] + mean
            count += size[-1]
            del value[-1], size[-1]
            mean = total / count
            while place + 1 < len(slopes) and mean >= slopes[place + 1]:
                place += 1
                total, count = total + slopes[place], count + 1
                mean = total / count
            while value and value[-1] >= mean:
                total, count = total + size[-1] * value[-1], count + size[-1]
                del value[-1], size[-1]
                mean = total / count
        value.append(mean)
        size.append(count)
        place += 1
    return np.append(0.0, np.cumsum(np.repeat(value, size)))
