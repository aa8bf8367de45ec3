"""No advice: the world as it is."""

from __future__ import annotations

from sim.advisor.knowledge import Knowledge
from sim.model.advice import AdvicePlan, no_advice


class NoAdvice:
    """Advise nobody."""

    name = "none"

    def advise(self, knowledge: Knowledge) -> AdvicePlan:
        """Return the plan in which nobody is advised."""
        return no_advice(len(knowledge.population), knowledge.window_s)
