"""`peakshift serve`: what it refuses, and that it listens, answers and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from support.command import call
from support.served import write_comparison


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    return write_comparison(tmp_path_factory.mktemp("served"))


def test_others_are_let_in_with_a_token_only(run_folder):
    result = call("serve", run_folder, "--host", "0.0.0.0", "--port", "0")
    assert result.exit_code == 1
    assert "--token is needed" in result.output
    assert result.output.count("\n") == 1


def test_a_short_or_odd_token_is_refused(run_folder):
    for token in ("short", "sixteen letters!", "a;b" * 10):
        result = call("serve", run_folder, "--token", token)
        assert result.exit_code == 2
        assert "16 to 128 letters" in result.output


def test_what_is_no_run_is_refused(tmp_path, run_folder):
    result = call("serve", tmp_path)
    assert result.exit_code == 1
    assert "holds no run" in result.output
    (run_folder / "tables" / "legs.parquet").rename(run_folder / "tables" / "aside")
    try:
        result = call("serve", run_folder)
    finally:
        (run_folder / "tables" / "aside").rename(run_folder / "tables" / "legs.parquet")
    assert result.exit_code == 1
    assert "legs.parquet is missing" in result.output
    result = call("serve", "runs/no_such_run")
    assert result.exit_code == 1
    assert result.output == "runs/no_such_run: there is no such run folder or scenario file\n"


def test_a_port_in_use_is_told_in_one_line(run_folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = call("serve", run_folder, "--port", taken.getsockname()[1])
    assert result.exit_code == 1
    assert "--port" in result.output
    assert "in use" in result.output


def test_a_host_that_is_none_is_told_in_one_line(run_folder):
    result = call("serve", run_folder, "--host", "no.such.host.invalid", "--token", "a" * 20)
    assert result.exit_code == 1
    assert result.output.startswith("--host no.such.host.invalid: ")


def test_without_the_extra_the_user_is_told_what_to_install(run_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    for name in [name for name in sys.modules if name.startswith("sim.app")]:
        monkeypatch.delitem(sys.modules, name)
    result = call("serve", run_folder)
    assert result.exit_code == 1
    assert "pip install 'peakshift[web]'" in result.output


def test_it_listens_before_anything_is_loaded_that_simulates(run_folder, project_root):
    told = """
import sys
import sim.app
from sim.cli.main import main

sim.app.serve_forever = lambda *_: print("loaded", *sys.modules)
main(["serve", sys.argv[1], "--port", "0"], standalone_mode=False)
"""
    environment = {**os.environ, "PYTHONPATH": str(project_root)}
    command = [sys.executable, "-c", told, str(run_folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("loaded "))
    loaded = set(line.split())
    assert "sim.app.server" in loaded
    assert loaded & {"sim.api.serving", "sim.engine", "sim.advisor", "sim.population", "sim.experiments"} == set()


def test_it_listens_answers_and_ends_at_an_interrupt(run_folder, project_root):
    environment = {**os.environ, "PYTHONPATH": str(project_root)}
    command = [sys.executable, "-m", "sim.cli", "serve", str(run_folder), "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(4)]
        address = lines[1].split()[1]
        with urllib.request.urlopen(f"{address}api/v1/runs") as answer:
            assert [run["key"] for run in json.load(answer)["runs"]] == ["served"]
        question = "windows?origin=a&destination=c&arrive_by=08:30"
        with urllib.request.urlopen(f"{address}api/v1/runs/served/{question}") as answer:
            assert json.load(answer)["windows"]
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=60)
    assert server.returncode == 0, told
    assert told.strip() == "ended"


def test_a_scenario_is_compared_once_and_then_served(here, monkeypatch):
    served = []
    monkeypatch.setattr("sim.app.serve_forever", lambda _app, opened: (served.append(1), opened.close()))
    first = call("serve", "tiny.yaml", "--port", "0")
    assert first.exit_code == 0, first.output
    assert "run folder" in first.output
    again = call("serve", "tiny.yaml", "--port", "0")
    assert again.exit_code == 0, again.output
    assert "run folder" not in again.output
    assert len(served) == 2
