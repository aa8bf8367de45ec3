"""No advice: the world as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.advisor.strategy import AdvisorView, Sight
from sim.model.advice import AdvicePlan, no_advice
from sim.model.no_advice import NO_ADVICE


@dataclass(frozen=True)
class NoAdvice:
    """Advise nobody."""

    name: ClassVar[str] = NO_ADVICE
    label: ClassVar[str] = "No advice"
    colour: ClassVar[str] = "#8a8a8a"
    sentence: ClassVar[str] = "advises nobody: everybody leaves as by habit, or as they have learned."
    sees: ClassVar[Sight] = "nothing"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the plan in which nobody is advised."""
        return no_advice(len(view.population), view.window_s)


def declared() -> tuple[NoAdvice]:
    """Return what this module adds to the registry."""
    return (NoAdvice(),)
