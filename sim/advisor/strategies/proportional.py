"""The system optimum in small: users are spread as all travellers should be, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.advisor.assignment.lp import assign_by_lp
from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategy import AdvisorView, Fairness
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class Proportional:
    """Advise users as if everybody were advised and followed: each window its share of the optimum.

    What `coordinated` does, with users who stand for all travellers. Where the problem is too large for the
    linear program, it is `coordinated` itself.
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
        share = view.app_user.mean()
        place = assign_by_lp(view, 1.0 / float(share), everybody=True)
        return Coordinated().advise(view) if place is None else view.plan(place)


def declared() -> tuple[Proportional]:
    """Return what this module adds to the registry."""
    return (Proportional(),)
