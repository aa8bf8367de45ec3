"""Daily learners over timetabled services: logit fixed points, their stability, and learning by averages."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number
from sim.verification.families.crowding import SET_A, SET_B, SET_C, SET_D, TOTAL_LAST
from sim.verification.theory.services import Services
from sim.verification.timetable import (
    KEYS,
    World,
    journey_costs,
    loads_by_day,
    services_of,
    timetable_objection,
    total_costs,
)
from sim.verification.timetable_sql import FIRST_LOAD, SWING, services_sql, stability_sql
from sim.verification.verdict import Tolerance

COMMUTERS = 120_000
"""Commuters of the exact rows: the fixed point is met to a commuter, which must be within 1e-5 of a service's load."""

DAYS = 15
KEPT = 3
"""Smoothed costs settle within about ten; the mean of the kept days evens out the rounding."""

CYCLE_COMMUTERS = 6000
CYCLE_DAYS = 160

SETS = tuple({**SET_B, "theta": theta} for theta in (1.0, 0.5))
MSA_DAYS = 120


def _scale(services: Services, commuters: int) -> int:
    return max(round(commuters / services.riders), 1)


def _fixed_point(params: Params) -> ScenarioParameters:
    """Return days on which everybody draws by logit over a smoothed cost.

    The memory leaves a change of cost least of itself on the next day: with responses from r to R
    it is S / (2 + S), S = r + R. The fixed point is the same with any.
    """
    world = _fixed_point_world(params)
    responses = world.services.logit_responses(float(params["theta"]))
    response = float(responses.min() + responses.max())
    changes = {
        "days": DAYS,
        "days_kept": KEPT,
        "behaviour": {
            "departure_choice": "logit",
            "logit_scale": float(params["theta"]),
            "reconsider": 1.0,
            "memory": response / (2.0 + response),
        },
    }
    return world.scenario("verify-logit-fixed-point", world.services.equilibrium(), changes)


def _fixed_point_world(params: Params) -> World:
    services = services_of(params)
    return World(services, _scale(services, COMMUTERS))


def _cycling_world(params: Params) -> World:
    services = services_of(params)
    return World(services, _scale(services, CYCLE_COMMUTERS))


def _cycling(params: Params) -> ScenarioParameters:
    """Return days on which a share, given in critical shares, draws by logit over yesterday's cost."""
    world = _cycling_world(params)
    share = float(params["of_critical"]) * world.services.critical_share(float(params["theta"]))
    changes = {
        "days": CYCLE_DAYS,
        "days_kept": 2,
        "behaviour": {
            "departure_choice": "logit",
            "logit_scale": float(params["theta"]),
            "reconsider": min(share, 1.0),
            "memory": 0.0,
        },
    }
    return world.scenario("verify-logit-cycle", world.services.equilibrium(), changes)


def _msa_world(params: Params) -> World:
    return World(services_of(params), 1)


def _msa(params: Params) -> ScenarioParameters:
    """Return days of successive averages that start with everybody spread evenly over the services."""
    world = _msa_world(params)
    even = np.full(len(world.services.delta), world.services.riders / len(world.services.delta))
    changes = {"days": MSA_DAYS, "behaviour": {"departure_choice": "msa"}}
    return world.scenario("verify-msa", even, changes)


def _first_load(tables: Tables, world: World) -> FloatArray:
    mean: FloatArray = loads_by_day(tables, world)[:, :, 0].mean(axis=1)
    return mean


def _stability_limit(tables: Tables, world: World, params: Params) -> FloatArray:
    """Return the critical share at the loads and the crowding that were observed.

    What remains of a cost without the ride and without being early or late is crowding, in proportion to the load.
    """
    load = loads_by_day(tables, world).mean(axis=1)
    journeys = tables["journeys"]
    away_s = np.nan_to_num(journeys["schedule_delay_early_s"]) + np.nan_to_num(journeys["schedule_delay_late_s"])
    crowding = journey_costs(tables) - world.timetable.penalty * away_s / 60.0
    days = len(np.unique(journeys["day"]))
    per_day = np.bincount(journeys["replication"], crowding) / world.scale / days
    slope = per_day / (loads_by_day(tables, world) ** 2).mean(axis=1).sum(axis=1)
    response = float(params["theta"]) * 2.0 * slope * load[:, 0] * load[:, 1] / load.sum(axis=1)
    share: FloatArray = 2.0 / (1.0 + response)
    return share


