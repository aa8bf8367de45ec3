"""What a user should be told about the advice of a scenario, whatever comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.advisor.strategy import StrategyFacts
from sim.advisor.variants import fairness_under
from sim.engine import HoldingRule
from sim.metrics.advice_metrics import LASTING_REGRET
from sim.metrics.summary import ReplicationValues
from sim.model.advice import WidthChoice
from sim.model.notes import Note, note
from sim.model.parameters import AdvisorParameters, ForecastParameters
from sim.model.parameters.advice import FairnessParameters
from sim.records.table import Table

WIDTH_CHOSEN = "The advisor chose that "
"""How the note on the width of windows begins."""
NOTED_CHANGES = 30
"""Changes of the street graph that notes tell one by one."""
PUBLIC_SHARE = 0.10
VOLUNTEER_SHARE = 0.20
"""Largest shares of all commuters who moved in real programmes, of the public and of paid volunteers."""


def followed_share(advisor: AdvisorParameters) -> float:
    """Return the share of all commuters who are to follow: penetration times compliance."""
    return advisor.penetration_share * advisor.compliance_share


def advice_warnings(advisor: AdvisorParameters, strategies: Sequence[StrategyFacts]) -> list[Note]:
    """Warn of more people who follow than any programme has moved, and of an incentive that offers nothing.

    Parameters
    ----------
    advisor : AdvisorParameters
    strategies : sequence of StrategyFacts
        What those that are run say of themselves.
    """
    warnings: list[Note] = []
    offering = [facts.name for facts in strategies if facts.offers_discounts]
    if offering and not advisor.incentive.offered()[0]:
        warnings.append(note("without_discount", names=offering))
    followed = followed_share(advisor)
    if followed <= PUBLIC_SHARE + 1e-9 or not _advising(strategies):
        return warnings
    key = "more_than_volunteers" if followed > VOLUNTEER_SHARE + 1e-9 else "more_than_public"
    values = {
        "penetration": f"{advisor.penetration_share:g}",
        "compliance": f"{advisor.compliance_share:g}",
        "share": f"{100.0 * followed:.0f}",
        "programmes": note("programmes"),
    }
    return [*warnings, note(key, **values)]


def optimum_facts(exact: bool) -> dict[str, str]:
    """Say what the least total cost is that gaps and savings are measured against, for the manifest and the report.

    Parameters
    ----------
    exact : bool
        Whether a plan reaches it.
    """
    if exact:
        return {"kind": "exact", "note": note("optimum_exact")}
    return {"kind": "lower bound", "note": note("optimum_bound")}


def rehearsal_facts(days: Table) -> dict[str, dict[str, int]]:
    """Count the days for which each strategy rehearsed a plan, and those on which it gave one out.

    Parameters
    ----------
    days : Table
        Of a run.

    Returns
    -------
    dict of str to dict of str to int
        `rehearsed` and `issued` by strategy; strategies that rehearsed nothing are left out.
    """
    found = {}
    rehearsed = ~np.isnan(days["rehearsed_change_min"])
    for name in dict.fromkeys(days.text("strategy").tolist()):
        mine = rehearsed & days.equals("strategy", name)
        if mine.any():
            found[name] = {"rehearsed": int(mine.sum()), "issued": int((days["advised"][mine] > 0).sum())}
    return found


def compliance_notes(days: Table, advisor: AdvisorParameters) -> list[str]:
    """Say how many the advisor expected to follow, and how many it saw, where it had to find out.

    Parameters
    ----------
    days : Table
        Of a run.
    advisor : AdvisorParameters
    """
    notes: list[str] = []
    if not advisor.learns_compliance:
        return notes
    expected = days["expected_compliance_share"]
    for name in dict.fromkeys(days.text("strategy").tolist()):
        mine = days.equals("strategy", name) & ~np.isnan(expected)
        asked = int(days["asked"][mine].sum())
        if asked:
            first, last = (mine & (days["day"] == edge(days["day"][mine])) for edge in (np.min, np.max))
            shares = {
                "first": expected[first].mean(),
                "kept": days["kept"][mine].sum() / asked,
                "last": expected[last].mean(),
            }
            notes.append(note("compliance_seen", name=name, **{key: f"{100 * one:.0f}" for key, one in shares.items()}))
    return notes


def notes_of_people(of_people: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what is to be said of the people of each baseline: once, and of whom unless it is so of all.

    Parameters
    ----------
    of_people : mapping of str to sequence of str
        Notes by the name of the baseline.
    """
    everything = dict.fromkeys(said for notes in of_people.values() for said in notes)
    of_all = [said for said in everything if all(said in notes for notes in of_people.values())]
    of_some = [
        note("of_people", people=note(f"people_{name}"), said=said)
        for name, notes in of_people.items()
        for said in notes
        if said not in of_all
    ]
    return [*of_all, *of_some]


def notes_on(holding: HoldingRule | None) -> list[str]:
    """Return what a reader has to know besides the scenario to repeat a run.

    Parameters
    ----------
    holding : HoldingRule or None
        Control of the user's own.
    """
    if holding is None:
        return []
    return [note("controlled_by", name=type(holding).__name__)]


