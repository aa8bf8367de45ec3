"""What people do whom a full vehicle leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, Day, Rider, bus_line, flow, run_day, world

import sim

SMALL = {"small": {**INSTANT_BUS, "seats": 1, "capacity": 1}, "bus": INSTANT_BUS}
PREFERENCES = {"wait_weight": 1, "transfer_penalty": 0, "in_vehicle_weight": 1, "walk_weight": 3}


def two_riders(behaviour: dict[str, Any], journeys: dict[str, Any], near: dict[str, tuple[float, float]]) -> Day:
    """Two people want a fast vehicle with one place, every 1200 s; a slow line runs every 100 s."""
    lines = [
        bus_line("F", "AB", [600], [1200.0 * number for number in range(1, 6)], vehicle="small"),
        bus_line("S", "AmB", [700, 700], [50.0 + 100 * number for number in range(60)]),
        bus_line("N", "nB", [500], [100.0 * number for number in range(60)]),
    ]
    places = {"A": (0.0, 0.0), "B": (9000.0, 0.0), "m": (4500.0, 5000.0), "n": (0.0, 9000.0), **near}
    stops = [{"id": name, "x": x, "y": y} for name, (x, y) in places.items()]
    scenario = world(
        lines,
        [],
        vehicles=SMALL,
        network={"lines": lines, "stops": stops},
        preferences=PREFERENCES,
        journeys={"walk_detour": 1, "walk_speed": 1, "walk_all_the_way": False, **journeys},
        behaviour=behaviour,
    )
    return run_day(scenario, [Rider(1090, "A", "B"), Rider(1100, "A", "B")])


RECONSIDER = {"on_denied": "reconsider"}


def test_people_wait_on_by_default() -> None:
    second = two_riders({}, {}, {}).rider(1)
    assert (second.trips, second.denied, second.arrival_s) == (["F-0002"], 1, 3000)


def test_people_take_a_slower_line_after_a_full_vehicle() -> None:
    """F again costs 1200 + 600 from 1200 on; the next vehicle of S takes 1400 and comes at 1250."""
    day = two_riders(RECONSIDER, {}, {})
    assert day.rider(0).trips == ["F-0001"]
    second = day.rider(1)
    assert (second.trips, second.denied, second.wait_s, second.arrival_s) == (["S-0013"], 1, 150, 2650)


def test_people_take_a_slower_line_also_where_they_go_by_the_timetable() -> None:
    day = two_riders(RECONSIDER, {"routing": "timetable", "departure_period": 1200}, {})
    assert (day.rider(0).trips, day.rider(1).trips) == (["F-0001"], ["S-0013"])


def test_people_walk_to_another_stop() -> None:
    second = two_riders(RECONSIDER, {"longest_walk": 300}, {"n": (0.0, 260.0)}).rider(1)
    assert (second.outcome, second.denied) == ("arrived", 1)
    assert second.trips == [None, "N-0016"]
    assert (second.walk_s, second.wait_s, second.arrival_s) == (100 + 260, 40, 2000)


def test_people_walk_to_the_goal() -> None:
    second = two_riders(RECONSIDER, {"longest_walk": 300}, {"B": (0.0, 290.0)}).rider(1)
    assert (second.outcome, second.trips, second.transfers) == ("arrived", [None], 0)
    assert (second.walk_s, second.wait_s, second.in_vehicle_s, second.arrival_s) == (100 + 290, 0, 0, 1490)


def test_patience_still_ends_a_wait() -> None:
    second = two_riders({"patience": 120, **RECONSIDER}, {}, {}).rider(1)
    assert (second.outcome, second.cause, second.wait_s) == ("gave_up", "patience_exhausted", 120)


@pytest.mark.parametrize("routing", ["frequency", "strategy"])
@pytest.mark.parametrize("patience", [None, 900])
def test_nobody_is_lost_in_a_crowd_that_reconsiders(routing: str, patience: float | None) -> None:
    lines = [
        bus_line("F", "AXB", [300, 300], [600.0 * number for number in range(1, 20)], vehicle="small"),
        bus_line("S", "AmB", [500, 500], [150.0 + 300 * number for number in range(40)], vehicle="small"),
        bus_line("G", "XnB", [300, 300], [200.0 * number for number in range(60)], vehicle="small"),
    ]
    places = {"A": (0, 0), "X": (2000, 0), "B": (4000, 0), "m": (2000, 150), "n": (3800, 100)}
    stops = [{"id": name, "x": x, "y": y} for name, (x, y) in places.items()]
    scenario = world(
        lines,
        [flow("A", "B", 0, 6000, 150), flow("X", "B", 0, 6000, 60)],
        vehicles={"small": {**INSTANT_BUS, "seats": 2, "capacity": 5}},
        network={"lines": lines, "stops": stops},
        preferences=PREFERENCES,
        journeys={"longest_walk": 300, "routing": routing},
        behaviour={"on_denied": "reconsider", "patience": patience},
        days=1,
    )
    result = sim.run(scenario)
    check_invariants(result.tables)
    journeys = result.tables["journeys"]
    assert len(journeys) == 210
    assert (journeys["denied_boardings"] > 0).sum() > 20
    waits_on = scenario.parameters.behaviour.model_copy(update={"on_denied": "wait"})
    parameters = scenario.parameters.model_copy(update={"behaviour": waits_on})
    others = sim.run(replace(scenario, parameters=parameters)).tables["journeys"]
    assert (journeys["wait_s"] != others["wait_s"]).sum() > 20
