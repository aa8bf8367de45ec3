"""Steps in which prices are made better, where a bound that they give is to become higher."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray

STEP_SHARE, NEWEST_WEIGHT = 0.5, 0.3
"""Step of a price whose direction never changes, as a share of what is left to find for each person, and the weight of
the newest direction (assumed)."""


class PriceSteps:
    """Moves prices, each by steps of its own.

    Parameters
    ----------
    least : ndarray of float, shape (rooms,)
        What one rider alone costs: below it a price only lowers the bound.
    """

    def __init__(self, least: FloatArray) -> None:
        self.least = least
        self.mean: FloatArray | None = None
        self.squares = np.full(len(least), 1e-12)

    def next(self, price: FloatArray, slope: FloatArray, left_min: float) -> FloatArray:
        """Return prices with a bound that is higher, or will be after some steps.

        Parameters
        ----------
        price : ndarray of float, shape (rooms,)
        slope : ndarray of float, shape (rooms,)
            A direction in which the bound rises.
        left_min : float
            What is left to find at most, in minutes for each person.
        """
        # A single direction has all people of a kind on one vehicle; the mean of the last ones has them on several, as
        # a plan does (the volume algorithm, Barahona and Anbil 2000, Math. Program. 87:385-399).
        self.mean = slope if self.mean is None else (1.0 - NEWEST_WEIGHT) * self.mean + NEWEST_WEIGHT * slope
        # Each price has a step of its own, smaller the more its direction has been (Duchi, Hazan and Singer 2011, JMLR
        # 12:2121-2159): places before which people wait for hours are dear, and most are free.
        self.squares = self.squares + slope * slope
        step_min = STEP_SHARE * max(left_min, 0.0)
        found: FloatArray = np.maximum(price + step_min * self.mean / np.sqrt(self.squares), self.least)
        return found
