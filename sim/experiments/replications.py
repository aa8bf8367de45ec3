"""One replication of a scenario under one or more strategies: simulated, paired with `none`, measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim.advisor import DayResult, ReplicationWorld, Strategy, simulate_days
from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.advisor.optimum import DayOptimum, optimum_of_day
from sim.arrays import FloatArray
from sim.engine import least_running_s
from sim.experiments.workers import DayCount
from sim.metrics.account import account_of_run
from sim.metrics.fairness import fairness_of_run
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import BaselineJourneys
from sim.metrics.periods import period_table
from sim.metrics.registry import replication_metrics
from sim.metrics.replication_facts import BaselineRun
from sim.model.scenario import Scenario
from sim.population.generalized_cost import standing_s
from sim.population.least_cost import least_costs_min
from sim.records.day_facts import DayFacts, RowKey, SettlingDay
from sim.records.day_tables import day_tables
from sim.records.schema import COURSE_TABLES, DAYS, TABLES
from sim.records.table import Table, assemble, concatenate


@dataclass(frozen=True)
class ReplicationTables:
    """Tables of one replication under one strategy, and what was measured of them.

    Attributes
    ----------
    replication : int
    strategy : str
    tables : dict of str to Table
    days_simulated : int
        Days that were not skipped.
    departure_change_s : float
        Mean change of departure from the last day but one to the last.
    optimum_exact : bool
        Whether the least total cost is the system optimum on all kept days, and not a bound below it.
    metrics : mapping of str to float
        Empty where they were not asked for.
    """

    replication: int
    strategy: str
    tables: dict[str, Table]
    days_simulated: int = 0
    departure_change_s: float = float("nan")
    optimum_exact: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)


def run_replications(scenario: Scenario, strategies: Sequence[Strategy]) -> dict[str, Table]:
    """Simulate all replications under all strategies in this process, and return the tables of the kept days.

    Strategies meet the same people, the same wishes and the same chance in a replication
    (common random numbers), so that their results can be paired.

    Parameters
    ----------
    scenario : Scenario
    strategies : sequence of Strategy
        In the order of the tables.

    Returns
    -------
    dict of str to Table
        All tables of `sim.records.schema.TABLES` and `COURSE_TABLES`, sorted by strategy as given, then
        replication, then day.
    """
    compiled = compile_scenario(scenario)
    done = [run_replication(compiled, strategies, number) for number in range(scenario.parameters.replications)]
    by_strategy = [part[place] for place in range(len(strategies)) for part in done]
    return {
        schema.name: concatenate([part.tables[schema.name] for part in by_strategy])
        for schema in (*TABLES, *COURSE_TABLES)
    }


def run_replication(
    compiled: CompiledScenario, strategies: Sequence[Strategy], replication: int, bound: bool = False
) -> list[ReplicationTables]:
    """Simulate one replication under each strategy, as `simulate_strategies` does."""
    return list(simulate_strategies(compiled, strategies, replication, bound))


def simulate_strategies(
    compiled: CompiledScenario,
    strategies: Sequence[Strategy],
    replication: int,
    bound: bool = False,
    days: DayCount | None = None,
) -> Iterator[ReplicationTables]:
    """Simulate one replication under one strategy after the other.

    Parameters
    ----------
    compiled : CompiledScenario
    strategies : sequence of Strategy
    replication : int
        Counted from 0.
    bound : bool
        Work out the least total cost of the kept days, once for all strategies.
    days : DayCount or None
        Told of every simulated day; of skipped ones at the end.

    Yields
    ------
    ReplicationTables
        Without metrics.
    """
    yield from simulate_in(ReplicationWorld.create(compiled, replication), strategies, replication, bound, days)


def simulate_in(
    world: ReplicationWorld,
    strategies: Sequence[Strategy],
    replication: int,
    bound: bool = False,
    days: DayCount | None = None,
) -> Iterator[ReplicationTables]:
    """Simulate under one strategy after the other in the world of a replication; else as `simulate_strategies`."""
    optima: dict[int, DayOptimum] | None = {} if bound else None
    for strategy in strategies:
        yield _run_strategy(world, strategy, replication, optima, days or DayCount())


def measured_replication(
    compiled: CompiledScenario, strategies: Sequence[Strategy], replication: int, days: DayCount | None = None
) -> Iterator[ReplicationTables]:
    """Simulate one replication under all strategies, pair them with `none`, and measure.

    One strategy is held in memory at a time, besides `none` for those that are paired with it.

    Parameters
    ----------
    compiled : CompiledScenario
    strategies : sequence of Strategy
    replication : int
    days : DayCount or None

    Yields
    ------
    ReplicationTables
        By strategy in their order, with metrics; where `none` and another one run, with `account` and
        `fairness` of the others.
    """
    period_s = compiled.scenario.parameters.period_s
    is_paired = any(strategy.name == BASELINE for strategy in strategies)
    none: ReplicationTables | None = None
    baseline: BaselineRun | None = None
    waiting: list[ReplicationTables] = []
    for result in simulate_strategies(compiled, strategies, replication, bound=True, days=days):
        if result.strategy == BASELINE:
            none = result
            # Where demand is drawn it may happen that nobody travels; there is nothing to pair then.
            journeys = none.tables["journeys"]
            if len(journeys):
                baseline = BaselineRun.of(BaselineJourneys.of(journeys), replication_metrics(none.tables, period_s))
        waiting.append(result)
        while waiting and (none is not None or not is_paired):
            yield _measured(waiting.pop(0), none, baseline, period_s)


def _measured(
    own: ReplicationTables, none: ReplicationTables | None, baseline: BaselineRun | None, period_s: float
) -> ReplicationTables:
    tables = dict(own.tables)
    if none is not None and own is not none:
        tables["account"] = account_of_run(none.tables, own.tables, period_s)
        tables["fairness"] = fairness_of_run(none.tables["journeys"], own.tables["journeys"])
    return replace(own, tables=tables, metrics=replication_metrics(own.tables, period_s, baseline))


def _run_strategy(
    world: ReplicationWorld,
    strategy: Strategy,
    replication: int,
    optima: dict[int, DayOptimum] | None,
    days: DayCount,
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
        days.add(1)
        # A day is as large as a few of its tables: let it go before the next one is simulated.
        del result
    days.add(parameters.days - len(course))
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
