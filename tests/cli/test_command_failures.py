"""What goes wrong around a command: told in one line, with the right exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest
from support.command import TINY, call

FULL = Path("/dev/full")
ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = "`peakshift scenarios` lists what comes with peakshift"
COMMAND = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import sim.cli.__main__"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--set", "advisor.penetration"], "--set: 'advisor.penetration' is not an override; write key.path=value"),
        (["--set", "advisor.penetratio=1"], "--set: advisor.penetratio: unknown key (did you mean 'penetration'?)"),
        (["--set", "advisor.penetration=2"], "--set: advisor.penetration: must be at most 1, found 2"),
        (["--set", "advisor.strategy=all"], "--set: advisor.strategy: 'all' is not a strategy; there are none,"),
        (["--set", "days=1e9"], "--set: days: must be at most 10,000, found 1e9"),
        (["--set", "replications=1e9"], "--set: replications: must be at most 100,000, found 1e9"),
        (["--set", "period=0.001 s"], "--set: period: must be at least 1 s, found '0.001 s'"),
        (["--days-kept", "9"], "tiny.yaml:1:1: days_kept = 9 is more than days = 3"),
    ],
)
def test_a_setting_that_cannot_be(here, arguments, expected):
    done = call("run", "tiny.yaml", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("none.yaml", ["none.yaml: there is no such file", SCENARIOS]),
        (
            "xiamen_brt",
            ["xiamen_brt: there is no such file", "did you mean xiamen_brt2 or xiamen_brt2_surge?", SCENARIOS],
        ),
        ("bunching", ["bunching: there is no such file", "did you mean bunching_lesson?", SCENARIOS]),
        (".", [".: this is a folder; a scenario file (.yaml) is wanted"]),
    ],
)
def test_a_scenario_that_is_not_there(here, name, expected):
    """The names most like it, and the command that lists all, in lines that a terminal of 80 columns holds."""
    done = call("run", name)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == expected
    assert max(map(len, expected)) < 80


def test_a_network_that_is_not_there(here):
    done = call("network", "info", "mandel")
    listing = "`peakshift network list` lists what comes with peakshift"
    assert done.stderr.splitlines() == [
        "mandel: there is no such folder or GTFS zip",
        "did you mean mandl?",
        listing,
    ]


def test_validate_says_what_else_there_is(here):
    done = call("validate", "mandel")
    assert (done.exit_code, done.stdout) == (1, "mandel: not found\n")
    assert done.stderr.splitlines()[1:] == ["did you mean mandl?", SCENARIOS]


@pytest.mark.parametrize(
    ("error", "exit_code", "expected"),
    [
        (PermissionError(13, "Permission denied", "secret"), 1, "secret: Permission denied"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (MemoryError(), 1, "there is not enough memory"),
        (BrokenExecutor(), 1, "a process of --jobs ended"),
        (KeyboardInterrupt(), 130, "interrupted before a replication was finished; nothing is kept"),
    ],
)
def test_what_the_system_refuses(here, monkeypatch, error, exit_code, expected):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("sim.api.run", refuse)
    done = call("run", "tiny.yaml")
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(expected)
    assert not (here / "runs").exists()


def test_a_fault_of_the_program_is_not_hidden(here, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("sim.api.run", fail)
    assert isinstance(call("run", "tiny.yaml").exception, ZeroDivisionError)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["validate", "tiny.yaml"]], ids=" ".join)
def test_output_that_finds_no_room(here, arguments):
    with FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "No space left on device\n"


def test_a_reader_that_has_gone(here):
    child = subprocess.Popen([*COMMAND, "validate", "tiny.yaml"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait() == 141
    child.stderr.close()


def test_letters_a_terminal_does_not_have(here):
    done = subprocess.run(
        [*COMMAND, "run", "tiny.yaml", "--set", "days=1"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Mean wait (min)" in done.stdout


SAYS_WHEN_IT_WORKS = f"""
import signal
import sys
from contextlib import contextmanager

# Tests that run in the background of a shell inherit that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(ROOT)!r})
from sim.cli import main, output


@contextmanager
def shown_progress(what, unit):
    yield lambda finished, total: print("at work", flush=True)


