"""Say it first where the service fails more than a few per cent of the commuters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.metrics.long_waits import HEADWAYS, LONG_WAIT_S
from sim.metrics.metric import BASELINE
from sim.metrics.unserved import TOLD_SHARE
from sim.model.outcome import Cause
from sim.report.numbers import format_number, join_words


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
    if _many_do_not_arrive(facts):
        parts = [f"{_percent(cause['share'])} {_why(cause)}" for cause in facts["causes"]]
        sentences.append(
            f"Demand and service do not fit{under}: {_percent(facts['not_arrived_share'])} of the commuters do not "
            f"arrive (told above {_percent(told, 0)}, assumed): {join_words(parts)}."
        )
    if _many_wait_long(facts):
        at = facts["long_wait_at"]
        beyond = f"{HEADWAYS:g} times (assumed) the headway of the vehicles that go where they go"
        if "headway_min" not in at:
            beyond = f"{LONG_WAIT_S / 60.0:g} min (assumed)"
        every = f" at a headway of {_headway(at['headway_min'])}" if "headway_min" in at else ""
        sentences.append(
            f"Waits beyond reason{under}: {_percent(facts['long_wait_share'])} of the commuters wait more than {beyond}"
            f", {_most(at)} at {_stop(at)}, where the median is "
            f"{format_number(at['wait_min'], 0)} min{every}: {_reason(at['reason'])}."
        )
    return sentences


def unserved_briefly(facts: Mapping[str, Any]) -> list[str]:
    """Return the same for those who read one page, one number a sentence.

    Parameters
    ----------
    facts : mapping
        As `sim.metrics.unserved.unserved` returns.
    """
    if not facts:
        return []
    sentences = []
    if _many_do_not_arrive(facts):
        amount = format_number(100.0 * facts["not_arrived_share"], 0)
        sentences.append(f"Demand and service do not fit: {amount} in 100 commuters do not arrive.")
    if _many_wait_long(facts):
        amount = format_number(100.0 * facts["long_wait_share"], 0)
        sentences.append(f"Waits are beyond reason: {amount} in 100 commuters wait longer than anybody would.")
    return sentences


def _many_do_not_arrive(facts: Mapping[str, Any]) -> bool:
    return bool(facts["not_arrived_share"] > facts["told_share"])


def _many_wait_long(facts: Mapping[str, Any]) -> bool:
    return bool(facts["long_wait_at"]) and bool(facts["long_wait_share"] > TOLD_SHARE)


def _reason(word: str) -> str:
    if word == "full":
        return "vehicles leave full"
    if word == "early":
        return "they come before the first vehicle of the day that goes where they go"
    if word == "closed":
        return "the stop was closed meanwhile, or vehicles missed it"
    return "vehicles come late, or people let them pass"


def _why(cause: Mapping[str, Any]) -> str:
    words = Cause.words_of(str(cause["cause"]))
    return f"({words}; {_most(cause)} from {_stop(cause)})"


def _headway(headway_min: float) -> str:
    """Return a headway in minutes, and a short one, which they would round much, in seconds."""
    if headway_min < 2.0:
        return f"{format_number(60.0 * headway_min, 0)} s"
    return f"{format_number(headway_min, 0)} min"


def _stop(place: Mapping[str, Any]) -> str:
    """Return the name of a stop, with its id where that is another."""
    name, own = str(place["stop"]), str(place["stop_id"])
    return name if name == own else f"{name}, {own}"


def _most(place: Mapping[str, Any]) -> str:
    return "all" if place["stop_share"] >= 1.0 else f"the most, {_percent(place['stop_share'], 0)} of them,"


def _percent(share: float, decimals: int = 1) -> str:
    return f"{format_number(100.0 * share, decimals)} %"
