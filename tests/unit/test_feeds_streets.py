"""Street graphs under a feed, and shapes: how long a link is."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
from support.small_feed import SHAPED, edit, write_feed

from sim.errors import NetworkError
from sim.loading.exports import EXPORTS
from sim.loading.feeds.importing import import_network
from sim.loading.feeds.shapes import Shape, crosses_itself, ellipsoid_m, trip_length_m
from sim.loading.feeds.streets import read_streets
from sim.loading.network_folder import load_network
from sim.model.line_strings import parse_line

# A street of four nodes; B is reached over a detour, C from 4 alone.
NODES = {1: (10.0, 1.0), 2: (10.01, 1.005), 3: (10.0, 1.01), 4: (10.0, 1.03)}
BENT = "LINESTRING (10.0 1.0, 10.006 1.0, 10.01 1.005)"
EDGES = [(1, 2, 900.0), (2, 1, 900.0), (2, 3, 800.0), (2, 3, 700.0), (4, 3, 2300.0)]


def graphml(path):
    """Write the streets as OSMnx does: a directed multigraph whose attributes are all text."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in NODES.items():
        graph.add_node(node, x=str(x), y=str(y), street_count="2")
    for a, b, length in EDGES:
        more = {"maxspeed": "['50', '30']", "name": "High Street", "geometry": BENT} if (a, b) == (1, 2) else {}
        graph.add_edge(a, b, osmid="7", oneway="True", length=str(length), highway="residential", **more)
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


def line(points, **facts):
    """Return a line of GeoJSON; a third number of a position is its height."""
    return {"type": "Feature", "properties": facts, "geometry": {"type": "LineString", "coordinates": points}}


