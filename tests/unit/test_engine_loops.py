"""Lines that come to a stop twice, worked out by hand."""

from __future__ import annotations

import pytest
from support.worlds import Rider, bus_line, run_day, world

SPUR = bus_line("L", "ABCBD", [60, 60, 60, 60], [600, 1200])
"""At A 600, at B 660, at C 720, at B again 780, at D 840; the same ten minutes later."""
RING = bus_line("R", "ABCA", [60, 60, 60], [600, 1200])
RULES = pytest.mark.parametrize("rule", ["present_at_arrival", "during_dwell"])
ROUTINGS = pytest.mark.parametrize("routing", ["frequency", "timetable", "strategy"])


def ridden(line, riders, rule="present_at_arrival", routing="frequency", **more):
    scenario = world([line], service={"boarding_rule": rule}, journeys={"routing": routing}, days=1, **more)
    day = run_day(scenario, riders)
    return [(rider.board_s, rider.alight_s) for rider in day.riders], day


@RULES
@ROUTINGS
def test_people_get_out_the_first_time_their_stop_comes(rule, routing):
    found, day = ridden(SPUR, [Rider(500, "A", "B"), Rider(500, "A", "D")], rule, routing)
    assert found == [([600.0], [660.0]), ([600.0], [840.0])]
    assert [(call.boardings, call.alightings, call.load) for call in day.calls("L-0001")] == [
        (2, 0, 2), (0, 1, 1), (0, 0, 1), (0, 0, 1), (0, 1, 0)]  # fmt: skip


@RULES
@ROUTINGS
def test_people_may_board_at_either_visit(rule, routing):
    """To C only the first visit leads; to D the second is the shorter ride, on the same vehicle."""
    riders = [Rider(500, "B", "C"), Rider(700, "B", "C"), Rider(700, "B", "D"), Rider(700, "C", "B")]
    found, _ = ridden(SPUR, riders, rule, routing)
    assert found == [
        ([660.0], [720.0]),
        ([1260.0], [1320.0]),
        ([780.0], [840.0]),
        ([720.0], [780.0]),
    ]


@RULES
@ROUTINGS
def test_people_ride_on_past_the_stop_at_which_a_ring_begins(rule, routing):
    found, day = ridden(RING, [Rider(500, "A", "C"), Rider(500, "B", "A"), Rider(700, "C", "A")], rule, routing)
    assert found == [([600.0], [720.0]), ([660.0], [780.0]), ([720.0], [780.0])]
    assert [call.load for call in day.calls("R-0001")] == [1, 2, 2, 0]


@RULES
def test_the_place_that_somebody_gives_up_between_the_visits_is_taken_at_the_second(rule):
    """The one place goes from A to B, from B to C, and from B to D; the last rider is denied it."""
    kind = {"bus": {"seats": 1, "capacity": 1, "dwell_rule": "constant", "dead_time": 0}}
    scenario = world([SPUR], [], kind, service={"boarding_rule": rule}, days=1)
    day = run_day(scenario, [Rider(500, "A", "B"), Rider(501, "B", "C"), Rider(502, "B", "D"), Rider(503, "B", "D")])
    assert [rider.board_s for rider in day.riders] == [[600.0], [660.0], [780.0], [1380.0]]
    assert [rider.denied for rider in day.riders] == [0, 0, 0, 1]
    assert [call.denied for call in day.calls("L-0001")] == [0, 0, 0, 1, 0]
