"""Same bytes whatever the processor offers NumPy, whatever the number of processes and threads, with either engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import TINY
from support.faults import Files, files_of

from sim.threads import THREADS

ROOT = Path(__file__).resolve().parents[2]
WIDE = "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR X86_V3 X86_V4"
"""What NumPy would use of newer processors, under its names of all versions; it overlooks those it does not know."""

IN_USE = """
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
print(sum(__cpu_features__[name] for name in __cpu_dispatch__))
"""


def wide_in_use(narrow: bool) -> int:
    """Count what NumPy uses beyond the least processor that it runs on."""
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": WIDE if narrow else ""}
    command = [sys.executable, "-W", "ignore", "-c", IN_USE]
    return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def compared(place: Path, *options: str, narrow: bool = False, threads: str = "") -> Files:
    """Compare strategies in a process of its own and return summary and tables."""
    (place / "tiny.yaml").write_text(TINY, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), THREADS: threads}
    environment.pop("NPY_DISABLE_CPU_FEATURES", None)
    if narrow:
        environment["NPY_DISABLE_CPU_FEATURES"] = WIDE
    command = ["compare", "tiny.yaml", "--strategies", "none,coordinated", "--replications", "2", "--out", "out"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "sim.cli", *command, *options],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return files_of(place / "out")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return compared(tmp_path_factory.mktemp("usual"))


@pytest.mark.parametrize("engine", ["simpy", "auto"])
def test_without_wide_instructions(tmp_path, usual, engine):
    if not wide_in_use(narrow=False):
        pytest.skip("NumPy uses nothing on this processor that could be switched off")
    assert wide_in_use(narrow=True) == 0
    assert compared(tmp_path, "--engine", engine, narrow=True) == usual


@pytest.mark.parametrize("jobs", ["2", "3"])
def test_with_any_number_of_processes(tmp_path, usual, jobs):
    assert compared(tmp_path, "--jobs", jobs) == usual


@pytest.mark.parametrize("threads", ["1", "7"])
def test_with_any_number_of_threads(tmp_path, usual, threads):
    # Where what threads share were changed by one of them, or their sums were taken as they end, plans would differ.
    assert compared(tmp_path, threads=threads) == usual
