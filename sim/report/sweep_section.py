"""Sentences, table rows and the CSV of a sweep, from its summary."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sim.metrics.metric import BASELINE
from sim.metrics.registry import metrics_told
from sim.metrics.sweep import CURVE_METRIC
from sim.report.baseline_section import settling_sentences
from sim.report.figures.sweep import fixed_words
from sim.report.idle_keys import idle_sentences
from sim.report.metric_words import (
    NOT_AGAINST_BASELINE,
    decimals_for,
    is_clear_alone,
    metric_unit,
    metric_words,
    read_difference,
    shown,
)
from sim.report.numbers import format_interval, format_number, join_words, to_number
from sim.report.saving_section import is_split, part_cells, shown_parts
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.text_grid import grid, parted_grid, text_width
from sim.report.verdict import consequence_sentences, saving_sentences

COLUMNS: Final = {metric.name: metric.head for metric in metrics_told("sweep")}
"""Metrics of the table of a sweep with their heads."""

LEGEND = (
    "cost: mean generalized cost. Under a strategy stands its difference against none, that is no advice, at the same "
    "point, under none its change against the first point, both on the same draws; none stands where it changes. "
    "Worse off and moved "
    "(left at another time as advised) are shares of all commuters. ± half width of the 95 % interval."
)
"""What the columns mean."""

PARTS_LEGEND = (
    "What the cost is lower by than under none, and of that by meeting a vehicle better (timing), by arriving "
    "nearer to the wish, by avoiding congestion that stays as it is, and by less congestion for all (relief), in this "
    "order; behind these, where fares differ, by paying less (fares)."
)
"""What the columns of the parts mean."""

PLACES_TOLD: Final = 6
"""Points at which advice was held back that are named."""

Summary = Mapping[str, Any]
Curve = Mapping[str, Any]


def sweep_verdict(summary: Summary, looks: StrategyLooks = UNSAID) -> list[str]:
    """Say in a few sentences where advice helps most, where it backfires, and where it never does.

    Parameters
    ----------
    summary, looks
        As of `verdict_by_strategy`, whose sentences these are.
    """
    return [sentence for _, sentences in verdict_by_strategy(summary, looks) for sentence in sentences]


def verdict_by_strategy(summary: Summary, looks: StrategyLooks = UNSAID) -> list[tuple[str, list[str]]]:
    """Say of each strategy where it helps most, where it backfires, and where it never does.

    In a grid along the first key only: along the others the same points come again.

    Parameters
    ----------
    summary : mapping
    looks : StrategyLooks
        What strategies are called, and say of themselves.

    Returns
    -------
    list of (str, list of str)
        What each is called, and sentences about it; without a name what is said of none of them. None is empty.
    """
    of_all = [*idle_sentences(summary), *_level_sentences(summary)]
    if not summary["curves"]:
        reason = "only none was run" if len(summary["strategies"]) == 1 else "no key has two values that are numbers"
        held = [
            (looks.label(name), said) for name in summary["strategies"] if (said := _held_back(summary, name, looks))
        ]
        return [("", [*of_all, f"There is no curve of advice to read: {reason}."]), *held]
    by_strategy: dict[str, list[str]] = {}
    for curve in (curve for curve in summary["curves"] if curve["along"] == summary["curves"][0]["along"]):
        strategy, label = curve["strategy"], looks.label(curve["strategy"])
        sentences = by_strategy.setdefault(strategy, looks.sentences(strategy))
        sentences += [*_curve_sentences(curve, label), *_what_happened(summary, curve, label)]
    told = [
        (looks.label(strategy), [*sentences, *_held_back(summary, strategy, looks)])
        for strategy, sentences in by_strategy.items()
    ]
    return [part for part in (("", of_all), *told, ("", _doubts(summary["curves"]))) if part[1]]


def sweep_rows(summary: Summary, looks: StrategyLooks = UNSAID) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table: by point and strategy a row of levels, and one of differences under it."""
    keys = list(summary["vary"])
    places = [(point, strategy) for number, point in enumerate(summary["points"]) for strategy in _shown(point, number)]
    entries = {name: [_entry(point, strategy, name) for point, strategy in places] for name in COLUMNS}
    decimals = {name: decimals_for(name, found) for name, found in entries.items()}
    head = [*keys, "strategy", *COLUMNS.values()]
    rows = []
    for place, (point, strategy) in enumerate(places):
        levels = [_cell(name, entries[name][place], decimals[name], "mean", "half_width") for name in COLUMNS]
        rows.append([*(value_text(point["values"][key]) for key in keys), looks.label(strategy), *levels])
        changes = [
            ""
            if name in NOT_AGAINST_BASELINE
            else _cell(name, entries[name][place], decimals[name], "difference", "difference_half_width")
            for name in COLUMNS
        ]
        if point is not summary["points"][0] or strategy != BASELINE:
            rows.append([*("" for _ in keys), f"  {_against(strategy)}", *changes])
    return head, rows


