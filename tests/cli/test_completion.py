"""What a shell is offered at a tab."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from sim.cli.main import main


def offered(*words: str) -> list[str]:
    *before, begun = words
    found = ShellComplete(main, {}, "peakshift", "_PEAKSHIFT_COMPLETE").get_completions(list(before), begun)
    return [item.value for item in found if item.type != "file"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("comp",), ["compare"]),
        (("run", "xia"), ["xiamen_brt2", "xiamen_brt2_surge"]),
        (("compare", "mandl", "two"), ["two_lines_lesson"]),
        (("compare", "mandl", "--strategies", "none,same"), ["none,same_for_all"]),
        (("sweep", "mandl", "--vary", "advisor.penet"), ["advisor.penetration="]),
        (("run", "mandl", "--set", "advisor.compliance_h"), ["advisor.compliance_halving="]),
        (("verify", "wait.osuna_"), ["wait.osuna_sd"]),
        (("network", "info", "beij"), ["beijing_subway"]),
        (("validate", "olymp"), ["olympic_surge"]),
    ],
)
def test_names_are_offered(words, expected):
    assert offered(*words) == expected


def test_runs_are_offered_to_the_commands_that_read_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "manifest.json").write_text("{}")
    assert offered("report", "runs/m") == ["runs/mine"]
    assert offered("advise", "runs/m") == ["runs/mine"]


def test_a_strategy_is_not_offered_twice():
    assert "none,none" not in offered("compare", "mandl", "--strategies", "none,")
    assert "none,individual" in offered("compare", "mandl", "--strategies", "none,")


def test_offering_scenarios_loads_nothing_heavy():
    program = (
        "import sys; from sim.cli.completion import complete_scenarios; complete_scenarios(None, None, '');"
        "assert not {'numpy', 'pydantic', 'simpy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
