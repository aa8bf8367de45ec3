"""Places and windows of a plan: quotas, prices, and answers one after the other."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import AdvisorView, strategy_by_name
from sim.advisor.booking.answers import answered
from sim.advisor.booking.kept_share import KeptAdvice, expected_kept_share
from sim.advisor.booking.place_quotas import Choices, PlaceQuotas
from sim.advisor.booking.window_prices import WindowPrices, learned_prices
from sim.advisor.strategies.booked import people_alike, plan_for_people_alike, rehearsed_morning, request_order
from sim.advisor.strategy import SharedCosts
from sim.arrays import IntArray
from sim.model.advice import AdvicePlan
from sim.model.parameters import BookingParameters
from sim.model.scenario import Scenario


def alike(people: int, own_min: list[float], option: int = 0) -> Choices:
    """People who all find the windows equally good or bad; each window leads to a vehicle of its own."""
    windows = len(own_min)
    own = np.tile(np.array(own_min), (people, 1))
    case = np.tile(np.arange(windows), (people, 1))
    options = np.full(windows, option)
    return Choices(own, case, options, np.arange(windows), np.zeros(windows), scipy.sparse.csr_array(np.eye(windows)))


def told(planned: list[int]) -> IntArray:
    """The windows that a plan has for so many people each."""
    return np.repeat(np.arange(len(planned)), planned)


def prices_for(choices: Choices, planned: list[int], elasticity_min: float) -> WindowPrices:
    return learned_prices(choices, np.arange(sum(planned)), told(planned), elasticity_min)


def free_room(windows: int) -> PlaceQuotas:
    return PlaceQuotas(np.zeros(windows), np.full(windows, 1e9))


@pytest.mark.parametrize("planned", [[50, 50], [20, 80], [0, 100]])
def test_prices_make_people_use_windows_as_planned(planned: list[int]) -> None:
    """A hundred who all like the first window by 7 min: they are answered as the plan has it.

    A few are not, as pace makes up for the blur with which prices are learned.
    """
    choices = alike(100, [10.0, 17.0])
    prices = prices_for(choices, planned, math.inf)
    column, _ = answered(choices, free_room(2), prices, np.arange(100))
    assert np.bincount(column, minlength=2) == pytest.approx(planned, abs=6.0)


def test_of_all_ways_to_deal_windows_out_prices_find_the_one_of_least_own_cost() -> None:
    """People differ in what windows cost them: told other people's windows at random they would pay twice as much."""
    generator = np.random.default_rng(3)
    own_min = generator.uniform(0.0, 30.0, (400, 4))
    choices = replace(alike(400, [0.0] * 4), own_min=own_min)
    planned = [160, 120, 80, 40]
    # At the least, the plan deals its windows out to the people of least cost; it is solved as an assignment.
    plan = told(planned)
    rows, slots = scipy.optimize.linear_sum_assignment(own_min[:, plan])
    least_min = own_min[rows, plan[slots]].mean()
    prices = learned_prices(choices, np.arange(400), plan, math.inf)
    others_min = generator.uniform(0.0, 30.0, (400, 4))
    others = replace(choices, own_min=others_min)
    column, _ = answered(others, free_room(4), prices, generator.permutation(400))
    assert np.bincount(column, minlength=4) == pytest.approx(planned, abs=20.0)
    found_min = others_min[np.arange(400), column].mean()
    # Others pay within a standard error or two of what the people of the plan would pay at the least.
    assert found_min < 1.15 * least_min
    assert others_min[np.arange(400), plan].mean() > 2.0 * found_min


def test_prices_give_way_by_their_elasticity() -> None:
    """One who would lose 30 min by what the plan has for them is left alone, unless prices are to force them."""
    choices = alike(1, [0.0, 30.0])
    given = [prices_for(choices, [0, 1], elasticity_min) for elasticity_min in (10.0, math.inf)]
    columns = [answered(choices, free_room(2), prices, np.arange(1))[0][0] for prices in given]
    assert columns == [0, 1]
    soft = given[0]
    assert soft.price_min == pytest.approx(10.0 * np.log((soft.foreseen + 0.3) / (np.array([0.0, 1.0]) + 0.3)), abs=0.1)


def test_prices_of_one_option_say_nothing_of_another() -> None:
    """Whoever comes from elsewhere takes what is best for all; a window nobody could take counts as the next one."""
    choices = alike(100, [10.0, 17.0])
    prices = prices_for(choices, [0, 100], math.inf)
    elsewhere = alike(10, [10.0, 17.0], option=1)
    assert (prices.cells_of(elsewhere.option, elsewhere.window) == -1).all()
    assert set(answered(elsewhere, free_room(2), prices, np.arange(10))[0]) == {0}
    apart = prices_for(replace(choices, window=np.array([0, 5])), [0, 100], math.inf)
    asked = replace(alike(1, [10.0] * 4), window=np.array([-4, 1, 4, 9]))
    assert apart.cells_of(asked.option, asked.window).tolist() == [0, 0, 1, 1]


