"""Commands killed at any moment: what is finished is whole, the same command gives the same bytes, nothing is left.

A moment of each command here, from a fixed seed; a hundred with ``HYPOTHESIS_PROFILE=thorough``.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time

import pytest
from support.command import remarks
from support.faults import assert_none_left, entries, files_of, finish, processes_of, start

from faults.conftest import COMMANDS, THOROUGH

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

KILLS = (
    [(name, jobs, moment) for moment in range(17) for name in COMMANDS for jobs in ("1", "2")]
    if THOROUGH
    else [("run", "2", 0), ("compare", "1", 0), ("sweep", "2", 0)]
)
SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL] if THOROUGH else [signal.SIGKILL]


def assert_goes_on(name, place, undisturbed):
    """Make sure that the command comes to its end, gives what it always gives, and leaves nothing else."""
    finish(*COMMANDS[name], "--out", "out", cwd=place)
    assert files_of(place / "out") == undisturbed[name].files
    assert entries(place) == {"tiny.yaml", "out"}
    if name == "sweep":
        assert entries(place / "out") == {"sweep.sqlite", "manifest.json", "summary.json", "results.csv", "report.html"}


@pytest.mark.parametrize(("name", "jobs", "moment"), KILLS, ids=str)
def test_killed_at_some_moment(place, undisturbed, name, jobs, moment):
    # A share of what the command takes, so that a slow machine is not always killed while it loads libraries.
    wait_s = random.Random(f"{name} {jobs} {moment}").uniform(0.0, 1.1) * undisturbed[name].took_s
    child = start(*COMMANDS[name], "--out", "out", "--jobs", jobs, cwd=place)
    time.sleep(wait_s)
    child.kill()
    child.communicate()  # ends only when no process holds the output open
    assert_none_left(child.pid)
    found = files_of(place / "out") if (place / "out").exists() else {}
    if name != "sweep":
        assert found in ({}, undisturbed[name].files)
    assert_goes_on(name, place, undisturbed)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_workers_end_with_the_command_whatever_ends_it(place, number):
    child = start("run", "tiny.yaml", "--replications", "5000", "--out", "out", "--jobs", "2", cwd=place)
    while len(processes_of(child.pid)) < 3 and child.poll() is None:
        time.sleep(0.05)
    child.send_signal(number)
    child.communicate()
    assert child.returncode == -number
    assert_none_left(child.pid)


def test_a_worker_killed_is_told_and_lost_work_is_done_again(place, undisturbed):
    child = start(*COMMANDS["run"], "--out", "out", "--jobs", "2", "--set", "days=40", cwd=place)
    workers = []
    while not workers and child.poll() is None:
        workers = [
            process for process in processes_of(child.pid) if "loky.backend.popen" in " ".join(process.cmdline())
        ]
    workers[0].kill()
    output, errors = child.communicate()
    assert (child.returncode, output) == (1, "")
    assert errors.splitlines()[-1].startswith("a process of --jobs ended before its work was done")
    assert_none_left(child.pid)
    assert_goes_on("run", place, undisturbed)


def test_ctrl_c_twice(place, undisturbed):
    child = start("run", "tiny.yaml", "--replications", "5000", "--out", "out", "--jobs", "2", cwd=place)
    # Python itself complains where it is interrupted while it starts, so that workers must be at work.
    while not list((place / ".out.parts").glob("[0-9a-f]*-*")) and child.poll() is None:
        time.sleep(0.05)
    os.killpg(child.pid, signal.SIGINT)
    time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGINT)
    _, errors = child.communicate()
    assert child.returncode == 130
    # On a busy machine a line on how far it is comes before.
    assert len(remarks(errors)) <= 1
    assert_none_left(child.pid)
    assert_goes_on("run", place, undisturbed)


PRESSES = [(jobs, moment) for moment in range(20 if THOROUGH else 2) for jobs in ("1", "2")]


@pytest.mark.parametrize(("jobs", "moment"), PRESSES, ids=str)
def test_ctrl_c_at_some_moment(place, undisturbed, jobs, moment):
    # Early moments too: libraries are imported then, and workers start.
    within_s = (0.03, 0.3, 2.0)[moment % 3]
    wait_s = random.Random(f"ctrl-c {jobs} {moment}").uniform(0.0, within_s)
    child = start("compare", "tiny.yaml", "--replications", "5000", "--out", "out", "--jobs", jobs, cwd=place)
    # Python itself complains where it is interrupted while it starts.
    while not (place / ".out.parts").exists() and child.poll() is None:
        time.sleep(0.001)
    time.sleep(wait_s)
    os.killpg(child.pid, signal.SIGINT)
    output, errors = child.communicate()
    assert (child.returncode, output) == (130, "")
    (told,) = remarks(errors)
    kept = any(place.glob(".out.parts/*/facts.json"))
    assert told.startswith("interrupted; finished" if kept else "interrupted before a replication was finished")
    assert_none_left(child.pid)
    assert_goes_on("compare", place, undisturbed)
