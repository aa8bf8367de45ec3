"""What `run` and `compare` do alike."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sim.api import RunResult, load_scenario
from sim.cli.options import SimulationSettings
from sim.model.scenario import Scenario

_WARNING_LETTERS = 160


def load(path: Path, settings: SimulationSettings) -> Scenario:
    """Read a scenario with the options laid over it."""
    return load_scenario(path, settings.overrides)


def finish(result: RunResult, scenario_file: Path, folder: Path) -> None:
    """Write the run folder, noting where the scenario file lies: paths in it count from there."""
    manifest = {**result.manifest, "scenario_file": str(scenario_file.resolve())}
    replace(result, manifest=manifest).write(folder)
    warn(manifest)


def warn(manifest: Mapping[str, Any]) -> None:
    """Tell on stderr what a user should doubt."""
    for warning in manifest["warnings"]:
        text = textwrap.shorten(f"warning: {warning}", _WARNING_LETTERS, placeholder=" … (whole in the report)")
        click.echo(text, err=True)
