"""What variants change: headline metrics against the base with their intervals, a row per variant and strategy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.report.charts.chart import Axis, Chart, Dots, GuideLine, Mark, NothingToShowError, Panel, Whiskers, rows_axis
from sim.report.metric_words import HEADLINE_METRICS, metric_unit, metric_words, ordered_strategies, shown
from sim.report.strategy_looks import StrategyLooks

_MOST: Final = 9
_FIRST: Final = ("mean_generalized_cost_min", "mean_wait_min", "denied_share", "peak_load_factor", "on_time_share")


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
    rows = [(name, strategy) for name in summary["variants"] if name != summary["base"] for strategy in strategies]
    wanted = dict.fromkeys([*_FIRST, *HEADLINE_METRICS])
    metrics = [metric for metric in wanted if _changes(summary, rows, metric)][:_MOST]
    if not metrics:
        raise NothingToShowError("No headline metric changes.")
    colours = looks.colours(strategies)
    panels = tuple(_panel(summary, rows, metric, colours, looks) for metric in metrics)
    caption = (
        f"Each dot is the change against {summary['base']} under the same strategy, the line its 95 % interval; a line "
        "that crosses 0 shows no change, and a hollow dot has no interval."
    )
    return Chart(caption, panels, "third", 24.0 * len(rows) + 8.0)


def _changes(summary: Mapping[str, Any], rows: Sequence[tuple[str, str]], metric: str) -> bool:
    found = [shown(metric, _entry(summary, row, metric).get("change")) for row in rows]
    return any(not math.isnan(value) and value != 0.0 for value in found)


def _entry(summary: Mapping[str, Any], row: tuple[str, str], metric: str) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = summary["variants"][row[0]]["strategies"][row[1]].get(metric, {})
    return entry


def _panel(
    summary: Mapping[str, Any],
    rows: Sequence[tuple[str, str]],
    metric: str,
    colours: Mapping[str, str],
    looks: StrategyLooks,
) -> Panel:
    marks: list[Mark] = [GuideLine(x=0.0)]
    for place, row in enumerate(rows):
        entry = _entry(summary, row, metric)
        change, half_width = (shown(metric, entry.get(key)) for key in ("change", "change_half_width"))
        if math.isnan(change):
            continue
        x, y, colour = np.array([change]), np.array([float(place)]), colours[row[1]]
        if not math.isnan(half_width):
            marks.append(Whiskers(x - half_width, x + half_width, y, colour))
        marks.append(Dots(x, y, colour, "hollow" if math.isnan(half_width) else "full"))
    words = metric_words(metric)
    unit = metric_unit(metric, _entry(summary, rows[0], metric))
    unit = "percentage points" if unit == "%" else unit
    better = {-1: "← better", 1: "better →"}.get(words.better, "")
    label = ", ".join(part for part in (unit, better) if part)
    single = len({strategy for _, strategy in rows}) == 1
    names = [name if single else f"{name}, {looks.label(strategy)}" for name, strategy in rows]
    return Panel(words.label, tuple(marks), Axis(label, has_grid=True), rows_axis(names))
