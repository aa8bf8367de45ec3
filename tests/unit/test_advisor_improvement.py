"""What rounds of an improvement do, each against the same sums user by user."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.advisor import AdvisorView, ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum.search import first_view
from sim.advisor.rehearsal import improvement as module
from sim.advisor.rehearsal import issue, regret_price, releases
from sim.advisor.rehearsal.improvement import Improvement
from sim.advisor.rehearsal.releases import bounded, regret_min
from sim.advisor.rehearsal.stage import Stage
from sim.arrays import IntArray
from sim.model.advice import AdvicePlan, no_advice
from sim.model.scenario import Scenario
from sim.population.windows import window_of


def crowded(**sections: Any) -> Scenario:
    """A line whose buses have no room for all who want to travel within half an hour."""
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 160), flow("B", "C", 3600, 5400, 30), flow("A", "C", 0, 9000, 40)]
    advisor = {"penetration": 0.8, "compliance": 0.8, "window": 600, **sections.pop("advisor", {})}
    advisor = {"rehearsal": {"draws": 3}, **advisor}
    return world([line], flows, {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}, advisor=advisor, **sections)


def improvement_of(**sections: Any) -> Improvement:
    return improvement_in(crowded(**sections))


def improvement_in(scenario: Scenario) -> Improvement:
    view = first_view(ReplicationWorld.create(compile_scenario(scenario), 0))
    assert view is not None
    assert view.stage is not None
    return Improvement(view, view.stage)


def nobody(improvement: Improvement) -> IntArray:
    return np.full(len(improvement.rows), -1, dtype=np.int64)


def test_a_plan_keeps_of_each_user_what_they_can_accept() -> None:
    improvement = improvement_of()
    users, width = improvement.open_to.shape
    for column in range(-1, width):
        wanted = [column if column >= 0 and improvement.open_to[user, column] else -1 for user in range(users)]
        assert improvement.allowed(np.full(users, column)).tolist() == wanted
    assert not improvement.open_to.all()


def test_each_user_looks_for_the_window_that_costs_all_least(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are compared at once, and from wherever each of them is."""
    improvement = improvement_of()
    improvement._look_at(improvement.tried(nobody(improvement)).days[0])
    costs, users = improvement.costs, len(improvement.rows)
    assert costs is not None
    now = np.where(improvement.rows % 3 == 0, -1, improvement.now)
    monkeypatch.setattr(module, "USERS_AT_ONCE", 7)
    best, least, paid = improvement._best_for_all(now, 0.5)
    for user in range(users):
        others_min = costs.crowding_min[costs.case[user]] + 0.5 * costs.queue_min[costs.case[user]]
        total = np.where(improvement.open_to[user], costs.own_min[user] + others_min, np.inf)
        assert total[best[user]] == pytest.approx(total.min())
        assert least[user] == pytest.approx(total.min())
        assert paid[user] == pytest.approx(total[now[user]] if now[user] >= 0 else np.inf)


def test_people_who_answer_each_other_end_no_worse_and_here_far_better() -> None:
    improvement = improvement_of()
    start = improvement.tried(nobody(improvement))
    found = improvement.answered(start)
    assert improvement.tried(found.place).mean_min == found.mean_min < start.mean_min - 5.0
    # Where answers are in vain the start is kept.
    assert improvement.answered(replace(found, mean_min=0.0)).place is found.place


