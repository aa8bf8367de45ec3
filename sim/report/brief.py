"""The first page of a report: the answer in plain words, one number a sentence, for those who read nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN
from sim.metrics.registry import metrics_told
from sim.report.metric_words import (
    decimals_for,
    judge,
    metric_unit,
    metric_words,
    nobody_arrives,
    ordered_strategies,
    read_difference,
    shown,
)
from sim.report.numbers import format_number, join_words, to_number
from sim.report.report_data import ReportData
from sim.report.unserved_sentences import unserved_briefly
from sim.report.verdict import NOBODY_ADVISED, NOBODY_TO_COMPARE, idle_reason, metric_compared, verdict

SIZES: Final = ((1.0, "next to nothing"), (5.0, "small"), (15.0, "clear"), (math.inf, "large"))
"""What a change of the mean generalized cost is called, below so many per cent of it (assumed)."""

NOBODY_ARRIVES: Final = "Nobody arrives here, with advice or without, so there is no journey that advice could save on"

NOBODY_FOLLOWS: Final = "nobody follows it"

_MOST_CONSEQUENCES: Final = 4


@dataclass(frozen=True)
class Brief:
    """What stands on the first page.

    Attributes
    ----------
    headline : str
        The answer in one sentence: what is saved, how much that is of what is possible, and who pays.
    sentences : tuple of str
        Who is behind it and what else changes, one number each.
    """

    headline: str
    sentences: tuple[str, ...]


def brief(data: ReportData) -> Brief:
    """Say in plain words what a run or a comparison found, never more than its intervals allow.

    Parameters
    ----------
    data : ReportData
    """
    summary = data.summary
    strategies: Mapping[str, Mapping[str, Mapping[str, Any]]] = summary.get("strategies", {})
    others = [name for name in ordered_strategies(strategies) if name != BASELINE]
    cost = metric_compared(strategies, others)
    served = unserved_briefly(summary.get("unserved", {}))
    if strategies and (cost is None or cost not in strategies.get(BASELINE, {})):
        return Brief(_not_compared(data, others), tuple(served))
    if cost is None:
        first, *rest = verdict(summary)
        return Brief(first, tuple(rest))
    base = shown(cost, strategies[BASELINE][cost]["mean"])
    if math.isnan(base):
        return Brief(f"{NOBODY_TO_COMPARE}.", ())
    if nobody_arrives(strategies.values()):
        return Brief(f"{NOBODY_ARRIVES}.", tuple(served))
    return _compared(data, others, cost, base)


def _not_compared(data: ReportData, others: Sequence[str]) -> str:
    """Say why nothing is compared: nobody is advised at all, or nobody travels without advice."""
    if not others:
        return "Nobody is advised in this run, so there is nothing to compare."
    advice = join_words([_advice(data.looks.label(name)) for name in others], "or")
    return f"There are no days without advice to compare with, so what {advice} changes is not known."


def _compared(data: ReportData, others: Sequence[str], cost: str, base: float) -> Brief:
    """Say which strategies help, which do harm and which neither, against a cost that is known."""
    summary, strategies = data.summary, data.summary["strategies"]
    readings = {name: read_difference(strategies[name].get(cost, {})) for name in others}
    helping = sorted(
        (name for name in others if readings[name] == "lower"),
        key=lambda name: to_number(strategies[name][cost]["difference"]),
    )
    hurting = [name for name in others if readings[name] == "higher"]
    idle = _idle(data.manifest, [idle_reason(strategies[name]) for name in others])
    sentences = unserved_briefly(summary.get("unserved", {}))
    sentences += [] if idle == NOBODY_ADVISED else _followers(data.manifest)
    if helping:
        headline = _sentence(
            _helps(data, strategies, helping[0], cost, base),
            _of_possible(summary, helping[0]),
            _pays(strategies[helping[0]]),
        )
        sentences += [_also(data, strategies, name, cost, base) for name in helping[1:]]
        sentences += _consequences(strategies[helping[0]], data.looks.label(helping[0]))
    else:
        further = () if "one draw" in readings.values() else (_possible(summary), _pay_anyway(data, strategies, others))
        headline = _sentence(_helps_not(data, others, readings, idle), *further)
    sentences += [_hurts(data, strategies, name, cost, base) for name in hurting]
    return Brief(headline, tuple(sentences))


def size_word(percent: float) -> str:
    """Return what a change of so many per cent is called.

    Parameters
    ----------
    percent : float
    """
    return next(word for limit, word in SIZES if abs(percent) < limit)


def size_note() -> str:
    """Return what the words for sizes mean."""
    limits = [f"{word} below {limit:g} %" for limit, word in SIZES if math.isfinite(limit)]
    return f"Of the cost of a journey, {join_words(limits)}, {SIZES[-1][1]} from there on (assumed)."


def _shares(manifest: Mapping[str, Any]) -> tuple[float, float]:
    """Return who receives advice and who follows it, as shares, as the scenario has it; NaN where it does not say."""
    scenario = manifest.get("scenario")
    advisor = scenario.get("advisor", {}) if isinstance(scenario, Mapping) else {}
    return to_number(advisor.get("penetration")), to_number(advisor.get("compliance"))


def _idle(manifest: Mapping[str, Any], reasons: Sequence[str]) -> str:
    """Say why no strategy changes anything; empty where one does, or nobody knows.

    Parameters
    ----------
    manifest : mapping
    reasons : sequence of str
        Of each strategy, see `idle_reason`.
    """
    if not all(reasons):
        return ""
    if set(reasons) == {NOBODY_ADVISED}:
        return NOBODY_ADVISED
    return NOBODY_FOLLOWS if _shares(manifest)[1] == 0.0 else next(said for said in reasons if said != NOBODY_ADVISED)


def _followers(manifest: Mapping[str, Any]) -> list[str]:
    """Say who receives advice and who follows it, as the scenario has it."""
    received, followed = _shares(manifest)
    if math.isnan(received) or math.isnan(followed):
        return []
    who = "Everybody receives" if received == 1.0 else f"{_per_cent(received * 100.0)} in 100 commuters receive"
    does = {0.0: "Nobody follows", 1.0: "All of them follow"}.get(
        followed, f"{_per_cent(followed * 100.0)} in 100 of these follow"
    )
    return [f"{who} advice.", f"{does} it where it asks them to leave at another time."]


def _advice(label: str) -> str:
    """Name the advice of a strategy, so that a label of several words is read as one."""
    return f"“{label}” advice" if " " in label else f"{label} advice"


def _size(strategies: Mapping[str, Mapping[str, Any]], name: str, cost: str, base: float) -> tuple[str, str, float]:
    """Return amount and base as texts, and the change in per cent of the base."""
    entries = [metrics[cost] for metrics in strategies.values() if cost in metrics]
    decimals = min(decimals_for(cost, entries), 2)
    change = abs(shown(cost, strategies[name][cost]["difference"]))
    return format_number(change, decimals), format_number(base, 1), 100.0 * change / base if base else math.nan


def _helps(data: ReportData, strategies: Mapping[str, Mapping[str, Any]], name: str, cost: str, base: float) -> str:
    amount, whole, percent = _size(strategies, name, cost, base)
    text = f"{_advice(data.looks.label(name))} saves {amount} of the {whole} min that a journey costs, "
    return f"{text}{_per_cent(percent)} %: {size_word(percent)}"


def _also(data: ReportData, strategies: Mapping[str, Mapping[str, Any]], name: str, cost: str, base: float) -> str:
    return f"{_advice(data.looks.label(name))} saves {_size(strategies, name, cost, base)[0]} min."


def _hurts(data: ReportData, strategies: Mapping[str, Mapping[str, Any]], name: str, cost: str, base: float) -> str:
    amount, _, percent = _size(strategies, name, cost, base)
    return f"{_advice(data.looks.label(name))} backfires: a journey costs {amount} min more ({size_word(percent)})."


def _helps_not(data: ReportData, others: Sequence[str], readings: Mapping[str, str], idle: str) -> str:
    # Of one draw only what the scenario makes so is more than chance.
    if 0.0 in _shares(data.manifest) and idle:
        return f"Advice changes nothing here, as {idle}"
    if any(readings[name] == "one draw" for name in others):
        return "One replication is one draw of chance and shows no difference: run more replications"
    if all(readings[name] == "same" for name in others):
        return f"Advice changes nothing here{f', as {idle}' if idle else ''}"
    if all(readings[name] == "higher" for name in others):
        return "Advice backfires, whichever way it is given"
    advice = [_advice(data.looks.label(name)) for name in others if readings[name] != "higher"]
    return f"No saving that goes beyond chance with {join_words(advice, 'or')}"


def _consequences(metrics: Mapping[str, Mapping[str, Any]], label: str) -> list[str]:
    """Say what else changes beyond its interval, improvements first."""
    parts: dict[str, list[str]] = {"better": [], "worse": []}
    for metric in metrics_told("consequence"):
        entry = metrics.get(metric.name, {})
        mark = judge(metric.name, entry)
        if mark:
            difference = shown(metric.name, entry["difference"])
            unit = metric_unit(metric.name, entry)
            unit = "percentage points" if unit == "%" else unit
            amount = format_number(abs(difference), decimals_for(metric.name, [entry]))
            phrase = metric_words(metric.name).phrase
            verb = "falls" if difference < 0 else "rises"
            parts[mark].append(f"{phrase[:1].upper()}{phrase[1:]} {verb} by {amount} {unit}".rstrip())
    gains = [f"{part} with {_advice(label)}." for part in parts["better"][:_MOST_CONSEQUENCES]]
    prices = [f"The price: {part[:1].lower()}{part[1:]}." for part in parts["worse"][:_MOST_CONSEQUENCES]]
    return [*gains, *_gain(metrics, label), *prices]


def _gain(metrics: Mapping[str, Mapping[str, Any]], label: str) -> list[str]:
    """Say how many people gain; nothing where nobody is known to."""
    (winners,) = metrics_told("winners")
    percent = to_number(metrics.get(winners.name, {}).get("mean")) * 100.0
    if not percent > 0.0:
        return []
    return [f"{_per_cent(percent)} in 100 people gain more than a minute with {_advice(label)}."]


def _sentence(answer: str, *further: str) -> str:
    """Join the parts of the headline that there are."""
    return f"{'; '.join(part for part in (answer, *further) if part)}."


def _per_cent(percent: float) -> str:
    """Return so many per cent, or so many in 100, below 1 with a decimal."""
    return format_number(percent, 0 if percent >= 1.0 or percent == 0.0 else 1)


def _of_possible(summary: Mapping[str, Any], name: str) -> str:
    """Say how much of the possible saving a strategy takes; nothing where that is not known.

    Against a lower bound of the least cost a share is at least what is shown, against the least cost it is that.
    """
    (taken,) = metrics_told("saving")
    percent = to_number(summary["strategies"][name].get(taken.name, {}).get("mean")) * 100.0
    kind = summary.get("optimum", {}).get("kind")
    if kind is None or not percent > 0.0:
        return ""
    least = "" if kind == "exact" else "at least "
    return f"that is {least}{_per_cent(percent)} % of what leaving at other times could save"


def _possible(summary: Mapping[str, Any]) -> str:
    """Say how much could be saved where no strategy saves anything; nothing where that is not known."""
    (gap,) = metrics_told("possible")
    percent = to_number(summary["strategies"][BASELINE].get(gap.name, {}).get("mean")) * 100.0
    kind = summary.get("optimum", {}).get("kind")
    if kind is None or not percent >= 0.0:
        return ""
    most = "" if kind == "exact" else "at most "
    return f"leaving at other times could save {most}{_per_cent(percent)} % of what journeys cost"


def _pays(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how many people lose; nothing where that is not known."""
    percent = _losers_percent(metrics)
    limit = f"{LOSS_THRESHOLD_MIN:g} min"
    if math.isnan(percent):
        return ""
    if percent == 0.0:
        return f"nobody loses more than {limit} by it"
    return f"{_per_cent(percent)} in 100 people pay for it and lose more than {limit}"


def _pay_anyway(data: ReportData, strategies: Mapping[str, Mapping[str, Any]], others: Sequence[str]) -> str:
    """Say how many people lose with the strategy by which most do; nothing where nobody is known to."""
    known = {name: percent for name in others if (percent := _losers_percent(strategies[name])) > 0.0}
    if not known:
        return ""
    most = max(known, key=lambda name: known[name])
    with_it = "" if len(others) == 1 else f" with {_advice(data.looks.label(most))}"
    return f"{_per_cent(known[most])} in 100 people lose more than {LOSS_THRESHOLD_MIN:g} min{with_it}"


def _losers_percent(metrics: Mapping[str, Mapping[str, Any]]) -> float:
    (losers,) = metrics_told("losers")
    return to_number(metrics.get(losers.name, {}).get("mean")) * 100.0
