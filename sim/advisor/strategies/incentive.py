"""Cheaper fares at some times and stations: people who find the discount worth the shift move by themselves.

Nobody is told a window by an optimiser. Those who know the programme (the penetration share) compare
the windows they could accept; a window is worth moving to where the discount, in minutes at the value
of time, outweighs what the other time costs. Of those who would gain, the compliance share reacts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.population.generalized_cost import discount_bounds, discount_stops
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
        rows = np.arange(len(view.users))
        if not len(rows):
            return replace(view.plan(np.zeros(0, dtype=np.int64)), discount_group=_groups(view))
        saved = savings_min(view)
        own = view.costs.own_min
        habit_window = window_of(view.population.habitual_departure_s[view.users], view.window_s)
        habit = habit_window - view.candidates.window[:, 0]
        more = saved - saved[rows, habit][:, None]
        cost = np.where(more > 0, own - more, np.inf)
        best = cost.argmin(axis=1)
        gain = own[rows, habit] - cost[rows, best]
        plan = view.plan(np.where(np.isfinite(cost[rows, best]) & (gain > LEAST_GAIN_MIN), best, -1))
        return replace(plan, discount_group=_groups(view))


def savings_min(view: AdvisorView) -> FloatArray:
    """Return what the discounts are worth to each user in each candidate window, in minutes.

    A discount that covers a part of the window counts by that part: a user may leave, and so enter or
    arrive, at any time of it. Where discounts overlap the largest counts.

    Parameters
    ----------
    view : AdvisorView

    Returns
    -------
    ndarray of float, shape (users, candidates)
    """
    incentive = view.scenario.parameters.advisor.incentive
    discounts, applies_at = incentive.offered()
    width_s = view.window_s
    if applies_at == "entry":
        first_s = view.candidates.window * width_s
        stop = view.population.origin[view.users]
    else:
        forecast = view.costs.forecast
        first_s = forecast.arrival_s[view.candidates.case] - 0.5 * width_s
        stop = view.population.destination[view.users]
    group = _groups(view)[view.users]
    share = np.zeros(view.candidates.window.shape)
    for discount in discounts:
        start_s, end_s = discount_bounds(discount, incentive, group)
        inside_s = np.minimum(first_s + width_s, end_s[:, None]) - np.maximum(first_s, start_s[:, None])
        here = discount_stops(discount, view.scenario.network.stop_index, stop)[:, None]
        part = np.clip(inside_s / width_s, 0.0, 1.0) * discount.discount_share
        share = np.maximum(share, np.where(here, part, 0.0))
    fare, value_of_time = _full_fare(view)
    worth = value_of_time * view.population.traits.value_of_time_factor[view.users]
    saved: FloatArray = share * (fare / worth)[:, None] * 60.0
    return saved


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
