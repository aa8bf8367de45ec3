"""The workload of the benchmarks: both engines and the bound in C find the same, as every faithful program would."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

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
