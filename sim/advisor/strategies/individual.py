"""Everybody their own best: what a helpful app does that looks at one user at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.arrays import IntArray
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class Individual:
    """Advise each user the window that is cheapest for them if nobody else moves.

    Where users are less likely to follow the more they are asked to shift, it is the window from which they may expect
    the most: gain times chance to follow.
    """

    name: ClassVar[str] = "individual"
    label: ClassVar[str] = "Individual"
    colour: ClassVar[str] = "#0072b2"
    sentence: ClassVar[str] = "tells each user the window that would be best for them if nobody else moved."

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the cheapest window of each user; the earliest one on a tie."""
        return view.plan(best_alone(view))


def best_alone(view: AdvisorView) -> IntArray:
    """Return the candidate column from which each user may expect the most if nobody else moves, shape (users,)."""
    own_min = view.costs.own_min
    if view.scenario.parameters.advisor.compliance_rule != "falling":
        return own_min.argmin(axis=1)
    possible = np.isfinite(own_min)
    more = np.where(possible, own_min, 0.0) - own_min[np.arange(len(own_min)), view.usual_column][:, None]
    return np.where(possible, view.chance * more, np.inf).argmin(axis=1)


def declared() -> tuple[Individual]:
    """Return what this module adds to the registry."""
    return (Individual(),)
