"""Control by hand: each rule, where it is asked, and rules of one's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from support.small_network import write_network
from support.worlds import Rider, bus_line, flow, run_day, world

import sim
from sim import StopSituation
from sim.engine.compile_input import holding_numbers
from sim.engine.headways import holding_rule
from sim.errors import ScenarioError
from sim.loading.scenario import build_scenario
from sim.model.holding_rules.even_headway import EvenHeadwayHolding
from sim.model.holding_rules.forward_headway import ForwardHeadwayHolding
from sim.model.holding_rules.none import NoHolding
from sim.model.holding_rules.schedule import ScheduleHolding
from sim.model.parameters import HoldingParameters, ScenarioParameters

EMPTY = {"seats": 5, "capacity": 9, "dwell_rule": "constant", "dead_time": 10}


def situation(**changes):
    usual = {
        "trip_id": "t",
        "line_id": "L",
        "stop_id": "B",
        "stop_sequence": 1,
        "arrival_s": 1000.0,
        "ready_s": 1010.0,
        "scheduled_departure_s": 1030.0,
        "headway_s": 200.0,
        "departure_headway_s": 190.0,
        "planned_headway_s": 300.0,
        "next_arrival_s": 1400.0,
        "load": 3,
    }
    return StopSituation(**{**usual, **changes})


@pytest.mark.parametrize(
    ("rule", "changes", "expected_s"),
    [
        (NoHolding(), {}, 0.0),
        (ScheduleHolding(), {}, 20.0),
        (ScheduleHolding(), {"ready_s": 1031.0}, 0.0),
        (ForwardHeadwayHolding(0.25, 30.0, None), {}, 30.0 + 0.25 * 100.0),
        (ForwardHeadwayHolding(0.25, 30.0, 240.0), {}, 30.0 + 0.25 * 40.0),
        (ForwardHeadwayHolding(0.25, 30.0, 100.0), {}, 30.0 - 0.25 * 100.0),
        (ForwardHeadwayHolding(0.25, 30.0, None), {"headway_s": None}, 30.0),
        (EvenHeadwayHolding(), {}, (390.0 - 190.0) / 2),
        (EvenHeadwayHolding(), {"next_arrival_s": 1100.0}, 0.0),
        (EvenHeadwayHolding(), {"next_arrival_s": None}, 0.0),
        (EvenHeadwayHolding(), {"departure_headway_s": None}, 0.0),
    ],
)
def test_a_rule_holds_as_long_as_its_formula_says(rule, changes, expected_s):
    assert rule.holding_s(situation(**changes)) == pytest.approx(expected_s)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("none", NoHolding),
        ("schedule", ScheduleHolding),
        ("forward_headway", ForwardHeadwayHolding),
        ("even_headway", EvenHeadwayHolding),
    ],
)
def test_a_rule_is_found_by_its_name(name, kind):
    assert isinstance(holding_rule(holding_numbers(HoldingParameters(rule=name), None)), kind)


def line_run(holding=None, departures=(600.0, 900.0, 1200.0), rule=None, **service):
    """Return the stop visits of empty buses on A, B, C, D as arrays (trips, stops)."""
    options = {**service, **({"holding": holding} if holding else {})}
    lines = [bus_line("L", "ABCD", [100.0, 100.0, 100.0], list(departures))]
    riders = [flow("A", "B", 600.0, 601.0, 1)]
    result = sim.run(world(lines, riders, {"bus": EMPTY}, service=options, days=1), holding=rule)
    table = result.tables["stop_visits"]
    shape = (len(departures), 4)
    return {name: table[name].reshape(shape) for name in ("arrival_s", "departure_s", "holding_s")}


def test_nobody_is_held_without_a_rule():
    assert not line_run()["holding_s"].any()


def test_holding_to_the_schedule_waits_for_it_at_inner_stops_only():
    # The timetable has no dwell, so a bus is 10 s late already at B.
    assert not line_run({"rule": "schedule"})["holding_s"].any()


def test_a_bus_that_is_early_is_held_to_the_schedule():
    slow = [bus_line("L", "ABC", [300.0, 100.0], [600.0])]
    link = {"delay": "bpr", "classes": {"all": {"capacity": "100 /h"}}, "bus_equivalents": 0}
    result = sim.run(
        world(slow, [flow("A", "C", 500.0, 501.0, 1)], {"bus": {**EMPTY, "dead_time": 0}}, days=1, traffic=link)
    )
    assert result.tables["stop_visits"]["departure_s"].tolist()[:2] == [600.0, 900.0]


def test_forward_headway_holds_a_follower_that_is_too_near():
    times = line_run(
        {"rule": "forward_headway", "alpha": 0.5, "marginal_dwell": 0.0, "headway": 300, "slack": 0},
        departures=(600.0, 800.0, 1100.0),
    )
    np.testing.assert_allclose(times["holding_s"][:, 1], [0.0, 0.5 * 100.0, 0.0])
    np.testing.assert_allclose(times["departure_s"][1, 1], 910.0 + 10.0 + 50.0)
    assert not times["holding_s"][:, [0, 3]].any()


def test_negative_holding_cuts_the_dwell_but_no_further():
    holding = {"rule": "forward_headway", "alpha": 0.5, "headway": 290, "allow_negative": True}
    times = line_run(holding)
    np.testing.assert_allclose(times["holding_s"][1:, 1], -5.0)
    holding["headway"] = 100
    times = line_run(holding)
    np.testing.assert_allclose(times["departure_s"][1:, 1], times["arrival_s"][1:, 1])
    np.testing.assert_allclose(times["holding_s"][1:, 1], -10.0)


def test_negative_holding_waits_for_those_who_get_out():
    slow_doors = {"seats": 5, "capacity": 9, "dead_time": 10, "boarding": 0, "alighting": 3}
    line = bus_line("L", "ABC", [100.0, 100.0], [600.0, 900.0])
    holding = {"rule": "forward_headway", "alpha": 1.0, "headway": 100, "allow_negative": True}
    scenario = world(
        [line], [flow("A", "B", 700.0, 701.0, 4)], {"bus": slow_doors}, service={"holding": holding}, days=1
    )
    stop_visits = sim.run(scenario).tables["stop_visits"]
    at_b = stop_visits["alightings"] == 4
    assert (stop_visits["departure_s"] - stop_visits["arrival_s"])[at_b].tolist() == [4 * 3.0]


def test_the_longest_holding_is_a_bound():
    holding = {"rule": "forward_headway", "alpha": 1.0, "headway": 300, "slack": 100, "most": 40}
    assert line_run(holding)["holding_s"].max() == 40.0


def test_control_stops_are_the_only_ones_with_control():
    holding = {"rule": "forward_headway", "slack": 30, "headway": 300, "control_stops": ["A", "C"]}
    held = line_run(holding)["holding_s"] > 0
    assert held.any(axis=0).tolist() == [True, False, True, False]


def test_even_headways_put_a_vehicle_in_the_middle():
    times = line_run({"rule": "even_headway"}, departures=(600.0, 700.0, 1200.0))
    left_b = times["departure_s"][:, 1]
    expected_next = 1200.0 + 100.0  # by the timetable, which knows no dwell
    assert left_b[1] == pytest.approx((left_b[0] + expected_next) / 2)
    assert line_run(departures=(600.0, 700.0, 1200.0))["departure_s"][1, 1] < left_b[1] - 100.0


@dataclass(frozen=True)
class HoldMinute:
    """Hold every vehicle of a line at every control stop for a minute."""

    line_id: str

    def holding_s(self, situation: StopSituation) -> float:
        return 60.0 if situation.line_id == self.line_id else 0.0


def test_even_headways_count_on_a_vehicle_that_has_not_set_out():
    """Held at their first stop, where the one behind is due by the timetable and none has left yet."""
    holding = {"rule": "even_headway", "control_stops": ["A"]}
    left_a = line_run(holding, departures=(600.0, 700.0, 1200.0))["departure_s"][:, 0]
    assert left_a[1] == pytest.approx((left_a[0] + 1200.0) / 2)


def test_a_rule_of_ones_own_is_asked():
    assert line_run(rule=HoldMinute("L"))["holding_s"][:, 1:3].tolist() == [[60.0, 60.0]] * 3
    assert not line_run(rule=HoldMinute("M"))["holding_s"].any()


def test_a_rule_of_ones_own_goes_before_the_scenario():
    assert not line_run({"rule": "forward_headway", "slack": 30}, rule=NoHolding())["holding_s"].any()


def test_a_rule_of_ones_own_works_in_several_processes_and_is_noted():
    lines = [bus_line("L", "ABC", [100.0, 100.0], [600.0, 900.0])]
    scenario = world(lines, [flow("A", "C", 500.0, 900.0, 9)], {"bus": EMPTY}, days=1, replications=2)
    results = [sim.run(scenario, holding=HoldMinute("L"), jobs=jobs) for jobs in (1, 2)]
    np.testing.assert_array_equal(*(result.tables["stop_visits"]["holding_s"] for result in results))
    assert results[0].tables["stop_visits"]["holding_s"].max() == 60.0
    assert any("HoldMinute" in note for note in results[0].manifest["notes"])


def test_a_rule_of_ones_own_holds_in_comparisons_and_sweeps(tmp_path):
    lines = [bus_line("L", "ABC", [100.0, 100.0], [600.0, 900.0, 1200.0])]
    scenario = world(lines, [flow("A", "C", 500.0, 1100.0, 12)], {"bus": EMPTY}, days=2, replications=2)
    vary, names = {"advisor.penetration": [0.0]}, ["none"]
    ridden = {}
    for name, rule in (("free", None), ("held", HoldMinute("L"))):
        compared = sim.compare(scenario, names, holding=rule)
        swept = [sim.sweep(scenario, vary, names, holding=rule, folder=tmp_path / "s", jobs=jobs) for jobs in (1, 2)]
        ridden[name] = compared.summary["strategies"]["none"]["mean_in_vehicle_min"]["mean"]
        for result in swept:
            found = result.summary["points"][0]["strategies"]["none"]["mean_in_vehicle_min"]["mean"]
            assert found == pytest.approx(ridden[name])
            assert any("HoldMinute" in note for note in result.manifest["notes"]) == (rule is not None)
    # B is the only control stop on the way; finished work of the one is not taken for the other.
    assert ridden["held"] == pytest.approx(ridden["free"] + 1.0)


def test_during_dwell_people_board_while_a_vehicle_is_held():
    lines = [bus_line("L", "ABC", [100.0, 100.0], [600.0])]
    riders = [flow("B", "C", 730.0, 730.0, 1)]
    boarded = {}
    for rule in ("present_at_arrival", "during_dwell"):
        service = {"boarding_rule": rule}
        result = sim.run(world(lines, riders, {"bus": EMPTY}, service=service, days=1), holding=HoldMinute("L"))
        boarded[rule] = int(result.tables["stop_visits"]["boardings"].sum())
    assert boarded == {"present_at_arrival": 0, "during_dwell": 1}


def test_negative_holding_is_refused_where_it_has_no_meaning():
    lines = [bus_line("L", "AB", [100.0], [600.0])]
    service = {"boarding_rule": "during_dwell", "holding": {"rule": "schedule", "allow_negative": True}}
    with pytest.raises(ScenarioError, match="allow_negative"):
        world(lines, [flow("A", "B", 500.0, 600.0, 1)], {"bus": EMPTY}, service=service)


@pytest.mark.parametrize("rule", ["schedule", "even_headway", "headway_threshold"])
def test_negative_holding_is_refused_with_rules_that_never_ask_for_it(rule):
    lines = [bus_line("L", "AB", [100.0], [600.0])]
    service = {"holding": {"rule": rule, "allow_negative": True}}
    with pytest.raises(ScenarioError, match=f"allow_negative: has no effect with rule {rule}, which cuts no dwell"):
        world(lines, [flow("A", "B", 500.0, 600.0, 1)], {"bus": EMPTY}, service=service)


def test_nothing_is_held_at_the_last_stop_of_a_trip_though_it_has_control():
    lines = [bus_line("L", "AB", [100.0], [600.0])]
    holding = {"rule": "forward_headway", "slack": 30, "control_stops": ["A", "B"]}
    day = run_day(
        world(lines, [flow("A", "B", 500.0, 600.0, 1)], {"bus": EMPTY}, service={"holding": holding}),
        [Rider(550.0, "A", "B")],
    )
    assert day.times("L-0001") == [(600.0, 640.0), (740.0, 750.0)]


def test_a_control_stop_that_is_not_there_is_told():
    lines = [bus_line("L", "AB", [100.0], [600.0])]
    service = {"holding": {"rule": "schedule", "control_stops": ["A", "Q"]}}
    with pytest.raises(ScenarioError, match=r"control_stops\.1"):
        world(lines, [flow("A", "B", 500.0, 600.0, 1)], {"bus": EMPTY}, service=service)


def test_a_rule_of_one_file_holds_until_the_headway_is_reached():
    held = line_run({"rule": "headway_threshold", "headway": 240}, departures=(600.0, 700.0, 1200.0))
    assert (held["departure_s"][1, 1:3] - held["departure_s"][0, 1:3]).tolist() == [240.0, 240.0]
    assert held["holding_s"][2].max() == 0.0


def short_turns(folder, service, rule="constant", share=0.0, engine="compiled"):
    """Return what t2 does at B, where t1 and t3 end; t0, t2 and t4 come there every 20 min, but t0 5 min late."""
    departures = ((0, 10), (1, 20), (2, 30), (3, 40), (4, 50))
    files = {
        "vehicles.csv": "vehicle_type,seats,capacity,dwell_rule,dead_time_s,dwell_per_headway\n"
        f"bus,5,9,{rule},0,{share}\n",
        "demand/od.csv": "origin_stop_id,destination_stop_id,period_start,period_end,commuters\n",
        "gtfs/trips.txt": "route_id,service_id,trip_id,direction_id,vehicle_type\n"
        + "".join(f"R,week,t{trip},0,bus\n" for trip, _ in departures),
        "gtfs/stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        + "".join(
            f"t{trip},07:{at}:00,07:{at}:00,A,1\nt{trip},07:{at + 5}:00,07:{at + 5}:00,B,2\n"
            + (f"t{trip},07:{at + 9}:00,07:{at + 9}:00,C,3\n" if trip % 2 == 0 else "")
            for trip, at in departures
        ),
    }
    write_network(folder, {**files, "traffic.csv": None, "gmns/node.csv": None, "gmns/link.csv": None})
    slow = {"start": "7:00", "end": "7:15", "from_stop": "A", "to_stop": "B", "speed_factor": 0.5}
    scenario = {
        "name": "short",
        "days": 1,
        "replications": 1,
        "engine": engine,
        "network": {"folder": str(folder)},
        "service": service,
        "disruptions": {"links": [slow]},
        "demand": {"flows": [flow("A", "C", 25200.0, 25201.0, 1)]},
    }
    parameters = ScenarioParameters.model_validate(scenario)
    visits = sim.run(build_scenario(parameters, folder)).tables["stop_visits"].to_pandas()
    return visits[(visits["trip_id"] == "t2") & (visits["stop_id"] == "B")].iloc[0]


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
@pytest.mark.parametrize(
    ("holding", "expected_s"),
    [
        ({"rule": "forward_headway", "slack": "20 s", "alpha": 0.5}, 20.0 + 0.5 * (1200.0 - 900.0)),
        ({"rule": "headway_threshold"}, 1200.0 - 900.0),
        ({"rule": "even_headway"}, (1200.0 - 900.0) / 2),
    ],
)
def test_trips_that_end_at_a_stop_are_in_front_of_nobody(tmp_path, engine, holding, expected_s):
    assert short_turns(tmp_path, {"holding": holding}, engine=engine)["holding_s"] == expected_s


def test_the_first_of_a_day_loads_for_the_headway_of_those_that_go_on(tmp_path):
    cancelled = {"changes": [{"cancel_trips": {"trips": ["t0"]}}]}
    assert short_turns(tmp_path, cancelled, rule="headway", share=0.1)["dwell_s"] == 0.1 * 1200.0


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
@pytest.mark.parametrize("boarding_rule", ["present_at_arrival", "during_dwell"])
def test_waiting_for_a_closed_road_is_no_holding(engine, boarding_rule):
    line = bus_line("L", "ABC", [100.0, 100.0], [600.0])
    closed = {"start": 0, "end": 1000, "from_stop": "B", "to_stop": "C", "speed_factor": 0, "detour": False}
    service = {"holding": {"rule": "forward_headway", "slack": "30 s"}, "boarding_rule": boarding_rule}
    scenario = world(
        [line],
        [flow("A", "B", 600.0, 601.0, 1)],
        {"bus": EMPTY},
        service=service,
        days=1,
        disruptions={"links": [closed]},
        engine=engine,
    )
    at_b = sim.run(scenario).tables["stop_visits"].to_pandas().iloc[1]
    assert (at_b["arrival_s"], at_b["departure_s"]) == (710.0, 1000.0)
    assert (at_b["holding_s"], at_b["dwell_s"]) == (30.0, 260.0)
