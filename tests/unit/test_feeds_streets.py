"""Street graphs under a feed, and shapes: how long a link is."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from support.small_feed import SHAPED, write_feed

from sim.errors import NetworkError
from sim.loading.feeds.importing import import_network
from sim.loading.feeds.shapes import Shape, crosses_itself, ellipsoid_m, trip_length_m
from sim.loading.feeds.streets import read_streets
from sim.loading.network_folder import load_network

# A street of four nodes; B is reached over a detour, C from D alone.
NODES = {1: (10.0, 1.0), 2: (10.01, 1.005), 3: (10.0, 1.01), 4: (10.0, 1.03)}
EDGES = [(1, 2, 900.0), (2, 1, 900.0), (2, 3, 800.0), (2, 3, 700.0), (4, 3, 2300.0)]


def graphml(path):
    """Write the streets as OSMnx does: a directed multigraph whose attributes are all text."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in NODES.items():
        graph.add_node(node, x=str(x), y=str(y), street_count="2")
    for a, b, length in EDGES:
        graph.add_edge(a, b, osmid="7", oneway="True", length=str(length), highway="residential")
    nx.write_graphml(graph, path)
    return path


def gmns(folder):
    folder.mkdir()
    nodes = "".join(f"{node},{x},{y}\n" for node, (x, y) in NODES.items())
    (folder / "node.csv").write_text("node_id,x_coord,y_coord\n" + nodes, encoding="utf-8")
    rows = [(1, 2, 900.0, 0), (2, 3, 800.0, 1), (2, 3, 700.0, 1), (4, 3, 2300.0, 1)]
    links = "".join(f"l{n},{a},{b},{m},{d}\n" for n, (a, b, m, d) in enumerate(rows))
    (folder / "link.csv").write_text("link_id,from_node_id,to_node_id,length,directed\n" + links, encoding="utf-8")
    return folder


@pytest.mark.parametrize("write", [graphml, gmns])
def test_buses_run_the_shortest_way_over_streets_where_there_is_one(tmp_path, write):
    streets = write(tmp_path / ("gmns" if write is gmns else "streets.graphml"))
    report = import_network(write_feed(tmp_path / "feed"), tmp_path / "net", streets=streets)
    assert (report.count("lengths_of_streets"), report.count("no_street")) == (1, 1)
    network = load_network(tmp_path / "net").network
    assert network.link_id == ("A>B", "B>C")
    # A to B: 900 + 700 m, both stops at nodes; B to C: the street leads the other way only.
    assert network.link_length_m == pytest.approx([1600.0, 2223.9], abs=0.05)


def test_rails_do_not_run_over_streets(tmp_path):
    metro = {"routes.txt": "route_id,route_type\nR,1\n"}
    report = import_network(
        write_feed(tmp_path / "feed", metro), tmp_path / "net", streets=graphml(tmp_path / "s.graphml")
    )
    assert report.count("lengths_of_streets") == report.count("no_street") == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.graphml", None, "there is no such GraphML file or GMNS folder"),
        ("bad.graphml", "hello", "not a GraphML file"),
        ("empty.graphml", "<graphml/>", "not a GraphML file|no node has x and y"),
    ],
)
def test_what_is_no_street_graph_is_told_in_a_sentence(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(NetworkError, match=message):
        read_streets(tmp_path / name)
    with pytest.raises(NetworkError, match="is a folder called gmns, or one that holds it"):
        read_streets(tmp_path)


def test_links_are_as_long_as_the_shape_between_their_stops(tmp_path):
    import_network(write_feed(tmp_path / "feed", SHAPED), tmp_path / "net")
    east_m = ellipsoid_m(np.array([1.0]), np.array([10.0]), np.array([1.0]), np.array([10.01]))[0]
    north_m = ellipsoid_m(np.array([1.0]), np.array([10.0]), np.array([1.01]), np.array([10.0]))[0]
    lengths = load_network(tmp_path / "net").network.link_length_m
    # A east, north and west again to B, then straight on to C.
    assert lengths == pytest.approx([2 * east_m + north_m, 2 * north_m], rel=1e-3)


def test_one_degree_on_the_ellipsoid():
    # WGS 84: 110,574 m from the equator to 1 degree north; 111,320 m along the equator.
    north = ellipsoid_m(np.array([0.0]), np.array([0.0]), np.array([1.0]), np.array([0.0]))[0]
    east = ellipsoid_m(np.array([0.0]), np.array([0.0]), np.array([0.0]), np.array([1.0]))[0]
    assert (round(north), round(east)) == (110_574, 111_319)


def test_stops_keep_their_order_on_a_way_out_and_back():
    # Out along the equator and back; the stop in the middle is passed twice, the terminal once.
    shape = Shape.of(np.zeros(3), np.array([0.0, 0.02, 0.0]))
    placed = shape.in_order(np.zeros(5), np.array([0.0, 0.01, 0.02, 0.01, 0.0]))
    assert placed / shape.length_m == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_a_trip_on_a_line_that_crosses_itself_is_as_long_as_the_line():
    straight = Shape.of(np.zeros(3), np.array([0.0, 0.01, 0.02]))
    ends = (np.zeros(2), np.array([0.005, 0.015]))
    assert trip_length_m(straight, *ends) == pytest.approx(straight.length_m / 2)
    backwards = (ends[0], ends[1][::-1])
    assert trip_length_m(straight, *backwards) == straight.length_m
    lon, lat = np.array([0.0, 0.02, 0.02, 0.01, 0.01]), np.array([0.0, 0.0, 0.01, 0.01, -0.01])
    assert crosses_itself(lon, lat)
    assert not crosses_itself(lon[:4], lat[:4])
    loop = Shape.of(lat, lon)
    assert trip_length_m(loop, lat[:2], lon[:2]) == loop.length_m