def parts_rows(summary: Summary, looks: StrategyLooks = UNSAID) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table of what savings consist of, by point and strategy; no rows where none is."""
    keys = list(summary["vary"])
    places = [
        (point, strategy)
        for point in summary["points"]
        for strategy, metrics in point["strategies"].items()
        if strategy != BASELINE and is_split(metrics)
    ]
    metrics = shown_parts([point["strategies"][strategy] for point, strategy in places])
    rows = []
    for point, strategy in places:
        cells = part_cells(point["strategies"][strategy], metrics)
        rows.append([*(value_text(point["values"][key]) for key in keys), looks.label(strategy), *cells])
    return [*keys, "strategy", "saved (min)", *(metric.head for metric in metrics)], rows


def sweep_table(keys: Sequence[str], head: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """Return rows of a sweep as text, in several tables below each other where a line does not hold one.

    Parameters
    ----------
    keys : sequence of str
        What was varied; heads of several tables name them by the last part of their paths, where no two are alike.
    head, rows
        As of `sweep_rows` and `parts_rows`.
    width : int
        Cells that a line may have.
    """
    text = grid(head, rows, left=range(len(keys) + 1))
    if text_width(text) <= width:
        return text
    short = [key.rpartition(".")[2] for key in keys]
    others = head[len(keys) :]
    named = short if len({*short, *others}) == len(head) else keys
    return parted_grid([*named, *others], rows, width, first=len(keys) + 1)


def by_baseline(summary: Summary) -> dict[str, Summary]:
    """Return the summary for each baseline by the words for it; one without words where there is one alone."""
    there = summary.get("baselines", {})
    if not there:
        return {"": summary}
    return {str(own["label"]): {**summary, **own} for own in there.values()}


def settled_sentences(summary: Summary) -> list[str]:
    """Say how far people had settled by themselves before they got advice, where they had least."""
    settled = [point for point in summary["points"] if "settling" in point]
    return settling_sentences(max(settled, key=_gap)) if settled else []


def _gap(point: Mapping[str, Any]) -> float:
    gap = to_number(point["settling"]["relative_gap_share"])
    return -math.inf if math.isnan(gap) else gap


def sweep_csv(summary: Summary) -> str:
    """Return everything as CSV: a row per point, strategy and metric; where there are two baselines, of each."""
    keys = list(summary["vary"])
    numbers = ("mean", "half_width", "difference", "difference_half_width")
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    changes = ("change", "change_half_width")
    named = ["baseline"] if "baselines" in summary else []
    writer.writerow([*keys, "strategy", *named, "metric", *numbers, "unit", *changes, "largest"])
    for name, own in summary.get("baselines", {"": summary}).items():
        for point in own["points"]:
            place = [value_text(point["values"][key]) for key in keys]
            for strategy, metrics in point["strategies"].items():
                whose = [*place, strategy, *([name] if named else [])]
                for metric, entry in metrics.items():
                    changed = point["changes"][strategy][metric]
                    values = [_number(entry[number]) for number in numbers]
                    told = [*(_number(changed[key]) for key in changes), _number(entry.get("largest"))]
                    writer.writerow([*whose, metric, *values, entry["unit"], *told])
    return buffer.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def value_text(value: Any) -> str:
    """Write a value of a key as a user would."""
    return value if isinstance(value, str) else json.dumps(value)


def _level_sentences(summary: Summary) -> list[str]:
    """Say at which point travelling costs least without advice, where that depends on the point."""
    first = summary["points"][0]
    entries = [_entry(point, BASELINE, CURVE_METRIC) for point in summary["points"]]
    best = min(range(len(entries)), key=lambda place: _or_infinite(entries[place].get("mean")))
    if all(_shown(point, number)[0] != BASELINE for number, point in enumerate(summary["points"]) if number):
        return []
    decimals = decimals_for(CURVE_METRIC, entries)
    level = _cell(CURVE_METRIC, entries[best], decimals, "mean", "half_width")
    phrase = metric_words(CURVE_METRIC).phrase
    if best == 0:
        return [f"Without advice {phrase} is lowest at {_place(first)}, the first point: {level} min."]
    change = _cell(CURVE_METRIC, entries[best], decimals, "difference", "difference_half_width")
    text = f"Without advice {phrase} is lowest at {_place(summary['points'][best])}: {level} min, {change} against the "
    doubt = "" if read_difference(entries[best]) == "lower" else "; the interval does not tell it from 0"
    return [f"{text}first point{doubt}."]


def _or_infinite(value: Any) -> float:
    number = to_number(value)
    return math.inf if math.isnan(number) else number


def _place(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value_text(value)}" for key, value in point["values"].items())


def _shown(point: Mapping[str, Any], number: int) -> list[str]:
    """Return the strategies of a point; none only where it is not as at the first one."""
    changes = point.get("changes", {}).get(BASELINE, {}).values()
    same = number > 0 and all(entry["change"] in (0.0, None) for entry in changes) and len(point["strategies"]) > 1
    return [name for name in point["strategies"] if name != BASELINE or not same]


def _against(strategy: str) -> str:
    return "against the first" if strategy == BASELINE else "against none"


def _entry(point: Mapping[str, Any], strategy: str, name: str) -> Mapping[str, Any]:
    """Return a metric of a strategy; that of none with its change against the first point as its difference."""
    entry = point["strategies"][strategy].get(name, {})
    if strategy != BASELINE:
        return dict(entry)
    change = point.get("changes", {}).get(strategy, {}).get(name, {})
    return {**entry, "difference": change.get("change"), "difference_half_width": change.get("change_half_width")}


def _cell(name: str, entry: Mapping[str, Any], decimals: int, value: str, half_width: str) -> str:
    first, second = shown(name, entry.get(value)), shown(name, entry.get(half_width))
    return format_interval(first, second, decimals, sign=value == "difference")


def _curve_sentences(curve: Curve, strategy: str) -> list[str]:
    where = f" (with {fixed_words(curve['fixed'])})" if curve["fixed"] else ""
    name, along = f"{strategy}{where}", curve["along"]
    phrase = metric_words(curve["metric"]).phrase
    sentences = []
    if curve["best_at"] is not None:
        sentences.append(
            f"{name} helps most at {along} = {curve['best_at']:g}: {phrase} falls by "
            f"{_amount(curve, curve['best_at'])}."
        )
    elif None not in curve["half_width"] and curve["backfires_from"] is None:
        sentences.append(f"{name} makes no difference in {phrase} that these replications can show at any {along}.")
        sentences += _alone_sentences(curve)
    if curve["backfires_from"] is not None:
        sentences.append(_backfire_sentence(curve, name))
    elif curve["best_at"] is not None:
        sentences.append(f"{name} backfires nowhere between {along} = {curve['x'][0]:g} and {curve['x'][-1]:g}.")
    rises = [value for value in curve["rises_at"] if curve["backfires_from"] is None or value < curve["backfires_from"]]
    if rises:
        steps = ", ".join(f"{value:g}" for value in rises)
        sentences.append(f"With {name} more is worse on the way: {phrase} rises beyond chance up to {steps}.")
    elif curve["backfires_from"] is None and None not in curve["half_width"] and len(curve["x"]) > 2:
        sentences.append(f"With {name} no step to a higher {along} raises {phrase} beyond chance.")
    return sentences


def _doubts(curves: Sequence[Curve]) -> list[str]:
    """Say where no difference is known, since nobody travels there, and whether one has no interval."""
    points = (pair for curve in curves for pair in zip(curve["x"], curve["difference"], strict=True))
    empty = sorted({x for x, found in points if found is None})
    doubts = []
    if empty:
        places = join_words([f"{x:g}" for x in empty])
        doubts.append(f"Nobody travels at {curves[0]['along']} = {places}, so that nothing can be compared there.")
    known = (pair for curve in curves for pair in zip(curve["difference"], curve["half_width"], strict=True))
    if any(found is not None and width is None for found, width in known):
        doubts.append("One replication is one draw of chance and has no interval; run more replications.")
    return doubts


def _alone_sentences(curve: Curve) -> list[str]:
    """Say why an interval that excludes 0 claims nothing, so that table and sentence do not contradict each other."""
    points = zip(curve["x"], curve["difference"], curve["half_width"], strict=True)
    alone = [f"{x:g}" for x, *interval in points if _is_clear(*interval)]
    if not alone:
        return []
    return [
        f"Looked at alone, the interval at {curve['along']} = {join_words(alone)} excludes 0; of all that a sweep "
        "looks at one may do so by chance (Holm 1979)."
    ]


def _is_clear(difference: float | None, half_width: float | None) -> bool:
    """Tell whether an interval excludes 0, as if nothing else had been looked at."""
    return is_clear_alone({"difference": difference, "difference_half_width": half_width})


def _what_happened(summary: Summary, curve: Curve, strategy: str) -> list[str]:
    """Say what improves and what it costs where a strategy helps most, and what gets worse where it backfires."""
    sentences = []
    for x in dict.fromkeys((curve["best_at"], curve["backfires_from"])):
        point = next((point for point in summary["points"] if x is not None and _is_at(point, curve, x)), None)
        if point is not None:
            name = f"{strategy} at {curve['along']} = {x:g}"
            metrics = point["strategies"][curve["strategy"]]
            sentences += consequence_sentences(metrics, name)
            if x == curve["best_at"]:
                sentences += saving_sentences({name: metrics}, [name], summary.get("optimum", {}))
    return sentences


def _held_back(summary: Summary, strategy: str, looks: StrategyLooks) -> list[str]:
    """Say at which points a strategy advised nobody on some days, as rehearsals showed no gain."""
    days = {_place(point): point.get("rehearsals", {}).get(strategy) for point in summary["points"]}
    held = {place: own for place, own in days.items() if own and own["issued"] < own["rehearsed"]}
    if not held:
        return []
    places = [f"at {place}" for place in held]
    if len(places) > PLACES_TOLD:
        more = len(places) - PLACES_TOLD
        places[PLACES_TOLD:] = [f"at {more} more {'point' if more == 1 else 'points'}"]
    rehearsed, issued = (sum(own[name] for own in held.values()) for name in ("rehearsed", "issued"))
    return [
        f"{looks.label(strategy)} advised nobody on {rehearsed - issued} of {rehearsed} simulated days with advice "
        f"{join_words(places)}: rehearsals did not show, with their 95 % interval, that its best plan is better than "
        "no advice."
    ]


def _is_at(point: Mapping[str, Any], curve: Curve, x: float) -> bool:
    values = point["values"]
    return float(values[curve["along"]]) == x and all(values[key] == value for key, value in curve["fixed"].items())


def _backfire_sentence(curve: Curve, name: str) -> str:
    along, start = curve["along"], curve["backfires_from"]
    turn = curve["crosses_zero_at"]
    at = "" if turn is None or turn == curve["x"][0] else f"; drawn straight between the values it turns at {turn:.3g}"
    never = "" if curve["best_at"] is not None else f" {name} helps at no value tried."
    return (
        f"{name} backfires from {along} = {start:g} on: {metric_words(curve['metric']).phrase} is higher than "
        f"without advice by {_amount(curve, start)}{at}.{never}"
    )


def _amount(curve: Curve, x: float) -> str:
    place = curve["x"].index(x)
    size, half = abs(to_number(curve["difference"][place])), to_number(curve["half_width"][place])
    unit = metric_unit(curve["metric"], {"unit": "min"})
    decimals = 2
    while decimals < 4 and round(size, decimals) <= round(half, decimals):
        decimals += 1
    interval = ""
    if not math.isnan(half):
        low, high = (format_number(size + side * half, decimals) for side in (-1, 1))
        interval = f" (95 % interval {low} to {high})"
    return f"{format_number(size, decimals)} {unit}{interval}"
