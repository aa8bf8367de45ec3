"""What a saving consists of, as rows of a table and as sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any, Final

from sim.metrics.fairness import WITHIN
from sim.metrics.metric import BASELINE, Metric
from sim.metrics.paired_changes import SHIFT_LIMITS_MIN
from sim.metrics.registry import metrics_told
from sim.report.metric_words import ordered_strategies
from sim.report.numbers import format_number, to_number
from sim.report.strategy_looks import StrategyLooks
from sim.report.text_grid import parted_grid

BEYOND_ALL: Final = (
    "A share above 100 % says that people with larger shifts lose, one below 0 that people with smaller ones do."
)
"""What is said where a strategy has such a share of its saving."""

BEYOND_ALL_OF_CLASS: Final = (
    "Where such a column says more than all, people of the class with larger shifts lose; where it is below 0, people "
    "with smaller ones do."
)
"""What is said where a class has a column like that."""

Summary = Mapping[str, Any]
Metrics = Mapping[str, Mapping[str, Any]]


def saving_rows(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a table of parts by strategy; no rows where nothing was split or has changed.

    Shares of a saving have no row where no strategy saves anything.
    """
    strategies = summary.get("strategies", {})
    names = [name for name in ordered_strategies(strategies) if name != BASELINE and is_split(strategies[name])]
    if all(_is_unchanged(strategies[name]) for name in names):
        return [], []
    shown = shown_parts([strategies[name] for name in names])
    rows = [[metric.phrase, *(_amount(strategies[name][metric.name]) for name in names)] for metric in shown]
    total = [_amount(_fall(strategies[name])) for name in names]
    within = [
        [f"{metric.phrase} (%)", *(_percent(strategies[name].get(metric.name, {})) for name in names)]
        for metric in metrics_told("within")
        if any(not math.isnan(to_number(strategies[name].get(metric.name, {}).get("mean"))) for name in names)
    ]
    return ["saved (min), of that by", *names], [*rows, ["all together", *total], *within]


def class_rows(summary: Summary, looks: StrategyLooks) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a table of parts by class, for the strategy that saves most.

    No rows where nothing was split, or where the cost is the same with it in every replication.

    Parameters
    ----------
    summary : mapping
        With `classes`, as of a comparison.
    looks : StrategyLooks
    """
    best = _best_of_classes(summary)
    if best is None:
        return [], []
    shown = shown_parts([summary["strategies"][best]])
    columns = [*(part.name for part in shown), *WITHIN]
    rows = []
    for entry in summary["classes"][best]:
        change = entry["mean_change_min"]
        cells = [{"mean": -to_number(change["mean"]), "half_width": change["half_width"]}]
        cells += [entry.get(column, {"mean": None, "half_width": None}) for column in columns]
        rows.append([entry["group"], *map(_amount, cells)])
    within = [f"by shifts up to {limit} min" for limit in SHIFT_LIMITS_MIN]
    return [f"saved (min) with {looks.label(best)}", "all", *(part.head for part in shown), *within], rows


def _best_of_classes(summary: Summary) -> str | None:
    """Return the strategy that saves most of those with classes; None where there is none, or it changes nothing."""
    strategies, classes = summary.get("strategies", {}), summary.get("classes", {})
    names = [name for name in strategies if name in classes and is_split(strategies[name])]
    if not names:
        return None
    best = max(names, key=lambda name: to_number(_fall(strategies[name])["mean"]))
    return None if all(to_number(value) == 0.0 for value in _fall(strategies[best]).values()) else best


def saving_table(summary: Summary, width: int) -> str:
    """Return the table as text, and what a share beyond all means; empty where nothing was split.

    Parameters
    ----------
    summary : mapping
    width : int
        Cells that a line may have.
    """
    head, rows = saving_rows(summary)
    note = fill(shares_note(summary), width)
    return "\n\n".join(part for part in (parted_grid(head, rows, width), note) if part) if rows else ""


def shares_note(summary: Summary) -> str:
    """Say what a share beyond all means; empty where no strategy shows one.

    There is one where people with a small shift save more than all together, or lose.
    """
    shares = [
        to_number(entries.get(metric.name, {}).get("mean"))
        for name, entries in summary.get("strategies", {}).items()
        for metric in metrics_told("within")
        if name != BASELINE
    ]
    # A per cent beyond is as good as all: it is shown as 100 or 0 or next to it.
    return BEYOND_ALL if any(share > 1.01 or share < -0.01 for share in shares) else ""


def class_note(summary: Summary) -> str:
    """Say what it means that shifts save more than all in a class, or cost where it saves; empty where none does."""
    best = _best_of_classes(summary)
    entries = [] if best is None else summary["classes"][best]
    return BEYOND_ALL_OF_CLASS if any(map(_is_beyond_class, entries)) else ""


def _is_beyond_class(entry: Mapping[str, Any]) -> bool:
    saved_min = -to_number(entry["mean_change_min"]["mean"])
    within_min = [to_number(entry.get(column, {}).get("mean")) for column in WITHIN]
    # As much as is seen in two decimals, and a per cent as above.
    seen_min = max(0.01 * abs(saved_min), 0.01)
    least_min, most_min = min(saved_min, 0.0) - seen_min, max(saved_min, 0.0) + seen_min
    return any(amount < least_min or amount > most_min for amount in within_min)


def _is_unchanged(metrics: Metrics) -> bool:
    """Tell whether the cost, and each of its parts, is as under none in every replication."""
    entries = [_fall(metrics), *(metrics[part.name] for part in metrics_told("parts"))]
    return not any(abs(to_number(entry[name])) > 0.0 for entry in entries for name in ("mean", "half_width"))


def part_cells(metrics: Metrics, parts: Sequence[Metric]) -> list[str]:
    """Return the cells of what is saved and of some of its parts."""
    return [_amount(_fall(metrics)), *(_amount(metrics[part.name]) for part in parts)]


def is_split(metrics: Metrics) -> bool:
    """Tell whether it is known of a strategy what its saving consists of."""
    parts = [metric.name for metric in metrics_told("parts")]
    return all(name in metrics and not math.isnan(to_number(metrics[name]["mean"])) for name in parts)


def shown_parts(strategies: Sequence[Metrics]) -> list[Metric]:
    """Return the parts that say something of any of these strategies."""
    return [part for part in metrics_told("parts") if _says_something(strategies, part)]


def _says_something(strategies: Sequence[Metrics], part: Metric) -> bool:
    values = [to_number(metrics[part.name]["mean"]) for metrics in strategies]
    return not part.silent_at_zero or any(value != 0.0 and not math.isnan(value) for value in values)


def _fall(metrics: Metrics) -> dict[str, Any]:
    entry = metrics[metrics_told("verdict")[0].name]
    return {"mean": -to_number(entry["difference"]), "half_width": entry["difference_half_width"]}


def _percent(entry: Mapping[str, Any]) -> str:
    mean, half_width = (100.0 * to_number(entry.get(part)) for part in ("mean", "half_width"))
    if math.isnan(mean) or math.isnan(half_width):
        return format_number(mean, 0)
    return f"{format_number(mean, 0)} ± {format_number(half_width, 0)}"


def _amount(entry: Mapping[str, Any]) -> str:
    mean, half_width = to_number(entry["mean"]), to_number(entry["half_width"])
    if math.isnan(half_width):
        return format_number(mean, 2, sign=True)
    return f"{format_number(mean, 2, sign=True)} ± {format_number(half_width, 2)}"
