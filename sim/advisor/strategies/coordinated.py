"""Windows assigned together: each is weighed by what it costs everybody.

A first plan comes from the forecast. Where the problem is small it is a linear program that is solved as a whole
(`sim.advisor.assignment.lp`). Where it is large it is the same total, convex in the loads, whose least is found by
averages (`sim.advisor.assignment.frank_wolfe`). From it, from the plan that is best for each alone and from no advice
at all, better plans are then found by simulating them (`sim.advisor.rehearsal`), and where asked for by mixing the best
of them with what people choose at prices of room (`sim.advisor.optimum.priced_plan`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from sim.advisor.assignment.frank_wolfe import assign_by_frank_wolfe
from sim.advisor.assignment.lp import assign_by_lp
from sim.advisor.optimum.priced_plan import mixed_with_priced
from sim.advisor.rehearsal.issue import rehearsed_plan
from sim.advisor.strategies.individual import best_alone
from sim.advisor.strategy import AdvisorView, Fairness
from sim.arrays import IntArray
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class Coordinated:
    """Assign windows against forecast spare capacity so that total cost falls."""

    name: ClassVar[str] = "coordinated"
    label: ClassVar[str] = "Coordinated"
    colour: ClassVar[str] = "#009e73"
    sentence: ClassVar[str] = (
        "knows the wishes of all users, weighs each window by what it costs everybody, and fills no vehicle beyond its "
        "forecast room."
    )
    fairness: ClassVar[Fairness] = "heeded"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the plan of least total cost in rehearsals, given who may follow, or no advice where none is better.

        Where nothing can be rehearsed it is the assignment of least total cost under the forecast: nobody is then moved
        into a vehicle departure (line, stop, period) whose forecast load, with the moves of the day, would pass the
        target load factor.
        """
        if not len(view.users):
            return view.plan(np.zeros(0, dtype=np.int64))
        if view.rehearsing is None:
            return view.plan(assigned_by_forecast(view))
        mixtures = view.scenario.parameters.advisor.rehearsal.mixtures
        mixes = partial(mixed_with_priced, most=mixtures) if mixtures else None
        return rehearsed_plan(view, view.rehearsing, _starts, mixes)


def _starts(view: AdvisorView) -> tuple[IntArray, IntArray]:
    return assigned_by_forecast(view), best_alone(view)


def assigned_by_forecast(view: AdvisorView) -> IntArray:
    """Return the candidate column of each user in the assignment of least total cost under the forecast."""
    place = assign_by_lp(view, view.scenario.parameters.advisor.compliance_share)
    return assign_by_frank_wolfe(view) if place is None else place


def declared() -> tuple[Coordinated]:
    """Return what this module adds to the registry."""
    return (Coordinated(),)
