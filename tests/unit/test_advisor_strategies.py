"""What each strategy advises, seen through a spy that asks it in the middle of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_worlds import random_worlds
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
import sim.advisor.assignment.lp
from sim.advisor import AdvisorView, Strategy, strategy_by_name
from sim.advisor.rehearsal.improvement import TOLL_MIN, Improvement, Tried
from sim.advisor.strategies.earliest_relief import EarliestRelief
from sim.errors import UnknownNameError
from sim.model.advice import AdvicePlan
from sim.model.scenario import Scenario

ADVISING = ("same_for_all", "individual", "coordinated", "earliest_relief")


@dataclass
class Spy:
    """Asks a strategy and keeps what it knew and what it said."""

    asked: Strategy
    heard: list[tuple[AdvisorView, AdvicePlan]] = field(default_factory=list)
    name: str = "spy"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        plan = self.asked.advise(view)
        self.heard.append((view, plan))
        return plan


def spied(scenario: Scenario, strategy: str | Strategy) -> list[tuple[AdvisorView, AdvicePlan]]:
    spy = Spy(strategy_by_name(strategy) if isinstance(strategy, str) else strategy)
    sim.run(scenario, strategy=spy)
    return spy.heard


def rush(**sections: Any) -> Scenario:
    """Many want the same three buses; there is room in those before and after."""
    settings_ = {"days": 3, "advisor": {"penetration": 0.8, "compliance": 0.8, "window": 600}, **sections}
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 160), flow("B", "C", 3600, 5400, 30), flow("A", "C", 0, 9000, 40)]
    return world([line], flows, {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}, **settings_)


def column(view: AdvisorView, plan: AdvicePlan) -> Any:
    """Return the candidate column of each user's advice; -1 where none."""
    users = view.users
    advised = plan.window[users]
    return np.where(advised >= 0, advised - view.candidates.window[:, 0], -1)


@settings(max_examples=25)
@given(random_worlds(), st.sampled_from(ADVISING))
def test_nobody_is_advised_what_he_cannot_accept(scenario: Scenario, strategy: str) -> None:
    for view, plan in spied(scenario, strategy):
        people = view.population
        advised = np.flatnonzero(plan.advised)
        assert set(advised.tolist()) <= set(view.users.tolist())
        start, end = plan.start_s()[advised], plan.end_s()[advised]
        habit = people.habitual_departure_s[advised]
        at_habit = (start <= habit) & (habit < end)
        inside = (start >= people.earliest_departure_s[advised] - 1e-6) & (
            end <= people.latest_departure_s[advised] + 1e-6
        )
        assert (at_habit | inside).all()


def test_individual_advises_the_cheapest_window() -> None:
    for view, plan in spied(rush(), "individual"):
        cost = view.costs.own_min
        chosen = cost[np.arange(len(cost)), column(view, plan)]
        assert (chosen == cost.min(axis=1)).all()
        assert np.isfinite(chosen).all()
        assert plan.advised.sum() == len(view.users)


def test_earliest_relief_asks_for_the_smallest_shift_that_saves_enough() -> None:
    """Compared with a search user by user; where a tenth is not to be had nobody is asked."""
    heard = spied(rush(), "earliest_relief")
    assert heard
    for view, plan in heard:
        habit = view.population.habitual_departure_s[view.users] // view.window_s - view.candidates.window[:, 0]
        cost, asked = view.costs.own_min.tolist(), column(view, plan).tolist()
        assert -1 in asked
        assert any(column not in (-1, at) for column, at in zip(asked, habit.tolist(), strict=True))
        for row, at in enumerate(habit.astype(int).tolist()):
            enough = [place for place, paid in enumerate(cost[row]) if paid <= 0.9 * cost[row][at]]
            nearest = min(enough, key=lambda place: (abs(place - at), place), default=-1)
            assert asked[row] == nearest


def test_earliest_relief_asks_fewer_people_where_a_shift_has_to_save_more() -> None:
    scenario = rush()
    asked = []
    for share in (0.0, 0.1, 0.3, 0.9):
        heard = spied(scenario, EarliestRelief(share))
        asked.append(int(heard[0][1].advised.sum()))
    assert asked == sorted(asked, reverse=True)
    assert asked[0] > asked[1] > asked[-1]


def test_same_for_all_advises_the_least_crowded_window_that_is_acceptable() -> None:
    for view, plan in spied(rush(), "same_for_all"):
        costs = view.costs
        crowding = costs.forecast.load_factor[costs.candidates.case]
        possible = np.where(np.isfinite(costs.own_min), crowding, np.inf)
        chosen = crowding[np.arange(len(crowding)), column(view, plan)]
        assert (chosen == possible.min(axis=1)).all()


