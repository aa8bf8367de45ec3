"""Draws that are spread evenly, departures in windows, and windows judged by the spread of arrivals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.views import views
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.population.reliability import _shrunk, _spread_s, with_spread
from sim.population.systematic_sampling import group_rows, spread_evenly
from sim.population.variates import EvenVariates
from sim.population.windows import window_costs
from sim.randomness import Purpose, Streams, entity_keys


def even(streams, key, group):
    return EvenVariates.draw(streams, Purpose.COMPLIANCE, key).within(group, np.arange(len(key)))


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-(2**40), 2**40), st.integers(0, 2**50)), max_size=30))
def test_rows_are_numbered_in_their_own_order(rows):
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    assert group_rows(*columns).tolist() == [sorted(set(rows)).index(row) for row in rows]


def test_groups_are_the_distinct_rows():
    group = group_rows(np.array([3, 1, 3, 1]), np.array([True, True, True, False]))
    assert group.tolist() == [2, 1, 2, 0]
    assert len(group_rows(np.zeros(0, dtype=np.int64))) == 0


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_a_share_of_all_is_that_share_of_every_group(share):
    group = np.repeat([0, 1, 2], [20, 60, 100])
    drawn = even(Streams(5, 0), entity_keys(np.arange(180)), group)
    counts = np.bincount(group[drawn < share], minlength=3)
    assert counts.tolist() == [20 * share, 60 * share, 100 * share]


def test_every_draw_is_uniform_for_itself():
    key, group = entity_keys(np.arange(3)), np.zeros(3, dtype=np.int64)
    drawn = np.array([even(Streams(1, number), key, group)[0] for number in range(4000)])
    assert abs(drawn.mean() - 0.5) < 0.015
    assert abs((drawn < 0.1).mean() - 0.1) < 0.015


def test_draws_are_spread_in_the_order_of_the_uniform_numbers():
    spread = spread_evenly(np.array([0.9, 0.2, 0.4]), np.zeros(3, dtype=np.int64), np.array([0.5, 0.5, 0.5]))
    assert spread == pytest.approx([5 / 6, 1 / 6, 3 / 6])


def test_lucky_windows_are_drawn_to_their_neighbours_and_true_differences_stay():
    rng = np.random.default_rng(3)
    near = np.clip(np.arange(40)[:, None] + np.arange(-10, 11), 0, 39)
    seen = 1800.0 + 300.0 * rng.standard_normal((20, 40))
    alike = _shrunk(seen, near)[10:30]
    assert alike.std() < 0.5 * seen.mean(axis=0)[10:30].std()
    assert np.abs(alike - 1800.0).max() < 60.0
    slope = 1000.0 + 100.0 * np.arange(40)
    unlike = _shrunk(slope + 30.0 * rng.standard_normal((20, 40)), near)
    assert np.abs(unlike - slope).max() < 40.0


def test_the_spread_has_the_quantiles_of_the_law():
    rng = np.random.default_rng(4)
    near = np.clip(np.arange(40)[:, None] + np.arange(-10, 11), 0, 39)
    spread = _spread_s(rng.normal(0.0, 100.0, (40, 40)), near)
    assert spread[20, 15:17].mean() == pytest.approx(0.8416 * 100.0, rel=0.1)
    assert np.abs(spread[20].mean()) < 15.0


def test_of_a_few_days_the_spread_is_that_of_the_law_as_well():
    """Would catch a spread around the mean of the days themselves: with three it is a fifth too narrow."""
    rng = np.random.default_rng(5)
    near = np.arange(400)[None, :].repeat(400, axis=0)
    spread = _spread_s(rng.normal(0.0, 100.0, (3, 400)), near)
    # The widest of 1,200 numbers vary; in the middle the quantile of 77.5 % is known to 4 of 76.
    assert spread[0, 15] == pytest.approx(0.7554 * 100.0, abs=8.0)


def test_days_that_are_alike_have_no_spread_to_cost():
    """Would catch being late counted once for each place of the spread, or a journey that is made longer by it."""
    line = bus_line("L", "AB", [600], range(0, 12000, 300))
    scenario = world([line], [flow("A", "B", 3600, 5400, 40)], {"bus": {**INSTANT_BUS, "capacity": 100}}, days=2)
    view = views(scenario)[0]
    preferences, habit_s = view.scenario.parameters.preferences, view.population.habitual_departure_s
    costs = window_costs(view.population, preferences, view.forecaster, view.forecast, view.candidates, habit_s)
    alike = with_spread(costs, [view.forecast] * 3, view.population, view.forecaster, preferences)
    assert np.isfinite(costs.own_min).any()
    assert alike.own_min == pytest.approx(costs.own_min, abs=1e-9)
