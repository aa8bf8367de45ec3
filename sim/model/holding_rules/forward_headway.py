"""Hold by the headway to the vehicle in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.model.holding import DeclaredHoldingRule, StopSituation


@dataclass(frozen=True)
class ForwardHeadwayHolding:
    """Hold by the headway to the vehicle in front (Daganzo 2009).

    The holding is ``slack + (alpha + k) (H - h)`` with H the planned and h the actual headway
    of arrivals, and k the dwell that a unit of headway adds. A deviation e of vehicle m at
    stop n then becomes ``(1 - alpha) e[n, m] + alpha e[n, m - 1]`` at stop n + 1.

    Attributes
    ----------
    gain : float
        alpha + k: alpha is the share of a deviation that a control stop takes out.
    slack_s : float
        Holding in seconds at the planned headway.
    headway_s : float or None
        H in seconds; by the schedule where None.
    """

    depends_on_loads: ClassVar[bool] = False
    gain: float
    slack_s: float
    headway_s: float | None

    def holding_s(self, situation: StopSituation) -> float:
        """Return slack + (alpha + k) (H - h) in seconds; the slack for the first vehicle."""
        planned_s = self.headway_s if self.headway_s is not None else situation.planned_headway_s
        if planned_s is None or situation.headway_s is None:
            return self.slack_s
        return self.slack_s + self.gain * (planned_s - situation.headway_s)


def declared() -> DeclaredHoldingRule:
    """Return the rule as scenario files name it."""
    sentence = "slack + (alpha + marginal_dwell) x (headway - actual headway of arrivals) (Daganzo 2009)"
    return DeclaredHoldingRule(
        "forward_headway",
        sentence,
        lambda numbers: ForwardHeadwayHolding(numbers.gain, numbers.slack_s, numbers.headway_s),
        cuts_dwell=True,
    )
