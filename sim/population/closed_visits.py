"""Visits of vehicles to stops at which nobody could board."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.outcome import PASSING, Disruption


def is_closed(disruption: IntArray, arrival_s: FloatArray) -> BoolArray:
    """Tell at which visits nobody could board, shape (visits,).

    Parameters
    ----------
    disruption : ndarray of int, shape (visits,)
        What hindered each vehicle, by number.
    arrival_s : ndarray of float, shape (visits,)
        NaN where it did not come.
    """
    ends = (disruption == Disruption.VEHICLE_BROKE_DOWN) & ~np.isfinite(np.append(arrival_s[1:], np.nan))
    found: BoolArray = np.isin(disruption, PASSING) | ends
    return found
