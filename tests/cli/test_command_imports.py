"""What each command loads: a heavy library where its work needs it, and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.locations import scenarios_dir

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = (
    "PIL",
    "asyncio",
    "dask",
    "duckdb",
    "jinja2",
    "joblib",
    "matplotlib",
    "multiprocessing",
    "networkx",
    "numpy",
    "pandas",
    "pydantic",
    "rich.console",
    "rich.progress",
    "scipy.interpolate",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.sparse",
    "scipy.spatial",
    "scipy.special",
    "scipy.stats",
    "sim.loading.changes.edits",
    "sim.loading.demand_making",
    "sim.loading.feeds.writing",
    "simpy",
)
PROGRAM = """
import json, sys
from sim.cli.main import main
sys.argv = ["peakshift", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print("HEAVY", json.dumps([name for name in %r if name in sys.modules]))
""" % (HEAVY,)  # noqa: UP031 - braces of the program would need doubling

READING = {"numpy", "pydantic"}
RUNNING = READING | {"simpy", "duckdb", "jinja2"}
LESSON = str(scenarios_dir() / "two_lines_lesson.yaml")
ALLOWED = {
    ("--help",): set(),
    ("run", "--help"): set(),
    ("compare", "--help"): READING | {"simpy"},
    ("validate", LESSON): READING,
    ("network", "info", "mandl"): READING,
    ("run", LESSON, "--replications", "2", "--set", "days=2"): RUNNING,
    ("advise", "runs/two_lines_lesson", "--from", "H", "--to", "W", "--arrive-by", "08:30"): READING
    | {"duckdb", "scipy.linalg", "scipy.special"},
    ("report", "runs/two_lines_lesson"): READING | {"duckdb", "jinja2"},
}


def loaded_by(folder, *arguments):
    # What measures coverage loads modules of its own.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment = {**plain, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1].removeprefix("HEAVY ")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("commands")
    loaded_by(made, "run", LESSON, "--replications", "2", "--set", "days=2")
    return made


@pytest.mark.parametrize("arguments", ALLOWED, ids=lambda arguments: " ".join(arguments[:2]))
def test_a_command_loads_only_what_it_needs(folder, arguments):
    assert sorted(loaded_by(folder, *arguments) - ALLOWED[arguments]) == []


def test_the_check_can_fail(folder):
    assert "joblib" in loaded_by(folder, "run", LESSON, "--replications", "2", "--set", "days=2", "--jobs", "2")
