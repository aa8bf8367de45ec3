"""No advice: the world as it is."""

from __future__ import annotations

from sim.advisor.strategy import AdvisorView
from sim.model.advice import AdvicePlan, no_advice


class NoAdvice:
    """Advise nobody."""

    name = "none"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the plan in which nobody is advised."""
        return no_advice(len(view.population), view.window_s)
