"""What users met against habit: sums by hand, and a bound on regret that holds for what really happened."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.advisor import AdvisorView, ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.experience import MetDay, RunningRegret, usual_cost_min
from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.loop import compile_scenario
from sim.advisor.rehearsal.regret_price import PRICE, RegretPrice
from sim.advisor.strategy import StrategyFacts
from sim.arrays import BoolArray, FloatArray
from sim.experiments.manifest_notes import regret_notes
from sim.metrics.advice_metrics import LASTING_REGRET
from sim.model.advice import AdvicePlan, no_advice
from sim.model.parameters.advice import FairnessParameters
from sim.model.scenario import Scenario

USUAL_MIN = np.array([10.0, 20.0, 30.0])
FOLLOWED = np.array([True, False, True])


def plan_of(*window: int) -> AdvicePlan:
    """A plan of windows of 10 min, by commuter."""
    return AdvicePlan(np.array(window), 600.0)


def met(*cost_min: float) -> MetDay:
    """A day on which the commuters 0 and 2 followed."""
    return MetDay(np.array(cost_min), FOLLOWED)


def test_regret_is_added_up_from_the_first_day_with_advice() -> None:
    plans = [no_advice(3, 600.0), plan_of(5, 5, -1), plan_of(6, 5, 7), plan_of(5, 5, 8)]
    days = [met(99.0, 99.0, 99.0), met(14.0, 20.0, 31.0), met(11.0, 25.0, np.nan), met(18.0, 20.0, 27.0)]
    found = RunningRegret.of(np.array([0, 1, 2]), plans, days, USUAL_MIN)
    assert found.days == 3
    assert found.sum_min.tolist() == [4.0 + 1.0 + 8.0, 5.0, 1.0 - 3.0]
    # Windows 5 to 7: user 0 was twice in window 5, user 1 never followed, and window 8 is none of user 2's.
    nowhere = -np.inf
    assert found.met_min(np.array([5, 5, 5]), 3).tolist() == [
        [6.0, 1.0, nowhere],
        [nowhere] * 3,
        [nowhere, nowhere, 0.0],
    ]


def test_days_that_are_not_known_yet_do_not_count() -> None:
    plans = [no_advice(3, 600.0), plan_of(5, 5, 5), plan_of(5, 5, 5)]
    one = RunningRegret.of(np.array([2]), plans, [met(0.0, 0.0, 0.0), met(0.0, 0.0, 37.0)], USUAL_MIN)
    assert (one.days, one.sum_min.tolist()) == (1, [7.0])
    assert RunningRegret.of(np.array([2]), plans, [met(0.0, 0.0, 0.0)], USUAL_MIN).days == 0


def test_habit_costs_what_it_did_before_any_advice() -> None:
    plans = [no_advice(3, 600.0), no_advice(3, 600.0), plan_of(5, 5, 5)]
    days = [met(10.0, 20.0, 30.0), met(14.0, 20.0, 36.0), met(99.0, 99.0, 99.0)]
    found = usual_cost_min(plans, days)
    assert found is not None
    assert found.tolist() == [12.0, 20.0, 33.0]
    assert usual_cost_min([plan_of(5, 5, 5)], days[:1]) is None


def crowded(bound: str, days: int, seed: int = 1) -> Scenario:
    """A line whose buses have no room for all who want to travel within half an hour; all are advised and follow."""
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 160), flow("B", "C", 3600, 5400, 30), flow("A", "C", 0, 9000, 40)]
    advisor = {"penetration": 1.0, "compliance": 1.0, "window": 600, "fairness": {"max_regret": bound}}
    bus = {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}
    return world([line], flows, bus, days=days, seed=seed, advisor=advisor)


def lasting_regret_min(scenario: Scenario) -> tuple[FloatArray, BoolArray]:
    """Return what people lose a day, mean over the days with advice, and who of them ever moved."""
    replication = ReplicationWorld.create(compile_scenario(scenario), 0)
    none = [day.costs.generalized_cost_min for day in simulate_days(replication, strategy_by_name("none"))]
    days = list(simulate_days(replication, strategy_by_name("coordinated_fair")))
    pairs = list(zip(days, none, strict=True))[1:]
    regret_min = np.mean([day.costs.generalized_cost_min - usual_min for day, usual_min in pairs], axis=0)
    habit_s = replication.population.habitual_departure_s
    moved = np.any([day.complied & (day.records.departure_s != habit_s) for day in days], axis=0)
    return regret_min, moved


@pytest.mark.long
def test_what_really_happened_stays_within_the_bound() -> None:
    """Of 811 who move in five worlds one loses more than 2 min, and of all 1,150 people 6, for 47 min that all save.

    Without a price on regret these are 3 and 9, without the days met 17 and 22, and without releases in rehearsals 8 of
    849 who move, up to 37 min, and 11 (docs/what-was-tried.md).
    """
    found = [lasting_regret_min(crowded("2 min", days=8, seed=seed)) for seed in (1, 11, 12, 13, 14)]
    regret_min, moved = (np.concatenate(part) for part in zip(*found, strict=True))
    assert moved.sum() > 500
    assert (regret_min[moved] > 2.0).sum() <= 2
    assert regret_min[moved].max() <= 4.0
    assert (regret_min > 2.0).sum() <= 7
    assert regret_min.mean() < -45.0


@pytest.fixture(scope="module")
def first_day() -> AdvisorView:
    """What an advisor with a bound of 2 min sees before any day with advice."""
    seen: list[AdvisorView] = []

    class Watching:
        name = "watching"

        def advise(self, view: AdvisorView) -> AdvicePlan:
            seen.append(view)
            return view.plan(np.full(len(view.users), -1, dtype=np.int64))

    list(simulate_days(ReplicationWorld.create(compile_scenario(crowded("2 min", days=2)), 0), Watching()))
    return seen[0]


def told_days(view: AdvisorView, *lost_min: float) -> AdvisorView:
    """Return what an advisor sees after as many days with advice, on which everybody lost so much."""
    usual_min = view.usual_min
    assert usual_min is not None
    plan, nobody = view.plan(view.usual_column), np.zeros(len(usual_min), dtype=np.bool_)
    return AdvisorView(
        **{
            **{name: getattr(view, name) for name in view.__dataclass_fields__},
            "plans": (*view.plans, *[plan] * len(lost_min)),
            "met_before": (*view.met_before, *[MetDay(usual_min + one, nobody) for one in lost_min]),
        }
    )


@pytest.mark.parametrize(("lost_min", "days", "asked"), [(20.0, 1, False), (20.0, 12, True), (1.0, 1, True)])
def test_users_who_lost_much_are_asked_again_when_the_mean_of_days_has_come_down(
    lost_min: float, days: int, asked: bool, first_day: AdvisorView
) -> None:
    """Lost on the first day with advice and not again: with 20 min a bound of 2 min is kept after ten days."""
    view = first_day
    rows, habit = np.arange(len(view.users)), view.usual_column
    told = told_days(view, lost_min, *[0.0] * (days - 1))
    fair, before = is_fair_to_ask(told), is_fair_to_ask(view)
    assert fair is not None
    assert before is not None
    regret_min = view.costs.own_min - view.costs.own_min[rows, habit][:, None]
    costly = before & (regret_min > 0.5)
    assert costly.any()
    # What is forecast to cost them less than habit stays open to them in any case.
    assert np.array_equal(fair[regret_min <= 0.0], before[regret_min <= 0.0])
    assert fair[costly].any() == asked


def test_a_run_says_which_bound_on_regret_was_not_kept() -> None:
    """A bound of 5 min that 95 of 100 met in one baseline and not in the other; nobody moved in one replication."""
    facts = [StrategyFacts.of(strategy_by_name(name)) for name in ("none", "coordinated", "coordinated_fair")]
    habit = {"coordinated": {LASTING_REGRET: np.array([40.0])}, "coordinated_fair": {LASTING_REGRET: np.array([4.9])}}
    adapted = {"coordinated_fair": {LASTING_REGRET: np.array([6.0, np.nan, 7.0])}}
    assert regret_notes(FairnessParameters(), facts, [habit], 4) == []
    (said,) = regret_notes(FairnessParameters(), facts, [habit, adapted], 4)
    assert said.startswith("With coordinated_fair the bound on regret of 5 min did not hold")
    assert "lost more than 6.5 min, on the mean over 4 days" in said
    both = regret_notes(FairnessParameters(max_regret_s=60.0), facts, [habit], 1)
    assert [one.split()[1] for one in both] == ["coordinated", "coordinated_fair"]
    assert "on the mean over 1 day." in both[0]


def test_whoever_has_lost_counts_twice_until_it_is_made_good(first_day: AdvisorView) -> None:
    """By hand, with a bound of 2 min: after losses of 11 and 3 min one may pay 2 x 3 - 14 = 8 min less than usual."""
    usual_min = first_day.usual_min
    assert usual_min is not None
    users, number = first_day.users, len(first_day.population)
    for lost_min, free_min in (((), 2.0), ((11.0,), -7.0), ((11.0, 3.0), -8.0), ((-5.0,), 9.0)):
        price = RegretPrice.of(told_days(first_day, *lost_min))
        assert price is not None
        assert price.free_min == pytest.approx(usual_min[users] + free_min)
        # Days of 10 min above and 5 below what is free cost what their mean is above it; days below it nothing.
        paid = usual_min + free_min
        assert price.mean_min([paid + 10.0, paid - 5.0]) == pytest.approx(PRICE * 2.5 * len(users) / number)
        assert price.mean_min([paid - 5.0, paid]) == pytest.approx(0.0, abs=1e-9)
        below = price.free_min - 5.0
        windows_min = np.stack([price.free_min + 4.0, below, np.full(len(users), np.inf)], axis=1)
        priced_min = price.of_windows_min(windows_min[3:7], slice(3, 7))
        assert priced_min == pytest.approx(np.array([[4.0 * PRICE, 0.0, 0.0]] * 4))


def test_whoever_has_no_cost_without_advice_has_no_price(first_day: AdvisorView) -> None:
    """Whoever never travels by vehicle; would catch a price that is no number, at which no plan is better."""
    usual_min = first_day.usual_min
    assert usual_min is not None
    usual_min = usual_min.copy()
    usual_min[first_day.users[0]] = np.nan
    seen: Any = SimpleNamespace(**{**vars(first_day), "usual_min": usual_min, "running_regret": None})
    price = RegretPrice.of(seen)
    assert price is not None
    assert np.isfinite(price.mean_min([usual_min, usual_min + 9.0]))
    assert price.mean_min([np.where(np.isnan(usual_min), 999.0, usual_min)]) == 0.0
