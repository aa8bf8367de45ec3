"""How far the data of a panel reach."""

from __future__ import annotations

import math

import numpy as np

from sim.arrays import FloatArray
from sim.report.charts.chart import (
    Band,
    Bars,
    Curve,
    Dots,
    GuideLine,
    HeatMap,
    Label,
    Mark,
    Panel,
    Segments,
    Steps,
    Whiskers,
)

_MARGIN = 0.05
_TIGHT = (Steps, Bars, HeatMap)
"""Marks whose edges are the ends of the axis."""


def ends(panel: Panel) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of both axes: those that the axes name, else those of the marks with a margin beyond."""
    reach = [_reach(mark) for mark in panel.marks]
    is_tight = any(isinstance(mark, _TIGHT) for mark in panel.marks)
    across = _ends([x for x, _ in reach], panel.x.low, panel.x.high, 0.0 if is_tight else _MARGIN)
    return across, _ends([y for _, y in reach], panel.y.low, panel.y.high, _MARGIN)


def _ends(values: list[FloatArray], low: float, high: float, margin: float) -> tuple[float, float]:
    every = np.concatenate([np.zeros(0), *(np.ravel(part) for part in values)])
    known = every[np.isfinite(every)]
    least, most = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    beyond = margin * ((most - least) or abs(most) or 1.0)
    start = least - beyond if math.isnan(low) else low
    end = most + beyond if math.isnan(high) else high
    return (start, end) if start != end else (start, start + 1.0)


def _reach(mark: Mark) -> tuple[FloatArray, FloatArray]:  # noqa: PLR0911 - one answer for each kind of mark
    """Return the x and the y that must be seen."""
    match mark:
        case Steps():
            return mark.edges, mark.values
        case Curve() | Dots():
            return mark.x, mark.y
        case Whiskers():
            return np.concatenate([mark.low, mark.high]), mark.y
        case Band():
            return mark.x, np.concatenate([mark.low, mark.high])
        case Bars():
            return mark.edges, np.concatenate([mark.low, mark.high])
        case HeatMap():
            return mark.edges, np.array([-0.5, len(mark.values) - 0.5])
        case Segments():
            return mark.points[..., 0], mark.points[..., 1]
        case GuideLine():
            return _known(mark.x), _known(mark.y)
        case Label():
            return np.array([mark.x]), np.array([mark.y])
    return np.zeros(0), np.zeros(0)


def _known(value: float | None) -> FloatArray:
    return np.zeros(0) if value is None else np.array([value])
