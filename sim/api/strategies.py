"""Strategies as a user names them or hands them over."""

from __future__ import annotations

from collections.abc import Sequence

from sim.advisor import ALL_NAMES, Strategy, strategy_by_name
from sim.errors import UnknownNameError


def chosen_strategies(wanted: Sequence[Strategy | str]) -> list[Strategy]:
    """Return the strategies, the built-in ones looked up by name.

    Raises
    ------
    UnknownNameError
        When there is no such strategy, none at all, or one is named twice.
    """
    chosen = [strategy_by_name(item) if isinstance(item, str) else item for item in wanted]
    names = [strategy.name for strategy in chosen]
    if not names:
        raise UnknownNameError(f"no strategy is named; there are {', '.join(ALL_NAMES)}")
    for name in names:
        if names.count(name) > 1:
            raise UnknownNameError(f"strategy {name} is named twice")
    return chosen
