"""Variants beside each other: rows of tables, sentences and the CSV, from their summary."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN
from sim.metrics.registry import metrics_told
from sim.report.metric_words import (
    HEADLINE_METRICS,
    NOT_AGAINST_BASELINE,
    decimals_for,
    has_something_to_say,
    judge,
    metric_title,
    metric_unit,
    metric_words,
    ordered_strategies,
    read_difference,
    shown,
)
from sim.report.numbers import format_interval, format_number, join_words, to_number
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.unserved_sentences import unserved_sentences

SUPPLY: Final = tuple(metric.name for metric in metrics_told("supply"))
"""What a variant costs to run, shown with the headline metrics."""

_MOST_DECIMALS: Final = 3

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class VariantCell:
    """A metric of one variant under one strategy.

    Attributes
    ----------
    level, change, difference : str
        Its value, the change against the base and the difference against none; blank where there is none.
    change_mark, difference_mark : str
        better, worse or nothing.
    """

    level: str
    change: str = ""
    change_mark: str = ""
    difference: str = ""
    difference_mark: str = ""


@dataclass(frozen=True)
class VariantBlock:
    """A metric: a row per variant, a cell per strategy."""

    title: str
    description: str
    rows: tuple[tuple[str, tuple[VariantCell, ...]], ...]
    headline: bool
    is_nothing: bool


def variant_blocks(summary: Summary) -> list[VariantBlock]:
    """Return every metric that has a value, those that are shown first in front."""
    variants, names = summary["variants"], ordered_strategies(summary["strategies"])
    first = [*HEADLINE_METRICS, *SUPPLY]
    known = list(variants[summary["base"]]["strategies"][names[0]])
    blocks = []
    for metric in [*(name for name in first if name in known), *(name for name in known if name not in first)]:
        entries = [
            entry for variant in variants.values() for name in names for entry in _readings(variant, name, metric)
        ]
        if not has_something_to_say(metric, entries):
            continue
        decimals = min(decimals_for(metric, entries), _MOST_DECIMALS)
        rows = tuple(
            (name, tuple(_cell(summary, name, strategy, metric, decimals) for strategy in names)) for name in variants
        )
        words = metric_words(metric).description.replace("`", "")
        blocks.append(
            VariantBlock(metric_title(metric, entries[0]), words, rows, metric in first, _is_nothing(entries))
        )
    return blocks


def gain_rows(summary: Summary, looks: StrategyLooks = UNSAID) -> list[list[str]]:
    """Return who gains and who loses against the base: variant, strategy, class, and three numbers."""
    rows = []
    for name, strategy, entry in _gains(summary):
        rows.append(
            [
                name,
                looks.label(strategy),
                str(entry["group"]),
                f"{format_number(to_number(entry['winners_share']['mean']) * 100.0, 1)} %",
                f"{format_number(to_number(entry['losers_share']['mean']) * 100.0, 1)} %",
                _minutes(entry["mean_change_min"]),
            ]
        )
    return rows


def place_rows(summary: Summary, stop_names: Mapping[str, str]) -> list[list[str]]:
    """Return the stops of origin with the largest gains and losses under the first strategy."""
    strategy = ordered_strategies(summary["strategies"])[0]
    rows = []
    for name, variant in summary["variants"].items():
        for entry in variant["places"].get(strategy, ()):
            stop = str(entry["stop_id"])
            change = {"mean": entry["mean_change_min"], "half_width": entry["half_width"]}
            label = stop_names.get(stop, stop)
            label = label if label == stop else f"{label} ({stop})"
            rows.append([name, label, format_number(to_number(entry["commuters"]), 0), _minutes(change)])
    return rows


def variants_verdict(summary: Summary, looks: StrategyLooks = UNSAID) -> list[str]:
    """Say of each variant whether travelling becomes cheaper, what else changes, and who pays for it.

    Parameters
    ----------
    summary : mapping
    looks : StrategyLooks
        What strategies are called.
    """
    sentences = []
    base, names = summary["base"], ordered_strategies(summary["strategies"])
    strategy = names[0]
    for name, variant in summary["variants"].items():
        sentences += [f"{name}: {sentence}" for sentence in unserved_sentences(variant["unserved"])]
        if name != base:
            sentences += _sentences_of(name, base, (strategy, looks.label(strategy)), variant)
    return [*sentences, *_best_sentences(summary, names, looks)]


def variants_csv(summary: Summary) -> str:
    """Return everything as CSV: a row per variant, strategy and metric."""
    numbers = (
        "mean",
        "half_width",
        "difference",
        "difference_half_width",
        "change",
        "change_half_width",
        "largest",
    )
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["variant", "strategy", "metric", "unit", *numbers])
    for name, variant in summary["variants"].items():
        for strategy, metrics in variant["strategies"].items():
            for metric, entry in metrics.items():
                values = ["" if entry.get(key) is None else repr(float(entry[key])) for key in numbers]
                writer.writerow([name, strategy, metric, entry["unit"], *values])
    return buffer.getvalue()


def change_lines(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each variant with its description and what it changes, in words of its keys."""
    lines = []
    for item in manifest["variants"]:
        changes = dict(item["changes"])
        said = str(changes.pop("description", "") if item["changes"] else item["description"])
        keys = "; ".join(f"{key}: {_value_text(value)}" for key, value in changes.items())
        lines.append((str(item["name"]), " ".join(filter(None, (said, keys))) or str(item["file"]) or "as written"))
    return lines


