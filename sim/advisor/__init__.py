"""The "best time to travel" advisor: forecast, windows, strategies, and the loop over days."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.advisor.day_result import DayResult
    from sim.advisor.defaults import DEFAULT_STRATEGIES
    from sim.advisor.loop import ReplicationWorld, simulate_days
    from sim.advisor.registry import strategy_by_name, strategy_names
    from sim.advisor.strategy import AdvisorView, Strategy, StrategyFacts

__all__ = [
    "DEFAULT_STRATEGIES",
    "AdvisorView",
    "DayResult",
    "ReplicationWorld",
    "Strategy",
    "StrategyFacts",
    "simulate_days",
    "strategy_by_name",
    "strategy_names",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for on first use, so that the names of strategies can be had without the simulation."""
    for module in ("defaults", "strategy", "registry", "day_result", "loop"):
        if name in __all__ and name in vars(import_module(f"sim.advisor.{module}")):
            return getattr(import_module(f"sim.advisor.{module}"), name)
    raise AttributeError(f"module 'sim.advisor' has no attribute {name!r}")
