"""A tiny scenario and the command, as a call and as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from sim.cli.main import main

TINY = """\
name: tiny
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

Call = Callable[..., Result]


def call(*arguments: object) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def process(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Call the command in a process of its own."""
    command = [sys.executable, "-m", "sim.cli", *map(str, arguments)]
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
