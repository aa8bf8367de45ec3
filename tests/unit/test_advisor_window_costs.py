"""What windows cost at prices of room: averages in closed form, and the compiled loop against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_worlds import random_worlds

from sim.advisor import ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum.bound import _as_they_ran, _choices, _have_plain_ways
from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.foresight import ForesightBound
from sim.advisor.optimum.search import first_view
from sim.advisor.optimum.ways import way_rides, ways_of
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


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=6, unique=True),
    st.integers(0, 400),
    st.integers(1, 300),
    st.integers(0, 2**31),
)
def test_mean_over_a_window_is_that_of_all_its_moments(ends: list[int], start: int, width: int, seed: int) -> None:
    begins_s = np.array([[-100.0, *sorted(ends)]])
    level = np.random.default_rng(seed).uniform(0.0, 50.0, (1, len(ends)))
    low, ride = np.array([int((begins_s[0, 1:] < start).sum())]), np.zeros(level.shape, dtype=np.int64)
    steps = PaidByLeaving(begins_s, low, level, ride, 0.03, np.array([7.0]), 60.0)
    moments = start + (np.arange(20_000) + 0.5) * width / 20_000
    cost = steps.at(moments[None, :])
    assert steps.mean(np.array([[float(start)]]), float(width))[0, 0] == pytest.approx(cost.mean(), abs=0.02)
    joined_s = float(moments[0]) + 7.0
    step = int((begins_s[0, 1:] < joined_s).sum())
    assert cost[0, 0] == pytest.approx(60.0 if step == len(ends) else level[0, step] - 0.03 * joined_s)


def prepared(scenario: Scenario) -> ForesightBound | None:
    """Return the bound on plans of windows for one day without advice."""
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    view = first_view(people)
    if view is None or view.stage is None:
        return None
    day = view.stage.rehearse(view.plan(np.full(len(view.users), -1)), view.own_departure_s, 0, 0.5)
    compiled, population = people.compiled, people.population
    service, weights = compiled.scenario.service, compiled.scenario.parameters.preferences
    plain = np.flatnonzero(_have_plain_ways(compiled.engine_input, service, compiled.options, population))
    if not len(plain):
        return None
    vehicles = _as_they_ran(compiled.engine_input, day.records)
    ways = ways_of(compiled.options, np.unique(population.journeys.option[plain]))
    room = VehicleCapacity.of(service, vehicles, weights, len(plain))
    draws = [Draw(way_rides(service, compiled.options.legs, ways, vehicles), room)] * 2
    give_up = compiled.scenario.parameters.behaviour.patience_s is not None
    given = population, compiled.options, weights, _choices(view, plain), draws
    return ForesightBound(plain, ways, *given, give_up)


@pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or Python is preferred")
@settings(max_examples=25, deadline=None)
@given(random_worlds(), st.integers(0, 2**31), st.sampled_from([0.0, 1.0, 300.0]))
def test_the_compiled_loops_give_the_bits_of_numpy(scenario: Scenario, seed: int, highest_min: float) -> None:
    """Prices from none to such that nobody can pay, so that some ride, some wait and some are not served."""
    bound = prepared(scenario)
    if bound is None:
        return
    rng = np.random.default_rng(seed)
    for costs in bound.costs:
        price = rng.uniform(0.0, highest_min, len(costs.draw.room.kind))
        toll = costs.draw.room.toll(price, costs.draw.rides)
        cost_min = costs.costs(price)
        assert np.array_equal(cost_min, costs.costs_by_numpy(toll))
        chosen = rng.integers(0, cost_min.shape[1], len(cost_min))
        loads = costs.loads(price, chosen)
        assert np.array_equal(loads, costs.loads_by_numpy(toll, costs._leave_s(chosen)))
