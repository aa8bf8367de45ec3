"""Sweeps for notebooks and the command line."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sim.advisor import DEFAULT_STRATEGIES, Strategy, StrategyFacts
from sim.advisor.baselines import BaselineFacts, baseline_by_name
from sim.advisor.loop import with_chosen_width
from sim.api.arguments import (
    AnyScenario,
    Changes,
    Jobs,
    Overrides,
    check_arguments,
    chosen_strategies,
    listed_strategies,
    values_to_vary,
)
from sim.api.progress import shown
from sim.api.results import SweepResult
from sim.engine import HoldingRule
from sim.experiments.advice_remarks import days_without_advice
from sim.experiments.manifest import build_manifest, engine_facts
from sim.experiments.manifest_notes import advice_warnings, followed_share, notes_on, optimum_facts
from sim.experiments.shards import Shard, ShardReport, collect_shards, run_shard
from sim.experiments.sweep import BaselineValues, is_optimum_exact, run_sweep
from sim.experiments.sweep_points import (
    SweepPoint,
    check_advice_is_given,
    has_advice,
    points_of_file,
    points_of_mapping,
    points_of_scenario,
)
from sim.experiments.workers import Progress
from sim.loading.shipped import find_scenario
from sim.metrics.metric import BASELINE
from sim.metrics.sweep import SweepValues, sweep_summary
from sim.model.notes import note, tell_words
from sim.model.scenario import Scenario
from sim.records.catalogue import Catalogue
from sim.records.sweep_folder import check_sweep_folder


def sweep(  # noqa: PLR0913 - options by name
    scenario: AnyScenario,
    vary: Mapping[str, Sequence[Any]],
    strategies: Sequence[Strategy | str] | None = None,
    *,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    overrides: Overrides = (),
    folder: Path | str | None = None,
    jobs: Jobs = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    collect: Path | str | None = None,
) -> SweepResult:
    """Simulate strategies at every combination of values of some keys, on the same draws.

    Parameters
    ----------
    scenario : Scenario, Path or str
        A file or a shipped name allows to vary every key; a loaded scenario those that build nothing.
    vary : mapping of str to sequence
        Values by key path, as in a scenario file.
    strategies : sequence of Strategy or str, or None
        All differences are against `none`, which is added where missing. None: all, or `none` without days of advice.
    seed, replications, days_kept, overrides, jobs, progress, holding
        As of `sim.run`, the same at all points.
    folder : Path, str or None
        Where finished work is kept for later calls, and results are written; nothing is written where None.
    collect : Path, str or None
        Folder with the catalogues of all shards, see `sim.sweep_shard`; nothing else is run.

    Returns
    -------
    SweepResult
        `table` as a data frame, `summary`, `plot` and `write`; `against` for one of the scenario's `baselines`.

    Raises
    ------
    ScenarioError, UnknownNameError, RunFolderError, ShardError
        When a key, value or strategy cannot be used, or the folder or the shards do not fit.

    Examples
    --------
    >>> sweep("two_lines_lesson", {"advisor.penetration": [0, 1]}, ["individual"], overrides=["days=2"], replications=2)
    <SweepResult two_lines_lesson: none, individual; 2 replications>
    """
    processes, started, vary = check_arguments(jobs, holding, progress), time.perf_counter(), values_to_vary(vary)
    points = _sweep_points(scenario, Changes.of(overrides, seed, replications, days_kept), vary, holding)
    chosen = _with_reference(strategies, points)
    file = None if folder is None else check_sweep_folder(folder)
    with Catalogue(file) as catalogue, shown(progress, "pieces") as told:
        if collect is not None:
            collect_shards(points, chosen, Path(collect), catalogue, holding)
        values = run_sweep(points, chosen, catalogue, processes, told, holding)
        manifest = _manifest(points, chosen, time.perf_counter() - started, catalogue, holding)
    result = _result(points, manifest, vary, values)
    if folder is not None:
        result.write(folder)
    return result


def sweep_shard(  # noqa: PLR0913 - options by name
    scenario: AnyScenario,
    vary: Mapping[str, Sequence[Any]],
    strategies: Sequence[Strategy | str] | None = None,
    *,
    shard: str,
    catalogue: Path | str,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    overrides: Overrides = (),
    jobs: Jobs = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> ShardReport:
    """Run one part of a sweep, for machines that need not know each other.

    `sim.sweep` with `collect` puts the parts together, and finds what one process would have found.

    Parameters
    ----------
    scenario, vary, strategies, seed, replications, days_kept, overrides, jobs, progress, holding
        As of `sim.sweep`, and the same for all parts.
    shard : str
        ``I/N``, I from 1 to N.
    catalogue : Path or str
        Folder for the catalogues of all parts; each writes a file of its own.

    Returns
    -------
    ShardReport
        How many pieces of work the part has, and how many were done now.

    Raises
    ------
    ScenarioError, UnknownNameError
        As of `sim.sweep`.
    ShardError
        When the part is not from 1/N to N/N, or the folder holds parts of another number.
    RunFolderError
        When the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> question = ("two_lines_lesson", {"advisor.penetration": [0, 1]}, ["individual"])
    >>> with tempfile.TemporaryDirectory() as place:
    ...     for shard in ("1/2", "2/2"):
    ...         done = sweep_shard(*question, shard=shard, catalogue=place, replications=1, overrides=["days=2"])
    ...     sweep(*question, replications=1, overrides=["days=2"], collect=place)
    <SweepResult two_lines_lesson: none, individual; 1 replication>
    """
    processes, part = check_arguments(jobs, holding, progress), Shard.parse(shard)
    vary = values_to_vary(vary)
    points = _sweep_points(scenario, Changes.of(overrides, seed, replications, days_kept), vary, holding)
    return run_shard(points, _with_reference(strategies, points), part, Path(catalogue), processes, progress, holding)


def _warnings_of(catalogue: Catalogue) -> list[str]:
    """Say that pieces of a catalogue were not believed."""
    if not catalogue.distrusted:
        return []
    return [note("run_again", pieces=str(catalogue.distrusted))]


def _with_reference(strategies: Sequence[Strategy | str] | None, points: Sequence[SweepPoint]) -> list[Strategy]:
    """Return the strategies, `none` first where it is missing, after making sure that they can differ."""
    if strategies is None:
        strategies = DEFAULT_STRATEGIES if any(map(has_advice, points)) else ()
    strategies = listed_strategies(strategies)
    names = [item if isinstance(item, str) else getattr(item, "name", "") for item in strategies]
    chosen = chosen_strategies([*([] if BASELINE in names else [BASELINE]), *strategies])
    if len(chosen) > 1:
        check_advice_is_given(points)
    return chosen


def _result(
    points: Sequence[SweepPoint],
    manifest: dict[str, Any],
    vary: Mapping[str, Sequence[Any]],
    found: Sequence[Mapping[str, BaselineValues]],
) -> SweepResult:
    manifest["vary"] = kept = {key: list(varied) for key, varied in vary.items()}
    places, summaries = [point.values for point in points], {}
    for name in found[0]:
        parts = ("values", "settling", "rehearsals")
        values, settling, rehearsals = ([getattr(own[name], part) for own in found] for part in parts)
        summaries[name] = sweep_summary(SweepValues(kept, list(values[0]), places, values, settling, rehearsals))
    summary = {**next(iter(summaries.values())), "optimum": manifest["optimum"]}
    if len(summaries) > 1:
        summary["baselines"] = {
            name: {"label": baseline_by_name(name).label, "points": own["points"], "curves": own["curves"]}
            for name, own in summaries.items()
        }
    return SweepResult(manifest, summary)


def _manifest(
    points: Sequence[SweepPoint],
    chosen: Sequence[Strategy],
    duration_s: float,
    catalogue: Catalogue,
    holding: HoldingRule | None,
) -> dict[str, Any]:
    """Return the manifest of a sweep, with the warnings of the point where most follow."""
    strategies = [StrategyFacts.of(strategy) for strategy in chosen]
    manifest = build_manifest(points[0].scenario, "sweep", strategies, duration_s)
    most = max((point.scenario.parameters.advisor for point in points), key=followed_share)
    uncounted = dict.fromkeys(said for point in points for said in days_without_advice(point.scenario, strategies))
    manifest["warnings"] = [*uncounted, *advice_warnings(most, strategies), *_warnings_of(catalogue)]
    baselines = points[0].scenario.parameters.baselines
    manifest["baselines"] = [asdict(BaselineFacts.of(baseline_by_name(name))) for name in baselines]
    manifest["optimum"] = optimum_facts(is_optimum_exact(points, catalogue, holding))
    manifest["engine"] = engine_facts(points[0].scenario, holding)
    manifest["notes"] += [*notes_on(holding), manifest["optimum"]["note"]]
    tell_words(manifest)
    return manifest


def _sweep_points(
    scenario: AnyScenario, changes: Changes, vary: Mapping[str, Sequence[Any]], holding: HoldingRule | None
) -> tuple[SweepPoint, ...]:
    """Return the points, each with windows of a known width."""
    points = _points_as_said(scenario, changes, vary)
    return tuple(replace(point, scenario=with_chosen_width(point.scenario, holding)) for point in points)


def _points_as_said(
    scenario: AnyScenario, changes: Changes, vary: Mapping[str, Sequence[Any]]
) -> tuple[SweepPoint, ...]:
    if isinstance(scenario, Mapping):
        return points_of_mapping(scenario, changes.texts(), vary)
    if isinstance(scenario, Scenario):
        return points_of_scenario(changes.loaded(scenario), vary)
    return points_of_file(find_scenario(str(scenario)), changes.texts(), vary)
