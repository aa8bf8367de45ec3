"""The engines against a simulator written for clarity alone, event by event, on random small worlds.

What would be caught: a boarding out of order, a person who boards a full vehicle or is carried past their
stop, a berth or a lane given to the wrong vehicle, a holding or a dwell off by one tick, vehicles of one
instant out of the order of their blocks. Three such differences were planted in the engine by hand, one at
a time (berths given to the last in line, of two people who join in one instant the higher number first,
woken vehicles ahead of all others), and each failed the last test below.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from support.random_worlds import random_worlds

from reference.declared import TICKS
from reference.simulator import Simulator
from reference.worlds import detour_worlds, loop_worlds, operated_worlds, platoons
from sim.advisor.loop import ReplicationWorld, compile_scenario
from sim.engine import Departures, simulate
from sim.model.outcome import Outcome
from sim.model.scenario import Scenario
from sim.records.day import DayRecords


def seconds(time: int | None) -> float:
    """Return a time of the reference in seconds; NaN for none."""
    return float("nan") if time is None else time / TICKS


def both(scenario: Scenario) -> tuple[DayRecords, Simulator]:
    """Run the first day of a scenario in the engine and in the reference."""
    compiled = compile_scenario(scenario)
    people = ReplicationWorld.create(compiled, 0)
    population, chance = people.population, people.variates_of(0)
    leave_s = population.habitual_departure_s
    records = simulate(compiled.engine_input, Departures(leave_s, population.journeys, population.chain), chance)
    reference = Simulator(
        scenario,
        compiled.options.legs,
        population.journeys,
        leave_s.tolist(),
        chance.dispatch_s.tolist(),
        chance.running_factor.tolist(),
    )
    return records, reference.run()


def assert_same_day(records: DayRecords, reference: Simulator) -> None:
    """Compare every visit, ride, denied boarding and outcome."""
    visits = reference.visits
    np.testing.assert_array_equal(records.visit_arrival_s, [seconds(visit.arrival) for visit in visits])
    np.testing.assert_array_equal(records.visit_departure_s, [seconds(visit.departure) for visit in visits])
    np.testing.assert_array_equal(records.visit_holding_s, [seconds(visit.holding) for visit in visits])
    np.testing.assert_array_equal(records.visit_berth_wait_s, [seconds(visit.berth_wait) for visit in visits])
    np.testing.assert_array_equal(records.visit_boardings, [visit.boardings for visit in visits])
    np.testing.assert_array_equal(records.visit_alightings, [visit.alightings for visit in visits])
    np.testing.assert_array_equal(records.visit_load, [visit.load for visit in visits])
    assert _rides_of_records(records) == _rides_of_reference(reference)
    denied = [
        (ride.person.number, reference.first[trip] + place, seconds(time))
        for ride in reference.rides
        for trip, place, time in ride.refused
    ]
    engine = zip(
        records.denied_commuter.tolist(), records.denied_visit.tolist(), records.denied_time_s.tolist(), strict=True
    )
    assert sorted(engine) == sorted(denied)
    outcomes = [Outcome(outcome).table_name for outcome in records.outcome.tolist()]
    assert outcomes == [reference.outcome(person) for person in reference.people]
    arrived = [place for place, outcome in enumerate(outcomes) if outcome == "arrived"]
    assert records.arrival_s[arrived].tolist() == [seconds(reference.people[place].arrival) for place in arrived]


def _rides_of_records(records: DayRecords) -> list[tuple[float, ...]]:
    times = [
        np.nan_to_num(column, nan=-1.0).tolist()
        for column in (records.ride_wait_from_s, records.ride_board_s, records.ride_alight_s)
    ]
    return sorted(zip(records.ride_commuter.tolist(), *times, strict=True))


def _rides_of_reference(reference: Simulator) -> list[tuple[float, ...]]:
    found = []
    for ride in reference.rides:
        times = (ride.waits_from, ride.boarded and ride.boarded[2], ride.alighted and ride.alighted[2])
        found.append((ride.person.number, *(-1.0 if time is None else seconds(time) for time in times)))
    return sorted(found)


@settings(max_examples=60)
@given(random_worlds(days=1))
def test_the_engine_agrees_with_the_reference_on_plain_worlds(scenario: Scenario) -> None:
    """Full vehicles, transfers, patience, noise, both boarding rules, order kept or not, days cut off."""
    assert_same_day(*both(scenario))


@settings(max_examples=150)
@given(operated_worlds())
def test_the_engine_agrees_with_the_reference_where_vehicles_are_operated(scenario: Scenario) -> None:
    """Berths, minimum headways, holding, blocks, closed and slow links, closed stops, breakdowns, cancelled trips."""
    assert_same_day(*both(scenario))


@settings(max_examples=150)
@given(detour_worlds())
def test_the_engine_agrees_with_the_reference_where_streets_are_closed(scenario: Scenario) -> None:
    """Ways round closed streets, stops that are missed, people who get out behind them, waits where no way leads."""
    assert_same_day(*both(scenario))


@settings(max_examples=150)
@given(platoons())
def test_the_engine_agrees_with_the_reference_where_all_come_at_once(scenario: Scenario) -> None:
    """Vehicles that wake each other and people who join in one instant: the tie rules of `sim.engine`."""
    assert_same_day(*both(scenario))


@settings(max_examples=150)
@given(loop_worlds())
def test_the_engine_agrees_with_the_reference_where_lines_come_to_a_stop_twice(scenario: Scenario) -> None:
    """Boarding and getting out at the first or the second visit, full vehicles at the first, holding by visit."""
    assert_same_day(*both(scenario))
