"""The least crowded window for everybody: what a chart of crowding by hour suggests."""

from __future__ import annotations

import numpy as np

from sim.advisor.knowledge import Knowledge
from sim.model.advice import AdvicePlan


class SameForAll:
    """Advise all users of an origin-destination the least crowded window they could accept.

    Users of one pair of stops who could accept the same windows get the same advice, whatever
    their preferred arrival. Crowding is the highest load factor on the way.
    """

    name = "same_for_all"

    def advise(self, knowledge: Knowledge) -> AdvicePlan:
        """Return the least crowded window of each user; the earliest one on a tie."""
        costs = knowledge.costs
        crowding = costs.expectation.load_factor[costs.candidates.case]
        return knowledge.plan(np.where(np.isfinite(costs.own_min), crowding, np.inf).argmin(axis=1))