def graph_notes(changes: Sequence[str]) -> list[str]:
    """Return what was changed of the street graph, and what lines miss, in sentences.

    Parameters
    ----------
    changes : sequence of str
    """
    shown: list[str] = [note("graph_changed", change=change) for change in changes[:NOTED_CHANGES]]
    more = len(changes) - len(shown)
    return [*shown, note("graph_more", count=more)] if more > 0 else shown


def advice_notes(advisor: AdvisorParameters, strategies: Sequence[StrategyFacts]) -> list[str]:
    """Return sentences for the report: what of the advice is left out or noisy on purpose.

    Parameters
    ----------
    advisor : AdvisorParameters
    strategies : sequence of StrategyFacts
        What those that are run say of themselves.
    """
    notes: list[str] = [warning.as_sentence() for warning in advice_warnings(advisor, strategies)]
    offering = [facts.name for facts in strategies if facts.offers_discounts]
    if offering:
        notes.append(note("fares_left_out", names=offering))
    if _advising(strategies):
        notes += _privacy_notes(advisor.forecast)
    notes += _fairness_notes(advisor.fairness, strategies)
    return notes


def width_notes(choice: WidthChoice | None) -> list[str]:
    """Say how wide windows are and why, where the advisor chose that.

    Parameters
    ----------
    choice : WidthChoice or None
    """
    return [] if choice is None else [choice.note()]


def width_note_of(manifest: Mapping[str, Any]) -> str:
    """Return what a run said on the width of its windows; nothing where the scenario gave it.

    Parameters
    ----------
    manifest : mapping
    """
    notes = (said for said in manifest.get("notes", ()) if isinstance(said, str))
    return next((said for said in notes if said.startswith(WIDTH_CHOSEN)), "")


def _advising(strategies: Sequence[StrategyFacts]) -> list[StrategyFacts]:
    """Return the strategies that may advise somebody."""
    return [facts for facts in strategies if not facts.advises_nobody]


def regret_notes(
    said: FairnessParameters,
    strategies: Sequence[StrategyFacts],
    of_people: Sequence[ReplicationValues],
    days_kept: int,
) -> list[str]:
    """Say which bounds on regret did not hold for 95 of 100 of those who moved.

    Parameters
    ----------
    said : FairnessParameters
        Of the scenario.
    strategies : sequence of StrategyFacts
        Those that are run.
    of_people : sequence of ReplicationValues
        What came out for the people of each baseline; the worst of them is told.
    days_kept : int
        Over which the mean was taken.
    """
    notes: list[str] = []
    days = note("one_day") if days_kept == 1 else note("several_days", number=days_kept)
    for name, most_s in _bounds_s(said, strategies).items():
        met_min = [values.get(name, {}).get(LASTING_REGRET, np.zeros(0)) for values in of_people]
        worst_min = max((float(known.mean()) for one in met_min if len(known := one[np.isfinite(one)])), default=0.0)
        if worst_min > most_s / 60.0:
            met = f"{worst_min:.1f}"
            notes.append(note("regret_not_kept", name=name, most=f"{most_s / 60.0:g}", met=met, days=days))
    return notes


def _bounds_s(said: FairnessParameters, strategies: Sequence[StrategyFacts]) -> dict[str, float]:
    """Return the bounds on regret in seconds by the names of the strategies that have one."""
    rules = {facts.name: fairness_under(said, facts.fairness) for facts in strategies}
    return {name: rule.max_regret_s for name, rule in rules.items() if rule.max_regret_s is not None}


def _fairness_notes(said: FairnessParameters, strategies: Sequence[StrategyFacts]) -> list[str]:
    """Say whom a rule of fairness binds: that of the scenario or the strategy's own."""
    turning = [facts.name for facts in strategies if fairness_under(said, facts.fairness).take_turns]
    bounded: dict[float, list[str]] = {}
    for name, most_s in _bounds_s(said, strategies).items():
        bounded.setdefault(most_s, []).append(name)
    notes: list[str] = [
        note("regret_bounded", names=names, most=f"{most_s / 60.0:g}") for most_s, names in bounded.items()
    ]
    if turning:
        notes.append(note("turns_taken", names=turning))
    return notes


def _privacy_notes(forecast: ForecastParameters) -> list[str]:
    notes: list[str] = []
    privacy = forecast.privacy
    if privacy.mechanism != "none":
        laplace = privacy.mechanism == "discrete_laplace"
        over_all = privacy.total_epsilon
        values = {
            "law": note("law_laplace") if laplace else note("law_gaussian", delta=f"{privacy.delta:g}"),
            "epsilon": f"{privacy.epsilon:g}",
            "total": "" if over_all is None else note("total_budget", epsilon=f"{over_all:g}"),
            "most": privacy.most_counts,
            "small": note("small_counts", cell=privacy.minimum_cell) if privacy.minimum_cell else "",
        }
        notes.append(note("noisy_counts", **values))
    if forecast.coverage_share < 1:
        notes.append(note("some_counted", share=f"{100.0 * forecast.coverage_share:g}"))
    return notes
