"""Commuters who learn from day to day: logit fixed points and their stability, averages, and the bottleneck.

They know nothing of theory; each day is simulated and teaches what windows would have cost. Best reply cycles in
the bottleneck for ever and has no row: there is nothing to which it comes near.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.bottleneck_world import BOTTLENECK, MARGIN_WINDOWS, WINDOWS, Flow, Peak
from sim.verification.bottleneck_world import SOURCE as QUEUES
from sim.verification.case import Case, Params, RefusedError, Tables, number
from sim.verification.families.bottleneck import V1, V2
from sim.verification.families.crowded_services import SET_A, SET_B, SET_C, SET_D
from sim.verification.services_world import SERVICES, SOURCE, World, journey_costs, world_of
from sim.verification.verdict import Tolerance

COMMUTERS = 120_000
"""Commuters of the exact rows: the fixed point is met to a commuter, which must be within 1e-5 of a service's load."""

DAYS, KEPT = 15, 3
"""Smoothed costs settle within about ten days; the mean of the kept days evens out the rounding."""

CYCLE_COMMUTERS, CYCLE_DAYS = 6000, 160
MSA_DAYS = 120

QUEUE_DAYS, QUEUE_KEPT = 250, 10
"""Days in the bottleneck, and those over whose mean cost is compared: what is left of swinging evens out."""

LEAST_COMMUTERS = 2000
"""Commuters of a bottleneck, so that a window is used by more than a few of them."""

VEHICLES = 100
"""Vehicles in the peak: large ones leave fewer people behind again and again, who are all recorded."""


def _of_size(commuters: int, most_services: int, params: Params) -> World:
    """Return a world with about so many commuters."""
    if len(params["delta"]) > most_services:
        raise RefusedError("theory knows this for two services only")
    services = world_of(lambda _: [], params).services
    return World(services, max(round(commuters / services.riders), 1), params)


def _logit(world: World, reconsider: float, memory: float, days: int, kept: int, name: str) -> ScenarioParameters:
    behaviour = {
        "departure_choice": "logit",
        "logit_scale": world.theta,
        "reconsider": reconsider,
        "memory": memory,
    }
    return world.scenario(name, world.habit, {"days": days, "days_kept": kept, "behaviour": behaviour})


def _fixed_point(world: World) -> ScenarioParameters:
    """Return days on which everybody draws by logit over a smoothed cost.

    The memory leaves a change of cost least of itself on the next day: with responses from r to R
    it is S / (2 + S), S = r + R. The fixed point is the same with any.
    """
    responses = world.services.logit_responses(world.theta)
    response = float(responses.min() + responses.max())
    return _logit(world, 1.0, response / (2.0 + response), DAYS, KEPT, "verify-logit-fixed-point")


def _share(world: World) -> float:
    """Return the share that may reconsider daily, given in critical shares."""
    return min(float(world.params["of_critical"]) * world.services.critical_share(world.theta), 1.0)


def _cycling(world: World) -> ScenarioParameters:
    """Return days on which a share draws by logit over yesterday's cost."""
    return _logit(world, _share(world), 0.0, CYCLE_DAYS, 2, "verify-logit-cycle")


def _stability_limit(tables: Tables, world: World) -> float:
    """Return the critical share at the loads and the crowding that were observed.

    What remains of a cost without the ride and without being early or late is crowding, in proportion to the load.
    """
    loads, journeys = world.loads(tables), tables["journeys"]
    load = loads.mean(axis=0)
    away_s = np.nan_to_num(journeys["schedule_delay_early_s"]) + np.nan_to_num(journeys["schedule_delay_late_s"])
    crowding = journey_costs(tables) - world.timetable.penalty * away_s / 60.0
    per_day = np.bincount(np.zeros(len(journeys), dtype=np.int64), crowding)[0] / world.scale / len(loads)
    slope = per_day / (loads**2).mean(axis=0).sum()
    response = world.theta * 2.0 * slope * load[0] * load[1] / load.sum()
    return float(2.0 / (1.0 + response))


def _swing(tables: Tables, world: World) -> float:
    """Return by how much the load of the first service differs between the last two days."""
    load = world.loads(tables)[-2:, 0]
    return float(abs(load[1] - load[0]))


def _theory_swing(world: World) -> float:
    """Follow the mean of the process to its cycle."""
    services, share = world.services, _share(world)
    load, before = float(world.habit[0]), 0.0
    for _ in range(20_000):
        first, second = services.cost(np.array([load, services.riders - load]))
        chosen = services.riders / (1.0 + math.exp(world.theta * (first - second)))
        load, before = (1.0 - share) * load + share * chosen, load
    return abs(load - before)


def _msa(world: World) -> ScenarioParameters:
    """Return days of successive averages that start with everybody spread evenly over the services."""
    even = np.full(len(world.services.delta), world.services.riders / len(world.services.delta))
    return world.scenario("verify-msa", even, {"days": MSA_DAYS, "behaviour": {"departure_choice": "msa"}})


def _peak(params: Params) -> Peak:
    """Return a bottleneck with fewer and larger vehicles than where nobody learns."""
    theory = Peak.of(params).theory
    scale = max(math.ceil(LEAST_COMMUTERS / theory.commuters), 1)
    return Peak(theory, max(int(scale * theory.commuters / VEHICLES), 1), WINDOWS, scale, params)


