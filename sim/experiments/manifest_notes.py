"""What a user should be told about the advice of a scenario, whatever comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.advisor.strategy import StrategyFacts
from sim.advisor.variants import fairness_under
from sim.engine import HoldingRule
from sim.model.advice import WidthChoice
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

SOURCES = (
    "Melbourne's free trains before 7: 23 % of the users of the scheme, peak demand down by 1.2 to 1.5 % (Currie "
    "2009/10); Singapore's free pre-peak travel 6 to 7 %; Hong Kong MTR Early Bird 2.5 % of trips; BART Perks 10 % of "
    "targeted riders; Dutch train experiment, paid volunteers, 22 % fewer peak trips (Peer, Knockaert, Verhoef 2015)"
)


def followed_share(advisor: AdvisorParameters) -> float:
    """Return the share of all commuters who are to follow: penetration times compliance."""
    return advisor.penetration_share * advisor.compliance_share


def advice_warnings(advisor: AdvisorParameters, strategies: Sequence[StrategyFacts]) -> list[str]:
    """Warn of more people who follow than any programme has moved, and of an incentive that offers nothing.

    Parameters
    ----------
    advisor : AdvisorParameters
    strategies : sequence of StrategyFacts
        What those that are run say of themselves.
    """
    warnings = []
    offering = [facts.name for facts in strategies if facts.offers_discounts]
    if offering and not advisor.incentive.offered()[0]:
        names = join_names(offering)
        warnings.append(f"{names} is run without a discount; give advisor.incentive.discounts or a preset")
    followed = followed_share(advisor)
    if followed <= PUBLIC_SHARE + 1e-9 or not _advising(strategies):
        return warnings
    than = "paid volunteers have (about 20 %)" if followed > VOLUNTEER_SHARE + 1e-9 else "the public has (2 to 10 %)"
    return [
        *warnings,
        f"penetration {advisor.penetration_share:g} times compliance {advisor.compliance_share:g} lets "
        f"{100.0 * followed:.0f} % of all commuters follow, more than {than} in real programmes: {SOURCES}",
    ]


def optimum_facts(exact: bool) -> dict[str, str]:
    """Say what the least total cost is that gaps and savings are measured against, for the manifest and the report.

    Parameters
    ----------
    exact : bool
        Whether a plan reaches it.
    """
    if exact:
        return {
            "kind": "exact",
            "note": "gap_to_optimum_share and saving_taken_share are measured against the system optimum itself, "
            "exact for this scenario: the least total cost of dealing people out to the vehicles of each day.",
        }
    return {
        "kind": "lower bound",
        "note": "gap_to_optimum_share and saving_taken_share are measured against a proven lower bound of the system "
        "optimum: everybody knows when vehicles come and waits for none, within their flexibility; room and crowding "
        "count; vehicles run at the least time that the day allows, held up by nobody who gets on; commuters that "
        "change vehicles meet neither wait, crowding nor schedule delay. Gaps are therefore at most what is shown, and "
        "the share of the possible saving at least.",
    }


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


def rehearsal_notes(facts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Say where strategies advised nobody since no rehearsal showed a gain.

    Parameters
    ----------
    facts : mapping
        As `rehearsal_facts` returns them.
    """
    return [
        f"{name} advised nobody on {found['rehearsed'] - found['issued']} of {found['rehearsed']} simulated days with "
        "advice: rehearsals did not show, with their 95 % interval, that its best plan is better than no advice."
        for name, found in facts.items()
        if found["issued"] < found["rehearsed"]
    ]


def notes_on(holding: HoldingRule | None) -> list[str]:
    """Return what a reader has to know besides the scenario to repeat a run.

    Parameters
    ----------
    holding : HoldingRule or None
        Control of the user's own.
    """
    if holding is None:
        return []
    return [f"vehicles were controlled by {type(holding).__name__}, which was given from outside the scenario"]


