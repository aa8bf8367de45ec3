"""Strategies as a user names them or hands them over."""

from __future__ import annotations

from collections.abc import Sequence

from sim.advisor import Strategy, strategy_by_name, strategy_names
from sim.advisor.checks import require, strategy_problems
from sim.errors import UnknownNameError


def chosen_strategies(wanted: Sequence[Strategy | str]) -> list[Strategy]:
    """Return the strategies, the built-in ones looked up by name.

    Raises
    ------
    UnknownNameError
        When there is no such strategy, none at all, or one is named twice.
    StrategyError
        When something handed over is no strategy.
    """
    for item in wanted:
        if not isinstance(item, str):
            require("strategies", strategy_problems(item))
    chosen = [strategy_by_name(item) if isinstance(item, str) else item for item in wanted]
    names = [strategy.name for strategy in chosen]
    if not names:
        raise UnknownNameError(f"no strategy is named; there are {', '.join(strategy_names())}")
    for name in names:
        if names.count(name) > 1:
            raise UnknownNameError(f"strategy {name} is named twice")
    return chosen
