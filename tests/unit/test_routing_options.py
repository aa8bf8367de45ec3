"""Journey options against brute force: all sets of lines, all paths through a graph laid out by number of rides."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.worlds import bus_line, flow, world

from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.routing import find_options
from sim.routing.service_levels import is_constant


@dataclass(frozen=True)
class Option:
    """A journey option by names: stops of boarding and alighting, lines of each leg, cost in minutes."""

    stops: tuple[str, ...]
    lines: tuple[frozenset[str], ...]
    cost_min: float


def options_of(scenario: Scenario, options: JourneyOptions, origin: str, destination: str) -> list[Option]:
    network, service, legs = scenario.network, scenario.service, options.legs
    pair = [network.stop_index[origin], network.stop_index[destination]]
    (row,) = np.flatnonzero((options.pairs == pair).all(axis=1))
    found = []
    for option in range(options.option_ptr[row], options.option_ptr[row + 1]):
        rows = options.leg[options.leg_ptr[option] : options.leg_ptr[option + 1]]
        stops = [network.stop_id[legs.board_stop[rows[0]]], *(network.stop_id[legs.alight_stop[leg]] for leg in rows)]
        lines = []
        for leg in rows:
            rides = range(legs.set_ptr[leg], legs.set_ptr[leg + 1])
            for ride in rides:
                pattern = service.patterns[legs.pattern[ride]]
                assert pattern.stops[legs.board_sequence[ride]] == legs.board_stop[leg]
                assert pattern.stops[legs.alight_sequence[ride]] == legs.alight_stop[leg]
                assert legs.board_sequence[ride] < legs.alight_sequence[ride]
            lines.append(frozenset(service.lines[service.patterns[legs.pattern[ride]].line].line_id for ride in rides))
        found.append(Option(tuple(stops), tuple(lines), float(options.cost_min[option])))
    return found


DRAWN = {"choice": "logit"}
"""Where journeys are drawn, all over named stops are offered; service that is the same all day has one set for all."""


def routed(lines: list[dict[str, Any]], *pairs: str, **sections: Any) -> list[list[Option]]:
    sections["journeys"] = {**DRAWN, **sections.get("journeys", {})}
    scenario = world(lines, [flow(pair[0], pair[1], 0, 86400, 1) for pair in pairs], **sections)
    options = find_options(scenario)
    return [options_of(scenario, options, *pair) for pair in pairs]


def every(headway_s: float) -> list[float]:
    """Return departures over the same hours whatever the headway, so that the sets of the whole day hold."""
    return [number * headway_s for number in range(int(12000 // headway_s) + 1)]


# --- by hand ----------------------------------------------------------------------------------------------

WEIGHTS = {"wait_weight": 2, "in_vehicle_weight": 1, "walk_weight": 3, "transfer_penalty": 300}


def test_direct_journey_costs_half_a_headway_and_the_ride() -> None:
    (found,) = routed([bus_line("L", "ABC", [120, 180], every(600))], "AC", preferences=WEIGHTS)
    assert found == [Option(("A", "C"), (frozenset("L"),), (2 * 300 + 300) / 60)]


def test_share_of_the_headway_that_is_waited_counts() -> None:
    line = bus_line("L", "ABC", [120, 180], every(600))
    (found,) = routed([line], "AC", preferences=WEIGHTS, journeys={"headway_wait_share": 1})
    assert found[0].cost_min == (2 * 600 + 300) / 60


def test_transfer_costs_both_waits_the_walk_and_the_penalty() -> None:
    lines = [bus_line("L", "AB", [120], every(600)), bus_line("M", "BC", [180], every(1200))]
    (found,) = routed(lines, "AC", preferences=WEIGHTS, journeys={"transfer_walk": 60})
    cost_s = 2 * (300 + 600) + 300 + 300 + 3 * 60
    assert found == [Option(("A", "B", "C"), (frozenset("L"), frozenset("M")), cost_s / 60)]


def test_common_lines_are_waited_for_together() -> None:
    """Joint headway 400 s; rides 300 s twice as often as 360 s."""
    lines = [bus_line("L", "AC", [300], every(600)), bus_line("M", "ABC", [180, 180], every(1200))]
    (found,) = routed(lines, "AC", preferences=WEIGHTS)
    (option,) = found
    assert option.lines == (frozenset("LM"),)
    assert option.cost_min == pytest.approx((2 * 200 + 320) / 60)


def test_line_that_is_slower_than_waiting_for_the_fast_one_is_left_out() -> None:
    """L alone costs 2 * 300 + 300 = 900; a ride of 900 s is not worth boarding, one of 899 s is."""
    for ride_s, expected in ((900, "L"), (899, "LM")):
        lines = [bus_line("L", "AC", [300], every(600)), bus_line("M", "ABC", [ride_s - 180, 180], every(1200))]
        (found,) = routed(lines, "AC", preferences=WEIGHTS)
        assert found[0].lines == (frozenset(expected),)


def test_ties_go_to_fewer_transfers() -> None:
    lines = [bus_line("D", "AC", [120], every(600)), bus_line("L", "AB", [60], every(600))]
    lines.append(bus_line("M", "BC", [60], every(600)))
    free = {"wait_weight": 0, "walk_weight": 0, "transfer_penalty": 0}
    (found,) = routed(lines, "AC", preferences=free)
    assert [option.stops for option in found] == [("A", "C")]


def test_cheaper_journey_with_a_transfer_is_a_second_option() -> None:
    lines = [bus_line("D", "AC", [4000], every(600)), bus_line("L", "AB", [60], every(600))]
    lines.append(bus_line("M", "BC", [60], every(600)))
    (found,) = routed(lines, "AC", preferences=WEIGHTS)
    assert [option.stops for option in found] == [("A", "C"), ("A", "B", "C")]
    assert found[1].cost_min < found[0].cost_min


@pytest.mark.parametrize(("max_transfers", "expected"), [(0, 0), (1, 0), (2, 1), (3, 1)])
def test_transfers_are_limited(max_transfers: int, expected: int) -> None:
    lines = [bus_line(pair, pair, [60], every(600)) for pair in ("AB", "BC", "CD")]
    (found,) = routed(lines, "AD", journeys={"max_transfers": max_transfers})
    assert len(found) == expected


def test_nobody_rides_backwards() -> None:
    (found,) = routed([bus_line("L", "ABC", [60, 60], every(600))], "CA")
    assert found == []


def test_loop_is_ridden_the_shortest_way() -> None:
    """Stop B is passed twice: from B to C it is the first time, from C to B the second."""
    lines = [bus_line("L", "ABCBD", [60, 70, 80, 90], every(600))]
    towards, back, through = routed(lines, "BC", "CB", "AD", preferences={**WEIGHTS, "wait_weight": 0})
    assert [found[0].cost_min * 60 for found in (towards, back, through)] == pytest.approx([70, 80, 300])
    (short,) = routed(lines, "BD", preferences={**WEIGHTS, "wait_weight": 0})
    assert short[0].cost_min * 60 == pytest.approx(90)


# --- against brute force ----------------------------------------------------------------------------------

STOPS = "ABCDEF"


@st.composite
def small_networks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two to five lines over up to six stops; a link takes the same time for all of them."""
    times = {
        pair: 10.0 * draw(st.integers(1, 60))
        for pair in ((start, end) for start in STOPS for end in STOPS if start != end)
    }
    lines = []
    for number in range(draw(st.integers(2, 5))):
        stops = draw(st.lists(st.sampled_from(STOPS), min_size=2, max_size=5, unique=True))
        headway_s = 60.0 * draw(st.integers(1, 40))
        lines.append(bus_line(f"L{number}", stops, [times[pair] for pair in pairwise(stops)], every(headway_s)))
    return lines


