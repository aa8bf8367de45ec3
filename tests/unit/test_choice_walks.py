"""Walks at the ends of journeys and between vehicles, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.worlds import Rider, bus_line, flow, run_day, world

from sim.model.network import FootPaths
from sim.model.scenario import Scenario
from sim.routing import find_options
from sim.routing.walks import find_walks

EVERY_10_MIN = [600.0 * number for number in range(12)]
PLACES = {"O": (0, 300), "A": (0, 0), "B": (5000, 0), "P": (5000, 120), "C": (9000, 0), "D": (9000, 400)}
JOURNEYS = {"longest_walk": 200, "walk_detour": 1, "walk_speed": 1}
WEIGHTS = {"wait_weight": 2, "walk_weight": 3, "transfer_penalty": 300, "in_vehicle_weight": 1}


def two_lines(pair: str, **sections: Any) -> Scenario:
    """A line from A to B, one from P, 120 m from B, to C; O lies 300 m from A, D 400 m from C."""
    lines = [bus_line("L", "AB", [600], EVERY_10_MIN), bus_line("M", "PC", [300], EVERY_10_MIN)]
    stops = [{"id": name, "x": x, "y": y} for name, (x, y) in PLACES.items()]
    given = {"journeys": JOURNEYS, "preferences": WEIGHTS, **sections}
    scenario = world(lines, [flow("A", "C", 0, 3600, 1)], network={"lines": lines, "stops": stops}, **given)
    pairs = [scenario.network.stop_index[name] for name in pair]
    demand = replace(scenario.demand, origin=np.array(pairs[:1]), destination=np.array(pairs[1:]))
    return replace(scenario, demand=demand)


def the_option(scenario: Scenario) -> tuple[float, list[float], float]:
    options = find_options(scenario)
    assert len(options.cost_min) == 1
    return float(options.cost_min[0]), options.walk_before_s.tolist(), float(options.egress_walk_s[0])


def test_people_walk_between_two_vehicles() -> None:
    cost_min, walks_s, egress_s = the_option(two_lines("AC"))
    assert walks_s == [0.0, 120.0]
    assert egress_s == 0.0
    assert cost_min == pytest.approx((2 * (300 + 300) + 600 + 300 + 300 + 3 * 120) / 60)


def test_people_walk_at_both_ends() -> None:
    scenario = two_lines("OD", journeys={**JOURNEYS, "longest_walk": 400})
    cost_min, walks_s, egress_s = the_option(scenario)
    assert walks_s == [300.0, 120.0]
    assert egress_s == 400.0
    assert cost_min == pytest.approx((2 * 600 + 900 + 300 + 3 * (300 + 120 + 400)) / 60)


@pytest.mark.parametrize(
    ("journeys", "found"),
    [
        ({}, True),
        ({"longest_walk": 119}, False),
        ({"longest_walk": 120}, True),
        ({"longest_walk": 120, "walk_detour": 1.01}, False),
        ({"longest_walk": 0}, False),
    ],
)
def test_longest_walk_counts_the_detour(journeys: dict[str, float], found: bool) -> None:
    options = find_options(two_lines("AC", journeys={**JOURNEYS, **journeys}))
    assert (len(options.cost_min) > 0) == found


def test_walks_take_their_length_at_the_speed_of_walking() -> None:
    _, walks_s, _ = the_option(two_lines("AC", journeys={**JOURNEYS, "walk_detour": 1.5, "walk_speed": "3.6 km/h"}))
    assert walks_s == [0.0, pytest.approx(180.0)]


def test_nobody_walks_over_a_schematic_network() -> None:
    scenario = two_lines("AC")
    drawn = replace(scenario, network=replace(scenario.network, schematic=True))
    assert len(find_options(drawn).cost_min) == 0


def with_foot(
    scenario: Scenario, links: list[tuple[str, str, float]], transfers: list[tuple[str, str, float]]
) -> Scenario:
    index = scenario.network.stop_index

    def rows(pairs: list[tuple[str, str, float]], place: int) -> np.ndarray:
        return np.array([index[pair[place]] for pair in pairs], dtype=np.int64)

    foot = FootPaths(
        rows(links, 0),
        rows(links, 1),
        np.array([length for *_, length in links]),
        rows(transfers, 0),
        rows(transfers, 1),
        np.array([time for *_, time in transfers]),
    )
    return replace(scenario, network=replace(scenario.network, foot=foot))


def test_walk_links_go_before_straight_lines_and_are_walked_both_ways() -> None:
    scenario = with_foot(two_lines("AC"), [("O", "B", 80.0), ("P", "O", 90.0)], [])
    _, walks_s, _ = the_option(scenario)
    assert walks_s == [0.0, 170.0]


def test_transfers_of_a_feed_go_before_walks() -> None:
    assert the_option(with_foot(two_lines("AC"), [], [("B", "P", 500.0)]))[1] == [0.0, 500.0]
    assert the_option(with_foot(two_lines("AC"), [], [("B", "P", np.nan)]))[1] == [0.0, 120.0]
    forbidden = with_foot(two_lines("AC"), [], [("B", "P", np.inf)])
    assert len(find_options(forbidden).cost_min) == 0


def test_a_feed_prolongs_the_transfer_at_a_stop() -> None:
    scenario = with_foot(
        two_lines("AC", journeys={**JOURNEYS, "transfer_walk": 60}), [], [("B", "B", 180.0), ("P", "P", 30.0)]
    )
    walks = find_walks(scenario.network, scenario.parameters.journeys).transfers
    index = scenario.network.stop_index
    own = {
        int(stop): time for stop, goal, time in zip(walks.start, walks.goal, walks.walk_s, strict=True) if stop == goal
    }
    assert own[index["B"]] == 180.0
    assert own[index["P"]] == 60.0


def test_great_circles_between_degrees() -> None:
    """One minute of latitude is a nautical mile, 1853 m on the mean sphere."""
    scenario = two_lines("AC", journeys={**JOURNEYS, "longest_walk": 1900})
    north = replace(
        scenario.network,
        geographic=True,
        stop_x=np.array([20.0, 20.0, 21.0, 22.0, 23.0, 24.0]),
        stop_y=np.array([50.0, 50.0 + 1 / 60, 50.0, 50.0, 50.0, 50.0]),
    )
    walks = find_walks(north, scenario.parameters.journeys).ends
    times = walks.walk_s[walks.start != walks.goal]
    assert times == pytest.approx([1853.25, 1853.25], abs=0.1)


def test_a_rider_walks_and_waits_and_rides() -> None:
    """Leaves at 100, rides 600 to 1200, is at P at 1320 and takes the vehicle of 1800."""
    day = run_day(two_lines("AC"), [Rider(100, "A", "C")])
    rider = day.rider(0)
    assert (rider.wait_s, rider.walk_s, rider.in_vehicle_s, rider.arrival_s) == (500 + 480, 120, 900, 2100)


def test_a_rider_arrives_after_the_walk_from_the_last_stop() -> None:
    """At A after 300 s on foot, in B at 1200; the next vehicle from P, 120 s away, goes at 1800; D is 400 s from C."""
    lines = [bus_line("L", "AB", [600], EVERY_10_MIN), bus_line("M", "PC", [300], EVERY_10_MIN)]
    # Riders set out only at stops that a line serves; these two lead nowhere.
    lines += [bus_line("N", "ZO", [60], EVERY_10_MIN), bus_line("K", "DZ", [60], EVERY_10_MIN)]
    places = {**PLACES, "Z": (90_000, 90_000)}
    network = {"lines": lines, "stops": [{"id": name, "x": x, "y": y} for name, (x, y) in places.items()]}
    journeys = {**JOURNEYS, "longest_walk": 400}
    rider = run_day(world(lines, network=network, journeys=journeys), [Rider(100, "O", "D")]).rider(0)
    assert (rider.walk_s, rider.alight_s, rider.arrival_s) == (820, [1200, 2100], 2500)
