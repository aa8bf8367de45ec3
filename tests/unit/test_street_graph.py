"""The graph of a scenario, changed and handed back: what vehicles and people make of it."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.errors import InputError, NetworkError
from sim.model.network import Network
from sim.model.ways import StreetWays, ways_along

BUS = {"seats": 20, "capacity": 40, "dead_time": 5, "boarding": 2, "alighting": 1}


def town(**sections):
    """Return a line A-B-C-D every 10 min, and another one A-E-B whose streets are longer."""
    departures = [25200.0 + 600.0 * trip for trip in range(6)]
    lines = [
        bus_line("main", "ABCD", [300.0, 240.0, 180.0], departures, lengths=[2000.0, 1500.0, 1000.0]),
        bus_line("loop", "AEB", [200.0, 250.0], departures, lengths=[1500.0, 1800.0]),
    ]
    flows = [flow("A", "D", 25000.0, 27000.0, 20, "even"), flow("B", "C", 25000.0, 27000.0, 10, "even")]
    return world(lines, flows, {"bus": BUS}, days=1, replications=1, **sections)


def running_s(scenario, line, hop):
    """Return the scheduled running times of a hop by trip of a line."""
    service = scenario.service
    rows = [
        int(service.visit_ptr[trip]) + hop
        for trip, number in enumerate(service.trip_pattern.tolist())
        if service.lines[service.patterns[number].line].line_id == line
    ]
    return service.scheduled_arrival_s[np.array(rows) + 1] - service.scheduled_departure_s[rows]


def stops_of(scenario, line):
    pattern = next(
        pattern for pattern in scenario.service.patterns if scenario.service.lines[pattern.line].line_id == line
    )
    return [scenario.network.stop_id[stop] for stop in pattern.stops]


def test_a_graph_handed_back_unchanged_gives_the_same_bytes():
    scenario = town()
    again = scenario.with_graph(scenario.network.graph.copy())
    assert json.dumps(sim.run(again).summary) == json.dumps(sim.run(scenario).summary)


def test_a_slower_edge_raises_the_running_time_by_exactly_the_ratio():
    scenario = town()
    graph = scenario.network.graph
    graph.edges["A", "B"]["running_time_s"] *= 1.5
    slower = scenario.with_graph(graph)
    assert running_s(slower, "main", 0) == pytest.approx(450.0, abs=1e-9)
    assert running_s(slower, "main", 1) == pytest.approx(240.0, abs=1e-9)
    assert running_s(scenario, "main", 0) == pytest.approx(300.0, abs=1e-9)
    assert slower.graph_changes == ("the link from 'A' to 'B' takes 450.0 s in place of 300.0 s",)
    result = sim.run(slower)
    check_invariants(result.tables, slower.parameters.period_s)


def test_half_the_free_speed_is_twice_the_time():
    scenario = town()
    graph = scenario.network.graph
    graph.edges["B", "C"]["free_speed_m_per_s"] = 1500.0 / 240.0 / 2.0
    assert running_s(scenario.with_graph(graph), "main", 1) == pytest.approx(480.0, abs=1e-9)


def test_a_graph_changed_in_place_leaves_the_scenario_as_it_was():
    scenario = town()
    before = json.dumps(sim.run(scenario).summary)
    graph = scenario.network.graph
    graph.remove_edge("A", "B")
    scenario.with_graph(graph)
    assert scenario.network.graph.has_edge("A", "B")
    assert json.dumps(sim.run(scenario).summary) == before


def test_vehicles_go_round_where_an_edge_is_gone():
    scenario = town()
    graph = scenario.network.graph
    graph.remove_edge("A", "B")
    closed = scenario.with_graph(graph)
    assert stops_of(closed, "main") == ["A", "B", "C", "D"]
    assert running_s(closed, "main", 0) == pytest.approx(450.0, abs=1e-9)
    assert running_s(closed, "loop", 0) == pytest.approx(200.0, abs=1e-9)
    result = sim.run(closed)
    check_invariants(result.tables, closed.parameters.period_s)
    assert set(result.tables["journeys"].text("outcome").tolist()) == {"arrived"}


def test_stops_that_no_way_leads_to_are_missed_and_named():
    scenario = town()
    graph = scenario.network.graph
    graph.remove_edges_from([("B", "C")])
    graph.add_edge("B", "D", length_m=3000.0, running_time_s=500.0)
    closed = scenario.with_graph(graph)
    assert stops_of(closed, "main") == ["A", "B", "D"]
    assert running_s(closed, "main", 1) == pytest.approx(500.0, abs=1e-9)
    assert "line 'main' direction 0 misses 'C' between 'B' and 'D'" in closed.graph_changes
    result = sim.run(closed)
    check_invariants(result.tables, closed.parameters.period_s)
    journeys = result.tables["journeys"]
    to_c = journeys.text("destination_stop_id") == "C"
    assert set(journeys.text("outcome")[to_c].tolist()) == {"no_service"}
    assert set(journeys.text("outcome")[~to_c].tolist()) == {"arrived"}
    assert any("misses 'C'" in note for note in result.manifest["notes"])


def test_trips_end_where_no_way_leads_on():
    scenario = town()
    graph = scenario.network.graph
    graph.remove_edge("C", "D")
    assert stops_of(scenario.with_graph(graph), "main") == ["A", "B", "C"]
    graph.remove_edges_from([("A", "B"), ("A", "E")])
    nowhere = town().with_graph(graph)
    assert not {"main", "loop"} & {
        nowhere.service.lines[nowhere.service.patterns[number].line].line_id for number in nowhere.service.trip_pattern
    }
    assert any("does not run" in sentence for sentence in nowhere.graph_changes)


def test_a_new_street_is_taken_where_it_saves_time():
    scenario = town()
    graph = scenario.network.graph
    graph.add_node("X", x=0.0, y=500.0)
    graph.add_edge("A", "X", length_m=600.0, running_time_s=60.0)
    graph.add_edge("X", "B", length_m=600.0, running_time_s=90.0)
    faster = scenario.with_graph(graph)
    assert running_s(faster, "main", 0) == pytest.approx(150.0, abs=1e-9)
    assert faster.network.nodes[-1] == "X"
    result = sim.run(faster)
    check_invariants(result.tables, faster.parameters.period_s)
    again = faster.network.graph
    again.remove_node("X")
    back = faster.with_graph(again)
    assert stops_of(back, "main") == ["A", "B", "C", "D"]
    assert running_s(back, "main", 0) == pytest.approx(300.0, abs=1e-9)


def test_the_service_runs_on_where_a_line_cannot_begin():
    lines = [bus_line("spur", "FA", [60.0], [25000.0]), bus_line("main", "AB", [300.0], [25200.0])]
    scenario = world(lines, [flow("A", "B", 25000.0, 25100.0, 5)], {"bus": BUS}, days=1, replications=1)
    graph = scenario.network.graph
    graph.remove_edge("F", "A")
    left = scenario.with_graph(graph)
    assert "line 'spur' direction 0 does not run: no way leads on from 'F'" in left.graph_changes
    assert [pattern.links for pattern in left.service.patterns] == [((0,),)]
    result = sim.run(left)
    check_invariants(result.tables, left.parameters.period_s)
    assert set(result.tables["stop_visits"].text("line_id").tolist()) == {"main"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda graph: graph.remove_node("B"), "the stop 'B' is gone"),
        (lambda graph: graph.add_edge("D", "A", running_time_s=-1.0, length_m=1.0), "running_time_s must be"),
        (lambda graph: graph.add_edge("D", "Q"), "needs length_m"),
    ],
)
def test_graphs_that_nothing_can_run_on_are_refused(change, sentence):
    scenario = town()
    graph = scenario.network.graph
    change(graph)
    with pytest.raises(NetworkError, match=sentence):
        scenario.with_graph(graph)


# --- ways -------------------------------------------------------------------------------------------------


@st.composite
def street_networks(draw):
    """Draw a small random street network without service."""
    count = draw(st.integers(3, 7))
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=2, max_size=18, unique=True))
    time_s = draw(st.lists(st.integers(1, 9), min_size=len(chosen), max_size=len(chosen)))
    ids = tuple(f"s{row}" for row in range(count))
    return Network(
        name="random",
        stop_id=ids,
        stop_name=ids,
        stop_x=np.zeros(count),
        stop_y=np.zeros(count),
        geographic=False,
        schematic=True,
        link_id=tuple(f"{a}>{b}" for a, b in chosen),
        link_from=np.array([a for a, _ in chosen]),
        link_to=np.array([b for _, b in chosen]),
        link_length_m=np.full(len(chosen), 100.0),
        link_running_time_s=np.array(time_s, dtype=np.float64),
    )


@given(street_networks(), st.data())
def test_no_other_way_over_open_links_takes_less_time(network, data):
    links = list(range(len(network.link_id)))
    closed = data.draw(st.sets(st.sampled_from(links), max_size=len(links) - 1))
    found = StreetWays(network).shortest(0, 1, closed=closed)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(network.stop_id)))
    for link in links:
        if link not in closed:
            graph.add_edge(int(network.link_from[link]), int(network.link_to[link]), link=link)
    times = [
        sum(float(network.link_running_time_s[graph.edges[pair]["link"]]) for pair in nx.utils.pairwise(nodes))
        for nodes in nx.all_simple_paths(graph, 0, 1)
    ]
    assert (found is None) == (not times)
    if found is not None:
        assert found.time_s == min(times)
        assert not closed & set(found.links)
        assert found.time_s == sum(network.link_running_time_s[list(found.links)])


def test_new_lines_are_laid_along_shortest_ways():
    scenario = town()
    row = scenario.network.stop_index
    ways = ways_along(scenario.network, [row[stop] for stop in "EBD"])
    assert [way.time_s for way in ways] == [250.0, 420.0]
    assert [way.length_m for way in ways] == [1800.0, 2500.0]
    assert ways_along(scenario.network, [row["D"], row["A"]]) == [None]


def test_a_graph_changed_and_not_handed_back_is_refused():
    scenario = town()
    scenario.network.graph.edges["A", "B"]["running_time_s"] = 1.0
    with pytest.raises(InputError, match="with_graph"):
        sim.run(scenario)
