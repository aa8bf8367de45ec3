"""Runs that keep their finished replications: killed, gone on with, in several processes, two at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.experiments.workers import SharedInput
from sim.records.folder import read_run_folder
from sim.records.parts_folder import PartsFolder

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["none", "individual"]


def small(replications: int = 3) -> sim.Scenario:
    line = bus_line("L", "ABC", [300, 300], range(0, 7200, 600))
    bus = {"bus": {"seats": 4, "capacity": 8}}
    more = {"days": 3, "replications": replications, "advisor": {"penetration": 0.5}}
    return world([line], [flow("A", "C", 600, 4800, 60), flow("A", "B", 600, 4800, 30)], bus, **more)


def table_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "tables").iterdir())}


def test_kept_tables_are_those_in_memory(tmp_path: Path) -> None:
    kept, held = sim.compare(small(), NAMES, folder=tmp_path / "run"), sim.compare(small(), NAMES)
    assert kept.summary == held.summary
    assert list(kept.tables) == list(held.tables)
    for name, table in held.tables.items():
        assert len(kept.tables[name]) == len(table)
        for column in table.schema.columns:
            mine = kept.tables[name]
            if column.kind == "text":
                assert mine.text(column.name).tolist() == table.text(column.name).tolist()
                assert mine.categories[column.name] == table.categories[column.name]
            else:
                np.testing.assert_array_equal(mine[column.name], table[column.name])
    kept.write(tmp_path / "run")
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]
    # what was read from the parts is now read from the run folder
    again = read_run_folder(tmp_path / "run").table("journeys")
    np.testing.assert_array_equal(kept.tables["journeys"]["arrival_s"], again["arrival_s"])


def test_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    for jobs in (1, 3):
        sim.compare(small(), NAMES, jobs=jobs, folder=tmp_path / f"{jobs}").write(tmp_path / f"{jobs}")
    assert table_bytes(tmp_path / "1") == table_bytes(tmp_path / "3")
    summaries = [(tmp_path / f"{jobs}" / "summary.json").read_bytes() for jobs in (1, 3)]
    assert summaries[0] == summaries[1]


def test_a_run_goes_on_from_what_it_kept_and_from_nothing_else(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop_in_the_third(finished: int, total: int) -> None:
        if finished > 2 * total // 3:
            raise StopError

    with pytest.raises(StopError):
        sim.compare(small(), NAMES, progress=stop_in_the_third, folder=tmp_path / "run")
    assert [entry.name for entry in tmp_path.iterdir()] == [".run.parts"]
    told: list[tuple[int, int]] = []
    sim.compare(small(), NAMES, progress=lambda *days: told.append(days), folder=tmp_path / "run").write(
        tmp_path / "run"
    )
    total = 3 * 2 * 3
    assert told == [(finished, total) for finished in range(2 * total // 3, total + 1)]
    sim.compare(small(), NAMES, folder=tmp_path / "whole").write(tmp_path / "whole")
    assert table_bytes(tmp_path / "run") == table_bytes(tmp_path / "whole")
    # another scenario begins anew, and clears the parts of this one away
    sim.compare(small(), NAMES, progress=None, folder=tmp_path / "run").parts.release()
    told.clear()
    other = sim.compare(small(), ["none"], progress=lambda *days: told.append(days), folder=tmp_path / "run")
    assert told[0] == (0, 9)
    assert len([entry for entry in (tmp_path / ".run.parts").iterdir() if entry.is_dir() and entry.name[0] != "."]) == 3
    other.parts.remove()


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in found.splitlines())}
    mine = [child for child, parent in parents.items() if parent == pid]
    return mine + [below for child in mine for below in children_of(child)]


def is_running(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir() or shutil.which("ps") is None, reason="looks at processes as Linux does")
def test_a_killed_run_leaves_no_process_and_goes_on(tmp_path: Path) -> None:
    scenario = tmp_path / "slow.yaml"
    scenario.write_text((ROOT / "tests/golden/small.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    # Two at a time: when the first is finished at least two are not.
    command = [sys.executable, "-m", "sim.cli", "compare", str(scenario), "--replications", "4", "--out", "out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [*command, "--jobs", "2"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    parts = tmp_path / ".out.parts"
    while child.poll() is None and not list(parts.glob("[0-9a-f]*-*")):
        time.sleep(0.02)
    assert child.poll() is None, "ended before it could be killed"
    below = children_of(child.pid)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert len(below) >= 2
    while any(is_running(pid) for pid in below):
        time.sleep(0.1)
    assert not (tmp_path / "out").exists()
    finished = list(parts.glob("[0-9a-f]*-*"))
    # a number that no simulation gives shows that what was kept is used
    facts = json.loads((finished[0] / "facts.json").read_text())
    facts["strategies"][0]["facts"]["metrics"]["vehicle_km"] = 1e9
    (finished[0] / "facts.json").write_text(json.dumps(facts))
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out", "slow.yaml"]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["strategies"]["none"]["vehicle_km"]["mean"] > 1e7


@pytest.mark.parametrize("name", ["run", "run[1]", "run 1", "跑[*]?"])
def test_two_owners_keep_apart_and_the_dead_are_cleared_away(name: str, tmp_path: Path) -> None:
    """Also in a folder whose name reads as a pattern."""
    first = PartsFolder(tmp_path / name, "a")
    second = PartsFolder(tmp_path / name, "a")
    assert first.path != second.path
    (first.path / "a-0").mkdir()
    third = PartsFolder(tmp_path / name, "a")
    assert first.path.exists()
    assert second.path.exists()
    # the second dies without a word
    second._lock.close()
    fourth = PartsFolder(tmp_path / name, "a")
    assert not second.path.exists()
    for folder in (first, third, fourth):
        folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_dead_of_another_run_are_left_to_it(tmp_path: Path) -> None:
    """Catches a folder's name that is read as a pattern: what was kept of `out1` was cleared away by `out[1]`."""
    theirs = [PartsFolder(tmp_path / "out1", "a") for _ in range(2)]
    for folder in theirs:
        (folder.path / "a-0").mkdir()
        folder.release()
    PartsFolder(tmp_path / "out[1]", "a").remove()
    assert all(folder.path.exists() for folder in theirs)


