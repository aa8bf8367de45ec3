"""What a caller may ask for besides the scenario."""

from __future__ import annotations

from sim.api.checks import require_holding_rule
from sim.engine import HoldingRule
from sim.errors import InputError, Problem


def check_arguments(jobs: int, holding: HoldingRule | None) -> None:
    """Make sure that there is at least one process, and that what controls vehicles can do so.

    Raises
    ------
    InputError
        When there is no process; joblib's negative numbers are not taken.
    StrategyError
        When something handed over is no holding rule.
    """
    if jobs < 1:
        raise InputError([Problem("arguments", 0, 0, "jobs", f"must be at least 1, found {jobs}")])
    require_holding_rule(holding)