def collection(path, features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def geojson(path):
    """Write the streets as lines: the two ways of the first as one, a stream, and a point in place of a node."""
    at = {node: list(place) for node, place in NODES.items()}
    features = [
        {"type": "Feature", "properties": None, "geometry": {"type": "Point", "coordinates": at[1]}},
        line([[9.9, 1.005], [10.1, 1.005]], waterway="stream"),
    ]
    for a, b, length in EDGES:
        if (a, b) != (2, 1):
            way = {"oneway": "no" if a == 1 else "yes", "highway": "residential", "length_m": length}
            features.append(line([[*at[a], 7.5], at[b]], **way))
    return collection(path, features)


@pytest.mark.parametrize("write", [graphml, gmns, geojson])
def test_buses_run_the_shortest_way_over_streets_where_there_is_one(tmp_path, write):
    streets = write(tmp_path / {gmns: "gmns", graphml: "streets.graphml", geojson: "streets.geojson"}[write])
    report = import_network(write_feed(tmp_path / "feed"), tmp_path / "net", streets=streets)
    assert (report.count("lengths_of_streets"), report.count("no_street")) == (1, 1)
    loaded = load_network(tmp_path / "net")
    network, (pattern,) = loaded.network, loaded.service.patterns
    # A is at node 1, B at node 3 and C at node 4; A to B over the street: 900 + 700 m, less the metre that a stop keeps
    # from the end of a link. B to C: the street leads the other way only.
    assert [network.link_id[link] for link in pattern.links[1]] == ["B>C"]
    lengths = [float(network.link_length_m[list(links)].sum()) for links in pattern.links]
    assert lengths == pytest.approx([1600.0, 2223.9], abs=2.5)
    assert len(network.node_id) == len(NODES)
    assert loaded.service.scheduled_arrival_s[1] == 7 * 3600 + 300


def read_edges(path):
    """Return the edges of a street graph by the places of both ends, with length, speed, uses and name."""
    links = read_streets(path).links
    place = list(zip(links.further.x.tolist(), links.further.y.tolist(), strict=True))
    facts = zip(links.length_m.tolist(), (links.streets.free_speed_m_per_s * 3.6).tolist(), strict=True)
    rows = zip(links.start.tolist(), links.end.tolist(), facts, links.streets.uses, links.streets.name, strict=True)
    return {(place[a], place[b]): (*known, uses, name) for a, b, known, uses, name in rows}


def test_lines_of_geojson_meet_where_they_have_a_point_in_common(tmp_path):
    """A street with a bend, one that ends on it, one over a bridge, one-way streets both ways round, and a footway."""
    a, b, c, d = (10.0, 1.0), (10.01, 1.0), (10.02, 1.0), (10.02, 1.01)
    features = [
        line([a, b, c], highway="primary", maxspeed="30 mph", name="Main"),
        line([b, (10.01, 1.01)], highway="residential", oneway=True),
        line([(10.005, 0.99), (10.005, 1.01)], highway="motorway"),
        line([c, d], highway="footway", oneway="-1"),
    ]
    edges = read_edges(collection(tmp_path / "s.geojson", features))
    both = {(a, b), (b, a), (b, c), (c, b)}
    assert set(edges) == {*both, (b, (10.01, 1.01)), ((10.005, 0.99), (10.005, 1.01)), (d, c)}
    for ends in both:
        assert edges[ends] == (pytest.approx(1113.0, rel=1e-3), pytest.approx(48.28, abs=0.01), "auto,bus,walk", "Main")
    assert edges[d, c][2] == "walk"
    assert edges[(10.005, 0.99), (10.005, 1.01)][2] == "auto,bus"


def test_a_network_written_as_geojson_is_a_street_graph_again(tmp_path):
    import_network(write_feed(tmp_path / "feed", SHAPED), tmp_path / "net", streets=graphml(tmp_path / "s.graphml"))
    before = load_network(tmp_path / "net")
    (out,) = EXPORTS["geojson"](before, tmp_path / "net", tmp_path / "out.geojson")
    links = read_streets(out).links
    names = links.further.ids
    place = dict(zip(names, zip(links.further.x.tolist(), links.further.y.tolist(), strict=True), strict=True))
    for node, data in before.network.graph.nodes(data=True):
        assert place[node] == pytest.approx((data["x"], data["y"]), abs=1e-7)
    rows = {(names[a], names[b]): row for row, (a, b) in enumerate(zip(links.start, links.end, strict=True))}
    assert set(rows) == set(before.network.graph.edges)
    for *ends, data in before.network.graph.edges(data=True):
        row = rows[tuple(ends)]
        assert links.length_m[row] == pytest.approx(data["length_m"], abs=0.06)
        assert links.streets.name[row] == data.get("name", "")
        assert links.streets.uses[row] == data.get("uses", "auto,bus,walk")
        assert links.streets.kind[row] == data.get("kind", "")


def test_osmnx_attributes_are_kept(tmp_path):
    report = import_network(write_feed(tmp_path / "feed"), tmp_path / "net", streets=graphml(tmp_path / "s.graphml"))
    network = load_network(tmp_path / "net").network
    assert (report.count("stops_matched"), report.count("speed_of_class")) == (3, 4)
    rows = [row for row, name in enumerate(network.streets.name) if name == "High Street"]
    assert sum(network.link_length_m[rows]) == pytest.approx(900.0)
    # The least of several speeds; streets of the same class without a speed have the mean of those that have one.
    assert set((network.streets.free_speed_m_per_s[network.link_length_m < 2000] * 3.6).round(6)) == {30.0}
    assert {network.streets.kind[row] for row in rows} == {"residential"}
    assert {network.streets.uses[row] for row in rows} == {"auto,bus,walk"}
    course = [point for row in rows for point in parse_line(network.streets.geometry[row]).tolist()]
    assert [10.006, 1.0] in course
    assert not network.graph.has_edge("3", "2")


def test_edges_without_a_length_and_streets_that_are_not_open_are_left_out_and_told(tmp_path):
    """A street that is still being built would be the shortest way from A to B, at 1 m."""
    path = graphml(tmp_path / "s.graphml")
    graph = nx.read_graphml(path, force_multigraph=True)
    for highway, length in (("construction", "1"), ("['proposed', 'residential']", "1"), ("residential", "unknown")):
        graph.add_edge("1", "3", highway=highway, length=length)
    graph.add_edge("1", "3", highway="residential")
    nx.write_graphml(graph, path)
    report = import_network(write_feed(tmp_path / "feed"), tmp_path / "net", streets=path)
    assert (report.count("street_not_open"), report.count("street_without_length")) == (2, 2)
    loaded = load_network(tmp_path / "net")
    ridden = [link for links in loaded.service.patterns[0].links for link in links]
    assert loaded.network.link_length_m[ridden].sum() == pytest.approx(1600.0 + 2223.9, abs=5.0)


def test_a_line_of_geojson_that_is_not_open_is_no_street(tmp_path):
    a, b, c = (10.0, 1.0), (10.01, 1.0), (10.02, 1.0)
    features = [line([a, b], highway="residential"), line([b, c], highway="construction")]
    assert set(read_edges(collection(tmp_path / "s.geojson", features))) == {(a, b), (b, a)}


def test_lanes_of_both_ways_are_shared(tmp_path):
    # OpenStreetMap counts the lanes of both ways together; OSMnx leaves that on the edge of each.
    at = {node: list(place) for node, place in NODES.items()}
    ways = [((1, 2), "5", False), ((2, 3), "3", True), ((3, 4), "['2', '1']", False), ((4, 1), "2;1", False)]
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in NODES.items():
        graph.add_node(node, x=str(x), y=str(y))
    for (a, b), lanes, one_way in ways:
        for start, end in [(a, b)] if one_way else [(a, b), (b, a)]:
            graph.add_edge(start, end, length="900", lanes=lanes, highway="primary", oneway=str(one_way))
    nx.write_graphml(graph, tmp_path / "s.graphml")
    lines = [
        line([at[a], at[b]], lanes=lanes, highway="primary", oneway="yes" if one_way else "no")
        for (a, b), lanes, one_way in ways
    ]
    for file in (tmp_path / "s.graphml", collection(tmp_path / "s.geojson", lines)):
        links = read_streets(file).links
        place = list(zip(links.further.x.tolist(), links.further.y.tolist(), strict=True))
        node_of = {position: node for node, position in NODES.items()}
        found = {
            (node_of[place[a]], node_of[place[b]]): lanes
            for a, b, lanes in zip(links.start.tolist(), links.end.tolist(), links.streets.lanes.tolist(), strict=True)
        }
        told = {ends: lanes for ends, lanes in found.items() if np.isfinite(lanes)}
        assert told == {(1, 2): 2.5, (2, 1): 2.5, (2, 3): 3.0, (3, 4): 1.0, (4, 3): 1.0}


def test_lanes_written_and_read_again_are_the_same(tmp_path):
    folder = gmns(tmp_path / "gmns")
    file = folder / "link.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    lanes = ["lanes", "2", "3", "", "1"]
    file.write_text("".join(f"{row},{more}\n" for row, more in zip(rows, lanes, strict=True)), encoding="utf-8")
    import_network(write_feed(tmp_path / "feed"), tmp_path / "net", streets=tmp_path)
    before = load_network(tmp_path / "net")
    EXPORTS["graphml"](before, tmp_path / "net", tmp_path / "out.graphml")
    written = nx.read_graphml(tmp_path / "out.graphml", force_multigraph=True)
    both = [data for a, b, data in written.edges(data=True) if written.has_edge(b, a) and "lanes" in data]
    assert both
    assert all(data["lanes"] == 2 * data["lanes_this_way"] for data in both)
    assert not any(data["oneway"] for data in both)
    again = read_streets(tmp_path / "out.graphml").links
    known = before.network.streets.lanes
    assert sorted(again.streets.lanes[np.isfinite(again.streets.lanes)]) == sorted(known[np.isfinite(known)])


@pytest.mark.parametrize("form", ["gmns", "graphml"])
def test_streets_written_and_read_again_are_the_same_graph(tmp_path, form):
    import_network(write_feed(tmp_path / "feed", SHAPED), tmp_path / "net", streets=graphml(tmp_path / "s.graphml"))
    before = load_network(tmp_path / "net")
    out = tmp_path / ("out/gmns" if form == "gmns" else "out.graphml")
    EXPORTS[form](before, tmp_path / "net", out)
    (feed,) = EXPORTS["gtfs"](before, tmp_path / "net", tmp_path / "feed.zip")
    streets = read_streets(out).links
    named = dict(zip(streets.further.ids, zip(streets.further.x, streets.further.y, strict=True), strict=True))
    assert {node: (data["x"], data["y"]) for node, data in before.network.graph.nodes(data=True)} == named
    edges = {
        (streets.further.ids[a], streets.further.ids[b]): (length, text)
        for a, b, length, text in zip(
            streets.start, streets.end, streets.length_m.tolist(), streets.streets.geometry, strict=True
        )
    }
    assert edges == {
        (a, b): (data["length_m"], data.get("geometry", "")) for a, b, data in before.network.graph.edges(data=True)
    }
    again = import_network(feed, tmp_path / "again", streets=out)
    after = load_network(tmp_path / "again")
    metres = [
        sum(float(loaded.network.link_length_m[list(links)].sum()) for links in loaded.service.patterns[0].links)
        for loaded in (before, after)
    ]
    assert metres[1] == pytest.approx(metres[0], rel=0.01)
    assert again.count("stops_matched") == 3


def test_stops_far_from_the_streets_are_named(tmp_path):
    far = edit("stops.txt", ("C,Gamma,1.03,10", "C,Gamma,1.03,10.1"))
    report = import_network(
        write_feed(tmp_path / "feed", far), tmp_path / "net", streets=graphml(tmp_path / "s.graphml")
    )
    (entry,) = [entry for entry in report.entries if entry.name == "stops_off_streets"]
    assert (entry.count, entry.examples) == (1, ("C",))


def test_a_feed_written_and_read_again_keeps_its_shapes(tmp_path):
    first = import_network(write_feed(tmp_path / "feed", SHAPED), tmp_path / "net")
    before = load_network(tmp_path / "net")
    (out,) = EXPORTS["gtfs"](before, tmp_path / "net", tmp_path / "out.zip")
    second = import_network(out, tmp_path / "again")
    after = load_network(tmp_path / "again")
    assert second.totals == first.totals
    assert after.network.link_length_m.tolist() == before.network.link_length_m.tolist()
    assert (tmp_path / "again/gtfs/shapes.txt").read_bytes() == (tmp_path / "net/gtfs/shapes.txt").read_bytes()


def test_rails_do_not_run_over_streets(tmp_path):
    metro = {"routes.txt": "route_id,route_type\nR,1\n"}
    report = import_network(
        write_feed(tmp_path / "feed", metro), tmp_path / "net", streets=graphml(tmp_path / "s.graphml")
    )
    assert report.count("lengths_of_streets") == report.count("no_street") == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.graphml", None, "there is no such GraphML or GeoJSON file or GMNS folder"),
        ("bad.graphml", "hello", "not a GraphML file"),
        ("coded.graphml", '<?xml version="1.0" encoding="utf-4"?><graphml/>', "not a GraphML file: unknown encoding"),
        ("bad.geojson", "hello", "not a GeoJSON file"),
        ("bare.geojson", '{"type": "Feature"}', "not a GeoJSON file: its type must be FeatureCollection"),
        ("odd.geojson", '{"type": "FeatureCollection", "features": [3]}', "not a GeoJSON file"),
        ("none.geojson", '{"type": "FeatureCollection", "features": []}', "the file has no lines"),
        (
            "metres.geojson",
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": '
            '{"type": "LineString", "coordinates": [[500000, 0], [500010, 0]]}}]}',
            "has positions that are no degrees",
        ),
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
