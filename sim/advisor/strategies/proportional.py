"""The system optimum in small: users are spread as all travellers should be, whatever the others do."""

from __future__ import annotations

import numpy as np

from sim.advisor.joint import assign_jointly
from sim.advisor.knowledge import Knowledge
from sim.advisor.strategies.coordinated import Coordinated
from sim.model.advice import AdvicePlan


class Proportional:
    """Advise users as if everybody were advised and followed: each window its share of the optimum.

    What `coordinated` does, with users who stand for all travellers. Where the problem is too large for the
    linear program, it is `coordinated` itself.
    """

    name = "proportional"

    def advise(self, knowledge: Knowledge) -> AdvicePlan:
        """Return the windows of the system optimum, dealt out to users in its shares."""
        if not len(knowledge.users):
            return knowledge.plan(np.zeros(0, dtype=np.int64))
        share = knowledge.app_user.mean()
        place = assign_jointly(knowledge, 1.0 / float(share), everybody=True)
        return Coordinated().advise(knowledge) if place is None else knowledge.plan(place)
