"""What is wrong with strategies and holding rules of one's own, tried before they are used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.advisor.checks import method_problems, require, strategy_problems
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.advisor.registry import built_in_strategies
from sim.advisor.strategy import Strategy
from sim.engine import HoldingRule, StopSituation
from sim.errors import StrategyError
from sim.loading.scenario import build_scenario
from sim.model.holding import holding_time_problem
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario


def check_strategy(strategy: Any) -> list[str]:
    """Say what is wrong with a strategy, in plain sentences; nothing is wrong where the list is empty.

    A strategy that looks like one is tried on a small world of 40 commuters and three days.

    Parameters
    ----------
    strategy : Any
        What would be given to `sim.compare`.

    Returns
    -------
    list of str
        A sentence for each problem.

    Examples
    --------
    >>> class LeaveEarlier:
    ...     name = "leave_earlier"
    ...
    ...     def advise(self, view):
    ...         return view.plan(view.candidates.acceptable.argmax(axis=1))
    >>> check_strategy(LeaveEarlier())
    []
    >>> check_strategy(LeaveEarlier)
    ['LeaveEarlier is a class; give an instance of it, as in LeaveEarlier()']
    """
    problems = strategy_problems(strategy) or borrowed_name(strategy)
    if problems:
        return problems
    world = ReplicationWorld.create(compile_scenario(_small_world()), 0)
    try:
        list(simulate_days(world, strategy))
    except StrategyError as error:
        return str(error).splitlines()
    except Exception as error:
        return [f"advise failed on a small world: {type(error).__name__}: {error}"]
    return []


def check_holding_rule(rule: Any) -> list[str]:
    """Say what is wrong with a holding rule, in plain sentences; nothing is wrong where the list is empty.

    A rule that looks like one is asked about the first vehicle of a day, which has nobody in front, and a later one.

    Parameters
    ----------
    rule : Any
        What would be given to `sim.run` as `holding`.

    Returns
    -------
    list of str
        A sentence for each problem.

    Examples
    --------
    >>> class HalfAMinute:
    ...     name = "half_a_minute"
    ...
    ...     def holding_s(self, situation):
    ...         return "30 s"
    >>> check_holding_rule(HalfAMinute())[0].split("; ")[1]
    'return seconds as a number, 0 for none'
    """
    problems = holding_rule_problems(rule)
    if problems:
        return problems
    for situation in _situations():
        try:
            held_s = rule.holding_s(situation)
        except Exception as error:
            return [f"holding_s failed for {_described(situation)}: {type(error).__name__}: {error}"]
        problem = holding_time_problem(held_s, _described(situation))
        if problem:
            return [problem]
    return []


def holding_rule_problems(rule: Any) -> list[str]:
    """Return what is wrong with an object as a holding rule, without calling it.

    Parameters
    ----------
    rule : Any
    """
    if isinstance(rule, type):
        return [f"{rule.__name__} is a class; give an instance of it, as in {rule.__name__}()"]
    return method_problems(rule, "holding_s", "situation", "seconds")


def borrowed_name(strategy: Strategy) -> list[str]:
    """Say that a strategy of one's own has the name of a built-in one, for which tables and reports would take it.

    Parameters
    ----------
    strategy : Strategy
    """
    there = built_in_strategies().get(strategy.name)
    if there is None or type(there) is type(strategy):
        return []
    return [f"{type(strategy).__name__} has the name of the built-in strategy {strategy.name}; call it otherwise"]


def require_holding_rule(rule: HoldingRule | None) -> None:
    """Refuse what cannot control vehicles.

    Raises
    ------
    StrategyError
        With every problem.
    """
    if rule is not None:
        require("holding", holding_rule_problems(rule))


def _small_world() -> Scenario:
    """Build a line of three stops on which 40 commuters meet small buses."""
    piece = {"start": "07:30", "end": "08:30", "commuters": 40}
    return build_scenario(
        ScenarioParameters.model_validate(
            {
                "name": "small_world",
                "days": 3,
                "replications": 1,
                "network": {
                    "lines": [
                        {
                            "id": "1",
                            "stops": ["A", "B", "C"],
                            "running_times": [300, 300],
                            "vehicle": "bus",
                            "departures": [6 * 3600 + 600 * number for number in range(25)],
                        }
                    ]
                },
                "service": {"vehicles": {"bus": {"seats": 4, "capacity": 8}}},
                "demand": {"flows": [{"origin": "A", "destination": "C", "pieces": [piece]}]},
                "advisor": {"penetration": 0.5, "compliance": 1.0},
            }
        ),
        Path(),
    )


def _situations() -> list[StopSituation]:
    """Return the first vehicle of a line at a stop, and one behind another."""
    first = StopSituation(
        trip_id="1-0",
        line_id="1",
        stop_id="B",
        stop_sequence=1,
        arrival_s=28800.0,
        ready_s=28830.0,
        scheduled_departure_s=28860.0,
        headway_s=None,
        departure_headway_s=None,
        planned_headway_s=600.0,
        next_arrival_s=None,
        load=5,
    )
    return [first, replace(first, headway_s=300.0, departure_headway_s=320.0, next_arrival_s=29700.0)]


def _described(situation: StopSituation) -> str:
    return "the first vehicle, which has no headway" if situation.headway_s is None else "a vehicle behind another"
