"""People that no window can be advised to: said before anything is simulated, and in the report."""

from __future__ import annotations

from sim.advisor.strategy import StrategyFacts
from sim.advisor.window_width import WIDTHS_S
from sim.model.notes import note
from sim.model.parameters import PopulationParameters
from sim.model.scenario import Scenario


def advice_remarks(scenario: Scenario) -> list[str]:
    """Say it where nobody, or nobody of a class, can be advised another departure window.

    Parameters
    ----------
    scenario : Scenario
    """
    parameters = scenario.parameters
    # Where the advisor chooses, people are out of reach who are so for the narrowest windows.
    advisor = parameters.advisor
    return out_of_reach(parameters.population, min(WIDTHS_S) if advisor.chooses_width else advisor.window_s)


def out_of_reach_of(scenario: Scenario, strategies: list[StrategyFacts]) -> list[str]:
    """Return the same for a run; nothing where no strategy advises."""
    return advice_remarks(scenario) if any(facts.sees != "nothing" for facts in strategies) else []


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
