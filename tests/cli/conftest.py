"""A tiny scenario and the command, as a call and as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
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


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder that holds tiny.yaml."""
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plain_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without figures in the place of the report, where only the tables matter."""
    monkeypatch.setattr("sim.report.html.render_report", lambda *_: "<!doctype html><title>plain</title>")


@pytest.fixture(scope="session")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The run folder of a comparison, not to be changed, and what the command printed."""
    folder = tmp_path_factory.mktemp("comparison")
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    out = folder / "runs" / "tiny"
    return out, call("compare", folder / "tiny.yaml", "--out", out)