@st.composite
def weights(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    preferences = {
        "wait_weight": draw(st.sampled_from([0, 1, 1.7, 3])),
        "in_vehicle_weight": draw(st.sampled_from([0.5, 1, 2])),
        "walk_weight": draw(st.sampled_from([0, 2])),
        "transfer_penalty": draw(st.sampled_from([0, 60, 300])),
    }
    journeys = {
        "max_transfers": draw(st.integers(0, 3)),
        "transfer_walk": draw(st.sampled_from([0, 45])),
        "headway_wait_share": draw(st.sampled_from([0.5, 1])),
    }
    return preferences, journeys


def cost_of_set(rides: tuple[tuple[str, float, float], ...], preferences: Any, journeys: Any) -> float:
    frequency = sum(1 / headway_s for _, _, headway_s in rides)
    ride_s = sum(ride_s / headway_s for _, ride_s, headway_s in rides) / frequency
    wait_s = journeys["headway_wait_share"] / frequency
    return float(preferences["wait_weight"] * wait_s + preferences["in_vehicle_weight"] * ride_s)


def direct_cost(lines: list[dict[str, Any]], origin: str, destination: str, preferences: Any, journeys: Any) -> float:
    """Return the cost of the best of all sets of lines, by trying all of them."""
    rides = []
    for line in lines:
        stops = line["stops"]
        if origin in stops and destination in stops[stops.index(origin) + 1 :]:
            ride_s = sum(line["running_times"][stops.index(origin) : stops.index(destination)])
            rides.append((line["id"], ride_s, line["departures"][1] - line["departures"][0]))
    sets = [chosen for size in range(1, len(rides) + 1) for chosen in combinations(rides, size)]
    return min((cost_of_set(chosen, preferences, journeys) for chosen in sets), default=np.inf)


def layered_graph(lines: list[dict[str, Any]], preferences: Any, journeys: Any) -> nx.DiGraph[Any]:
    """Return the graph of (stop, rides so far)."""
    transfer_s = preferences["transfer_penalty"] + preferences["walk_weight"] * journeys["transfer_walk"]
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from((stop, rides) for stop in STOPS for rides in range(journeys["max_transfers"] + 2))
    for start in STOPS:
        for end in STOPS:
            cost_s = direct_cost(lines, start, end, preferences, journeys) if start != end else np.inf
            if np.isfinite(cost_s):
                for rides in range(journeys["max_transfers"] + 1):
                    extra = transfer_s if rides else 0.0
                    graph.add_edge((start, rides), (end, rides + 1), weight=cost_s + extra)
    return graph


@given(small_networks(), weights())
def test_options_are_the_shortest_paths_by_number_of_transfers(
    lines: list[dict[str, Any]], chosen: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    preferences, journeys = chosen
    used = [stop for stop in STOPS if any(stop in line["stops"] for line in lines)]
    flows = [flow(start, end, 0, 1, 1) for start in used for end in used if start != end]
    scenario = world(lines, flows, preferences=preferences, journeys={**DRAWN, **journeys})
    assume(is_constant(scenario.service, scenario.parameters.journeys.known_above_s))
    options = find_options(scenario)
    graph = layered_graph(lines, preferences, journeys)
    for start in used:
        lengths = nx.single_source_dijkstra_path_length(graph, (start, 0))
        for end in used:
            if start == end:
                continue
            expected, least = [], np.inf
            for rides in range(1, journeys["max_transfers"] + 2):
                cost_s = lengths.get((end, rides), np.inf)
                if cost_s < least - 1e-6:
                    least = cost_s
                    expected.append((rides, cost_s / 60))
            found = options_of(scenario, options, start, end)
            assert [len(option.lines) for option in found] == [rides for rides, _ in expected]
            assert [option.cost_min for option in found] == pytest.approx([cost for _, cost in expected])
            assert all((option.stops[0], option.stops[-1]) == (start, end) for option in found)


@given(small_networks(), weights())
def test_attractive_set_is_the_best_of_all_sets(
    lines: list[dict[str, Any]], chosen: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    preferences, journeys = chosen
    journeys = {**DRAWN, **journeys, "max_transfers": 0}
    used = [stop for stop in STOPS if any(stop in line["stops"] for line in lines)]
    pairs = [(start, end) for start in used for end in used if start != end]
    scenario = world(
        lines, [flow(pair[0], pair[1], 0, 1, 1) for pair in pairs], preferences=preferences, journeys=journeys
    )
    assume(is_constant(scenario.service, scenario.parameters.journeys.known_above_s))
    options = find_options(scenario)
    by_id = {line["id"]: line for line in lines}
    for pair in pairs:
        for option in options_of(scenario, options, *pair):
            mine = [by_id[line] for line in sorted(option.lines[0])]
            assert direct_cost(mine, *pair, preferences, journeys) / 60 == pytest.approx(option.cost_min)
            assert direct_cost(lines, *pair, preferences, journeys) / 60 == pytest.approx(option.cost_min)


def test_expected_wait_and_ride_of_a_leg_are_kept() -> None:
    lines = [bus_line("L", "AC", [300], every(600)), bus_line("M", "ABC", [180, 180], every(1200))]
    scenario = world(lines, [flow("A", "C", 0, 1, 1)], preferences=WEIGHTS, journeys=DRAWN)
    legs = find_options(scenario).legs
    assert (legs.wait_s.tolist(), legs.ride_s.tolist(), legs.free_ride_s.tolist()) == ([200], [320], [300])


def test_pairs_are_those_with_demand_and_sorted() -> None:
    line = bus_line("L", "ABCD", [60, 60, 60], every(600))
    scenario = world([line], [flow("B", "D", 0, 1, 1), flow("A", "C", 0, 1, 2), flow("A", "D", 0, 1, 0)])
    options = find_options(scenario)
    assert options.pairs.tolist() == [[0, 2], [1, 3]]
