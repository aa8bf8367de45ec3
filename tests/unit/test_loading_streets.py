"""Street graphs of network folders: nodes that are no stops, stops beside streets, walks along them, round trips."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from support.invariants import check_invariants
from support.small_network import FILES, changed, write_network

import sim
from sim.errors import NetworkError
from sim.loading.exports import EXPORTS
from sim.loading.network_folder import load_network
from sim.model.line_strings import cut_line, parse_line, reversed_line, write_line
from sim.model.parameters import JourneyParameters
from sim.routing.walks import find_walks

SOURCE = {"SOURCE.md": "# Made up\n\nAll of it.\n", "traffic.csv": None}
NODES = "node_id,name,x_coord,y_coord\n"
LINKS = "link_id,from_node_id,to_node_id,length,free_speed,allowed_uses,directed,geometry,name,lanes,facility_type\n"
STREETS = {
    **SOURCE,
    # A and B are nodes; C lies 30 m beside the street from X to Y.
    "gmns/node.csv": NODES + "A,,0,0\nB,,1000,0\nX,,500,0\nY,,1000,1000\nC,,1030,400\n",
    "gmns/link.csv": LINKS
    + "ax,A,X,500,36,auto,0,,Main Street,2,primary\n"
    + "xb,X,B,500,18,auto,0,,,,\n"
    + 'by,B,Y,1000,36,"auto,walk",0,,,,\n'
    + "rail,A,B,900,90,rail,1,,,,\n",
    **changed("gtfs/stops.txt", "C,Gamma,,\n", "C,Gamma,,\n"),
}


def by_id(network):
    return {
        name: (network.nodes[a], network.nodes[b], float(length), float(time))
        for name, a, b, length, time in zip(
            network.link_id,
            network.link_from.tolist(),
            network.link_to.tolist(),
            network.link_length_m,
            network.link_running_time_s,
            strict=True,
        )
    }


def without_rail(files):
    return {**files, "gmns/link.csv": files["gmns/link.csv"].replace("rail,A,B,900,90,rail,1,,,,\n", "")}


def test_trips_run_over_intersections_where_no_link_leads_from_stop_to_stop(tmp_path):
    loaded = load_network(write_network(tmp_path, without_rail(STREETS)))
    network, (pattern,) = loaded.network, loaded.service.patterns
    assert network.node_id == ("X", "Y")
    assert [[network.link_id[link] for link in links] for links in pattern.links] == [["ax", "xb"], ["by:1"]]
    links = by_id(network)
    # Both are free running times by free_speed: 500 m at 10 m/s and at 5 m/s.
    assert links["ax"] == ("A", "X", 500.0, 50.0)
    assert links["xb"] == ("X", "B", 500.0, 100.0)
    assert links["xb:back"] == ("B", "X", 500.0, 100.0)
    # The timetable holds: 300 s from A to B.
    assert pattern.pace[0] == 300.0 / 150.0
    assert network.graph.edges["A", "X"]["name"] == "Main Street"
    assert network.graph.edges["A", "X"]["free_speed_m_per_s"] == 10.0


def test_stops_beside_the_streets_divide_the_nearest_link_both_ways_and_are_told(tmp_path):
    loaded = load_network(write_network(tmp_path, without_rail(STREETS)))
    links = by_id(loaded.network)
    assert [links[name][:2] for name in ("by:1", "by:2", "by:back:1", "by:back:2")] == [
        ("B", "C"),
        ("C", "Y"),
        ("Y", "C"),
        ("C", "B"),
    ]
    assert [links[name][2] for name in ("by:1", "by:2", "by:back:1", "by:back:2")] == [400.0, 600.0, 600.0, 400.0]
    said = "1 stops lie off the streets and are matched to the nearest link: half of them at most 30 m away"
    assert any(said in str(mention) for mention in loaded.mentions)
    assert any(said in note for note in loaded.network.notes)
    far = without_rail({**STREETS, "gmns/node.csv": STREETS["gmns/node.csv"].replace("C,,1030", "C,,1100")})
    notes = load_network(write_network(tmp_path / "far", far)).network.notes
    assert any("more than 50 m away, please check: C" in note for note in notes)


def test_stops_far_from_all_streets_are_not_matched(tmp_path):
    far = without_rail({**STREETS, "gmns/node.csv": STREETS["gmns/node.csv"].replace("C,,1030", "C,,1300")})
    with pytest.raises(NetworkError, match="there is no link from 'B' to 'C'"):
        load_network(write_network(tmp_path, far))


def test_positions_that_are_drawn_match_nothing(tmp_path):
    drawn = without_rail({**STREETS, "SOURCE.md": FILES["SOURCE.md"]})
    with pytest.raises(NetworkError, match="there is no link from 'B' to 'C'"):
        load_network(write_network(tmp_path, drawn))


def test_a_link_from_stop_to_stop_goes_before_a_way_over_others(tmp_path):
    (pattern,) = load_network(write_network(tmp_path, STREETS)).service.patterns
    assert len(pattern.links[0]) == 1


def test_buses_do_not_run_over_rails_and_foot_paths(tmp_path):
    files = without_rail(STREETS)
    for uses in ("rail", "walk"):
        closed = {
            **files,
            "gmns/link.csv": files["gmns/link.csv"].replace("xb,X,B,500,18,auto", f"xb,X,B,500,18,{uses}"),
        }
        with pytest.raises(NetworkError, match="there is no link from 'A' to 'B'"):
            load_network(write_network(tmp_path / uses, closed))


def test_a_one_way_street_leads_one_way(tmp_path):
    files = without_rail(STREETS)
    one_way = {**files, "gmns/link.csv": files["gmns/link.csv"].replace("xb,X,B,500,18,auto,0", "xb,B,X,500,18,auto,1")}
    with pytest.raises(NetworkError, match="there is no link from 'A' to 'B'"):
        load_network(write_network(tmp_path, one_way))


def test_of_parallel_links_the_quickest_one_counts_and_the_other_is_named(tmp_path):
    files = without_rail(STREETS)
    more = files["gmns/link.csv"] + "quick,A,X,600,90,auto,1,,,,\nfoot,A,X,1,90,walk,1,,,,\n"
    loaded = load_network(write_network(tmp_path, {**files, "gmns/link.csv": more}))
    assert by_id(loaded.network)["quick"] == ("A", "X", 600.0, 24.0)
    assert any("not used: ax, foot" in str(mention) for mention in loaded.mentions)


def test_traffic_of_a_link_that_a_stop_divides_holds_for_its_parts(tmp_path):
    traffic = "link_id,period_start,period_end,running_time_s\nby,07:00:00,08:00:00,200\n"
    network = load_network(write_network(tmp_path, {**without_rail(STREETS), "traffic.csv": traffic})).network
    times = network.link_times
    assert [network.link_id[link] for link in times.link] == ["by:1", "by:2"]
    assert times.running_time_s.tolist() == [80.0, 120.0]


def test_vehicles_run_and_go_round_over_intersections(tmp_path):
    folder = write_network(tmp_path / "small", without_rail(STREETS))
    more = without_rail(STREETS)["gmns/link.csv"] + "xy,X,Y,1200,36,auto,0,,,,\n"
    (folder / "gmns/link.csv").write_text(more)
    file = tmp_path / "s.yaml"
    text = "name: s\ndays: 1\nreplications: 1\nnetwork: {folder: small}\n"
    file.write_text(text)
    scenario = sim.load_scenario(file)
    result = sim.run(scenario)
    check_invariants(result.tables)
    file.write_text(text + "disruptions: {links: [{link: xb, start: '6:00', end: '8:00', speed_factor: 0}]}\n")
    closed = sim.run(sim.load_scenario(file))
    took = [visits_of(run, "B") - visits_of(run, "A", "departure_s") for run in (result, closed)]
    # 50 + 100 s of free running time by X, and 40 s on to C; 50 + 120 s to Y and 100 s back to B. The first trip has no
    # time at B.
    blank_s = 600.0 * 150 / 190
    assert took[0] == pytest.approx([blank_s, 300.0], abs=1e-5)
    assert took[1] == pytest.approx([blank_s * 270 / 150, 300.0 * 270 / 150], abs=1e-5)
    graph = scenario.network.graph
    graph.remove_edge("X", "B")
    changed_graph = scenario.with_graph(graph)
    assert visits_of(sim.run(changed_graph), "B") == pytest.approx(visits_of(closed, "B"), abs=1e-5)


@pytest.mark.parametrize(
    ("speeds", "share"),
    [
        (("30", "30"), 120 / 360),
        (("30", "60"), 120 / 240),
        (("15", "60"), 240 / 360),
        (("", "60"), 1 / 2),
        (("", ""), 1 / 2),
    ],
)
def test_free_speeds_say_when_vehicles_pass_stops_without_a_time(tmp_path, speeds, share):
    """1000 m to B and 2000 m on to C, in 10 min. Where a street has no speed, blanks are spread evenly.

    The other trip has a time at B, of which no speed of a street changes anything.
    """
    text = FILES["gmns/link.csv"].replace("ab,A,B,1000,30", f"ab,A,B,1000,{speeds[0]}")
    text = text.replace("bc,B,C,2000,30", f"bc,B,C,2000,{speeds[1]}")
    instant = "vehicle_type,seats,capacity,dead_time_s\nbus,30,60,0\n"
    loaded = load_network(
        write_network(tmp_path, {"gmns/link.csv": text, "traffic.csv": None, "vehicles.csv": instant})
    )
    times_s = dict(zip(loaded.service.trip_id, np.split(loaded.service.scheduled_arrival_s, 2), strict=True))
    assert times_s["t2"] == pytest.approx([23_400, 23_400 + 600 * share, 24_000], abs=1e-5)
    assert times_s["t1"].tolist() == [25_200, 25_500, 25_800]
    # Vehicles pass there at that time, where nobody boards.
    file = tmp_path / "s.yaml"
    text = f"name: s\ndays: 1\nreplications: 1\nnetwork: {{folder: {tmp_path}}}\ndemand: {{scale: 0}}\n"
    file.write_text(text, encoding="utf-8")
    assert visits_of(sim.run(sim.load_scenario(file)), "B")[0] == pytest.approx(23_400 + 600 * share, abs=1e-5)


def visits_of(result, stop, column="arrival_s"):
    table = result.tables["stop_visits"]
    return np.sort(table[column][table.text("stop_id") == stop])


def test_people_walk_along_streets_and_straight_to_stops_beside_them(tmp_path):
    network = load_network(write_network(tmp_path, without_rail(STREETS))).network
    walks = find_walks(network, JourneyParameters(longest_walk_m=2000.0, walk_speed_m_per_s=1.0, walk_detour=1.3))
    found = {
        (network.stop_id[a], network.stop_id[b]): walk_s
        for a, b, walk_s in zip(walks.ends.start, walks.ends.goal, walks.ends.walk_s.tolist(), strict=True)
        if a != b
    }
    # B to C is along the street; nobody walks on the one that leads to A.
    assert found["B", "C"] == found["C", "B"] == 400.0
    assert found["A", "B"] == pytest.approx(1300.0)
    assert set(found) == {("A", "B"), ("B", "A"), ("B", "C"), ("C", "B"), ("A", "C"), ("C", "A")}


def test_lines_are_parsed_turned_and_cut():
    line = parse_line("LINESTRING (0 0, 3 0, 3 4)")
    assert line.tolist() == [[0, 0], [3, 0], [3, 4]]
    assert parse_line("linestring z(1 2 9,3 4 9)").tolist() == [[1, 2], [3, 4]]
    assert [len(parse_line(text)) for text in ("", "POINT (1 2)", "LINESTRING (1 2)", "LINESTRING (1 2, x 3)")] == [
        0
    ] * 4
    assert parse_line(reversed_line(write_line(line))).tolist() == line[::-1].tolist()
    first, last = cut_line(line, [5 / 7])
    assert first.tolist() == [[0, 0], [3, 0], [3, 2]]
    assert last.tolist() == [[3, 2], [3, 4]]


def test_gmns_read_back_is_the_same_street_graph(tmp_path):
    curved = STREETS["gmns/link.csv"].replace(
        'by,B,Y,1000,36,"auto,walk",0,', 'by,B,Y,1000,36,"auto,walk",0,"LINESTRING (1000 0, 1010 500, 1000 1000)"'
    )
    folder = write_network(tmp_path / "net", {**STREETS, "gmns/link.csv": curved})
    before = load_network(folder)
    EXPORTS["gmns"](before, folder, tmp_path / "out" / "gmns")
    shutil.rmtree(folder / "gmns")
    shutil.copytree(tmp_path / "out" / "gmns", folder / "gmns")
    after = load_network(folder)
    assert after.network.streets.geometry == before.network.streets.geometry
    assert sum(bool(text) for text in after.network.streets.geometry) == 4
    assert after.network.graph.edges == before.network.graph.edges
    assert dict(after.network.graph.edges) == dict(before.network.graph.edges)
    assert after.network.graph.nodes == before.network.graph.nodes
    assert after.service.patterns == before.service.patterns
    assert after.network.foot.link_length_m.tolist() == before.network.foot.link_length_m.tolist()


def test_signals_of_links_and_nodes_are_read_and_stay_at_the_end_of_divided_links(tmp_path):
    columns = ",signal_cycle_s,signal_green_share,signal_offset_s"
    nodes = STREETS["gmns/node.csv"].splitlines()
    links = without_rail(STREETS)["gmns/link.csv"].splitlines()
    files = {
        **STREETS,
        # A signal for whatever ends at X, and one at the end of the street from B to Y, which C divides.
        "gmns/node.csv": "\n".join(
            [nodes[0] + columns, *(row + (",60,0.5,7" if row[0] == "X" else ",,,") for row in nodes[1:])]
        ),
        "gmns/link.csv": "\n".join(
            [links[0] + columns, *(row + (",90,0.4," if row[:2] == "by" else ",,,") for row in links[1:])]
        ),
    }
    folder = write_network(tmp_path / "net", files)
    before = load_network(folder)
    signals = {
        before.network.link_id[row]: tuple(
            getattr(before.network.streets, name)[row] for name in columns.split(",")[1:]
        )
        for row in np.flatnonzero(np.isfinite(before.network.streets.signal_cycle_s)).tolist()
    }
    assert signals == {"ax": (60, 0.5, 7), "xb:back": (60, 0.5, 7), "by:2": (90, 0.4, 0)}
    EXPORTS["gmns"](before, folder, tmp_path / "out" / "gmns")
    shutil.rmtree(folder / "gmns")
    shutil.copytree(tmp_path / "out" / "gmns", folder / "gmns")
    assert dict(load_network(folder).network.graph.edges) == dict(before.network.graph.edges)
    half = files["gmns/link.csv"].replace(",90,0.4,", ",90,,")
    with pytest.raises(NetworkError, match="a signal needs both signal_cycle_s and signal_green_share"):
        load_network(write_network(tmp_path / "half", {**files, "gmns/link.csv": half}))
