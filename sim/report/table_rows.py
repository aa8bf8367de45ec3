"""Rows of the tables on a page, as texts: metrics by strategy, and who gains and who loses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.metrics.metric import BASELINE
from sim.metrics.profiles import GAIN_GROUPS
from sim.report.cost_changes import CostChanges
from sim.report.metric_words import (
    HEADLINE_METRICS,
    NOT_AGAINST_BASELINE,
    decimals_for,
    has_something_to_say,
    judge,
    level_text,
    metric_title,
    metric_words,
    ordered_metrics,
    ordered_strategies,
    shown,
)
from sim.report.numbers import format_interval, format_number


@dataclass(frozen=True)
class Cell:
    """A metric of one strategy: value, difference against `none`, and better, worse or nothing."""

    value: str
    difference: str = ""
    mark: str = ""


@dataclass(frozen=True)
class MetricRow:
    """A metric of all strategies, and whether it is among those to look at first."""

    title: str
    description: str
    cells: tuple[Cell, ...]
    headline: bool


@dataclass(frozen=True)
class GroupRow:
    """Gains and losses of one group of commuters under one strategy."""

    strategy: str
    group: str
    commuters: str
    gain: str
    lose: str
    change: str


def metric_columns(summary: Mapping[str, Any]) -> list[str]:
    """Return the heads of the columns: the strategies, or one for a run."""
    return ordered_strategies(summary["strategies"]) if "strategies" in summary else ["value"]


def metric_rows(summary: Mapping[str, Any]) -> list[MetricRow]:
    """Return every metric that has a value, headline metrics first."""
    is_comparison = "strategies" in summary
    by_strategy: Mapping[str, Mapping[str, Mapping[str, Any]]] = (
        summary["strategies"] if is_comparison else {"value": summary.get("metrics", {})}
    )
    columns = metric_columns(summary)
    rows = []
    for name in ordered_metrics(name for column in columns for name in by_strategy[column]):
        entries = {column: by_strategy[column].get(name, {}) for column in columns}
        needs_others = not is_comparison and name in NOT_AGAINST_BASELINE
        if needs_others or not has_something_to_say(name, entries.values()):
            continue
        decimals = decimals_for(name, entries.values())
        cells = tuple(_cell(name, column, entry, decimals) for column, entry in entries.items())
        title = metric_title(name, next(entry for entry in entries.values() if entry))
        rows.append(MetricRow(title, metric_words(name).description.replace("`", ""), cells, name in HEADLINE_METRICS))
    return rows


def group_rows(changes: Mapping[str, CostChanges]) -> list[GroupRow]:
    """Return who gains and who loses, by strategy and group; groups without anybody are left out."""
    rows = []
    for strategy, change in changes.items():
        middle = change.share.shape[1] // 2
        for group, share, mean_min in zip(GAIN_GROUPS, change.share, change.mean_change_min.tolist(), strict=True):
            persons = float(share.sum())
            if persons > 0.0:
                gain, lose = float(share[:middle].sum()) / persons, float(share[middle + 1 :].sum()) / persons
                all_text, gain_text, lose_text = (f"{format_number(p * 100.0, 1)} %" for p in (persons, gain, lose))
                change_text = f"{format_number(mean_min, 2, sign=True)} min"
                rows.append(GroupRow(strategy, group, all_text, gain_text, lose_text, change_text))
    return rows


def _cell(name: str, column: str, entry: Mapping[str, Any], decimals: int) -> Cell:
    value = level_text(name, entry, decimals)
    difference = shown(name, entry.get("difference"))
    if column == BASELINE or name in NOT_AGAINST_BASELINE or math.isnan(difference):
        return Cell(value)
    half_width = shown(name, entry.get("difference_half_width"))
    return Cell(value, format_interval(difference, half_width, decimals, sign=True), judge(name, entry))
