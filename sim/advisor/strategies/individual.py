"""Everybody his own best: what a helpful app does that looks at one user at a time."""

from __future__ import annotations

import numpy as np

from sim.advisor.fairness import habit_column
from sim.advisor.knowledge import Knowledge
from sim.model.advice import AdvicePlan


class Individual:
    """Advise each user the window that is cheapest for him if nobody else moves.

    Where he is less likely to follow the more he is asked to shift, it is the window from which he may expect the
    most: gain times chance to follow.
    """

    name = "individual"

    def advise(self, knowledge: Knowledge) -> AdvicePlan:
        """Return the cheapest window of each user; the earliest one on a tie."""
        own_min = knowledge.costs.own_min
        if knowledge.scenario.parameters.advisor.compliance_rule != "falling":
            return knowledge.plan(own_min.argmin(axis=1))
        possible = np.isfinite(own_min)
        more = np.where(possible, own_min, 0.0) - own_min[np.arange(len(own_min)), habit_column(knowledge)][:, None]
        return knowledge.plan(np.where(possible, knowledge.chance * more, np.inf).argmin(axis=1))
