"""The "best time to travel" advisor: forecast, windows, strategies, and the loop over days."""

from __future__ import annotations

from sim.advisor.loop import DayResult, ReplicationWorld, simulate_days
from sim.advisor.strategies import ALL_NAMES, BUILT_IN_NAMES, OPEN_SUFFIX, strategy_by_name
from sim.advisor.strategy import AdvisorView, Strategy

__all__ = [
    "ALL_NAMES",
    "BUILT_IN_NAMES",
    "OPEN_SUFFIX",
    "AdvisorView",
    "DayResult",
    "ReplicationWorld",
    "Strategy",
    "simulate_days",
    "strategy_by_name",
]
