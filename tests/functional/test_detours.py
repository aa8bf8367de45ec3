"""Closed links with and without a way round: what vehicles do, whom it hits, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim

BUS = {"seats": 20, "capacity": 60, "dead_time": 0, "boarding": 0, "alighting": 0}
EVERY_10_MIN = [25200.0 + 600.0 * trip for trip in range(10)]
HOUR = {"start": "7:30", "end": "8:30", "speed_factor": 0}


def town(links, lines=(), flows=None, **sections):
    """Return the main line A-B-C-D, 5 min a hop, and others that show which further streets there are."""
    every = [bus_line("main", "ABCD", [300.0] * 3, EVERY_10_MIN), *lines]
    flows = flows or [flow("A", "D", 25000.0, 29000.0, 60, "even"), flow("B", "D", 25000.0, 29000.0, 30, "even")]
    service = sections.pop("service", {})
    return world(
        every, flows, {"bus": BUS}, service=service, disruptions={"links": links}, days=1, replications=1, **sections
    )


def simulated(*args, **more):
    result = sim.run(town(*args, **more))
    check_invariants(result.tables, result.scenario.parameters.period_s)
    return result


def visits(result, stop, line="main"):
    """Return arrival, departure and disruption of each visit of a line at a stop, by trip."""
    table = result.tables["stop_visits"]
    rows = np.flatnonzero((table.text("stop_id") == stop) & (table.text("line_id") == line))
    return list(
        zip(
            table["arrival_s"][rows].tolist(),
            table["departure_s"][rows].tolist(),
            table.text("disruption")[rows].tolist(),
            strict=True,
        )
    )


PAST_B_TO_C = bus_line("side", "BXC", [200.0, 250.0], [20000.0])
"""A street beside that from B to C, which takes 450 s in place of 300."""
PAST_C = bus_line("bypass", "BD", [500.0], [20000.0])


def test_nobody_waits_beside_an_open_parallel_way():
    result = simulated([{"from_stop": "B", "to_stop": "C", **HOUR}], [PAST_B_TO_C])
    for (_, left_s, why), (came_s, _, _) in zip(visits(result, "B"), visits(result, "C"), strict=True):
        closed = 27000.0 <= left_s < 30600.0
        assert came_s - left_s == (450.0 if closed else 300.0)
        assert why == ("detour" if closed else "")
    (fact,) = result.manifest["closures"]
    assert (fact["kind"], fact["by"], fact["missed_stops"]) == ("goes_round", ["X"], [])
    assert any("go round by X to C from 07:30 to 08:30" in note for note in result.manifest["notes"])
    assert result.manifest["warnings"] == []


@pytest.mark.parametrize(("lines", "way_m"), [([PAST_B_TO_C], 3750.0), ([PAST_C], 500.0 / 3.6 * 30)])
def test_the_way_round_is_driven(lines, way_m):
    # At 30 km/h: 2,500 m from stop to stop. Whoever goes round drives 3,750 m to C, or 4,167 m to D and none from C on.
    result = simulated([{"from_stop": "B", "to_stop": "C", **HOUR}], lines)
    table = result.tables["stop_visits"]
    of_main = table.text("line_id") == "main"
    stop, why = table.text("stop_id")[of_main], table.text("disruption")[of_main]
    driven_m = table["distance_m"][of_main]
    assert (why == "detour").sum() == 6
    assert driven_m[why == "detour"] == pytest.approx(way_m)
    assert not driven_m[why == "stop_missed"].any()
    assert driven_m[(why == "") & (stop != "D")] == pytest.approx(2500.0)
    extra_m = way_m - (2500.0 if lines == [PAST_B_TO_C] else 5000.0)
    own_km = result.summary["metrics"]["vehicle_km"]["mean"] - table["distance_m"][~of_main].sum() / 1000.0
    assert own_km == pytest.approx((10 * 7500.0 + 6 * extra_m) / 1000.0)


@pytest.mark.parametrize("engine", ["simpy", "auto"])
def test_stops_without_a_way_are_missed_and_named(engine, tmp_path):
    flows = [flow("A", "C", 25000.0, 29000.0, 40, "even"), flow("A", "D", 25000.0, 29000.0, 40, "even")]
    result = simulated([{"from_stop": "B", "to_stop": "C", **HOUR}], [PAST_C], flows, engine=engine)
    missed = 0
    for left, passed, came in zip(visits(result, "B"), visits(result, "C"), visits(result, "D"), strict=True):
        if 27000.0 <= left[1] < 30600.0:
            missed += 1
            assert (left[2], passed[2]) == ("detour", "stop_missed")
            assert passed[0] == passed[1] == came[0] == left[1] + 500.0
        else:
            assert came[0] == left[1] + 600.0
    assert missed == 6
    warning = "vehicles of line main, direction 0, that leave B miss C from 07:30 to 08:30: no open way leads there"
    assert result.manifest["warnings"] == [warning]
    journeys = result.tables["journeys"]
    to_c = journeys.text("destination_stop_id") == "C"
    assert set(journeys.text("outcome")[~to_c].tolist()) == {"arrived"}
    assert set(journeys.text("cause")[to_c].tolist()) == {"", "stop_closed"}
    legs = result.tables["legs"]
    assert "D" in set(legs.text("alight_stop_id").tolist())


def test_vehicles_wait_where_no_way_leads_on():
    result = simulated([{"from_stop": "B", "to_stop": "C", **HOUR}])
    waited = [departure_s for _, departure_s, why in visits(result, "B") if why == "link_closed"]
    assert len(waited) == 6
    assert set(waited) == {30600.0}
    assert result.manifest["warnings"] == [
        "vehicles of line main, direction 0, that leave B wait before the closed link to C from 07:30 to 08:30"
    ]


def test_they_wait_where_they_are_told_not_to_go_round():
    result = simulated([{"from_stop": "B", "to_stop": "C", "detour": False, **HOUR}], [PAST_B_TO_C])
    assert {why for _, _, why in visits(result, "B")} == {"", "link_closed"}


def test_a_way_that_opens_later_is_taken_then():
    links = [{"from_stop": "B", "to_stop": "C", **HOUR}, {"from_stop": "B", "to_stop": "X", **HOUR, "end": "8:00"}]
    result = simulated(links, [PAST_B_TO_C])
    arrivals = [came_s for came_s, _, _ in visits(result, "C")]
    assert arrivals.count(28800.0 + 450.0) == 3
    assert max(arrivals) < 32000.0


def test_a_slow_street_on_the_way_round_counts():
    links = [
        {"from_stop": "B", "to_stop": "C", **HOUR},
        {"from_stop": "B", "to_stop": "X", "start": "7:00", "end": "9:00", "speed_factor": 0.5},
    ]
    result = simulated(links, [PAST_B_TO_C])
    took = {came[0] - left[1] for left, came in zip(visits(result, "B"), visits(result, "C"), strict=True)}
    assert took == {300.0, 650.0}


def test_a_closed_link_can_be_named_by_its_id():
    by_id, by_stops = (
        simulated([{**place, **HOUR}], [PAST_B_TO_C]) for place in ({"link": "B>C"}, {"from_stop": "B", "to_stop": "C"})
    )
    assert visits(by_id, "C") == visits(by_stops, "C")


def test_trains_wait_unless_they_are_told_to_go_round():
    from dataclasses import replace

    scenario = town([{"from_stop": "B", "to_stop": "C", **HOUR}], [PAST_B_TO_C])
    lines = tuple(replace(line, mode="metro") for line in scenario.service.lines)
    result = sim.run(replace(scenario, service=replace(scenario.service, lines=lines)))
    assert {why for _, _, why in visits(result, "B")} == {"", "link_closed"}
