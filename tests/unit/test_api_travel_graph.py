"""A run as a graph of travel times: waits as experienced, rides with crowding, walks, and what NetworkX makes of it."""

from __future__ import annotations

import networkx as nx
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.errors import InputError

BUS = {"seats": 10, "capacity": 20, "dwell_rule": "constant", "dead_time": 30}


def result_of(**sections):
    lines = [
        bus_line("main", "ABC", [300.0, 240.0], [25200.0 + 600.0 * trip for trip in range(6)]),
        bus_line("rare", "CD", [120.0], [25200.0, 27000.0]),
    ]
    # Each comes 200 s before a vehicle of the main line.
    flows = [flow("A", "C", 25600.0, 25600.0, 20, "even"), flow("A", "C", 26200.0, 26200.0, 10, "even")]
    return sim.run(world(lines, flows, {"bus": BUS}, days=1, replications=1, **sections))


def test_waits_are_those_experienced_and_rides_those_of_vehicles():
    result = result_of()
    graph = sim.travel_time_graph(result, "7:00", "8:00")
    assert graph.edges["A", "main/0 at A"]["time_s"] == 200.0
    assert graph.edges["A", "main/0 at A"]["cost_s"] == 200.0 * result.scenario.parameters.preferences.wait_weight
    # From arrival to arrival: with the dwell of 30 s.
    assert graph.edges["main/0 at B", "main/0 at C"]["time_s"] == 270.0
    # Nobody boarded at B: half of even headways. The rare line has one headway of half an hour.
    assert graph.edges["B", "main/0 at B"]["time_s"] == 300.0
    assert graph.edges["C", "rare/0 at C"]["time_s"] == 900.0
    times = nx.single_source_dijkstra_path_length(graph, "A", weight="time_s")
    assert times["C"] == 200.0 + 330.0 + 270.0
    assert times["D"] == times["C"] + 900.0 + 150.0
    assert "A" not in nx.descendants(graph, "C")


def test_crowded_rides_cost_more_and_take_as_long():
    ride = ("main/0 at A", "main/0 at B")
    full, empty = (
        sim.travel_time_graph(result_of(), *span).edges[ride] for span in (("7:05", "7:15"), ("7:25", "7:35"))
    )
    assert full["time_s"] == empty["time_s"] == empty["cost_s"] == 330.0
    assert full["cost_s"] == pytest.approx(330.0 * 1.4)


def test_closed_stops_are_not_served_and_walks_lead_between_stops():
    closed = {"closed_stops": [{"stop": "B", "start": "6:00", "end": "9:00"}]}
    scenario = result_of(disruptions=closed, journeys={"longest_walk": "500 m"}).scenario
    streets = scenario.network.graph
    streets.add_edge("B", "D", length_m=300.0, uses="walk")
    graph = sim.travel_time_graph(sim.run(scenario.with_graph(streets)), "7:00", "8:00")
    assert not graph.has_edge("main/0 at A", "main/0 at B")
    assert graph.has_edge("main/0 at A", "main/0 at C")
    walks = {(a, b): data["time_s"] for a, b, data in graph.edges(data=True) if data["kind"] == "walk"}
    walk_s = 300.0 / scenario.parameters.journeys.walk_speed_m_per_s
    assert walks == {("B", "D"): pytest.approx(walk_s), ("D", "B"): pytest.approx(walk_s)}


def test_what_was_not_run_is_told():
    result = result_of()
    with pytest.raises(InputError, match="must be after start"):
        sim.travel_time_graph(result, "8:00", "7:00")
    with pytest.raises(InputError, match="must be one of those that were run: none; found 'individual'"):
        sim.travel_time_graph(result, "7:00", "8:00", strategy="individual")
