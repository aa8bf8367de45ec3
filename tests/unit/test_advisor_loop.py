"""The loop over days: what strategies of a replication share changes nothing that any of them does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from support.invariants import check_invariants
from support.random_worlds import random_worlds
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
import sim.advisor.strategy as advisor_strategy
from sim.advisor import ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.loop import compile_scenario
from sim.model.scenario import Scenario

NAMES = ("none", "same_for_all", "individual", "coordinated_fair", "coordinated", "proportional", "incentive")
USERS = {"penetration": 0.8, "compliance": 0.8, "window": 600}


def crowded(**sections: Any) -> Scenario:
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 160), flow("B", "C", 3600, 5400, 30), flow("A", "C", 0, 9000, 40)]
    settings_ = {"days": 4, "advisor": USERS, **sections}
    return world([line], flows, {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}, **settings_)


@pytest.mark.long
@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"behaviour": {"departure_choice": "msa"}},
        {
            "behaviour": {"departure_choice": "logit", "reconsider": 0.3},
            "advisor": {"penetration": 0.5, "compliance": 0.6, "window": 600, "first_day": 2},
        },
        {"advisor": {"window": 600, "forecast": {"noise": 0.2, "privacy": {"mechanism": "discrete_laplace"}}}},
    ],
    ids=["habit", "msa", "logit", "noise"],
)
def test_strategies_together_are_each_as_if_alone(sections: dict[str, Any]) -> None:
    """Days before advice and the costs of the first day with advice are worked out once for all."""
    # What is shared is the same however often plans are tried.
    rehearsal = {"draws": 2, "rounds": 3}
    scenario = crowded(**{**sections, "advisor": {**sections.get("advisor", USERS), "rehearsal": rehearsal}})
    together = sim.compare(scenario, NAMES)
    check_invariants(together.tables)
    for place, name in enumerate(NAMES):
        alone = sim.run(scenario, strategy=name).tables["journeys"]
        own = together.tables["journeys"]
        own = own.where(own["strategy"] == place)
        for column in ("departure_s", "arrival_s", "generalized_cost_min", "window_start_s"):
            assert np.array_equal(own[column], alone[column], equal_nan=True), (name, column)


@settings(max_examples=8)
@given(random_worlds())
def test_nobody_advised_is_as_without_an_advisor(scenario: Scenario) -> None:
    """With penetration 0 every strategy is none, bit for bit, as the engine cannot tell them apart."""
    advisor = scenario.parameters.advisor.model_copy(update={"penetration_share": 0.0})
    parameters = scenario.parameters.model_copy(update={"advisor": advisor})
    own = Scenario(**{**vars(scenario), "parameters": parameters})
    replication = ReplicationWorld.create(compile_scenario(own), 0)
    none, other = (list(simulate_days(replication, strategy_by_name(name))) for name in ("none", "coordinated"))
    for one, two in zip(none, other, strict=True):
        assert np.array_equal(one.records.arrival_s, two.records.arrival_s, equal_nan=True)
        assert np.array_equal(one.costs.generalized_cost_min, two.costs.generalized_cost_min)


def test_costs_of_the_first_day_with_advice_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two strategies, three days with advice: one day for both, and two for each."""
    asked: list[int] = []

    def counted(view: Any) -> Any:
        asked.append(view.day)
        return worked_out(view)

    worked_out = advisor_strategy._expected_costs
    monkeypatch.setattr(advisor_strategy, "_expected_costs", counted)
    sim.compare(crowded(), ["none", "same_for_all", "individual"], replications=1)
    assert sorted(asked) == [1, 2, 2, 3, 3]


def test_costs_that_strategies_share_cannot_be_changed() -> None:
    class Careless:
        name = "careless"

        def advise(self, view: Any) -> Any:
            view.costs.own_min[:] = 0.0
            return view.plan(view.costs.own_min.argmin(axis=1))

    with pytest.raises(ValueError, match="read-only"):
        sim.run(crowded(), strategy=Careless())
