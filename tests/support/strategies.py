"""What built-in strategies say of themselves, by name."""

from __future__ import annotations

from sim.advisor import StrategyFacts, strategy_by_name


def facts(*names: str) -> list[StrategyFacts]:
    """Return what strategies say of themselves."""
    return [StrategyFacts.of(strategy_by_name(name)) for name in names]
