"""Trips by frequencies that nobody could run are told before they are made, with file and row."""

from __future__ import annotations

import pytest
from support.small_feed import write_feed
from support.small_network import write_network

from sim.errors import NetworkError
from sim.loading.gtfs_tables import MOST_DEPARTURES
from sim.loading.network_folder import load_network

HEADER = "trip_id,start_time,end_time,headway_secs\n"


def rows(*texts: str) -> str:
    return HEADER + "".join(f"{text}\n" for text in texts)


def complaints(folder) -> list[str]:
    with pytest.raises(NetworkError) as caught:
        load_network(folder)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("write", [write_feed, write_network])
def test_a_row_of_too_many_departures(tmp_path, write):
    name = "frequencies.txt" if write is write_feed else "gtfs/frequencies.txt"
    folder = write(tmp_path / "net", {name: rows("t1,06:00:00,07:00:00,600", "t1,00:00:00,999:00:00,1")})
    assert complaints(folder) == [
        f"{folder}/{name}:3: headway_secs: asks for 3,596,400 departures of a trip; at most 20,000 are accepted"
    ]


def test_the_most_departures_are_made(tmp_path):
    folder = write_feed(tmp_path / "net", {"frequencies.txt": rows("t1,00:00:00,05:33:20,1")})
    assert len(load_network(folder).service.trip_id) == MOST_DEPARTURES + 1


def test_rows_that_memory_cannot_hold_together(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.loading.service_day.available_memory", lambda: 300.0 * 99)
    texts = [f"t1,{hour:02d}:00:00,{hour:02d}:30:00,{headway}" for hour, headway in ((6, 600), (7, 60), (8, 300))]
    folder = write_network(tmp_path / "net", {"gtfs/frequencies.txt": rows(*texts)})
    # 3 + 30 + 6 departures of a trip with 3 stops.
    monkeypatch.setattr("sim.loading.network_files.available_memory", lambda: 1e9)
    assert complaints(folder) == [
        f"{folder}/gtfs/frequencies.txt:3: headway_secs: the rows of this file ask for 117 visits of vehicles to "
        "stops, this one for most of them, which need at least 0.0 GB of memory; there are 0.0 GB"
    ]
    monkeypatch.setattr("sim.loading.service_day.available_memory", lambda: 300.0 * 117)
    assert len(load_network(folder).service.trip_id) == 3 + 30 + 6 + 1
