"""Windows assigned together: each is weighed by what it costs everybody.

Where the problem is small it is a linear program that is solved as a whole (`sim.advisor.program`). Where it is
large it is the same total, convex in the loads, whose least is found by averages (`sim.advisor.averages`).
"""

from __future__ import annotations

import numpy as np

from sim.advisor.averages import assign_by_averages
from sim.advisor.joint import assign_jointly
from sim.advisor.knowledge import Knowledge
from sim.model.advice import AdvicePlan


class Coordinated:
    """Assign windows against forecast spare capacity so that total cost falls."""

    name = "coordinated"

    def advise(self, knowledge: Knowledge) -> AdvicePlan:
        """Return the assignment of least total cost under the forecast, given who is expected to follow.

        Nobody is moved into a vehicle departure (line, stop, period) whose forecast load,
        with the moves of the day, would pass the target load factor.
        """
        if not len(knowledge.users):
            return knowledge.plan(np.zeros(0, dtype=np.int64))
        place = assign_jointly(knowledge, knowledge.scenario.parameters.advisor.compliance_share)
        return knowledge.plan(assign_by_averages(knowledge) if place is None else place)
