"""The one picture of a first page: what each strategy changes in the cost of a journey."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from sim.metrics.metric import BASELINE
from sim.metrics.registry import metrics_told
from sim.report.charts.chart import (
    Axis,
    Chart,
    Dots,
    GuideLine,
    Label,
    Mark,
    NothingToShowError,
    Panel,
    Whiskers,
    rows_axis,
)
from sim.report.metric_words import decimals_for, nobody_arrives, ordered_strategies, shown
from sim.report.numbers import format_number, to_number
from sim.report.report_data import ReportData

_NUMBER_SHARE: Final = 0.4
"""Share of the panel that a number takes."""

_ROUNDS: Final = 40


def cost_change_chart(data: ReportData) -> Chart:
    """Show the difference of the mean generalized cost against none, a row per strategy with its number.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When there is no difference against none.
    """
    strategies = data.summary.get("strategies", {})
    names = [name for name in ordered_strategies(strategies) if name != BASELINE]
    cost = _cost_compared([strategies[name] for name in names])
    if cost is None:
        raise NothingToShowError("Nothing is compared with no advice.")
    base = shown(cost, strategies.get(BASELINE, {}).get(cost, {}).get("mean"))
    if base == 0.0:
        raise NothingToShowError("Nobody travels here.")
    marks: list[Mark] = [GuideLine(x=0.0)]
    ends, starts = [0.0], []
    decimals = min(decimals_for(cost, [strategies[name].get(cost, {}) for name in names]), 2)
    for row, name in enumerate(names):
        entry = strategies[name].get(cost, {})
        change, half_width = (shown(cost, entry.get(key)) for key in ("difference", "difference_half_width"))
        if math.isnan(change):
            continue
        percent = f" ({format_number(100.0 * change / base, 1, sign=True)} %)" if base else ""
        text = f"{format_number(change, decimals, sign=True)} min{percent}"
        marks += [
            *_estimate(float(row), change, half_width, data.colours[name]),
        ]
        reach = 0.0 if math.isnan(half_width) else half_width
        ends += [change - reach, change + reach]
        side = -1 if change > 0.0 else 1
        starts.append((side, min(0.0, change - reach) if side < 0 else max(0.0, change + reach)))
        marks.append(Label(starts[-1][1], float(row), text, (side, 0)))
    axis = Axis("min per commuter, ← better", *_ends_with_room(ends, starts))
    caption = "What a journey costs more or less than without advice, with the 95 % interval where there is one."
    panel = Panel("", tuple(marks), axis, rows_axis([data.looks.label(name) for name in names]))
    return Chart(caption, (panel,), "half", 46.0 * len(names) + 8.0)


def _ends_with_room(ends: Sequence[float], starts: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return the ends of the axis.

    Numbers lie across the line of no change from their dots, beyond the intervals, so that neither hides the other.

    Parameters
    ----------
    ends : sequence of float
        What must be seen.
    starts : sequence of (int, float)
        Side of each number, -1 left and 1 right, and where it begins.
    """
    low, high = min(ends), max(ends)
    if low == high:
        low, high = low - 1.0, high + 1.0
    # Each round makes room in what the last one made wider, and adds less, since twice the share is below 1.
    for _ in range(_ROUNDS):
        room = _NUMBER_SHARE * (high - low)
        high = max([high, *(start + room for side, start in starts if side > 0)])
        low = min([low, *(start - room for side, start in starts if side < 0)])
    beyond = 0.03 * (high - low)
    return low - beyond, high + beyond


def _estimate(row: float, change: float, half_width: float, colour: str) -> list[Mark]:
    """Return a dot with its interval; a hollow one where none can be told."""
    x, y = np.array([change]), np.array([row])
    if math.isnan(half_width):
        return [Dots(x, y, colour, "hollow", 4.5)]
    dot = Dots(x, y, colour, "full", 4.5)
    return [Whiskers(x - half_width, x + half_width, y, colour), dot] if half_width else [dot]


def _cost_compared(strategies: Sequence[Mapping[str, object]]) -> str | None:
    """Return the first of the metrics that verdicts may rest on which some strategy has; None where nobody arrives."""
    if nobody_arrives(strategies):
        return None
    told = (metric.name for metric in metrics_told("verdict"))
    return next((name for name in told if any(_is_known(metrics.get(name)) for metrics in strategies)), None)


def _is_known(entry: object) -> bool:
    return isinstance(entry, dict) and not math.isnan(to_number(entry.get("difference")))
