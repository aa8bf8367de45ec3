"""What runs, comparisons and sweeps return."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UnknownNameError
from sim.model.scenario import Scenario
from sim.records.baseline_rows import with_baseline
from sim.records.folder import write_run_folder
from sim.records.parts_folder import PartsFolder
from sim.records.stored_tables import StoredTables
from sim.records.sweep_folder import write_sweep_folder
from sim.records.table import Table, concatenate

if TYPE_CHECKING:
    import pandas

    from sim.report.plots import Plots
    from sim.report.sweep_html import SweepPlots


OF_BASELINE = ("convergence", "rehearsals")
"""Entries of a manifest that differ from baseline to baseline; those at its root are of the first."""


@dataclass(frozen=True, repr=False)
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
    parts : PartsFolder or None
        Where finished replications are kept until the run folder is written.
    """

    scenario: Scenario
    manifest: dict[str, Any]
    summary: dict[str, Any]
    tables: Mapping[str, Table]
    parts: PartsFolder | None = None

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

    @property
    def days(self) -> pandas.DataFrame:
        """Table `days` as a pandas data frame: what happened from day to day, all simulated days."""
        return self.tables["days"].to_pandas()

    @property
    def metrics(self) -> pandas.DataFrame:
        """Metrics as a pandas data frame: a row per metric, for a comparison per strategy and metric.

        Columns are those of `summary`: mean, half_width and unit, for a comparison also the difference against
        `none` and its half_width.
        """
        import pandas

        if "strategies" not in self.summary:
            return pandas.DataFrame.from_dict(self.summary["metrics"], orient="index").rename_axis("metric")
        by_strategy = self.summary["strategies"]
        rows = {(name, metric): entry for name, found in by_strategy.items() for metric, entry in found.items()}
        return pandas.DataFrame(list(rows.values()), pandas.MultiIndex.from_tuples(rows, names=["strategy", "metric"]))

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
        write_run_folder(folder, self.manifest, self.summary, self.tables_of_all, self.report(), self.parts)
        return Path(folder)

    @property
    def tables_of_all(self) -> Mapping[str, Table]:
        """All tables, as they are written."""
        return self.tables

    def __repr__(self) -> str:
        return _in_a_line(self, self.manifest)

    def _repr_html_(self) -> str:
        from sim.report.notebook import summary_html

        return summary_html(self.manifest, self.summary)


def manifest_against(manifest: Mapping[str, Any], baseline: str) -> dict[str, Any]:
    """Return the manifest of a comparison with what it says of the people of one baseline alone.

    Parameters
    ----------
    manifest : mapping
    baseline : str
    """
    own: Mapping[str, Any] = next((facts for facts in manifest.get("baselines", ()) if facts["name"] == baseline), {})
    return {**manifest, **{key: own[key] for key in OF_BASELINE if key in own}}


@dataclass(frozen=True, repr=False)
class ComparisonResult(RunResult):
    """The tables of several strategies on the same draws.

    Where advice was given to people of several baselines, all of it is of the first; see `against`.

    Attributes
    ----------
    stored : StoredTables or None
        The files that hold the tables of all baselines, where there are several and the run is kept.
    baselines : mapping of str to ComparisonResult
        By name, where there are several: each as if it had been compared alone, the first one again among them.
    """

    stored: StoredTables | None = None
    baselines: Mapping[str, ComparisonResult] = field(default_factory=dict)

    def against(self, baseline: str) -> ComparisonResult:
        """Return the comparison for people of one baseline, ``habit`` or ``adapted``.

        Raises
        ------
        UnknownNameError
            When the scenario does not name it under `baselines`.
        """
        there = self.baselines or dict.fromkeys(self.scenario.parameters.baselines[:1], self)
        if baseline not in there:
            raise UnknownNameError(f"{baseline!r} was not compared; baselines are {', '.join(there)}")
        return there[baseline]

    @property
    def tables_of_all(self) -> Mapping[str, Table]:
        """All tables; of all baselines one after the other, with the column `baseline`, where there are several."""
        if self.stored is not None or not self.baselines:
            return self.stored or self.tables
        parts = [with_baseline(result.tables, name) for name, result in self.baselines.items()]
        # Not every table is of both: nobody gives out places among people whom no plan helps.
        names = dict.fromkeys(name for part in parts for name in part)
        return {name: concatenate([part[name] for part in parts if name in part]) for name in names}

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

    @property
    def fairness(self) -> pandas.DataFrame:
        """Table `fairness` as a pandas data frame: who gains and who loses, by class.

        Raises
        ------
        UnknownNameError
            When `none` was not run, or nothing else.
        """
        if "fairness" not in self.tables:
            raise UnknownNameError("gains and losses need the strategy none and another one")
        return self.tables["fairness"].to_pandas()


@dataclass(frozen=True, repr=False)
class SweepResult:
    """What a sweep shows.

    Attributes
    ----------
    manifest, summary : dict
        As in `manifest.json` and `summary.json` of the sweep's folder.
    """

    manifest: dict[str, Any]
    summary: dict[str, Any]

    def against(self, baseline: str) -> SweepResult:
        """Return the sweep for people of one baseline, ``habit`` or ``adapted``.

        Raises
        ------
        UnknownNameError
            When the scenario does not name it under `baselines`.
        """
        there = [str(facts["name"]) for facts in self.manifest["baselines"]]
        if baseline not in there:
            raise UnknownNameError(f"{baseline!r} was not swept; baselines are {', '.join(there)}")
        own = {key: value for key, value in self.summary.items() if key != "baselines"}
        return SweepResult(self.manifest, own | self.summary.get("baselines", {}).get(baseline, {}))

    @property
    def table(self) -> pandas.DataFrame:
        """All numbers as a pandas data frame: a row per point, strategy and metric, of the first baseline."""
        import pandas

        from sim.report.sweep_section import sweep_csv

        own = {key: value for key, value in self.summary.items() if key != "baselines"}
        return pandas.read_csv(io.StringIO(sweep_csv(own)), keep_default_na=False, na_values=[""])

    @cached_property
    def plot(self) -> SweepPlots:
        """Figures of the sweep: ``result.plot.curve()``."""
        from sim.report.sweep_html import SweepPlots

        return SweepPlots(self.manifest, self.summary)

    def write(self, folder: Path | str) -> Path:
        """Write manifest, summary, CSV and report into a folder, and return its path.

        Raises
        ------
        RunFolderError
            When the disk refuses.
        """
        from sim.report.sweep_html import render_sweep_report
        from sim.report.sweep_section import sweep_csv

        report = render_sweep_report(self.manifest, self.summary)
        write_sweep_folder(folder, self.manifest, self.summary, sweep_csv(self.summary), report)
        return Path(folder)

    def __repr__(self) -> str:
        return _in_a_line(self, self.manifest)

    def _repr_html_(self) -> str:
        from sim.report.notebook import sweep_html

        return sweep_html(self.manifest, self.summary)


def _in_a_line(result: object, manifest: Mapping[str, Any]) -> str:
    strategies = ", ".join(manifest["strategies"])
    return f"<{type(result).__name__} {manifest['name']}: {strategies}; {counted(manifest['replications'])}>"


def counted(replications: int) -> str:
    """Return a number of replications in words."""
    return "1 replication" if replications == 1 else f"{replications} replications"
