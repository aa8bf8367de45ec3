"""People board the vehicles that are attractive when these are due: both engines, and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.both_engines import compare_engines
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.advisor.loop import compile_scenario
from sim.engine import choose_engine, draw_variates
from sim.engine.compile_input import compile_input
from sim.engine.day_arrays import start_of_day
from sim.engine.simulate import run_simpy
from sim.model.journeys import JourneyChain
from sim.population.route_choice import chosen_journeys
from sim.randomness import Streams

EVERY_10_MIN = [600.0 * number for number in range(1, 13)]


def two_lines(capacity=20, **service):
    lines = [
        bus_line("slow", "ABC", [300, 600], EVERY_10_MIN),
        bus_line("fast", "AxC", [300, 400], [at + 120 for at in EVERY_10_MIN]),
    ]
    vehicles = {"bus": {**INSTANT_BUS, "seats": capacity, "capacity": capacity}}
    return compile_scenario(world(lines, [flow("A", "C", 0, 7200, 40)], vehicles, service=service))


def run(compiled, rows, departures_s):
    """Run a day in which everybody waits for the rows of one leg: pattern, from when, until when."""
    legs = compiled.options.legs
    pattern, from_s, until_s = (np.array(column) for column in zip(*rows, strict=True))
    alight = dict(zip(legs.pattern.tolist(), legs.alight_sequence.tolist(), strict=True))
    table = replace(
        legs,
        set_ptr=np.array([0, len(rows)]),
        pattern=pattern,
        board_sequence=np.zeros(len(rows), dtype=np.int64),
        alight_sequence=np.array([alight[row] for row in pattern.tolist()]),
        from_s=from_s.astype(np.float64),
        until_s=until_s.astype(np.float64),
        next_leg=np.full(len(rows), legs.next_leg[0]),
        next_walk_s=np.zeros(len(rows)),
    )
    engine_input = compile_input(compiled.scenario, table)
    journeys = chosen_journeys(compiled.options, np.zeros(len(departures_s), dtype=np.int64))
    commuters = len(departures_s)
    start = start_of_day(engine_input, np.array(departures_s, dtype=np.float64), journeys, JourneyChain.none(commuters))
    variates = draw_variates(engine_input, Streams(1, 0), 0)
    if choose_engine("auto").name == "compiled":
        return compare_engines(engine_input, variates, start)
    return run_simpy(engine_input, variates, start)


def boarded(compiled, trace):
    """Return line and due time of the vehicle that each commuter boarded."""
    service = compiled.scenario.service
    trips = service.visit_trip[trace.ride_board_visit]
    lines = [service.lines[service.patterns[row].line].line_id for row in service.trip_pattern[trips].tolist()]
    return list(zip(lines, service.scheduled_departure_s[trace.ride_board_visit].tolist(), strict=True))


def test_the_slow_line_is_left_alone_while_the_fast_one_is_due():
    compiled = two_lines()
    slow, fast = 0, 1
    rows = [(slow, -np.inf, 1800.0), (fast, 1900.0, 3200.0), (slow, 3300.0, np.inf)]
    trace = run(compiled, rows, [550.0, 1801.0, 1850.0, 2000.0, 3130.0])
    expected = [("slow", 600.0), ("fast", 1920.0), ("fast", 1920.0), ("fast", 2520.0), ("slow", 3600.0)]
    assert boarded(compiled, trace) == expected


def test_where_people_get_out_depends_on_the_vehicle():
    """One position and two spans: the first leads to C, and so does the second; the row is that of the vehicle."""
    compiled = two_lines()
    rows = [(0, 500.0, 700.0), (0, 1100.0, 1300.0), (0, 2300.0, 2500.0)]
    trace = run(compiled, rows, [0.0, 601.0, 1201.0, 2401.0])
    assert boarded(compiled, trace)[:3] == [("slow", 600.0), ("slow", 1200.0), ("slow", 2400.0)]
    assert trace.ride_board_visit[3] == -1


cuts = st.lists(st.integers(0, 80), min_size=2, max_size=6, unique=True).map(
    lambda values: [100.0 * value for value in sorted(values)]
)


@given(
    cuts=st.tuples(cuts, cuts),
    departures=st.lists(st.integers(0, 75).map(lambda value: 100.0 * value), min_size=1, max_size=30),
    rule=st.sampled_from(["present_at_arrival", "during_dwell"]),
    capacity=st.integers(1, 4),
)
def test_everybody_boards_the_first_vehicle_of_their_spans_that_has_room(cuts, departures, rule, capacity):
    compiled = two_lines(capacity, boarding_rule=rule)
    rows = [(line, cut[at], cut[at + 1]) for line, cut in enumerate(cuts) for at in range(0, len(cut) - 1, 2)]
    trace = run(compiled, rows, departures)
    expected = [-1] * len(departures)
    service = compiled.scenario.service
    firsts = service.visit_ptr[:-1].tolist()
    for first in sorted(firsts, key=lambda visit: service.scheduled_departure_s[visit]):
        due_s = float(service.scheduled_departure_s[first])
        line = int(service.trip_pattern[service.visit_trip[first]])
        if any(at == line and from_s <= due_s <= until_s for at, from_s, until_s in rows):
            present = [ride for ride, at in enumerate(departures) if at <= due_s and expected[ride] < 0]
            for ride in sorted(present, key=lambda ride: (departures[ride], ride))[:capacity]:
                expected[ride] = first
    assert trace.ride_board_visit.tolist() == expected
