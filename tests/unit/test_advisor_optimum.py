"""The least total cost of a day: exact in worlds that theory knows, below every total elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.invariants import check_invariants
from support.random_worlds import random_worlds
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import ReplicationWorld, optimum, simulate_days, strategy_by_name
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum import lagrangian
from sim.advisor.optimum.vehicles import direct_rides, vehicle_runs
from sim.engine import draw_variates
from sim.experiments import replications
from sim.loading.scenario import build_scenario
from sim.locations import scenarios_dir
from sim.model.scenario import Scenario
from sim.verification.bottleneck_world import Peak
from sim.verification.families.bottleneck import equilibrium_scenario as queue_scenario
from sim.verification.families.crowded_services import BEST, EQUILIBRIUM, SET_A, SET_B, SET_C, SET_D
from sim.verification.services_world import RIDE_MIN, services_of, world_of

QUEUE = {"N": 400, "s": 200.0, "alpha": 2.0, "beta": 1.0, "gamma": 4.0, "tstar": 9.0}


def by_habit(params):
    """Return the scenario of a day at the user equilibrium."""
    return EQUILIBRIUM.scenario(world_of(EQUILIBRIUM.loads, params))


def least_min(result: sim.RunResult) -> float:
    return float(result.tables["journeys"]["optimum_cost_min"].sum())


def built(parameters: Any) -> Scenario:
    return build_scenario(parameters, Path())


@pytest.mark.parametrize("params", [SET_A, SET_B, SET_C, SET_D], ids="ABCD")
def test_services_with_crowding_have_the_optimum_of_theory(params: dict[str, Any]) -> None:
    services = services_of(params)
    result = sim.run(built(by_habit(params)))
    people = len(result.tables["journeys"])
    scale = people / services.riders
    expected = (services.total(services.optimum()) + services.riders * RIDE_MIN) * scale
    assert result.manifest["optimum"]["kind"] == "exact"
    # Set C has half riders in theory.
    assert least_min(result) == pytest.approx(expected, rel=2e-5)
    total = result.summary["metrics"]["total_generalized_cost_min"]["mean"]
    gap = result.summary["metrics"]["gap_to_optimum_share"]["mean"]
    assert gap == pytest.approx((total - expected) / total, abs=2e-5)


def test_bottleneck_has_the_optimum_of_theory() -> None:
    result = sim.run(built(queue_scenario(Peak.of(QUEUE))))
    assert result.manifest["optimum"]["kind"] == "exact"
    riders = len(result.tables["journeys"]) / QUEUE["N"]
    assert least_min(result) == pytest.approx(60.0 * Peak.of(QUEUE).theory.optimum * riders, rel=0.01)
    assert result.summary["metrics"]["gap_to_optimum_share"]["mean"] == pytest.approx(0.5, abs=0.01)


def test_large_programs_are_solved_by_a_few_rides_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lesson has 180,000 pairs of person and vehicle; its optimum is d N^2/(2 s) (Arnott et al. 1990).

    Would fail if rides that prices make cheap were not added, or if people were dealt rides that others have.
    """
    scenario = sim.load_scenario(scenarios_dir() / "bottleneck_lesson.yaml", {"days": 1})
    rounds = []
    generate = lagrangian._PriceSearch.generate
    monkeypatch.setattr(lagrangian._PriceSearch, "generate", lambda looking: rounds.append(generate(looking)))
    result = sim.run(scenario)
    people, per_min, early, late = 600, 10.0, 1.0, 4.0
    expected = early * late / (early + late) * people**2 / (2 * per_min)
    assert len(rounds) == 1
    assert result.manifest["optimum"]["kind"] == "exact"
    assert least_min(result) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("entries", [60_000, 0], ids=["program", "averages"])