def test_an_older_run_comes_back_after_a_kill_between_two_renames(tmp_path: Path) -> None:
    parts = PartsFolder(tmp_path / "run", "a")
    (parts.path / "older").mkdir()
    (parts.path / "older" / "manifest.json").write_text("{}")
    parts._lock.close()
    PartsFolder(tmp_path / "run", "b").remove()
    assert (tmp_path / "run" / "manifest.json").read_text() == "{}"


def test_broken_parts_are_run_again(tmp_path: Path) -> None:
    sim.run(small(2), folder=tmp_path / "run").parts.release()
    for part in (tmp_path / ".run.parts").glob("*-1"):
        (part / "facts.json").write_text("{")
    told: list[tuple[int, int]] = []
    result = sim.run(small(2), folder=tmp_path / "run", progress=lambda *days: told.append(days))
    assert told[0] == (3, 6)
    result.parts.remove()


def test_a_run_killed_while_it_clears_away_what_it_kept_can_be_made_again(tmp_path: Path) -> None:
    """Clearing away is no single step: some files of a finished replication are gone, and what is said of it is not."""
    sim.compare(small(2), NAMES, folder=tmp_path / "whole").write(tmp_path / "whole")
    sim.compare(small(2), NAMES, folder=tmp_path / "run").parts.release()
    first, second = sorted((tmp_path / ".run.parts").glob("*-[01]"))
    sorted(first.glob("*.parquet"))[-1].unlink()
    for file in second.glob("0-*.parquet"):
        file.unlink()
    told: list[tuple[int, int]] = []
    result = sim.compare(small(2), NAMES, folder=tmp_path / "run", progress=lambda *days: told.append(days))
    assert told[0] == (0, 12)
    result.write(tmp_path / "run")
    assert table_bytes(tmp_path / "run") == table_bytes(tmp_path / "whole")


def test_shared_input_comes_back_with_arrays_that_nobody_may_change(tmp_path: Path) -> None:
    value = {"a": np.arange(1000.0), "b": [np.array([1, 2]), "text"], "empty": np.zeros(0)}
    shared = SharedInput(value, tmp_path / "input")
    assert shared.get() is value
    other: SharedInput = SharedInput.__new__(SharedInput)
    other.__setstate__(shared.__getstate__())
    found = other.get()
    assert found["b"][1] == "text"
    np.testing.assert_array_equal(found["a"], value["a"])
    assert found["a"].ctypes.data % 64 == 0
    with pytest.raises(ValueError, match="read-only"):
        found["a"][0] = 1.0
