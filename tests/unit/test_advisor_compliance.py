"""Shares met to a person: who has the app, who follows, and that more reach includes all that had it before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import bus_line, flow, world

import sim
from sim.advisor import AdvisorView, ReplicationWorld
from sim.advisor.compliance import Compliance, _first, app_users
from sim.advisor.loop import compile_scenario
from sim.model.advice import AdvicePlan
from sim.model.parameters import AdvisorParameters
from sim.population.commuters import Population
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.randomness import Streams

LINE = bus_line("L", "ABC", [120, 180], range(300, 9000, 300))
FLOWS = [flow("A", "C", 600, 4200, 97), flow("A", "B", 0, 7200, 41), flow("B", "C", 900, 1500, 13)]
PEOPLE = 97 + 41 + 13
POPULATION: Population = ReplicationWorld.create(compile_scenario(world([LINE], FLOWS)), 0).population


def users(penetration: float, replication: int = 0, **more: Any) -> Any:
    lasting = LastingVariates(Streams(1, replication), POPULATION.key)
    return app_users(POPULATION, AdvisorParameters(penetration_share=penetration, **more), lasting)


def followers(compliance: float, day: int = 1, rule: Any = "fixed_share", penetration: float = 0.8) -> Any:
    parameters = AdvisorParameters(compliance_share=compliance, compliance_rule=rule)
    plan = AdvicePlan(np.where(users(penetration), 2, -1), parameters.window_s)
    chance = LastingVariates(Streams(1, 0), POPULATION.key), ChoiceVariates(Streams(1, 0), POPULATION.key, day)
    return Compliance(POPULATION, parameters, chance[0]).compliers(plan, chance[1])


@given(st.floats(0, 1), st.integers(0, 20))
def test_penetration_is_met_to_a_person(penetration: float, replication: int) -> None:
    assert users(penetration, replication).sum() == round(penetration * PEOPLE)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 20))
def test_who_has_the_app_at_a_low_penetration_has_it_at_a_higher_one(
    one: float, other: float, replication: int
) -> None:
    few, many = (users(share, replication) for share in sorted((one, other)))
    assert not (few & ~many).any()


@given(st.floats(0, 1), st.floats(0, 1))
def test_fixed_share_is_met_to_a_person(penetration: float, compliance: float) -> None:
    advised = users(penetration)
    follows = followers(compliance, penetration=penetration)
    assert follows.sum() == round(compliance * advised.sum())
    assert not (follows & ~advised).any()


def test_fixed_share_is_the_same_people_every_day() -> None:
    assert followers(0.4, day=1).tolist() == followers(0.4, day=5).tolist()


def test_higher_compliance_includes_the_lower_one() -> None:
    assert not (followers(0.3) & ~followers(0.6)).any()


def test_independent_coins_fall_anew_each_day() -> None:
    counts = [followers(0.4, day, "independent", 1.0).sum() for day in range(400)]
    assert np.mean(counts) == pytest.approx(0.4 * PEOPLE, abs=4 * np.sqrt(0.24 * PEOPLE / 400))
    assert np.var(counts) == pytest.approx(0.24 * PEOPLE, rel=0.4)
    assert (followers(0.4, 1, "independent") != followers(0.4, 2, "independent")).any()
    assert not (followers(0.4, 1, "independent") & ~users(0.8)).any()


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, PEOPLE)])
def test_nobody_and_everybody(share: float, expected: int) -> None:
    assert users(share).sum() == expected
    assert followers(share, penetration=1.0).sum() == expected
    assert followers(share, rule="independent", penetration=1.0).sum() == expected


def test_replications_reach_other_people() -> None:
    assert (users(0.5, 0) != users(0.5, 1)).any()


def test_users_differ_from_others_by_nothing_else() -> None:
    """Half of everybody is half of each pair of stops, give or take one in each window of habit."""
    half = users(0.5)
    for origin, destination, people in ((0, 2, 97), (0, 1, 41), (1, 2, 13)):
        mine = (POPULATION.origin == origin) & (POPULATION.destination == destination)
        assert mine.sum() == people
        assert half[mine].sum() == pytest.approx(people / 2, abs=5)


class ToFour:
    """Advise everybody the window from 04:00, where nobody's habit is."""

    name = "to_four"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        window = np.full(len(view.population), -1, dtype=np.int64)
        window[view.users] = int(4 * 3600 // view.window_s)
        return AdvicePlan(window, view.window_s)


@pytest.mark.parametrize(("penetration", "compliance"), [(1.0, 0.2), (0.6, 0.35), (0.3, 1.0), (0.9, 0.0)])
def test_shares_reach_the_tables(penetration: float, compliance: float) -> None:
    advisor = {"penetration": penetration, "compliance": compliance, "window": 900}
    result = sim.run(world([LINE], FLOWS, advisor=advisor), strategy=ToFour())
    journeys = result.journeys
    advised = round(penetration * PEOPLE)
    assert journeys["advised"].sum() == advised
    assert journeys["complied"].sum() == round(compliance * advised)
    complied = journeys[journeys["complied"]]
    assert complied["departure_s"].between(14400, 15300, inclusive="left").all()
    others = journeys[~journeys["complied"]]
    assert (others["departure_s"] == others["habitual_departure_s"]).all()


def test_who_leaves_in_the_window_anyway_counts_as_complying() -> None:
    class AsAlways:
        name = "as_always"

        def advise(self, view: AdvisorView) -> AdvicePlan:
            habit = view.population.habitual_departure_s // view.window_s
            return AdvicePlan(habit.astype(np.int64), view.window_s)

    advisor = {"penetration": 1, "compliance": 0.1, "window": 900}
    journeys = sim.run(world([LINE], FLOWS, advisor=advisor), strategy=AsAlways()).journeys
    assert journeys["complied"].all()
    assert (journeys["departure_s"] == journeys["habitual_departure_s"]).all()


def test_only_those_who_go_to_the_named_stops_are_reached() -> None:
    advisor = {"penetration": 1, "compliance": 1, "window": 900, "only_destinations": ["B"]}
    journeys = sim.run(world([LINE], FLOWS, advisor=advisor), strategy=ToFour()).journeys
    assert set(journeys[journeys["advised"]]["destination_stop_id"]) == {"B"}
    assert journeys["advised"].sum() == 41


@pytest.mark.parametrize("number", [0, 1, 2, 777, 3999, 4000, 6000])
def test_exactly_as_many_follow_as_a_share_is_and_those_who_come_first(number):
    rng = np.random.default_rng(3)
    spread, factor = rng.random(6000), rng.choice([0.5, 1.0, 2.0], 6000)
    able = np.arange(6000) % 3 < 2
    chosen = _first(spread, factor, able, number)
    if number == 6000:
        assert chosen.all()
        return
    assert chosen.sum() == number
    weighed = np.where(able, spread / factor, np.inf)
    assert set(np.flatnonzero(chosen)) == set(np.argsort(weighed)[:number])
