"""Berths, headways at a stop, order on the road and blocks, worked out by hand."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

from sim.advisor import strategy_by_name
from sim.errors import ScenarioError
from sim.experiments.replications import run_replications

STANDS_A_MINUTE = {"bus": {"seats": 5, "capacity": 9, "dwell_rule": "constant", "dead_time": 60}}
RIDER = flow("A", "C", 500.0, 501.0, 1)


def tables_of(scenario):
    tables = run_replications(scenario, [strategy_by_name("none")])
    check_invariants(tables)
    return tables


def times(scenario, stop):
    """Return (arrival, departure) at a stop by trip."""
    table = tables_of(scenario)["stop_visits"]
    rows = table.text("stop_id") == stop
    pairs = zip(table["arrival_s"][rows].tolist(), table["departure_s"][rows].tolist(), strict=True)
    return dict(zip(table.text("trip_id")[rows].tolist(), pairs, strict=True))


def platoon(gap_s, **service):
    lines = [bus_line("L", "ABC", [100.0, 100.0], [600.0, 600.0 + gap_s, 600.0 + 2 * gap_s])]
    return world(lines, [RIDER], STANDS_A_MINUTE, service=service, days=1)


def test_a_bus_waits_when_the_berths_are_full():
    found = times(platoon(20.0, stops={"B": {"berths": 1}}), "B")
    assert found == {"L-0001": (760.0, 820.0), "L-0002": (820.0, 880.0), "L-0003": (880.0, 940.0)}


def berth_waits_s(scenario, stop):
    """Return the wait for a berth at a stop by trip."""
    table = tables_of(scenario)["stop_visits"]
    rows = table.text("stop_id") == stop
    return dict(zip(table.text("trip_id")[rows].tolist(), table["berth_wait_s"][rows].tolist(), strict=True))


def test_the_wait_for_a_berth_is_told_at_the_stop_where_it_was():
    # They come to B at 760, 780 and 800 s, and each stands for a minute; to C, the last stop, they come a minute apart.
    few = platoon(20.0, stops={"B": {"berths": 1}, "C": {"berths": 1}})
    assert berth_waits_s(few, "A") == {"L-0001": 0.0, "L-0002": 0.0, "L-0003": 0.0}
    assert berth_waits_s(few, "B") == {"L-0001": 0.0, "L-0002": 40.0, "L-0003": 80.0}
    assert berth_waits_s(few, "C") == {"L-0001": 0.0, "L-0002": 0.0, "L-0003": 0.0}
    at_the_end = platoon(20.0, stops={"C": {"berths": 1}})
    assert berth_waits_s(at_the_end, "C") == {"L-0001": 0.0, "L-0002": 40.0, "L-0003": 80.0}


def test_a_bus_waits_for_a_berth_behind_a_broken_one():
    broken = {"trip": "L-0001", "stop": "B", "duration": "5 min", "then": "continue", "blocks": True}
    lines = [bus_line("L", "ABC", [100.0, 100.0], [600.0, 620.0])]
    scenario = world(lines, [RIDER], STANDS_A_MINUTE, disruptions={"breakdowns": [broken]}, days=1)
    assert berth_waits_s(scenario, "B") == {"L-0001": 0.0, "L-0002": 280.0}


def test_two_berths_hold_two():
    found = times(platoon(20.0, stops={"B": {"berths": 2}}), "B")
    assert found == {"L-0001": (760.0, 820.0), "L-0002": (780.0, 840.0), "L-0003": (820.0, 880.0)}


def test_berths_of_all_stops_hold_at_those_not_named():
    found = times(platoon(20.0, all_stops={"berths": 1}, stops={"A": {}}), "B")
    assert found["L-0002"] == (820.0, 880.0)


def test_departures_keep_the_least_headway_of_a_stop():
    found = times(platoon(20.0, stops={"B": {"minimum_headway": 90}}), "B")
    assert [departure for _, departure in found.values()] == [820.0, 910.0, 1000.0]


def overtaking_world(overtaking, rule="present_at_arrival"):
    """Return two lines on the same road, the second bus of which stands for no time."""
    lines = [
        bus_line("S", "ABC", [100.0, 100.0], [600.0], vehicle="slow"),
        bus_line("F", "ABC", [100.0, 100.0], [610.0], vehicle="fast"),
    ]
    kinds = {
        "slow": {"seats": 5, "capacity": 9, "dwell_rule": "constant", "dead_time": 60},
        "fast": {"seats": 5, "capacity": 9, "dwell_rule": "constant", "dead_time": 0},
    }
    service = {"overtaking": overtaking, "boarding_rule": rule, "stops": {"C": {"berths": 9}}}
    return world(lines, [RIDER], kinds, service=service, days=1)


@pytest.mark.parametrize("rule", ["present_at_arrival", "during_dwell"])
def test_without_overtaking_the_fast_bus_stays_behind_at_stops(rule):
    free, kept = times(overtaking_world(True, rule), "B"), times(overtaking_world(False, rule), "B")
    assert free["F-0001"][1] < free["S-0001"][1]
    assert kept["F-0001"][1] >= kept["S-0001"][1]
    assert kept["F-0001"][0] >= kept["S-0001"][0]


# --- blocks -----------------------------------------------------------------------------------------------


def shuttle(blocks, layover=0.0, dead_time=60):
    """Return a line there and back whose timetable leaves 5 minutes at the end."""
    lines = [
        bus_line("L", "AB", [600.0], [1000.0, 2800.0]),
        bus_line("R", "BA", [600.0], [1900.0]),
    ]
    kinds = {"bus": {"seats": 5, "capacity": 9, "dwell_rule": "constant", "dead_time": dead_time}}
    service = {"blocks": blocks, "layover": layover}
    return world(lines, [flow("A", "B", 500.0, 501.0, 1)], kinds, service=service, days=1)


def vehicles(scenario):
    table = tables_of(scenario)["stop_visits"]
    return dict(zip(table.text("trip_id").tolist(), table.text("block_id").tolist(), strict=True))


def test_trips_without_blocks_run_independently():
    assert len(set(vehicles(shuttle("as_given")).values())) == 3


def test_a_chain_gives_trips_to_the_vehicle_that_waits():
    assert vehicles(shuttle("chain")) == {"L-0001": "L-0001", "R-0001": "L-0001", "L-0002": "L-0001"}


def test_a_chain_keeps_the_layover():
    assert vehicles(shuttle("chain", layover=300.0))["R-0001"] == "L-0001"
    assert vehicles(shuttle("chain", layover=301.0))["R-0001"] == "R-0001"


def test_a_late_vehicle_is_late_on_its_next_trip_and_recovers_in_the_layover():
    late = {trip: arrival for trip, (arrival, _) in times(shuttle("chain", dead_time=1000), "A").items()}
    # 1000 s of dwell at A, 600 s of running, 1000 s at B: ready at 3600 instead of 1600; back at A at 6200.
    assert late["L-0002"] == 3600.0 + 1000.0 + 600.0 + 1000.0
    on_time = {trip: arrival for trip, (arrival, _) in times(shuttle("chain", dead_time=100), "A").items()}
    assert on_time["L-0002"] == 2800.0


def test_of_two_vehicles_the_one_that_waited_longer_goes():
    lines = [
        bus_line("L", "AB", [600.0], [1000.0, 1200.0]),
        bus_line("R", "BA", [600.0], [2000.0, 2100.0]),
    ]
    scenario = world(lines, [RIDER | {"destination": "B"}], STANDS_A_MINUTE, service={"blocks": "chain"}, days=1)
    assert vehicles(scenario) == {"L-0001": "L-0001", "L-0002": "L-0002", "R-0001": "L-0001", "R-0002": "L-0002"}


# --- least headways by mode and line ----------------------------------------------------------------------


def junction(**service):
    """Return two lines that share the way from B to C; a third one leaves B for D."""
    lines = [
        bus_line("L", "ABC", [100.0, 100.0], [600.0, 700.0]),
        bus_line("M", "EBC", [100.0, 100.0], [620.0]),
        bus_line("N", "FBD", [100.0, 100.0], [630.0]),
    ]
    return world(lines, [RIDER], STANDS_A_MINUTE, service=service, days=1)


def left_b(**service):
    return {trip: departure for trip, (_, departure) in times(junction(**service), "B").items()}


def test_lines_keep_their_least_headway_on_the_way_they_share():
    usual = {"L-0001": 820.0, "M-0001": 840.0, "N-0001": 850.0, "L-0002": 920.0}
    assert left_b() == usual
    both = [{"lines": ["L", "M", "N"], "headway": 90}]
    assert left_b(minimum_headways=both) == {**usual, "M-0001": 910.0, "L-0002": 1000.0, "N-0001": 850.0}


def test_lines_that_keep_headways_apart_do_not_see_each_other():
    apart = [{"lines": ["L"], "headway": 120}, {"lines": ["M"], "headway": 500}]
    assert left_b(minimum_headways=apart)["M-0001"] == 840.0
    assert left_b(minimum_headways=apart)["L-0002"] == 940.0


def test_a_least_headway_of_a_mode_holds_for_its_lines():
    assert left_b(minimum_headways=[{"modes": ["bus"], "headway": 90}])["M-0001"] == 910.0


@pytest.mark.parametrize(
    ("headways", "message"),
    [
        ({"headway": 90}, "give modes or lines"),
        ({"lines": ["Q"], "headway": 90}, r"service\.minimum_headways\.0\.lines\.0: unknown line 'Q'"),
        ({"modes": ["train"], "headway": 90}, "Input should be 'bus'"),
        ({"modes": ["rail", "metro"], "headway": 90}, "has no effect: there is no line of rail, metro; modes are bus"),
    ],
)
def test_a_least_headway_of_nobody_is_told(headways, message):
    with pytest.raises((ScenarioError, ValidationError), match=message):
        junction(minimum_headways=[headways])
