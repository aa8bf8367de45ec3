"""Scenarios of timetabled services with advice; those who are not advised keep to habit unless said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Params
from sim.verification.timetable import World, services_of, world_of

COINS = 40
"""Replications of independent compliance."""

SETTLING_DAYS = 150
"""Most days that the others are given to find an equilibrium; the stop rule ends them earlier."""


def share_of(params: Params) -> float:
    """Return the share who follow."""
    return float(params["p"])


def equilibrium_scenario(params: Params) -> ScenarioParameters:
    """Return a day by habit, which is the user equilibrium."""
    habit = services_of(params).equilibrium()
    return world_of(params, [habit]).scenario("verify-services-equilibrium", habit, {})


def _optimum_world(params: Params) -> World:
    services = services_of(params)
    return world_of(params, [services.equilibrium(), services.optimum()])


def optimum_scenario(params: Params) -> ScenarioParameters:
    """Return a day by habit and one of coordinated advice to all, who follow."""
    changes = {
        "days": 2,
        "days_kept": 2,
        "advisor": {"strategy": "coordinated", "penetration": 1.0, "compliance": 1.0},
    }
    habit = services_of(params).equilibrium()
    return _optimum_world(params).scenario("verify-services-optimum", habit, changes)


def _advised(name: str, advisor: dict[str, Any], loads: list[FloatArray], params: Params) -> ScenarioParameters:
    """Return the scenario of one day of habit and one with advice."""
    habit = services_of(params).equilibrium()
    changes = {"days": 2, "advisor": advisor}
    return world_of(params, [habit, *loads]).scenario(name, habit, changes)


def naive_scenario(params: Params) -> ScenarioParameters:
    """Return a day by habit and one on which a share takes the least crowded service."""
    advisor = {"strategy": "same_for_all", "penetration": 1.0, "compliance": share_of(params)}
    return _advised("verify-services-naive", advisor, [share_of(params) * services_of(params).equilibrium()], params)


def everybody_scenario(params: Params) -> ScenarioParameters:
    """Return a day by habit and one on which everybody takes the least crowded service."""
    advisor = {"strategy": "same_for_all", "penetration": 1.0, "compliance": 1.0}
    scenario = _advised("verify-services-everybody", advisor, [], params)
    return scenario.model_copy(update={"days_kept": 2})


def coins_scenario(params: Params) -> ScenarioParameters:
    """Return the same with a coin for each commuter."""
    services = services_of(params)
    changes = {
        "days": 2,
        "replications": COINS,
        "advisor": {
            "strategy": "same_for_all",
            "penetration": 1.0,
            "compliance": share_of(params),
            "compliance_rule": "independent",
        },
    }
    return World(services, 1).scenario("verify-services-coins", services.equilibrium(), changes)


def proportional_scenario(params: Params) -> ScenarioParameters:
    """Return a day by habit and one on which a share is spread as the optimum would be."""
    services, share = services_of(params), share_of(params)
    advisor = {"strategy": "proportional", "penetration": share, "compliance": 1.0}
    loads = [share * services.equilibrium(), share * services.optimum()]
    return _advised("verify-services-proportional", advisor, loads, params)


def best_scenario(params: Params) -> ScenarioParameters:
    """Return a day by habit and one of coordinated advice to a share, who follow."""
    services, share = services_of(params), share_of(params)
    kept = (1.0 - share) * services.equilibrium()
    advisor = {"strategy": "coordinated", "penetration": share, "compliance": 1.0}
    return _advised("verify-services-best", advisor, [kept, services.optimum(kept)], params)


def daily_scenario(params: Params) -> ScenarioParameters:
    """Return days of naive advice up to the end of the first cycle."""
    services, share = services_of(params), share_of(params)
    first, loads = services.daily_cycle(share)
    habit = services.equilibrium()
    changes = {
        "days": first + len(loads),
        "days_kept": len(loads),
        "advisor": {"strategy": "same_for_all", "penetration": 1.0, "compliance": share},
    }
    return world_of(params, [habit, share * habit]).scenario("verify-services-daily", habit, changes)


def adaptive_load(params: Params) -> FloatArray:
    """Return the loads when the others find their equilibrium beside users on the naive service."""
    services = services_of(params)
    fixed = np.zeros(len(services.delta))
    fixed[int(np.argmin(np.round(services.equilibrium(), 9)))] = share_of(params) * services.riders
    return services.equilibrium(fixed)


def leader_load(params: Params) -> FloatArray:
    """Return the loads of the best that users on the dearer of two services can bring about."""
    services = services_of(params)
    dear = int(np.argmax(services.delta))
    led = np.zeros(2)
    led[dear] = min(share_of(params) * services.riders, float(services.optimum()[dear]))
    led[1 - dear] = share_of(params) * services.riders - led[dear]
    return services.equilibrium(led)


def _settling(name: str, advisor: dict[str, Any], final: Callable[[Params], FloatArray], params: Params) -> Any:
    """Return the scenario in which the others look for a new equilibrium from day to day."""
    habit = services_of(params).equilibrium()
    world = world_of(params, [habit, share_of(params) * np.array([services_of(params).riders]), final(params)])
    changes = {
        "days": SETTLING_DAYS,
        "behaviour": {"departure_choice": "re_equilibrating", "stop": {"least_change": 0.0, "days_in_row": 12}},
        "advisor": advisor,
    }
    return world.scenario(name, habit, changes)


def adaptive_scenario(params: Params) -> ScenarioParameters:
    """Return days on which a share takes one service and the others find an equilibrium."""
    advisor = {
        "strategy": "same_for_all",
        "penetration": 1.0,
        "compliance": share_of(params),
        "forecast": {"smoothing_days": 1, "staleness_days": SETTLING_DAYS},
    }
    scenario: ScenarioParameters = _settling("verify-services-adaptive", advisor, adaptive_load, params)
    return scenario


def leader_scenario(params: Params) -> ScenarioParameters:
    """Return days of coordinated advice to a share while the others find an equilibrium."""
    advisor = {"strategy": "coordinated", "penetration": share_of(params), "compliance": 1.0}
    scenario: ScenarioParameters = _settling("verify-services-leader", advisor, leader_load, params)
    return scenario


def world_behind(scenario: Callable[[Params], ScenarioParameters], params: Params) -> World:
    """Return the world that a scenario was made of: commuters over riders give its scale."""
    (flow,) = scenario(params).demand.flows
    services = services_of(params)
    commuters = sum(piece.commuters or 0.0 for piece in flow.pieces)
    return World(services, round(commuters / services.riders))
