"""Timetabled services with crowding: equilibrium, optimum, and what advice does to them.

Commuters who are not advised keep to their habit, which is the user equilibrium, unless a case says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Param, Params, RefusedError, Tables, is_number, number
from sim.verification.services_world import SERVICES, SOURCE, Loads, World, rounding, world_of
from sim.verification.verdict import Tolerance

SET_A: Final[Params] = {"delta": [2.0, 1.0, 0.0, 2.5, 5.0], "N": 1000, "s": 200, "lam": 5.0}
SET_B: Final[Params] = {"delta": [0.0, 3.0], "N": 600, "s": 200, "lam": 5.0}
SET_C: Final[Params] = {**SET_A, "N": 260}
SET_D: Final[Params] = {**SET_A, "N": 500}
SHARES_A = (0.05, 0.1, 0.2, 0.5)
SHARES_B = (1.0 / 12.0, 0.1, 0.2, 0.42, 0.5)
COINS = 40
"""Replications of independent compliance."""

SETTLING_DAYS = 150
"""Most days that the others are given to find an equilibrium; the stop rule ends them earlier."""


@dataclass(frozen=True)
class Lesson:
    """What happens to the services on the days of a case.

    Attributes
    ----------
    name : str
    loads : callable
        Riders whose numbers should be whole numbers of commuters.
    advisor : callable
        Keys of the section `advisor`.
    changes : mapping
        Further keys of a scenario file.
    """

    name: str
    loads: Loads
    advisor: Callable[[World], dict[str, Any]] = lambda _: {}
    changes: Params = field(default_factory=dict)

    def scenario(self, world: World) -> ScenarioParameters:
        """Return the scenario, which begins with a day by habit."""
        advisor = self.advisor(world)
        changes = {**self.changes, "advisor": advisor} if advisor else self.changes
        return world.scenario(f"verify-services-{self.name}", world.habit, changes)


def _same_for_all(world: World) -> dict[str, Any]:
    return {"strategy": "same_for_all", "penetration": 1.0, "compliance": world.share}


def _coordinated(share: Callable[[World], float], strategy: str = "coordinated") -> Callable[[World], dict[str, Any]]:
    return lambda world: {"strategy": strategy, "penetration": share(world), "compliance": 1.0}


def _kept(world: World) -> FloatArray:
    """Return the riders of each service who are not advised."""
    return (1.0 - world.share) * world.habit


def adaptive_load(world: World) -> FloatArray:
    """Return the loads when the others find their equilibrium beside users on the naive service."""
    fixed = np.zeros(len(world.services.delta))
    fixed[int(np.argmin(np.round(world.habit, 9)))] = world.share * world.services.riders
    return world.services.equilibrium(fixed)


def leader_load(world: World) -> FloatArray:
    """Return the loads of the best that users on the dearer of two services can bring about."""
    services = world.services
    dear = int(np.argmax(services.delta))
    led = np.zeros(2)
    led[dear] = min(world.share * services.riders, float(services.optimum()[dear]))
    led[1 - dear] = world.share * services.riders - led[dear]
    return services.equilibrium(led)


def _settling(final: Callable[[World], FloatArray]) -> Loads:
    return lambda world: [world.habit, world.share * np.array([world.services.riders]), final(world)]


TWO_DAYS: Final[Params] = {"days": 2}
BOTH_DAYS: Final[Params] = {"days": 2, "days_kept": 2}
SETTLED: Final[Params] = {
    "days": SETTLING_DAYS,
    "behaviour": {"departure_choice": "re_equilibrating", "stop": {"least_change": 0.0, "days_in_row": 12}},
}
EQUILIBRIUM = Lesson("equilibrium", lambda world: [world.habit])
OPTIMUM = Lesson(
    "optimum",
    lambda world: [world.habit, world.services.optimum()],
    _coordinated(lambda _: 1.0),
    BOTH_DAYS,
)
NAIVE = Lesson("naive", lambda world: [world.habit, world.share * world.habit], _same_for_all, TWO_DAYS)
EVERYBODY = Lesson("everybody", EQUILIBRIUM.loads, _coordinated(lambda _: 1.0, strategy="same_for_all"), BOTH_DAYS)
COIN = Lesson(
    "coins",
    lambda _: [],
    lambda world: {**_same_for_all(world), "compliance_rule": "independent"},
    {"days": 2, "replications": COINS},
)
PROPORTIONAL = Lesson(
    "proportional",
    lambda world: [world.habit, world.share * world.habit, world.share * world.services.optimum()],
    _coordinated(lambda world: world.share, strategy="proportional"),
    TWO_DAYS,
)
BEST = Lesson(
    "best",
    lambda world: [world.habit, _kept(world), world.services.optimum(_kept(world))],
    _coordinated(lambda world: world.share),
    TWO_DAYS,
)
ADAPTIVE = Lesson(
    "adaptive",
    _settling(adaptive_load),
    lambda world: {
        **_same_for_all(world),
        "forecast": {"smoothing_days": 1, "staleness_days": SETTLING_DAYS},
    },
    SETTLED,
)
LEADER = Lesson("leader", _settling(leader_load), _coordinated(lambda world: world.share), SETTLED)


def _daily(world: World) -> ScenarioParameters:
    """Return days of naive advice up to the end of the first cycle."""
    first, loads = world.services.daily_cycle(world.share)
    days = {"days": first + len(loads), "days_kept": len(loads)}
    return Lesson("daily", NAIVE.loads, _same_for_all, days).scenario(world)


def _last_total(tables: Tables, world: World) -> float:
    return float(world.totals(tables)[-1])


def _mean_total(tables: Tables, world: World) -> float:
    return float(world.totals(tables).mean())


def _last_loads(tables: Tables, world: World) -> FloatArray:
    loads: FloatArray = world.loads(tables)[-1]
    return loads


def _marginal_cost(tables: Tables, world: World) -> float:
    """Return the dearest marginal cost of a service in use, the slope being what two days show."""
    load, cost = world.loads(tables), world.mean_costs(tables)
    marginal = cost[-1] + load[-1] * _slope(load, cost)
    return float(np.nanmax(np.where(load[-1] > 0, marginal, np.nan)))


def _slope(load: FloatArray, cost: FloatArray) -> float:
    """Return the growth of cost per rider of the service whose load changed most."""
    change = np.where(np.isfinite(cost[-1] - cost[0]), load[-1] - load[0], 0.0)
    most = int(np.abs(change).argmax())
    return float((cost[-1, most] - cost[0, most]) / change[most])


def _share_moved(tables: Tables, world: World) -> float:
    """Return the largest share of its riders that a service lost between the kept days."""
    load = world.loads(tables)
    before, after = load[0], load[-1]
    return float(np.divide(before - after, before, out=np.zeros_like(before), where=before > 0).max())


def _break_even(tables: Tables, world: World) -> float:
    """Return the share of the change between the kept days at which total cost is back where it was.

    Loads change in proportion to the share, so total cost is a quadratic that both days and the slope of
    cost in load fix.
    """
    load, total = world.loads(tables), world.totals(tables)
    bend = _slope(load, world.mean_costs(tables)) * float(((load[-1] - load[0]) ** 2).sum())
    return -(float(total[-1] - total[0]) - bend) / bend


def _dearest_marginal(world: World) -> float:
    services, load = world.services, world.services.optimum()
    return float((services.delta + 2.0 * services.slope * load)[load > 0].max())


def _full_at(world: World) -> float:
    before, after = world.habit, world.services.optimum()
    return float((1.0 - after[before > 0] / before[before > 0]).max())


def _naive_total(world: World) -> float:
    service = int(np.argmin(np.round(world.habit, 9)))
    return world.services.total(world.services.naive(world.share, world.habit, service))


def _coins_total(world: World) -> float:
    services, share = world.services, world.share
    excess = 2.0 * services.slope * (services.riders - float(world.habit.min())) * share * (1.0 - share)
    return _naive_total(world) + excess


def _cycle_total(world: World) -> float:
    return float(np.mean([world.services.total(load) for load in world.services.daily_cycle(world.share)[1]]))


def _of_two(loads: Loads, params: Params) -> World:
    if len(params["delta"]) > 2:
        raise RefusedError("theory knows this for 2 services only")
    return world_of(loads, params)


def _all_used(loads: Loads, params: Params) -> World:
    world = world_of(loads, params)
    if not world.habit.min() > 0:
        raise RefusedError(
            "a service has no riders in equilibrium, so that two days do not show what a rider more costs; take a "
            "larger N or lam, or delta that differ less"
        )
    return world


def _case(name: str, quantity: str, lesson: Lesson, **parts: Any) -> Case[World]:
    """Return a case about what a lesson does; four sets of services unless it says others."""
    made: dict[str, Any] = {
        "id": f"crowding.{name}",
        "quantity": quantity,
        "params": SERVICES,
        "sets": (SET_A, SET_B, SET_C, SET_D),
        "world": partial(world_of, lesson.loads),
        "scenario": lesson.scenario,
        "measure": _last_total,
        "tolerance": rounding,
        "source": SOURCE,
    }
    return Case(**{**made, **parts})


SHARED = (*SERVICES, number("p", "", least=0.0, most=1.0))
ADVISED = (*({**SET_A, "p": share} for share in SHARES_A), *({**SET_B, "p": share} for share in SHARES_B))
TWO_SETS: Callable[..., Case[World]] = partial(_case, sets=(SET_A, SET_B))
WITH_SHARE: Callable[..., Case[World]] = partial(_case, params=SHARED, sets=ADVISED)
TOTAL = "total cost of a day"

CASES: tuple[Case[Any], ...] = (
    _case(
        "n_ue",
        "riders of each service in user equilibrium, reported by vehicles",
        EQUILIBRIUM,
        theory=lambda world: world.habit,
        measure=_last_loads,
        formula="n_k = (s / lam) max(c - delta_k, 0), sum n_k = N",
    ),
    _case(
        "n_so",
        "riders of each service in the system optimum, reached by coordinated advice to all",
        OPTIMUM,
        theory=lambda world: world.services.optimum(),
        measure=_last_loads,
        formula="n_k = (s / (2 lam)) max(mu - delta_k, 0), sum n_k = N",
    ),
    _case(
        "cost_ue",
        "cost of a rider in user equilibrium",
        EQUILIBRIUM,
        theory=lambda world: world.services.total(world.habit) / world.services.riders,
        measure=lambda tables, world: _last_total(tables, world) / world.services.riders,
        formula="c with n_k = (s / lam) max(c - delta_k, 0), sum n_k = N",
    ),
    _case(
        "mu_so",
        "marginal cost of a rider in the system optimum",
        OPTIMUM,
        theory=_dearest_marginal,
        measure=_marginal_cost,
        formula="mu with n_k = (s / (2 lam)) max(mu - delta_k, 0), sum n_k = N",
    ),
    _case(
        "TC_e",
        f"{TOTAL} in user equilibrium",
        EQUILIBRIUM,
        theory=lambda world: world.services.total(world.habit),
        formula="sum n_k (delta_k + lam n_k / s) at the equilibrium",
    ),
    _case(
        "TC_o",
        f"{TOTAL} in the system optimum",
        OPTIMUM,
        theory=lambda world: world.services.total(world.services.optimum()),
        formula="sum n_k (delta_k + lam n_k / s) at the optimum",
    ),
    TWO_SETS(
        "naive_threshold",
        "share who follow naive advice at which it saves nothing any more",
        EVERYBODY,
        world=partial(_all_used, EVERYBODY.loads),
        theory=lambda world: world.services.naive_threshold(),
        measure=_break_even,
        formula="p = (S2 - N n_j) / (N^2 - 2 N n_j + S2), S2 = sum n_k^2, j the service with the least load",
    ),
    TWO_SETS(
        "coordinated_full_at",
        "share who follow with which coordinated advice reaches the system optimum",
        OPTIMUM,
        theory=_full_at,
        measure=_share_moved,
        formula="max over services of 1 - n_k optimum / n_k equilibrium",
    ),
    WITH_SHARE(
        "naive_fixed_share",
        f"{TOTAL} when a fixed share takes yesterday's least crowded service, the others by habit",
        NAIVE,
        theory=_naive_total,
        formula="TC_e - (lam/s)(S2 - N n_j) p + (lam/s)(N^2 - 2 N n_j + S2) p^2",
    ),
    WITH_SHARE(
        "naive_independent",
        f"mean {TOTAL} when each takes yesterday's least crowded service by a coin of their own",
        COIN,
        theory=_coins_total,
        tolerance=Tolerance("mc", 0.002),
        formula="as for a fixed share, and (2 lam / s)(N - n_j) p (1 - p)",
    ),
    WITH_SHARE(
        "naive_adaptive",
        f"{TOTAL} when a fixed share takes one service and the others find an equilibrium of their own",
        ADAPTIVE,
        theory=lambda world: world.services.total(adaptive_load(world)),
        formula="TC_e for p <= n_j / N, then (1 - p) N c' + p N (delta_j + lam p N / s)",
    ),
    WITH_SHARE(
        "so_proportional",
        f"{TOTAL} when a fixed share is spread as the optimum would be, the others by habit",
        PROPORTIONAL,
        theory=lambda world: world.services.total(_kept(world) + world.share * world.services.optimum()),
        formula="TC_o + (1 - p)^2 (TC_e - TC_o)",
    ),
    WITH_SHARE(
        "so_best",
        f"{TOTAL} with the best advice to a fixed share, the others by habit",
        BEST,
        theory=lambda world: world.services.total(world.services.optimum(_kept(world))),
        formula="n_k = max((1 - p) n_k equilibrium, (s / (2 lam)) (mu - delta_k)), sum n_k = N",
    ),
    WITH_SHARE(
        "stackelberg",
        f"{TOTAL} with the best advice to a fixed share, the others finding an equilibrium of their own",
        LEADER,
        sets=tuple({**SET_B, "p": share} for share in SHARES_B),
        world=partial(_of_two, LEADER.loads),
        theory=lambda world: world.services.total(leader_load(world)),
        formula="TC_e for p <= n_2 equilibrium / N, then TC_o + (2 lam / s) (n_2 optimum - p N)^2 up to the optimum",
    ),
    WITH_SHARE(
        "naive_daily_cycle",
        f"mean {TOTAL} over the cycle when the same naive advice is given every day",
        NAIVE,
        params=(
            *SHARED,
            Param("period", "the length of the cycle in days, found anew", lambda v: v == "" or is_number(v), True),
            Param("tie", "the text 'lowest index'", lambda value: value in ("", "lowest index"), True),
        ),
        sets=(
            *({**SET_A, "p": share, "period": 1 if share < 0.09 else 2, "tie": "lowest index"} for share in SHARES_A),
            *({**SET_B, "p": share, "period": 1 if share < 0.16 else 2, "tie": "lowest index"} for share in SHARES_B),
        ),
        theory=_cycle_total,
        scenario=_daily,
        measure=_mean_total,
        formula="loads of day t: n = (1 - p) n equilibrium, and p N on the service with the least load on day t - 1",
    ),
)
