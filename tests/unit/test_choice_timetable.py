"""Journeys by the timetable: by hand, against a plain search on random networks, and as ridden."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from support.plain_routing import earliest_by_transfers
from support.worlds import Day, bus_line, flow, world

import sim
from sim.advisor.loop import compile_scenario
from sim.engine import Departures, draw_variates, simulate
from sim.population.route_choice import chosen_journeys, pair_rows
from sim.randomness import Streams
from sim.routing import find_options
from sim.routing.hourly_options import demanded
from sim.routing.walks import find_walks

BY_TIMETABLE = {"routing": "timetable", "departure_period": 600, "choice": "logit"}
LINES = [
    bus_line("D", "AxC", [900, 900], [1000, 4600]),
    bus_line("L", "AB", [300], [400, 1300, 2200, 4000]),
    bus_line("M", "BC", [300], [800, 1500, 4400]),
]


def test_options_by_hand() -> None:
    """At 300: D arrives at 2800; L at 400 and M at 800 at 1100. At 900: D at 2800; L 1300 misses M of 1500."""
    scenario = world(LINES, [flow("A", "C", 0, 1200, 2)], journeys=BY_TIMETABLE)
    options = find_options(scenario)
    assert options.period.tolist() == [0, 1]
    assert np.diff(options.option_ptr).tolist() == [2, 1]
    weights = scenario.parameters.preferences
    # Waits for vehicles whose time is known count as time on board.
    direct = 700 + 1800
    changed = 100 + 100 + 600 + weights.transfer_penalty_s
    later = 100 + 1800
    assert options.cost_min == pytest.approx(np.array([direct, changed, later]) / 60)


def test_commuters_take_the_options_of_their_period() -> None:
    scenario = world(LINES, [flow("A", "C", 0, 1200, 2)], journeys=BY_TIMETABLE)
    options = find_options(scenario)
    pair = [scenario.network.stop_index[name] for name in "AC"]
    ends = [np.full(5, stop) for stop in pair]
    rows = pair_rows(options, ends[0], ends[1], np.array([0.0, 599.9, 600.0, 1199.0, 1200.0]))
    assert rows.tolist() == [0, 0, 1, 1, 1]


def test_periods_with_demand() -> None:
    scenario = world(LINES, [flow("A", "C", 300, 1200, 2), flow("A", "B", 1200, 1200, 1)])
    names = scenario.network.stop_id
    found = [(names[start] + names[end], period) for start, end, period in demanded(scenario.demand, 600).tolist()]
    assert sorted(found) == [("AB", 2), ("AC", 0), ("AC", 1)]


@pytest.mark.parametrize("seed", range(10))
def test_earliest_arrivals_on_random_networks_against_a_plain_search(seed: int) -> None:
    random = np.random.default_rng(seed)
    letters = "ABCDEFG"
    minutes = random.integers(1, 15, (7, 7))
    lines = []
    for row in range(6):
        places = random.permutation(7)[: random.integers(2, 6)].tolist()
        times = [60.0 * minutes[a, b] for a, b in pairwise(places)]
        departures = np.sort(random.choice(120, 6, replace=False) * 60.0).tolist()
        lines.append(bus_line(f"L{row}", [letters[place] for place in places], times, departures))
    stops = [
        {"id": name, "x": float(x), "y": float(y)}
        for name, (x, y) in zip(letters, random.uniform(0, 900, (7, 2)), strict=True)
    ]
    served = sorted({name for line in lines for name in line["stops"]})
    flows = [
        flow(a, b, leave_s - 30, leave_s + 30, 1)
        for a in served
        for b in served
        for leave_s in (90.0, 1830.0, 4050.0)
        if a != b
    ]
    scenario = world(
        lines,
        flows,
        network={"lines": lines, "stops": stops},
        preferences={"wait_weight": 1, "in_vehicle_weight": 1, "walk_weight": 1, "transfer_penalty": 0},
        journeys={
            **BY_TIMETABLE,
            "departure_period": 60,
            "longest_walk": 500,
            "transfer_walk": 60,
            "walk_all_the_way": False,
        },
    )
    walks = find_walks(scenario.network, scenario.parameters.journeys)
    ends_s, changes_s = (
        dict(zip(zip(table.start.tolist(), table.goal.tolist(), strict=True), table.walk_s.tolist(), strict=True))
        for table in (walks.ends, walks.transfers)
    )
    options = find_options(scenario)
    assert len(options.pairs) > 50
    for row, (origin, goal) in enumerate(options.pairs.tolist()):
        period = options.period[row] if row and (options.pairs[row - 1] == options.pairs[row]).all() else None
        leave_s = 90.0 if period is None else 60.0 * period + 30.0
        plain = earliest_by_transfers(scenario.service, ends_s, changes_s, origin, leave_s, 2)
        expected = []
        for by_round in plain:
            arrival_s = by_round.get(goal, np.inf)
            if arrival_s < (expected[-1] if expected else np.inf) - 1e-6:
                expected.append(arrival_s)
        mine = slice(*options.option_ptr[row : row + 2].tolist())
        assert (leave_s + 60.0 * options.cost_min[mine]).tolist() == pytest.approx(expected)


def test_punctual_vehicles_bring_riders_when_the_timetable_says() -> None:
    scenario = world(LINES, [flow("A", "C", 0, 1200, 1)], journeys=BY_TIMETABLE, preferences={"transfer_penalty": 0})
    compiled = compile_scenario(scenario)
    chance = draw_variates(compiled.engine_input, Streams(1, 0), 0)
    journeys = chosen_journeys(compiled.options, np.array([0, 1, 2]))
    records = simulate(compiled.engine_input, Departures(np.array([300.0, 300.0, 900.0]), journeys), chance)
    day = Day(compiled, records, chance)
    assert [rider.arrival_s for rider in day.riders] == [2800, 1100, 2800]
    assert day.rider(1).trips == ["L-0001", "M-0001"]


@pytest.mark.parametrize("on_denied", ["wait", "reconsider"])
def test_a_run_by_the_timetable(on_denied: str) -> None:
    vehicles = {"bus": {"seats": 2, "capacity": 6, "dwell_rule": "constant", "dead_time": 0}}
    scenario = world(
        LINES,
        [flow("A", "C", 0, 1200, 20)],
        vehicles=vehicles,
        journeys={**BY_TIMETABLE, "choice": "path_size_logit"},
        behaviour={"on_denied": on_denied},
    )
    journeys = sim.run(scenario).tables["journeys"]
    assert len(journeys) == 20
    assert (journeys["denied_boardings"] > 0).any()
    assert (journeys["least_cost_min"] <= journeys["generalized_cost_min"] + 1e-9).all()


def test_advice_knows_the_options_before_the_time_of_arrival() -> None:
    scenario = world(LINES, [flow("A", "C", 0, 1200, 4)], journeys=BY_TIMETABLE)
    advised = sim.advise(scenario, "A", "C", 3000.0)
    assert advised
