"""Generalized cost: by hand, and summed up hop by hop from the tables of a run."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.random_worlds import random_worlds
from support.tables import rows_of
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.model.parameters import CrowdingParameters, PreferenceParameters
from sim.model.scenario import Scenario
from sim.population.crowding import crowding_multiplier, crowding_slope

DEFAULT = CrowdingParameters()


@pytest.mark.parametrize(
    ("load_factor", "expected"), [(0, 1), (0.33, 1), (0.665, 1.2), (1, 1.4), (1.335, 1.6), (0.1, 1)]
)
def test_default_table_on_paper(load_factor: float, expected: float) -> None:
    assert crowding_multiplier(DEFAULT, np.array([load_factor])) == pytest.approx([expected])


@pytest.mark.parametrize(("kind", "expected"), [("none", [1, 1, 1]), ("linear", [1, 1.15, 1.3])])
def test_other_kinds_on_paper(kind: Any, expected: list[float]) -> None:
    parameters = CrowdingParameters(kind=kind, slope=0.3)
    assert crowding_multiplier(parameters, np.array([0, 0.5, 1])) == pytest.approx(expected)


tables = st.lists(
    st.tuples(st.integers(0, 30), st.integers(10, 40)), min_size=2, max_size=6, unique_by=lambda point: point[0]
).map(lambda points: tuple((x / 20, y / 10) for x, y in sorted(points)))
# A table that falls at its end is refused where the multiplier would be below 1 at full load.
tables = tables.filter(lambda points: points[-1][1] >= points[-2][1])


@given(tables, st.floats(0, 2))
def test_slope_is_the_growth_of_the_multiplier_to_the_right(
    table: tuple[tuple[float, float], ...], load_factor: float
) -> None:
    parameters = CrowdingParameters(kind="table", table=table)
    points = [x for x, _ in table]
    # Far enough from the next point that the step does not cross it.
    if any(0 < x - load_factor < 1e-5 for x in points):
        return
    step = 1e-6
    at = np.array([load_factor, load_factor + step])
    growth = np.diff(crowding_multiplier(parameters, at))[0] / step
    assert crowding_slope(parameters, at[:1])[0] == pytest.approx(growth, abs=1e-4)


def test_slope_of_the_other_kinds() -> None:
    at = np.array([0.2, 1.2])
    assert crowding_slope(CrowdingParameters(kind="linear", slope=0.7), at).tolist() == [0.7, 0.7]
    assert crowding_slope(CrowdingParameters(kind="none"), at).tolist() == [0, 0]


# --- by hand ----------------------------------------------------------------------------------------------

WEIGHTS = {
    "in_vehicle_weight": 2,
    "walk_weight": 3,
    "wait_weight": 5,
    "transfer_penalty": 60,
    "early_penalty": 0.5,
    "late_penalty": 4,
    "late_fixed_penalty": 120,
    "unserved_penalty": 6000,
    "crowding": {"kind": "linear", "slope": 1},
}


def costs(lines: list[dict[str, Any]], flows: list[dict[str, Any]], **sections: Any) -> list[dict[str, Any]]:
    scenario = world(lines, flows, preferences=WEIGHTS, days=1, days_kept=1, **sections)
    return rows_of(sim.run(scenario).tables["journeys"])


@pytest.mark.parametrize(
    ("preferred_s", "schedule_s"), [(660, 0), (860, 0.5 * 200), (560, 4 * 100 + 120), (659.5, 4 * 0.5 + 120)]
)
def test_cost_of_one_commuter(preferred_s: float, schedule_s: float) -> None:
    """100 s of waiting at weight 5; 60 s on board at weight 2 and a load factor of 1/20."""
    (row,) = costs([bus_line("L", "AB", [60], [600])], [flow("A", "B", 500, 500, 1, preferred_arrival=preferred_s)])
    expected_s = 100 * 5 + 60 * 2 * (1 + 1 / 20) + schedule_s
    assert row["generalized_cost_min"] == pytest.approx(expected_s / 60)
    assert row["schedule_delay_early_s"] == max(preferred_s - 660, 0)
    assert row["schedule_delay_late_s"] == max(660 - preferred_s, 0)


def test_cost_of_a_transfer() -> None:
    """Waits of 100 s and 20 s, 20 s of walk, two rides of 60 s alone in a bus of 20, in time."""
    lines = [bus_line("L", "AB", [60], [600]), bus_line("M", "BC", [60], [700])]
    flows = [flow("A", "C", 500, 500, 1, preferred_arrival=760)]
    (row,) = costs(lines, flows, journeys={"transfer_walk": 20})
    assert row["generalized_cost_min"] == pytest.approx((120 * 5 + 120 * 2 * 1.05 + 20 * 3 + 60) / 60)


def test_cost_of_crowding_is_that_of_each_hop() -> None:
    """10 ride to B and 10 to C: the load factor is 1 up to B, one half from there."""
    lines = [bus_line("L", "ABC", [60, 120], [600])]
    flows = [flow("A", pair, 600, 600, 10, preferred_arrival=preferred) for pair, preferred in (("B", 660), ("C", 780))]
    rows = costs(lines, flows)
    by_end = {row["destination_stop_id"]: row["generalized_cost_min"] for row in rows}
    assert by_end["B"] == pytest.approx(60 * 2 * 2 / 60)
    assert by_end["C"] == pytest.approx((60 * 2 * 2 + 120 * 2 * 1.5) / 60)


def test_cost_of_waiting_in_vain() -> None:
    """Two vehicles pass full; the cost is the wait until the last one and the penalty."""
    lines = [bus_line("L", "AB", [60], [600, 700])]
    flows = [flow("A", "B", 500, 500, 3, preferred_arrival=660)]
    rows = costs(lines, flows, vehicles={"bus": {**INSTANT_BUS, "seats": 1, "capacity": 1}})
    (lost,) = (row for row in rows if row["outcome"] != "arrived")
    assert lost["generalized_cost_min"] == pytest.approx((200 * 5 + 6000) / 60)


STAND = {"kind": "seated_standing", "points": [[0, 1, 3], [1, 1, 3]]}


@pytest.mark.parametrize(
    ("end_s", "crowding", "weighted_s"),
    [
        (640, {}, [40 * 2, 40 * 2]),
        (720, {}, [60 * 2 + 60 * 1.5, 60 * 2 + 60 * 1.5]),
        (720, STAND, [60 + 60, 60 * 3 + 60]),
        (640, STAND, [40, 40 * 3]),
    ],
)
def test_who_is_still_on_board_has_met_crowding(
    end_s: float, crowding: dict[str, Any], weighted_s: list[float]
) -> None:
    """Two of four ride on beyond B when the day ends, one of them stood up to there. Both paid as in an empty bus."""
    flows = [
        flow("A", "C", 500, 500, 1, preferred_arrival=780),
        flow("A", "B", 510, 510, 2, preferred_arrival=660),
        flow("A", "C", 520, 520, 1, preferred_arrival=780),
    ]
    scenario = world(
        [bus_line("L", "ABC", [60, 120], [600])],
        flows,
        {"bus": {**INSTANT_BUS, "seats": 3, "capacity": 4}},
        preferences={**WEIGHTS, **({"crowding": crowding} if crowding else {})},
        horizon={"end": end_s},
        days=1,
    )
    rows = rows_of(sim.run(scenario).tables["journeys"])
    riding = sorted(
        (row for row in rows if row["destination_stop_id"] == "C"), key=lambda row: float(row["departure_s"])
    )
    assert {row["cause"] for row in riding} == {"horizon_while_riding"}
    for row, ride_s in zip(riding, weighted_s, strict=True):
        expected_s = row["wait_s"] * 5 + ride_s * 2 + 6000
        assert row["generalized_cost_min"] == pytest.approx(expected_s / 60)


def test_a_first_ride_counts_as_crowded_where_the_second_does_not_end() -> None:
    lines = [bus_line("L", "AB", [60], [600]), bus_line("M", "BC", [60], [700])]
    flows = [flow("A", "C", 500, 500, 10, preferred_arrival=760)]
    rows = costs(lines, flows, horizon={"end": 730})
    assert {row["cause"] for row in rows} == {"horizon_while_riding"}
    expected_s = 140 * 5 + 90 * 2 * 1.5 + 60 + 6000
    assert [row["generalized_cost_min"] for row in rows] == pytest.approx([expected_s / 60] * 10)


def test_cost_without_a_journey_is_the_penalty() -> None:
    rows = costs([bus_line("L", "AB", [60], [600])], [flow("B", "A", 500, 500, 1)])
    assert [row["generalized_cost_min"] for row in rows] == [100]


def test_cheapest_journey_possible_costs_the_least_cost() -> None:
    """No wait, no crowding, in time: the lower bound is reached."""
    quiet = {**WEIGHTS, "crowding": {"kind": "none"}}
    scenario = world(
        [bus_line("L", "ABC", [60, 120], [600, 900])],
        [flow("A", "C", 600, 600, 1, preferred_arrival=780)],
        preferences=quiet,
        days=1,
    )
    (row,) = rows_of(sim.run(scenario).tables["journeys"])
    assert row["generalized_cost_min"] == row["least_cost_min"] == pytest.approx(180 * 2 / 60)


CHEAP = [
    # Where seats are free a minute counts for 0.86 by this curve.
    ({"curve": "wardman_whelan_2011"}, 10, 0.86),
    # Those who stand pay least; and a vehicle that is cheaper the fuller it is.
    ({"points": [[0.0, 1.1, 0.7], [1.0, 1.2, 0.9]]}, 0, 0.7),
    ({"points": [[0.0, 1.2, 1.3], [1.0, 0.9, 0.9]]}, 0, 0.0),
]


@pytest.mark.parametrize(("curve", "seats", "least"), CHEAP)
def test_nobody_pays_less_on_board_than_the_least_cost_counts(curve: dict[str, Any], seats: int, least: float) -> None:
    """By curves that make a minute on board cheaper than an uncrowded one; nobody waits, and all are in time."""
    scenario = world(
        [bus_line("L", "ABC", [60, 120], [600, 900])],
        [flow("A", "C", 600, 600, 1, preferred_arrival=780)],
        {"bus": {**INSTANT_BUS, "seats": seats}},
        preferences={**WEIGHTS, "crowding": {"kind": "seated_standing", **curve}},
        days=1,
    )
    (row,) = rows_of(sim.run(scenario).tables["journeys"])
    assert row["least_cost_min"] == pytest.approx(least * 180 * 2 / 60)
    assert row["generalized_cost_min"] >= row["least_cost_min"] - 1e-9


# --- hop by hop -------------------------------------------------------------------------------------------


def multiplier(crowding: CrowdingParameters, load_factor: float) -> float:
    """Return the multiplier by plain search in the table."""
    if crowding.kind == "none":
        return 1.0
    if crowding.kind == "linear":
        return 1.0 + crowding.slope * load_factor
    x, y = zip(*crowding.table, strict=True)
    if load_factor <= x[0]:
        return float(y[0])
    place = min(bisect_right(x, load_factor), len(x) - 1)
    share = (load_factor - x[place - 1]) / (x[place] - x[place - 1])
    return float(y[place - 1] + share * (y[place] - y[place - 1]))


def crowded_s(leg: dict[str, Any], visits: list[dict[str, Any]], crowding: CrowdingParameters) -> float:
    """Return the time on board of a leg, each second weighted by the load that the bus left its last stop with."""
    total = 0.0
    for visit, following in pairwise(visits):
        start = max(leg["board_s"], visit["arrival_s"])
        end = min(leg["alight_s"], following["arrival_s"])
        if end > start:
            total += (end - start) * multiplier(crowding, visit["departing_load"] / visit["capacity"])
    after = max(leg["alight_s"] - visits[-1]["arrival_s"], 0.0)
    last = visits[-2] if len(visits) > 1 else visits[-1]
    return total + after * multiplier(crowding, last["departing_load"] / last["capacity"])


def expected_costs(scenario: Scenario, result: sim.RunResult) -> dict[Any, float]:
    """Cost everybody who arrived from their legs; by day and commuter."""
    weights = scenario.parameters.preferences
    visits, legs = defaultdict(list), defaultdict(list)
    for row in rows_of(result.tables["stop_visits"]):
        visits[row["day"], row["trip_id"]].append(row)
    for row in rows_of(result.tables["legs"]):
        legs[row["day"], row["commuter_id"]].append(row)
    expected = {}
    for row in rows_of(result.tables["journeys"]):
        if row["outcome"] == "arrived":
            mine = legs[row["day"], row["commuter_id"]]
            expected[row["day"], row["commuter_id"]] = cost_of(row, mine, visits, weights)
    return expected


def cost_of(
    journey: dict[str, Any], legs: list[dict[str, Any]], visits: dict[Any, Any], weights: PreferenceParameters
) -> float:
    late_s = journey["arrival_s"] - journey["preferred_arrival_s"]
    total = weights.transfer_penalty_s * (len(legs) - 1) + weights.walk_weight * journey["walk_s"]
    total += weights.late_penalty * late_s + weights.late_fixed_penalty_s if late_s > 0 else 0.0
    total += weights.early_penalty * max(-late_s, 0.0)
    for leg in legs:
        trip = visits[journey["day"], leg["trip_id"]]
        stops = [visit["stop_id"] for visit in trip]
        until = stops.index(leg["alight_stop_id"]) + 1
        total += weights.wait_weight * (leg["board_s"] - leg["wait_from_s"])
        total += weights.in_vehicle_weight * crowded_s(leg, trip[:until], weights.crowding)
    return total / 60


crowdings = st.sampled_from(
    [
        {"kind": "none"},
        {"kind": "linear", "slope": 0.8},
        {"kind": "table", "table": [[0.2, 1.1], [0.5, 1.3], [0.9, 2.5]]},
    ]
)


@given(st.data())
def test_costs_are_those_of_the_legs_summed_hop_by_hop(data: st.DataObject) -> None:
    weights = {"late_fixed_penalty": 90, "crowding": data.draw(crowdings)}
    scenario = data.draw(random_worlds(preferences=weights, days=1))
    result = sim.run(scenario)
    expected = expected_costs(scenario, result)
    for row in rows_of(result.tables["journeys"]):
        cost = row["generalized_cost_min"]
        if row["outcome"] == "arrived":
            assert cost == pytest.approx(expected[row["day"], row["commuter_id"]], abs=1e-6)
        else:
            assert cost >= scenario.parameters.preferences.unserved_penalty_s / 60


@given(random_worlds(days=1))
def test_nobody_arrives_below_the_least_cost(scenario: Scenario) -> None:
    journeys = sim.run(scenario).tables["journeys"]
    arrived = journeys.equals("outcome", "arrived")
    cost, least = journeys["generalized_cost_min"], journeys["least_cost_min"]
    assert (least >= 0).all()
    assert (cost[arrived] >= least[arrived] - 1e-9).all()
    assert (least[arrived] > 0).all()
