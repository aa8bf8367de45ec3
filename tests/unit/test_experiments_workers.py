"""Worker processes begin with Ctrl-C blocked: a terminal sends it to them too, and only the parent may answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

# Python runs this at its very start, in each process.
NOTES_WHAT_IS_BLOCKED = """
import os, signal, sys
blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
kind = "worker" if any("popen_loky" in word for word in sys.orig_argv) else "other"
with open(os.path.join(os.environ["NOTES"], f"{kind}-{os.getpid()}"), "w") as out:
    out.write(str(blocked))
"""

WORKS = """
import os, signal
from joblib import delayed
from sim.experiments.workers import in_processes
assert sorted(in_processes(2, (delayed(abs)(-n) for n in range(4)))) == [0, 1, 2, 3]
assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
handlers = set(in_processes(2, (delayed(signal.getsignal)(signal.SIGINT) for n in range(4))))
assert handlers == {signal.SIG_IGN}, handlers
"""


def test_workers_begin_with_ctrl_c_blocked(tmp_path):
    notes, first = tmp_path / "notes", tmp_path / "first"
    notes.mkdir()
    first.mkdir()
    (first / "sitecustomize.py").write_text(NOTES_WHAT_IS_BLOCKED, encoding="utf-8")
    path = os.pathsep.join([str(first), str(ROOT)])
    subprocess.run(
        [sys.executable, "-c", WORKS],
        env={**os.environ, "PYTHONPATH": path, "NOTES": str(notes)},
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT}),
        check=True,
    )
    said = [note.read_text(encoding="utf-8") for note in notes.glob("worker-*")]
    assert len(said) >= 2
    assert set(said) == {"True"}
