"""Worlds at the edge of what can be asked: nobody, one, all at once, no room, no vehicle, no time."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.invariants import check_invariants
from support.random_worlds import random_worlds
from support.tables import rows_of
from support.worlds import INSTANT_BUS, Rider, bus_line, flow, run_day, with_blocks, world

import sim
from sim.api import ComparisonResult
from sim.loading.scenario import build_scenario
from sim.model.scenario import Scenario

LINE = bus_line("L", "ABC", [120, 180], range(600, 7200, 600))


def compared(scenario: Scenario, **options: Any) -> ComparisonResult:
    """Compare all strategies, check what must always hold, and that the results can be drawn up."""
    result = sim.compare(scenario, **options)
    check_invariants(result.tables, scenario.parameters.period_s)
    assert set(result.summary["strategies"]) == {"none", "same_for_all", "individual", "coordinated"}
    return result


def journeys(result: ComparisonResult, strategy: str = "none") -> list[dict[str, Any]]:
    return [row for row in rows_of(result.tables["journeys"]) if row["strategy"] == strategy]


@pytest.mark.parametrize("flows", [[], [flow("A", "C", 600, 1200, 0)]], ids=["no flow", "flow of nobody"])
def test_no_commuters_at_all(flows: list[dict[str, Any]]) -> None:
    result = compared(world([LINE], flows))
    assert len(result.tables["journeys"]) == len(result.tables["legs"]) == 0
    visits = result.tables["stop_visits"]
    assert len(visits) == 4 * 11 * 3
    assert visits["departing_load"].sum() == 0
    entry = result.summary["strategies"]["none"]
    assert entry["denied_boardings"]["mean"] == 0
    assert entry["peak_load_factor"]["mean"] == 0


def test_some_of_a_window_find_no_vehicle() -> None:
    """Adapted people, more of them than vehicles have places: the last one is full for some who leave in a window.

    Catches users who are taken for alike although only the first of them still finds a vehicle, whose plan could not
    be made at all ("c must be ... finite numbers").
    """
    flows = [flow("A", "B", 27000.0, 28800.0, 40, preferred_arrival=29400.0)]
    line = bus_line("L", "AB", [684.0], range(25200, 32400, 540))
    scenario = world(
        [line],
        flows,
        {"bus": {"seats": 0, "capacity": 1, "dead_time": 0}},
        baselines=["adapted"],
        seed=5,
        advisor={"penetration": 1, "compliance": 1},
    )
    result = sim.compare(scenario, strategies=["none", "coordinated"])
    check_invariants(result.tables, scenario.parameters.period_s)
    none, coordinated = (
        [row for row in journeys(result, name) if row["outcome"] == "arrived"] for name in ("none", "coordinated")
    )
    assert 0 < len(none) < 40
    assert len(coordinated) >= len(none)


def test_one_commuter() -> None:
    result = compared(world([LINE], [flow("A", "C", 650, 650, 1)], advisor={"penetration": 1, "compliance": 1}))
    (row,) = journeys(result)
    assert (row["outcome"], row["arrival_s"], row["wait_s"]) == ("arrived", 1500, 550)
    for strategy in ("same_for_all", "individual", "coordinated"):
        (advised,) = journeys(result, strategy)
        assert advised["outcome"] == "arrived"
    # Alone in the world a commuter pays for this choice only, so the best advice cannot make that commuter worse off.
    (own,) = journeys(result, "individual")
    assert own["generalized_cost_min"] <= row["generalized_cost_min"] + 1e-9


def test_no_vehicles_after_the_demand() -> None:
    result = compared(world([LINE], [flow("A", "C", 7000, 8000, 20)]))
    assert {(row["outcome"], row["cause"]) for row in journeys(result)} == {("no_service", "last_vehicle_gone")}
    entry = result.summary["strategies"]["none"]
    assert entry["mean_generalized_cost_min"]["mean"] >= 120


def test_no_vehicle_goes_where_they_want() -> None:
    result = compared(world([LINE], [flow("C", "A", 600, 1200, 20)], advisor={"penetration": 1, "compliance": 1}))
    rows = rows_of(result.tables["journeys"])
    assert {(row["outcome"], row["cause"]) for row in rows} == {("no_service", "no_journey_option")}
    assert not any(row["advised"] for row in rows)
    assert {row["least_cost_min"] for row in rows} == {0}


def test_capacity_1() -> None:
    scenario = world([LINE], [flow("A", "C", 0, 3600, 30)], {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 1}})
    result = compared(scenario)
    arrived = [row for row in journeys(result) if row["outcome"] == "arrived"]
    assert len(arrived) == 11
    assert {row["cause"] for row in journeys(result)} == {"", "last_vehicle_full"}
    assert result.tables["stop_visits"]["departing_load"].max() == 1


def test_everybody_at_the_same_instant() -> None:
    """20 places a bus and 50 people at 600: 20 leave at once, 20 after 600 s, 10 after 1200 s."""
    result = compared(world([LINE], [flow("A", "B", 600, 600, 50)], advisor={"penetration": 0.5, "compliance": 1}))
    waits = sorted(row["wait_s"] for row in journeys(result))
    assert waits == [0.0] * 20 + [600.0] * 20 + [1200.0] * 10
    assert sum(row["denied_boardings"] for row in journeys(result)) == 30 + 10
    ids = [row["commuter_id"] for row in sorted(journeys(result), key=lambda row: (row["wait_s"], row["commuter_id"]))]
    assert ids == list(range(50))


def test_period_longer_than_the_day() -> None:
    result = compared(world([LINE], [flow("A", "C", 0, 3600, 30)], period=200_000, advisor={"window": 200_000}))
    assert set(result.tables["periods"]["period_start_s"].tolist()) == {0}


@pytest.mark.parametrize("window", [1, 7, 86400])
def test_windows_of_odd_widths(window: float) -> None:
    advisor = {"window": window, "penetration": 1, "compliance": 1}
    wishes = {"earlier_flexibility": 60, "later_flexibility": 60}
    compared(world([LINE], [flow("A", "C", 600, 3600, 15)], advisor=advisor, population=wishes))


def test_nobody_is_flexible() -> None:
    """The only window that anybody accepts is that of habit, so nobody moves."""
    stiff = {"earlier_flexibility": 0, "later_flexibility": 0}
    scenario = world(
        [LINE], [flow("A", "C", 600, 3600, 15)], population=stiff, advisor={"penetration": 1, "compliance": 1}
    )
    result = compared(scenario)
    for strategy in ("individual", "coordinated", "same_for_all"):
        for row in journeys(result, strategy):
            assert row["departure_s"] == row["habitual_departure_s"]


def test_single_day() -> None:
    result = compared(world([LINE], [flow("A", "C", 0, 3600, 30)], days=1))
    assert not result.tables["journeys"]["advised"].any()
    assert set(result.tables["journeys"]["day"].tolist()) == {0}


def test_all_days_kept() -> None:
    result = compared(world([LINE], [flow("A", "C", 0, 3600, 30)], days=4, days_kept=4))
    days, counts = np.unique(result.tables["journeys"]["day"], return_counts=True)
    assert days.tolist() == [0, 1, 2, 3]
    assert counts.tolist() == [120] * 4
    advised = result.tables["journeys"]["advised"]
    assert not advised[result.tables["journeys"]["day"] == 0].any()
    assert advised[result.tables["journeys"]["day"] > 0].any()


def test_stop_served_by_nobody() -> None:
    """Z is placed on the map and no line goes there."""
    scenario = world([LINE], [flow("A", "C", 0, 3600, 30)])
    network = {"lines": [LINE], "stops": [{"id": "Z"}]}
    parameters = type(scenario.parameters).model_validate(
        {**scenario.parameters.model_dump(), "network": network, "name": "with_z"}
    )
    with_z = build_scenario(parameters, Path())
    assert "Z" in with_z.network.stop_id
    assert "Z" not in compared(with_z).tables["stop_visits"].text("stop_id")


def test_line_of_two_stops_and_one_trip() -> None:
    result = compared(world([bus_line("L", "AB", [60], [600])], [flow("A", "B", 600, 600, 1)]))
    assert journeys(result)[0]["arrival_s"] == 660


def test_link_that_takes_no_time() -> None:
    result = compared(world([bus_line("L", "ABC", [0, 60], [600, 900])], [flow("A", "C", 0, 800, 5)]))
    assert {row["outcome"] for row in journeys(result)} == {"arrived"}


def test_times_beyond_midnight() -> None:
    night = bus_line("N", "AB", [600], [86_000, 90_000, 93_600])
    result = compared(world([night], [flow("A", "B", 84_000, 92_000, 20)]))
    assert max(row["arrival_s"] for row in journeys(result)) == 94_200


def test_horizon_that_ends_as_soon_as_the_first_bus_has_left() -> None:
    result = compared(world([LINE], [flow("A", "C", 0, 600, 5)], horizon={"end": 601}))
    assert {row["cause"] for row in journeys(result)} == {"horizon_while_riding"}
    assert all(math.isnan(row["arrival_s"]) for row in journeys(result))


def test_dwell_longer_than_the_headway() -> None:
    slow = {"seats": 0, "capacity": 5, "dwell_rule": "constant", "dead_time": 1000}
    compared(world([LINE], [flow("A", "C", 0, 3600, 30)], {"bus": slow}, service={"overtaking": False}))


def test_block_that_is_late_all_day() -> None:
    """One vehicle runs every trip, back and forth; it cannot keep up, and nobody is lost."""
    out = bus_line("out", "AB", [400], range(600, 3600, 600))
    back = bus_line("back", "BA", [400], range(900, 3900, 600))
    trips = [f"{name}-{number:04d}" for number in range(1, 6) for name in ("out", "back")]
    scenario = with_blocks(world([out, back]), {"one": trips})
    day = run_day(scenario, [Rider(0, "A", "B"), Rider(3000, "B", "A")])
    starts = [day.times(trip)[0][0] for trip in trips]
    assert starts == [600 + 400 * number for number in range(10)]


@settings(max_examples=60)
@given(random_worlds())
def test_everything_holds_in_random_small_worlds(scenario: Scenario) -> None:
    """Full vehicles, transfers, patience, noise, both boarding rules, order kept or not, cut days, all strategies."""
    compared(scenario)


@settings(max_examples=15)
@given(random_worlds(), st.sampled_from([{"departure_choice": "logit", "reconsider_share": 0.5}]))
def test_everything_holds_while_people_learn(scenario: Scenario, behaviour: dict[str, Any]) -> None:
    parameters = scenario.parameters.model_copy(
        update={"behaviour": type(scenario.parameters.behaviour).model_validate(behaviour), "days": 3, "days_kept": 3}
    )
    result = sim.run(Scenario(parameters, scenario.network, scenario.service, scenario.demand))
    check_invariants(result.tables, parameters.period_s)
