"""Help texts, version and wrong usage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.command import call, process

from sim import __version__
from sim.advisor.defaults import DEFAULT_STRATEGIES
from sim.cli.main import COMMANDS

OPTIONS = {
    "run": ["--out", "--seed", "--replications", "--jobs", "--days-kept", "--set", "--json"],
    "compare": ["--strategies", "--out", "--seed", "--replications", "--jobs", "--days-kept", "--set", "--json"],
    "advise": ["--from", "--to", "--arrive-by", "--json"],
    "validate": ["--set", "--json"],
    "network": [],
    "network import": [
        "--out",
        "--date",
        "--routes",
        "--bbox",
        "--merge-stations",
        "--streets",
        "--json",
    ],
    "network info": ["--picture", "--json"],
    "network export": ["--format", "--out", "--date", "--json"],
    "demand": [],
    "demand od": [
        "--matrix",
        "--zones",
        "--within",
        "--nearest",
        "--leave-out-zones",
        "--profile",
        "--replace",
        "--json",
    ],
    "demand counts": ["--replace", "--json"],
    "demand gravity": ["--total", "--weights", "--mean-ride", "--changes", "--profile", "--replace", "--json"],
    "demand profiles": ["--json"],
    "init": ["--out"],
    "verify": ["--set", "--scenario-out", "--run", "--catch", "--jobs", "--engine", "--json"],
    "calibrate": [
        "--line",
        "--direction",
        "--counts",
        "--running-times",
        "--noise",
        "--dead-times",
        "--replications",
        "--json",
    ],
    "report": ["--json"],
}

WRONG_USAGE = [
    ["run"],
    ["run", "tiny.yaml", "--jobs", "0"],
    ["run", "tiny.yaml", "--jobs", "two"],
    ["run", "tiny.yaml", "--jobs", "9999999999999999999"],
    ["run", "tiny.yaml", "--replications", "1000000"],
    ["run", "tiny.yaml", "--seed", "-1"],
    ["run", "tiny.yaml", "--replications", "0"],
    ["run", "tiny.yaml", "--days-kept", "0"],
    ["run", "tiny.yaml", "--strategies", "none"],
    ["compare"],
    ["advise", "tiny.yaml", "--from", "a", "--to", "c"],
    ["advise", "tiny.yaml", "--from", "a", "--to", "c", "--arrive-by", "soon"],
    ["validate"],
    ["network", "info"],
    ["network", "import"],
    ["network", "import", "x.zip", "--bbox", "1,2,3"],
    ["network", "import", "x.zip", "--bbox", "3,1,2,4"],
    ["network", "import", "x.zip", "--routes", ","],
    ["network", "info", "net", "--picture", "x.foo"],
    ["demand", "gravity", "net", "--total", "0"],
    ["demand", "gravity", "net", "--total", "nan"],
    ["demand", "gravity", "net", "--total", "inf"],
    ["demand", "od", "net", "od.csv", "--nearest", "0"],
    ["init"],
    ["verify", "--scenario-out", "x.yaml"],
    ["verify", "--run", "runs/x"],
    ["calibrate"],
    ["calibrate", "tiny.yaml"],
    ["calibrate", "tiny.yaml", "--counts", "x.csv", "--noise", "0,nan"],
    ["calibrate", "tiny.yaml", "--counts", "x.csv", "--dead-times", "-1"],
    ["calibrate", "tiny.yaml", "--counts", "x.csv", "--direction", "2"],
    ["report"],
    ["simulate", "tiny.yaml"],
]


def test_the_help_text_names_every_command_in_order():
    done = call("--help")
    assert done.exit_code == 0
    listed = [line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line.strip()]
    assert listed[: len(COMMANDS)] == list(COMMANDS)


@pytest.mark.parametrize("command", OPTIONS)
def test_each_command_has_a_help_text_with_its_options(command):
    done = call(*command.split(), "--help")
    assert done.exit_code == 0
    assert done.stdout.startswith("Usage: ")
    assert [option for option in OPTIONS[command] if f" {option} " not in done.stdout] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command):
    command_help = call(command, "--help").stdout
    first_sentence = command_help.splitlines()[2].strip()
    assert first_sentence[:1].isupper()
    assert command_help.startswith("Usage: ")


def test_the_version():
    assert __version__ in call("--version").stdout


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_ends_with_2(here, arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage: " in done.stderr
    assert not (here / "runs").exists()


@pytest.mark.parametrize("command", ["compare", "sweep"])
def test_comparisons_name_the_default_strategies(command):
    said = "".join(call(command, "--help").stdout.split())
    assert ",".join(DEFAULT_STRATEGIES) in said


def test_the_command_runs_as_a_module_and_under_its_name(tmp_path):
    by_module = process("--version", cwd=tmp_path)
    assert (by_module.returncode, by_module.stderr) == (0, "")
    script = Path(sys.executable).with_name("peakshift")
    if not script.exists():
        pytest.skip("peakshift is not installed beside this Python")
    by_name = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert by_name.stdout == by_module.stdout == f"peakshift, version {__version__}\n"
