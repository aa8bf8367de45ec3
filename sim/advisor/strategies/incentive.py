"""Cheaper fares at some times and stations: people who find the discount worth the shift move by themselves.

Nobody is told a window by an optimiser. Those who know the programme (the penetration share) compare
the windows they could accept; a window is worth moving to where the discount, in minutes at the value
of time, outweighs what the other time costs. Of those who would gain, the compliance share reacts, and leaves in the
part of the window from which the discount is got.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from sim.advisor.discounted_windows import DiscountedWindows
from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.population.windows import window_of

LEAST_GAIN_MIN = 0.5
"""Nobody moves for less than this many minutes; assumed."""


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
        rows = np.arange(len(view.users))
        if not len(rows):
            return replace(view.plan(np.zeros(0, dtype=np.int64)), discount_group=group)
        discounted = DiscountedWindows.of(view, group)
        own = view.costs.own_min
        habit_window = window_of(view.population.habitual_departure_s[view.users], view.window_s)
        habit = habit_window - view.candidates.window[:, 0]
        more = (discounted.share - discounted.share_now[:, None]) * _fare_min(view)[:, None]
        cost = np.where(more > 0, own + discounted.extra_min - more, np.inf)
        # Whoever stays in their window goes on as before; nobody is told a part of it.
        cost[rows, habit] = np.inf
        best = cost.argmin(axis=1)
        gain = own[rows, habit] - cost[rows, best]
        moves = np.isfinite(cost[rows, best]) & (gain > LEAST_GAIN_MIN)
        part = np.broadcast_to([0.0, 1.0], (len(view.population), 2)).copy()
        part[view.users[moves]] = discounted.part[rows, best][moves]
        return replace(view.plan(np.where(moves, best, -1)), discount_group=group, part=part)


def _fare_min(view: AdvisorView) -> FloatArray:
    """Return what the full fare is worth to each user, in minutes on board, shape (users,)."""
    fare, value_of_time = _full_fare(view)
    worth = value_of_time * view.population.traits.value_of_time_factor[view.users]
    return np.asarray(fare / worth * 60.0, dtype=np.float64)


def _full_fare(view: AdvisorView) -> tuple[FloatArray, float]:
    """Return the fare of each user without discount, and the value of time: those of the scenario, if it has any."""
    parameters, options = view.scenario.parameters, view.forecaster.options
    incentive, fares = parameters.advisor.incentive, parameters.fares
    fare = np.full(len(view.users), incentive.fare)
    if options.fare is not None:
        fare = options.fare[view.population.journeys.option[view.users]]
    return fare, incentive.value_of_time if fares.value_of_time is None else fares.value_of_time


def _groups(view: AdvisorView) -> IntArray:
    """Draw the group of each commuter for the boundaries; the same on every day."""
    groups = view.scenario.parameters.advisor.incentive.stagger_groups
    return np.floor(view.lasting.tie.uniform * groups).astype(np.int64)


def declared() -> tuple[Incentive]:
    """Return what this module adds to the registry."""
    return (Incentive(),)
