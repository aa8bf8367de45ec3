"""Sentences on new peaks that advice makes: where they are, what feeds them, and how to stagger them away."""

from __future__ import annotations

import math

from sim.metrics.metric import BASELINE
from sim.metrics.rebound import Rebound, WanderingPeak, find_rebounds, wandering_peak
from sim.model.parameters.incentive import IncentiveParameters
from sim.report.numbers import format_number, join_words
from sim.report.report_data import ACCOUNT, ReportData
from sim.units import format_clock_short


def rebound_sentences(data: ReportData) -> list[str]:
    """Say where advice makes new peaks, and how to stagger them away; never more than intervals allow."""
    others = [name for name in data.strategies if name != BASELINE]
    if int(data.manifest.get("replications", 1)) < 2:
        return ["One replication is one draw of chance, so that no new peak can be told from chance."]
    found = find_rebounds(data.tables[ACCOUNT], data.tables, data.period_s)
    sentences = [rebound_sentence(data, rebound) for rebound in found]
    account, without = data.tables[ACCOUNT], []
    for name in others:
        if name not in {rebound.strategy for rebound in found}:
            peak = wandering_peak(account, name, data.period_s)
            if peak is None:
                without.append(data.looks.label(name))
            else:
                sentences.append(_wandering_sentence(data, peak))
    if without:
        sentences.append(f"With {join_words(without)} these replications show no new peak at any stop.")
    return sentences


def rebound_sentence(data: ReportData, rebound: Rebound) -> str:
    """Say where one new peak is, who feeds it, and how to stagger it away.

    Parameters
    ----------
    data : ReportData
    rebound : Rebound
    """
    line = data.line_names.get(rebound.line_id, rebound.line_id)
    stop = data.stop_names.get(rebound.stop_id, rebound.stop_id)
    when = _span(rebound.period_start_s, rebound.period_s)
    half = rebound.change.half_width
    low, high = (format_number(100.0 * (rebound.change.mean + side * half), 0) for side in (-1, 1))
    height = (
        "fuller than any period without advice"
        if rebound.is_higher_than_before
        else f"a new peak beside the highest of {_percent(rebound.highest_none)} without advice"
    )
    text = (
        f"Rebound with {data.looks.label(rebound.strategy)}: on {line}, direction {rebound.direction_id}, vehicles "
        f"that leave {stop} from {when} are {_percent(rebound.load_factor)} full instead of "
        f"{_percent(rebound.load_factor_none)} (95 % interval of the rise {low} to {high} percentage points), "
        f"{height}, while {_span(rebound.relieved_start_s, rebound.period_s)} is relieved by "
        f"{format_number(100.0 * rebound.relieved, 0)} points."
    )
    if not math.isnan(rebound.window_start_s) and rebound.direct_shift > 0.5:
        window = _span(rebound.window_start_s, rebound.window_end_s - rebound.window_start_s)
        text += f" It is fed by the departure window {window}{_boundary(data, rebound)}."
    return text + _stagger_sentence(rebound)


def _boundary(data: ReportData, rebound: Rebound) -> str:
    """Say at which boundary of a discount the window lies, if at any."""
    scenario = data.manifest.get("scenario", {})
    told = scenario.get("advisor", {}).get("incentive")
    if not data.looks.offers_discounts(rebound.strategy) or not told:
        return ""
    discounts, applies_at = IncentiveParameters.model_validate(told).offered()
    width_s = rebound.window_end_s - rebound.window_start_s
    start_s, end_s = rebound.window_start_s, rebound.window_end_s
    if applies_at == "exit":
        start_s, end_s = rebound.window_start_s, rebound.period_start_s + rebound.period_s
    for discount in discounts:
        if end_s - width_s <= discount.end_s <= end_s + width_s:
            edge = f"right before the discount ends at {format_clock_short(discount.end_s)}"
        elif discount.start_s > 0 and start_s - width_s <= discount.start_s <= start_s + width_s:
            edge = f"right after the discount begins at {format_clock_short(discount.start_s)}"
        else:
            continue
        return f", {edge}; with advisor.incentive.stagger_groups the boundary lies at other times for other people"
    return ""


def _wandering_sentence(data: ReportData, peak: WanderingPeak) -> str:
    line = data.line_names.get(peak.line_id, peak.line_id)
    stop = data.stop_names.get(peak.stop_id, peak.stop_id)
    times = join_words(list(dict.fromkeys(format_clock_short(start_s) for start_s in sorted(peak.starts_s))))
    half = peak.change.half_width
    low, high = (format_number(100.0 * (peak.change.mean + side * half), 0) for side in (-1, 1))
    return (
        f"Rebound with {data.looks.label(peak.strategy)}, at another time in each replication: on {line}, "
        f"direction {peak.direction_id}, vehicles that leave {stop} are {_percent(peak.load_factor)} full instead of "
        f"{_percent(peak.load_factor_none)} (95 % interval of the rise {low} to {high} percentage points) in a new "
        f"peak, which begins at {times}. Staggering: spread those who follow over several windows, as coordinated does."
    )


def _stagger_sentence(rebound: Rebound) -> str:
    # Whole persons are told: one cannot be spread, and a period that takes less than half a one takes nobody
    # (test_one_person_more_is_not_spread).
    parts = [(start, format_number(persons, 0)) for start, persons in rebound.stagger if round(persons) >= 1]
    others = [start for start, _ in parts]
    if round(rebound.rise) < 2 or others == [rebound.period_start_s] or not others:
        return ""
    shares = [f"{persons} from {format_clock_short(start)}" for start, persons in parts]
    effect = (
        f"would be no fuller than {_percent(rebound.level)}"
        if rebound.level <= rebound.load_factor
        else f"would still be {_percent(rebound.level)} full"
    )
    return (
        f" Staggering: if the {format_number(rebound.rise, 0)} persons more were spread over the periods around it "
        f"({join_words(shares)}), these vehicles {effect}."
    )


def _span(start_s: float, length_s: float) -> str:
    return f"{format_clock_short(start_s)} to {format_clock_short(start_s + length_s)}"


def _percent(share: float) -> str:
    return f"{format_number(100.0 * share, 0)} %"
