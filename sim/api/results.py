"""What runs, comparisons and sweeps return."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UnknownNameError
from sim.model.scenario import Scenario
from sim.records.folder import write_run_folder
from sim.records.parts_folder import PartsFolder
from sim.records.sweep_folder import write_sweep_folder
from sim.records.table import Table

if TYPE_CHECKING:
    import pandas

    from sim.report.plots import Plots
    from sim.report.sweep_html import SweepPlots


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
        write_run_folder(folder, self.manifest, self.summary, self.tables, self.report(), self.parts)
        return Path(folder)

    def __repr__(self) -> str:
        return _in_a_line(self, self.manifest)

    def _repr_html_(self) -> str:
        from sim.report.notebook import summary_html

        return summary_html(self.summary)


@dataclass(frozen=True, repr=False)
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

    @property
    def table(self) -> pandas.DataFrame:
        """All numbers as a pandas data frame: a row per point, strategy and metric."""
        import pandas

        from sim.report.sweep_section import sweep_csv

        return pandas.read_csv(io.StringIO(sweep_csv(self.summary)), keep_default_na=False, na_values=[""])

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
    return f"<{type(result).__name__} {manifest['name']}: {strategies}; {manifest['replications']} replications>"