def test_coordinated_takes_the_possible_saving(monkeypatch: pytest.MonkeyPatch, entries: int) -> None:
    """Of what half the people could save all, who follow: here all of what everybody could."""
    monkeypatch.setattr("sim.advisor.assignment.lp.MOST_ENTRIES", entries)
    parameters = BEST.scenario(world_of(BEST.loads, {**SET_B, "p": 0.5})).model_copy(update={"days": 4})
    summary = sim.compare(built(parameters), ["none", "coordinated"]).summary["strategies"]
    assert summary["none"]["saving_taken_share"]["mean"] == 0.0
    assert summary["coordinated"]["saving_taken_share"]["mean"] > 0.95


def few(places: int, **vehicle: Any) -> Scenario:
    """Three people who want to arrive at 2000; buses arrive at 1400, 2000 and 2600."""
    return world(
        [bus_line("L", "AB", [300], [1100, 1700, 2300])],
        [flow("A", "B", 900, 1000, 3, "even", preferred_arrival=2000)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": places, **vehicle}},
        population={"earlier_flexibility": 5000, "later_flexibility": 5000},
        preferences={"early_penalty": 0.5, "late_penalty": 2.0, "crowding": {"kind": "none"}},
    )


def test_who_finds_no_place_on_time_is_early() -> None:
    """Two ride for 5 min and are on time, one rides as long and is 10 min early."""
    result = sim.run(few(2))
    assert result.manifest["optimum"]["kind"] == "exact"
    assert least_min(result) == pytest.approx(3 * 5 + 0.5 * 10)
    assert least_min(sim.run(few(3))) == pytest.approx(3 * 5)


def test_of_many_rides_those_nearest_to_the_wish_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three people alike, who have one ride to look at: it is the one that arrives on time, the second of three."""
    monkeypatch.setattr(optimum, "MOST_PAIRS", 1)
    assert least_min(sim.run(few(3))) == pytest.approx(3 * 5)


def test_whoever_can_be_no_earlier_is_late() -> None:
    """With one place a bus, one is on time, one early and one late; leaving later than 1200 means to wait."""
    late = world(
        [bus_line("L", "AB", [300], [1100, 1700, 2300])],
        [flow("A", "B", 900, 1000, 3, "even", preferred_arrival=2000)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 1}},
        population={"earlier_flexibility": 0, "later_flexibility": 200},
        preferences={"early_penalty": 0.5, "late_penalty": 2.0, "wait_weight": 1.0, "crowding": {"kind": "none"}},
    )
    latest_s = np.sort(sim.run(late).tables["journeys"]["habitual_departure_s"] + 200)
    # The first of the three takes the first bus without waiting; the others leave at their latest and wait.
    waits_s = [1700 - latest_s[2], 2300 - latest_s[1]]
    expected = 3 * 5 + 0.5 * 10 + 2.0 * 10 + sum(waits_s) / 60.0
    swapped = 3 * 5 + 0.5 * 10 + 2.0 * 10 + (1700 - latest_s[1] + 2300 - latest_s[2]) / 60.0
    assert least_min(sim.run(late)) == pytest.approx(min(expected, swapped), abs=1e-6)


def test_where_people_hold_vehicles_up_it_is_a_bound() -> None:
    slow = sim.run(few(3, dwell_rule="sum", boarding=30))
    assert slow.manifest["optimum"]["kind"] == "lower bound"
    # The bus before could be held up so long that it is in time, by none of the three.
    assert 3 * 5 <= least_min(slow) <= 3 * 5 + 1e-6


@settings(max_examples=12)
@given(random_worlds(), st.sampled_from(["individual", "coordinated"]))
def test_no_strategy_goes_below_it(scenario: Scenario, strategy: str) -> None:
    result = sim.compare(scenario, ["none", strategy])
    check_invariants(result.tables, scenario.parameters.period_s)
    journeys = result.tables["journeys"]
    for place in np.unique(journeys["strategy"]):
        for replication in np.unique(journeys["replication"]):
            mine = (journeys["strategy"] == place) & (journeys["replication"] == replication)
            total = journeys["generalized_cost_min"][mine].sum()
            assert journeys["optimum_cost_min"][mine].sum() <= total + 1e-6


def test_nobody_holds_up_a_vehicle_at_the_stop_where_it_begins() -> None:
    """Of three with a bus each, one is on time, one early and one late, as where boarding takes no time.

    Would catch: vehicles that may come as late as suits, where one trip is all that they run.
    """
    slow = sim.run(few(1, dwell_rule="sum", boarding=30))
    assert slow.manifest["optimum"]["kind"] == "lower bound"
    assert least_min(slow) == pytest.approx(3 * 5 + 0.5 * 10 + 2.0 * 10)


def test_a_plan_in_parts_of_persons_is_rounded_to_all_of_them() -> None:
    """Three people, half of one in each of two rides at 1 and 2 min: two ride in the first, one in the second."""
    rides = SimpleNamespace(
        matrix=scipy.sparse.csr_array(np.eye(2)),
        demand=SimpleNamespace(count=np.array([3.0]), owner=np.array([0, 0])),
        room=SimpleNamespace(
            capacity=np.array([2.0, 2.0]), is_convex=True, tangent=lambda rows, _: np.zeros((2, len(rows)))
        ),
        used=np.array([0, 1]),
        own_min=np.array([1.0, 2.0, 100.0]),
    )
    assert lagrangian._BoundProgram.cost_of_whole_min(rides, np.array([1.5, 1.5, 0.0])) == 2 * 1.0 + 2.0
    assert lagrangian._BoundProgram.cost_of_whole_min(rides, np.array([1.5, 0.5, 1.0])) == np.inf


def test_averaged_prices_come_near_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = least_min(sim.run(built(by_habit(SET_A))))
    monkeypatch.setattr(lagrangian, "MOST_ENTRIES", 0)
    result = sim.run(built(by_habit(SET_A)))
    assert result.manifest["optimum"]["kind"] == "lower bound"
    assert 0.98 * exact < least_min(result) <= exact + 1e-6


def test_the_bound_holds_on_congested_links_without_overtaking() -> None:
    """Nothing bounds how late a vehicle comes that another one is in front of: any time of day may be met."""
    traffic = {
        "delay": "bpr",
        "classes": {"road": {"capacity": "100 /h"}},
        "volumes": [{"link_class": "road", "start": 600, "end": 1200, "volume": "150 /h"}],
        "bus_equivalents": 0,
    }
    lines = [bus_line("L", "ABC", [300, 300], [300, 600, 900, 1200])]
    vehicles = {"bus": {"seats": 10, "capacity": 20}}
    scenario = world(lines, [flow("A", "C", 0, 1200, 20)], vehicles, traffic=traffic, service={"overtaking": False})
    result = sim.run(scenario)
    check_invariants(result.tables)
    assert 0 < least_min(result) <= result.journeys["generalized_cost_min"].sum()


def left_standing(**sections: Any) -> Scenario:
    """Five people at 3600 s who cannot leave at another time, and two vehicles with one place, at 6000 and 12000 s.

    Waiting counts double, and nobody minds when they arrive.
    """
    return world(
        [bus_line("L", "AB", [600], [6000, 12000])],
        [flow("A", "B", 3600, 3600, 5)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 1}},
        preferences={
            **{"crowding": {"kind": "none"}, "wait_weight": 2.0, "early_penalty": 0.0, "late_penalty": 0.0},
            "unserved_penalty": 7200,
        },
        population={"earlier_flexibility": 0, "later_flexibility": 0},
        **sections,
    )


def test_who_is_not_served_has_waited_for_the_last_vehicle() -> None:
    """One waits 40 min, one 140 and rides 10; three wait 140 min, and pay two hours for not getting there."""
    result = sim.run(left_standing())
    paid = (2 * 40 + 10) + (2 * 140 + 10) + 3 * (2 * 140 + 120)
    assert result.summary["metrics"]["total_generalized_cost_min"]["mean"] == pytest.approx(paid)
    assert least_min(result) == pytest.approx(paid)


@pytest.mark.parametrize("sections", [{"behaviour": {"patience": 600}}, {"horizon": {"end": 9000}}], ids=str)
def test_who_waits_no_longer_pays_no_more(sections: dict[str, Any]) -> None:
    """They give up after ten minutes, or the day ends before the last vehicle comes."""
    result = sim.run(left_standing(**sections))
    check_invariants(result.tables)
    assert least_min(result) <= result.summary["metrics"]["total_generalized_cost_min"]["mean"] + 1e-6


@pytest.mark.parametrize(("end", "least", "kind"), [(20_000, 90.0, "exact"), (7_500, 90.0, "lower bound")])
def test_who_gets_out_before_the_day_ends(end: int, least: float, kind: str) -> None:
    """One waits from 3600 s to 6000 s for a vehicle to the next stop; at 7500 s it is under way to the one after that.

    Would catch: a vehicle that takes nobody anywhere since it does not come to its last stop.
    """
    scenario = world(
        [bus_line("L", "ABC", [600, 1200], [6000])],
        [flow("A", "B", 3600, 3600, 1)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 1}},
        preferences={
            **{"crowding": {"kind": "none"}, "wait_weight": 2.0, "early_penalty": 0.0, "late_penalty": 0.0},
            "unserved_penalty": 7200,
        },
        population={"earlier_flexibility": 0, "later_flexibility": 0},
        horizon={"end": end},
    )
    result = sim.run(scenario)
    check_invariants(result.tables)
    assert least_min(result) == pytest.approx(least)
    assert result.summary["metrics"]["total_generalized_cost_min"]["mean"] == pytest.approx(least)
    assert result.manifest["optimum"]["kind"] == kind


def test_steps_raise_the_bound_where_a_plan_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Averaged prices alone, and what steps make of them: not above what a plan costs, which leaves nothing to find."""
    monkeypatch.setattr(lagrangian, "MOST_ENTRIES", 0)
    monkeypatch.setattr(lagrangian, "MOST_WORK", 0.0)
    totals = {}
    asked = optimum.optimum_of_day

    def thorough(*given: Any) -> optimum.DayOptimum:
        found = asked(*given)
        paid_min = np.full(len(found.cost_min), 60.0)
        totals["averaged"], totals["steps"] = found.cost_min.sum(), asked(*given, paid_min=paid_min).cost_min.sum()
        return found

    monkeypatch.setattr(replications, "optimum_of_day", thorough)
    result = sim.run(built(by_habit(SET_A)))
    exact = (services_of(SET_A).total(services_of(SET_A).optimum()) + services_of(SET_A).riders * RIDE_MIN) * (
        len(result.tables["journeys"]) / services_of(SET_A).riders
    )
    assert totals["averaged"] < totals["steps"] - 1.0
    assert 0.98 * exact < totals["steps"] <= exact * (1.0 + 1e-9)


@pytest.mark.parametrize(("factor", "least_s"), [(0.5, 1200.0), (1.0, 600.0)])
def test_the_first_hop_of_all_runs_at_the_speed_of_its_minute(factor: float, least_s: float) -> None:
    """Would catch a hop that is left out of the table of running times, by which it would take 600 s at any hour.

    The vehicle leaves in the first minute of the day; from the second one on all are at half their speed.
    """
    speeds = [{"start": 0.0, "end": 60.0, "factor": factor}, {"start": 60.0, "end": 90_000.0, "factor": 0.5}]
    scenario = world(
        [bus_line("L", "AB", [600.0], [0.0], lengths=[5000.0])],
        [flow("A", "B", 0, 0, 1)],
        {"bus": {"seats": 5, "capacity": 9, "dwell_rule": "sum", "dead_time": 0, "boarding": 2}},
        traffic={"speed_factors": speeds},
        days=1,
    )
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    (day,) = simulate_days(people, strategy_by_name("none"))
    variates = draw_variates(people.compiled.engine_input, people.streams, 0)
    runs = vehicle_runs(people.compiled.engine_input, variates, day.records)
    assert runs.to_next_s[0] == pytest.approx(least_s)


def test_walks_before_and_after_the_ride_are_paid() -> None:
    """One who leaves at 3600 s walks 300 s, waits 60 s, rides 600 s and walks 400 s; a minute of walking counts three.

    Would catch: walks that are left out of the bound, or taken off it.
    """
    line = bus_line("L", "AB", [600], [3960])
    places = {"O": (0, 300), "A": (0, 0), "B": (5000, 0), "D": (5000, 400)}
    stops = [{"id": name, "x": x, "y": y} for name, (x, y) in places.items()]
    scenario = world(
        [line],
        [flow("A", "B", 3600, 3600, 1)],
        network={"lines": [line], "stops": stops},
        journeys={"longest_walk": 400, "walk_detour": 1, "walk_speed": 1},
        preferences={
            **{"crowding": {"kind": "none"}, "wait_weight": 2.0, "walk_weight": 3.0},
            **{"early_penalty": 0.0, "late_penalty": 0.0},
        },
        population={"earlier_flexibility": 0, "later_flexibility": 0},
    )
    origin, destination = ([scenario.network.stop_index[name]] for name in "OD")
    demand = replace(scenario.demand, origin=np.array(origin), destination=np.array(destination))
    result = sim.run(replace(scenario, demand=demand))
    paid = (3 * (300 + 400) + 2 * 60 + 600) / 60
    assert result.summary["metrics"]["total_generalized_cost_min"]["mean"] == pytest.approx(paid)
    assert least_min(result) == pytest.approx(paid)


def test_people_down_the_line_board_it_in_its_hours_alone() -> None:
    """In the evening they take the express alone, whose vehicles are no fewer at their stop than at the first.

    Would catch: hours that are looked up at another stop of the trip than where people board.
    """
    hour_s = 3600.0
    evening = np.arange(16 * hour_s, 20 * hour_s + 1, 300.0).tolist()
    all_day = np.arange(6 * hour_s, 23 * hour_s, 600.0).tolist()
    scenario = world(
        [bus_line("slow", "OAxyB", [1500, 600, 900, 900], all_day), bus_line("express", "OAB", [1500, 700], evening)],
        [flow("A", "B", 17 * hour_s, 18 * hour_s, 20)],
        {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}},
        preferences={"crowding": {"kind": "none"}},
    )
    compiled = compile_scenario(scenario)
    service, options = compiled.scenario.service, compiled.options
    people = ReplicationWorld.create(compiled, 0)
    records = next(iter(simulate_days(people, strategy_by_name("none")))).records
    vehicles = vehicle_runs(compiled.engine_input, people.variates_of(0), records)
    wanted = np.unique(people.population.journeys.option)
    rides = direct_rides(service, options, wanted, vehicles)
    assert (service.visit_sequence[rides.board] == 1).all()
    slow = service.trip_pattern[service.visit_trip] == 0
    boarded = slow[rides.board]
    due_s = service.scheduled_departure_s[rides.board][boarded]
    legs = options.legs
    (leg,) = options.leg[options.leg_ptr[wanted]]
    rows = np.arange(legs.set_ptr[leg], legs.set_ptr[leg + 1])
    hours = [(legs.from_s[row], legs.until_s[row]) for row in rows if legs.pattern[row] == 0]
    here_s = service.scheduled_departure_s[slow & (service.visit_sequence == 1)]
    expected_s = [one for one in here_s.tolist() if any(begin <= one <= end for begin, end in hours)]
    assert 0 < len(expected_s) < len(here_s)
    assert sorted(due_s.tolist()) == sorted(expected_s)
