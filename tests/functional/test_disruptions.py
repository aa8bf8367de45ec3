"""Every kind of disruption, against the same day without it: who is hit, how, and whether anybody is lost."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.errors import ScenarioError
from sim.loading.scenario import load_scenario
from sim.model.outcome import Cause, Disruption
from sim.report import outcome_section
from sim.report.html import render_report
from sim.report.report_data import ReportData

BUS = {"seats": 20, "capacity": 40, "dead_time": 5, "boarding": 2, "alighting": 1}
EVERY_10_MIN = [25200.0 + 600.0 * trip for trip in range(10)]
STOPS = "ABCDE"
RUNNING_S = [300.0] * 4
OUTCOMES = {"arrived", "gave_up", "still_travelling", "no_service"}


def line_world(disruptions, service=None, flows=None, departures=EVERY_10_MIN, crowd=(), **sections):
    """Return a line from A to E with commuters from A and B, until an hour before the last bus."""
    end_s = departures[-1] - 1800.0
    flows = flows or [
        flow("A", "E", 25000.0, end_s, 90, "even"),
        flow("B", "E", 25000.0, end_s, 45, "even"),
        flow("A", "C", 25000.0, end_s, 45, "even"),
    ]
    return world(
        [bus_line("L", STOPS, RUNNING_S, departures)],
        [*flows, *crowd],
        {"bus": BUS},
        service=service or {},
        disruptions=disruptions,
        days=1,
        **sections,
    )


def simulated(disruptions, **more):
    """Return the result of a run whose tables are sound."""
    result = sim.run(line_world(disruptions, **more))
    check_invariants(result.tables, result.scenario.parameters.period_s)
    assert set(result.tables["journeys"].text("outcome").tolist()) <= OUTCOMES
    return result


def mean_travel_s(result):
    journeys = result.tables["journeys"]
    return float(np.mean(journeys["arrival_s"] - journeys["departure_s"]))


def causes(result):
    names, counts = np.unique(result.tables["journeys"].text("cause"), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def visits(result, trip):
    """Return arrival and departure of a trip by stop."""
    table = result.tables["stop_visits"]
    rows = table.text("trip_id") == trip
    stops, times = table.text("stop_id")[rows], zip(table["arrival_s"][rows], table["departure_s"][rows], strict=True)
    return dict(zip(stops.tolist(), times, strict=True))


def hindered(result):
    """Return what hindered vehicles, by trip and stop, where anything did."""
    table = result.tables["stop_visits"]
    rows = table.text("disruption") != ""
    places = zip(table.text("trip_id")[rows].tolist(), table.text("stop_id")[rows].tolist(), strict=True)
    return dict(zip(places, table.text("disruption")[rows].tolist(), strict=True))


@pytest.fixture(scope="module")
def usual():
    return simulated({})


def test_a_usual_day_takes_everybody(usual):
    assert causes(usual) == {"": 180}
    assert hindered(usual) == {}


# --- links ------------------------------------------------------------------------------------------------


def test_vehicles_wait_before_a_closed_link_until_it_opens(usual):
    closed = {"from_stop": "B", "to_stop": "C", "start": 27000.0, "end": 29400.0, "speed_factor": 0}
    result = simulated({"links": [closed]})
    assert causes(result) == {"": 180}
    assert mean_travel_s(result) > mean_travel_s(usual) + 300.0
    table = result.tables["stop_visits"]
    left_b = table["departure_s"][table.text("stop_id") == "B"]
    assert not ((left_b >= 27000.0) & (left_b < 29400.0)).any()
    assert (left_b == 29400.0).sum() >= 2
    waited = set(table.text("trip_id")[(table.text("stop_id") == "B") & (table["departure_s"] == 29400.0)].tolist())
    assert hindered(result) == {(trip, "B"): "link_closed" for trip in waited}


def test_a_slow_link_takes_longer_while_it_is_slow(usual):
    slow = {"from_stop": "B", "to_stop": "C", "start": 27000.0, "end": 28000.0, "speed_factor": 0.25}
    result = simulated({"links": [slow]})
    assert mean_travel_s(result) > mean_travel_s(usual)
    table = result.tables["stop_visits"]
    left = table["departure_s"][table.text("stop_id") == "B"]
    took = table["arrival_s"][table.text("stop_id") == "C"] - left
    inside = (left >= 27000.0) & (left < 28000.0)
    assert inside.any()
    np.testing.assert_allclose(took, np.where(inside, 1200.0, 300.0), atol=1e-5)
    assert set(hindered(result).values()) == {"link_slow"}
    assert len(hindered(result)) == inside.sum()


# --- breakdowns -------------------------------------------------------------------------------------------


def test_riders_of_a_broken_vehicle_get_out_and_take_the_next(usual):
    result = simulated({"breakdowns": [{"trip": "L-0004", "stop": "C", "duration": "30 min"}]})
    assert causes(result) == {"": 180}
    assert mean_travel_s(result) > mean_travel_s(usual)
    assert "D" not in visits(result, "L-0004")
    assert hindered(result) == {("L-0004", "C"): "vehicle_broke_down"}
    journeys, legs = result.tables["journeys"], result.tables["legs"]
    twice = np.bincount(legs["commuter_id"], minlength=180) == 2
    assert twice.sum() > 5
    first_trip = legs.text("trip_id")[legs["leg"] == 0]
    assert set(first_trip[twice[legs["commuter_id"][legs["leg"] == 0]]].tolist()) == {"L-0004"}
    assert (journeys["transfers"][twice] == 1).all()


def test_a_repaired_vehicle_goes_on_with_those_who_still_wait():
    result = simulated(
        {"breakdowns": [{"trip": "L-0010", "after": EVERY_10_MIN[-1] + 400.0, "duration": 900, "then": "continue"}]},
        flows=[flow("A", "E", EVERY_10_MIN[-1] - 300.0, EVERY_10_MIN[-1], 12, "even")],
    )
    assert causes(result) == {"": 12}
    arrival_s, departure_s = visits(result, "L-0010")["C"]
    assert departure_s >= arrival_s + 900.0
    assert set(result.tables["legs"].text("trip_id").tolist()) == {"L-0010"}
    assert (result.tables["journeys"]["transfers"] == 1).all()


def test_riders_whom_nobody_takes_on_are_told_apart():
    result = simulated(
        {"breakdowns": [{"trip": "L-0010", "stop": "C", "duration": 900}]},
        flows=[flow("A", "E", EVERY_10_MIN[-1] - 300.0, EVERY_10_MIN[-1], 12, "even")],
    )
    assert causes(result) == {"vehicle_broke_down": 12}
    assert set(result.tables["journeys"].text("outcome").tolist()) == {"no_service"}


def test_a_breakdown_does_no_harm_where_nobody_wants_to_get_in():
    flows = [flow("A", "E", 25000.0, 26000.0, 3, "even"), flow("D", "E", 25000.0, 26000.0, 1e-9, "poisson")]
    result = simulated({"breakdowns": [{"trip": "L-0010", "stop": "B", "duration": 900}]}, flows=flows)
    assert causes(result) == {"": 3}


@pytest.mark.parametrize("blocks", [True, False])
def test_a_broken_vehicle_blocks_those_behind_or_is_passed(blocks):
    broken = {"trip": "L-0004", "stop": "C", "duration": "25 min", "blocks": blocks}
    result = simulated({"breakdowns": [broken]})
    broken_s = visits(result, "L-0004")["C"][0]
    behind_s = visits(result, "L-0005")["C"][0]
    assert (behind_s >= broken_s + 1500.0) == blocks
    assert (hindered(result).get(("L-0005", "C")) == "behind_broken_vehicle") == blocks


def test_without_overtaking_a_broken_vehicle_blocks():
    broken = {"trip": "L-0004", "stop": "C", "duration": "25 min"}
    blocking = simulated({"breakdowns": [broken]}, service={"overtaking": False})
    passed = simulated({"breakdowns": [broken]})
    assert mean_travel_s(blocking) > mean_travel_s(passed)


def test_a_broken_vehicle_makes_the_next_trip_of_its_block_late():
    lines = [bus_line("L", "AB", [600.0], [25200.0]), bus_line("M", "BA", [600.0], [26100.0])]
    broken = {"breakdowns": [{"trip": "L-0001", "stop": "A", "duration": 3600, "then": "continue"}]}
    riders = [flow("B", "A", 26000.0, 26050.0, 5, "even")]
    found = {}
    for name, disruptions in (("usual", {}), ("late", broken)):
        scenario = world(lines, riders, service={"blocks": "chain"}, disruptions=disruptions, days=1)
        result = sim.run(scenario)
        check_invariants(result.tables)
        found[name] = visits(result, "M-0001")["B"][0]
    assert found == {"usual": 26100.0, "late": 25200.0 + 3600.0 + 600.0}


# --- trips and stops --------------------------------------------------------------------------------------


def test_riders_of_a_cancelled_trip_wait_for_the_next(usual):
    result = simulated({"cancelled_trips": ["L-0003", "L-0004"]})
    assert causes(result) == {"": 180}
    assert visits(result, "L-0003") == {}
    waits = result.tables["journeys"]["wait_s"].mean(), usual.tables["journeys"]["wait_s"].mean()
    assert waits[0] > waits[1] + 60.0


def test_who_counted_on_the_cancelled_last_trip_has_no_service():
    last = EVERY_10_MIN[-1]
    flows = [flow("A", "E", last - 300.0, last, 7, "even"), flow("A", "E", last + 10.0, last + 20.0, 3, "even")]
    assert causes(simulated({}, flows=flows)) == {"": 7, "last_vehicle_gone": 3}
    assert causes(simulated({"cancelled_trips": ["L-0010"]}, flows=flows)) == {
        "trip_cancelled": 7,
        "last_vehicle_gone": 3,
    }


def test_vehicles_pass_a_closed_stop_and_people_wait_until_it_opens(usual):
    result = simulated({"closed_stops": [{"stop": "B", "start": 27000.0, "end": 28800.0}]})
    assert causes(result) == {"": 180}
    table = result.tables["stop_visits"]
    at_b = (table.text("stop_id") == "B") & (table["arrival_s"] >= 27000.0) & (table["arrival_s"] < 28800.0)
    assert at_b.sum() == 3
    assert list(hindered(result).values()) == ["stop_closed"] * 3
    assert table["boardings"][at_b].sum() == table["alightings"][at_b].sum() == 0
    from_b = result.tables["journeys"].text("origin_stop_id") == "B"
    assert result.tables["journeys"]["wait_s"][from_b].mean() > usual.tables["journeys"]["wait_s"][from_b].mean() + 60


def test_who_wanted_to_a_stop_that_stays_closed_is_not_lost():
    result = simulated({"closed_stops": [{"stop": "C", "start": 0.0, "end": 90000.0}]})
    assert causes(result) == {"": 135, "stop_closed": 45}
    legs = result.tables["legs"]
    journeys = result.tables["journeys"]
    bound = journeys.text("destination_stop_id")[legs["commuter_id"]] == "C"
    assert set(legs.text("alight_stop_id")[bound].tolist()) == {"D"}


def test_who_was_carried_past_a_closed_stop_can_come_back():
    lines = [bus_line("L", STOPS, RUNNING_S, EVERY_10_MIN), bus_line("R", STOPS[::-1], RUNNING_S, EVERY_10_MIN)]
    closed = {"closed_stops": [{"stop": "C", "start": 0.0, "end": 27600.0}]}
    result = sim.run(world(lines, [flow("A", "C", 25000.0, 27000.0, 20, "even")], {"bus": BUS}, disruptions=closed))
    check_invariants(result.tables)
    assert causes(result) == {"": 20}
    assert {name[0] for name in result.tables["legs"].text("trip_id").tolist()} == {"L", "R"}


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
@pytest.mark.parametrize("closed", ["C", "D"])
def test_who_was_carried_past_a_closed_stop_counts_in_the_dwell(engine, closed):
    flows = [flow("A", closed, 25000.0, 29000.0, 60, "even"), flow("A", "E", 25000.0, 29000.0, 20, "even")]
    closure = {"closed_stops": [{"stop": closed, "start": 0.0, "end": 90000.0}]}
    bus = {"seats": 30, "capacity": 60, "dwell_rule": "sum", "dead_time": 10, "boarding": 2, "alighting": 1.5}
    lines = [bus_line("L", STOPS, RUNNING_S, EVERY_10_MIN)]
    result = sim.run(world(lines, flows, {"bus": bus}, disruptions=closure, days=1, engine=engine))
    check_invariants(result.tables)
    table = result.tables["stop_visits"]
    stands = table.text("disruption") == ""
    assert (table["alightings"][stands] > 0).sum() >= 6
    served_s = 10.0 + 2.0 * table["boardings"] + 1.5 * table["alightings"]
    np.testing.assert_array_equal(table["dwell_s"][stands], served_s[stands])


# --- more service and more people -------------------------------------------------------------------------


def test_extra_trips_shorten_waits(usual):
    extra = [time + 300.0 for time in EVERY_10_MIN[:-1]]
    result = simulated({}, service={"changes": [{"add_trips": {"line": "L", "departures": extra}}]})
    assert visits(result, "L:0@07:05:00")["A"][0] == EVERY_10_MIN[0] + 300.0
    assert result.tables["journeys"]["wait_s"].mean() < usual.tables["journeys"]["wait_s"].mean() - 60.0


def test_a_crowd_fills_vehicles_and_everybody_gets_home(usual):
    result = simulated({}, crowd=[flow("B", "D", 26400.0, 26500.0, 90)])
    assert causes(result) == {"": 270}
    assert result.tables["stop_visits"]["denied_boardings"].sum() > 30
    assert usual.tables["stop_visits"]["denied_boardings"].sum() == 0
    both = [table.tables["journeys"] for table in (usual, result)]
    np.testing.assert_array_equal(both[0]["departure_s"], both[1]["departure_s"][:180])


def test_disruptions_together_end_with_everybody_accounted_for():
    disruptions = {
        "links": [
            {"from_stop": "C", "to_stop": "D", "start": 27000.0, "end": 28000.0, "speed_factor": 0},
            {"from_stop": "A", "to_stop": "B", "start": 26000.0, "end": 30000.0, "speed_factor": 0.5},
        ],
        "breakdowns": [
            {"trip": "L-0003", "stop": "B", "duration": 1200},
            {"trip": "L-0005", "after": 27700.0, "duration": 900, "then": "continue", "blocks": True},
            {"trip": "L-0007", "stop": "A", "duration": 700, "blocks": True},
        ],
        "cancelled_trips": ["L-0006"],
        "closed_stops": [{"stop": "D", "start": 26500.0, "end": 27500.0}],
    }
    for overtaking in (True, False):
        for rule in ("present_at_arrival", "during_dwell"):
            service = {
                "overtaking": overtaking,
                "boarding_rule": rule,
                "all_stops": {"berths": 1, "minimum_headway": 30},
                "holding": {"rule": "even_headway"},
                "running_time_noise": {"distribution": "gamma", "cv": 0.3},
            }
            crowd = [flow("C", "E", 27000.0, 27300.0, 100)]
            result = simulated(disruptions, service=service, crowd=crowd, behaviour={"patience": "40 min"})
            assert len(result.tables["journeys"]) == 280
            assert sum(causes(result).values()) == 280


# --- what is wrong in the file ----------------------------------------------------------------------------

LINE = """\
name: wrong
network:
  lines:
    - {id: L, stops: [A, B, C], running_times: [60 s, 60 s], vehicle: bus, departures: [7:00]}
