"""Where the change comes from and who pays: the account of a comparison, as rows and sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.grouping import day_blocks, of_strategy, split_by_run
from sim.metrics.metric import BASELINE, Metric
from sim.metrics.paired_changes import CLASS_NAMES
from sim.metrics.registry import metrics_told
from sim.metrics.statistics import paired_difference
from sim.records.table import Table
from sim.report.metric_words import largest_loss_text
from sim.report.numbers import format_interval, format_number, to_number
from sim.report.rebound_sentences import rebound_sentences
from sim.report.report_data import ACCOUNT, ReportData
from sim.report.return_section import WayRow, return_sentences, way_rows
from sim.report.strategy_looks import with_labels

_PARTS: Final = {
    "direct_shift": "Direct shift: complied and leave at another time",
    "displaced_load": "Displaced load: leave as without advice, meet others on the way",
    "back_fill": "Back-fill: leave at another time by their own choice",
}
_OWN_CLASSES: Final = frozenset({"income", "flexibility", "zone"})


@dataclass(frozen=True)
class PartRow:
    """One part of the change under one strategy, as texts.

    Attributes
    ----------
    strategy, part : str
    commuters : str
        Share of all.
    cost : str
        Change of the total generalized cost in min per day.
    boardings, load : str
        Boardings and persons on board at departures, per day, that are in another line, stop or period.
    """

    strategy: str
    part: str
    commuters: str
    cost: str
    boardings: str
    load: str


@dataclass(frozen=True)
class ClassRow:
    """Gains and losses of one class of commuters under one strategy, as texts."""

    strategy: str
    group: str
    commuters: str
    gain: str
    lose: str
    change: str
    largest: str
    gini: str


@dataclass(frozen=True)
class AccountSection:
    """All that the section of the report holds."""

    parts: list[PartRow]
    rebounds: list[str]
    privacy: list[str]
    classes: list[ClassRow]
    ways: list[WayRow]
    returns: list[str]


def account_section(data: ReportData) -> AccountSection | None:
    """Return the section, or None for a run that compares nothing.

    Parameters
    ----------
    data : ReportData
    """
    others = [name for name in data.strategies if name != BASELINE]
    if BASELINE not in data.strategies or not others or ACCOUNT not in data.tables:
        return None
    parts = [row for strategy in others for row in _part_rows(data, strategy)]
    classes = [row for strategy in others for row in _class_rows(data, strategy)]
    strategies = with_labels(data.summary, data.looks)["strategies"]
    return AccountSection(
        parts,
        rebound_sentences(data),
        privacy_sentences(data),
        classes,
        way_rows(strategies),
        return_sentences(strategies),
    )


def _part_rows(data: ReportData, strategy: str) -> list[PartRow]:
    metrics = data.summary["strategies"].get(strategy, {})
    own = of_strategy(data.tables[ACCOUNT], strategy)
    days = len(day_blocks(own).keys) or 1
    shares = {part: to_number(metrics.get(metric.name, {}).get("mean")) for part, metric in _measured_parts()}
    shares["displaced_load"] = 1.0 - sum(shares.values())
    rows = []
    for part in CLASS_NAMES:
        moved = [float(np.abs(own[f"{what}_{part}"]).sum()) / 2.0 / days for what in ("boardings", "load")]
        rows.append(
            PartRow(
                data.looks.label(strategy),
                _PARTS[part],
                f"{format_number(shares[part] * 100.0, 1)} %",
                _cost(metrics.get(f"{part}_min", {}), "mean", "half_width"),
                *(format_number(value, 0) for value in moved),
            )
        )
    total = metrics.get(metrics_told("total")[0].name, {})
    moved = [float(np.abs(own[what] - own[f"{what}_none"]).sum()) / 2.0 / days for what in ("boardings", "load")]
    cost = _cost(total, "difference", "difference_half_width")
    rows.append(
        PartRow(
            data.looks.label(strategy), "Total change", "100.0 %", cost, *(format_number(value, 0) for value in moved)
        )
    )
    return rows


def _measured_parts() -> list[tuple[str, Metric]]:
    """Return the parts of the account whose share of commuters is a metric; the last part is all others."""
    return [(part, metric) for part in ("direct_shift", "back_fill") for metric in metrics_told(part)]


def _cost(entry: Mapping[str, Any], value: str, half_width: str) -> str:
    return format_interval(to_number(entry.get(value)), to_number(entry.get(half_width)), 0, sign=True)


def _class_rows(data: ReportData, strategy: str) -> list[ClassRow]:
    items = _classes_of(data, strategy)
    everybody = sum(item["commuter_days"] for item in items if item["kind"] == "advice")
    # Without classes of the scenario's own, those by advice are all that the table of winners has said already.
    has_classes = any(item["kind"] in _OWN_CLASSES for item in items)
    return [
        ClassRow(
            data.looks.label(strategy),
            item["group"],
            f"{format_number(100.0 * item['commuter_days'] / max(everybody, 1), 1)} %",
            _estimate(item["winners_share"], 100.0, 1, " %"),
            _estimate(item["losers_share"], 100.0, 1, " %"),
            _estimate(item["mean_change_min"], 1.0, 2, " min", sign=True),
            largest_loss_text(to_number(item["largest_loss_min"]["largest"]), 0, sign=True, unit=" min"),
            _estimate(item["loss_gini_share"], 1.0, 2, ""),
        )
        for item in items
        if has_classes or item["kind"] != "advice"
    ]


def _classes_of(data: ReportData, strategy: str) -> list[dict[str, Any]]:
    return data.classes.get(strategy, [])


def _estimate(item: Mapping[str, Any], factor: float, decimals: int, unit: str, sign: bool = False) -> str:
    mean, half_width = (factor * to_number(item[name]) for name in ("mean", "half_width"))
    if math.isnan(mean):
        return "–"
    return f"{format_interval(mean, half_width, decimals, sign=sign)}{unit}"


def privacy_sentences(data: ReportData) -> list[str]:
    """Say what noise in the advisor's data costs, where a strategy was run with and without it."""
    sentences = []
    journeys, visits = data.tables["journeys"], data.tables["stop_visits"]
    for strategy, variant in data.looks.open_variants().items():
        names = (strategy, variant)
        if not set(names) <= set(data.strategies):
            continue
        cost = [_by_replication(journeys, name, lambda run: run["generalized_cost_min"]) for name in names]
        crowding = [
            _by_replication(visits, name, lambda run: run["departing_load"] ** 2.0 / run["capacity"]) for name in names
        ]
        load = [_by_replication(visits, name, lambda run: run["departing_load"]) for name in names]
        factor = [100.0 * part / whole for part, whole in zip(crowding, load, strict=True)]
        more_min, fuller = paired_difference(cost[0], cost[1]), paired_difference(factor[0], factor[1])
        sentences.append(
            f"What the advisor must not see costs, with {data.looks.label(strategy)}, "
            f"{format_interval(more_min.mean, more_min.half_width, 2, sign=True)} min per commuter, and riders "
            f" meet vehicles {format_interval(fuller.mean, fuller.half_width, 2, sign=True)} percentage "
            f"points fuller than with {data.looks.label(variant)}, the same advice from complete counts without "
            "noise (95 % intervals, same draws)."
        )
    return sentences


def _by_replication(table: Table, strategy: str, values: Callable[[Table], FloatArray]) -> FloatArray:
    """Return the mean of what is worked out of a table in each replication of a strategy."""
    runs = split_by_run(table)
    return np.array([values(runs[key]).mean() for key in sorted(runs) if key[0] == strategy])
