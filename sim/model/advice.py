"""Departure windows and the advice of one day.

Windows are half-open stretches of equal width on a grid, which starts at midnight unless said;
a window is known by its number, window ``w`` being ``[start + w * width, start + (w + 1) * width)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class AdvicePlan:
    """All advice of one day, one row per commuter.

    Attributes
    ----------
    window : ndarray of int, shape (commuters,)
        Number of the recommended window; -1 where the commuter is not advised.
    window_s : float
        Width of the windows in seconds.
    grid_start_s : float
        Start of window 0, seconds after midnight.
    discount_group : ndarray of int, shape (commuters,), or None
        Group of each commuter for the boundaries of fare discounts, which then are in force for
        all, advised or not; None where there are none.
    """

    window: IntArray
    window_s: float
    grid_start_s: float = 0.0
    discount_group: IntArray | None = None

    @property
    def advised(self) -> BoolArray:
        """Whether each commuter is advised, shape (commuters,)."""
        return self.window >= 0

    def contains(self, departure_s: FloatArray) -> BoolArray:
        """Tell whether each departure lies in the window advised; False where none is, shape (commuters,)."""
        number = np.floor((departure_s - self.grid_start_s) / self.window_s)
        inside: BoolArray = self.advised & (number == self.window)
        return inside

    def start_s(self) -> FloatArray:
        """Start of each recommended window; NaN where none, shape (commuters,)."""
        return np.where(self.advised, self.grid_start_s + self.window * self.window_s, np.nan)

    def end_s(self) -> FloatArray:
        """End of each recommended window; NaN where none, shape (commuters,)."""
        return np.where(self.advised, self.grid_start_s + (self.window + 1) * self.window_s, np.nan)


def no_advice(commuters: int, window_s: float) -> AdvicePlan:
    """Return the plan in which nobody is advised."""
    return AdvicePlan(window=np.full(commuters, -1, dtype=np.int64), window_s=window_s)
