"""Replications of a scenario under one or more strategies, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.advisor import DayResult, ReplicationWorld, Strategy, simulate_days
from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.advisor.optimum import DayOptimum, optimum_of_day
from sim.engine import HoldingRule, least_running_s
from sim.metrics.periods import period_table
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.population.classes import class_names
from sim.population.least_cost import least_costs_min
from sim.population.seating import standing_s
from sim.records.build import CommuterColumns, Places, RowKey, day_tables
from sim.records.schema import COURSE_TABLES, DAYS, TABLES
from sim.records.table import Table, concatenate
from sim.units import FloatArray

Progress = Callable[[int, int], None]
"""Called with (finished, total) units of work."""


@dataclass(frozen=True)
class ReplicationTables:
    """Tables of one replication under one strategy."""

    replication: int
    strategy: str
    tables: dict[str, Table]
    days_simulated: int = 0
    departure_change_s: float = float("nan")
    optimum_exact: bool = False


@dataclass(frozen=True)
class SimulatedTables:
    """Tables of all replications, and how far people had settled by the last day.

    Attributes
    ----------
    tables : dict of str to Table
    convergence : dict
        By strategy: `days_simulated`, the mean number of days that were not skipped, and
        `departure_change_s`, the mean change of departure from the last day but one to the
        last; None where there was one day only.
    optimum_exact : bool
        Whether the least total cost is the system optimum on all kept days, and not a bound below it.
    """

    tables: dict[str, Table]
    convergence: dict[str, dict[str, float | None]]
    optimum_exact: bool


def run_replications(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> dict[str, Table]:
    """Simulate all replications under all strategies and return the tables of the kept days.

    Strategies meet the same people, the same wishes and the same chance in a replication
    (common random numbers), so that their results can be paired.

    Parameters
    ----------
    scenario : Scenario
    strategies : sequence of Strategy
        In the order of the tables.
    jobs : int
        Processes to use; the results are the same whatever their number.
    progress : callable or None
        Told how many replications are done.
    holding : HoldingRule or None
        Control of vehicles, instead of that of the scenario; picklable for several processes.

    Returns
    -------
    dict of str to Table
        All tables of `sim.records.schema.TABLES` and `COURSE_TABLES`, sorted by strategy as given, then
        replication, then day.
    """
    return simulate_replications(scenario, strategies, jobs, progress, holding, bound=False).tables


def simulate_replications(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    bound: bool = True,
) -> SimulatedTables:
    """Simulate as `run_replications` does, say how far people had settled, and bound the total cost.

    Parameters
    ----------
    scenario : Scenario
    strategies : sequence of Strategy
    jobs : int
    progress : callable or None
    holding : HoldingRule or None
    bound : bool
        Work out the least total cost.
    """
    import joblib

    compiled = compile_scenario(scenario, holding)
    total = scenario.parameters.replications
    done: list[list[ReplicationTables]] = []
    work = (joblib.delayed(run_replication)(compiled, strategies, number, bound) for number in range(total))
    parallel = joblib.Parallel(n_jobs=min(jobs, total), return_as="generator")
    for finished, part in enumerate(parallel(work), start=1):
        done.append(part)
        if progress is not None:
            progress(finished, total)
    by_strategy = [part[place] for place in range(len(strategies)) for part in done]
    tables = {
        schema.name: concatenate([part.tables[schema.name] for part in by_strategy])
        for schema in (*TABLES, *COURSE_TABLES)
    }
    return SimulatedTables(tables, _convergence(by_strategy), all(part.optimum_exact for part in by_strategy))


def _convergence(parts: Sequence[ReplicationTables]) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for name in dict.fromkeys(part.strategy for part in parts):
        days = [part.days_simulated for part in parts if part.strategy == name]
        changes_s = [part.departure_change_s for part in parts if part.strategy == name]
        change_s = float(np.mean(changes_s))
        found[name] = {
            "days_simulated": float(np.mean(days)),
            "departure_change_s": change_s if np.isfinite(change_s) else None,
        }
    return found


def run_replication(
    compiled: CompiledScenario, strategies: Sequence[Strategy], replication: int, bound: bool = False
) -> list[ReplicationTables]:
    """Simulate one replication under each strategy.

    Parameters
    ----------
    compiled : CompiledScenario
    strategies : sequence of Strategy
    replication : int
        Counted from 0.
    bound : bool
        Work out the least total cost of the kept days, once for all strategies.
    """
    world = ReplicationWorld.create(compiled, replication)
    optima: dict[int, DayOptimum] | None = {} if bound else None
    return [_run_strategy(world, strategy, replication, optima) for strategy in strategies]


def _run_strategy(
    world: ReplicationWorld, strategy: Strategy, replication: int, optima: dict[int, DayOptimum] | None
) -> ReplicationTables:
    parameters = world.compiled.scenario.parameters
    first_kept = parameters.days - parameters.days_kept
    parts = []
    course = []
    for result in simulate_days(world, strategy):
        course.append(_Course.of(result))
        if result.day >= first_kept:
            least_min = _least_costs(world, result.day)
            if optima is not None and result.day not in optima:
                optima[result.day] = _optimum(world, result, least_min)
            part_min = np.full(len(least_min), np.nan) if optima is None else optima[result.day].cost_min
            key = RowKey(replication, result.day, strategy.name)
            parts.append(_day_tables(world, result, key, least_min, part_min))
    tables = {name: concatenate([part[name] for part in parts]) for name in parts[0]}
    tables["periods"] = period_table(tables["stop_visits"], tables["legs"], parameters.period_s)
    tables["days"] = _days_table(course, RowKey(replication, 0, strategy.name))
    exact = optima is not None and all(found.exact for found in optima.values())
    change_s = course[-1].departure_change_s
    return ReplicationTables(replication, strategy.name, tables, len(course), change_s, exact)


@dataclass(frozen=True)
class _Course:
    """What is kept of every simulated day."""

    day: int
    departure_change_s: float
    relative_gap_share: float
    mean_cost_min: float

    @classmethod
    def of(cls, result: DayResult) -> _Course:
        cost_min = result.costs.generalized_cost_min
        mean_min = float(cost_min.mean()) if len(cost_min) else float("nan")
        return cls(result.day, result.departure_change_s, result.relative_gap_share, mean_min)


def _days_table(course: Sequence[_Course], key: RowKey) -> Table:
    days = len(course)
    columns = {
        "replication": np.full(days, key.replication, dtype=np.int64),
        "day": np.array([day.day for day in course], dtype=np.int64),
        "strategy": np.zeros(days, dtype=np.int64),
        "departure_change_s": np.array([day.departure_change_s for day in course]),
        "relative_gap_share": np.array([day.relative_gap_share for day in course]),
        "mean_generalized_cost_min": np.array([day.mean_cost_min for day in course]),
    }
    return Table(DAYS, columns, {"strategy": (key.strategy,)})


def _day_tables(
    world: ReplicationWorld, result: DayResult, row_key: RowKey, least_min: FloatArray, part_min: FloatArray
) -> dict[str, Table]:
    compiled, population = world.compiled, world.population
    commuters = CommuterColumns(
        origin=population.origin,
        destination=population.destination,
        preferred_arrival_s=population.preferred_arrival_s,
        habitual_departure_s=population.habitual_departure_s,
        schedule_delay_early_s=result.costs.schedule_delay_early_s,
        schedule_delay_late_s=result.costs.schedule_delay_late_s,
        generalized_cost_min=result.costs.generalized_cost_min,
        fare=result.fares.fare,
        fare_discount=result.fares.discount,
        fare_min=result.fares.fare_min,
        least_cost_min=least_min,
        optimum_cost_min=part_min,
        advised=result.plan.advised,
        complied=result.complied,
        window_start_s=result.plan.start_s(),
        window_end_s=result.plan.end_s(),
        income_class=population.traits.income_class,
        flexibility_class=population.traits.flexibility_class,
        outward=population.back.outward,
    )
    scenario = compiled.scenario
    places = Places(
        scenario.network.stop_id,
        _distances_m(compiled.plan.service, scenario.network.link_length_m),
        scenario.parameters.service.energy.co2_g_per_km(),
        class_names(scenario.parameters.population.income_classes),
        class_names(scenario.parameters.population.flexibility_classes),
        scenario.parameters.service.energy.energy_kwh_per_km(),
    )
    service, records = compiled.plan.service, result.records
    return day_tables(service, places, commuters, records, standing_s(service, records), row_key)


def _distances_m(service: Service, link_length_m: FloatArray) -> FloatArray:
    """Return the way from each visit to the next of its trip, 0 at the last, shape (visits,)."""
    hops = [
        np.array([*(sum(float(link_length_m[link]) for link in links) for links in pattern.links), 0.0])
        for pattern in service.patterns
    ]
    return np.concatenate([*(hops[pattern] for pattern in service.trip_pattern), np.zeros(0)])


def _optimum(world: ReplicationWorld, result: DayResult, least_min: FloatArray) -> DayOptimum:
    compiled, parameters = world.compiled, world.compiled.scenario.parameters
    found = optimum_of_day(
        compiled.plan,
        compiled.options,
        parameters.preferences,
        world.population,
        world.draws_of(result.day),
        result.records,
        least_min,
    )
    # The bound leaves fares out.
    return replace(found, exact=found.exact and parameters.fares.value_of_time is None)


def _least_costs(world: ReplicationWorld, day: int) -> FloatArray:
    compiled, population = world.compiled, world.population
    least = least_costs_min(
        compiled.plan.service,
        least_running_s(compiled.plan, world.draws_of(day)),
        compiled.options,
        compiled.scenario.parameters.preferences,
        population.origin,
        population.destination,
        population.habitual_departure_s,
    )
    return np.where(population.journeys.option >= 0, least, 0.0)
