"""Classes of commuters: who is in which, and what it changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.advisor.compliance import Compliance, app_users
from sim.advisor.loop import ReplicationWorld, compile_scenario
from sim.model.advice import AdvicePlan
from sim.population.schedule_cost import schedule_cost_min

LOW, HIGH = {"name": "low", "share": 0.4}, {"name": "high", "share": 0.6}
FIXED, FREE = {"name": "fixed", "share": 0.25}, {"name": "free", "share": 0.75}


def made(incomes: Any = (), flexibilities: Any = (), commuters: int = 2000, **sections: Any) -> ReplicationWorld:
    population = {"income_classes": list(incomes), "flexibility_classes": list(flexibilities)}
    return ReplicationWorld.create(compile_scenario(scenario(population, commuters, **sections)), 0)


def scenario(population: Any, commuters: int = 2000, **sections: Any) -> Any:
    lines = [bus_line("L", "AB", [300], range(600, 9000, 120))]
    return world(lines, [flow("A", "B", 3600, 5400, commuters)], population=population, **sections)


def test_shares_are_met_and_kinds_are_drawn_apart():
    traits = made((LOW, HIGH), (FIXED, FREE), 20_000).population.traits
    low, fixed = traits.income_class == 0, traits.flexibility_class == 0
    # four standard errors of a share of 20 000
    assert low.mean() == pytest.approx(0.4, abs=0.014)
    assert fixed.mean() == pytest.approx(0.25, abs=0.0125)
    assert (low & fixed).mean() == pytest.approx(0.1, abs=0.0085)


def test_classes_move_nobody_elses_numbers():
    plain, parted = made().population, made((LOW, HIGH), (FIXED, FREE)).population
    for name in ("habitual_departure_s", "preferred_arrival_s", "earliest_departure_s", "latest_departure_s", "key"):
        assert np.array_equal(getattr(plain, name), getattr(parted, name))


def test_a_further_class_takes_over_from_the_last_one_only():
    two = made((LOW, HIGH)).population.traits.income_class
    three = made((LOW, {"name": "high", "share": 0.5}, {"name": "top", "share": 0.1})).population.traits.income_class
    assert np.array_equal(two == 0, three == 0)
    assert set(two[three == 2]) == {1}


def test_a_further_commuter_changes_nobodys_class():
    fewer = made((LOW, HIGH), commuters=100).population
    more = made((LOW, HIGH), commuters=101).population
    assert np.array_equal(more.traits.income_class[:100], fewer.traits.income_class)


def test_flexibility_bounds_departures():
    fixed = {**FIXED, "earlier_flexibility": "5 min", "later_flexibility": 0}
    population = made((), (fixed, FREE)).population
    in_class = population.traits.flexibility_class == 0
    earlier_s = population.habitual_departure_s - population.earliest_departure_s
    assert earlier_s[in_class] == pytest.approx(300.0)
    assert earlier_s[~in_class] == pytest.approx(3600.0)
    assert (population.latest_departure_s == population.habitual_departure_s)[in_class].all()


def test_being_late_costs_a_class_its_own_multiple():
    dear = {**LOW, "late_penalty_factor": 3.0, "early_penalty_factor": 0.5}
    worlds = [scenario({"income_classes": [item, HIGH]}, 200, days=1) for item in (LOW, dear)]
    plain, changed = (sim.run(item).tables["journeys"] for item in worlds)
    weights = worlds[0].parameters.preferences
    in_class = changed.equals("income_class", "low")
    more_min = 2.0 * weights.late_penalty * plain["schedule_delay_late_s"] / 60.0
    more_min -= 0.5 * weights.early_penalty * plain["schedule_delay_early_s"] / 60.0
    assert (np.abs(more_min[in_class]) > 0.1).any()
    difference_min = changed["generalized_cost_min"] - plain["generalized_cost_min"]
    assert difference_min == pytest.approx(np.where(in_class, more_min, 0.0), abs=1e-9)
    # what is expected of a window is weighed alike
    expected = schedule_cost_min(weights, np.array([60.0, 240.0]), np.array([120.0, 120.0]), 0.5, 3.0)
    assert expected == pytest.approx([0.5 * weights.early_penalty, 2 * 3.0 * weights.late_penalty])


def test_who_has_the_app_and_who_follows_by_class():
    free = {**FREE, "penetration_factor": 2.0, "compliance_factor": 0.5}
    advisor = {"penetration": 0.4, "compliance": 0.6}
    people = made((), (FIXED, free), advisor=advisor)
    population, parameters = people.population, people.compiled.scenario.parameters.advisor
    in_class = population.traits.flexibility_class == 1
    app_user = app_users(population, parameters, people.lasting)
    # the numbers are drawn pro rata over pairs and windows, and so met almost to the person
    assert app_user[in_class].mean() == pytest.approx(0.8, abs=0.03)
    assert app_user[~in_class].mean() == pytest.approx(0.4, abs=0.06)
    fewer = app_users(population, parameters.model_copy(update={"penetration_share": 0.2}), people.lasting)
    assert not (fewer & ~app_user).any()
    plan = AdvicePlan(np.full(len(population), 4, dtype=np.int64), 900.0)
    follows = Compliance(population, parameters, people.lasting).compliers(plan, people.choices_of(1))
    assert follows[in_class].mean() == pytest.approx(0.3, abs=0.03)
    assert follows[~in_class].mean() == pytest.approx(0.6, abs=0.06)
    never = made((), (FIXED, {**free, "compliance_factor": 0.0}), advisor=advisor)
    assert (
        not Compliance(never.population, parameters, never.lasting).compliers(plan, never.choices_of(1))[in_class].any()
    )


def test_who_earns_little_moves_for_a_smaller_discount():
    poor = {**LOW, "value_of_time_factor": 0.25}
    discounts = [{"start": 0, "end": 3600, "discount_share": 0.5}]
    incentive = {"fare": 1.0, "value_of_time": 10.0, "discounts": discounts}
    advisor = {"strategy": "incentive", "penetration": 1.0, "compliance": 1.0, "incentive": incentive}
    result = sim.run(scenario({"income_classes": [poor, HIGH]}, 200, advisor=advisor))
    check_invariants(result.tables)
    journeys = result.tables["journeys"]
    moved = journeys["advised"]
    in_class = journeys.equals("income_class", "low")
    assert moved[in_class].mean() > 0.2 > moved[~in_class].mean()


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ([LOW, {**HIGH, "share": 0.5}], "sum to 0.9; they must sum to 1"),
        ([LOW, {**HIGH, "name": "low"}], "same name"),
        ([{"name": "all", "share": 1.0, "value_of_time_factor": 0}], "greater than 0"),
    ],
)
def test_classes_that_make_no_sense_are_refused(classes: Any, words: str):
    with pytest.raises(ValueError, match=words):
        scenario({"income_classes": classes})
