"""What authors of strategies and holding rules are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.advisor.registry import built_in_strategies
from sim.engine import StopSituation
from sim.errors import StrategyError, UnknownNameError
from sim.model.holding import depends_on_loads
from sim.model.holding_rules.even_headway import EvenHeadwayHolding
from sim.model.holding_rules.forward_headway import ForwardHeadwayHolding
from sim.model.holding_rules.none import NoHolding
from sim.model.holding_rules.schedule import ScheduleHolding


class Earliest:
    """As in the README."""

    name = "earliest"

    def advise(self, knowledge: Any) -> Any:
        return knowledge.plan(knowledge.candidates.acceptable.argmax(axis=1))


class Nameless(Earliest):
    name = ""


class Named(Earliest):
    def __init__(self, name: str) -> None:
        self.name = name


class NoMethod:
    name = "no_method"


class TooMany(Earliest):
    def advise(self, knowledge: Any, day: int) -> Any:  # type: ignore[override]
        return knowledge.plan(day)


class Nothing(Earliest):
    def advise(self, knowledge: Any) -> Any:
        return None


class Columns(Earliest):
    def advise(self, knowledge: Any) -> Any:
        return knowledge.candidates.window[:, 0]


class Strangers(Earliest):
    def advise(self, knowledge: Any) -> Any:
        plan = knowledge.plan(np.zeros(len(knowledge.users), dtype=np.int64))
        return replace(plan, window=np.full(len(knowledge.population), 30))


class Clock(Earliest):
    def advise(self, knowledge: Any) -> Any:
        plan = knowledge.plan(np.zeros(len(knowledge.users), dtype=np.int64))
        return replace(plan, window=plan.window * 1.5)


class Short(Earliest):
    def advise(self, knowledge: Any) -> Any:
        return replace(Earliest().advise(knowledge), window=np.zeros(3, dtype=np.int64))


class Breaks(Earliest):
    def advise(self, knowledge: Any) -> Any:
        return knowledge.no_such_thing


class Colourful(Earliest):
    colour = "blue"


class AllSeeing(Earliest):
    sees = "everything"


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (Earliest, "Earliest is a class; give an instance of it, as in Earliest()"),
        (Nameless(), "has no name"),
        (NoMethod(), "has no method advise; add def advise(self, view)"),
        (TooMany(), "TooMany.advise(knowledge: 'Any', day: 'int') -> 'Any' cannot be called with one argument"),
        (Nothing(), "advise returned nothing"),
        (Columns(), "advise returned a ndarray"),
        (Strangers(), "who are no users of the app"),
        (Clock(), "have to be integers"),
        (Short(), "needs one entry for each of 40 commuters"),
        (Breaks(), "AttributeError: 'AdvisorView' object has no attribute 'no_such_thing'"),
        (Colourful(), "write it as '#0072b2'"),
        (AllSeeing(), "it may be nothing, released, unperturbed"),
        (3, "int has no name"),
        (["none"], "['none'] is no strategy; give an object with a name and a method advise"),
        (Named("none"), "Named has the name of the built-in strategy none; call it otherwise"),
        (Named("coordinated_fair"), "has the name of the built-in strategy coordinated_fair"),
        (Named("two\nlines"), "Named.name must be one line of at most 60 letters"),
        (Named("x" * 61), "Named.name must be one line of at most 60 letters"),
    ],
    ids=lambda value: "" if isinstance(value, str) else getattr(value, "__name__", type(value).__name__),
)
def test_authors_of_strategies_are_told_what_is_wrong(strategy: Any, said: str) -> None:
    assert any(said in problem for problem in sim.check_strategy(strategy))


def test_nothing_is_wrong_with_the_strategy_of_the_readme_and_those_built_in() -> None:
    assert sim.check_strategy(Earliest()) == []
    for strategy in built_in_strategies().values():
        assert sim.check_strategy(strategy) == [], strategy.name


class Held:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def holding_s(self, situation: StopSituation) -> Any:
        return self.answer(situation)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (NoHolding, "NoHolding is a class; give an instance"),
        (object(), "object has no method holding_s; add def holding_s(self, situation)"),
        (Held(lambda situation: None), "returned None for the first vehicle"),
        (Held(lambda situation: float("nan")), "returned nan"),
        (
            Held(lambda situation: 120 - situation.headway_s),
            "failed for the first vehicle, which has no headway: T",
        ),
        (Held(lambda situation: "" if situation.headway_s else 0), "returned '' for a vehicle behind another"),
    ],
)
def test_authors_of_holding_rules_are_told_what_is_wrong(rule: Any, said: str) -> None:
    (problem,) = sim.check_holding_rule(rule)
    assert said in problem


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (float("nan"), "holding_s returned nan for trip L-0001 at stop B; return seconds as a number, 0 for none"),
        (None, "holding_s returned None for trip"),
        ("30 s", "holding_s returned '30 s' for trip"),
        (1e300, r"holding_s returned 1e\+300 for trip .* no vehicle is held for more than 10,000 h"),
    ],
)
def test_a_run_says_which_vehicle_a_holding_rule_has_no_time_for(answer: Any, said: str) -> None:
    scenario = world([bus_line("L", "ABC", [600, 600], departures=[25200.0])], [flow("A", "C", 25000, 25200, 5)])
    with pytest.raises(StrategyError, match=said):
        sim.run(scenario, holding=Held(lambda situation: answer))
    assert sim.check_holding_rule(Held(lambda situation: answer)) != []


def test_a_run_says_for_which_vehicle_a_holding_rule_fails() -> None:
    scenario = world([bus_line("L", "ABC", [600, 600], departures=[25200.0])], [flow("A", "C", 25000, 25200, 5)])
    with pytest.raises(StrategyError, match="holding_s failed for trip L-0001 at stop B: ZeroDivisionError: division"):
        sim.run(scenario, holding=Held(lambda situation: 1 / 0))


def test_less_than_no_holding_is_none_unless_the_scenario_allows_it() -> None:
    scenario = world([bus_line("L", "ABC", [600, 600], departures=[25200.0])], [flow("A", "C", 25000, 25200, 5)])
    early, none = (sim.run(scenario, holding=Held(lambda situation, held=held: held)) for held in (-30.0, 0.0))
    assert early.summary == none.summary


def test_nothing_is_wrong_with_the_built_in_holding_rules() -> None:
    rules = (NoHolding(), ScheduleHolding(), ForwardHeadwayHolding(0.6, 10.0, None), EvenHeadwayHolding())
    for rule in rules:
        assert sim.check_holding_rule(rule) == []
        assert not depends_on_loads(rule)
    assert depends_on_loads(Held(lambda situation: 0.0))


def test_what_is_no_strategy_or_rule_is_refused_where_it_is_handed_over() -> None:
    scenario = world([bus_line("L", "AB", [60], departures=[600, 1200])], [flow("A", "B", 0, 900, 5)])
    with pytest.raises(StrategyError, match="Earliest is a class"):
        sim.compare(scenario, ["none", Earliest])  # type: ignore[list-item]
    with pytest.raises(StrategyError, match="has the name of the built-in strategy none"):
        sim.compare(scenario, [Named("none"), "individual"])
    with pytest.raises(StrategyError, match="Earliest is a class"):
        sim.sweep(scenario, {"advisor.penetration": [1]}, [Earliest])  # type: ignore[list-item]
    with pytest.raises(StrategyError, match="strategy earliest, day 1: advise returned nothing"):
        sim.run(scenario, strategy=Nothing())
    with pytest.raises(StrategyError, match="holding: object has no method holding_s"):
        sim.run(scenario, holding=object())


def test_a_misspelt_strategy_is_answered_by_the_one_like_it():
    scenario = world([bus_line("L", "AB", [600], departures=[25200.0])], [flow("A", "B", 25000, 25200, 5)])
    with pytest.raises(UnknownNameError, match=r"'cordinated' is not a strategy \(did you mean 'coordinated'"):
        sim.compare(scenario, ["none", "cordinated"])