def _swing(tables: Tables, world: World) -> FloatArray:
    """Return by how much the load of the first service differs between the last two days."""
    load = loads_by_day(tables, world)[:, -2:, 0]
    swing: FloatArray = np.abs(load[:, 1] - load[:, 0])
    return swing


def _theory_swing(services: Services, params: Params) -> float:
    """Follow the mean of the process to its cycle."""
    theta = float(params["theta"])
    share = min(float(params["of_critical"]) * services.critical_share(theta), 1.0)
    load, before = float(services.equilibrium()[0]), 0.0
    for _ in range(20_000):
        first, second = services.cost(np.array([load, services.riders - load]))
        load, before = (1.0 - share) * load + share * services.riders / (1.0 + math.exp(theta * (first - second))), load
    return abs(load - before)


def _objection(params: Params) -> str:
    if len(params["delta"]) != 2:
        return "theory knows this for two services only"
    return timetable_objection(params)


THETA = number("theta", "per unit of cost", above=0.0)
LOGIT = "P = 1 / (1 + exp(theta (c_1 - c_2))), c_k = delta_k + lam n_k / s, n_1 = N P"


def _case(
    name: str,
    quantity: str,
    theory: Callable[[Services, Params], float],
    world: Callable[[Params], World],
    measure: Callable[[Tables, World, Params], FloatArray],
    formula: str,
    recompute: Callable[[Params, World], str],
    **parts: Any,
) -> Case:
    shared: dict[str, Any] = {
        "keys": (*KEYS, THETA),
        "defaults": SETS,
        "usual": 1,
        "objection": _objection,
        "scenario": _fixed_point,
        "source": "McFadden 1974; de Palma, Lindsey and Monchambert 2017, JUE 101:106-122",
    }
    return Case(
        id=name,
        quantity=quantity,
        theory=lambda params: theory(services_of(params), params),
        measure=lambda tables, params: measure(tables, world(params), params),
        formula=formula,
        recompute=lambda params: recompute(params, world(params)),
        **{**shared, **parts},
    )


CASES: tuple[Case, ...] = (
    _case(
        "logit.n1",
        "riders of the first service at the fixed point of logit learners",
        lambda services, params: float(services.logit_loads(float(params["theta"]))[0]),
        _fixed_point_world,
        lambda tables, world, _: _first_load(tables, world),
        LOGIT,
        lambda _, world: services_sql(FIRST_LOAD, world),
        objection=timetable_objection,
        tolerance=Tolerance("exact", 1e-5, 1e-6),
    ),
    _case(
        "logit.critical_daily_share",
        "share of logit learners who may reconsider daily before loads begin to swing",
        lambda services, params: services.critical_share(float(params["theta"])),
        _fixed_point_world,
        _stability_limit,
        f"2 / (1 + theta (2 lam / s) N P (1 - P)) with {LOGIT}",
        lambda params, world: stability_sql(float(params["theta"]), world),
        tolerance=Tolerance("exact", 1e-4, 1e-6),
    ),
    _case(
        "logit.swing",
        "change of the first service's riders from day to day, a little below or above the critical share",
        _theory_swing,
        _cycling_world,
        lambda tables, world, _: _swing(tables, world),
        "n' = (1 - q) n + q N P(n) followed to its cycle, q a multiple of the critical share",
        lambda _, world: services_sql(SWING, world),
        keys=(*KEYS, THETA, number("of_critical", "critical shares", above=0.0, most=2.0)),
        defaults=tuple({**SET_B, "theta": 1.0, "of_critical": multiple} for multiple in (0.9, 1.1)),
        usual=2,
        scenario=_cycling,
        tolerance=Tolerance("fluid", 0.05, 1.5),
    ),
    _case(
        "crowding.learned_TC",
        "total cost of a day after learning by successive averages from an even spread",
        lambda services, _: services.total(services.equilibrium()),
        _msa_world,
        lambda tables, world, _: total_costs(tables, world)[:, -1],
        "sum n_k (delta_k + lam n_k / s) at the equilibrium",
        lambda _, world: TOTAL_LAST.replace("{scale}", str(world.scale)),
        keys=KEYS,
        defaults=(SET_A, SET_B, SET_C, SET_D),
        usual=2,
        objection=timetable_objection,
        scenario=_msa,
        tolerance=Tolerance("fluid", 0.03),
    ),
)