def test_same_for_all_sends_nobody_after_the_last_vehicle() -> None:
    # A bus every 15 min until 22:56, and a last one at 23:08, which is all but empty: of those who leave from 23:00 to
    # 23:15 about half miss it.
    departures = [*range(78960, 82561, 900), 83280]
    line = bus_line("L", "AB", [600], departures)
    scenario = world(
        [line],
        [flow("A", "B", 78600, 82440, 120, "even")],
        {"bus": {**INSTANT_BUS, "seats": 30, "capacity": 40}},
        population={"earlier_flexibility": 1800, "later_flexibility": 1800},
        advisor={"penetration": 1, "compliance": 1, "window": 900},
        days=3,
    )
    for view, plan in spied(scenario, "same_for_all"):
        assert (view.candidates.window[view.candidates.acceptable] == 92).any(), "some could be sent there"
        assert not (plan.window == 92).any()
    result = sim.run(scenario, strategy="same_for_all")
    assert result.summary["metrics"]["arrived_share"]["mean"] == 1.0


def test_same_for_all_does_not_look_at_wishes() -> None:
    """Whoever goes the same way and could accept the same windows is told the same."""
    for view, plan in spied(rush(), "same_for_all"):
        told = defaultdict(set)
        for row, user in enumerate(view.users.tolist()):
            possible = tuple(view.candidates.window[row][np.isfinite(view.costs.own_min[row])].tolist())
            way = (int(view.population.origin[user]), int(view.population.destination[user]), possible)
            told[way].add(int(plan.window[user]))
        assert len(told) < len(view.users)
        assert all(len(windows) == 1 for windows in told.values())


def test_strategies_differ_where_it_matters() -> None:
    plans = {name: spied(rush(), name)[0][1].window for name in ADVISING}
    assert (plans["same_for_all"] != plans["individual"]).any()
    assert (plans["individual"] != plans["coordinated"]).any()


def test_none_advises_nobody() -> None:
    for _, plan in spied(rush(), "none"):
        assert not plan.advised.any()


def test_advisor_knows_the_days_before_and_not_the_day_itself() -> None:
    heard = spied(rush(days=4), "individual")
    assert [view.day for view, _ in heard] == [1, 2, 3]
    assert [len(view.observations) for view, _ in heard] == [1, 2, 3]
    assert [len(view.plans) for view, _ in heard] == [1, 2, 3]
    assert not heard[0][0].plans[0].advised.any()
    assert np.array_equal(heard[1][0].plans[1].window, heard[0][1].window)


def test_advice_starts_on_its_first_day() -> None:
    sections = {"advisor": {"penetration": 1, "compliance": 1, "first_day": 2}, "days": 4}
    assert [view.day for view, _ in spied(rush(**sections), "individual")] == [2, 3]


def test_name_that_is_no_strategy() -> None:
    with pytest.raises(UnknownNameError, match="individual"):
        strategy_by_name("indvidual")


# --- one user ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["individual", "coordinated"])
def test_single_user_is_better_off_by_as_much_as_he_was_told(strategy: str) -> None:
    """A user in the worst of the rush who does not mind being early is sent before it, and it pays."""
    line = bus_line("L", "AC", [300], range(300, 12000, 300))
    rushing = flow("A", "C", 3600, 5400, 160, preferred_arrival=5400)
    scenario = world(
        [line],
        [rushing],
        {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}},
        advisor={"penetration": 1 / 160, "compliance": 1, "window": 300},
        preferences={"early_penalty": 0.1},
        period=300,
        seed=3,
    )
    spy = Spy(strategy_by_name(strategy))
    result = sim.compare(scenario, ["none", spy])
    journeys = result.journeys
    before, after = (journeys[journeys["strategy"] == name].set_index("commuter_id") for name in ("none", "spy"))
    (user,) = after.index[after["advised"]]
    gain = before.loc[user, "generalized_cost_min"] - after.loc[user, "generalized_cost_min"]
    assert gain > 5
    view, plan = spy.heard[0]
    told = view.costs.own_min[0, int(column(view, plan)[0])]
    assert after.loc[user, "generalized_cost_min"] == pytest.approx(told, abs=3)


# --- coordinated ------------------------------------------------------------------------------------------

BY_FORECAST: dict[str, Any] = {"rehearsal": {"draws": 0}}
"""Leaves windows as the forecast deals them out."""

BOTTLENECK = {"early_penalty": 0.5, "late_penalty": 2.0}


