"""The fair variants of a strategy: the same advice, with a bound on what it may ask of anybody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sim.advisor.strategy import AdvisorView, Strategy
from sim.model.advice import AdvicePlan

USUAL_REGRET_S = 300.0
"""Most regret where the scenario names none (assumed)."""


@dataclass(frozen=True)
class Fair:
    """A strategy that keeps to a rule of fairness, whatever the scenario says of it.

    Attributes
    ----------
    inner : Strategy
        One that heeds `advisor.fairness`.
    rule : str
        fair: nobody is advised a window that is expected to cost him more than his habit by more than
        `advisor.fairness.max_regret`, 5 min where the scenario names none; turns: nobody is asked to do worse than
        by habit on two days in a row.
    """

    inner: Strategy
    rule: Literal["fair", "turns"]

    @property
    def name(self) -> str:
        """Name of the strategy with ``_fair`` or ``_turns`` added."""
        return f"{self.inner.name}_{self.rule}"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Answer what the strategy answers under the rule."""
        parameters = view.scenario.parameters
        fairness = parameters.advisor.fairness
        if self.rule == "turns":
            bound = fairness.model_copy(update={"take_turns": True})
        else:
            most_s = USUAL_REGRET_S if fairness.max_regret_s is None else fairness.max_regret_s
            bound = fairness.model_copy(update={"max_regret_s": most_s})
        advisor = parameters.advisor.model_copy(update={"fairness": bound})
        scenario = replace(view.scenario, parameters=parameters.model_copy(update={"advisor": advisor}))
        return self.inner.advise(replace(view, scenario=scenario))
