"""Lines that do not run all day: people take what leads on at their hour, and nobody is left where a line has ended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

ROOT = Path(__file__).parents[2]
HOUR_S = 3600.0
ALL_DAY = np.arange(6 * HOUR_S, 23 * HOUR_S, 600.0).tolist()
EVENING = np.arange(16 * HOUR_S, 20 * HOUR_S + 1, 300.0).tolist()
UNTIL_EIGHT = np.arange(6 * HOUR_S, 20 * HOUR_S + 1, 300.0).tolist()
ROUTINGS = ["frequency", "strategy", "timetable"]


def day(lines, flows, routing, journeys_more=None, **sections):
    """Run a day in which vehicles have room for all and are punctual, and return the journeys."""
    vehicles = {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}}
    scenario = world(lines, flows, vehicles, journeys={"routing": routing, **(journeys_more or {})}, **sections)
    return sim.run(scenario).tables["journeys"]


def slow_and_fast(fast_departures):
    return [
        bus_line("slow", "AxyB", [600, 600, 600], ALL_DAY),
        bus_line("fast", "AB", [600], fast_departures),
    ]


@pytest.mark.parametrize("routing", ROUTINGS)
def test_nobody_waits_in_the_morning_for_the_evening_line(routing: str) -> None:
    journeys = day(slow_and_fast(EVENING), [flow("A", "B", 8 * HOUR_S, 9 * HOUR_S, 200)], routing)
    assert journeys.equals("outcome", "arrived").all()
    assert journeys["wait_s"].max() <= 600
    assert journeys["in_vehicle_s"].min() >= 1800


@pytest.mark.parametrize("routing", ROUTINGS)
def test_the_fast_line_is_waited_for_while_it_runs(routing: str) -> None:
    journeys = day(slow_and_fast(EVENING), [flow("A", "B", 17 * HOUR_S, 18 * HOUR_S, 200)], routing)
    assert journeys["wait_s"].max() <= 300
    assert journeys["in_vehicle_s"].max() == 600


@pytest.mark.parametrize("routing", ROUTINGS)
def test_nobody_waits_at_a_transfer_for_the_evening_line(routing: str) -> None:
    lines = [bus_line("feeder", "OA", [300], ALL_DAY), *slow_and_fast(EVENING)]
    journeys = day(
        lines, [flow("O", "B", 8 * HOUR_S, 9 * HOUR_S, 100), flow("O", "B", 17 * HOUR_S, 17.5 * HOUR_S, 50)], routing
    )
    assert journeys.equals("outcome", "arrived").all()
    assert journeys["wait_s"].max() <= 1200
    early = journeys["departure_s"] < 12 * HOUR_S
    assert journeys["in_vehicle_s"][early].min() >= 2100
    assert journeys["in_vehicle_s"][~early].max() <= 900


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("feeder", [False, True])
def test_the_slow_line_goes_on_after_the_fast_one_has_ended(routing: str, feeder: bool) -> None:
    lines = [bus_line("feeder", "OA", [300], ALL_DAY), *slow_and_fast(UNTIL_EIGHT)]
    journeys = day(lines, [flow("O" if feeder else "A", "B", 19 * HOUR_S, 21 * HOUR_S, 200)], routing)
    assert journeys.equals("outcome", "arrived").all()
    assert journeys["wait_s"].max() <= 1200


@pytest.mark.parametrize("routing", ROUTINGS)
def test_mixed_patterns_are_one_service(routing: str) -> None:
    """A bus every 10 min, each of six kinds once an hour: some end early, some leave out stops."""
    kinds = ["ABCDE", "ABCE", "ACDE", "ABC", "ACE", "ABDE"]
    lines = [
        bus_line(
            f"kind{row}",
            stops,
            [400] * (len(stops) - 1),
            np.arange(6 * HOUR_S + 600 * row, 22 * HOUR_S, HOUR_S).tolist(),
        )
        for row, stops in enumerate(kinds)
    ]
    journeys = day(
        lines, [flow("A", "C", 8 * HOUR_S, 10 * HOUR_S, 200), flow("A", "E", 8 * HOUR_S, 10 * HOUR_S, 100)], routing
    )
    assert journeys.equals("outcome", "arrived").all()
    assert journeys["wait_s"].max() <= 1800


@pytest.mark.parametrize("routing", ROUTINGS)
def test_nobody_boards_what_leads_nowhere(routing: str) -> None:
    """The last vehicle to the transfer comes after the last one onward has left: only the slow way is left."""
    lines = [
        bus_line("short", "AM", [300], np.arange(6 * HOUR_S, 21 * HOUR_S, 300).tolist()),
        bus_line("onward", "MB", [300], np.arange(6 * HOUR_S, 20 * HOUR_S, 300).tolist()),
        bus_line("round", "AxyzB", [900, 900, 900, 900], np.arange(6 * HOUR_S, 22 * HOUR_S, 1200).tolist()),
    ]
    journeys = day(lines, [flow("A", "B", 19.5 * HOUR_S, 21 * HOUR_S, 200)], routing)
    assert journeys.equals("outcome", "arrived").all()
    assert journeys["wait_s"].max() <= 1800


@pytest.mark.parametrize("routing", ["frequency", "timetable"])
def test_nobody_is_stranded_between_feeders_and_trains(routing: str) -> None:
    """Buses every 10 min to trains every 30 min: people do not let a bus pass for one that waits less for the train."""
    once = {"journeys.routing": routing, "days": 1, "replications": 1, "advisor.strategy": "none"}
    scenario = sim.load_scenario(ROOT / "scenarios" / "jingjinji_regional.yaml", overrides=once)
    journeys = sim.run(scenario).tables["journeys"]
    assert len(journeys) == 6900
    assert journeys.equals("outcome", "arrived").all()
    assert journeys["wait_s"].max() <= 2 * HOUR_S


@pytest.mark.parametrize("routing", ROUTINGS)
def test_nobody_rides_to_and_fro_to_shorten_a_wait(routing: str) -> None:
    """A train every two hours behind a bus every ten minutes: people take the next bus and wait at the station.

    Catches known waits that weigh more than time on board: people then rode away from the station and back again.
    """
    lines = [
        bus_line("to", "ABS", [600, 600], ALL_DAY),
        bus_line("from", "SBA", [600, 600], ALL_DAY),
        bus_line("train", "SC", [3600], np.arange(7 * HOUR_S, 23 * HOUR_S, 2 * HOUR_S).tolist()),
    ]
    journeys = day(
        lines, [flow("B", "C", 7.25 * HOUR_S, 10 * HOUR_S, 200)], routing, journeys_more={"max_transfers": 4}
    )
    assert journeys.equals("outcome", "arrived").all()
    assert set(journeys["transfers"].tolist()) == {1}
    assert journeys["in_vehicle_s"].max() == 600 + 3600


@pytest.mark.parametrize("routing", ["frequency", "timetable"])
def test_nobody_is_left_at_zhangjiakou_before_the_fast_train(routing: str) -> None:
    """A train every two hours with 1,000 places: all arrive, and who is not left behind waits for the next one only."""
    before = "[subway, jingjin, feeders, jingzhang_before]"
    once = {"journeys.routing": routing, "days": 1, "replications": 1, "network.agencies": before}
    result = sim.run(sim.load_scenario(ROOT / "scenarios" / "jingjinji_regional.yaml", overrides=once))
    journeys, legs = result.tables["journeys"], result.tables["legs"]
    assert journeys.equals("outcome", "arrived").all()
    stop, wait_s = legs.text("board_stop_id"), legs["board_s"] - legs["wait_from_s"]
    left_behind = np.isin(legs["commuter_id"], journeys["commuter_id"][journeys["denied_boardings"] > 0])
    assert wait_s[(stop == "ZJK") & ~left_behind].max() <= 2 * HOUR_S
    feeder = np.array([name.startswith("ZJF") for name in stop]) & ~left_behind
    assert feeder.any()
    assert wait_s[feeder].max() <= 600
