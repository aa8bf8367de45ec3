"""Aligned plain text for the terminal: comparisons, runs, advice and verification."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sim.metrics.metric import BASELINE
from sim.metrics.summary import CALLED_CLEAR
from sim.report.advice_words import is_on_foot
from sim.report.metric_words import (
    HEADLINE_METRICS,
    NOT_AGAINST_BASELINE,
    decimals_for,
    has_something_to_say,
    judge,
    level,
    level_text,
    metric_title,
    ordered_metrics,
    ordered_strategies,
    shown,
)
from sim.report.numbers import format_interval, format_number, to_number
from sim.report.text_grid import facts_grid, fitted_grid, grid, text_width, wrapped
from sim.report.verdict import verdict
from sim.units import format_clock_short

__all__ = ["advice_table", "comparison_table", "run_table", "verdict", "verification_table"]

_BAR_CELLS = 10
_ON_FOOT = "on foot"
_INTERVAL = "± half width of the 95 % interval over replications."
_NO_INTERVAL = "One replication has no interval."
_DIFFERENCE = "Second figure: difference against none, same draws"
_MARKED = f", marked ✓ better or ✗ worse {CALLED_CLEAR}"

LATE_ON_MOST_DAYS_SHARE: Final = 0.5
"""A window from which one is on time less often than this is never marked as the best."""

LEAST_MONEY: Final = 0.005
"""Fares that differ by less, in the scenario's currency, are the same fare."""

_MARKS: Final = {"better": "✓", "worse": "✗", "": ""}

Entry = Mapping[str, Any]


def comparison_table(summary: Mapping[str, Any], width: int = 100, *, has_legend: bool = True) -> str:
    """Return the strategies beside each other, a metric per row, each difference under its value.

    Where `width` characters do not hold the strategies beside each other, they stand below each other.

    Parameters
    ----------
    summary : mapping
    width : int
        Cells that a line may have.
    has_legend : bool
        Whether it is said below what the signs mean; of several tables one is enough.
    """
    strategies: Mapping[str, Mapping[str, Entry]] = summary["strategies"]
    names = ordered_strategies(strategies)
    metrics = [
        name for name in HEADLINE_METRICS if _has_value(strategies[strategy].get(name, {}) for strategy in names)
    ]
    if not metrics:
        return "The summary holds no metric to show."
    wide = _wide_comparison(strategies, names, metrics)
    text = wide if text_width(wide) <= width else _long_comparison(strategies, names, metrics, width)
    return f"{text}\n\n{textwrap.fill(_legend(strategies), width)}" if has_legend else text


def _has_value(entries: Iterable[Entry]) -> bool:
    return any(not math.isnan(level(entry)) for entry in entries)


def _has_interval(metrics: Mapping[str, Entry]) -> bool:
    return any(not math.isnan(to_number(entry.get("half_width"))) for entry in metrics.values())


def _legend(strategies: Mapping[str, Mapping[str, Entry]]) -> str:
    """Say what intervals, second figures and marks mean, where there are some."""
    has_intervals = any(map(_has_interval, strategies.values()))
    interval = _INTERVAL if has_intervals else _NO_INTERVAL
    # Without none, or with nothing else, no cell has a second figure.
    if BASELINE not in strategies or len(strategies) == 1:
        return interval
    return f"{interval} {_DIFFERENCE}{_MARKED if has_intervals else ''}."


def run_table(summary: Mapping[str, Any], width: int = 100) -> str:
    """Return the metrics of one run that have a value, a row each, with the half width of their intervals."""
    metrics: Mapping[str, Entry] = {
        name: entry
        for name, entry in summary["metrics"].items()
        if name not in NOT_AGAINST_BASELINE and has_something_to_say(name, [entry])
    }
    if not metrics:
        return "The summary holds no metric to show."
    rows = []
    for name in ordered_metrics(metrics):
        entry, decimals = metrics[name], decimals_for(name, [metrics[name]])
        rows.append([metric_title(name, entry), level_text(name, entry, decimals)])
    table = fitted_grid(["metric", "value"], rows, width)
    return f"{table}\n\n{textwrap.fill(_INTERVAL, width)}" if _has_interval(metrics) else table


