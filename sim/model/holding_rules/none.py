"""No holding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.model.holding import DeclaredHoldingRule, StopSituation


@dataclass(frozen=True)
class NoHolding:
    """Vehicles leave when they are ready."""

    depends_on_loads: ClassVar[bool] = False

    def holding_s(self, situation: StopSituation) -> float:
        """Return 0."""
        del situation
        return 0.0


def declared() -> DeclaredHoldingRule:
    """Return the rule as scenario files name it."""
    # A rule of one's own may take its place, and may ask for less than 0.
    return DeclaredHoldingRule("none", "", lambda _: NoHolding(), cuts_dwell=True)
