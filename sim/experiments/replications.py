"""Replications of a scenario under one or more strategies, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.advisor import DayResult, ReplicationWorld, Strategy, simulate_days
from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.advisor.optimum import DayOptimum, optimum_of_day
from sim.arrays import FloatArray
from sim.engine import HoldingRule, least_running_s
from sim.metrics.periods import period_table
from sim.model.scenario import Scenario
from sim.population.least_cost import least_costs_min
from sim.population.seating import standing_s
from sim.records.assembler import assemble
from sim.records.day_facts import DayFacts, RowKey, SettlingDay
from sim.records.day_tables import day_tables
from sim.records.schema import COURSE_TABLES, DAYS, TABLES
from sim.records.table import Table, concatenate

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
    compiled = compile_scenario(scenario, holding)
    total = scenario.parameters.replications
    done: list[list[ReplicationTables]] = []
    for finished, part in enumerate(_replications(compiled, strategies, bound, min(jobs, total)), start=1):
        done.append(part)
        if progress is not None:
            progress(finished, total)
    by_strategy = [part[place] for place in range(len(strategies)) for part in done]
    tables = {
        schema.name: concatenate([part.tables[schema.name] for part in by_strategy])
        for schema in (*TABLES, *COURSE_TABLES)
    }
    return SimulatedTables(tables, _convergence(by_strategy), all(part.optimum_exact for part in by_strategy))


def _replications(
    compiled: CompiledScenario, strategies: Sequence[Strategy], bound: bool, jobs: int
) -> Iterator[list[ReplicationTables]]:
    """Yield all replications in their order; a single process needs no joblib, whose import takes its time."""
    numbers = range(compiled.scenario.parameters.replications)
    if jobs == 1:
        yield from (run_replication(compiled, strategies, number, bound) for number in numbers)
        return
    import joblib

    work = (joblib.delayed(run_replication)(compiled, strategies, number, bound) for number in numbers)
    yield from joblib.Parallel(n_jobs=jobs, return_as="generator")(work)


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
        key = RowKey(replication, result.day, strategy.name)
        course.append(_settling(result, key))
        if result.day >= first_kept:
            least_min = _least_costs(world, result.day)
            if optima is not None and result.day not in optima:
                optima[result.day] = _optimum(world, result, least_min)
            part_min = np.full(len(least_min), np.nan) if optima is None else optima[result.day].cost_min
            parts.append(day_tables(_facts(world, result, key, least_min, part_min)))
    tables = {name: concatenate([part[name] for part in parts]) for name in parts[0]}
    tables["periods"] = period_table(tables["stop_visits"], tables["legs"], parameters.period_s)
    tables["days"] = assemble(DAYS, course)
    exact = optima is not None and all(found.exact for found in optima.values())
    change_s = course[-1].departure_change_s
    return ReplicationTables(replication, strategy.name, tables, len(course), change_s, exact)


def _settling(result: DayResult, key: RowKey) -> SettlingDay:
    cost_min = result.costs.generalized_cost_min
    mean_min = float(cost_min.mean()) if len(cost_min) else float("nan")
    return SettlingDay(key, result.departure_change_s, result.relative_gap_share, mean_min)


def _facts(
    world: ReplicationWorld, result: DayResult, key: RowKey, least_min: FloatArray, optimum_min: FloatArray
) -> DayFacts:
    """Put together what is known of a kept day."""
    service = world.compiled.scenario.service
    return DayFacts(
        key=key,
        scenario=world.compiled.scenario,
        service=service,
        records=result.records,
        commuters=world.population,
        costs=result.costs,
        fares=result.fares,
        plan=result.plan,
        complied=result.complied,
        standing_s=standing_s(service, result.records),
        least_cost_min=least_min,
        optimum_cost_min=optimum_min,
    )


def _optimum(world: ReplicationWorld, result: DayResult, least_min: FloatArray) -> DayOptimum:
    compiled, parameters = world.compiled, world.compiled.scenario.parameters
    found = optimum_of_day(
        compiled.scenario,
        compiled.engine_input,
        compiled.options,
        world.population,
        world.variates_of(result.day),
        result.records,
        least_min,
    )
    # The bound leaves fares out.
    return replace(found, exact=found.exact and parameters.fares.value_of_time is None)


def _least_costs(world: ReplicationWorld, day: int) -> FloatArray:
    compiled, population = world.compiled, world.population
    least = least_costs_min(
        compiled.scenario.service,
        least_running_s(compiled.engine_input, world.variates_of(day)),
        compiled.options,
        compiled.scenario.parameters.preferences,
        population.origin,
        population.destination,
        population.habitual_departure_s,
    )
    return np.where(population.journeys.option >= 0, least, 0.0)
