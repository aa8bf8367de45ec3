"""Windows for all users at once, by the linear program, where the problem is small enough for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from sim.advisor.assignment.background_traffic import Users, without
from sim.advisor.assignment.lp_model import MOST_ENTRIES, Groups, Program, entries, group_users, least_entries
from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.forecast import forecast_traffic, observed_days
from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.population.observation import Observation
from sim.population.service_points import ServicePoints
from sim.population.systematic_sampling import group_rows
from sim.population.window_forecast import WindowForecast, WindowForecaster
from sim.population.windows import WindowCosts, fares_by_class_min

PARTS = 4
"""Of a window, or of the shift by which compliance halves: users whose habits lie in one are as likely to follow."""

LEAST_WEIGHT = 1e-6
"""Riders that a user stands for where nobody follows: the program divides by it."""


StandFor = Literal["followers", "many", "all"]
"""The people that users stand for: those of them who follow, many others too, or all who travel by vehicle."""


def assign_by_lp(view: AdvisorView, weight: float, stand_for: StandFor = "followers") -> IntArray | None:
    """Return the candidate column of each user, -1 for no advice; None where the program would be too large.

    Parameters
    ----------
    view : AdvisorView
    weight : float
        Riders that a user stands for: the chance that they follow, or more.
    stand_for : str
        The people that they stand for. Where these are not followers alone, all leave as the program says, whatever
        their chance to follow.
    """
    weight = max(weight, LEAST_WEIGHT)
    candidates = view.candidates
    usual, own_s = view.usual_column, view.own_departure_s[view.users]
    fair = is_fair_to_ask(view)
    chance = view.chance if stand_for == "followers" else np.ones(candidates.window.shape)
    most = chance.max(axis=1)
    apart = group_rows(usual, *(() if fair is None else fair.T))
    if (chance != 1.0).any():
        part_s = min(view.window_s, view.scenario.parameters.advisor.compliance_halving_s) / PARTS
        part = np.floor(view.population.habitual_departure_s[view.users] / part_s).astype(np.int64)
        apart = group_rows(apart, part, np.unique(most, return_inverse=True)[1].reshape(-1))
    groups = group_users(view.population, candidates, apart)
    hops = np.diff(view.forecaster.options.leg_ptr).max(initial=0)
    if len(groups.size) * candidates.window.shape[1] * hops > MOST_ENTRIES:
        return None
    # Most of what is too large is known to be before traffic without the users is worked out, which takes longest.
    if least_entries(groups, candidates, view.forecaster) > MOST_ENTRIES:
        return None
    traffic = _without_users(view, weight, stand_for)
    costs = view.costs_under(traffic)
    # What a fare is worth to a class is the same whenever people leave, and must not decide who stays or finds room
    # (test_fares_do_not_move_a_plan).
    apart_min = fares_by_class_min(view.population, candidates, view.forecaster)
    costs = replace(costs, own_min=costs.own_min - apart_min)
    groups = _with_the_same_vehicles(view, groups, costs, apart)
    if entries(groups, costs) > MOST_ENTRIES:
        return None
    target = view.scenario.parameters.advisor.target_load_factor
    room = (target * traffic.capacity - traffic.load).reshape(-1)
    open_to: BoolArray = np.isfinite(costs.own_min[groups.first])
    if fair is not None:
        open_to &= fair[groups.first]
    goes_along = groups.mean(chance), groups.mean(most[:, None])[:, 0]
    program = Program(costs, groups, traffic, room, weight, open_to, *goes_along, usual[groups.first])
    counts = program.solve(view.scenario.parameters.preferences)
    stay_min = costs.own_min[np.arange(len(usual)), usual]
    return _hand_out(groups, counts, usual, stay_min, own_s)


def _with_the_same_vehicles(view: AdvisorView, groups: Groups, costs: WindowCosts, apart: IntArray) -> Groups:
    """Part users of a group whose windows do not lead to a vehicle alike.

    Parameters
    ----------
    view : AdvisorView
    groups : Groups
    costs : WindowCosts
        Of the users.
    apart : ndarray of int, shape (users,)
        Whatever else told the users apart.
    """
    reaches = np.isfinite(costs.own_min)
    if (reaches == reaches[groups.first][groups.of_user]).all():
        return groups
    # The windows of a group must be open to all of it, or its mean cost is infinite: people who stay leave at a moment
    # of their own, and the last vehicle can be full for some of them only (test_some_of_a_window_find_no_vehicle).
    return group_users(view.population, costs.candidates, group_rows(apart, *reaches.T.astype(np.int64)))


def _without_users(view: AdvisorView, weight: float, stand_for: StandFor) -> Observation:
    """Return the forecast of traffic without what the users add to it, and those that they stand for."""
    parameters = view.scenario.parameters.advisor
    follow = view.chance * (weight if stand_for == "followers" else parameters.compliance_share)
    riders = follow.max(axis=1) if stand_for == "followers" else np.full(len(follow), weight)
    remaining = list(view.observations)
    for day in observed_days(len(remaining), parameters.forecast):
        seen = remaining[day]
        users = Users(seen.load, seen.joined) if stand_for == "all" else _users_of(view, day, follow, riders)
        remaining[day] = without(seen, users, view.forecaster.points)
    return forecast_traffic(tuple(remaining), parameters.forecast, view.forecaster.points, view.today)


def _users_of(view: AdvisorView, day: int, follow: FloatArray, riders: FloatArray) -> Users:
    """Return what users were expected to add to the traffic of a day, by the advice of that day.

    Of the riders that a user stands for, those who do not follow left as without advice: where people learn, when they
    leave by now, since the advisor does not know any more when they would have left on that day.

    Parameters
    ----------
    view : AdvisorView
    day : int
    follow : ndarray of float, shape (users, candidates)
        Riders who go where a user is told to go.
    riders : ndarray of float, shape (users,)
        All that a user stands for.
    """
    candidates, forecaster, usual = view.candidates, view.forecaster, view.usual_column
    plan = view.plans[day]
    column = plan.window[view.users] - candidates.window[:, 0]
    known = plan.advised[view.users] & (column >= 0) & (column < candidates.window.shape[1])
    place = np.where(known, column, usual)
    rows, cases = np.arange(len(place)), len(candidates.unique_option)
    went = follow[rows, place]
    kept = riders - went
    count = np.bincount(candidates.case[rows, place], went, cases).astype(np.float64)
    count += np.bincount(candidates.case[rows, usual], kept, cases)
    seen = forecaster.forecast(view.observations[day], candidates.cases)
    shape = view.observations[day].load.shape
    joins_s = (candidates.unique_window + 0.5) * view.window_s + forecaster.walk_first_s(candidates.unique_option)
    load = _loads(seen, joins_s + seen.wait_s, count, forecaster.points).reshape(shape)
    return Users(load, _joined(seen, count, view.window_s, forecaster).reshape(shape))


def _joined(seen: WindowForecast, count: FloatArray, window_s: float, forecaster: WindowForecaster) -> FloatArray:
    """Return those who join queues in each cell: at the service points of the vehicles that are to take them."""
    points = forecaster.points
    cells = points.points * points.periods
    level, people = seen.path.boarding(count)
    if level is None:
        return np.zeros(cells)
    joins_s = (level.window + 0.5) * window_s + level.walk_s
    period = np.clip(joins_s // points.period_s, 0, points.periods - 1).astype(np.int64)[level.stand]
    waiting = forecaster.waiting
    point = waiting.member_point[waiting.member_ptr[level.waits_for[level.stand]] + level.member]
    return np.bincount(point * points.periods + period, people, cells).astype(np.float64)


def _loads(seen: WindowForecast, board_s: FloatArray, count: FloatArray, points: ServicePoints) -> FloatArray:
    """Return the riders of each cell; those of a window board over time as the places in it do."""
    case = np.repeat(np.arange(len(count)), np.diff(seen.cells.indptr))
    cell = seen.cells.indices.astype(np.int64)
    load = np.zeros(points.points * points.periods)
    shifts_s = seen.place_arrival_s - seen.arrival_s[:, None]
    for shift_s in shifts_s.T:
        moved = np.floor((board_s + shift_s) / points.period_s) - np.floor(board_s / points.period_s)
        period = np.clip(cell % points.periods + moved[case].astype(np.int64), 0, points.periods - 1)
        riders = seen.cells.data * count[case] / shifts_s.shape[1]
        load += np.bincount(cell - cell % points.periods + period, riders, len(load))
    return load


def _hand_out(groups: Groups, counts: IntArray, usual: IntArray, stay_min: FloatArray, own_s: FloatArray) -> IntArray:
    """Give each user of a group one of its windows.

    Those stay for whom it costs least; of the others, earlier windows go to those who leave earlier without advice.
    """
    place = np.full(len(groups.of_user), -1, dtype=np.int64)
    order = np.lexsort((own_s, groups.of_user))
    bounds = np.searchsorted(groups.of_user[order], np.arange(len(groups.size) + 1))
    for group, count in enumerate(counts):
        members = order[bounds[group] : bounds[group + 1]]
        own = usual[groups.first[group]]
        stays = members[np.argsort(stay_min[members], kind="stable")[: count[own]]]
        place[stays] = own
        others = members[~np.isin(members, stays)]
        columns = np.repeat(np.arange(len(count)), np.where(np.arange(len(count)) == own, 0, count))
        place[others[: len(columns)]] = columns
    return place
