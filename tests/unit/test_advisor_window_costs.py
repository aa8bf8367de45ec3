"""What windows cost at prices of room: averages in closed form, and the compiled loop against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_worlds import random_worlds

from sim.advisor import ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum.bound import _as_they_ran, _choices
from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.foresight import ForesightBound
from sim.advisor.optimum.search import first_view
from sim.advisor.optimum.vehicles import direct_rides, ride_directly
from sim.advisor.optimum.window_costs import Draw, PaidByLeaving, least_from_here
from sim.compiled.loops import loops
from sim.model.scenario import Scenario


@given(st.lists(st.lists(st.integers(-5, 5), min_size=4, max_size=4), min_size=1, max_size=5))
def test_least_from_here_is_that_of_the_rest_of_the_row(rows: list[list[int]]) -> None:
    cost = np.array(rows, dtype=float)
    least, which = least_from_here(cost)
    for row in range(len(cost)):
        for column in range(4):
            assert least[row, column] == cost[row, column:].min()
            assert which[row, column] >= column
            assert cost[row, which[row, column]] == least[row, column]


def by_hand(steps: PaidByLeaving, leave_s: float) -> float:
    joined_s = leave_s + steps.walk_s[0]
    step = int((steps.begins_s[1:] < joined_s).sum())
    return float(steps.level_min[0, step] - steps.weight * joined_s)


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=6, unique=True),
    st.integers(0, 400),
    st.integers(1, 300),
    st.integers(0, 2**31),
)
def test_mean_over_a_window_is_that_of_all_its_moments(ends: list[int], start: int, width: int, seed: int) -> None:
    begins_s = np.array([-100.0, *sorted(ends)])
    level = np.random.default_rng(seed).uniform(0.0, 50.0, (1, len(begins_s)))
    steps = PaidByLeaving(begins_s, level, np.zeros(level.shape, dtype=np.int64), 0.03, np.array([7.0]))
    window = np.array([[float(start)]]), np.array([[float(start + width)]])
    moments = start + (np.arange(20_000) + 0.5) * width / 20_000
    cost, _ = steps.at(moments[None, :])
    assert steps.mean(*window)[0, 0] == pytest.approx(cost.mean(), abs=0.02)
    assert cost[0, 0] == pytest.approx(by_hand(steps, float(moments[0])))


def prepared(scenario: Scenario) -> ForesightBound | None:
    """Return the bound on plans of windows for one day without advice."""
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    view = first_view(people)
    if view is None or view.stage is None:
        return None
    day = view.stage.rehearse(view.plan(np.full(len(view.users), -1)), view.own_departure_s, 0, 0.5)
    compiled, population = people.compiled, people.population
    service, weights = compiled.scenario.service, compiled.scenario.parameters.preferences
    direct = np.flatnonzero(ride_directly(compiled.engine_input, service, compiled.options, population))
    if not len(direct):
        return None
    vehicles = _as_they_ran(compiled.engine_input, day.records)
    room = VehicleCapacity.of(service, vehicles, weights, len(direct))
    rides = direct_rides(service, compiled.options, np.unique(population.journeys.option[direct]), vehicles)
    draws = [Draw(vehicles, rides, room)] * 2
    give_up = compiled.scenario.parameters.behaviour.patience_s is not None
    return ForesightBound(direct, population, compiled.options, weights, _choices(view, direct), draws, give_up)


@pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or Python is preferred")
@settings(max_examples=25, deadline=None)
@given(random_worlds(), st.integers(0, 2**31), st.sampled_from([0.0, 1.0, 300.0]))
def test_the_compiled_loop_gives_the_bits_of_numpy(scenario: Scenario, seed: int, highest_min: float) -> None:
    """Prices from none to such that nobody can pay, so that some ride, some wait and some are not served."""
    bound = prepared(scenario)
    if bound is None:
        return
    for costs in bound.costs:
        room, rides = costs.draw.room, costs.draw.rides
        price = np.random.default_rng(seed).uniform(0.0, highest_min, len(room.kind))
        cost_min, ride = costs.at(price)
        same_min, same_ride = costs.by_numpy(room.toll(price, rides))
        assert np.array_equal(cost_min, same_min)
        assert np.array_equal(ride, same_ride)
