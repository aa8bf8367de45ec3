"""Drawn journeys, counted options and what people do after a full vehicle, where lines do not run all day."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.routing import find_options

HOUR_S = 3600.0
ALL_DAY = np.arange(6 * HOUR_S, 23 * HOUR_S, 600.0).tolist()
EVENING = np.arange(16 * HOUR_S, 20 * HOUR_S + 1, 300.0).tolist()
BIG = {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}}
DRAWN = ["logit", "path_size_logit"]
ROUTINGS = ["frequency", "timetable"]


def two_ways(first, second, **sections):
    """From A to B a direct line all day, and over P lines that begin at 16:00; the first ride is common over X."""
    lines = [
        bus_line("direct", "AXyB", [600, 900, 900], ALL_DAY),
        bus_line("L", "AP", [700], EVENING),
        bus_line("M", "PB", [700], EVENING),
    ]
    flows = [flow("A", "B", 8 * HOUR_S, 9 * HOUR_S, first), flow("A", "B", 17 * HOUR_S, 18 * HOUR_S, second)]
    return world(lines, flows, BIG, days=1, **sections)


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("choice", DRAWN)
@pytest.mark.parametrize("options", [None, 3])
def test_ways_are_drawn_from_those_of_the_hour(routing: str, choice: str, options: int | None) -> None:
    """Nobody waits in the morning for the evening lines; in the evening both ways are taken.

    Catches sets pooled over the day, by which half of those of the morning waited for hours.
    """
    journeys = {"routing": routing, "choice": choice, "options": options, "longest_detour": 3, "logit_scale": 0.05}
    result = sim.run(two_ways(200, 200, journeys=journeys))
    check_invariants(result.tables)
    table = result.tables["journeys"]
    assert table.equals("outcome", "arrived").all()
    early = table["departure_s"] < 12 * HOUR_S
    assert table["wait_s"].max() <= 600
    assert (table["transfers"][early] == 0).all()
    changed = (table["transfers"][~early] == 1).sum()
    if options is None:
        assert changed > 100
    else:
        assert 20 < changed < 180


@pytest.mark.parametrize("routing", ROUTINGS)
def test_options_by_the_hour_are_those_of_the_same_service_all_day(routing: str) -> None:
    """In the middle of its hours a line that begins late is as one that runs all day; costs within a headway."""
    journeys = {"routing": routing, "choice": "logit", "options": 3, "longest_detour": 3, "walk_all_the_way": False}
    later = find_options(two_ways(0, 10, journeys=journeys))
    lines = [
        bus_line("direct", "AXyB", [600, 900, 900], ALL_DAY),
        bus_line("L", "AP", [700], np.arange(6 * HOUR_S, 23 * HOUR_S, 300).tolist()),
        bus_line("M", "PB", [700], np.arange(6 * HOUR_S, 23 * HOUR_S, 300).tolist()),
    ]
    frequency = {**journeys, "routing": "frequency"}
    everywhen = find_options(
        world(lines, [flow("A", "B", 17 * HOUR_S, 18 * HOUR_S, 10)], BIG, days=1, journeys=frequency)
    )
    assert len(everywhen.cost_min) == 2
    assert (np.diff(later.option_ptr) == 2).all()
    for row in later.option_ptr[:-1].tolist():
        assert np.abs(later.cost_min[row : row + 2] - everywhen.cost_min).max() <= 1.7 * 10


def test_path_sizes_are_those_of_the_hour() -> None:
    """D and the way over W share 600 s of 1200 and of 1500 in the evening; in the morning D stands alone."""
    lines = [
        bus_line("D", "AXYZB", [600, 60, 60, 480], ALL_DAY),
        bus_line("E", "XW", [500], EVENING),
        bus_line("G", "WB", [400], EVENING),
    ]
    free = {"wait_weight": 1, "walk_weight": 0, "transfer_penalty": 0, "in_vehicle_weight": 1}
    chosen = {"options": 3, "longest_detour": 3, "choice": "path_size_logit"}
    flows = [flow("A", "B", 8 * HOUR_S, 8.5 * HOUR_S, 10), flow("A", "B", 17 * HOUR_S, 17.5 * HOUR_S, 10)]
    options = find_options(world(lines, flows, BIG, preferences=free, journeys=chosen))
    sizes = [
        options.path_size[first:end].tolist()
        for first, end in np.stack([options.option_ptr[:-1], options.option_ptr[1:]]).T
    ]
    assert sizes[0] == [1.0]
    assert sizes[-1] == pytest.approx([0.5 * 0.5 + 0.5, (600 / 2 + 900) / 1500])


def test_walking_all_the_way_is_a_way_of_its_own_by_the_hour() -> None:
    """Some 400 m from A to B on foot, or a ride; in the evening there is another one, over the same stops.

    Catches an error where somebody can walk all the way and path sizes are asked for.
    """
    lines = [bus_line("D", "AXB", [60, 60], ALL_DAY), bus_line("E", "AYB", [70, 70], EVENING)]
    places = {"A": (0, 0), "B": (400, 0), "X": (0, 3000), "Y": (3000, 0)}
    stops = [{"id": name, "x": x, "y": y} for name, (x, y) in places.items()]
    flows = [flow("A", "B", 8 * HOUR_S, 9 * HOUR_S, 50), flow("A", "B", 17 * HOUR_S, 18 * HOUR_S, 50)]
    journeys = {"options": 3, "longest_detour": 9, "choice": "path_size_logit", "longest_walk": 900, "logit_scale": 0.1}
    scenario = world(lines, flows, BIG, network={"lines": lines, "stops": stops}, journeys=journeys, days=1)
    options = find_options(scenario)
    on_foot = np.array(
        [row for row in range(len(options.cost_min)) if options.leg_ptr[row] == options.leg_ptr[row + 1]]
    )
    assert len(on_foot) == len(options.pairs)
    assert options.path_size[on_foot].tolist() == [1.0] * len(on_foot)
    result = sim.run(scenario)
    check_invariants(result.tables)
    walked = result.tables["journeys"]["in_vehicle_s"] == 0
    assert 0 < walked.sum() < len(walked)


SMALL = {"small": {**INSTANT_BUS, "seats": 1, "capacity": 2}, "bus": INSTANT_BUS}


def crowd(routing, **sections):
    """A fast line with too little room all day; from 16:00 on a slow one beside it, until noon one from nearby."""
    lines = [
        bus_line("F", "AXB", [300, 300], ALL_DAY[::2], vehicle="small"),
        bus_line("S", "AmB", [630, 630], EVENING),
        bus_line("N", "nB", [500], np.arange(6 * HOUR_S, 12 * HOUR_S, 300).tolist()),
    ]
    places = {"A": (0, 0), "X": (3000, 0), "B": (6000, 0), "m": (3000, 3000), "n": (0, 240)}
    stops = [{"id": name, "x": x, "y": y} for name, (x, y) in places.items()]
    return world(
        lines,
        [flow("A", "B", hour * HOUR_S, (hour + 1) * HOUR_S, 25) for hour in (8, 13, 17)],
        SMALL,
        network={"lines": lines, "stops": stops},
        preferences={"wait_weight": 1, "transfer_penalty": 0, "walk_weight": 3, "in_vehicle_weight": 1},
        journeys={
            "longest_walk": 300,
            "walk_detour": 1,
            "walk_speed": 1,
            "routing": routing,
            "walk_all_the_way": False,
        },
        behaviour={"on_denied": "reconsider"},
        days=1,
        **sections,
    )


@pytest.mark.parametrize("routing", ["frequency", "strategy", "timetable"])
def test_people_reconsider_by_what_runs_at_the_hour(routing: str) -> None:
    """After a full vehicle they walk to N in the morning, wait on at noon, and take S in the evening.

    Catches fallbacks of the whole day, by which those of the afternoon walked to a stop where nothing came any more.
    """
    result = sim.run(crowd(routing))
    check_invariants(result.tables)
    journeys, legs = result.tables["journeys"], result.tables["legs"]
    assert (journeys["denied_boardings"] > 0).sum() > 20
    assert journeys.equals("outcome", "arrived").all()
    hour = journeys["departure_s"] // HOUR_S
    walked = journeys["walk_s"] > 0
    assert walked[hour == 8].any()
    assert not walked[hour >= 13].any()
    slow = np.array([trip is not None and trip.startswith("S") for trip in legs.text("trip_id").tolist()])
    by_slow = np.isin(journeys["commuter_id"], legs["commuter_id"][slow])
    assert by_slow[hour == 17].any()
    assert not by_slow[hour < 13].any()


@pytest.mark.parametrize("routing", ["frequency", "strategy", "timetable"])
def test_both_engines_let_people_reconsider_alike(routing: str) -> None:
    days = [sim.run(crowd(routing, engine=engine)).tables for engine in ("simpy", "compiled")]
    for name in ("journeys", "legs", "stop_visits", "denied_boardings"):
        for column, values in days[0][name].columns.items():
            np.testing.assert_array_equal(values, days[1][name][column])