def test_requests_that_come_in_a_bunch_are_spread() -> None:
    """All who like the second window ask before all others: the first of them do not take all of it."""
    early, late = np.tile([0.0, 1.0], (50, 1)), np.tile([1.0, 0.0], (50, 1))
    choices = replace(alike(100, [0.0, 0.0]), own_min=np.concatenate([early, late]))
    prices = learned_prices(choices, np.arange(100), told([50, 50]), math.inf)
    column, _ = answered(replace(choices, own_min=np.tile([0.0, 1.0], (100, 1))), free_room(2), prices, np.arange(100))
    assert 20 <= column[:50].sum() <= 30


def test_without_a_quota_or_a_price_all_go_where_it_is_cheapest() -> None:
    nobody = learned_prices(alike(0, [10.0, 17.0]), np.arange(0), np.arange(0), math.inf)
    column, _ = answered(alike(100, [10.0, 17.0]), free_room(2), nobody, np.arange(100))
    assert np.bincount(column, minlength=2)[0] >= 90


@given(
    own_min=st.lists(st.floats(0, 50), min_size=2, max_size=5),
    people=st.integers(1, 80),
    planned=st.integers(0, 30),
    room=st.integers(0, 60),
    kept_share=st.sampled_from([0.5, 0.8, 1.0]),
)
def test_quotas_are_never_exceeded(
    own_min: list[float], people: int, planned: int, room: int, kept_share: float
) -> None:
    choices, windows = alike(people, own_min), len(own_min)
    plan = np.full(windows, float(planned))
    quotas = PlaceQuotas.of(plan, kept_share * plan, np.full(windows, float(room)), kept_share)
    prices = prices_for(alike(planned * windows, own_min), [planned] * windows, 100.0)
    column, placed = answered(choices, quotas, prices, np.arange(people))
    assert (placed <= quotas.quota + 1e-6).all()
    # Over-booking makes up for those expected not to come, and goes no further.
    assert (quotas.quota <= np.maximum(plan, room / kept_share) + 1e-9).all()
    assert placed.sum() <= people == len(column)


def test_what_is_seen_takes_over_from_what_is_assumed() -> None:
    parameters = BookingParameters(kept_share=0.75)
    assert expected_kept_share(parameters, []) == 0.75
    assert expected_kept_share(parameters, [KeptAdvice(20, 20)]) == pytest.approx(35 / 40)
    assert expected_kept_share(parameters, [KeptAdvice(1000, 900)] * 5) == pytest.approx(0.9, abs=0.001)
    # Over-booking stays bounded whatever was seen.
    assert expected_kept_share(parameters, [KeptAdvice(1000, 10)]) == 0.5


def rush(**advisor: Any) -> Scenario:
    """Many want the same three buses; there is room in those before and after."""
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 160), flow("B", "C", 3600, 5400, 30)]
    vehicle = {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}
    told = {"penetration": 1, "compliance": 1, "window": 600, **advisor}
    return world([line], flows, vehicle, days=4, advisor=told)


class Spy:
    """Keeps what it knew."""

    name = "spy"

    def __init__(self) -> None:
        self.heard: list[tuple[AdvisorView, AdvicePlan]] = []

    def advise(self, view: AdvisorView) -> AdvicePlan:
        plan = strategy_by_name("booked").advise(view)
        self.heard.append((view, plan))
        return plan


@cache
def heard(**advisor: Any) -> list[tuple[AdvisorView, AdvicePlan]]:
    spy = Spy()
    sim.run(rush(**advisor), strategy=spy)
    return spy.heard


def test_the_plan_knows_how_many_travel_and_nobodys_wish() -> None:
    """Wishes of those who will ask are turned upside down: the places of the plan stay what they were."""
    view = heard()[0][0]
    morning = rehearsed_morning(*plan_for_people_alike(view))
    population = replace(view.population, preferred_arrival_s=view.population.preferred_arrival_s[::-1] + 1200.0)
    other_view = replace(view, population=population, shared=SharedCosts())
    other = rehearsed_morning(*plan_for_people_alike(other_view))
    assert np.array_equal(morning.quotas.planned, other.quotas.planned)
    assert np.array_equal(morning.prices.price_min, other.prices.price_min)
    assert morning.quotas.planned.sum() > 0


def test_people_ask_in_another_order_every_day() -> None:
    views = [view for view, _ in heard()]
    orders = [request_order(view).tolist() for view in views]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(len(views[0].users)))


@pytest.mark.parametrize("compliance", [0.3, 0.9])
def test_the_plan_of_a_day_expects_what_the_days_before_have_shown(compliance: float) -> None:
    """Assumed are three of four; by the last morning the advisor has seen how many keep to what they booked.

    It never expects fewer than half, so that over-booking stays bounded.
    """
    views = [view for view, _ in heard(compliance=compliance)]
    shares = [people_alike(view).scenario.parameters.advisor.compliance_share for view in views]
    assert shares[0] == pytest.approx(0.75, abs=0.01)
    assert abs(shares[-1] - max(compliance, 0.5)) < 0.5 * abs(shares[0] - max(compliance, 0.5))
    assert [len(view.kept_before) for view in views] == [view.day for view in views]


def test_nobody_is_booked_beyond_what_they_accept() -> None:
    for view, plan in heard():
        column = plan.window[view.users] - view.candidates.window[:, 0]
        assert (column >= 0).all()
        assert view.candidates.acceptable[np.arange(len(column)), column].all()
