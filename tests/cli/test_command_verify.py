"""``peakshift verify``: what the command does with the rows it is given."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.command import call

import sim

ROW = {
    "case": "made_up",
    "params": {"delta": [2, 1, 0]},
    "theory": 3.0,
    "simulation": 3.01,
    "half_width": 0.02,
    "tolerance": 0.05,
    "verdict": "pass",
}


@pytest.fixture
def asked(monkeypatch):
    """Put made-up rows in the place of the verification, and return what was asked of it."""
    calls: list[tuple] = []
    rows = [dict(ROW)]
    room = SimpleNamespace(
        rows=rows,
        calls=calls,
        run_cases=lambda cases, settings, jobs, _, engine, catch: (
            calls.append((cases, settings, jobs, engine, catch)) or rows
        ),
        measure_runs=lambda case, settings, folders: calls.append((case, settings, folders)) or rows,
        write_scenario=lambda case, settings, path: path.write_text(f"{case} {settings}", encoding="utf-8"),
    )
    monkeypatch.setitem(sys.modules, "sim.verification", room)
    monkeypatch.setattr(sim, "verification", room, raising=False)
    return room


def test_it_prints_theory_beside_simulation(asked):
    done = call("verify", "made_up", "--set", "delta=[2, 1, 0]", "--jobs", "2")
    assert (done.exit_code, done.stderr) == (0, "")
    assert asked.calls == [(("made_up",), ("delta=[2, 1, 0]",), 2, "auto", None)]
    assert done.stdout.splitlines()[0].split()[:3] == ["case", "params", "theory"]
    assert "1 of 1 passed" in done.stdout


def test_a_value_too_long_for_the_table_is_whole_in_json(asked):
    routes = [[1, 2, 3, 6, 8, 10, 11, 13], [5, 4, 6, 8, 15, 7], [12, 4, 6, 15, 9]]
    asked.rows[0]["params"] = {"routes": routes, "name": "Mandl"}
    assert "routes=…, name=Mandl" in call("verify").stdout
    assert json.loads(call("verify", "--json").stdout)[0]["params"]["routes"] == routes


def test_json_is_the_list_of_rows(asked):
    done = call("verify", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [ROW]
    assert asked.calls == [((), (), 1, "auto", None)]


def test_run_folders_are_measured_instead_of_simulating(asked):
    done = call("verify", "made_up", "--set", "rho=0.5", "--run", "runs/a", "--run", "runs/b", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, [ROW])
    assert asked.calls == [("made_up", ("rho=0.5",), (Path("runs/a"), Path("runs/b")))]


def test_engine_and_the_bias_to_catch_are_handed_on(asked):
    assert call("verify", "--engine", "simpy", "--catch", "0.02").exit_code == 0
    assert asked.calls == [((), (), 1, "simpy", 0.02)]
    assert call("verify", "--catch", "0.001").exit_code == 2


def test_a_case_that_fails_ends_with_1_and_a_line(asked):
    asked.rows.append({**ROW, "case": "other", "verdict": "fail", "simulation": 4.0})
    done = call("verify")
    assert done.exit_code == 1
    assert "1 of 2 passed" in done.stdout
    assert done.stderr == "other: theory and simulation disagree (theory 3.0, simulation 4.0)\n"


def test_the_scenario_of_a_case_is_written(asked, tmp_path):
    done = call("verify", "made_up", "--scenario-out", tmp_path / "made_up.yaml", "--set", "rho=0.5")
    assert done.exit_code == 0
    assert (tmp_path / "made_up.yaml").read_text(encoding="utf-8") == "made_up ('rho=0.5',)"
    assert str(tmp_path / "made_up.yaml") in done.stdout


def test_the_written_scenario_gives_the_number_again(here, plain_report):
    options = ("--set", "headway=deterministic", "--set", "mean=10", "--scenario-out", "osuna.yaml", "--json")
    done = call("verify", "wait.osuna", *options)
    assert (done.exit_code, done.stderr) == (0, "")
    (row,) = json.loads(done.stdout)
    assert {"case", "params", "theory", "simulation", "half_width", "tolerance", "verdict"} <= row.keys()
    assert (row["theory"], row["verdict"]) == (5.0, "pass")
    again = json.loads(call("run", "osuna.yaml", "--json").stdout)
    assert abs(again["metrics"]["mean_wait_min"]["mean"] - row["theory"]) < row["tolerance"]


def test_of_several_sets_of_params_it_is_said_whose_scenario_was_written(asked, tmp_path):
    asked.rows.append(ROW)
    done = call("verify", "made_up", "--scenario-out", tmp_path / "a.yaml")
    assert done.stdout.endswith("a.yaml, with the first of the 2 sets of params; --set chooses others\n")
    asked.rows.pop()
    assert call("verify", "made_up", "--scenario-out", tmp_path / "a.yaml").stdout.endswith("a.yaml\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["wait.osunna"], "there is no case 'wait.osunna' (did you mean 'wait.osuna'?); `peakshift verify --list`"),
        (["wait.osuna", "--set", "colour=red"], "--set: wait.osuna has no parameter 'colour'; it has headway, mean"),
        (["wait.osuna", "--set", "mean=-1"], "--set: mean"),
    ],
)
def test_cases_and_parameters_that_do_not_exist(here, arguments, expected):
    done = call("verify", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(expected)
