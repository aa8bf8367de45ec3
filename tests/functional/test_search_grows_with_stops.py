"""The search for journeys: its work and its memory grow with what runs, and not with the square of the stops."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

import sim
from sim.routing import find_options
from sim.routing.profile_search import ProfileSearch, WaysOn


def grid(file: Path, side: int) -> sim.Scenario:
    """Return the made-up city of the benchmark, with 20 pairs of stops."""
    program = Path(__file__).parents[2] / "benchmarks" / "grid_scenario.py"
    subprocess.run([sys.executable, program, file, "--side", str(side), "--pairs", "20"], check=True)
    return sim.load_scenario(file)


def test_four_times_the_stops_take_four_times_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs worked out, and the peak of memory, on grids of 256 and 1,024 stops with the same number of pairs.

    Visits grow fourfold, destinations do not; 5 leaves room for one round more where ways are longer. Catches a search
    that looks at all stops for every stop, which takes sixteen times the work or the memory.
    """
    cells: list[int] = []
    one_ride_more = ProfileSearch._one_ride_more

    def counted(search: ProfileSearch, *args: object) -> WaysOn:
        found = one_ride_more(search, *args)
        cells.append(found.before_s.size)
        return found

    monkeypatch.setattr(ProfileSearch, "_one_ride_more", counted)
    work, peak = [], []
    for side in (16, 32):
        scenario = grid(tmp_path / "grid.yaml", side)
        assert len(scenario.network.stop_id) == side * side
        cells.clear()
        tracemalloc.start()
        options = find_options(scenario)
        peak.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(options.cost_min) >= 20
        work.append(sum(cells))
    assert 3.5 < work[1] / work[0] < 5
    assert peak[1] / peak[0] < 5
