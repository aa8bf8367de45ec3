"""The axes of a panel: how far its data reach, and marks at round numbers and clock times that keep apart."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.report.charts.chart import (
    Axis,
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
from sim.units import format_clock_short

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


_CLOCK_STEPS_S: Final = (300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 14400.0, 21600.0, 43200.0, 86400.0)
_LETTER: Final = 0.56
"""Width of a letter of the usual typefaces, in font sizes; those of East Asia are square."""

_SQUARE: Final = 0x2E80


def text_px(text: str, size_px: float) -> float:
    """Return about how wide a text is."""
    return size_px * sum(1.0 if ord(letter) >= _SQUARE else _LETTER for letter in text)


def shorten(name: str, most: int = 22) -> str:
    """Cut a name to so many characters."""
    plain = " ".join(name.split())
    return plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…"


def ticks_of(
    axis: Axis, low: float, high: float, length_px: float, size_px: float, is_across: bool
) -> list[tuple[float, str]]:
    """Return places and labels along an axis, as many as keep clear of each other.

    Parameters
    ----------
    axis : Axis
    low, high : float
        Its ends, in either order.
    length_px, size_px : float
        Length of the axis and size of the letters.
    is_across : bool
        Whether labels stand beside each other, so that their widths count, and not below each other.
    """
    if axis.names:
        step = math.ceil(len(axis.names) * size_px * 1.15 / max(length_px, 1.0))
        return list(axis.names[:: max(step, 1)])
    start, end = min(low, high), max(low, high)
    for places, labels in _candidates(axis, start, end):
        widest = max((text_px(label, size_px) for label in labels), default=0.0)
        room_px = length_px / max(len(places) - 1, 1) if len(places) < 2 else _gap_px(places, start, end, length_px)
        if room_px >= (widest + 10.0 if is_across else 2.2 * size_px):
            return list(zip(places, labels, strict=True))
    return []


def _gap_px(places: list[float], start: float, end: float, length_px: float) -> float:
    return (places[1] - places[0]) / max(end - start, 1e-12) * length_px


def _candidates(axis: Axis, start: float, end: float) -> list[tuple[list[float], list[str]]]:
    """Return sets of ticks, the finest first."""
    if axis.is_clock:
        sets = [_multiples(step, start, end) for step in _CLOCK_STEPS_S if (end - start) / step <= 40]
        return [(places, [format_clock_short(place) for place in places]) for places in sets]
    size = math.floor(math.log10(max(end - start, 1e-12)))
    steps = [part * 10.0**power for power in (size - 1, size) for part in (1.0, 2.0, 5.0)]
    steps = [step for step in steps if step >= axis.least_step * (1.0 - 1e-9)] or [axis.least_step]
    found = []
    for step in steps:
        places = _multiples(step, start, end) if 1 <= (end - start) / step <= 9 else []
        if places:
            found.append((places, [_number(place, step) for place in places]))
    return found


def _multiples(step: float, start: float, end: float) -> list[float]:
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _number(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")