def advice_table(options: Sequence[Mapping[str, Any]], width: int = 110, currency: str = "") -> str:
    """Return departure windows, the best first as given, with a bar for the expected load factor.

    Parameters
    ----------
    options
        For each window: window_start_s, window_end_s, line, board_stop (told where it is not empty), vehicle_due_s,
        door_to_door_min, door_to_door_sd_min,
        load_factor, occupancy (a word of GTFS-Realtime), seat_share, denied_share, on_time_share,
        generalized_cost_min, fare, reason. Only a window that is not late on most days is marked as the best.
        Fares are shown where they differ.
    width
        Characters a line may have; reasons are wrapped to it. Where it is too short for bars they are left out, and
        where it is too short for a table each window gets a block of lines.
    currency
        Of fares.
    """
    if not options:
        return "No departure window can be recommended."
    header, rows = _advice_cells(options, currency)
    text = grid(header, rows, left=(0, 2))
    if text_width(text) + 2 > width:
        text = _without_bars(header, rows, options)
    is_narrow = text_width(text) + 2 > width
    first, *lines = text.split("\n")
    shown_lines = [] if is_narrow else [f"  {first}", f"  {lines[0]}"]
    for place, (row, line, option) in enumerate(zip(rows, lines[1:], options, strict=True)):
        is_best = place == 0 and not to_number(option.get("on_time_share")) < LATE_ON_MOST_DAYS_SHARE
        own = facts_grid(dict(zip(header, row, strict=True)), width - 2).split("\n") if is_narrow else [line]
        shown_lines += [f"{'> ' if is_best and not number else '  '}{part}" for number, part in enumerate(own)]
        reason = f"{option.get('reason') or ''} {_vehicle(option)}".strip()
        shown_lines += [f"{' ' * 6}{part}" for part in wrapped(reason, width - 6) if part]
        shown_lines += [""] if is_narrow else []
    return "\n".join(shown_lines).rstrip("\n")


def verification_table(rows: Sequence[Mapping[str, Any]], width: int = 140) -> str:
    """Return theory beside simulation, a row per case, and a closing line that counts what passed.

    Parameters
    ----------
    rows
        For each case: case, params, theory, simulation, half_width, tolerance, verdict; the reason
        of a verdict that says that it failed; and the bias, as a share of theory, that a stochastic
        case catches 9 times in 10.
    """
    header = ["case", "params", "theory", "simulation", "±", "tolerance", "catches", "verdict"]
    shown = [{**row, "catches": "" if row.get("catches") is None else f"{row['catches']:.1%}"} for row in rows]
    cells = [[_plain(row.get(key)) for key in (*header[:4], "half_width", *header[5:])] for row in shown]
    for row, line in zip(rows, cells, strict=True):
        line[-1] = ": ".join(filter(None, (line[-1], str(row.get("reason") or ""))))
    passed = sum(row.get("verdict") in {"pass", "passed", "ok", True} for row in rows)
    closing = f"{passed} of {len(rows)} passed"
    powers = [row["power_at_2_percent"] for row in rows if row.get("power_at_2_percent") is not None]
    if powers:
        seen = sum(power >= 0.9 for power in powers)
        closing += (
            f". Of {len(powers)} with chance in them {seen} would catch a bias of 2 % in 9 of 10 simulations; "
            "--catch 0.02 simulates until all do."
        )
    closing = "\n".join(wrapped(closing, width))
    return f"{fitted_grid(header, cells, width, left=(0, 1, 7))}\n\n{closing}" if rows else closing


def _wide_comparison(
    strategies: Mapping[str, Mapping[str, Entry]], names: Sequence[str], metrics: Sequence[str]
) -> str:
    rows = []
    for name in metrics:
        entries = {strategy: strategies[strategy].get(name, {}) for strategy in names}
        decimals = decimals_for(name, entries.values())
        title = metric_title(name, next(entry for entry in entries.values() if entry))
        rows.append([title, *(level_text(name, entries[strategy], decimals) for strategy in names)])
        rows.append(["", *(_difference(name, strategy, entries[strategy], decimals) for strategy in names)])
    return grid(["metric", *names], [row for row in rows if any(row)])


