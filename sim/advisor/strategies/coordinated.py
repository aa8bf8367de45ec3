"""Windows assigned together: each move is weighed by what it costs everybody.

The state of the assignment is yesterday's plan. Every day it is improved under the traffic
that was observed with it in force: users are moved to windows of lower marginal cost to all,
best gains first, a falling share of them per day, and never into a vehicle departure beyond
what the forecast leaves free there. This is the method of successive averages on marginal
costs (Sheffi 1985), the simulated days being its iterations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.forecast import observed_days
from sim.advisor.joint import assign_jointly
from sim.advisor.knowledge import Knowledge
from sim.model.advice import AdvicePlan
from sim.population.cost import crowding_multiplier, crowding_slope
from sim.population.windows import window_of
from sim.units import BoolArray, FloatArray, IntArray

INNER_ITERATIONS = 6
"""Rounds of moves within a day, between which crowding costs are worked out anew (assumed)."""

LEAST_GAIN_MIN = 0.05
"""A move must save all together at least this many minutes (assumed); stops endless shuffling."""


class Coordinated:
    """Assign windows against forecast spare capacity so that total cost falls."""

    name = "coordinated"

    def advise(self, knowledge: Knowledge) -> AdvicePlan:
        """Return yesterday's assignment, improved.

        Nobody is moved into a vehicle departure (line, stop, period) whose forecast load,
        with the moves of the day, would pass the target load factor.
        """
        if not len(knowledge.users):
            return knowledge.plan(np.zeros(0, dtype=np.int64))
        place = assign_jointly(knowledge, knowledge.scenario.parameters.advisor.compliance_share)
        return knowledge.plan(assign(knowledge).place if place is None else place)


@dataclass
class Assignment:
    """The assignment while it is being improved.

    Attributes
    ----------
    place : ndarray of int, shape (users,)
        Column of the candidate windows.
    load : ndarray of float, shape (points * periods,)
        Forecast load with the assignment in force.
    limit : ndarray of float, shape (points * periods,)
        Load up to which users may be moved in.
    """

    place: IntArray
    load: FloatArray
    limit: FloatArray


def assign(knowledge: Knowledge) -> Assignment:
    """Improve yesterday's assignment under the forecast.

    Parameters
    ----------
    knowledge : Knowledge
    """
    advisor = knowledge.scenario.parameters.advisor
    habit = _column_of(knowledge, window_of(knowledge.population.habitual_departure_s, knowledge.window_s))
    place = _column_of(knowledge, knowledge.plans[-1].window) if knowledge.plans else habit
    fair = is_fair_to_ask(knowledge)
    stays = place >= 0 if fair is None else (place >= 0) & fair[np.arange(len(place)), np.maximum(place, 0)]
    place = np.where(stays, place, habit)
    follow = advisor.compliance_share
    load = _background_load(knowledge, habit, follow) + follow * (
        _cells_used(knowledge, place) - _cells_used(knowledge, habit)
    )
    limit = advisor.target_load_factor * knowledge.forecast.capacity.reshape(-1)
    state = Assignment(place, np.maximum(load, 0.0), limit)
    share = 1.0 / (knowledge.day - advisor.first_day + 2)
    for _ in range(INNER_ITERATIONS):
        if not _improve(knowledge, state, share / INNER_ITERATIONS, follow, fair):
            break
    return state


def _column_of(knowledge: Knowledge, window: IntArray) -> IntArray:
    """Return the candidate column of a window per commuter; -1 where it is none, shape (users,)."""
    candidates = knowledge.candidates
    column = window[knowledge.users] - candidates.window[:, 0]
    inside = (window[knowledge.users] >= 0) & (column >= 0) & (column < candidates.window.shape[1])
    return np.where(inside, column, -1)


def _cells_used(knowledge: Knowledge, place: IntArray) -> FloatArray:
    """Count the users on each vehicle departure under an assignment, shape (points * periods,)."""
    costs = knowledge.costs
    case = costs.candidates.case[np.arange(len(place)), place]
    users = np.bincount(case, minlength=len(costs.candidates.unique_option)).astype(np.float64)
    used: FloatArray = users @ costs.expectation.cells
    return used


def _background_load(knowledge: Knowledge, habit: IntArray, follow: float) -> FloatArray:
    """Return the forecast load without the advisor's own doing, shape (points * periods,)."""
    days = observed_days(len(knowledge.observations), knowledge.scenario.parameters.advisor.forecast)
    load = knowledge.forecast.load.reshape(-1).copy()
    base = _cells_used(knowledge, habit)
    for day in days:
        if day < len(knowledge.plans) and knowledge.plans[day].advised.any():
            advised = _column_of(knowledge, knowledge.plans[day].window)
            used = _cells_used(knowledge, np.where(advised >= 0, advised, habit))
            load -= follow * (used - base) / len(days)
    return load


