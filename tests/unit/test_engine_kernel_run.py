"""What the compiled engine is handed: that of a scenario once, that of a day every day."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

from sim.advisor import ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.compiled import NoLibraryError
from sim.engine import Departures, simulate
from sim.engine.kernel import run
from sim.engine.kernel.library import load
from sim.records.day import DayRecords


@pytest.fixture(autouse=True)
def _needs_library() -> None:
    try:
        load()
    except NoLibraryError:
        pytest.skip("the compiled engine cannot be used here")


def people(trips: int = 8) -> ReplicationWorld:
    """People on a line with so many vehicles."""
    line = bus_line("L", "ABC", [120, 180], range(300, 300 * (trips + 1), 300))
    return ReplicationWorld.create(compile_scenario(world([line], [flow("A", "C", 0, 1800, 30)])), 0)


def lived(people: ReplicationWorld, day: int) -> DayRecords:
    """A day on which all leave by habit."""
    population = people.population
    departures = Departures(population.habitual_departure_s, population.journeys, population.chain)
    return simulate(people.compiled.engine_input, departures, people.variates_of(day), engine="compiled")


def test_what_a_scenario_is_made_of_is_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch structures that are filled again on each day: 120 arrays, as long as a small day takes to run."""
    named, filled = Counter[str](), run.filled

    def counted(name: str, *given: Any) -> Any:
        named[name] += 1
        return filled(name, *given)

    monkeypatch.setattr(run, "filled", counted)
    here = people()
    for day in range(3):
        lived(here, day)
    assert {name for name, times in named.items() if times > 1} == {"DayVariates", "DayStart", "Stays", "DayTrace"}
    assert named["Timetable"] == 1


def test_scenarios_side_by_side_are_not_taken_for_each_other() -> None:
    """Would catch arrays of another scenario under the days of the next, of one that it was made of, or of a copy."""
    few, many = people(4), people(8)
    expected = [lived(people(trips), 0).visit_load for trips in (4, 8)]
    for _ in range(2):
        for here, load_ in zip((few, many), expected, strict=True):
            assert np.array_equal(lived(here, 0).visit_load, load_)
    given = few.compiled.engine_input
    narrow = replace(given, vehicle_types=replace(given.vehicle_types, capacity=given.vehicle_types.capacity * 0 + 2))
    sent = pickle.loads(pickle.dumps(given))
    assert given.kept.given is not None
    assert narrow.kept.given is sent.kept.given is None
    assert lived(replace(few, compiled=replace(few.compiled, engine_input=narrow)), 0).visit_load.max() == 2
    again = lived(replace(few, compiled=replace(few.compiled, engine_input=sent)), 0)
    assert np.array_equal(again.visit_load, expected[0])
    assert lived(few, 0).visit_load.max() > 2


def test_what_follows_from_journeys_is_shared_by_days() -> None:
    """Would catch arrays of a row for each ride that every day makes anew, and one that a day could write to."""
    here = people()
    journeys = here.population.journeys
    first, second = lived(here, 0), lived(here, 1)
    assert np.shares_memory(first.ride_commuter, second.ride_commuter)
    assert first.ride_commuter.tolist() == sorted(range(30))
    for name in ("rides", "walks", "commuter", "walk_before_ticks_s"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(journeys, name)[:1] = 0


def by_the_hour() -> ReplicationWorld:
    """People who wait for other lines early than late, some of whom change vehicles on the way."""
    early, late = range(300, 3900, 300), range(3900, 7500, 300)
    lines = [
        bus_line("fast", "AxC", [240, 300], early),
        bus_line("slow", "ABC", [300, 600], [*early, *late]),
        bus_line("on", "CD", [240], [*early, *late]),
    ]
    flows = [flow("A", "D", 0, 7200, 60), flow("A", "C", 0, 7200, 30)]
    few = {"bus": {"seats": 4, "capacity": 4}}
    return ReplicationWorld.create(compile_scenario(world(lines, flows, few)), 0)


def test_vehicles_are_handed_the_queues_that_they_would_find_by_looking_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a queue of another hour, one left out, and other orders; with visits in parts as well as at once."""
    given = by_the_hour().compiled.engine_input
    places, table = given.positions, given.timetable
    expected: list[list[int]] = []
    for place, due_s in zip(table.visit_position, table.scheduled_departure_s, strict=True):
        rows = range(places.queue_ptr[place], places.queue_ptr[place + 1])
        inside = [row for row in rows if places.queue_from_s[row] <= due_s <= places.queue_until_s[row]]
        expected.append(places.queue[inside].tolist())
    every = np.diff(places.queue_ptr)[table.visit_position].sum()
    assert 0 < sum(map(len, expected)) < every
    for at_once in (run.VISITS_AT_ONCE, 7):
        monkeypatch.setattr(run, "VISITS_AT_ONCE", at_once)
        served = run._served_queues(given)
        ptr, queue = served["ptr"], served["queue"]
        assert ptr is not None
        assert queue is not None
        assert [queue[ptr[at] : ptr[at + 1]].tolist() for at in range(len(expected))] == expected


def test_a_queue_is_never_passed_over_that_somebody_is_in() -> None:
    """Would catch a queue that counts as empty after a look at it, or where a change of vehicles ends."""
    here = by_the_hour()
    population = here.population
    departures = Departures(population.habitual_departure_s, population.journeys, population.chain)
    days = [
        simulate(here.compiled.engine_input, departures, here.variates_of(0), engine=engine)
        for engine in ("compiled", "simpy")
    ]
    assert days[0].denied_boardings.sum() > 0
    assert (np.bincount(days[0].ride_commuter[days[0].ride_board_visit >= 0]) > 1).any()
    for name, values in vars(days[1]).items():
        assert np.array_equal(getattr(days[0], name), values, equal_nan=values.dtype.kind == "f"), name


def test_vehicles_for_all_queues_of_their_places_need_no_lists() -> None:
    """Would catch lists as long as all visits where no line differs by the hour."""
    assert run._served_queues(people().compiled.engine_input) == {"ptr": None, "queue": None}