def test_people_answer_each_other_until_two_rounds_in_a_row_are_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each gains they are as many as there may be, and one in vain is forgotten with the next that gains."""
    improvement = improvement_of()
    start = improvement.tried(nobody(improvement))
    for costs, wanted in (
        ([1.0] * 9, 2),
        ([-1.0 * number for number in range(1, 10)], 8),
        ([1.0, -1.0, 1.0, 1.0, -1.0], 4),
    ):
        left = iter(costs)
        tried = Mock(side_effect=lambda place, left=left: replace(start, place=place, mean_min=next(left)))
        monkeypatch.setattr(improvement, "tried", tried)
        improvement.answered(replace(start, mean_min=0.0))
        assert tried.call_count == wanted, costs


def test_whoever_has_left_what_they_can_accept_may_stay_where_they_are() -> None:
    """One leaves before all their windows by now, one after them, one in the first and one in one that they refuse."""
    before = improvement_of()
    view, acceptable = before.view, before.view.candidates.acceptable
    assert np.array_equal(before.open_to, acceptable)
    own_s, rows = view.own_departure_s.copy(), np.flatnonzero(acceptable[:, 0] & ~acceptable[:, -1])[:4]
    column = np.array([-1, acceptable.shape[1], 0, acceptable.shape[1] - 1])
    own_s[view.users[rows]] = (view.candidates.window[rows, 0] + column + 0.5) * view.window_s
    assert view.stage is not None
    improvement = Improvement(replace(view, usual_departure_s=own_s), view.stage)
    assert improvement.now[rows].tolist() == [-1, -1, 0, acceptable.shape[1] - 1]
    wanted = acceptable.copy()
    wanted[rows[3], -1] = True
    assert np.array_equal(improvement.open_to, wanted)


def test_regret_is_what_those_who_follow_lose_on_the_days_on_which_they_do() -> None:
    """By hand from what each paid on each day; with half of the people told the first window that is open to them."""
    improvement = improvement_of(advisor={"fairness": {"max_regret": "1 min"}})
    view, first = improvement.view, improvement.open_to.argmax(axis=1)
    assert (first == 0).any()
    tried = improvement.tried(np.where(improvement.rows % 2 == 0, first, -1))
    days = list(zip(tried.days, improvement.tried(nobody(improvement)).days, strict=True))
    found = regret_min(improvement, tried, [without.cost_min for _, without in days if without.cost_min is not None])
    seen = 0
    for row, user in enumerate(view.users.tolist()):
        lost_min = []
        for day, without in days:
            assert day.departure_s is not None
            assert day.cost_min is not None
            assert without.cost_min is not None
            told = view.candidates.window[row, first[row]]
            if row % 2 == 0 and window_of(day.departure_s[[user]], view.window_s)[0] == told:
                lost_min.append(day.cost_min[user] - without.cost_min[user])
        moved = bool(lost_min) and first[row] != improvement.now[row]
        seen += moved
        assert found[row] == pytest.approx(np.mean(lost_min) if moved else 0.0, abs=1e-9)
    assert seen > 20


def test_the_bound_on_regret_holds_where_nothing_is_improved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is released takes room from others, who may then lose too much themselves: they are released as well.

    Buses are just full all along the day, so that one more is one too many. Without a price on regret, by which the
    plan would spare them before.
    """
    monkeypatch.setattr(regret_price, "PRICE", 0.0)
    monkeypatch.setattr(releases, "MOST_RELEASES", 0)
    line = bus_line("L", "ABC", [300, 300], range(300, 12000, 300))
    flows = [flow("A", "C", 1800, 9000, 200), flow("B", "C", 1800, 9000, 100)]
    advisor = {"penetration": 1, "compliance": 1, "window": 120, "rehearsal": {"draws": 2}}
    full = world(
        [line],
        flows,
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 14}},
        advisor={**advisor, "fairness": {"max_regret": "1 min"}},
        population={"earlier_flexibility": 2700, "later_flexibility": 2700},
    )
    improvement = improvement_in(full)
    usual = improvement.tried(nobody(improvement))
    without = [day.cost_min for day in usual.days if day.cost_min is not None]
    start = improvement.improved(usual, 8)
    tried = Mock(side_effect=improvement.tried)
    monkeypatch.setattr(improvement, "tried", tried)
    spared = bounded(improvement, start, 4)
    assert regret_min(improvement, spared, without).max() <= 1.0 + 1e-6
    # One that says what days are like without advice, and one for each release.
    assert tried.call_count - 1 > 1


def test_days_are_simulated_side_by_side_where_the_engine_does_not_hold_the_interpreter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PEAKSHIFT_THREADS", "3")
    stage = improvement_of().stage
    assert replace(stage, engine="compiled").threads == 3
    assert replace(stage, engine="simpy").threads == 1


def test_as_many_plans_are_kept_as_are_said_and_those_are_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    view = improvement_of().view
    assert view.stage is not None
    made: list[float] = []

    def plan(seen: AdvisorView, stage: Stage, *_: object) -> AdvicePlan:
        made.append(seen.scenario.parameters.advisor.compliance_share)
        return no_advice(len(seen.population), seen.window_s)

    monkeypatch.setattr(issue, "_plan", plan)
    shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    asked = [replace(view, scenario=view.scenario.with_advisor(compliance_share=share)) for share in shares]
    for one in asked:
        issue.rehearsed_plan(one, view.stage, lambda seen: [])
    assert made == shares
    assert [settings.compliance_share for _, settings, _ in view.stage.kept] == shares[-issue.KEPT_PLANS :]
    for one in reversed(asked[-issue.KEPT_PLANS :]):
        issue.rehearsed_plan(one, view.stage, lambda seen: [])
    assert made == shares


def test_the_plan_of_the_day_before_is_a_start() -> None:
    """Of the days before it is the last one, and not where nobody was advised on it."""
    improvement = improvement_of()
    view, none = improvement.view, no_advice(len(improvement.view.population), improvement.view.window_s)
    found = improvement.answered(improvement.tried(nobody(improvement)))
    told = view.plan(found.place)
    for plans, wanted in (((none, told), found.place), ((told, none), nobody(improvement)), ((), nobody(improvement))):
        improvement.view = replace(view, plans=plans)
        assert np.array_equal(issue._begun(improvement, lambda seen: []).place, wanted)