output.shown_progress = shown_progress
main.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_a_simulation_in_one_line(here, jobs):
    options = ["--replications", "5000", "--out", "out", "--jobs", str(jobs)]
    child = subprocess.Popen(
        [sys.executable, "-c", SAYS_WHEN_IT_WORKS, "run", "tiny.yaml", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout.readline() == "at work\n"
    os.killpg(child.pid, signal.SIGINT)
    _, errors = child.communicate()
    kept = (here / ".out.parts").exists()
    assert (child.returncode, errors) == (130, f"{KEPT if kept else NOT_KEPT}\n")
    assert {entry.name for entry in here.iterdir()} <= {"tiny.yaml", ".out.parts"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("command", "kept_in"),
    [(["run", "tiny.yaml"], ".out.parts"), (["compare", "tiny.yaml", "other.yaml"], ".out.variants/variants")],
    ids=["run", "variants"],
)
def test_ctrl_c_says_what_is_kept_and_what_is_not(here, command, kept_in):
    """Finished replications are kept from the first on, and nothing is before it."""
    (here / "other.yaml").write_text(
        TINY.replace("name: tiny", "name: other").replace("trips: 30", "trips: 31"), encoding="utf-8"
    )
    for finished, expected in ((0, NOT_KEPT), (1, KEPT)):
        program = INTERRUPTED_AFTER.replace("FINISHED", str(finished))
        done = subprocess.run(
            [sys.executable, "-c", program, *command, "--replications", "5", "--jobs", "1", "--out", "out"],
            capture_output=True,
            text=True,
            check=False,
        )
        # Before it stands how far the work was, where that takes long.
        *progress, last = done.stderr.splitlines()
        assert (done.returncode, last) == (130, expected)
        assert all(line.startswith("simulating: ") for line in progress)
        found = list((here / kept_in).rglob("facts.json")) if (here / kept_in).exists() else []
        assert len(found) == finished


KEPT = "interrupted; finished replications are kept beside out, the same command goes on from there"
NOT_KEPT = "interrupted before a replication was finished; nothing is kept"

# Presses Ctrl-C when so many replications are finished, and the next one is at work.
INTERRUPTED_AFTER = """
from sim.cli import main
from sim.records.parts_folder import PartWriter

add, finish, count = PartWriter.add, PartWriter.finish, []


def adds(self, *told):
    add(self, *told)
    if len(count) == FINISHED:
        raise KeyboardInterrupt


def finishes(self):
    finish(self)
    count.append(1)


PartWriter.add, PartWriter.finish = adds, finishes
main.main()
"""

HANGS_IN_CLEARING_AWAY = SAYS_WHEN_IT_WORKS.replace(
    "output.shown_progress = shown_progress",
    """output.shown_progress = shown_progress
import time
from sim.records.parts_folder import PartsFolder


def release(self):
    print("clearing away", flush=True)
    time.sleep(600)


PartsFolder.release = release""",
)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_second_ctrl_c_ends_at_once(here):
    child = subprocess.Popen(
        [sys.executable, "-c", HANGS_IN_CLEARING_AWAY, "compare", "tiny.yaml", "--replications", "5000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout.readline() == "at work\n"
    os.killpg(child.pid, signal.SIGINT)
    assert "clearing away\n" in iter(child.stdout.readline, "")
    os.killpg(child.pid, signal.SIGINT)
    _, errors = child.communicate()
    assert (child.returncode, errors) == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_ctrl_c_leaves_is_used_by_the_same_command(here, jobs):
    command = ["compare", "tiny.yaml", "--out", "out", "--strategies", "none,individual", "--replications", "12"]
    command += ["--jobs", str(jobs)]
    child = subprocess.Popen(
        [sys.executable, "-c", SAYS_WHEN_IT_WORKS, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    parts = here / ".out.parts"
    assert child.stdout.readline() == "at work\n"
    while child.poll() is None and len(list(parts.glob("[0-9a-f]*-*"))) < 2:
        child.stdout.readline()
    os.killpg(child.pid, signal.SIGINT)
    _, errors = child.communicate()
    assert child.returncode == 130, errors
    kept = {part.name: (part / "facts.json").stat().st_mtime_ns for part in parts.glob("[0-9a-f]*-*")}
    assert len(kept) >= 2
    done = subprocess.run(
        [sys.executable, "-c", SAYS_WHEN_IT_WORKS, *command[:-1], "1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    total = 2 * 3 * 12
    # Told at the start, and then of each day that was simulated: those of the replications that were kept are not.
    assert done.stdout.count("at work\n") == 1 + total - 2 * 3 * len(kept)
    assert not parts.exists()
