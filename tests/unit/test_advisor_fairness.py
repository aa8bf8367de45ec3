"""What may be asked of a single commuter: no more regret than the bound, and turns."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.strategies import facts

from sim.advisor import strategy_by_name
from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.advisor.strategies import coordinated
from sim.advisor.variants import Fair
from sim.experiments.manifest_notes import advice_notes
from sim.loading.scenario import build_scenario
from sim.model.parameters import AdvisorParameters
from sim.verification.families.crowded_services import SET_A
from sim.verification.services_world import World, services_of


def course(fairness, days=4, monkeypatch=None, large=False, name="coordinated"):
    """Return what coordinated advice to all asks, by day and user, and the total cost of days.

    What it asks is two regrets by the forecast of the day: of the window advised, and of that of the day before.
    """
    services = services_of(SET_A)
    advisor = {"strategy": "coordinated", "penetration": 1.0, "compliance": 1.0, "fairness": fairness}
    scenario = World(services, 1).scenario("fair", services.equilibrium(), {"days": days, "advisor": advisor})
    world = ReplicationWorld.create(compile_scenario(build_scenario(scenario, Path())), 0)
    if large:
        monkeypatch.setattr(coordinated, "assign_by_lp", lambda *_: None)
    regrets = []
    strategy = strategy_by_name(name)

    class Watched:
        name = "coordinated"

        def advise(self, view):
            plan = strategy.advise(view)
            rows = np.arange(len(view.users))
            own = view.costs.own_min
            habit = view.usual_column
            both = [plan, view.plans[-1]]
            columns = [one.window[view.users] - view.candidates.window[:, 0] for one in both]
            told = zip(both, columns, strict=True)
            columns = [np.where(one.advised[view.users], column, habit) for one, column in told]
            regrets.append([own[rows, column] - own[rows, habit] for column in columns])
            return plan

    totals = [day.costs.generalized_cost_min.sum() - 1000 * 10.0 for day in simulate_days(world, Watched())]
    return np.array(regrets), np.array(totals)


@pytest.mark.parametrize("large", [False, True])
def test_nobody_is_asked_more_regret_than_the_bound(monkeypatch, large):
    free, _ = course({}, monkeypatch=monkeypatch, large=large)
    bound, totals = course({"max_regret": "30 s"}, monkeypatch=monkeypatch, large=large)
    assert free[:, 0].max() > 0.6
    assert bound[:, 0].max() <= 0.5 + 1e-6
    assert totals[-1] < 7100.0


@pytest.mark.parametrize("large", [False, True])
def test_nobody_is_asked_to_do_worse_than_habit_twice_in_a_row(monkeypatch, large):
    regrets, _ = course({"take_turns": True}, days=6, monkeypatch=monkeypatch, large=large)
    asked, was_asked = regrets[:, 0] > 1e-6, regrets[:, 1] > 1e-6
    assert asked.any()
    assert was_asked.any()
    assert not (asked & was_asked).any()


def test_a_bound_alone_lets_the_same_people_be_asked_again(monkeypatch):
    regrets, _ = course({"max_regret": "5 min"}, days=6, monkeypatch=monkeypatch, large=True)
    assert ((regrets[:, 0] > 1e-6) & (regrets[:, 1] > 1e-6)).any()


def test_everything_is_allowed_without_a_rule():
    services = services_of(SET_A)
    scenario = World(services, 1).scenario("free", services.equilibrium(), {"days": 2})
    world = ReplicationWorld.create(compile_scenario(build_scenario(scenario, Path())), 0)

    class Asks:
        name = "asks"

        def advise(self, view):
            assert is_fair_to_ask(view) is None
            return strategy_by_name("none").advise(view)

    assert len(list(simulate_days(world, Asks()))) == 2


def test_regret_of_just_the_bound_is_fair_whatever_rounding_makes_of_it():
    """0.4 - 0.1 is more than 18 s by a rounding error; 0.41 - 0.1 is more than that."""
    costs = SimpleNamespace(own_min=np.array([[0.1, 0.4, 0.41, 0.0]]))
    rule = AdvisorParameters(fairness={"max_regret_s": 18.0}).fairness
    view = SimpleNamespace(
        scenario=SimpleNamespace(parameters=SimpleNamespace(advisor=SimpleNamespace(fairness=rule))),
        users=np.array([0]),
        usual_column=np.array([0]),
        costs=costs,
        plans=[],
        running_regret=None,
    )
    assert is_fair_to_ask(view).tolist() == [[True, True, False, True]]


@pytest.mark.parametrize(
    ("name", "given", "binds"),
    [
        ("coordinated_fair", {"max_regret_s": 30.0}, lambda regrets: regrets[:, 0].max() <= 0.5 + 1e-6),
        ("coordinated_turns", {}, lambda regrets: not ((regrets[:, 0] > 1e-6) & (regrets[:, 1] > 1e-6)).any()),
    ],
)
def test_fair_variants_keep_their_rule_where_the_scenario_has_none(name, given, binds):
    if not given:
        assert not binds(course({}, days=3)[0])
    assert binds(course(given, days=3, name=name)[0])


def test_fair_advice_bounds_regret_at_five_minutes_unless_said():
    told = []

    class Tells:
        name = "coordinated"

        def advise(self, view):
            told.append(view.scenario.parameters.advisor.fairness)
            return strategy_by_name("none").advise(view)

    services = services_of(SET_A)
    scenario = World(services, 1).scenario("fair", services.equilibrium(), {"days": 2})
    world = ReplicationWorld.create(compile_scenario(build_scenario(scenario, Path())), 0)
    list(simulate_days(world, Fair(Tells(), "bounded")))
    list(simulate_days(world, Fair(Tells(), "turns")))
    assert [(rule.max_regret_s, rule.take_turns) for rule in told] == [(300.0, False), (None, True)]


def test_report_says_what_fair_variants_promise():
    advisor = AdvisorParameters(compliance_share=0.1, fairness={"max_regret_s": 120.0})
    notes = " ".join(advice_notes(advisor, facts("none", "coordinated", "coordinated_turns", "individual")))
    assert "With coordinated and coordinated_turns nobody is advised" in notes
    assert "by more than 2 min" in notes
    assert "With coordinated_turns nobody is asked to do worse than by leaving as usual today" in notes
    assert "nobody is advised" not in " ".join(advice_notes(AdvisorParameters(), facts("none", "coordinated")))
