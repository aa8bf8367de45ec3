"""Sentences that say what a summary means, shared by the terminal and the HTML report.

They are made from the numbers and never claim more than the intervals allow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from sim.metrics.advice_metrics import ADVISED_SHARE
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN
from sim.metrics.registry import metrics_told
from sim.report.metric_words import (
    decimals_for,
    is_clear_alone,
    judge,
    metric_unit,
    metric_words,
    ordered_strategies,
    read_difference,
    shown,
)
from sim.report.numbers import format_number, join_words, to_number
from sim.report.return_section import return_sentences
from sim.report.unserved_sentences import unserved_sentences

LEFT_OVER_SHARE: Final = 0.0005
"""Share of the commuters from which on it is told that fewer arrive than without advice (assumed)."""

NOBODY_ADVISED: Final = "nobody is advised"

NOBODY_TRAVELS: Final = "Nobody travels here, so nothing can be said about journeys"

NOBODY_TO_COMPARE: Final = "Nobody travels here, so nothing can be said about what advice changes"

Summary = Mapping[str, Any]
Strategies = Mapping[str, Mapping[str, Mapping[str, Any]]]


def verdict(summary: Summary) -> list[str]:
    """Return a few sentences: who is not served, which strategy helps and by how much, which backfires, who pays."""
    return [*unserved_sentences(summary.get("unserved", {})), *_answer(summary)]


def _answer(summary: Summary) -> list[str]:
    if "strategies" not in summary:
        return _run_sentences(summary.get("metrics", {}))
    strategies: Strategies = summary["strategies"]
    others = [name for name in ordered_strategies(strategies) if name != BASELINE]
    metric = metric_compared(strategies, others)
    if metric is None:
        return ["There is no strategy besides none, so nothing is compared."]
    readings = {other: read_difference(strategies[other].get(metric, {})) for other in others}
    if BASELINE in strategies and math.isnan(to_number(strategies[BASELINE].get(metric, {}).get("mean"))):
        return [f"{NOBODY_TO_COMPARE}."]
    if all(reading == "no reference" for reading in readings.values()):
        return ["The strategy none was not run, so nothing can be said about what the advice changes."]
    if any(reading == "one draw" for reading in readings.values()):
        return _one_draw_sentences(strategies, others, metric)
    return [*_comparison_sentences(summary, metric, readings), *return_sentences(strategies)]


def metric_compared(strategies: Strategies, others: Sequence[str]) -> str | None:
    """Return the first of the metrics that verdicts may rest on which some strategy has, None where none has one.

    Parameters
    ----------
    strategies : mapping of str to mapping
        Metrics of each strategy, as in a summary.
    others : sequence of str
        The strategies besides `none`.
    """
    judged_by = (metric.name for metric in metrics_told("verdict"))
    return next((name for name in judged_by if any(name in strategies[other] for other in others)), None)


def _comparison_sentences(summary: Summary, metric: str, readings: Mapping[str, str]) -> list[str]:
    """Say which strategies help, which backfire and which do neither, and what else changes with the one that counts.

    Parameters
    ----------
    summary : mapping
    metric : str
    readings : mapping of str to str
        How the difference of each strategy reads, see `read_difference`.
    """
    strategies: Strategies = summary["strategies"]
    helping = [other for other, reading in readings.items() if reading == "lower"]
    hurting = [other for other, reading in readings.items() if reading == "higher"]
    sentences = [
        *_helping_sentences(strategies, helping, metric),
        *saving_sentences(strategies, helping, summary.get("optimum", {})),
        *_hurting_sentences(strategies, hurting, metric),
        *_undecided_sentences(strategies, readings, metric),
    ]
    if helping or hurting:
        largest = min(helping, key=lambda other: to_number(strategies[other][metric]["difference"]), default=None)
        sentences += consequence_sentences(strategies[largest or hurting[0]], largest or hurting[0])
        sentences += _share_sentences(strategies, helping + hurting, "losers", "worse off")
        sentences += _share_sentences(strategies, helping + hurting, "winners", "better off")
        sentences += _stranded_sentences(strategies, helping, metric)
    return sentences


def _helping_sentences(strategies: Strategies, helping: Sequence[str], metric: str) -> list[str]:
    if not helping:
        return []
    parts = [f"by {_change(strategies, other, metric)} with {other}" for other in helping]
    base = strategies[BASELINE].get(metric, {}) if BASELINE in strategies else {}
    mean = shown(metric, base.get("mean"))
    tail = "" if math.isnan(mean) else f"; without advice it is {_amount(strategies, metric, mean)}"
    return [f"Advice helps: {metric_words(metric).phrase} falls {join_words(parts)}{tail}."]


def _hurting_sentences(strategies: Strategies, hurting: Sequence[str], metric: str) -> list[str]:
    if not hurting:
        return []
    parts = [f"by {_change(strategies, other, metric)} with {other}" for other in hurting]
    return [f"Advice backfires: {metric_words(metric).phrase} rises {join_words(parts)}."]


def _undecided_sentences(strategies: Strategies, readings: Mapping[str, str], metric: str) -> list[str]:
    sentences = []
    undecided = [other for other, reading in readings.items() if reading == "undecided"]
    if undecided:
        parts = [f"{other} ({_signed_change(strategies, other, metric)})" for other in undecided]
        sentences.append(
            f"No difference that these replications can show in {metric_words(metric).phrase} with {join_words(parts)}."
        )
    alone = [other for other in undecided if is_clear_alone(strategies[other][metric])]
    if alone:
        sentences.append(
            f"Looked at alone, the interval with {join_words(alone)} excludes 0; of {len(readings)} strategies one may "
            "do so by chance (Holm 1979)."
        )
    same = [other for other, reading in readings.items() if reading == "same"]
    if same:
        sentences.append(
            f"With {join_words(same)} {metric_words(metric).phrase} is exactly that without advice in every "
            "replication."
        )
    return [*sentences, *_idle_sentences(strategies, same)]


def _idle_sentences(strategies: Strategies, named: Sequence[str]) -> list[str]:
    """Say with which strategies nobody is advised, or nobody leaves at another time for the advice."""
    idle: dict[str, list[str]] = {}
    for name in named:
        idle.setdefault(idle_reason(strategies[name]), []).append(name)
    return [f"With {join_words(names)} {reason}." for reason, names in idle.items() if reason]


def idle_reason(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """Say why a strategy changes nothing; empty where somebody leaves at another time as advised, or nobody knows.

    Parameters
    ----------
    metrics : mapping of str to mapping
        Of the strategy, as in a summary.
    """
    if to_number(metrics.get(ADVISED_SHARE, {}).get("mean")) == 0.0:
        return NOBODY_ADVISED
    (moved,) = metrics_told("direct_shift")
    if to_number(metrics.get(moved.name, {}).get("mean")) == 0.0:
        return "nobody leaves at another time for the advice"
    return ""


def consequence_sentences(metrics: Mapping[str, Mapping[str, Any]], strategy: str) -> list[str]:
    """Say what improves and what gets worse with a strategy, beyond its interval.

    Parameters
    ----------
    metrics : mapping of str to mapping
        Of the strategy, as in a summary.
    strategy : str
        What to call it.
    """
    gains: list[str] = []
    prices: list[str] = []
    for name in (metric.name for metric in metrics_told("consequence")):
        entry = metrics.get(name, {})
        mark = judge(name, entry)
        if mark:
            change = _amount_with_interval(name, [entry], entry)
            part = f"{metric_words(name).phrase} {'falls' if _falls(entry) else 'rises'} by {change}"
            (gains if mark == "better" else prices).append(part)
    sentences = []
    if gains:
        sentences.append(f"What improves with {strategy}: {join_words(gains)}.")
    if prices:
        sentences.append(f"The price with {strategy}: {join_words(prices)}.")
    return sentences


def _share_sentences(
    strategies: Strategies, named: Sequence[str], who: Literal["losers", "winners"], off: str
) -> list[str]:
    """Say how many people lose, or gain, with each strategy."""
    parts = []
    (metric,) = metrics_told(who)
    for other in named:
        entry = strategies[other].get(metric.name, {})
        mean, half_width = to_number(entry.get("mean")) * 100.0, to_number(entry.get("half_width")) * 100.0
        if not math.isnan(mean):
            interval = "" if math.isnan(half_width) else f" ± {format_number(half_width, 1)}"
            parts.append(f"{format_number(mean, 1)}{interval} % with {other}")
    threshold = f"more than {LOSS_THRESHOLD_MIN:g} min {off} than without advice"
    return [f"Commuters {threshold}: {join_words(parts)}."] if parts else []


def _stranded_sentences(strategies: Strategies, named: Sequence[str], metric: str) -> list[str]:
    """Say where fewer arrive, and from what count of a journey that does not arrive nothing would be saved.

    Such a journey is counted at one amount, which may be less than what a late one costs, so that a mean may fall
    since people are left over.
    """
    (arrived,) = metrics_told("arrived")
    sentences = []
    for other in named:
        fewer_share = -to_number(strategies[other].get(arrived.name, {}).get("difference"))
        if metric_unit(metric, strategies[other][metric]) != "min" or not fewer_share >= LEFT_OVER_SHARE:
            continue
        more_min = -to_number(strategies[other][metric]["difference"]) / fewer_share
        sentences.append(
            f"Fewer people arrive with {other} than without advice, {format_number(100.0 * fewer_share, 1)} in 100. "
            "The mean cost counts each of them at one amount, late as others may be (preferences.unserved_penalty); if "
            f"it were {format_number(more_min, 0)} min more, nothing would be saved."
        )
    return sentences


def _one_draw_sentences(strategies: Strategies, others: Sequence[str], metric: str) -> list[str]:
    parts = []
    for other in others:
        entry = strategies[other].get(metric, {})
        difference = shown(metric, entry.get("difference"))
        if not math.isnan(difference):
            parts.append(f"{_amount(strategies, metric, difference, sign=True)} with {other}")
    cheaper = [other for other in others if to_number(strategies[other].get(metric, {}).get("difference")) < 0.0]
    return [
        "One replication is one draw of chance: there is no interval, so it shows no difference either way; "
        "run more replications.",
        f"In this one draw {metric_words(metric).phrase} differs from that without advice by {join_words(parts)}.",
        *_idle_sentences(strategies, others),
        *_stranded_sentences(strategies, cheaper, metric),
    ]


def _run_sentences(metrics: Mapping[str, Mapping[str, Any]]) -> list[str]:
    parts = []
    for name in (metric.name for metric in metrics_told("run")):
        mean, half_width = (shown(name, metrics.get(name, {}).get(key)) for key in ("mean", "half_width"))
        if math.isnan(mean):
            continue
        decimals = decimals_for(name, [metrics[name]])
        text = f"{metric_words(name).phrase} is {_with_unit(name, metrics[name], format_number(mean, decimals))}"
        if not math.isnan(half_width):
            text += f" ({_range(mean, half_width, decimals)})"
        parts.append(text)
    if not parts:
        return [f"{NOBODY_TRAVELS}." if metrics else "The summary holds no number to read."]
    sentence = join_words(parts)
    return [f"{sentence[:1].upper()}{sentence[1:]}."]


def _change(strategies: Strategies, other: str, metric: str) -> str:
    entries = [metrics[metric] for metrics in strategies.values() if metric in metrics]
    return _amount_with_interval(metric, entries, strategies[other][metric])


def _amount_with_interval(name: str, entries: Sequence[Mapping[str, Any]], entry: Mapping[str, Any]) -> str:
    decimals = decimals_for(name, entries)
    size = abs(shown(name, entry["difference"]))
    half_width = shown(name, entry["difference_half_width"])
    amount = _with_unit(name, entry, format_number(size, decimals), is_change=True)
    return f"{amount} ({_range(size, half_width, decimals)})"


def _signed_change(strategies: Strategies, other: str, metric: str) -> str:
    entry = strategies[other][metric]
    difference = shown(metric, entry["difference"])
    half_width = shown(metric, entry["difference_half_width"])
    decimals = decimals_for(metric, [metrics[metric] for metrics in strategies.values() if metric in metrics])
    amount = _with_unit(metric, entry, format_number(difference, decimals, sign=True), is_change=True)
    return f"{amount}, {_range(difference, half_width, decimals)}"


def _amount(strategies: Strategies, metric: str, value: float, sign: bool = False) -> str:
    entries = [metrics[metric] for metrics in strategies.values() if metric in metrics]
    text = format_number(value, decimals_for(metric, entries), sign)
    return _with_unit(metric, entries[0], text, is_change=sign)


def _with_unit(name: str, entry: Mapping[str, Any], text: str, is_change: bool = False) -> str:
    unit = metric_unit(name, entry)
    if unit == "%" and is_change:
        return f"{text} percentage points"
    return f"{text} {unit}" if unit else text


def _range(value: float, half_width: float, decimals: int) -> str:
    low, high = (format_number(value + side * half_width, decimals) for side in (-1, 1))
    return f"95 % interval {low} to {high}"


def _falls(entry: Mapping[str, Any]) -> bool:
    return to_number(entry.get("difference")) < 0


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
