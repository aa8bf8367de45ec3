"""Everybody his own best: what a helpful app does that looks at one user at a time."""

from __future__ import annotations

from sim.advisor.knowledge import Knowledge
from sim.model.advice import AdvicePlan


class Individual:
    """Advise each user the window that is cheapest for him if nobody else moves."""

    name = "individual"

    def advise(self, knowledge: Knowledge) -> AdvicePlan:
        """Return the cheapest window of each user; the earliest one on a tie."""
        return knowledge.plan(knowledge.costs.own_min.argmin(axis=1))
