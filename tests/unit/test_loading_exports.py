"""Networks written for other programs, and read back."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from support.small_feed import write_feed
from support.small_network import write_network

from sim.errors import NetworkError
from sim.loading.exports import EXPORTS
from sim.loading.feeds.importing import import_network
from sim.loading.network_folder import load_network
from sim.locations import networks_dir
from sim.model.service_trips import keep_trips


@pytest.fixture
def imported(tmp_path):
    frequent = {"frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt1,06:00:00,07:00:00,1200\n"}
    import_network(write_feed(tmp_path / "feed", frequent), tmp_path / "net")
    return tmp_path / "net"


def test_geojson_has_every_stop_and_link(imported, tmp_path):
    (file,) = EXPORTS["geojson"](load_network(imported), imported, tmp_path / "out" / "net.geojson")
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert [f["geometry"]["type"] for f in features] == ["Point"] * 3 + ["LineString"] * 2
    assert features[1]["geometry"]["coordinates"] == [10.0, 1.01]
    assert features[3]["geometry"]["coordinates"] == [[10.0, 1.0], [10.0, 1.01]]
    assert features[3]["properties"] == {
        "link_id": "A>B",
        "from_stop_id": "A",
        "to_stop_id": "B",
        "length_m": 1112.0,
        "running_time_s": 300.0,
        "allowed_uses": "bus",
        "lines": ["7"],
    }


def test_geojson_wants_degrees(tmp_path):
    folder = write_network(tmp_path / "small")
    with pytest.raises(NetworkError, match="no degrees of longitude and latitude"):
        EXPORTS["geojson"](load_network(folder), folder, tmp_path / "x.geojson")


@pytest.mark.parametrize("bare", [False, True])
def test_gtfs_read_back_is_the_same_service(imported, tmp_path, bare):
    source = tmp_path / "feed" if bare else imported
    before = load_network(source)
    (file,) = EXPORTS["gtfs"](before, source, tmp_path / "out.zip")
    report = import_network(file, tmp_path / "again")
    assert report.of_kind("dropped") == report.of_kind("repaired") == ()
    after = load_network(tmp_path / "again")
    assert after.service.trip_id == before.service.trip_id
    assert np.array_equal(after.service.scheduled_departure_s, before.service.scheduled_departure_s)
    again = EXPORTS["gtfs"](before, source, tmp_path / "twice.zip")[0]
    assert again.read_bytes() == file.read_bytes()


def test_gmns_read_back_is_the_same_graph(imported, tmp_path):
    before = load_network(imported).network
    EXPORTS["gmns"](load_network(imported), imported, tmp_path / "out" / "gmns")
    shutil.rmtree(imported / "gmns")
    shutil.copytree(tmp_path / "out" / "gmns", imported / "gmns")
    after = load_network(imported).network
    assert (after.link_id, after.link_length_m.tolist()) == (before.link_id, before.link_length_m.tolist())


def test_sumo_has_an_edge_for_each_link_and_a_stop_for_each_visit_but_the_first(imported, tmp_path):
    loaded = load_network(imported)
    files = {file.suffixes[0]: ET.parse(file).getroot() for file in EXPORTS["sumo"](loaded, imported, tmp_path / "s")}
    assert len(files[".nod"].findall("node")) == 3
    edges = files[".edg"].findall("edge")
    assert [(edge.get("from"), edge.get("to"), edge.get("length")) for edge in edges] == [
        ("n0", "n1", "1112.0"),
        ("n1", "n2", "2223.9"),
    ]
    # The free running time of the simulator, from one halt to the next: speeding up at 1.2 m/s^2, slowing down at 4.
    length_m, speed = (float(edges[0].get(key)) for key in ("length", "speed"))
    up_m, down_m = speed**2 / (2 * 1.2), speed**2 / (2 * 4.0)
    cruising_s = (length_m - up_m - down_m) / speed
    assert speed / 1.2 + cruising_s + speed / 4.0 == pytest.approx(300.0, rel=1e-3)
    kind = files[".rou"].find("vType")
    assert (kind.get("accel"), kind.get("decel"), kind.get("sigma")) == ("1.2", "4.0", "0")
    vehicles = files[".rou"].findall("vehicle")
    assert [float(vehicle.get("depart")) for vehicle in vehicles] == [21_600, 22_800, 24_000, 28_800]
    assert {len(vehicle.findall("stop")) for vehicle in vehicles} == {2}
    assert vehicles[0].find("stop").get("duration") == "30"


def test_in_sumo_no_vehicle_can_be_faster_than_its_acceleration_lets_it(imported, tmp_path):
    """Over 1,112 m in 40 s: as fast as can be is to speed up and then to slow down at once."""
    loaded = load_network(imported)
    hurried = replace(loaded, network=replace(loaded.network, link_running_time_s=np.array([40.0, 1e6])))
    edges = ET.parse(EXPORTS["sumo"](hurried, imported, tmp_path / "s")[1]).getroot().findall("edge")
    fastest = math.sqrt(1112.0 / (0.5 / 1.2 + 0.5 / 4.0))
    assert [float(edge.get("speed")) for edge in edges] == [pytest.approx(fastest, abs=1e-3), 0.5]


def test_in_sumo_links_that_nothing_runs_on_are_as_fast_as_their_running_time(imported, tmp_path):
    loaded = load_network(imported)
    idle = replace(loaded, service=replace(keep_trips(loaded.service, np.zeros(4, dtype=bool)), patterns=()))
    edges = ET.parse(EXPORTS["sumo"](idle, imported, tmp_path / "s")[1]).getroot().findall("edge")
    assert float(edges[0].get("length")) / float(edges[0].get("speed")) == pytest.approx(300.0, rel=1e-3)


@pytest.mark.parametrize("name", ["mandl", "xiamen_brt2"])
def test_netconvert_takes_the_network(tmp_path, name):
    program = shutil.which("netconvert")
    if program is None:
        pytest.skip("needs netconvert, which comes with eclipse-sumo (pip install eclipse-sumo)")
    folder = networks_dir() / name
    EXPORTS["sumo"](load_network(folder), folder, tmp_path)
    done = subprocess.run([program, "-c", f"{name}.netccfg"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip().splitlines()[-1]) == (0, "Success.")
    edges = ET.parse(tmp_path / f"{name}.net.xml").getroot().findall("edge")
    assert len(edges) == len(load_network(folder).network.link_id)
