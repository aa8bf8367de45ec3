"""What `run` and `compare` do alike."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.api import RunResult
from sim.cli.failures import interruptible
from sim.cli.options import SimulationSettings
from sim.cli.output import Progress, echo, progress_bar
from sim.experiments.refusals import refusals
from sim.loading.scenario import load_scenario
from sim.model.scenario import Scenario
from sim.records.parts_folder import is_work_kept
from sim.records.variants_folder import VariantsFolder
from sim.scratch import real_place

_WARNING_LETTERS = 160


def load(path: Path, settings: SimulationSettings) -> Scenario:
    """Read a scenario with the options laid over it; all that a run would refuse is told at once.

    What is not used of files of counts is told on stderr.
    """
    scenario = load_scenario(path, settings.overrides, (refusals,))
    for note in () if scenario.counted is None else scenario.counted.notes:
        echo(note, err=True)
    return scenario


@contextmanager
def simulating(folder: Path) -> Iterator[Progress]:
    """Show the progress of a simulation whose finished replications are kept beside a run folder."""
    with interruptible(lambda: _what_is_left(folder)), progress_bar("simulating", "days") as progress:
        yield progress


def _what_is_left(folder: Path) -> str:
    """Say what an interrupted simulation leaves; of one run or of several variants."""
    if is_work_kept(folder) or VariantsFolder(real_place(folder)).is_work_kept():
        return f"interrupted; finished replications are kept beside {folder}, the same command goes on from there"
    return "interrupted before a replication was finished; nothing is kept"


def finish(result: RunResult, scenario_file: Path, folder: Path) -> None:
    """Write the run folder, noting where the scenario file lies: paths in it count from there."""
    manifest = {**result.manifest, "scenario_file": str(scenario_file.resolve())}
    replace(result, manifest=manifest).write(folder)
    warn(manifest)


def warn(manifest: Mapping[str, Any]) -> None:
    """Tell on stderr what a user should doubt."""
    for warning in manifest["warnings"]:
        text = textwrap.shorten(f"warning: {warning}", _WARNING_LETTERS, placeholder=" … (whole in the report)")
        echo(text, err=True)
