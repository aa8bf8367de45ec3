"""Averages of best answers: sums along the tree of journeys against the matrix, and what averages must hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_worlds import random_worlds
from support.views import views
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.advisor.assignment.frank_wolfe import _Assignment, first_least
from sim.advisor.assignment.lp_model import group_users
from sim.model.scenario import Scenario


@settings(max_examples=30, deadline=None)
@given(random_worlds())
def test_sums_along_the_tree_are_those_of_the_matrix(scenario: Scenario) -> None:
    """Prices to each case and riders in each cell, against the matrix of all cases and cells."""
    draw = np.random.default_rng(1)
    for view in views(scenario)[:1]:
        forecast = view.costs.forecast
        path, matrix = forecast.path, forecast.cells
        price, count = draw.uniform(0.0, 2.0, matrix.shape[1]), draw.uniform(0.0, 3.0, matrix.shape[0])
        assert path.sums_at_goals(price)[path.last_goal] == pytest.approx(matrix @ price)
        assert path.riders(np.bincount(path.last_goal, count, path.goals)) == pytest.approx(count @ matrix)
        some = np.arange(0, matrix.shape[0], 3)
        rows = path.cells(some)
        for place, case in enumerate(some.tolist()):
            mine = slice(rows.ptr[place], rows.ptr[place + 1])
            ridden = np.bincount(rows.cell[mine], rows.share[mine], matrix.shape[1])
            assert np.array_equal(ridden, matrix[[case], :].toarray()[0])


@settings(max_examples=30, deadline=None)
@given(random_worlds())
def test_least_departures_are_ridden_whatever_the_traffic(scenario: Scenario) -> None:
    """A program is turned down for what it needs at least only where it would be turned down for what it needs."""
    for view in views(scenario):
        forecast = view.costs.forecast
        needed = np.diff(forecast.cells.indptr)
        assert (view.forecaster.least_departures[forecast.option] <= needed).all()
        assert (view.forecaster.least_departures[forecast.option] > 0).all()


@settings(max_examples=15, deadline=None)
@given(random_worlds())
def test_averages_go_to_best_answers_at_their_own_loads(scenario: Scenario) -> None:
    """Shares are shares, only windows that are open get any, and riders are those of the shares."""
    for view in views(scenario)[:1]:
        assignment = _Assignment(view)
        share = assignment.average()
        assert share.sum(axis=0) == pytest.approx(1.0)
        placed = np.zeros(share.shape, dtype=bool)
        placed[assignment.place, assignment.rows] = True
        assert not share[~assignment.open_to & ~placed].any()
        assert (by_shares(assignment, share) >= -1e-9).all()


@settings(max_examples=15, deadline=None)
@given(random_worlds(), st.floats(0.0, 1.0))
def test_riders_of_an_average_are_the_average_of_riders(scenario: Scenario, first: float) -> None:
    for view in views(scenario)[:1]:
        assignment = _Assignment(view)
        columns = [assignment.place, assignment.own_min.argmin(axis=0)]
        weight = np.array([first, 1.0 - first])
        share = np.zeros(assignment.goal.shape)
        for part, column in zip(weight.tolist(), columns, strict=True):
            share[column, assignment.rows] += part
        mean = sum(part * assignment._riders(column) for part, column in zip(weight.tolist(), columns, strict=True))
        assert by_shares(assignment, share) == pytest.approx(mean, abs=1e-9)


@given(
    st.integers(1, 6).flatmap(
        lambda rows: st.lists(st.lists(st.sampled_from([0.0, 1.5, 2.0, np.inf]), min_size=rows, max_size=rows))
    )
)
def test_first_least_is_argmin(columns: list[list[float]]) -> None:
    cost = np.array(columns or [[1.0]]).T
    assert np.array_equal(first_least(cost), cost.argmin(axis=0))


def by_shares(assignment: _Assignment, share: Any) -> Any:
    """Count the riders of shares user by user."""
    goes = share * assignment.chance
    stays = assignment.most - goes.sum(axis=0)
    count = np.bincount(assignment.goal.reshape(-1), goes.reshape(-1), assignment.path.goals)
    count += np.bincount(assignment.goal[assignment.usual, assignment.rows], stays, assignment.path.goals)
    return assignment.path.riders(count)


def one_stop_line(**sections: Any) -> Scenario:
    """A line with room for all, whose people wish to arrive at times of their own."""
    buses = bus_line("L", "AB", [600], range(0, 12000, 300))
    bus = {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 100}}
    return world([buses], [flow("A", "B", 3600, 5400, 40)], bus, days=2, **sections)


def test_room_costs_nothing_up_to_the_target_and_something_beyond() -> None:
    """Would catch a toll on empty vehicles."""
    price = {}
    for target in (0.5, 1.0):
        view = views(one_stop_line(advisor={"target_load_factor": target}))[0]
        assignment = _Assignment(view)
        for riders in (0.0, 200.0):
            price[target, riders] = assignment._price_min(np.full(len(assignment.without), riders))
    assert price[0.5, 0.0] == pytest.approx(price[1.0, 0.0])
    assert (price[0.5, 200.0] > price[1.0, 200.0] + 1e-9).any()


def test_users_who_wish_to_arrive_at_other_times_are_not_alike() -> None:
    """Would catch wishes rounded to quarters of an hour: one user of a group stands for all of it."""
    view = views(one_stop_line())[0]
    groups = group_users(view.population, view.candidates, np.zeros(len(view.users), dtype=np.int64))
    wish_s = view.population.preferred_arrival_s[view.users]
    assert len(np.unique(wish_s)) == len(wish_s) > 10
    assert wish_s[groups.first][groups.of_user] == pytest.approx(wish_s, abs=1e-3)
