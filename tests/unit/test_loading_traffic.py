"""Background traffic of a network folder: what a row of traffic.csv means, and what buses make of it."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.small_network import changed, write_network

import sim
from sim.errors import ScenarioError
from sim.loading.network_folder import load_network
from sim.loading.validate import validate_path

HEADER = "link_id,link_class,period_start,period_end,speed_factor,volume_per_h\n"
LINKS = (
    "link_id,from_node_id,to_node_id,length,free_speed,lanes,capacity,facility_type\n"
    "ab,A,B,1000,30,2,500,street\n"
    "bc,B,C,2000,30,,800,street\n"
    "ca,C,A,3000,36,,,lane\n"
)
TRIPS = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
TIMES = TRIPS + "".join(
    f"{trip},{hour}:00:00,{hour}:00:00,A,1\n{trip},{hour}:10:00,{hour}:10:00,B,2\n{trip},{hour}:20:00,{hour}:20:00,C,3\n"
    for trip, hour in (("t1", "07"), ("t2", "09"))
)
RUNS = {"gtfs/stop_times.txt": TIMES, **changed("gtfs/trips.txt", "R,end,t3,1,b1,bus\n", "")}
SCENARIO = """\
name: on_the_street
days: 1
replications: 1
network: {{folder: small}}
traffic: {{bus_equivalents: 0, {traffic}}}
service:
  vehicles: {{bus: {{seats: 30, capacity: 60, dwell_rule: constant, dead_time: 0}}}}
"""


def folder_of(tmp_path, rows, links=LINKS):
    files = {"traffic.csv": HEADER + "".join(f"{row}\n" for row in rows), "gmns/link.csv": links}
    return write_network(tmp_path / "small", {**RUNS, **files})


def running_s(tmp_path, traffic):
    """Return the running times by trip and link of a run of the scenario file."""
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO.format(traffic=traffic))
    result = sim.run(sim.load_scenario(file))
    check_invariants(result.tables)
    visits = result.tables["stop_visits"]
    order = np.lexsort((visits["stop_sequence"], visits.text("trip_id")))
    arrival, departure = (visits[name][order].reshape(2, 3) for name in ("arrival_s", "departure_s"))
    return arrival[:, 1:] - departure[:, :-1]


def test_a_row_is_about_a_link_or_about_all_links_of_a_class_without_a_row(tmp_path):
    rows = ["ab,,07:00:00,08:00:00,,1000", ",street,07:00:00,09:00:00,0.5,360", "ca,,08:00:00,09:00:00,0.5,"]
    network = load_network(folder_of(tmp_path, rows)).network
    volumes, times = network.link_volumes, network.link_times
    assert (volumes.link.tolist(), volumes.start_s.tolist(), volumes.end_s.tolist()) == (
        [0, 1],
        [25_200, 25_200],
        [28_800, 32_400],
    )
    np.testing.assert_allclose(volumes.volume_per_s * 3600, [1000, 360])
    assert (times.link.tolist(), times.running_time_s.tolist()) == ([1, 2], [480.0, 600.0])
    np.testing.assert_allclose(network.link_capacity_per_s * 3600, [1000, 800, np.nan])


def test_background_traffic_of_the_network_slows_buses_while_it_lasts(tmp_path):
    folder_of(tmp_path, [",street,07:00:00,08:00:00,,1000"])
    took = running_s(tmp_path, "delay: bpr")
    # x = 1 on ab (two lanes of 500/h) and 1.25 on bc, then none.
    np.testing.assert_allclose(took, [[600 * 1.15, 600 * 1.3662109375], [600, 600]], atol=1e-5)
    conical = running_s(tmp_path, "delay: conical")
    np.testing.assert_allclose(conical[:, 0], [1200.0, 600.0], rtol=1e-6)


def test_the_capacity_of_a_class_and_its_volumes_go_before_those_of_the_network(tmp_path):
    folder_of(tmp_path, [",street,07:00:00,08:00:00,,1000"], LINKS.replace("800", ""))
    classes = "classes: {all: {links: [bc], capacity: 2000 /h}}"
    took = running_s(tmp_path, f"delay: bpr, {classes}")
    np.testing.assert_allclose(took[0], [600 * 1.15, 600 * 1.009375], atol=1e-5)
    volumes = "volumes: [{link_class: all, start: '0:00', end: '9:00', volume: 3000 /h}]"
    took = running_s(tmp_path, f"delay: bpr, {classes}, {volumes}")
    np.testing.assert_allclose(took[0], [600 * 1.15, 600 * 1.759375], atol=1e-5)


def test_background_traffic_without_a_capacity_is_told(tmp_path):
    folder_of(tmp_path, [",street,07:00:00,08:00:00,,1000"], LINKS.replace("800", ""))
    with pytest.raises(ScenarioError, match=r"traffic\.delay: .* on links without a capacity: bc; give capacity"):
        running_s(tmp_path, "delay: bpr")


def test_background_traffic_that_nothing_asks_for_is_a_remark(tmp_path):
    folder_of(tmp_path, [",street,07:00:00,08:00:00,,1000"])
    np.testing.assert_allclose(running_s(tmp_path, "delay: none"), 600.0)
    report = validate_path(tmp_path / "s.yaml")
    assert report.ok
    assert [item.key for item in report.mentions if "has no effect" in item.message] == ["traffic.delay"]