def bottleneck(users: int, capacity: int, **advisor: Any) -> Scenario:
    """One bus at the end of each window of 600 s, and everybody wants to be there at the same time."""
    line = bus_line("L", "AB", [300], [number * 600 + 599 for number in range(30)])
    return world(
        [line],
        [flow("A", "B", 9000, 9600, users, "even", preferred_arrival=9899)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": capacity}},
        advisor={"penetration": 1, "compliance": 1, "window": 600, **advisor},
        population={"earlier_flexibility": 6000, "later_flexibility": 3000},
        preferences=BOTTLENECK,
        period=600,
        days=4,
    )


@pytest.mark.parametrize(("users", "capacity", "target"), [(60, 20, 1.0), (45, 20, 0.5), (37, 12, 1.0), (100, 15, 1.0)])
def test_quotas_do_not_exceed_the_room_there_is(users: int, capacity: int, target: float) -> None:
    heard = spied(bottleneck(users, capacity, target_load_factor=target), "coordinated")
    _, plan = heard[-1]
    windows, counts = np.unique(plan.window[plan.advised], return_counts=True)
    assert counts.max() <= capacity * target
    assert len(windows) >= users / (capacity * target)


def test_the_target_is_met_on_average() -> None:
    """Whether people follow is chance: on a draw a bus may carry more, on all of them only what it may.

    In error would be a price that counts draws one by one, by which room for chance is left empty, and one that grows
    with the square of the number, by which one person too many costs a 20th of what 20 do each.
    """
    view, _ = spied(bottleneck(45, 20, target_load_factor=0.5, compliance=0.8), "coordinated")[-1]
    improvement = Improvement(view, view.stage)
    usual = improvement.now[0]
    told = usual + np.repeat([-3, -2, -1, 1], [12, 12, 12, 9])

    def without_toll(found: Tried) -> float:
        return float(np.mean([day.mean_min for day in found.days]))

    fits = improvement.tried(told)
    by_day = np.array([day.visits.load for day in fits.days])
    assert by_day.max() > 10 >= by_day.mean(axis=0).max()
    assert fits.mean_min == without_toll(fits)
    # Two more in the window before the usual one, of whom 1.6 are expected to come.
    told[-2:] = usual - 1
    passes = improvement.tried(told)
    too_many = np.mean([day.visits.load for day in passes.days], axis=0).max() - 10
    assert too_many > 0
    assert passes.mean_min - without_toll(passes) == pytest.approx(TOLL_MIN * too_many / 45)
    assert passes.mean_min > fits.mean_min


def test_nobody_is_left_behind_where_coordination_has_room_for_all() -> None:
    result = sim.compare(bottleneck(60, 20), ["none", "same_for_all", "individual", "coordinated"])
    entry = result.summary["strategies"]
    assert entry["none"]["denied_boardings"]["mean"] == 40 + 20  # at 9599 and 10199
    assert entry["coordinated"]["denied_boardings"]["mean"] == 0
    costs = {name: metrics["total_generalized_cost_min"]["mean"] for name, metrics in entry.items()}
    assert costs["coordinated"] == min(costs.values())
    # Sent into the one window that was empty yesterday, they are as many there as they had been before.
    assert entry["same_for_all"]["denied_boardings"]["mean"] >= 60


def test_coordination_reaches_the_best_assignment_of_the_bottleneck() -> None:
    """60 people, 20 a bus, wished 9899: in time, 10 min early, and 20 min early, which costs 10 min as 5 late do."""
    result = sim.run(bottleneck(60, 20), strategy="coordinated")
    arrivals, counts = np.unique(result.journeys["arrival_s"].round(), return_counts=True)
    assert counts.tolist() == [20, 20, 20]
    assert arrivals.tolist() == [8699, 9299, 9899]


@pytest.mark.parametrize("jointly", [True, False], ids=["program", "moves"])
@settings(max_examples=8)
@given(st.integers(0, 1000), st.sampled_from([0.3, 1.0]), st.sampled_from([0.3, 0.8]))
@pytest.mark.long
def test_coordination_does_not_make_the_rush_worse(
    jointly: bool, seed: int, penetration: float, compliance: float
) -> None:
    advisor = {"penetration": penetration, "compliance": compliance, "window": 600}
    with assigning(jointly):
        result = sim.compare(rush(seed=seed, advisor=advisor), ["none", "coordinated"])
    entry = result.summary["strategies"]["coordinated"]["total_generalized_cost_min"]
    assert entry["difference"] <= 0.01 * entry["mean"]


@contextmanager
def assigning(jointly: bool) -> Iterator[None]:
    """Let coordinated solve the whole assignment, or take the path of large scenarios: moves one by one."""
    with pytest.MonkeyPatch.context() as patch:
        if not jointly:
            patch.setattr(sim.advisor.assignment.lp, "MOST_ENTRIES", 0)
        yield


def advised_load(view: AdvisorView, plan: AdvicePlan) -> Any:
    """Count the users on each vehicle departure (point and period), as the advisor expects them."""
    costs, place = view.costs, column(view, plan)
    rows = np.flatnonzero(place >= 0)
    case = costs.candidates.case[rows, place[rows]]
    return np.bincount(case, minlength=len(costs.forecast.option)) @ costs.forecast.cells


@settings(max_examples=15)
@given(st.integers(0, 1000), st.sampled_from([0.6, 0.8, 1.0]), st.sampled_from([0.5, 1.0]))
@pytest.mark.long
def test_moves_do_not_fill_a_departure_beyond_its_limit(seed: int, target: float, compliance: float) -> None:
    """Forecast load and the moves of the day: no more than the limit, or than was there before."""
    advisor = {"penetration": 0.8, "compliance": compliance, "window": 600, "target_load_factor": target, **BY_FORECAST}
    with assigning(jointly=False):
        view, plan = spied(rush(seed=seed, advisor=advisor), "coordinated")[0]
    habit = view.population.habitual_departure_s // view.window_s
    stay = AdvicePlan(np.where(plan.advised, habit, -1).astype(np.int64), plan.window_s)
    before = view.forecast.load.reshape(-1)
    after = before + compliance * (advised_load(view, plan) - advised_load(view, stay))
    limit = target * view.forecast.capacity.reshape(-1)
    moved_in = after > before + 1e-6
    assert moved_in.any()
    assert (after[moved_in] <= np.maximum(before, limit)[moved_in] + 1e-6).all()


# --- who follows ------------------------------------------------------------------------------------------

FALLING = {"compliance_rule": "falling", "compliance_halving": "15 min"}


def test_individual_advises_what_pays_most_with_the_chance_to_follow() -> None:
    advisor = {"penetration": 0.8, "compliance": 0.8, "window": 600, **FALLING}
    less_far = 0
    for view, plan in spied(rush(advisor=advisor), "individual"):
        own = view.costs.own_min
        people, rows, chosen = view.population, np.arange(len(own)), column(view, plan)
        habit_s = people.habitual_departure_s[view.users][:, None]
        starts_s = view.candidates.window * 600.0
        asked_s = np.maximum(starts_s - habit_s, 0.0) + np.maximum(habit_s - starts_s - 600.0, 0.0)
        gain = own[rows, (habit_s[:, 0] // 600).astype(int) - view.candidates.window[:, 0]][:, None] - own
        worth = np.where(np.isfinite(own), gain * 0.5 ** (asked_s / 900.0), -np.inf)
        assert worth[rows, chosen] == pytest.approx(worth.max(axis=1))
        less_far += int((chosen != own.argmin(axis=1)).sum())
    assert less_far > 0


@pytest.mark.parametrize("jointly", [True, False], ids=["program", "averages"])
def test_coordination_counts_on_fewer_followers_the_further_it_asks(jointly: bool) -> None:
    """More users are told a far window than it has room for, since few will come; those expected fit in."""
    most_told, most_expected = [], []
    with assigning(jointly):
        for rule in ({}, FALLING):
            view, plan = spied(bottleneck(200, 20, compliance=0.9, **rule, **BY_FORECAST), "coordinated")[0]
            chosen, rows = column(view, plan), np.arange(len(view.users))
            away = (chosen >= 0) & (chosen != 9000 // 600 - view.candidates.window[:, 0])
            chance = 0.9 * view.chance[rows, np.maximum(chosen, 0)]
            most_told.append(np.bincount(chosen[away]).max())
            most_expected.append(np.bincount(chosen[away], chance[away]).max())
    assert max(most_expected) <= 20 + 1
    assert most_told[0] <= 20 / 0.9 + 1
    assert most_told[1] > 2 * most_told[0]


def test_classes_that_follow_more_count_for_more() -> None:
    """Of two classes with factors 0.5 and 1.5 the second is expected to follow three times as often."""
    classes = [
        {"name": "stiff", "share": 0.5, "compliance_factor": 0.5},
        {"name": "free", "share": 0.5, "compliance_factor": 1.5},
    ]
    advisor = {"penetration": 1, "compliance": 0.5, "window": 600}
    scenario = rush(advisor=advisor, population={"flexibility_classes": classes})
    view, _ = spied(scenario, "coordinated")[0]
    factor = view.population.traits.compliance_factor[view.users]
    assert set(factor.tolist()) == {0.5, 1.5}
    assert (view.chance == factor[:, None]).all()