def graph_notes(changes: Sequence[str]) -> list[str]:
    """Return what was changed of the street graph, and what lines miss, in sentences.

    Parameters
    ----------
    changes : sequence of str
    """
    shown = [f"Changed street graph: {change}." for change in changes[:NOTED_CHANGES]]
    more = len(changes) - len(shown)
    return [*shown, f"Changed street graph: {more} more changes are in the manifest."] if more > 0 else shown


def advice_notes(advisor: AdvisorParameters, strategies: Sequence[StrategyFacts]) -> list[str]:
    """Return sentences for the report: what of the advice is left out or noisy on purpose.

    Parameters
    ----------
    advisor : AdvisorParameters
    strategies : sequence of StrategyFacts
        What those that are run say of themselves.
    """
    notes = [f"{warning[:1].upper()}{warning[1:]}." for warning in advice_warnings(advisor, strategies)]
    offering = [facts.name for facts in strategies if facts.offers_discounts]
    if offering:
        names = join_names(offering)
        notes.append(
            "Fares are no part of the generalized cost in these tables: what a discount saves a rider the operator "
            f"loses. With {names}, riders who moved for a discount therefore appear with the cost of the "
            "other time alone; the fare and the value of time that they weigh it with are assumed."
        )
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
    return [] if choice is None else [f"{WIDTH_CHOSEN}{choice.sentence}."]


def width_note_of(manifest: Mapping[str, Any]) -> str:
    """Return what a run said on the width of its windows; nothing where the scenario gave it.

    Parameters
    ----------
    manifest : mapping
    """
    notes = (note for note in manifest.get("notes", ()) if isinstance(note, str))
    return next((note for note in notes if note.startswith(WIDTH_CHOSEN)), "")


def _advising(strategies: Sequence[StrategyFacts]) -> list[StrategyFacts]:
    """Return the strategies that may advise somebody."""
    return [facts for facts in strategies if not facts.advises_nobody]


def _fairness_notes(said: FairnessParameters, strategies: Sequence[StrategyFacts]) -> list[str]:
    """Say whom a rule of fairness binds: that of the scenario or the strategy's own."""
    rules = {facts.name: fairness_under(said, facts.fairness) for facts in strategies}
    turning = [name for name, rule in rules.items() if rule.take_turns]
    bounded: dict[float, list[str]] = {}
    for name, rule in rules.items():
        if rule.max_regret_s is not None:
            bounded.setdefault(rule.max_regret_s, []).append(name)
    notes = [
        f"With {join_names(names)} nobody is advised a window that is forecast to cost them more than their habit "
        f"by more than {most_s / 60.0:g} min; whoever lost more than that on the mean of days so far is asked for "
        "nothing that costs them anything until it has come down. What comes of it on a day may be worse: see the "
        "lasting and the largest regret."
        for most_s, names in bounded.items()
    ]
    if turning:
        notes.append(
            f"With {join_names(turning)} nobody is asked to do worse than by habit today whose window of yesterday "
            "was worse for them than their habit."
        )
    return notes


def join_names(names: Sequence[str]) -> str:
    """Join names as a sentence does."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _privacy_notes(forecast: ForecastParameters) -> list[str]:
    notes = []
    privacy = forecast.privacy
    if privacy.mechanism != "none":
        law = "discrete Laplace" if privacy.mechanism == "discrete_laplace" else f"Gaussian (delta {privacy.delta:g})"
        total = "" if privacy.total_epsilon is None else f", {privacy.total_epsilon:g} over all days"
        small = "" if not privacy.minimum_cell else f"; noisy counts below {privacy.minimum_cell} are shown as 0"
        notes.append(
            f"The advisor sees counts with {law} noise at a privacy budget of epsilon {privacy.epsilon:g} for each "
            f"commuter and day{total}, who enters at most {privacy.most_counts} counts{small}. A strategy with _open "
            "in its name sees them without."
        )
    if forecast.coverage_share < 1:
        notes.append(f"Passengers are counted in {100.0 * forecast.coverage_share:g} % of the vehicles only.")
    return notes
