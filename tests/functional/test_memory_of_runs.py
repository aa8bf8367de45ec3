"""The most memory that a comparison takes does not grow with its replications."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPLICATIONS = (2, 12)
PER_REPLICATION_MB = 2 * 15_000 * 60 * 8 / 1e6
"""Two strategies, 15,000 journeys each, some 60 columns of journeys, legs and what goes with them, 8 bytes a number."""

LIVE = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""Has the C library give columns back as they are freed, so that its peak is what was alive and not its leftovers."""

PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from support.worlds import bus_line, flow, world
import sim

line = bus_line("L", "ABC", [300, 300], range(0, 14400, 60))
more = {"days": 2, "replications": int(sys.argv[1]), "advisor": {"penetration": 0.5}}
scenario = world([line], [flow("A", "C", 600, 12000, 15000)], {"bus": {"seats": 40, "capacity": 90}}, **more)
folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
result = sim.compare(scenario, ["none", "individual"], folder=folder)
assert len(result.tables["journeys"]) == 2 * 15000 * int(sys.argv[1])
if folder is not None:
    result.write(folder)
print(next(row for row in open("/proc/self/status") if row.startswith("VmHWM")).split()[1])
"""


def peak_mb(replications: int, *folder: Path) -> float:
    """Run in a process of its own; what it shares with this one ends as its program begins."""
    command = [sys.executable, "-c", PROGRAM, str(replications), *map(str, folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **LIVE})
    return int(done.stdout) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="reads the peak of memory from /proc")
def test_memory_is_that_of_one_replication_where_the_run_is_kept(tmp_path: Path) -> None:
    """Would catch the journeys of each replication held until the end; the report is written too.

    That the measure can tell is seen from the same runs without a folder, which hold everything. A first few
    replications take up to 15 MB by the way that memory is cut up, however many follow.
    """
    growth = REPLICATIONS[1] - REPLICATIONS[0]
    few, many = (peak_mb(number, tmp_path / str(number)) for number in REPLICATIONS)
    assert many - few < 0.2 * growth * PER_REPLICATION_MB
    assert peak_mb(REPLICATIONS[1]) - many > 0.6 * growth * PER_REPLICATION_MB
