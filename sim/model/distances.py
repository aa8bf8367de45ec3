"""Straight distances between positions."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.arrays import FloatArray

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""


def distance_m(x1: FloatArray, y1: FloatArray, x2: FloatArray, y2: FloatArray, geographic: bool) -> FloatArray:
    """Return straight distances in metres; great circles where positions are degrees.

    Parameters
    ----------
    x1, y1, x2, y2 : ndarray of float
        Longitudes and latitudes, or metres to the east and to the north.
    geographic : bool
        Whether positions are degrees.
    """
    if not geographic:
        plain: FloatArray = np.hypot(x2 - x1, y2 - y1)
        return plain
    lon1, lat1, lon2, lat2 = (np.radians(degrees) for degrees in (x1, y1, x2, y2))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    circle: FloatArray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half))
    return circle
