"""The same advice from open data: what privacy, and vehicles without counters, cost."""

from __future__ import annotations

from dataclasses import dataclass

from sim.advisor.strategy import AdvisorView, Strategy
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class Open:
    """A strategy that sees counts without noise, from every vehicle, whatever the scenario says.

    Attributes
    ----------
    inner : Strategy
    """

    inner: Strategy

    @property
    def name(self) -> str:
        """Name of the strategy with ``_open`` added."""
        return f"{self.inner.name}_open"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Answer what the strategy itself answers."""
        return self.inner.advise(view)
