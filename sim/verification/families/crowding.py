"""Timetabled services with crowding: equilibrium, optimum, and what advice does to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.advised_services import (
    adaptive_load,
    adaptive_scenario,
    best_scenario,
    coins_scenario,
    daily_scenario,
    equilibrium_scenario,
    everybody_scenario,
    leader_load,
    leader_scenario,
    naive_scenario,
    optimum_scenario,
    proportional_scenario,
    share_of,
    world_behind,
)
from sim.verification.case import Case, Key, Params, Tables, is_number
from sim.verification.theory.services import Services
from sim.verification.timetable import (
    KEYS,
    SOURCE,
    World,
    loads_by_day,
    mean_costs_by_day,
    services_of,
    timetable_objection,
    total_costs,
)
from sim.verification.timetable_sql import BREAK_EVEN, LOADS, MARGINAL, MOVED, services_sql
from sim.verification.verdict import Tolerance

EXACT = Tolerance("exact", 1e-6, 1e-6)
SET_A: Final[Params] = {"delta": [2.0, 1.0, 0.0, 2.5, 5.0], "N": 1000, "s": 200, "lam": 5.0}
SET_B: Final[Params] = {"delta": [0.0, 3.0], "N": 600, "s": 200, "lam": 5.0}
SET_C: Final[Params] = {**SET_A, "N": 260}
SET_D: Final[Params] = {**SET_A, "N": 500}
SHARES_A = (0.05, 0.1, 0.2, 0.5)
SHARES_B = (1.0 / 12.0, 0.1, 0.2, 0.42, 0.5)
ADVISED = (*({**SET_A, "p": share} for share in SHARES_A), *({**SET_B, "p": share} for share in SHARES_B))
SHARE_KEY = Key("p", "a share from 0 to 1", lambda value: is_number(value) and 0.0 <= value <= 1.0)


Measure = Callable[[Tables, World], FloatArray]


def _last_total(tables: Tables, world: World) -> FloatArray:
    total: FloatArray = total_costs(tables, world)[:, -1]
    return total


def _mean_total(tables: Tables, world: World) -> FloatArray:
    mean: FloatArray = total_costs(tables, world).mean(axis=1)
    return mean


def _last_loads(tables: Tables, world: World) -> FloatArray:
    loads: FloatArray = loads_by_day(tables, world)[:, -1]
    return loads


def _mean_cost(tables: Tables, world: World) -> FloatArray:
    return _last_total(tables, world) / world.services.riders


def _marginal_cost(tables: Tables, world: World) -> FloatArray:
    """Return the dearest marginal cost of a service in use, the slope being what two days show."""
    load, cost = loads_by_day(tables, world), mean_costs_by_day(tables, world)
    slope = _slopes(load, cost)
    marginal = cost[:, -1] + load[:, -1] * slope[:, None]
    dearest: FloatArray = np.nanmax(np.where(load[:, -1] > 0, marginal, np.nan), axis=1)
    return dearest


def _slopes(load: FloatArray, cost: FloatArray) -> FloatArray:
    """Return the growth of cost per rider of the service whose load changed most, shape (replications,)."""
    change = np.where(np.isfinite(cost[:, -1] - cost[:, 0]), load[:, -1] - load[:, 0], 0.0)
    row, most = np.arange(len(load)), np.abs(change).argmax(axis=1)
    slope: FloatArray = (cost[row, -1, most] - cost[row, 0, most]) / change[row, most]
    return slope


def _share_moved(tables: Tables, world: World) -> FloatArray:
    """Return the largest share of its riders that a service lost between the kept days."""
    load = loads_by_day(tables, world)
    before, after = load[:, 0], load[:, -1]
    lost = np.divide(before - after, before, out=np.zeros_like(before), where=before > 0)
    most: FloatArray = lost.max(axis=1)
    return most


def _break_even(tables: Tables, world: World) -> FloatArray:
    """Return the share of the change between the kept days at which total cost is back where it was.

    Loads change in proportion to the share, so total cost is a quadratic that both days and the slope of
    cost in load fix.
    """
    load, total = loads_by_day(tables, world), total_costs(tables, world)
    slope = _slopes(load, mean_costs_by_day(tables, world))
    bend = slope * ((load[:, -1] - load[:, 0]) ** 2).sum(axis=1)
    rise = total[:, -1] - total[:, 0] - bend
    share: FloatArray = -rise / bend
    return share


def _objection(params: Params, *, most_services: int = 12) -> str:
    if len(params["delta"]) > most_services:
        return f"theory knows this for {most_services} services only"
    return timetable_objection(params)


Theory = Callable[[Services, Params], float | FloatArray]


def _dearest_marginal(services: Services, _: Params) -> float:
    load = services.optimum()
    return float((services.delta + 2.0 * services.slope * load)[load > 0].max())


def _full_at(services: Services, _: Params) -> float:
    before, after = services.equilibrium(), services.optimum()
    return float((1.0 - after[before > 0] / before[before > 0]).max())


def _naive_total(services: Services, params: Params) -> float:
    habit = services.equilibrium()
    return services.total(services.naive(share_of(params), habit, int(np.argmin(np.round(habit, 9)))))


def _coins_total(services: Services, params: Params) -> float:
    share, least = share_of(params), float(services.equilibrium().min())
    excess = 2.0 * services.slope * (services.riders - least) * share * (1.0 - share)
    return _naive_total(services, params) + excess


def _cycle_total(services: Services, params: Params) -> float:
    return float(np.mean([services.total(load) for load in services.daily_cycle(share_of(params))[1]]))


def _sql(question: str, world: World) -> str:
    if question in (LOADS, MARGINAL, BREAK_EVEN, MOVED):
        return services_sql(question, world)
    return question.replace("{scale}", str(world.scale))


def _case(
    name: str,
    quantity: str,
    theory: Theory,
    scenario: Callable[[Params], ScenarioParameters],
    measure: Measure,
    formula: str,
    recompute: str,
    **parts: Any,
) -> Case:
    shared: dict[str, Any] = {
        "keys": KEYS,
        "defaults": (SET_A, SET_B, SET_C, SET_D),
        "usual": 4,
        "objection": _objection,
        "tolerance": EXACT,
        "source": SOURCE,
    }
    return Case(
        id=f"crowding.{name}",
        quantity=quantity,
        theory=lambda params: theory(services_of(params), params),
        scenario=scenario,
        measure=lambda tables, params: measure(tables, world_behind(scenario, params)),
        formula=formula,
        recompute=lambda params: _sql(recompute, world_behind(scenario, params)),
        **{**shared, **parts},
    )


LAST_DAY = "where day = (select max(day) from 'tables/journeys.parquet')"
TOTAL_LAST = (
    "select sum(generalized_cost_min - in_vehicle_s / 60) / {scale} / count(distinct replication) "
    f"from 'tables/journeys.parquet' {LAST_DAY}"
)
TOTAL_MEAN = (
    "select sum(generalized_cost_min - in_vehicle_s / 60) / {scale} / count(distinct (replication, day)) "
    "from 'tables/journeys.parquet'"
)
MEAN_LAST = f"select avg(generalized_cost_min - in_vehicle_s / 60) from 'tables/journeys.parquet' {LAST_DAY}"
SINGLE: Final[dict[str, Any]] = {"defaults": (SET_A, SET_B), "usual": 2}
WITH_SHARE: Final[dict[str, Any]] = {"keys": (*KEYS, SHARE_KEY), "defaults": ADVISED, "usual": len(ADVISED)}
CYCLE_SETS = (
    *({**SET_A, "p": share, "period": 1 if share < 0.09 else 2, "tie": "lowest index"} for share in SHARES_A),
    *({**SET_B, "p": share, "period": 1 if share < 0.16 else 2, "tie": "lowest index"} for share in SHARES_B),
)
CYCLE_KEYS = (
    *KEYS,
    SHARE_KEY,
    Key("period", "the length of the cycle in days, found anew", lambda value: value == "" or is_number(value), True),
    Key("tie", "the text 'lowest index'", lambda value: value in ("", "lowest index"), True),
)
TOTAL = "total cost of a day"


CASES: tuple[Case, ...] = (
    _case(
        "n_ue",
        "riders of each service in user equilibrium, reported by vehicles",
        lambda services, _: services.equilibrium(),
        equilibrium_scenario,
        _last_loads,
        "n_k = (s / lam) max(c - delta_k, 0), sum n_k = N",
        LOADS,
    ),
    _case(
        "n_so",
        "riders of each service in the system optimum, reached by coordinated advice to all",
        lambda services, _: services.optimum(),
        optimum_scenario,
        _last_loads,
        "n_k = (s / (2 lam)) max(mu - delta_k, 0), sum n_k = N",
        LOADS,
    ),
    _case(
        "cost_ue",
        "cost of a rider in user equilibrium",
        lambda services, _: services.total(services.equilibrium()) / services.riders,
        equilibrium_scenario,
        _mean_cost,
        "c with n_k = (s / lam) max(c - delta_k, 0), sum n_k = N",
        MEAN_LAST,
    ),
    _case(
        "mu_so",
        "marginal cost of a rider in the system optimum",
        _dearest_marginal,
        optimum_scenario,
        _marginal_cost,
        "mu with n_k = (s / (2 lam)) max(mu - delta_k, 0), sum n_k = N",
        MARGINAL,
    ),
    _case(
        "TC_e",
        f"{TOTAL} in user equilibrium",
        lambda services, _: services.total(services.equilibrium()),
        equilibrium_scenario,
        _last_total,
        "sum n_k (delta_k + lam n_k / s) at the equilibrium",
        TOTAL_LAST,
    ),
    _case(
        "TC_o",
        f"{TOTAL} in the system optimum",
        lambda services, _: services.total(services.optimum()),
        optimum_scenario,
        _last_total,
        "sum n_k (delta_k + lam n_k / s) at the optimum",
        TOTAL_LAST,
    ),
    _case(
        "naive_threshold",
        "share who follow naive advice at which it saves nothing any more",
        lambda services, _: services.naive_threshold(),
        everybody_scenario,
        _break_even,
        "p = (S2 - N n_j) / (N^2 - 2 N n_j + S2), S2 = sum n_k^2, j the service with the least load",
        BREAK_EVEN,
        **SINGLE,
    ),
    _case(
        "coordinated_full_at",
        "share who follow with which coordinated advice reaches the system optimum",
        _full_at,
        optimum_scenario,
        _share_moved,
        "max over services of 1 - n_k optimum / n_k equilibrium",
        MOVED,
        **SINGLE,
    ),
    _case(
        "naive_fixed_share",
        f"{TOTAL} when a fixed share takes yesterday's least crowded service, the others by habit",
        _naive_total,
        naive_scenario,
        _last_total,
        "TC_e - (lam/s)(S2 - N n_j) p + (lam/s)(N^2 - 2 N n_j + S2) p^2",
        TOTAL_LAST,
        **WITH_SHARE,
    ),
    _case(
        "naive_independent",
        f"mean {TOTAL} when each takes yesterday's least crowded service by a coin of his own",
        _coins_total,
        coins_scenario,
        _last_total,
        "as for a fixed share, and (2 lam / s)(N - n_j) p (1 - p)",
        TOTAL_LAST,
        **{**WITH_SHARE, "tolerance": Tolerance("mc", 0.002)},
    ),
    _case(
        "naive_adaptive",
        f"{TOTAL} when a fixed share takes one service and the others find an equilibrium of their own",
        lambda services, params: services.total(adaptive_load(params)),
        adaptive_scenario,
        _last_total,
        "TC_e for p <= n_j / N, then (1 - p) N c' + p N (delta_j + lam p N / s)",
        TOTAL_LAST,
        **WITH_SHARE,
    ),
    _case(
        "so_proportional",
        f"{TOTAL} when a fixed share is spread as the optimum would be, the others by habit",
        lambda services, params: services.total(
            (1.0 - share_of(params)) * services.equilibrium() + share_of(params) * services.optimum()
        ),
        proportional_scenario,
        _last_total,
        "TC_o + (1 - p)^2 (TC_e - TC_o)",
        TOTAL_LAST,
        **WITH_SHARE,
    ),
    _case(
        "so_best",
        f"{TOTAL} with the best advice to a fixed share, the others by habit",
        lambda services, params: services.total(services.optimum((1.0 - share_of(params)) * services.equilibrium())),
        best_scenario,
        _last_total,
        "n_k = max((1 - p) n_k equilibrium, (s / (2 lam)) (mu - delta_k)), sum n_k = N",
        TOTAL_LAST,
        **WITH_SHARE,
    ),
    _case(
        "stackelberg",
        f"{TOTAL} with the best advice to a fixed share, the others finding an equilibrium of their own",
        lambda services, params: services.total(leader_load(params)),
        leader_scenario,
        _last_total,
        "TC_e for p <= n_2 equilibrium / N, then TC_o + (2 lam / s) (n_2 optimum - p N)^2 up to the optimum",
        TOTAL_LAST,
        **{
            **WITH_SHARE,
            "defaults": tuple({**SET_B, "p": share} for share in SHARES_B),
            "usual": len(SHARES_B),
            "objection": partial(_objection, most_services=2),
        },
    ),
    _case(
        "naive_daily_cycle",
        f"mean {TOTAL} over the cycle when the same naive advice is given every day",
        _cycle_total,
        daily_scenario,
        _mean_total,
        "loads of day t: n = (1 - p) n equilibrium, and p N on the service with the least load on day t - 1",
        TOTAL_MEAN,
        **{"keys": CYCLE_KEYS, "defaults": CYCLE_SETS, "usual": len(CYCLE_SETS)},
    ),
)
