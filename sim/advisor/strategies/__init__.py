"""The built-in strategies; `none` is one of them."""

from __future__ import annotations

from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategies.fair import Fair
from sim.advisor.strategies.incentive import Incentive
from sim.advisor.strategies.individual import Individual
from sim.advisor.strategies.none import NoAdvice
from sim.advisor.strategies.open import Open
from sim.advisor.strategies.proportional import Proportional
from sim.advisor.strategies.same_for_all import SameForAll
from sim.advisor.strategy import Strategy
from sim.errors import UnknownNameError

BUILT_IN_NAMES = ("none", "same_for_all", "individual", "coordinated")
"""Strategies that a comparison runs unless told otherwise."""

FAIR_NAMES = ("coordinated_fair", "coordinated_turns")
"""Coordinated advice with a bound on regret, and with turns."""

ALL_NAMES = (*BUILT_IN_NAMES, *FAIR_NAMES, "proportional", "incentive")

OPEN_SUFFIX = "_open"
"""Added to a name: the same advice made from counts without noise, from every vehicle."""


def strategy_by_name(name: str) -> Strategy:
    """Return a built-in strategy.

    Raises
    ------
    UnknownNameError
        When there is none of that name.
    """
    built_in: tuple[Strategy, ...] = (
        NoAdvice(),
        SameForAll(),
        Individual(),
        Coordinated(),
        Fair(Coordinated(), "fair"),
        Fair(Coordinated(), "turns"),
        Proportional(),
        Incentive(),
    )
    for strategy in built_in:
        if strategy.name == name:
            return strategy
        if f"{strategy.name}{OPEN_SUFFIX}" == name and strategy.name != "none":
            return Open(strategy)
    raise UnknownNameError(f"advisor.strategy: {name!r} is not a strategy; there are {', '.join(ALL_NAMES)}")
