"""Hold until the headways in front and behind are equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.model.holding import DeclaredHoldingRule, StopSituation


@dataclass(frozen=True)
class EvenHeadwayHolding:
    """Hold until the headways in front and behind are equal (Prefol, Turnquist 1982)."""

    depends_on_loads: ClassVar[bool] = False

    def holding_s(self, situation: StopSituation) -> float:
        """Return half of what the headway behind is longer, in seconds."""
        if situation.next_arrival_s is None or situation.departure_headway_s is None:
            return 0.0
        behind_s = situation.next_arrival_s - situation.ready_s
        return max(0.0, (behind_s - situation.departure_headway_s) / 2.0)


def declared() -> DeclaredHoldingRule:
    """Return the rule as scenario files name it."""
    sentence = "until the headways to the vehicle in front and to the one behind are equal (Prefol, Turnquist 1982)"
    return DeclaredHoldingRule("even_headway", sentence, lambda _: EvenHeadwayHolding())
