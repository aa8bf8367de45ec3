"""What variants change: headline metrics against the base with their intervals, a row per variant and strategy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.metrics.registry import metrics_told
from sim.report.charts.chart import Axis, Chart, Dots, GuideLine, Mark, NothingToShowError, Panel, Whiskers, rows_axis
from sim.report.metric_words import HEADLINE_METRICS, metric_unit, metric_words, ordered_strategies, shown
from sim.report.strategy_looks import StrategyLooks, legend

_MOST: Final = 9
_ROW: Final = 0.7
"""Share of a row in which the strategies stand."""


def variants_chart(summary: Mapping[str, Any], looks: StrategyLooks) -> Chart:
    """Show the change of headline metrics against the same strategy in the base as dots with 95 % intervals.

    Parameters
    ----------
    summary : mapping
        Of variants.
    looks : StrategyLooks

    Raises
    ------
    NothingToShowError
        When no metric changes.
    """
    strategies = ordered_strategies(summary["strategies"])
    names = [name for name in summary["variants"] if name != summary["base"]]
    rows = [(name, strategy) for name in names for strategy in strategies]
    first = (metric.name for metric in metrics_told("variants"))
    wanted = dict.fromkeys([*first, *HEADLINE_METRICS])
    metrics = [metric for metric in wanted if _changes(summary, rows, metric)][:_MOST]
    if not metrics:
        raise NothingToShowError("No headline metric changes.")
    colours = looks.colours(strategies)
    panels = tuple(_panel(summary, names, colours, metric) for metric in metrics)
    caption = (
        f"Each dot is the change against {summary['base']} under the same strategy, the line its 95 % interval; a line "
        "that crosses 0 shows no change, and a hollow dot has no interval."
    )
    height_px = (10.0 + 14.0 * len(strategies)) * len(names) + 8.0
    return Chart(caption, panels, "third", height_px, legend(looks, colours))


def _changes(summary: Mapping[str, Any], rows: Sequence[tuple[str, str]], metric: str) -> bool:
    found = [shown(metric, _entry(summary, row, metric).get("change")) for row in rows]
    return any(not math.isnan(value) and value != 0.0 for value in found)


def _entry(summary: Mapping[str, Any], row: tuple[str, str], metric: str) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = summary["variants"][row[0]]["strategies"][row[1]].get(metric, {})
    return entry


def _panel(summary: Mapping[str, Any], names: Sequence[str], colours: Mapping[str, str], metric: str) -> Panel:
    """Draw a metric: a row for each variant, the strategies close below each other in it."""
    marks: list[Mark] = [GuideLine(x=0.0)]
    step = _ROW / len(colours)
    for place, name in enumerate(names):
        for number, (strategy, colour) in enumerate(colours.items()):
            entry = _entry(summary, (name, strategy), metric)
            change, half_width = (shown(metric, entry.get(key)) for key in ("change", "change_half_width"))
            if math.isnan(change):
                continue
            x, y = np.array([change]), np.array([place + step * (number - (len(colours) - 1) / 2.0)])
            if not math.isnan(half_width):
                marks.append(Whiskers(x - half_width, x + half_width, y, colour))
            marks.append(Dots(x, y, colour, "hollow" if math.isnan(half_width) else "full"))
    words = metric_words(metric)
    unit = metric_unit(metric, _entry(summary, (names[0], next(iter(colours))), metric))
    unit = "percentage points" if unit == "%" else unit
    better = {-1: "← better", 1: "better →"}.get(words.better, "")
    label = ", ".join(part for part in (unit, better) if part)
    return Panel(words.label, tuple(marks), Axis(label, has_grid=True), rows_axis(list(names)))
