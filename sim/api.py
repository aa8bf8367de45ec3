"""The public functions: the same in a notebook as on the command line.

>>> import sim
>>> scenario = sim.load_scenario("scenarios/xiamen_brt2.yaml")  # doctest: +SKIP
>>> result = sim.compare(scenario, replications=5)  # doctest: +SKIP
>>> result.summary["strategies"]["coordinated"]["mean_wait_min"]["mean"]  # doctest: +SKIP
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.advisor import BUILT_IN_NAMES, Strategy, strategy_by_name
from sim.engine import HoldingRule, NoHolding, StopSituation
from sim.errors import UnknownNameError
from sim.experiments.advice import WindowOption, advise_from_tables
from sim.experiments.manifest import build_manifest
from sim.experiments.replications import Progress, run_replications
from sim.experiments.sweep import run_sweep
from sim.experiments.sweep_points import SweepPoint, points_of_file, points_of_scenario
from sim.loading.scenario import load_scenario as _load_scenario
from sim.metrics.account import account_table
from sim.metrics.summary import REFERENCE, comparison_summary, run_summary
from sim.metrics.sweep import SweepValues, sweep_summary
from sim.model.scenario import Scenario
from sim.records.catalogue import Catalogue
from sim.records.folder import write_run_folder
from sim.records.sweep_folder import check_sweep_folder, write_sweep_folder
from sim.records.table import Table
from sim.units import parse_clock

if TYPE_CHECKING:
    import pandas

    from sim.report.plots import Plots
    from sim.report.sweep_html import SweepPlots

__all__ = [
    "ComparisonResult",
    "HoldingRule",
    "NoHolding",
    "RunResult",
    "StopSituation",
    "Strategy",
    "SweepResult",
    "advise",
    "compare",
    "load_scenario",
    "run",
    "sweep",
]


@dataclass(frozen=True)
class RunResult:
    """The tables of a run and what they sum up to.

    Attributes
    ----------
    scenario : Scenario
        As it was run.
    manifest : dict
        What is needed to repeat the run.
    summary : dict
        Metrics with 95 % intervals over replications, as in `summary.json`.
    tables : mapping of str to Table
        All tables of the evaluation days.
    """

    scenario: Scenario
    manifest: dict[str, Any]
    summary: dict[str, Any]
    tables: Mapping[str, Table]

    @property
    def journeys(self) -> pandas.DataFrame:
        """Table `journeys` as a pandas data frame."""
        return self.tables["journeys"].to_pandas()

    @property
    def legs(self) -> pandas.DataFrame:
        """Table `legs` as a pandas data frame."""
        return self.tables["legs"].to_pandas()

    @property
    def stop_visits(self) -> pandas.DataFrame:
        """Table `stop_visits` as a pandas data frame."""
        return self.tables["stop_visits"].to_pandas()

    @property
    def denied_boardings(self) -> pandas.DataFrame:
        """Table `denied_boardings` as a pandas data frame."""
        return self.tables["denied_boardings"].to_pandas()

    @property
    def periods(self) -> pandas.DataFrame:
        """Table `periods` as a pandas data frame."""
        return self.tables["periods"].to_pandas()

    @cached_property
    def plot(self) -> Plots:
        """Figures of the result: ``result.plot.load()`` and others, see `sim.report.plots`."""
        from sim.report.plots import Plots

        return Plots(self.manifest, self.summary, self.tables)

    def report(self) -> str:
        """Return the report as one self-contained HTML text."""
        from sim.report.html import render_report

        return render_report(self.manifest, self.summary, self.tables)

    def write(self, folder: Path | str) -> Path:
        """Write the run folder, whole or not at all, and return its path.

        Raises
        ------
        RunFolderError
            When the folder holds something else, or cannot be written.
        """
        write_run_folder(folder, self.manifest, self.summary, self.tables, self.report())
        return Path(folder)

    def _repr_html_(self) -> str:
        from sim.report.notebook import summary_html

        return summary_html(self.summary)


@dataclass(frozen=True)
class ComparisonResult(RunResult):
    """The tables of several strategies on the same draws."""

    @property
    def account(self) -> pandas.DataFrame:
        """Table `account` as a pandas data frame: where the change against `none` comes from.

        Raises
        ------
        UnknownNameError
            When `none` was not run, or nothing else.
        """
        if "account" not in self.tables:
            raise UnknownNameError("an account needs the strategy none and another one")
        return self.tables["account"].to_pandas()


@dataclass(frozen=True)
class SweepResult:
    """What a sweep shows.

    Attributes
    ----------
    manifest, summary : dict
        As in `manifest.json` and `summary.json` of the sweep's folder.
    """

    manifest: dict[str, Any]
    summary: dict[str, Any]

    @property
    def table(self) -> pandas.DataFrame:
        """All numbers as a pandas data frame: a row per point, strategy and metric."""
        import io

        import pandas

        from sim.report.sweep_words import sweep_csv

        return pandas.read_csv(io.StringIO(sweep_csv(self.summary)), keep_default_na=False, na_values=[""])

    @cached_property
    def plot(self) -> SweepPlots:
        """Figures of the sweep: ``result.plot.curve()``."""
        from sim.report.sweep_html import SweepPlots

        return SweepPlots(self.summary)

    def write(self, folder: Path | str) -> Path:
        """Write manifest, summary, CSV and report into a folder, and return its path.

        Raises
        ------
        RunFolderError
            When the disk refuses.
        """
        from sim.report.sweep_html import render_sweep_report
        from sim.report.sweep_words import sweep_csv

        report = render_sweep_report(self.manifest, self.summary)
        write_sweep_folder(folder, self.manifest, self.summary, sweep_csv(self.summary), report)
        return Path(folder)


def load_scenario(path: Path | str, overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario file and all that it names.

    Parameters
    ----------
    path : Path or str
    overrides : sequence of str
        Texts such as ``advisor.penetration=0.3`` that replace what the file says.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    return _load_scenario(path, overrides)


def run(
    scenario: Scenario | Path | str,
    *,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    jobs: int = 1,
    strategy: Strategy | str | None = None,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> RunResult:
    """Simulate a scenario as written.

    Parameters
    ----------
    scenario : Scenario, Path or str
        A loaded scenario or a scenario file.
    seed, replications, days_kept : int or None
        Instead of those of the scenario.
    jobs : int
        Processes; the results do not depend on their number.
    strategy : Strategy, str or None
        Instead of the scenario's own.
    progress : callable or None
        Told (finished, total) replications.
    holding : HoldingRule or None
        Control of vehicles of your own, see `sim.engine.control`, instead of the scenario's.

    Raises
    ------
    ScenarioError
        When the scenario cannot be used.
    UnknownNameError
        When there is no such strategy.
    """
    ready = _prepared(scenario, seed, replications, days_kept)
    chosen = _strategies([strategy if strategy is not None else ready.parameters.advisor.strategy])
    started = time.perf_counter()
    tables = run_replications(ready, chosen, jobs, progress, holding)
    manifest = build_manifest(ready, "run", [chosen[0].name], time.perf_counter() - started)
    manifest["notes"] += _notes_on(holding)
    return RunResult(ready, manifest, run_summary(tables, ready.parameters.period_s), tables)


def compare(
    scenario: Scenario | Path | str,
    strategies: Sequence[Strategy | str] = BUILT_IN_NAMES,
    *,
    seed: int | None = None,
    replications: int | None = None,
    days_kept: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> ComparisonResult:
    """Simulate a scenario under several strategies on the same draws.

    Parameters
    ----------
    scenario : Scenario, Path or str
    strategies : sequence of Strategy or str
        Names of built-in strategies or strategies of your own; differences are against `none`.
    seed, replications, days_kept : int or None
        Instead of those of the scenario.
    jobs : int
        Processes; the results do not depend on their number.
    progress : callable or None
        Told (finished, total) replications.
    holding : HoldingRule or None
        Control of vehicles of your own, see `sim.engine.control`, instead of the scenario's.

    Raises
    ------
    ScenarioError
        When the scenario cannot be used.
    UnknownNameError
        When there is no such strategy, or one is named twice.
    """
    ready = _prepared(scenario, seed, replications, days_kept)
    chosen = _strategies(strategies)
    started = time.perf_counter()
    tables = run_replications(ready, chosen, jobs, progress, holding)
    names = [strategy.name for strategy in chosen]
    if REFERENCE in names and len(names) > 1:
        tables["account"] = account_table(tables, ready.parameters.period_s)
    manifest = build_manifest(ready, "comparison", names, time.perf_counter() - started)
    manifest["notes"] += _notes_on(holding)
    return ComparisonResult(ready, manifest, comparison_summary(tables, ready.parameters.period_s), tables)


def sweep(
    scenario: Scenario | Path | str,
    vary: Mapping[str, Sequence[Any]],
    strategies: Sequence[Strategy | str] = BUILT_IN_NAMES,
    *,
    overrides: Sequence[str] = (),
    folder: Path | str | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> SweepResult:
    """Simulate strategies at every combination of values of some keys, on the same draws.

    >>> sim.sweep("scenarios/xiamen_brt2_surge.yaml", {"advisor.penetration": [0, 0.5, 1]})  # doctest: +SKIP

    Parameters
    ----------
    scenario : Scenario, Path or str
        A file allows to vary every key; a loaded scenario those that build no network and demand.
    vary : mapping of str to sequence
        Values by key path, as in a scenario file.
    strategies : sequence of Strategy or str
        `none` is added where it is missing: all differences are against it.
    overrides : sequence of str
        Texts ``key.path=value`` laid over the file at all points.
    folder : Path, str or None
        Where finished work is kept, and found again by a later call, and results are written. Nothing
        is written where None.
    jobs : int
        Processes; the results do not depend on their number.
    progress : callable or None
        Told (finished, total) pieces of work.

    Raises
    ------
    ScenarioError
        When a key or value cannot be used.
    UnknownNameError
        When there is no such strategy, or one is named twice.
    RunFolderError
        When the folder holds something else.
    """
    names = [item if isinstance(item, str) else item.name for item in strategies]
    chosen = _strategies([*([] if REFERENCE in names else [REFERENCE]), *strategies])
    catalogue_file = None if folder is None else check_sweep_folder(folder)
    started = time.perf_counter()
    points = _sweep_points(scenario, overrides, vary)
    with Catalogue(catalogue_file) as catalogue:
        values = run_sweep(points, chosen, catalogue, jobs, progress)
    first = points[0].scenario
    wanted = [strategy.name for strategy in chosen]
    manifest = build_manifest(first, "sweep", wanted, time.perf_counter() - started)
    kept = {key: list(point_values) for key, point_values in vary.items()}
    summary = sweep_summary(SweepValues(kept, wanted, [point.values for point in points], values))
    result = SweepResult({**manifest, "vary": kept}, summary)
    if folder is not None:
        result.write(folder)
    return result


def advise(
    scenario: Scenario | Path | str | RunResult,
    origin: str,
    destination: str,
    arrive_by: str | float,
    *,
    jobs: int = 1,
) -> list[WindowOption]:
    """Recommend departure windows for a journey, best first.

    Parameters
    ----------
    scenario : Scenario, Path, str or RunResult
        A result is read as it is; a scenario is simulated without advice first.
    origin, destination : str
        Stop ids.
    arrive_by : str or float
        Preferred arrival, as ``08:30`` or seconds after midnight.
    jobs : int
        Processes for the simulation.

    Raises
    ------
    UnknownNameError
        When there is no such stop, or no journey between the two.
    """
    result = scenario if isinstance(scenario, RunResult) else run(scenario, jobs=jobs, strategy="none")
    return advise_from_tables(result.scenario, result.tables, origin, destination, parse_clock(arrive_by))


def _notes_on(holding: HoldingRule | None) -> list[str]:
    """Return what a reader has to know besides the scenario to repeat the run."""
    if holding is None:
        return []
    return [f"vehicles were controlled by {type(holding).__name__}, which was given from outside the scenario"]


def _prepared(
    scenario: Scenario | Path | str, seed: int | None, replications: int | None, days_kept: int | None
) -> Scenario:
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    given = {"seed": seed, "replications": replications, "days_kept": days_kept}
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        return loaded
    parameters = loaded.parameters
    renewed = type(parameters).model_validate({**parameters.model_dump(), **changes})
    return replace(loaded, parameters=renewed)


def _sweep_points(
    scenario: Scenario | Path | str, overrides: Sequence[str], vary: Mapping[str, Sequence[Any]]
) -> tuple[SweepPoint, ...]:
    if not isinstance(scenario, Scenario):
        return points_of_file(scenario, overrides, vary)
    if overrides:
        raise UnknownNameError("overrides are laid over a scenario file; give its path instead of a Scenario")
    return points_of_scenario(scenario, vary)


def _strategies(wanted: Sequence[Strategy | str]) -> list[Strategy]:
    chosen = [strategy_by_name(item) if isinstance(item, str) else item for item in wanted]
    names = [strategy.name for strategy in chosen]
    if not names:
        raise UnknownNameError(f"no strategy is named; there are {', '.join(BUILT_IN_NAMES)}")
    for name in names:
        if names.count(name) > 1:
            raise UnknownNameError(f"strategy {name} is named twice")
    return chosen
