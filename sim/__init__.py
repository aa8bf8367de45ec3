"""peakshift: a simulator of when to travel by bus, and of what advice about it does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import (
        AdviceAnswer,
        Advisor,
        BookingCounts,
        ComparisonResult,
        JourneyRequest,
        OptimumResult,
        RunResult,
        StopSituation,
        SweepResult,
        UsualDeparture,
        WindowOption,
        advise,
        check_holding_rule,
        check_strategy,
        compare,
        forecast_scores,
        load_scenario,
        on_cluster,
        optimum,
        read_run,
        run,
        sweep,
        sweep_shard,
        travel_time_graph,
    )

__version__ = "0.1.0"

__all__ = [
    "AdviceAnswer",
    "Advisor",
    "BookingCounts",
    "ComparisonResult",
    "JourneyRequest",
    "OptimumResult",
    "RunResult",
    "StopSituation",
    "SweepResult",
    "UsualDeparture",
    "WindowOption",
    "__version__",
    "advise",
    "check_holding_rule",
    "check_strategy",
    "compare",
    "forecast_scores",
    "load_scenario",
    "on_cluster",
    "optimum",
    "read_run",
    "run",
    "sweep",
    "sweep_shard",
    "travel_time_graph",
]


def __dir__() -> list[str]:
    """Name what there is, so that completion and `help(sim)` list it before it is loaded."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Load the public functions on first use, so that the command line starts fast."""
    if name in __all__:
        return getattr(import_module("sim.api"), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