def _long_comparison(
    strategies: Mapping[str, Mapping[str, Entry]], names: Sequence[str], metrics: Sequence[str], width: int
) -> str:
    rows, titles = [], []
    for name in metrics:
        entries = {strategy: strategies[strategy].get(name, {}) for strategy in names}
        decimals = decimals_for(name, entries.values())
        titles.append(metric_title(name, next(entry for entry in entries.values() if entry)))
        for strategy, entry in entries.items():
            value = level_text(name, entry, decimals)
            rows.append([f"  {strategy}", value, _difference(name, strategy, entry, decimals)])
    head = ["metric", "value", "against none"]
    text = grid(head, rows)
    if text_width(text) > width:
        titled = [[titles[place // len(names)], *row] for place, row in enumerate(rows)]
        return fitted_grid(["metric", "strategy", *head[1:]], titled, width, left=(0, 1))
    lines = text.split("\n")
    # Titles have lines of their own, across the columns, so that a long one makes none of them wider.
    blocks = [lines[2 + place * len(names) : 2 + (place + 1) * len(names)] for place in range(len(titles))]
    return "\n".join(
        [*lines[:2], *(line for title, block in zip(titles, blocks, strict=True) for line in [title, *block])]
    )


def _difference(name: str, strategy: str, entry: Entry, decimals: int) -> str:
    difference = shown(name, entry.get("difference"))
    if strategy == BASELINE or name in NOT_AGAINST_BASELINE or math.isnan(difference):
        return ""
    half_width = shown(name, entry.get("difference_half_width"))
    text = format_interval(difference, half_width, decimals, sign=True)
    return f"{_MARKS[judge(name, entry)]} {text}".lstrip()


def _advice_row(option: Mapping[str, Any]) -> list[str]:
    start, end = (to_number(option.get(key)) for key in ("window_start_s", "window_end_s"))
    travel = format_interval(to_number(option.get("door_to_door_min")), to_number(option.get("door_to_door_sd_min")), 0)
    rides = not is_on_foot(option)
    return [
        f"{format_clock_short(start)}–{format_clock_short(end)}",
        f"{travel} min",
        _bar(to_number(option.get("load_factor"))) if rides else _ON_FOOT,
        _percent(option.get("seat_share")) if rides else "–",
        _percent(option.get("denied_share")) if rides else "–",
        _percent(option.get("on_time_share")),
        f"{format_number(to_number(option.get('generalized_cost_min')), 1)} min",
    ]


def _advice_cells(options: Sequence[Mapping[str, Any]], currency: str) -> tuple[list[str], list[list[str]]]:
    header = ["leave", "door to door", "load on board", "seat", "behind", "on time", "cost"]
    rows = [_advice_row(option) for option in options]
    if not _fares_differ(options):
        return header, rows
    return [*header, "fare"], [[*row, _fare(option, currency)] for row, option in zip(rows, options, strict=True)]


def _fares_differ(options: Sequence[Mapping[str, Any]]) -> bool:
    fares = [to_number(option.get("fare")) for option in options]
    return not any(map(math.isnan, fares)) and max(fares) - min(fares) >= LEAST_MONEY


def _fare(option: Mapping[str, Any], currency: str) -> str:
    return f"{format_number(to_number(option.get('fare')), 2)} {currency}".rstrip()


def _without_bars(header: Sequence[str], rows: Sequence[Sequence[str]], options: Sequence[Mapping[str, Any]]) -> str:
    shares = ["–" if is_on_foot(option) else _percent(option.get("load_factor")) for option in options]
    short = [[*row[:2], share, *row[3:]] for row, share in zip(rows, shares, strict=True)]
    return grid([*header[:2], "load", *header[3:]], short)


def _vehicle(option: Mapping[str, Any]) -> str:
    """Say which vehicle to aim for and, in the words of GTFS-Realtime, how full it gets."""
    due_s = to_number(option.get("vehicle_due_s"))
    stop = f" from {option['board_stop']}" if option.get("board_stop") else ""
    aim = "" if math.isnan(due_s) else f"Aim for line {option.get('line')}{stop} at {format_clock_short(due_s)}"
    words = "" if is_on_foot(option) else str(option.get("occupancy") or "").replace("_", " ").lower()
    text = ", ".join(filter(None, (aim, words)))
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _bar(share: float) -> str:
    if math.isnan(share):
        return "?".ljust(_BAR_CELLS)
    cells = max(0, min(_BAR_CELLS, round(share * _BAR_CELLS)))
    return f"{'█' * cells}{'░' * (_BAR_CELLS - cells)} {format_number(share * 100, 0):>3} %"


def _percent(value: Any) -> str:
    number = to_number(value)
    return "–" if math.isnan(number) else f"{format_number(number * 100, 0)} %"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(_plain(item) for item in value)}]"
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.6g}"
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value)
