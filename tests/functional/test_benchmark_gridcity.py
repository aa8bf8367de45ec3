"""The workload of the benchmarks: both engines and the bound in C find the same, as every faithful program would."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from support.invariants import check_invariants

import sim
from sim.engine import choose_engine


@pytest.fixture(scope="module")
def folder(project_root, tmp_path_factory):
    place = tmp_path_factory.mktemp("gridcity")
    run(project_root, "gridcity_workload.py", "XS", place)
    return place


def run(project_root, program, *arguments):
    command = [sys.executable, project_root / "benchmarks" / program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=project_root).stdout


def result_of(text):
    found = json.loads(text)
    assert found.pop("simulate_s") > 0
    return found


def by_engine(project_root, folder, engine):
    return result_of(run(project_root, "gridcity.py", folder, "--engine", engine, "--repeat", "1", "--json"))


def test_the_engine_finds_what_a_process_per_commuter_finds(project_root, folder):
    assert by_engine(project_root, folder, "simpy") == {
        "wait_s": 320.808729,
        "travel_s": 694.180001,
        "left_behind": 0,
        "arrived": 499,
    }


def test_the_compiled_engine_finds_the_same(project_root, folder):
    if choose_engine("auto").name != "compiled":
        pytest.skip("the compiled engine is not here")
    assert by_engine(project_root, folder, "compiled") == by_engine(project_root, folder, "simpy")


def test_the_lower_bound_finds_the_same(project_root, folder):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    program = folder / "lower_bound"
    source = project_root / "benchmarks" / "lower_bound.c"
    subprocess.run([compiler, "-O2", "-o", program, source], check=True)
    text = subprocess.run([program, folder / "work.bin", "1"], check=True, capture_output=True, text=True).stdout
    assert result_of(text) == by_engine(project_root, folder, "simpy")


def test_its_scenario_has_the_same_people_and_vehicles(project_root, folder, tmp_path):
    """Would catch: people lost between the workload and the scenario, or vehicles that run at other times."""
    scenario = run(project_root, "gridcity_scenario.py", "XS", tmp_path / "city").strip()
    result = sim.run(scenario)
    check_invariants(result.tables)
    workload = json.loads((folder / "city.json").read_text())
    commuters = np.loadtxt(folder / "commuters.csv", delimiter=",", skiprows=1)
    assert len(result.journeys) == len(commuters)
    assert len(result.stop_visits) == sum(len(way["stops"]) * len(way["departures"]) for way in workload["dirs"])
    starts = result.stop_visits["scheduled_arrival_s"][result.stop_visits["stop_sequence"] == 0]
    given = sorted(time for way in workload["dirs"] for time in way["departures"])
    assert np.sort(starts) - 6 * 3600 == pytest.approx(given, abs=0.5)
    left = np.sort(result.journeys["habitual_departure_s"]) - 6 * 3600
    assert left // 60 == pytest.approx(np.sort(commuters[:, 1]) // 60)