def against_base(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry whose difference is its change against the base, to be read and judged as one."""
    change = {"difference": entry.get("change"), "difference_half_width": entry.get("change_half_width")}
    return {**entry, **change}


def _is_nothing(entries: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a metric is 0 everywhere."""
    return all(to_number(entry.get("mean")) == 0.0 for entry in entries)


def _readings(variant: Mapping[str, Any], strategy: str, metric: str) -> Iterator[Mapping[str, Any]]:
    entry = variant["strategies"][strategy].get(metric, {})
    yield entry
    yield against_base(entry)


def _cell(summary: Summary, name: str, strategy: str, metric: str, decimals: int) -> VariantCell:
    entry = summary["variants"][name]["strategies"][strategy].get(metric, {})
    level = format_interval(shown(metric, entry.get("mean")), shown(metric, entry.get("half_width")), decimals)
    change, difference = "", ""
    if name != summary["base"]:
        change = _signed(metric, entry, "change", decimals)
    compared = metric not in NOT_AGAINST_BASELINE and metric not in SUPPLY
    if strategy != BASELINE and compared and BASELINE in summary["strategies"]:
        difference = _signed(metric, entry, "difference", decimals)
    return VariantCell(
        level,
        change,
        judge(metric, against_base(entry)) if change else "",
        difference,
        judge(metric, entry) if difference else "",
    )


def _signed(metric: str, entry: Mapping[str, Any], key: str, decimals: int) -> str:
    value, half = shown(metric, entry.get(key)), shown(metric, entry.get(f"{key}_half_width"))
    return "" if math.isnan(value) else format_interval(value, half, decimals, sign=True)


def _gains(summary: Summary) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield everybody under each strategy, and under the first one the classes that are a part of everybody."""
    for name, variant in summary["variants"].items():
        for number, (strategy, entries) in enumerate(variant["gains"].items()):
            for entry in entries:
                is_part = entry["commuter_days"] < entries[0]["commuter_days"]
                if entry["kind"] == "all" or (number == 0 and is_part):
                    yield name, strategy, entry


def _sentences_of(name: str, base: str, advice: tuple[str, str], variant: Mapping[str, Any]) -> list[str]:
    """Say what a variant changes under a strategy, which is given by its name and by what it is called."""
    strategy, label = advice
    metrics = variant["strategies"][strategy]
    judged = next(metric.name for metric in metrics_told("verdict") if metric.name in metrics)
    entry = against_base(metrics[judged])
    phrase = metric_words(judged).phrase
    under = "" if strategy == BASELINE else f" under {label}"
    reading = read_difference(entry)
    amount = _amount(judged, entry)
    sentences = {
        "lower": [f"{name} helps{under}: {phrase} falls by {amount} against {base}."],
        "higher": [f"{name} makes it worse{under}: {phrase} rises by {amount} against {base}."],
        "undecided": [f"{name} makes no difference in {phrase} that these replications can show{under}: {amount}."],
        "same": [f"With {name} {phrase} is exactly that of {base} in every replication{under}."],
        "one draw": [
            f"In this one draw {phrase} of {name} differs from {base} by {amount}{under}; one replication has no "
            "interval, run more."
        ],
        "no reference": [f"Nothing can be said of {phrase} of {name}{under}."],
    }[reading]
    sentences += _consequences(name, metrics)
    everybody = next((item for item in variant["gains"].get(strategy, ()) if item["kind"] == "all"), None)
    if everybody is not None:
        win, lose = (to_number(everybody[key]["mean"]) * 100.0 for key in ("winners_share", "losers_share"))
        sentences.append(
            f"Of those who travel in both, {format_number(win, 1)} % are better off by more than "
            f"{LOSS_THRESHOLD_MIN:g} min with {name} and {format_number(lose, 1)} % worse off."
        )
    return sentences


def _consequences(name: str, metrics: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say what else gets better, what gets worse, and how much more or less is run."""
    gains: list[str] = []
    prices: list[str] = []
    for metric in (metric.name for metric in metrics_told("consequence")):
        entry = against_base(metrics.get(metric, {}))
        reading = read_difference(entry)
        if reading not in {"lower", "higher"}:
            continue
        part = f"{metric_words(metric).phrase} {'falls' if reading == 'lower' else 'rises'} by {_amount(metric, entry)}"
        (gains if judge(metric, entry) == "better" else prices).append(part)
    parts = ((gains, "What improves"), (prices, "The price"), (list(_supply(metrics)), "What it takes"))
    return [f"{head} with {name}: {join_words(found)}." for found, head in parts if found]


def _supply(metrics: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is run more or less than in the base."""
    for metric in SUPPLY:
        entry = against_base(metrics.get(metric, {}))
        change = shown(metric, entry.get("difference"))
        if not math.isnan(change) and change != 0.0:
            unit = metric_unit(metric, entry)
            decimals = decimals_for(metric, [entry])
            if round(change, decimals) != 0.0:
                yield f"{metric_words(metric).label.lower()} {format_number(change, decimals, sign=True)} {unit}"


def _best_sentences(summary: Summary, names: Sequence[str], looks: StrategyLooks) -> list[str]:
    """Say which pair of variant and strategy costs least, where there is a choice of strategies."""
    if len(names) < 2:
        return []
    judged = next(metric.name for metric in metrics_told("verdict"))
    costs = {
        (name, strategy): to_number(variant["strategies"][strategy].get(judged, {}).get("mean"))
        for name, variant in summary["variants"].items()
        for strategy in names
    }
    known = {pair: cost for pair, cost in costs.items() if not math.isnan(cost)}
    if not known:
        return []
    (name, strategy), cost = min(known.items(), key=lambda item: item[1])
    entry = summary["variants"][name]["strategies"][strategy][judged]
    unit = metric_unit(judged, entry)
    under = "without advice" if strategy == BASELINE else f"under {looks.label(strategy)}"
    return [
        f"{metric_words(judged).phrase.capitalize()} is lowest with {name} {under}: {format_number(cost, 2)} {unit}."
    ]


def _amount(metric: str, entry: Mapping[str, Any]) -> str:
    """Write the size of a change with its interval."""
    decimals = decimals_for(metric, [entry])
    size, half = shown(metric, entry.get("difference")), shown(metric, entry.get("difference_half_width"))
    signed = read_difference(entry) not in {"lower", "higher"}
    value = size if signed else abs(size)
    unit = metric_unit(metric, entry)
    unit = " percentage points" if unit == "%" else f" {unit}" if unit else ""
    text = f"{format_number(value, decimals, signed)}{unit}"
    if math.isnan(half) or half == 0.0:
        return text
    low, high = (format_number(value + side * half, decimals) for side in (-1, 1))
    return f"{text} (95 % interval {low} to {high})"


def _minutes(entry: Mapping[str, Any]) -> str:
    value, half = (to_number(entry[key]) for key in ("mean", "half_width"))
    return f"{format_interval(value, half, 2, sign=True)} min"


def _value_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value_text, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
