"""What the advice changes: headline metrics against none with their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.metrics.metric import BASELINE
from sim.metrics.registry import metrics_told
from sim.report.charts.chart import Axis, Chart, Dots, GuideLine, Mark, NothingToShowError, Panel, Whiskers, rows_axis
from sim.report.metric_words import (
    HEADLINE_METRICS,
    NOT_AGAINST_BASELINE,
    metric_unit,
    metric_words,
    ordered_strategies,
    shown,
)
from sim.report.numbers import to_number
from sim.report.report_data import ReportData

_MOST: Final = 9

Strategies = Mapping[str, Mapping[str, Mapping[str, Any]]]


def differences_chart(data: ReportData) -> Chart:
    """Show the difference of the headline metrics against none as dots with 95 % intervals.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When no metric has a difference against none.
    """
    strategies: Strategies = data.summary.get("strategies", {})
    names = [name for name in ordered_strategies(strategies) if name != BASELINE]
    first = (metric.name for metric in metrics_told("differences"))
    wanted = dict.fromkeys([*first, *HEADLINE_METRICS])
    metrics = [metric for metric in wanted if _has_difference(strategies, names, metric)][:_MOST]
    if not metrics:
        raise NothingToShowError("No metric has a difference against none to show.")
    panels = tuple(_panel(data, strategies, names, metric) for metric in metrics)
    caption = (
        "Each dot is a strategy's difference against none, the line its 95 % interval; a line that crosses 0 shows no "
        "difference, and a hollow dot has no interval."
    )
    return Chart(caption, panels, "third", 24.0 * len(names) + 8.0)


def _has_difference(strategies: Strategies, names: Sequence[str], metric: str) -> bool:
    differences = [to_number(strategies[name].get(metric, {}).get("difference")) for name in names]
    return metric not in NOT_AGAINST_BASELINE and any(not math.isnan(difference) for difference in differences)


def _panel(data: ReportData, strategies: Strategies, names: Sequence[str], metric: str) -> Panel:
    marks: list[Mark] = [GuideLine(x=0.0)]
    for row, name in enumerate(names):
        entry = strategies[name].get(metric, {})
        difference, half_width = (shown(metric, entry.get(key)) for key in ("difference", "difference_half_width"))
        if math.isnan(difference):
            continue
        x, y = np.array([difference]), np.array([float(row)])
        if not math.isnan(half_width):
            marks.append(Whiskers(x - half_width, x + half_width, y, data.colours[name]))
        marks.append(Dots(x, y, data.colours[name], "hollow" if math.isnan(half_width) else "full"))
    words = metric_words(metric)
    unit = metric_unit(metric, next(iter(strategies.values())).get(metric, {}))
    unit = "percentage points" if unit == "%" else unit
    better = {-1: "← better", 1: "better →"}.get(words.better, "")
    label = ", ".join(part for part in (unit, better) if part)
    return Panel(
        words.label, tuple(marks), Axis(label, has_grid=True), rows_axis([data.looks.label(name) for name in names])
    )
