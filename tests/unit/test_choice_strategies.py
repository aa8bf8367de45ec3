"""Optimal strategies: the published example, brute force on random networks, and riders who follow them."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations, pairwise
from typing import Any

import numpy as np
import pytest
from support.worlds import Day, Ridden, Rider, bus_line, flow, run_day, world

from sim.advisor.loop import compile_scenario
from sim.engine import Departures, draw_variates, simulate
from sim.model.scenario import Scenario
from sim.population.route_choice import chosen_journeys
from sim.randomness import Streams
from sim.routing import find_options
from sim.routing.hyperpath import HyperpathSearch
from sim.routing.patterns import pattern_offers
from sim.routing.walks import find_walks

PLAIN = {"wait_weight": 1, "transfer_penalty": 0, "in_vehicle_weight": 1}


def every(minutes: float, number: int = 60) -> list[float]:
    return [60.0 * minutes * place for place in range(number)]


def four_lines(**sections: Any) -> Scenario:
    """The example of Spiess and Florian 1989; half a headway is waited."""
    lines = [
        bus_line("L1", "AB", [1500], every(12)),
        bus_line("L2", "AXxY", [420, 180, 180], every(12)),
        bus_line("L3", "XYB", [240, 240], every(30)),
        bus_line("L4", "YyB", [300, 300], every(6)),
    ]
    given = {"preferences": PLAIN, "journeys": {"routing": "strategy"}, **sections}
    return world(lines, [flow(origin, "B", 0, 3600, 1) for origin in "AXY"], **given)


def test_the_published_numbers() -> None:
    scenario = four_lines()
    options = find_options(scenario)
    names = [scenario.network.stop_id[origin] for origin in options.pairs[:, 0]]
    found = dict(zip(names, options.cost_min.tolist(), strict=True))
    assert found == pytest.approx({"A": 27.75, "X": 19.0714, "Y": 11.5}, abs=1e-4)


def test_a_transfer_penalty_is_paid_for_transfers_only() -> None:
    """From Y nobody changes; from A, L2 with a change at Y costs more by the penalty."""
    preferences = {**PLAIN, "transfer_penalty": 60}
    options = find_options(four_lines(preferences=preferences))
    assert options.cost_min[-1] == pytest.approx(11.5)
    from_y = 11.5
    over_y = 13 + 1 + from_y
    assert options.cost_min[0] == pytest.approx(3 + (25 + over_y) / 2)


def least_times(lines: list[tuple[float, list[int], list[float]]], stops: int, goal: int, penalty: float) -> np.ndarray:
    """Return the least expected minutes from each stop by trying all sets of lines until nothing changes."""
    wait = np.full(stops, np.inf)
    for _ in range(60):
        out = wait + penalty
        out[goal] = 0.0
        new = wait.copy()
        for stop in range(stops):
            ways = []
            for headway, places, times in lines:
                for board, at in enumerate(places[:-1]):
                    if at == stop:
                        ride = np.cumsum(times[board:])
                        ways.append((1 / headway, min(ride[k] + out[places[board + 1 + k]] for k in range(len(ride)))))
            ways = [way for way in ways if np.isfinite(way[1])]
            sets = chain.from_iterable(combinations(ways, size) for size in range(1, len(ways) + 1))
            new[stop] = min(
                ((0.5 + sum(f * t for f, t in chosen)) / sum(f for f, _ in chosen) for chosen in sets), default=np.inf
            )
        if np.array_equal(new, wait):
            break
        wait = new
    return wait


@pytest.mark.parametrize("seed", range(12))
def test_strategies_on_random_networks_against_all_sets_of_lines(seed: int) -> None:
    random = np.random.default_rng(seed)
    stops, penalty = 6, float(random.choice([0.0, 3.0]))
    minutes = random.integers(1, 12, (stops, stops))
    lines = []
    for _ in range(6):
        places = random.permutation(stops)[: random.integers(2, 5)].tolist()
        times = [float(minutes[start, end]) for start, end in pairwise(places)]
        lines.append((float(random.integers(4, 30)), places, times))
    made = [
        bus_line(f"L{row}", [str(p) for p in places], [60 * t for t in times], every(headway, 5))
        for row, (headway, places, times) in enumerate(lines)
    ]
    first = made[0]["stops"]
    scenario = world(
        made, [flow(first[0], first[-1], 0, 60, 1)], preferences={**PLAIN, "transfer_penalty": 60 * penalty}
    )
    network, parameters = scenario.network, scenario.parameters
    offers = pattern_offers(network, scenario.service)
    walks = find_walks(network, parameters.journeys)
    strategies = HyperpathSearch(offers, walks, parameters.journeys, parameters.preferences, len(network.stop_id))
    for goal in network.stop_id:
        found = strategies.to(network.stop_index[goal]).waiting_s
        expected = least_times(lines, stops, int(goal), penalty)
        for stop in network.stop_id:
            if stop != goal:
                assert found[network.stop_index[stop]] / 60 == pytest.approx(expected[int(stop)]), (stop, goal)


def test_the_next_leg_is_decided_where_the_rider_gets_out() -> None:
    """Two vehicles of a line are known: L1 at 600 is at B at 2100, L2 at 960 with L3 from X at 2040."""
    lines = [
        bus_line("L1", "AB", [1500], [600, 1320]),
        bus_line("L2", "AXxY", [420, 180, 180], [960, 1680]),
        bus_line("L3", "XYB", [240, 240], [1560, 3360]),
        bus_line("L4", "YyB", [300, 300], [1860, 2220]),
    ]
    scenario = world(lines, [], preferences=PLAIN, journeys={"routing": "strategy"})
    day = run_day(scenario, [Rider(500, "A", "B"), Rider(700, "A", "B"), Rider(1400, "A", "B")])
    assert day.rider(0).trips == ["L2-0001", "L3-0001"]
    assert day.rider(1).trips == ["L2-0001", "L3-0001"]
    assert day.rider(1).arrival_s == 1560 + 480
    assert day.rider(2).trips[0] == "L2-0002"
    assert day.rider(1).transfers == 1
    assert {rider.outcome for rider in day.riders} <= {"arrived", "no_service"}


def rides_to_g(line: dict[str, Any], places: dict[str, float], **preferences: float) -> Ridden:
    """Return the rider who leaves A at 300 for G, which no line serves; another line that is no use comes first."""
    lines = [bus_line("K", "XY", [600], every(10)), line]
    stops = [{"id": name, "x": x, "y": 0} for name, x in {**places, "X": 90_000, "Y": 95_000}.items()]
    journeys = {"routing": "strategy", "longest_walk": 150, "walk_detour": 1, "walk_speed": 1}
    given = {"network": {"lines": lines, "stops": stops}, "preferences": {**PLAIN, **preferences}}
    scenario = world(lines, [], journeys=journeys, **given)
    demand = world(lines, [flow("A", "B", 0, 60, 1)]).demand
    ends = (np.array([scenario.network.stop_index[name]]) for name in "AG")
    scenario = replace(scenario, demand=replace(demand, **dict(zip(("origin", "destination"), ends, strict=True))))
    compiled = compile_scenario(scenario)
    chance = draw_variates(compiled.engine_input, Streams(1, 0), 0)
    journeys_ = chosen_journeys(compiled.options, np.array([0]))
    departures = Departures(np.array([300.0]), journeys_)
    return Day(compiled, simulate(compiled.engine_input, departures, chance), chance).rider(0)


def test_a_strategy_ends_with_a_walk() -> None:
    rider = rides_to_g(bus_line("L", "AB", [600], every(10)), {"A": 0, "B": 5000, "G": 5100})
    assert (rider.outcome, rider.walk_s, rider.arrival_s) == ("arrived", 100.0, 1300.0)


@pytest.mark.parametrize(("ride_s", "walk_s"), [(59, 60), (60, 120), (61, 120)])
def test_people_get_out_at_the_first_of_two_stops_that_cost_the_same(ride_s: float, walk_s: float) -> None:
    """From B, 120 s on foot; or on to C, from where it is 60 s."""
    line = bus_line("L", "ABC", [600, ride_s], every(10))
    rider = rides_to_g(line, {"A": 0, "B": 5000, "G": 5120, "C": 5180}, walk_weight=1)
    assert (rider.outcome, rider.walk_s) == ("arrived", walk_s)