service:
  vehicles: {bus: {seats: 1, capacity: 2}}
"""


@pytest.mark.parametrize(
    ("disruption", "key", "message"),
    [
        ("links: [{from_stop: A, to_stop: C, start: 7:00, end: 8:00, speed_factor: 0}]", "links.0", "no link from"),
        ("links: [{from_stop: A, to_stop: X, start: 7:00, end: 8:00, speed_factor: 0}]", "links.0.to_stop", "'X'"),
        ("links: [{from_stop: A, to_stop: B, start: 7:00, end: 7:00, speed_factor: 0}]", "links.0", "after start"),
        ("breakdowns: [{trip: L-0002, stop: A, duration: 60 s}]", "breakdowns.0.trip", "unknown trip"),
        ("breakdowns: [{trip: L-0001, stop: C, duration: 60 s}]", "breakdowns.0.stop", "before the last"),
        ("breakdowns: [{trip: L-0001, duration: 60 s}]", "breakdowns.0", "either stop or after"),
        ("cancelled_trips: [M-0001]", "cancelled_trips.0", "unknown trip"),
        ("closed_stops: [{stop: Z, start: 7:00, end: 8:00}]", "closed_stops.0.stop", "unknown stop"),
        (
            "crowds: [{origin: A, destination: Q, start: 7:00, end: 8:00}]",
            "crowds",
            "as a flow of demand.flows",
        ),
    ],
)
def test_a_disruption_of_what_is_not_there_is_told_with_its_key(tmp_path, disruption, key, message):
    file = tmp_path / "wrong.yaml"
    file.write_text(f"{LINE}disruptions:\n  {disruption}\n")
    with pytest.raises(ScenarioError) as error:
        load_scenario(file)
    assert any(problem.key == f"disruptions.{key}" and message in problem.message for problem in error.value.problems)


# --- what a reader is told --------------------------------------------------------------------------------


def test_every_cause_and_every_hindrance_has_words():
    for codes in (Cause, Disruption):
        assert codes.table_names()[0] == ""
        assert all(code.words for code in codes if code.table_name)


def test_the_report_counts_who_did_not_arrive_and_what_hindered_vehicles(usual):
    broken = {"breakdowns": [{"trip": "L-0010", "stop": "C", "duration": 900}]}
    flows = [flow("A", "E", EVERY_10_MIN[-1] - 300.0, EVERY_10_MIN[-1], 12, "even")]
    result = simulated(broken, flows=flows)
    data = ReportData(result.manifest, result.summary, result.tables)
    assert [(row.name, row.count) for row in outcome_section.cause_rows(data)] == [("vehicle_broke_down", "12.0")]
    assert [(row.name, row.count) for row in outcome_section.hindrance_rows(data)] == [("vehicle_broke_down", "1.0")]
    page = render_report(result.manifest, result.summary, result.tables)
    assert "their vehicle broke down, and no other one took them on" in page
    assert "not-arrived" not in render_report(usual.manifest, usual.summary, usual.tables)
