"""Sweeps on a local cluster of two workers: the same bytes, also when one is killed; and what is refused first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command import TINY, call

import sim
from sim.errors import ClusterError
from sim.experiments.cluster import differences, what_runs_here

distributed = pytest.importorskip("distributed", reason="needs Dask: pip install 'peakshift[cluster]'")

# What Dask and its web server warn of is not ours.
pytestmark = pytest.mark.filterwarnings("default")

VARY = {"advisor.penetration": [0.3, 0.6], "seed": [1, 2, 3]}
NAMES = ("none", "individual")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with a tiny scenario."""
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cluster(here: Path) -> Iterator[Any]:
    """Two workers, each a process of its own with one thread."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(here / "dask")
    ) as started:
        yield started


def files_of(folder: Path) -> dict[str, bytes]:
    """Return what a sweep found, without the manifest and the report, which say when."""
    return {name: (folder / name).read_bytes() for name in ("summary.json", "results.csv")}


def test_a_killed_worker_costs_nothing_but_time(here, cluster):
    sim.sweep("tiny.yaml", VARY, NAMES, folder="alone")
    with distributed.Client(cluster) as client:
        pids = list(client.run(os.getpid).values())
    killed: list[int] = []

    def kill_one(finished: int, _total: int) -> None:
        if finished >= 2 and not killed:
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)

    with sim.on_cluster(cluster.scheduler_address) as jobs:
        assert jobs == 2
        sim.sweep("tiny.yaml", VARY, NAMES, folder="together", jobs=jobs, progress=kill_one)
    assert killed
    assert files_of(here / "together") == files_of(here / "alone")


def test_the_command_uses_the_workers(here, cluster):
    options = ("sweep", "tiny.yaml", "--vary", "advisor.penetration=0.3,0.6", "--strategies", "individual", "--json")
    done = call(*options, "--cluster", cluster.scheduler_address, "--out", "together")
    assert done.exit_code == 0, done.output
    alone = call(*options, "--out", "alone")
    assert files_of(here / "together") == files_of(here / "alone")
    assert json.loads(done.stdout)["points"] == json.loads(alone.stdout)["points"]


def test_a_scheduler_that_does_not_answer_is_told():
    with (
        pytest.raises(ClusterError, match=r"^tcp://127\.0\.0\.1:9: no scheduler of Dask answers"),
        sim.on_cluster("tcp://127.0.0.1:9", timeout_s=0.5),
    ):
        raise AssertionError("there is a scheduler on the port to discard to")


def test_a_worker_without_the_package_is_told_instead_of_waited_for(tmp_path):
    """Joblib would wait for it for ever: the worker finds another `sim` first, which cannot be imported."""
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "__init__.py").write_text("raise ImportError('there is no peakshift here')\n", encoding="utf-8")
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, local_directory=str(tmp_path / "dask")) as empty:
        address = empty.scheduler_address
        with (
            pytest.raises(ClusterError, match="no worker, or not all of them"),
            sim.on_cluster(address, timeout_s=0.5),
        ):
            raise AssertionError("there are no workers")
        command = [sys.executable, "-m", "dask", "worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard"]
        worker = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path, stderr=subprocess.DEVNULL
        )
        try:
            with pytest.raises(ClusterError, match="there is no peakshift here"), sim.on_cluster(address):
                raise AssertionError("the worker can import the package")
        finally:
            worker.kill()
            worker.wait()


def test_other_versions_are_named():
    here = what_runs_here()
    workers = {"tcp://b": {**here, "numpy": "1.0"}, "tcp://a": here, "tcp://c": {"python": here["python"]}}
    found = differences(here, workers)
    assert found[0] == f"worker tcp://b has numpy 1.0, here it is {here['numpy']}"
    assert len(found) == 3
    assert differences(here, {"tcp://a": here}) == []
