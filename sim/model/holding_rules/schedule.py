"""Hold until the scheduled departure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.model.holding import DeclaredHoldingRule, StopSituation


@dataclass(frozen=True)
class ScheduleHolding:
    """Nobody leaves before the schedule says so."""

    depends_on_loads: ClassVar[bool] = False

    def holding_s(self, situation: StopSituation) -> float:
        """Return what is missing to the scheduled departure, in seconds."""
        return max(0.0, situation.scheduled_departure_s - situation.ready_s)


def declared() -> DeclaredHoldingRule:
    """Return the rule as scenario files name it."""
    return DeclaredHoldingRule("schedule", "until the scheduled departure", lambda _: ScheduleHolding())
