"""Where the change comes from and who pays: the account of a comparison, as rows and sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import CLASS_NAMES
from sim.metrics.rebound import Rebound, find_rebounds
from sim.metrics.statistics import paired_difference
from sim.metrics.wandering import WanderingPeak, wandering_peak
from sim.model.parameters.incentive import IncentiveParameters
from sim.records.table import Table
from sim.report.report_data import ReportData
from sim.report.return_words import WayRow, return_sentences, way_rows
from sim.report.strategy_looks import with_labels
from sim.report.words import format_interval, format_number, join_words, to_number
from sim.units import format_clock_short

ACCOUNT = "account"
"""Name of the table that a comparison with none brings."""

_PARTS: Final = {
    "direct_shift": "Direct shift: complied and leave at another time",
    "displaced_load": "Displaced load: leave as without advice, meet others on the way",
    "back_fill": "Back-fill: leave at another time by their own choice",
}
_OWN_CLASSES: Final = frozenset({"income", "flexibility"})
_SHARES: Final = {"direct_shift": "direct_shift_share", "back_fill": "back_fill_share"}


@dataclass(frozen=True)
class PartRow:
    """One part of the change under one strategy, as texts.

    Attributes
    ----------
    strategy, part : str
    commuters : str
        Share of all.
    cost : str
        Change of the total generalized cost in min per day.
    boardings, load : str
        Boardings and persons on board at departures, per day, that are in another line, stop or period.
    """

    strategy: str
    part: str
    commuters: str
    cost: str
    boardings: str
    load: str


@dataclass(frozen=True)
class ClassRow:
    """Gains and losses of one class of commuters under one strategy, as texts."""

    strategy: str
    group: str
    commuters: str
    gain: str
    lose: str
    change: str
    largest: str
    gini: str


@dataclass(frozen=True)
class AccountSection:
    """All that the section of the report holds."""

    parts: list[PartRow]
    rebounds: list[str]
    privacy: list[str]
    classes: list[ClassRow]
    ways: list[WayRow]
    returns: list[str]


def account_section(data: ReportData) -> AccountSection | None:
    """Return the section, or None for a run that compares nothing.

    Parameters
    ----------
    data : ReportData
    """
    others = [name for name in data.strategies if name != BASELINE]
    if BASELINE not in data.strategies or not others or ACCOUNT not in data.tables:
        return None
    parts = [row for strategy in others for row in _part_rows(data, strategy)]
    classes = [row for strategy in others for row in _class_rows(data, strategy)]
    strategies = with_labels(data.summary, data.looks)["strategies"]
    return AccountSection(
        parts,
        rebound_sentences(data),
        privacy_sentences(data),
        classes,
        way_rows(strategies),
        return_sentences(strategies),
    )


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


def privacy_sentences(data: ReportData) -> list[str]:
    """Say what noise in the advisor's data costs, where a strategy was run with and without it."""
    sentences = []
    journeys, visits = data.tables["journeys"], data.tables["stop_visits"]
    for strategy, variant in data.looks.open_variants().items():
        names = (strategy, variant)
        if not set(names) <= set(data.strategies):
            continue
        cost = [_by_replication(journeys, name, journeys["generalized_cost_min"]) for name in names]
        crowding = [
            _by_replication(visits, name, visits["departing_load"] ** 2.0 / visits["capacity"]) for name in names
        ]
        load = [_by_replication(visits, name, visits["departing_load"].astype(np.float64)) for name in names]
        factor = [100.0 * part / whole for part, whole in zip(crowding, load, strict=True)]
        more_min, fuller = paired_difference(cost[0], cost[1]), paired_difference(factor[0], factor[1])
        sentences.append(
            f"What the advisor must not see costs, with {data.looks.label(strategy)}, "
            f"{format_interval(more_min.mean, more_min.half_width, 2, sign=True)} min per commuter, and riders "
            f" meet vehicles {format_interval(fuller.mean, fuller.half_width, 2, sign=True)} percentage "
            f"points fuller than with {data.looks.label(variant)}, the same advice from complete counts without "
            "noise (95 % intervals, same draws)."
        )
    return sentences


