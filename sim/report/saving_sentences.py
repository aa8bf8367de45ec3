"""Sentences on how much of what could be saved a strategy takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.metrics.registry import metrics_told
from sim.report.numbers import format_number, join_words, to_number


def saving_sentences(
    strategies: Mapping[str, Mapping[str, Mapping[str, Any]]], named: Sequence[str], optimum: Mapping[str, Any]
) -> list[str]:
    """Say how much of the possible saving strategies take.

    Parameters
    ----------
    strategies : mapping of str to mapping
        Metrics of each strategy, as in a summary.
    named : sequence of str
        Those to speak of.
    optimum : mapping
        `kind` says whether the least total cost is exact; nothing is said where it is missing.
    """
    kind = optimum.get("kind")
    parts = []
    (taken,) = metrics_told("saving")
    for name in named:
        entry = strategies[name].get(taken.name, {})
        mean, half_width = to_number(entry.get("mean")) * 100.0, to_number(entry.get("half_width")) * 100.0
        if not math.isnan(mean):
            interval = "" if math.isnan(half_width) else f" ± {format_number(half_width, 1)}"
            parts.append(f"{format_number(mean, 1)}{interval} % with {name}")
    if kind is None or not parts:
        return []
    if kind == "exact":
        return [f"Of the saving that the system optimum would bring this is {join_words(parts)}."]
    return [
        f"Of the possible saving this is at least {join_words(parts)}: the system optimum is known by a lower bound "
        "only, in which people know when vehicles come and wait for none."
    ]
