"""Commands as processes that are ended in the middle of their work, and what they leave."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
_WAIT_S = 120.0
"""How long processes are given to end; on an idle machine they take half a second."""

Files = dict[str, bytes]

POWERLESS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def is_root() -> bool:
    """Tell whether rights of folders mean nothing to this process."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def start(*arguments: str, cwd: Path, limit_bytes: int | None = None, powerless: bool = False) -> subprocess.Popen[str]:
    """Start a command in a session of its own.

    Parameters
    ----------
    *arguments : str
    cwd : Path
    limit_bytes : int, optional
        Bound on the size of files.
    powerless : bool
        Whether root, too, may write only where the rights of folders say so.
    """
    without = POWERLESS if powerless and is_root() else []
    limit = "" if limit_bytes is None else f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes},) * 2)\n"
    # What measures the tests' reach would write its own file under the bound, and complain where the command must not.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_PROCESS")}
    if limit_bytes is not None:
        # Some Pythons keep what fits under the bound of a module that they compiled, and cannot load it afterwards.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    # Tests that run in the background of a shell inherit that Ctrl-C is ignored.
    code = f"import resource, signal\n{limit}signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    return subprocess.Popen(
        [*without, sys.executable, "-c", f"{code}import sim.cli.__main__", *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(*arguments: str, cwd: Path) -> None:
    """Run a command to its end, which has to be a good one."""
    child = start(*arguments, cwd=cwd)
    _, errors = child.communicate()
    assert child.returncode == 0, errors


def processes_of(session: int) -> list[psutil.Process]:
    """Return the processes of a session that live."""
    return list(_living(session))


def _living(session: int) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except (psutil.Error, OSError):
            continue


def assert_none_left(session: int) -> None:
    """Make sure that all processes of a session end."""
    deadline = time.monotonic() + _WAIT_S
    while (left := processes_of(session)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left, f"still there: {left}"


def files_of(folder: Path) -> Files:
    """Return what has to be the same on every run of a command: summaries and tables."""
    found = [*folder.rglob("summary.json"), *folder.rglob("*.parquet"), *folder.rglob("results.csv")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


def entries(folder: Path) -> set[str]:
    """Return the names in a folder, hidden ones among them."""
    return {entry.name for entry in folder.iterdir()}
