"""What the evening makes of a morning policy, where journeys back are linked with those there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.metrics.metric import BASELINE
from sim.report.metric_words import ordered_strategies, read_difference
from sim.report.numbers import format_interval, format_number, to_number

Strategies = Mapping[str, Mapping[str, Mapping[str, Any]]]

_WAYS = (("outward", "there"), ("return", "back"))


@dataclass(frozen=True)
class WayRow:
    """The journeys there or back under one strategy, as texts."""

    strategy: str
    way: str
    cost: str
    change: str
    denied: str
    peak: str


def way_rows(strategies: Strategies) -> list[WayRow]:
    """Return a row for each strategy and way; none where no journeys back are linked.

    Parameters
    ----------
    strategies : mapping
        As `strategies` of a comparison's summary.
    """
    rows = []
    for strategy in ordered_strategies(strategies):
        metrics = strategies[strategy]
        for name, way in _WAYS:
            cost = metrics.get(f"{name}_cost_min", {})
            if math.isnan(to_number(cost.get("mean"))):
                continue
            change = "" if strategy == BASELINE else _interval(cost, "difference", 0, sign=True)
            denied, peak = (metrics.get(f"{name}_{what}_boardings", {}) for what in ("denied", "peak"))
            rows.append(
                WayRow(
                    strategy,
                    way,
                    _interval(cost, "mean", 0),
                    change,
                    _interval(denied, "mean", 1),
                    _interval(peak, "mean", 0),
                )
            )
    return rows


def return_sentences(strategies: Strategies) -> list[str]:
    """Say what each strategy gains on the way there and what it then gains or loses on the way back."""
    sentences = []
    for strategy in ordered_strategies(strategies):
        there, back = (strategies[strategy].get(f"{name}_cost_min", {}) for name, _ in _WAYS)
        if strategy == BASELINE or math.isnan(to_number(back.get("difference"))):
            continue
        saved, lost = -to_number(there.get("difference")), to_number(back["difference"])
        readings = read_difference(there), read_difference(back)
        amounts = (
            f"{_interval(there, 'difference', 0, sign=True)} min per day on the way there and "
            f"{_interval(back, 'difference', 0, sign=True)} on the way back"
        )
        if readings == ("lower", "higher"):
            part = f"{format_number(100.0 * lost / saved, 0)} % of what it saves in the morning"
            sentences.append(
                f"In the evening {strategy} backfires: commuters who come at another time go back at another time, "
                f"which costs {part} (change of total cost {amounts})."
            )
        elif "higher" in readings:
            worse = "the way there" if readings[0] == "higher" else "the way back"
            sentences.append(f"With {strategy} {worse} becomes dearer (change of total cost {amounts}).")
        elif readings[1] == "lower":
            sentences.append(f"With {strategy} the way back gains too (change of total cost {amounts}).")
        else:
            sentences.append(f"With {strategy} no harm on the way back can be shown (change of total cost {amounts}).")
    return sentences


def _interval(entry: Mapping[str, Any], value: str, decimals: int, sign: bool = False) -> str:
    half_width = "half_width" if value == "mean" else f"{value}_half_width"
    mean = to_number(entry.get(value))
    return "–" if math.isnan(mean) else format_interval(mean, to_number(entry.get(half_width)), decimals, sign=sign)
