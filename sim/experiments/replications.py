"""One replication of a scenario under one or more strategies: simulated, paired with `none`, measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim.advisor import DayResult, ReplicationWorld, Strategy, simulate_days
from sim.advisor.baselines import BASELINES, Baseline, Settling
from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum import DayOptimum, optimum_of_day
from sim.advisor.optimum.bound import least_costs_of
from sim.arrays import FloatArray
from sim.experiments.advice_tables import AdviceTables
from sim.experiments.missed_discounts import missed_discounts
from sim.experiments.workers import DayCount
from sim.metrics.account import account_of_run
from sim.metrics.fairness import fairness_of_run
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import BaselineJourneys
from sim.metrics.periods import period_table
from sim.metrics.registry import replication_metrics
from sim.metrics.replication_facts import BaselineRun
from sim.model.scenario import Scenario
from sim.population.crowding import standing_s
from sim.population.saving_parts import SavingRules, UnadvisedDay
from sim.records.day_facts import DayFacts, RowKey, SettlingDay
from sim.records.day_tables import day_tables
from sim.records.saving import SavingParts
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
    baseline : str
        The people that advice was given to.
    settling : Settling
        How these people came to where advice found them.
    """

    replication: int
    strategy: str
    tables: dict[str, Table]
    days_simulated: int = 0
    departure_change_s: float = float("nan")
    optimum_exact: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)
    baseline: str = BASELINES[0].name
    settling: Settling = field(default_factory=Settling)


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
    unadvised: dict[int, UnadvisedDay] | None = None,
    tells_of_advice: bool = True,
) -> Iterator[ReplicationTables]:
    """Simulate under one strategy after the other in the world of a replication; else as `simulate_strategies`.

    `unadvised` holds the days under `none` that strategies are set beside, where they were simulated before; where
    `none` is among the strategies its days are put there. The tables `forecasts` and `quotas` are made unless
    `tells_of_advice` is False, as for a sweep, which keeps no tables.
    """
    optima: dict[int, DayOptimum] | None = {} if bound else None
    unadvised = {} if unadvised is None else unadvised
    done: dict[int, ReplicationTables] = {}
    following = 0
    # The days under none are what others are set beside, so that they come first, wherever it is named.
    for row in sorted(range(len(strategies)), key=lambda row: strategies[row].name != BASELINE):
        done[row] = _run_strategy(
            world, strategies[row], replication, optima, unadvised, days or DayCount(), tells_of_advice
        )
        while following in done:
            yield done.pop(following)
            following += 1


def measured_replication(
    compiled: CompiledScenario,
    strategies: Sequence[Strategy],
    replication: int,
    days: DayCount | None = None,
    baselines: Sequence[Baseline] = BASELINES[:1],
) -> Iterator[ReplicationTables]:
    """Simulate one replication under all strategies for all baselines, pair them with `none`, and measure.

    Parameters
    ----------
    compiled : CompiledScenario
    strategies : sequence of Strategy
    replication : int
    days : DayCount or None
    baselines : sequence of Baseline
        The people that advice is given to. People, their wishes and all chance are the same for each.

    Yields
    ------
    ReplicationTables
        By baseline, then strategy, in their order.
    """
    count = days or DayCount()
    world = ReplicationWorld.create(compiled, replication)
    for baseline in baselines:
        people, settling = (world, Settling()) if baseline.settle is None else baseline.settle(world)
        count.add(baseline.most_days)
        for result in _measured_strategies(people, strategies, replication, count):
            yield replace(result, baseline=baseline.name, settling=settling)


