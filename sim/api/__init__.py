"""The public functions: the same in a notebook as on the command line.

>>> import sim
>>> result = sim.compare("two_lines_lesson", ["none", "coordinated"], replications=2, overrides={"days": 2})
>>> result.summary["strategies"]["coordinated"]["mean_wait_min"]["unit"]
'min'
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, overload

from sim.advisor import DEFAULT_STRATEGIES, Strategy
from sim.advisor.loop import with_chosen_width
from sim.api.advice_answer import AdviceAnswer, BookingCounts, UsualDeparture
from sim.api.advisor import Advisor
from sim.api.arguments import (
    AnyScenario,
    Changes,
    Jobs,
    Overrides,
    check_arguments,
    chosen_strategies,
    folder_for,
)
from sim.api.best_plan import OptimumResult, optimum
from sim.api.checks import check_holding_rule, check_strategy
from sim.api.progress import shown
from sim.api.reading import read_run
from sim.api.results import ComparisonResult, RunResult, SweepResult
from sim.api.simulating import compared, manifest_of, unserved_facts
from sim.api.sweeps import sweep, sweep_shard
from sim.api.travel_graph import travel_time_graph
from sim.api.variant_results import Variants, VariantsResult, compared_variants, named_scenarios
from sim.engine import HoldingRule, NoHolding, StopSituation
from sim.experiments.advice import advise_from_tables, discounting_strategies
from sim.experiments.cluster import on_cluster
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.simulation import simulate_run
from sim.experiments.window_options import WindowOption
from sim.experiments.workers import Progress
from sim.loading.stop_search import find_stop
from sim.metrics.forecast_scores import forecast_scores
from sim.metrics.summary import summarise_run
from sim.model.no_advice import NO_ADVICE
from sim.model.scenario import Scenario

__all__ = [
    "AdviceAnswer",
    "Advisor",
    "BookingCounts",
    "ComparisonResult",
    "HoldingRule",
    "JourneyRequest",
    "NoHolding",
    "OptimumResult",
    "RunResult",
    "StopSituation",
    "Strategy",
    "SweepResult",
    "UsualDeparture",
    "VariantsResult",
    "WindowOption",
    "advise",
    "check_holding_rule",
    "check_strategy",
    "compare",
    "forecast_scores",
    "load_scenario",
    "on_cluster",
    "optimum",
    "read_run",
    "run",
    "sweep",
    "sweep_shard",
    "travel_time_graph",
]


def load_scenario(path: Path | str | Mapping[str, Any], overrides: Overrides = ()) -> Scenario:
    """Read a scenario and all that it names.

    Parameters
    ----------
    path : Path, str or mapping of str to Any
        A scenario file, the name of one that comes with peakshift, or the keys of a file as a mapping, from which
        relative paths count from the current folder.
    overrides : mapping of str to Any, or sequence of str
        Values by key path that replace what the file says, or texts such as
        ``advisor.penetration=0.3``.

    Returns
    -------
    Scenario
        Network, service, demand and parameters, ready to be run.

    Raises
    ------
    ScenarioError
        With every problem found.

    Examples
    --------
    >>> scenario = load_scenario("mandl", {"advisor.penetration": 0.3, "period": "30 min"})
    >>> scenario.parameters.period_s
    1800.0
    """
    return Changes.of(overrides).loaded(path)


def run(  # noqa: PLR0913 - options by name
    scenario: AnyScenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    overrides: Overrides = (),
    jobs: Jobs = 1,
    strategy: Strategy | str | None = None,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    folder: Path | str | None = None,
) -> RunResult:
    """Simulate a scenario as written.

    Parameters
    ----------
    scenario : Scenario, Path, str or mapping
        A loaded scenario, a scenario file, the name of one that comes with peakshift, or the keys of a file.
    seed, replications, days_kept : int or None
        Instead of those of the scenario.
    overrides : mapping of str to Any, or sequence of str
        Values by key path, or texts ``key.path=value``, laid over the file.
    jobs : int or "auto"
        Processes; the results do not depend on their number.
    strategy : Strategy, str or None
        Instead of the scenario's own.
    progress : callable or None
        Told (finished, total) simulated days; in a notebook without one, a line shows them and the time left.
    holding : HoldingRule or None
        Control of vehicles of your own, see `sim.model.holding`, instead of the scenario's.
    folder : Path, str or None
        Run folder that the result will be written to by its `write`. Finished replications are kept beside
        it meanwhile: tables stay on disk, and the same call after a kill goes on from them. None keeps
        everything in memory.

    Returns
    -------
    RunResult
        Tables as data frames, `summary`, `plot` and `write`.

    Raises
    ------
    ScenarioError, UnknownNameError
        When the scenario cannot be used, or there is no such strategy.

    Examples
    --------
    >>> result = run("two_lines_lesson", replications=2, overrides={"days": 2})
    >>> len(result.journeys)
    6000
    """
    processes, place = check_arguments(jobs, holding, progress), folder_for(folder, "run")
    ready = Changes.of(overrides, seed, replications, days_kept).loaded(scenario)
    chosen = chosen_strategies([strategy if strategy is not None else ready.parameters.advisor.strategy])
    started, ready = time.perf_counter(), with_chosen_width(ready, holding)
    with shown(progress) as told:
        done = simulate_run(ready, chosen, processes, told, holding, place)
    manifest = manifest_of("run", ready, chosen, done, holding, time.perf_counter() - started)
    return RunResult(ready, manifest, summarise_run(done.values) | unserved_facts(ready, done), done.tables, done.parts)


@overload
def compare(
    scenario: AnyScenario,
    strategies: Sequence[Strategy | str] | None = None,
    *,
    variants: None = None,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    overrides: Overrides = (),
    jobs: Jobs = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    folder: Path | str | None = None,
) -> ComparisonResult: ...


@overload
def compare(
    scenario: AnyScenario,
    strategies: Sequence[Strategy | str] | None = None,
    *,
    variants: Variants,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    overrides: Overrides = (),
    jobs: Jobs = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    folder: Path | str | None = None,
) -> VariantsResult: ...


@overload
def compare(
    scenario: list[AnyScenario],
    strategies: Sequence[Strategy | str] | None = None,
    *,
    variants: Literal["declared"] | None = None,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    overrides: Overrides = (),
    jobs: Jobs = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    folder: Path | str | None = None,
) -> VariantsResult: ...


def compare(  # noqa: PLR0913 - options by name
    scenario: AnyScenario | list[AnyScenario],
    strategies: Sequence[Strategy | str] | None = None,
    *,
    variants: Variants | None = None,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    overrides: Overrides = (),
    jobs: Jobs = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    folder: Path | str | None = None,
) -> ComparisonResult | VariantsResult:
    """Simulate a scenario under several strategies on the same draws, or several scenarios beside each other.

    Parameters
    ----------
    scenario : Scenario, Path, str or mapping, or list of these
        As of `sim.run`. The first of a list is the base that the others are set beside, with the same people and the
        same luck where they are the same.
    strategies : sequence of Strategy or str, or None
        Names of built-in strategies or strategies of your own; differences are against `none`. None stands for the
        built-in ones; of several scenarios without a day with advice for `none` alone.
    variants : mapping of str to mapping, "declared" or None
        Variants of a scenario file by name: other values of keys, by path. `declared` stands for those under
        `variants` in the file; None leaves them aside.
    seed, replications, days_kept, overrides, jobs, progress, holding, folder
        As of `sim.run`, for all scenarios alike.

    Returns
    -------
    ComparisonResult or VariantsResult
        Of one scenario as of `sim.run`, with the tables `account` and `fairness`; of several the results of each, with
        a summary and a report of all.

    Raises
    ------
    ScenarioError
        When a scenario cannot be used, or two are the same.
    UnknownNameError
        When there is no such strategy, or one is named twice.

    Examples
    --------
    >>> result = compare("two_lines_lesson", ["none", "individual"], replications=2, overrides={"days": 2})
    >>> result
    <ComparisonResult two_lines_lesson: none, individual; 2 replications>
    >>> more_room = {"more_room": {"service.capacity_scale": 1.2}}
    >>> compare("two_lines_lesson", ["none"], variants=more_room, replications=2, overrides={"days": 1})
    <VariantsResult two_lines_lesson, more_room: none; 2 replications>
    """
    processes, changes = check_arguments(jobs, holding, progress), Changes.of(overrides, seed, replications, days_kept)
    place = folder_for(folder, "comparison" if variants is None and not isinstance(scenario, list) else "variants")
    with shown(progress) as told:
        if isinstance(scenario, list) or variants is not None:
            named = named_scenarios(scenario if isinstance(scenario, list) else [scenario], changes, variants)
            return compared_variants(named, strategies, processes, told, holding, place)
        chosen = chosen_strategies(DEFAULT_STRATEGIES if strategies is None else strategies)
        return compared(changes.loaded(scenario), chosen, processes, told, holding, place)[0]


def advise(  # noqa: PLR0913 - options by name
    scenario: AnyScenario | RunResult,
    origin: str,
    destination: str,
    arrive_by: str | float | None = None,
    *,
    leave_after: str | float | None = None,
    earlier: str | float | None = None,
    later: str | float | None = None,
    on_time: float = 0.0,
    usual: str | float | None = None,
    jobs: Jobs = 1,
) -> list[WindowOption]:
    """Recommend departure windows for a journey, best first; windows that are late on most days come last.

    Nothing is booked: everybody who asks the same gets the same answer. `sim.Advisor` counts what it gave away.

    Parameters
    ----------
    scenario : Scenario, Path, str, mapping or RunResult
        A result is read as it is; a scenario is simulated without advice first.
    origin, destination : str
        Stops by id or name.
    arrive_by, leave_after : str, float or None
        Preferred arrival, or the time from which one would like to leave, as ``08:30`` or seconds after midnight.
    earlier, later : str, float or None
        How much earlier and later than usual one could leave, or than the scheduled journey before that time, as
        ``30 min`` or in seconds; as the commuters of the scenario where None.
    on_time : float
        Chance to be on time that is asked for at least, 0 to 1.
    usual : str, float or None
        When one usually leaves, as ``07:45`` or seconds after midnight, see `JourneyRequest`.
    jobs : int or "auto"
        Processes for the simulation.

    Returns
    -------
    list of WindowOption
        Each with line, vehicle, times, chances, expected load and cost, and the reason in a sentence.

    Raises
    ------
    UnknownNameError
        When there is no such stop, no journey between the two, or no window on time as often as asked.
    ValueError
        When a time or a duration cannot be read.

    Examples
    --------
    >>> best = advise("two_lines_lesson", "Home", "Work", "08:30")[0]
    >>> best.window_end_s - best.window_start_s
    900.0
    """
    result = scenario if isinstance(scenario, RunResult) else run(scenario, jobs=jobs, strategy=NO_ADVICE)
    network = result.scenario.network
    ends = find_stop(network, origin, "origin"), find_stop(network, destination, "destination")
    request = JourneyRequest.of(
        *ends, arrive_by=arrive_by, leave_after=leave_after, earlier=earlier, later=later, on_time=on_time, usual=usual
    )
    return advise_from_tables(result.scenario, result.tables, request, discounting_strategies(result.manifest))
