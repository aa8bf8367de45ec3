"""Published multipliers on time on board for those who sit and those who stand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np

from sim.arrays import FloatArray

CrowdingMeasure = Literal["standing_density", "seat_load_factor"]
"""Persons standing per square metre of floor, or load over seats."""

CrowdingPoint = tuple[float, float, float]
"""Measure, multiplier of those who sit, multiplier of those who stand."""


class CrowdingCurve(NamedTuple):
    """Multipliers as lines between points; the last line goes on.

    Attributes
    ----------
    measure : str
    points : tuple of (float, float, float)
    """

    measure: CrowdingMeasure
    points: tuple[CrowdingPoint, ...]


CURVES: Mapping[str, CrowdingCurve] = MappingProxyType(
    {
        "hoercher_2017": CrowdingCurve("standing_density", ((0.0, 1.0, 1.265), (1.0, 1.119, 1.384))),
        "whelan_crockett_2009": CrowdingCurve(
            "standing_density",
            (
                (0.0, 1.00, 1.53),
                (1.0, 1.11, 1.62),
                (2.0, 1.21, 1.70),
                (3.0, 1.32, 1.79),
                (4.0, 1.42, 1.87),
                (5.0, 1.53, 1.96),
                (6.0, 1.63, 2.04),
            ),
        ),
        "wardman_whelan_2011": CrowdingCurve(
            "seat_load_factor",
            (
                (0.5, 0.86, 1.62),
                (0.75, 0.95, 1.62),
                (1.0, 1.05, 1.62),
                (1.25, 1.16, 1.79),
                (1.5, 1.27, 1.99),
                (1.75, 1.40, 2.20),
                (2.0, 1.55, 2.44),
            ),
        ),
    }
)
"""Hoercher, Graham and Anderson 2017, TR-B 95:105-125: standing adds 0.265, each person per m2 0.119.
Whelan and Crockett 2009 and Wardman and Whelan 2011, Transport Reviews 31(3), commuters (both to be
confirmed); below seats for all, where nobody stands, the latter's standing value is that at 1."""


def curve_texts() -> str:
    """Return the points of each curve, for the reference of scenario keys."""
    measures = {"standing_density": "persons standing per m2 of floor", "seat_load_factor": "load over seats"}
    texts = []
    for name, curve in CURVES.items():
        points = ", ".join(f"{seated:g} / {standing:g} at {at:g}" for at, seated, standing in curve.points)
        texts.append(f"{name}, seated / standing by {measures[curve.measure]}: {points}")
    return "; ".join(texts)


def least_multiplier(curve: CrowdingCurve) -> float:
    """Return the least that a minute on board counts for, whoever sits or stands; at most 1, as in an empty vehicle.

    Parameters
    ----------
    curve : CrowdingCurve
    """
    values = np.array(curve.points)[:, 1:]
    # A last line that falls goes on without end.
    return 0.0 if (values[-1] < values[-2]).any() else min(float(values.min()), 1.0)


def curve_multipliers(curve: CrowdingCurve, measure: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the multipliers of those who sit and of those who stand.

    Below the first point its values hold; beyond the last one the last slope goes on.

    Parameters
    ----------
    curve : CrowdingCurve
    measure : ndarray of float
        Persons standing per square metre, or load over seats, as the curve asks.
    """
    x, seated, standing = np.array(curve.points).T
    # Vehicles without seats are as crowded as the curve knows.
    measure = np.nan_to_num(measure, posinf=float(x[-1]))
    last = np.maximum(measure - x[-1], 0.0)

    def values(y: FloatArray) -> FloatArray:
        slope = (y[-1] - y[-2]) / (x[-1] - x[-2])
        return np.asarray(np.interp(measure, x, y) + slope * last, dtype=np.float64)

    return values(seated), values(standing)


def crowding_measure(
    measure: CrowdingMeasure, load: FloatArray, seats: FloatArray, standing_area_m2: FloatArray
) -> FloatArray:
    """Return how crowded vehicles are: persons standing per square metre, or load over seats.

    Parameters
    ----------
    measure : str
    load, seats : ndarray of float
        Persons on board, and seats.
    standing_area_m2 : ndarray of float
        Floor for those who stand; where 0 nobody is counted as standing on it.
    """
    crowded: FloatArray
    if measure == "seat_load_factor":
        crowded = np.divide(load, seats, out=np.full(load.shape, np.inf), where=seats > 0)
        return crowded
    standing = np.maximum(load - seats, 0.0)
    crowded = np.divide(standing, standing_area_m2, out=np.zeros(load.shape), where=standing_area_m2 > 0)
    return crowded