def _measured_strategies(
    world: ReplicationWorld, strategies: Sequence[Strategy], replication: int, days: DayCount
) -> Iterator[ReplicationTables]:
    """Simulate one replication under all strategies, pair them with `none`, and measure.

    One strategy is held in memory at a time, besides `none` for those that are paired with it.

    Parameters
    ----------
    world : ReplicationWorld
    strategies : sequence of Strategy
    replication : int
    days : DayCount

    Yields
    ------
    ReplicationTables
        By strategy in their order, with metrics; where `none` and another one run, with `account` and
        `fairness` of the others.
    """
    period_s = world.compiled.scenario.parameters.period_s
    is_paired = any(strategy.name == BASELINE for strategy in strategies)
    none: ReplicationTables | None = None
    baseline: BaselineRun | None = None
    waiting: list[ReplicationTables] = []
    for result in simulate_in(world, strategies, replication, bound=True, days=days):
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
    unadvised: dict[int, UnadvisedDay],
    days: DayCount,
    tells_of_advice: bool,
) -> ReplicationTables:
    parameters = world.compiled.scenario.parameters
    first_kept = parameters.days - parameters.days_kept
    parts, course, of_advice = [], [], AdviceTables(world) if tells_of_advice else None
    for result in simulate_days(world, strategy):
        key = RowKey(replication, result.day, strategy.name)
        course.append(_settling(world, result, key))
        if result.day >= first_kept:
            least_min = least_costs_of(world, world.variates_of(result.day))
            if optima is not None and result.day not in optima:
                optima[result.day] = _optimum(world, result, least_min)
            part_min = np.full(len(least_min), np.nan) if optima is None else optima[result.day].cost_min
            saving = _saving(world, strategy, result, unadvised)
            parts.append(day_tables(_facts(world, result, key, (least_min, part_min), saving)))
        if of_advice is not None:
            of_advice.see(result, key, is_kept=result.day >= first_kept)
        days.add(1)
        # A day is as large as a few of its tables: let it go before the next one is simulated.
        del result
    days.add(parameters.days - len(course))
    # Each table of a day is let go once it is part of the whole: both together would be all kept days twice.
    tables = {name: concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
    tables["periods"] = period_table(tables["stop_visits"], tables["legs"], parameters.period_s)
    tables["days"] = assemble(DAYS, course)
    tables |= of_advice.tables() if of_advice is not None else {}
    exact = optima is not None and all(found.exact for found in optima.values())
    change_s = course[-1].departure_change_s
    return ReplicationTables(replication, strategy.name, tables, len(course), change_s, exact)


def _settling(world: ReplicationWorld, result: DayResult, key: RowKey) -> SettlingDay:
    cost_min = result.costs.generalized_cost_min
    mean_min = float(cost_min.mean()) if len(cost_min) else float("nan")
    advised = int(result.plan.advised.sum())
    return SettlingDay(
        key=key,
        departure_change_s=result.departure_change_s,
        relative_gap_share=result.relative_gap_share,
        mean_cost_min=mean_min,
        advised=advised,
        rehearsal=result.plan.rehearsal,
        asked=result.kept.asked,
        kept=result.kept.kept,
        missed_discount=missed_discounts(world, result),
        expected_compliance_share=result.expected_compliance_share if advised else float("nan"),
    )


def _facts(
    world: ReplicationWorld,
    result: DayResult,
    key: RowKey,
    least_and_optimum_min: tuple[FloatArray, FloatArray],
    saving: SavingParts,
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
        least_cost_min=least_and_optimum_min[0],
        optimum_cost_min=least_and_optimum_min[1],
        saving=saving,
    )


def _saving(
    world: ReplicationWorld, strategy: Strategy, result: DayResult, unadvised: dict[int, UnadvisedDay]
) -> SavingParts:
    """Split what people save against the same day under `none`; keep the day where this is it."""
    scenario, costs = world.compiled.scenario, (result.costs.generalized_cost_min, result.fares.fare_min)
    preferences, forecaster = scenario.parameters.preferences, world.compiled.forecaster
    if strategy.name == BASELINE:
        ((_, boardings),) = result.observation.days
        unadvised[result.day] = UnadvisedDay.of(scenario.service, preferences, result.records, boardings, costs)
        return SavingParts.alike(len(world.population), 0.0)
    if result.day not in unadvised:
        return SavingParts.alike(len(world.population), np.nan)
    rules = SavingRules(world.population, world.compiled.options, forecaster.waiting, preferences)
    return rules.parts(unadvised[result.day], result.records, *costs)


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