def _by_replication(table: Table, strategy: str, values: FloatArray) -> FloatArray:
    """Return the mean of a column in each replication of a strategy."""
    own = table.equals("strategy", strategy)
    number = table["replication"][own]
    return np.array([values[own][number == replication].mean() for replication in np.unique(number)])


def _part_rows(data: ReportData, strategy: str) -> list[PartRow]:
    metrics = data.summary["strategies"].get(strategy, {})
    account = data.tables[ACCOUNT]
    own = account.where(account.equals("strategy", strategy))
    days = max(len(np.unique(own["replication"])) * len(np.unique(own["day"])), 1)
    shares = {part: to_number(metrics.get(name, {}).get("mean")) for part, name in _SHARES.items()}
    shares["displaced_load"] = 1.0 - shares["direct_shift"] - shares["back_fill"]
    rows = []
    for part in CLASS_NAMES:
        moved = [float(np.abs(own[f"{what}_{part}"]).sum()) / 2.0 / days for what in ("boardings", "load")]
        rows.append(
            PartRow(
                data.looks.label(strategy),
                _PARTS[part],
                f"{format_number(shares[part] * 100.0, 1)} %",
                _cost(metrics.get(f"{part}_min", {}), "mean", "half_width"),
                *(format_number(value, 0) for value in moved),
            )
        )
    total = metrics.get("total_generalized_cost_min", {})
    moved = [float(np.abs(own[what] - own[f"{what}_none"]).sum()) / 2.0 / days for what in ("boardings", "load")]
    cost = _cost(total, "difference", "difference_half_width")
    rows.append(
        PartRow(
            data.looks.label(strategy), "Total change", "100.0 %", cost, *(format_number(value, 0) for value in moved)
        )
    )
    return rows


def _cost(entry: Mapping[str, Any], value: str, half_width: str) -> str:
    return format_interval(to_number(entry.get(value)), to_number(entry.get(half_width)), 0, sign=True)


def _class_rows(data: ReportData, strategy: str) -> list[ClassRow]:
    items = _classes_of(data, strategy)
    everybody = sum(item["commuter_days"] for item in items if item["kind"] == "advice")
    # Without classes of the scenario's own, those by advice are all that the table of winners has said already.
    has_classes = any(item["kind"] in _OWN_CLASSES for item in items)
    return [
        ClassRow(
            data.looks.label(strategy),
            item["group"],
            f"{format_number(100.0 * item['commuter_days'] / max(everybody, 1), 1)} %",
            _estimate(item["winners_share"], 100.0, 1, " %"),
            _estimate(item["losers_share"], 100.0, 1, " %"),
            _estimate(item["mean_change_min"], 1.0, 2, " min", sign=True),
            _estimate(item["largest_loss_min"], 1.0, 0, " min", sign=True),
            _estimate(item["loss_gini_share"], 1.0, 2, ""),
        )
        for item in items
        if has_classes or item["kind"] != "advice"
    ]


def _classes_of(data: ReportData, strategy: str) -> list[dict[str, Any]]:
    return data.classes.get(strategy, [])


def _estimate(item: Mapping[str, Any], factor: float, decimals: int, unit: str, sign: bool = False) -> str:
    mean, half_width = (factor * to_number(item[name]) for name in ("mean", "half_width"))
    if math.isnan(mean):
        return "–"
    return f"{format_interval(mean, half_width, decimals, sign=sign)}{unit}"


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
    others = [start for start, _ in rebound.stagger]
    if rebound.rise < 1.0 or others == [rebound.period_start_s] or not others:
        return ""
    shares = [f"{format_number(persons, 0)} from {format_clock_short(start)}" for start, persons in rebound.stagger]
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
