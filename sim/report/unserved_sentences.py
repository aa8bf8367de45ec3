"""Say it first where the service fails more than a few per cent of the commuters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.metrics.metric import BASELINE
from sim.metrics.unserved import TOLD_SHARE
from sim.report.numbers import format_number, join_words
from sim.report.outcome_section import CAUSES


def unserved_sentences(facts: Mapping[str, Any]) -> list[str]:
    """Return what a reader has to know before any other number; nothing where nearly all are served.

    Parameters
    ----------
    facts : mapping
        As `sim.metrics.unserved.unserved` returns.
    """
    if not facts:
        return []
    told, sentences = facts["told_share"], []
    under = "" if facts["strategy"] == BASELINE else f" with {facts['strategy']}"
    if facts["not_arrived_share"] > told:
        parts = [f"{_percent(cause['share'])} {_why(cause)}" for cause in facts["causes"]]
        sentences.append(
            f"Demand and service do not fit{under}: {_percent(facts['not_arrived_share'])} of the commuters do not "
            f"arrive (told above {_percent(told, 0)}, assumed): {join_words(parts)}."
        )
    if facts["long_wait_share"] > TOLD_SHARE:
        at = facts["long_wait_at"]
        sentences.append(
            f"Waits beyond reason{under}: {_percent(facts['long_wait_share'])} of the commuters wait more than "
            f"{facts['long_wait_min']:g} min (assumed) for one vehicle, {_most(at)} at {at['stop']} ({at['stop_id']}); "
            "they leave when hardly a vehicle runs, or the line they take is rare."
        )
    return sentences


def _why(cause: Mapping[str, Any]) -> str:
    words = CAUSES.get(cause["cause"], str(cause["cause"]).replace("_", " "))
    return f"({words}; {_most(cause)} from {cause['stop']}, {cause['stop_id']})"


def _most(place: Mapping[str, Any]) -> str:
    return "all" if place["stop_share"] >= 1.0 else f"the most, {_percent(place['stop_share'], 0)} of them,"


def _percent(share: float, decimals: int = 1) -> str:
    return f"{format_number(100.0 * share, decimals)} %"
