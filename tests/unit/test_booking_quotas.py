"""Places of a plan: prices, quotas, and answers one after the other."""

from __future__ import annotations

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
from sim.advisor.booking.kept_share import KeptAdvice, expected_kept_share
from sim.advisor.booking.place_quotas import Choices, PlaceQuotas, answered, learned_prices_min
from sim.advisor.strategies.booked import people_alike, plan_for_people_alike, rehearsed_morning, request_order
from sim.advisor.strategy import SharedCosts
from sim.model.advice import AdvicePlan
from sim.model.parameters import BookingParameters
from sim.model.scenario import Scenario


def alike(people: int, own_min: list[float]) -> Choices:
    """People who all find the windows equally good or bad; each window leads to a vehicle of its own."""
    windows = len(own_min)
    own = np.tile(np.array(own_min), (people, 1))
    case = np.tile(np.arange(windows), (people, 1))
    return Choices(own, case, np.zeros(windows), scipy.sparse.csr_array(np.eye(windows)))


@pytest.mark.parametrize("planned", [[50.0, 50.0], [20.0, 80.0], [0.0, 100.0]])
def test_prices_make_people_use_places_as_planned(planned: list[float]) -> None:
    """A hundred who all like the first window by 7 min: they are answered as the plan has it, within three people."""
    choices = alike(100, [10.0, 17.0])
    plan = np.array(planned)
    quotas = PlaceQuotas.of(plan, plan, np.full(2, 1000.0), 100.0, 1.0)
    price_min = learned_prices_min(choices, quotas, np.arange(100))
    column, _ = answered(choices, replace(quotas, price_min=price_min), np.arange(100))
    assert np.bincount(column, minlength=2) == pytest.approx(plan, abs=3.0)


def test_without_a_quota_or_a_price_all_go_where_it_is_cheapest() -> None:
    choices = alike(100, [10.0, 17.0])
    room = np.full(2, 1e9)
    quotas = PlaceQuotas.of(np.full(2, 1e6), np.full(2, 1e6), room, 1e9, 1.0)
    assert set(answered(choices, quotas, np.arange(100))[0]) == {0}


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
    quotas = PlaceQuotas.of(plan, kept_share * plan, np.full(windows, float(room)), float(people), kept_share)
    column, placed = answered(choices, quotas, np.arange(people))
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
    quotas = rehearsed_morning(*plan_for_people_alike(view)).quotas
    population = replace(view.population, preferred_arrival_s=view.population.preferred_arrival_s[::-1] + 1200.0)
    other_view = replace(view, population=population, shared=SharedCosts())
    other = rehearsed_morning(*plan_for_people_alike(other_view)).quotas
    assert np.array_equal(quotas.planned, other.planned)
    assert np.array_equal(quotas.price_min, other.price_min)
    assert quotas.planned.sum() > 0


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
