"""What a run would refuse although a scenario's keys are in order by themselves: strategy and engine."""

from __future__ import annotations

from sim.advisor.registry import built_in_strategies, strategy_names
from sim.engine.simulate import choose_engine
from sim.errors import EngineError, Problem
from sim.loading.hints import did_you_mean
from sim.loading.inline import PlaceKey
from sim.model.parameters import ScenarioParameters


def refusals(parameters: ScenarioParameters, place: PlaceKey) -> list[Problem]:
    """List why a run of a scenario could not begin, with the places of the keys.

    Parameters
    ----------
    parameters : ScenarioParameters
    place : callable
        Makes a problem at a key path.
    """
    problems = []
    name = parameters.advisor.strategy
    if name.strip() and name not in built_in_strategies():
        known = strategy_names()
        message = f"{name!r} is not a strategy{did_you_mean(name, known)}; there are {', '.join(known)}"
        problems.append(place(("advisor", "strategy"), message))
    try:
        choose_engine(parameters.engine, own_holding=False)
    except EngineError as error:
        problems.append(place(("engine",), str(error)))
    return problems
