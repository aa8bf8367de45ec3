"""Sentences on how much of what could be saved a strategy takes, and on what strategies do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sim.report.words import format_number, join_words, to_number

WAYS: Mapping[str, str] = MappingProxyType(
    {
        "same_for_all": "tells everybody on the same way the same window, whatever his wish: the more follow, the "
        "fuller it is and the fewer it suits.",
        "individual": "tells everybody the window that would be best for him if nobody else moved.",
        "coordinated": "weighs each window by what it costs everybody, and fills no vehicle beyond its forecast room.",
        "proportional": "spreads those who follow as all travellers should be spread.",
        "incentive": "lets off a part of the fare at some times, and people move who find it worth it.",
    }
)
"""What each strategy does, in plain words."""


def way_of(strategy: str) -> list[str]:
    """Return a sentence on what a strategy does; none where it is not known.

    Parameters
    ----------
    strategy : str
    """
    return [f"{strategy} {WAYS[strategy]}"] if strategy in WAYS else []


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
    for name in named:
        entry = strategies[name].get("saving_taken_share", {})
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
