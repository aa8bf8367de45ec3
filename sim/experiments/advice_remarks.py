"""Advice that reaches or moves nobody, and days that count without advice: said of a scenario and in the report."""

from __future__ import annotations

from sim.advisor.strategy import StrategyFacts
from sim.advisor.window_width import WIDTHS_S
from sim.model.notes import note
from sim.model.parameters import PopulationParameters
from sim.model.scenario import Scenario


def advice_remarks(scenario: Scenario) -> list[str]:
    """Say it where nobody is advised, nobody follows, or nobody, also of a class, has another departure window.

    Parameters
    ----------
    scenario : Scenario
    """
    parameters = scenario.parameters
    advisor = parameters.advisor
    if advisor.penetration_share == 0.0:
        return [note("reaches_nobody")]
    # Where the advisor chooses, people are out of reach who are so for the narrowest windows.
    width_s = min(WIDTHS_S) if advisor.chooses_width else advisor.window_s
    follows = [note("moves_nobody")] if advisor.compliance_share == 0.0 else []
    return [*follows, *out_of_reach(parameters.population, width_s)]


def out_of_reach_of(scenario: Scenario, strategies: list[StrategyFacts]) -> list[str]:
    """Return the same for a run; nothing where no strategy advises."""
    return advice_remarks(scenario) if any(facts.sees != "nothing" for facts in strategies) else []


def days_without_advice(scenario: Scenario, strategies: list[StrategyFacts]) -> list[str]:
    """Say it where days count on which nobody can be advised, before the first day with advice or after the last one.

    Figures of such days are means of two kinds of days, and nothing else in a run says so.

    Parameters
    ----------
    scenario : Scenario
    strategies : list of StrategyFacts
        What those that are run say of themselves; nothing is said where none of them advises.
    """
    parameters = scenario.parameters
    kept = range(parameters.days - parameters.days_kept, parameters.days)
    advised = sum(map(parameters.advisor.gives_advice, kept))
    if advised == len(kept) or all(facts.advises_nobody for facts in strategies):
        return []
    if parameters.advisor.first_day > kept[-1]:
        return [note("advice_does_not_begin", first=parameters.advisor.first_day, last=kept[-1])]
    if not advised:
        return [note("no_day_with_advice", last=parameters.advisor.last_day)]
    return [note("some_days_with_advice", advised=advised, counted=len(kept))]


def out_of_reach(wishes: PopulationParameters, window_s: float) -> list[str]:
    """Return a sentence for all people, or for a class, that no window is open to but that of their habit.

    A window has to lie within the flexibility from its start to its end. One before that of the habit does so only
    where the flexibility to leave earlier is more than its width, whenever the habit is, and one after it likewise
    (`tests/unit/test_advice_remarks.py` counts candidates).

    Parameters
    ----------
    wishes : PopulationParameters
    window_s : float
        Width of windows.
    """
    usual_s = wishes.earlier_flexibility_s, wishes.later_flexibility_s
    classes: list[tuple[str, float, float]] = [
        (
            note("of_class", name=item.name),
            usual_s[0] if item.earlier_flexibility_s is None else item.earlier_flexibility_s,
            usual_s[1] if item.later_flexibility_s is None else item.later_flexibility_s,
        )
        for item in wishes.flexibility_classes
    ] or [("", *usual_s)]
    return [
        note(
            "out_of_reach",
            whom=name,
            width=f"{window_s / 60.0:g}",
            earlier=f"{earlier_s / 60.0:g}",
            later=f"{later_s / 60.0:g}",
        )
        for name, earlier_s, later_s in classes
        if max(earlier_s, later_s) <= window_s
    ]