def _improve(knowledge: Knowledge, state: Assignment, share: float, follow: float, fair: BoolArray | None) -> bool:
    """Move the share of users with the best gains; return whether anybody was moved."""
    costs = knowledge.costs
    rows = np.arange(len(state.place))
    social = _social_cost_min(knowledge, state)
    enters_full = np.asarray(costs.expectation.cells @ (state.load + follow > state.limit)) > 0
    open_to = ~enters_full[costs.candidates.case]
    if fair is not None:
        open_to &= fair
    open_to[rows, state.place] = True
    social = np.where(open_to & np.isfinite(costs.own_min), social, np.inf)
    best = social.argmin(axis=1)
    gain = social[rows, state.place] - social[rows, best]
    movers = np.flatnonzero(gain > LEAST_GAIN_MIN)
    if not len(movers):
        return False
    most = max(int(np.ceil(share * len(state.place))), 1)
    movers = movers[np.argsort(-gain[movers], kind="stable")][:most]
    return _move(knowledge, state, movers, best, follow)


def _social_cost_min(knowledge: Knowledge, state: Assignment) -> FloatArray:
    """Return what each candidate costs its user and all others, shape (users, candidates)."""
    costs, forecast = knowledge.costs, knowledge.forecast
    preferences = knowledge.scenario.parameters.preferences
    capacity = forecast.capacity.reshape(-1)
    factor = np.divide(state.load, capacity, out=np.zeros_like(state.load), where=capacity > 0)
    seen = forecast.load_factor().reshape(-1)
    marginal = crowding_multiplier(preferences.crowding, factor) + factor * crowding_slope(preferences.crowding, factor)
    counted = crowding_multiplier(preferences.crowding, seen) + seen * crowding_slope(preferences.crowding, seen)
    running_min = preferences.in_vehicle_weight * forecast.running_s.reshape(-1) / 60.0
    change = np.asarray(costs.expectation.cells @ (running_min * (marginal - counted)))
    social: FloatArray = costs.own_min + (costs.expectation.others_cost_min + change)[costs.candidates.case]
    return social


def _move(knowledge: Knowledge, state: Assignment, movers: IntArray, best: IntArray, follow: float) -> bool:
    """Move users one by one while there is room for each on every vehicle departure he needs."""
    cells = knowledge.costs.expectation.cells
    case = knowledge.costs.candidates.case
    moved = False
    for row in movers.tolist():
        old, new = case[row, state.place[row]], case[row, best[row]]
        leaves = cells.indices[cells.indptr[old] : cells.indptr[old + 1]]
        enters = cells.indices[cells.indptr[new] : cells.indptr[new + 1]]
        state.load[leaves] -= follow
        if _has_room(state, enters, follow):
            state.load[enters] += follow
            state.place[row] = best[row]
            moved = True
        else:
            state.load[leaves] += follow
    return moved


def _has_room(state: Assignment, enters: NDArray[np.signedinteger[Any]], follow: float) -> bool:
    fits: BoolArray = state.load[enters] + follow <= state.limit[enters]
    return bool(fits.all())
