"""The made-up networks for lessons and Athens: rebuilt by their scripts, labelled, and fit to run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.loading.network_folder import load_network
from sim.locations import networks_dir

NETWORKS = Path(__file__).resolve().parents[2] / "networks"
LESSONS = ("corridor", "grid", "two_lines")


def tables(folder: Path) -> dict[Path, bytes]:
    """Return all files but SOURCE.md, which people write."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SOURCE.md"
    }


def test_the_script_rebuilds_the_lessons(tmp_path):
    subprocess.run([sys.executable, NETWORKS / "build_lessons.py", "--out", tmp_path], check=True)
    for name in LESSONS:
        assert tables(tmp_path / name) == tables(NETWORKS / name)


def test_the_script_rebuilds_athens(shared_data, tmp_path):
    subprocess.run([sys.executable, NETWORKS / "build_athens_metro.py", shared_data, "--out", tmp_path], check=True)
    assert tables(tmp_path) == tables(NETWORKS / "athens_metro")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_says_that_it_is_made_up(name):
    network = load_network(networks_dir() / name).network
    assert any("synthetic" in note for note in network.notes)
    assert network.schematic
    assert "made-up network" in (NETWORKS / name / "SOURCE.md").read_text(encoding="utf-8")


def test_the_metro_of_the_two_lines_is_too_small_for_the_peak():
    loaded = load_network(networks_dir() / "two_lines")
    demand, service = loaded.demand, loaded.service
    assert demand.commuters.sum() == 3000
    peak = demand.commuters[(demand.start_s >= 7.5 * 3600) & (demand.start_s < 8.5 * 3600)].sum()
    metro = [line.line_id for line in service.lines].index("metro")
    starts = service.scheduled_departure_s[service.visit_ptr[:-1]]
    there = [
        trip
        for trip, start in enumerate(starts)
        if 7.5 * 3600 <= start < 8.5 * 3600
        and service.patterns[int(service.trip_pattern[trip])].line == metro
        and service.patterns[int(service.trip_pattern[trip])].direction_id == 0
    ]
    assert (peak, service.trip_capacity[there].sum()) == (1500, 1440)


def test_athens_has_its_stations_lengths_and_table():
    loaded = load_network(networks_dir() / "athens_metro")
    network = loaded.network
    assert (len(network.stop_id), len(network.link_id), len(loaded.service.lines)) == (51, 104, 3)
    assert network.geographic
    assert loaded.demand.commuters.sum() == 63_323
    # The first 23 links of the data are line 1 from Kifissia to Piraeus: 23.548 km.
    line_1 = [network.link_index[stop, stop + 1] for stop in range(23)]
    assert network.link_length_m[line_1].sum() == pytest.approx(23_548, abs=1)
    assert np.isfinite(network.stop_x).all()
    text = (NETWORKS / "athens_metro" / "SOURCE.md").read_text(encoding="utf-8")
    assert "Copyright 2018 University of Goettingen" in text
    assert "THE SOFTWARE IS PROVIDED" in text
