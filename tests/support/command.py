"""A tiny scenario and the command, as a call and as a process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from sim.cli.main import main

TINY = """\
name: tiny
baselines: [habit]
replications: 2
days: 3
network:
  lines:
    - id: A
      stops: [a, b, c]
      running_times: [2 min, 3 min]
      vehicle: bus
      headway: {mean: 10 min, distribution: gamma, cv: 0.5, first: "06:00", trips: 30}
service:
  vehicles:
    bus: {seats: 10, capacity: 20}
demand:
  flows:
    - {origin: a, destination: c, placement: poisson, pieces: [{start: "06:00", end: "10:00", rate: 100 /h}]}
"""

FEW_REHEARSALS = ("--set", "advisor.rehearsal.draws=2", "--set", "advisor.rehearsal.rounds=2")
"""For tests that ask for other things than plans, which look the same after two rehearsals as after hundreds."""

Call = Callable[..., Result]

PROGRESS_LINE = re.compile(r"[\w ]+: [\d,]+ of [\d,]+ ")
"""The line that a process prints now and then where it takes longer than ten seconds, as on a slow machine."""


def call(*arguments: object, columns: int | None = None) -> Result:
    """Call the command in this process, in a terminal of so many columns or in none."""
    width = None if columns is None else str(columns)
    return CliRunner(env={"COLUMNS": width}).invoke(main, [str(argument) for argument in arguments])


def process(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Call the command in a process of its own."""
    command = [sys.executable, "-m", "sim.cli", *map(str, arguments)]
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    environment.pop("COLUMNS", None)
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def remarks(errors: str) -> list[str]:
    """Lines of a process's standard error that do not only tell how far it is."""
    return [line for line in errors.splitlines() if not PROGRESS_LINE.match(line)]
