"""Cheaper fares at some times and stations: people who find the discount worth the shift move by themselves.

Nobody is told a window by an optimiser. Those who know the programme (the penetration share) compare
the windows they could accept; a window is worth moving to where the discount, in minutes at the value
of time, outweighs what the other time costs. Of those who would gain, the compliance share reacts, and leaves in the
part of the window from which the discount is got. The app that tells of an exit that is free rehearses who would come
through too late, and does not tell them (`sim.advisor.rehearsal.free_exits`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from sim.advisor.discount_offers import DiscountOffers
from sim.advisor.rehearsal.free_exits import in_time
from sim.advisor.strategy import AdvisorView
from sim.arrays import IntArray
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class Incentive:
    """Offer the discounts of the scenario; advise users who gain by moving the window they would take."""

    name: ClassVar[str] = "incentive"
    label: ClassVar[str] = "Incentive"
    colour: ClassVar[str] = "#cc79a7"
    sentence: ClassVar[str] = "takes a part off the fare at some times, and people move who find it worth it."
    offers_discounts: ClassVar[bool] = True

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the best discounted window of each user who gains by it, and none for the others."""
        group = _groups(view)
        if not len(view.users):
            return replace(view.plan(np.zeros(0, dtype=np.int64)), discount_group=group)
        offers = DiscountOffers.of(view, group)
        applies_at = view.scenario.parameters.advisor.incentive.offered()[1]
        # Whoever enters in time has the discount, whatever the vehicles do.
        if view.rehearsing is None or applies_at == "entry":
            return offers.plan(offers.taken())
        return in_time(offers, view.rehearsing)


def _groups(view: AdvisorView) -> IntArray:
    """Draw the group of each person for the boundaries; the same on every day, there and back."""
    groups, chain = view.scenario.parameters.advisor.incentive.stagger_groups, view.population.chain
    group = np.floor(view.lasting.tie.uniform * groups).astype(np.int64)
    return np.where(chain.is_first, group, group[chain.after])


def declared() -> tuple[Incentive]:
    """Return what this module adds to the registry."""
    return (Incentive(),)
