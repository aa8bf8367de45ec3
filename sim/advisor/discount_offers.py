"""What discounts offer each user: the windows that are worth moving to, and who takes which."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.advisor.discounted_windows import DiscountedWindows
from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.population.reliability import with_spread
from sim.population.windows import costs_anywhere_min, fares_by_class_min

LEAST_GAIN_MIN = 0.5
"""Nobody moves for less than this many minutes; assumed."""


@dataclass(frozen=True)
class DiscountOffers:
    """Discounts in the candidate windows of users, and which windows are open to each.

    Attributes
    ----------
    view : AdvisorView
    group : ndarray of int, shape (commuters,)
        For the boundaries of discounts.
    discounted : DiscountedWindows
    own_min : ndarray of float, shape (users, candidates)
        What each window costs at the full fare; infinite where no vehicle leads from it or it is beyond flexibility.
    open_to : ndarray of bool, shape (users, candidates)
        False where a user is not to move to: their own window, and those from which they would miss the discount.
    """

    view: AdvisorView
    group: IntArray
    discounted: DiscountedWindows
    own_min: FloatArray
    open_to: BoolArray

    @classmethod
    def of(cls, view: AdvisorView, group: IntArray) -> DiscountOffers:
        """Look for the discounts of a scenario by the days that are known.

        Parameters
        ----------
        view : AdvisorView
        group : ndarray of int, shape (commuters,)
            For the boundaries of discounts.
        """
        open_to = np.ones(view.candidates.window.shape, dtype=np.bool_)
        # Whoever stays in their window goes on as before; nobody is told a part of it.
        open_to[np.arange(len(open_to)), view.usual_column] = False
        return cls(view, group, DiscountedWindows.of(view, group), _own_min(view), open_to)

    def taken(self) -> IntArray:
        """Return the column of the window that each user gains most by moving to, -1 for none, shape (users,)."""
        own, discounted = self.own_min, self.discounted
        rows, usual = np.arange(len(own)), self.view.usual_column
        more = (discounted.share - discounted.share_now[:, None]) * _fare_min(self.view)[:, None]
        cost = np.where((more > 0) & self.open_to, own + discounted.extra_min - more, np.inf)
        best = cost.argmin(axis=1)
        gain = own[rows, usual] - cost[rows, best]
        moves = np.isfinite(cost[rows, best]) & (gain > LEAST_GAIN_MIN)
        return np.where(moves, best, -1)

    def plan(self, taken: IntArray) -> AdvicePlan:
        """Make the plan that advises the windows taken, and of each the part in which the discount is got.

        Parameters
        ----------
        taken : ndarray of int, shape (users,)
            Columns; -1 for none.
        """
        view, rows = self.view, np.flatnonzero(taken >= 0)
        part = np.broadcast_to([0.0, 1.0], (len(view.population), 2)).copy()
        part[view.users[rows]] = self.discounted.part[rows, taken[rows]]
        return replace(view.plan(taken), discount_group=self.group, part=part)


def _own_min(view: AdvisorView) -> FloatArray:
    """Return what candidate windows cost users at the full fare, shape (users, candidates).

    Invariant: a window from which people wait for the vehicle of the next one has a cost here, though other strategies
    leave it out, for it may be the last one with a discount
    (test_the_last_window_with_a_discount_is_taken_though_the_bus_leaves_from_a_later_one).
    """
    costs, candidates, preferences = view.costs, view.candidates, view.scenario.parameters.preferences
    leads = candidates.acceptable & (costs.forecast.lost_share < 1.0)[candidates.case]
    left_out = leads & ~np.isfinite(costs.own_min)
    if not left_out.any():
        return costs.own_min
    anywhere_min = costs_anywhere_min(view.population, preferences, costs.forecast, candidates)
    anywhere = replace(costs, own_min=anywhere_min, by_day=np.zeros(anywhere_min.shape, dtype=np.bool_))
    days = view.single_days
    if len(days) > 1:
        anywhere = with_spread(anywhere, days, view.population, view.forecaster, preferences)
    anywhere_min = anywhere.own_min + fares_by_class_min(view.population, candidates, view.forecaster)
    return np.where(left_out, anywhere_min, costs.own_min)


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
