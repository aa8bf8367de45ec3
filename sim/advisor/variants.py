"""Variants of strategies: the same advice under a rule of fairness, or from unperturbed counts.

A variant wraps a strategy and has a name, label, colour and sentence of its own. It may be of any strategy to which
its rule says something, one written by a user included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sim.advisor.strategy import AdvisorView, Fairness, Sight, Strategy, StrategyFacts
from sim.model.advice import AdvicePlan
from sim.model.parameters.advice import FairnessParameters

USUAL_REGRET_S = 300.0
"""Most regret where the scenario names none (assumed)."""

OPEN_COLOUR, BOUNDED_COLOUR, TURNS_COLOUR = "#1f2328", "#f0e442", "#56b4e9"
"""What the colour of a strategy is mixed with, half and half, for that of its variant."""


@dataclass(frozen=True)
class Variant:
    """A strategy under another rule; what it does not say itself is said by the strategy within.

    Attributes
    ----------
    inner : Strategy
    """

    inner: Strategy

    @property
    def facts(self) -> StrategyFacts:
        """What the strategy within declares."""
        return StrategyFacts.of(self.inner)

    @property
    def variant_of(self) -> str:
        """Name of the strategy within."""
        return self.inner.name

    @property
    def sees(self) -> Sight:
        """What the strategy within sees."""
        return self.facts.sees

    @property
    def fairness(self) -> Fairness:
        """The rule of fairness of the strategy within."""
        return self.facts.fairness

    @property
    def offers_discounts(self) -> bool:
        """Whether the strategy within offers discounts."""
        return self.facts.offers_discounts


@dataclass(frozen=True)
class Open(Variant):
    """A strategy that sees counts without noise, from every vehicle, whatever the scenario says.

    Beside the strategy itself it shows what privacy, and vehicles without counters, cost.
    """

    @property
    def name(self) -> str:
        """Name of the strategy with ``_open`` added."""
        return f"{self.inner.name}_open"

    @property
    def label(self) -> str:
        """Label of the strategy and what it sees."""
        return f"{self.facts.label}, open data"

    @property
    def colour(self) -> str:
        """A darker colour than that of the strategy."""
        return mixed_colour(self.facts.colour, OPEN_COLOUR)

    @property
    def sentence(self) -> str:
        """What it does."""
        return f"is {self.facts.label} with complete counts and without noise in them."

    @property
    def sees(self) -> Sight:
        """Counts as they are."""
        return "unperturbed"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Answer what the strategy itself answers: the loop shows it other traffic."""
        return self.inner.advise(view)


@dataclass(frozen=True)
class Fair(Variant):
    """A strategy that keeps to a rule of fairness, whatever the scenario says of it.

    Attributes
    ----------
    rule : str
        bounded: nobody is advised a window that is expected to cost them more than leaving as usual by more than
        `advisor.fairness.max_regret`, 5 min where the scenario names none, or with which what they lost on the mean
        of days so far would pass it; turns: nobody is asked to do worse than by leaving as usual on two days
        in a row.
    """

    rule: Literal["bounded", "turns"]

    @property
    def name(self) -> str:
        """Name of the strategy with ``_fair`` or ``_turns`` added."""
        return f"{self.inner.name}_{'fair' if self.rule == 'bounded' else 'turns'}"

    @property
    def label(self) -> str:
        """Label of the strategy and of the rule."""
        return f"{self.facts.label}, {'bounded regret' if self.rule == 'bounded' else 'in turns'}"

    @property
    def colour(self) -> str:
        """The colour of the strategy, mixed with that of the rule."""
        return mixed_colour(self.facts.colour, BOUNDED_COLOUR if self.rule == "bounded" else TURNS_COLOUR)

    @property
    def sentence(self) -> str:
        """What it does."""
        if self.rule == "bounded":
            return (
                f"is {self.facts.label} without windows that would cost a user much more than leaving as usual, by "
                "forecast, rehearsal and the days so far."
            )
        return f"is {self.facts.label} that asks nobody to do worse than leaving as usual on two days in a row."

    @property
    def fairness(self) -> Fairness:
        """The rule itself."""
        return self.rule

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Answer what the strategy answers under the rule."""
        bound = fairness_under(view.scenario.parameters.advisor.fairness, self.rule)
        return self.inner.advise(replace(view, scenario=view.scenario.with_advisor(fairness=bound)))


def fairness_under(said: FairnessParameters, rule: Fairness) -> FairnessParameters:
    """Return the rule of fairness that a strategy keeps to.

    Parameters
    ----------
    said : FairnessParameters
        What the scenario says.
    rule : str
        What the strategy says, see `StrategyFacts`.
    """
    if rule == "turns":
        return said.model_copy(update={"take_turns": True})
    if rule == "bounded":
        most_s = USUAL_REGRET_S if said.max_regret_s is None else said.max_regret_s
        return said.model_copy(update={"max_regret_s": most_s})
    return said if rule == "heeded" else FairnessParameters()


def with_variants(strategies: Sequence[Strategy]) -> tuple[Strategy, ...]:
    """Return strategies and all variants of them that differ from them.

    Parameters
    ----------
    strategies : sequence of Strategy
    """
    heeding = [strategy for strategy in strategies if StrategyFacts.of(strategy).fairness == "heeded"]
    fair = [Fair(strategy, rule) for strategy in heeding for rule in ("bounded", "turns")]
    seeing = [strategy for strategy in (*strategies, *fair) if StrategyFacts.of(strategy).sees == "released"]
    return (*strategies, *fair, *(Open(strategy) for strategy in seeing))


def mixed_colour(first: str, second: str) -> str:
    """Return the colour half way between two, given as ``#rrggbb``; none where the first is none."""
    if not first:
        return ""
    parts = [[int(colour[start : start + 2], 16) for start in (1, 3, 5)] for colour in (first, second)]
    return "#" + "".join(f"{(a + b) // 2:02x}" for a, b in zip(*parts, strict=True))
