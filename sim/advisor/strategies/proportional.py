"""The system optimum in small: users are spread as all travellers should be, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.advisor.assignment.lp import assign_by_lp
from sim.advisor.compliance import reachable_commuters
from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategy import AdvisorView, Fairness
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class Proportional:
    """Advise users as if everybody who can be advised were, and followed: each window its share of the optimum.

    What `coordinated` does, with users who stand for all of them. Journeys that follow from others, and those to stops
    that the advisor does not reach, stay as they are. Where the problem is too large for the linear program, it is
    `coordinated` itself.
    """

    name: ClassVar[str] = "proportional"
    label: ClassVar[str] = "Proportional"
    colour: ClassVar[str] = "#b8860b"
    sentence: ClassVar[str] = "spreads those who follow as all travellers should be spread."
    fairness: ClassVar[Fairness] = "heeded"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the windows of the system optimum, dealt out to users in its shares."""
        if not len(view.users):
            return view.plan(np.zeros(0, dtype=np.int64))
        # Invariant: users stand for nobody but those whom advice could move, or a plan spreads people who are not there
        # (test_proportional_spreads_as_many_as_can_be_advised).
        rides = view.population.journeys.rides
        able = rides & view.population.is_first & reachable_commuters(view.scenario, view.population)
        weight = 1.0 / (len(view.users) / int(able.sum()))
        place = assign_by_lp(view, weight, "all" if able.sum() == rides.sum() else "many")
        return Coordinated().advise(view) if place is None else view.plan(place)


def declared() -> tuple[Proportional]:
    """Return what this module adds to the registry."""
    return (Proportional(),)
