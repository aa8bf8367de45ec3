"""Walks and floor for standing as a network folder states them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.small_network import FILES, write_network

from sim.errors import NetworkError
from sim.loading.network_folder import load_network

STATIONS = (
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
    "A,Alpha,,,,\nB,Beta,,,,S\nC,Gamma,,,,S\nS,Station,,,1,\n"
)


def transfers_of(folder: Path, table: str, stops: str = STATIONS) -> dict[str, float]:
    network = load_network(write_network(folder, {"gtfs/stops.txt": stops, "gtfs/transfers.txt": table})).network
    assert network.foot is not None
    names = network.stop_id
    ends = zip(network.foot.transfer_from.tolist(), network.foot.transfer_to.tolist(), strict=True)
    return {names[a] + names[b]: s for (a, b), s in zip(ends, network.foot.transfer_s.tolist(), strict=True)}


def test_kinds_of_transfers(tmp_path: Path) -> None:
    table = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA,B,2,90\nB,A,,\nA,C,3,\nC,A,2,\n"
    found = transfers_of(tmp_path, table)
    assert (found["AB"], found["AC"]) == (90, np.inf)
    assert np.isnan(found["BA"])
    # It takes time, and nobody says how much: as long as the way.
    assert np.isnan(found["CA"])


def test_a_station_stands_for_its_stops_unless_they_are_named(tmp_path: Path) -> None:
    table = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nB,C,2,30\nS,S,2,180\nA,S,2,60\n"
    assert transfers_of(tmp_path, table) == {"BC": 30, "BB": 180, "CB": 180, "CC": 180, "AB": 60, "AC": 60}


def test_transfers_of_single_lines_are_mentioned_and_left_out(tmp_path: Path) -> None:
    table = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id\nA,B,2,90,R\nB,A,2,60,\n"
    folder = write_network(tmp_path, {"gtfs/transfers.txt": table})
    loaded = load_network(folder)
    assert loaded.network.foot is not None
    assert loaded.network.foot.transfer_s.tolist() == [60]
    assert any("1 transfers of single lines" in mention.message for mention in loaded.mentions)


def test_a_transfer_to_a_stop_that_is_not_there(tmp_path: Path) -> None:
    table = "from_stop_id,to_stop_id,transfer_type\nA,Z,0\n"
    with pytest.raises(NetworkError, match=r"transfers.txt:2: to_stop_id: there is no such stop or station"):
        load_network(write_network(tmp_path, {"gtfs/transfers.txt": table}))


def test_links_to_walk_on(tmp_path: Path) -> None:
    links = FILES["gmns/link.csv"].replace("bc,B,C,2000,30,,,bus", 'bc,B,C,2000,30,,,"bus, walk"')
    foot = load_network(write_network(tmp_path, {"gmns/link.csv": links})).network.foot
    assert foot is not None
    assert (foot.link_from.tolist(), foot.link_to.tolist(), foot.link_length_m.tolist()) == ([1], [2], [2000])


def test_a_folder_without_walks_has_none(tmp_path: Path) -> None:
    assert load_network(write_network(tmp_path)).network.foot is None


def test_floor_for_standing(tmp_path: Path) -> None:
    table = "vehicle_type,seats,capacity,standing_area_m2\nbus,30,60,\ntram,50,200,33.5\n"
    kinds = load_network(write_network(tmp_path, {"vehicles.csv": table})).service.vehicle_types
    assert [kind.standing_area_m2 for kind in kinds] == [7.5, 33.5]


def test_a_stop_that_follows_itself_is_one_visit(tmp_path: Path) -> None:
    """Vehicles wait at B from 7:05 to 7:07: written as two rows, read as one visit."""
    times = (
        FILES["gtfs/stop_times.txt"]
        .replace("t1,07:05:00,07:05:30,B,2\n", "t1,07:05:00,07:05:30,B,2\nt1,07:06:00,07:07:00,B,3\n")
        .replace("t1,07:10:00,07:10:00,C,3", "t1,07:10:00,07:10:00,C,4")
    )
    loaded = load_network(write_network(tmp_path, {"gtfs/stop_times.txt": times}))
    service = loaded.service
    rows = slice(*service.visit_ptr[service.trip_id.index("t1") :][:2])
    assert (service.scheduled_arrival_s[rows] - 25200).tolist() == [0, 300, 600]
    assert (service.scheduled_departure_s[rows] - 25200).tolist() == [0, 420, 600]
    assert any("follows itself" in mention.message for mention in loaded.mentions)