def _learning(name: str, peak: Peak, habit: tuple[float, float], behaviour: Mapping[str, Any]) -> ScenarioParameters:
    changes = {"days": QUEUE_DAYS, "days_kept": QUEUE_KEPT, "behaviour": behaviour}
    return peak.scenario(name, (Flow("b", peak.theory, 1.0, habit),), changes)


def _averaging(peak: Peak) -> ScenarioParameters:
    """Return days of successive averages that start with everybody leaving just before the arrival wished."""
    wished, window = peak.theory.wished, peak.window_s / 3600.0
    return _learning("verify-bottleneck-msa", peak, (wished - window, wished), {"departure_choice": "msa"})


def _drawing(peak: Peak) -> ScenarioParameters:
    """Return days of logit learners who start evenly spread over almost all windows with service."""
    margin = (MARGIN_WINDOWS - 1) * peak.window_s / 3600.0
    scale = float(peak.params["theta"]) / 60.0
    behaviour = {"departure_choice": "logit", "reconsider": "msa", "logit_scale": scale}
    return _learning(
        "verify-bottleneck-logit", peak, (peak.theory.opens - margin, peak.theory.closes + margin), behaviour
    )


def _mean_total(tables: Tables, peak: Peak) -> float:
    """Return the mean total cost of the kept days in costs per hour; NaN where somebody did not arrive."""
    journeys = tables["journeys"]
    cost = np.where(np.isfinite(journeys["arrival_s"]), journeys["generalized_cost_min"], np.nan)
    return float(cost.sum()) / len(np.unique(journeys["day"])) / 60.0 / peak.scale


THETA: Final = number("theta", "per unit of cost", above=0.0, most=1000.0)
LOGIT = "P = 1 / (1 + exp(theta (c_1 - c_2))), c_k = delta_k + lam n_k / s, n_1 = N P"
logit: Callable[..., Case[World]] = partial(
    Case,
    params=(*SERVICES, THETA),
    sets=tuple({**SET_B, "theta": theta} for theta in (1.0, 0.5)),
    usual=1,
    world=partial(_of_size, COMMUTERS, 2),
    scenario=_fixed_point,
    source=f"McFadden 1974; {SOURCE}",
)
learned: Callable[..., Case[Peak]] = partial(
    Case,
    usual=1,
    world=_peak,
    theory=lambda peak: peak.theory.equilibrium,
    measure=_mean_total,
    tolerance=Tolerance("fluid", 0.03),
    formula="d N^2 / s",
    source=QUEUES,
)

OF_BOTTLENECK: tuple[Case[Any], ...] = (
    learned(
        id="bottleneck.learned_msa",
        quantity="mean total cost of a day after learning by successive averages, all having left at once before",
        params=BOTTLENECK,
        sets=(V2, V1),
        scenario=_averaging,
    ),
    learned(
        id="bottleneck.learned_logit",
        quantity="mean total cost of a day after learning by logit with a large scale, all having been spread evenly",
        params=(*BOTTLENECK, THETA),
        sets=({**V1, "theta": 100.0}, {**V2, "theta": 60.0}),
        scenario=_drawing,
    ),
)
OF_SERVICES: tuple[Case[Any], ...] = (
    logit(
        id="logit.n1",
        quantity="riders of the first service at the fixed point of logit learners",
        world=partial(_of_size, COMMUTERS, 12),
        theory=lambda world: float(world.services.logit_loads(world.theta)[0]),
        measure=lambda tables, world: float(world.loads(tables)[:, 0].mean()),
        tolerance=Tolerance("exact", 1e-5, 1e-6),
        formula=LOGIT,
    ),
    logit(
        id="logit.critical_daily_share",
        quantity="share of logit learners who may reconsider daily before loads begin to swing",
        theory=lambda world: world.services.critical_share(world.theta),
        measure=_stability_limit,
        tolerance=Tolerance("exact", 1e-4, 1e-6),
        formula=f"2 / (1 + theta (2 lam / s) N P (1 - P)) with {LOGIT}",
    ),
    logit(
        id="logit.swing",
        quantity="change of the first service's riders from day to day, a little below or above the critical share",
        params=(*SERVICES, THETA, number("of_critical", "critical shares", above=0.0, most=2.0)),
        sets=tuple({**SET_B, "theta": 1.0, "of_critical": multiple} for multiple in (0.9, 1.1)),
        usual=2,
        world=partial(_of_size, CYCLE_COMMUTERS, 2),
        theory=_theory_swing,
        scenario=_cycling,
        measure=_swing,
        tolerance=Tolerance("fluid", 0.05, 1.5),
        formula="n' = (1 - q) n + q N P(n) followed to its cycle, q a multiple of the critical share",
    ),
    Case(
        id="crowding.learned_TC",
        quantity="total cost of a day after learning by successive averages from an even spread",
        params=SERVICES,
        sets=(SET_A, SET_B, SET_C, SET_D),
        usual=2,
        world=partial(world_of, lambda _: []),
        theory=lambda world: world.services.total(world.habit),
        scenario=_msa,
        measure=lambda tables, world: float(world.totals(tables)[-1]),
        tolerance=Tolerance("fluid", 0.03),
        formula="sum n_k (delta_k + lam n_k / s) at the equilibrium",
        source=f"McFadden 1974; {SOURCE}",
    ),
)
CASES = (*OF_BOTTLENECK, *OF_SERVICES)
