"""Run folders as results again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.api.results import ComparisonResult, RunResult, manifest_against
from sim.loading.from_manifest import scenario_from_manifest
from sim.records.folder import read_run_folder


def read_run(folder: Path | str) -> RunResult:
    """Read a run folder, as `run` and `compare` write it.

    Parameters
    ----------
    folder : Path or str

    Returns
    -------
    RunResult
        As `sim.run` returned it, or a ComparisonResult as of `sim.compare`. Tables are read from the folder when they
        are asked for.

    Raises
    ------
    RunFolderError
        When it is no whole run folder, or the network of the run has changed since.
    ScenarioError
        When the network of the run is not to be found.

    Examples
    --------
    >>> import tempfile
    >>> from sim.api import compare, read_run
    >>> result = compare("two_lines_lesson", ["none", "individual"], replications=2, overrides={"days": 2})
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = read_run(result.write(Path(place) / "lesson"))
    ...     len(again.journeys) == len(result.journeys)
    True
    """
    read = read_run_folder(folder)
    kind = ComparisonResult if read.manifest.get("kind") == "comparison" else RunResult
    scenario = scenario_from_manifest(read.manifest, read.path / "manifest.json")
    result = kind(scenario, dict(read.manifest), dict(read.summary), read.tables())
    if not isinstance(result, ComparisonResult) or not read.baselines:
        return result
    optimum = read.summary.get("optimum", {})
    of_baseline = {
        name: ComparisonResult(
            scenario,
            manifest_against(read.manifest, name),
            {**read.summary["baselines"][name], "optimum": optimum},
            read.tables(name),
        )
        for name in read.baselines
    }
    return replace(result, baselines=of_baseline)
