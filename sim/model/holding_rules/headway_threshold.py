"""Hold until the headway to the vehicle in front is long enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.model.holding import DeclaredHoldingRule, StopSituation


@dataclass(frozen=True)
class HeadwayThresholdHolding:
    """Hold until the headway of departures is the one aimed at (one-headway control, Fu and Yang 2002).

    Attributes
    ----------
    headway_s : float or None
        Headway aimed at, in seconds; by the schedule where None.
    """

    depends_on_loads: ClassVar[bool] = False
    headway_s: float | None

    def holding_s(self, situation: StopSituation) -> float:
        """Return what is missing to the headway, in seconds; 0 for the first vehicle."""
        wanted_s = self.headway_s if self.headway_s is not None else situation.planned_headway_s
        if wanted_s is None or situation.departure_headway_s is None:
            return 0.0
        return max(0.0, wanted_s - situation.departure_headway_s)


def declared() -> DeclaredHoldingRule:
    """Return the rule as scenario files name it."""
    sentence = "until the headway to the vehicle in front is the one aimed at (Fu, Yang 2002)"
    return DeclaredHoldingRule(
        "headway_threshold", sentence, lambda numbers: HeadwayThresholdHolding(numbers.headway_s)
    )
