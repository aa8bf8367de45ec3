"""People who come while vehicles stand with open doors, worked out by hand."""

from __future__ import annotations

import pytest
from support.worlds import Rider, bus_line, run_day, world


def stands(capacity, dead_time, boarding=0.0, **more):
    kind = {"seats": capacity, "capacity": capacity, "dwell_rule": "sum", "dead_time": dead_time, "alighting": 0}
    return {**kind, "boarding": boarding, **more}


def two_at_a_stop(patience=None):
    """Return a bus for one that stands at A from 600 to 660, and one with room that comes at 630."""
    lines = [bus_line("S", "AB", [60], [600], vehicle="full"), bus_line("F", "AB", [60], [630], vehicle="roomy")]
    kinds = {"full": stands(1, 60), "roomy": stands(9, 0)}
    more = {"behaviour": {"patience": patience}} if patience else {}
    return world(lines, [], kinds, service={"boarding_rule": "during_dwell"}, days=1, **more)


def denied(day):
    found = zip(day.records.denied_commuter, day.records.denied_visit, day.records.denied_time_s, strict=True)
    return sorted((int(rider), int(visit), float(time_s)) for rider, visit, time_s in found)


def test_who_finds_a_vehicle_full_and_boards_another_was_denied():
    """Two wait when the full one comes and one comes while it stands; all three board the other, or its follower."""
    day = run_day(
        two_at_a_stop(), [Rider(500, "A", "B"), Rider(510, "A", "B"), Rider(511, "A", "B"), Rider(620, "A", "B")]
    )
    assert [day.rider(n).board_s for n in range(4)] == [[600.0], [630.0], [630.0], [630.0]]
    assert denied(day) == [(1, 0, 600.0), (2, 0, 600.0), (3, 0, 620.0)]
    assert day.records.visit_denied.tolist() == [3, 0, 0, 0]


def test_who_gives_up_beside_a_full_vehicle_was_denied_once():
    day = run_day(two_at_a_stop(patience=5), [Rider(600, "A", "B"), Rider(601, "A", "B")])
    assert denied(day) == [(1, 0, 601.0)]
    assert day.rider(1).outcome == "gave_up"


def test_the_vehicle_that_stands_takes_them_before_the_one_that_comes_later():
    lines = [bus_line("S", "AB", [60], [600], vehicle="slow"), bus_line("F", "AB", [60], [630], vehicle="quick")]
    kinds = {"slow": stands(9, 60), "quick": stands(9, 0)}
    scenario = world(lines, [], kinds, service={"boarding_rule": "during_dwell"}, days=1)
    day = run_day(scenario, [Rider(610, "A", "B")])
    assert (day.rider(0).board_s, day.rider(0).alight_s) == ([610.0], [720.0])


def held(boarding, riders, **kind):
    """Return arrival, departure and holding at B of a bus that comes at 670 and is held 230 s beyond its dwell."""
    holding = {"rule": "forward_headway", "control_stops": ["B"], "slack": 230}
    service = {"boarding_rule": "during_dwell", "holding": holding}
    line = bus_line("L", "ABC", [60, 60], [600])
    # It stands at A for 10 s too.
    scenario = world([line], [], {"bus": stands(9, 10, boarding, **kind)}, service=service, days=1)
    day = run_day(scenario, [Rider(time_s, "B", "C") for time_s in riders])
    assert [rider.board_s for rider in day.riders] == [[max(float(time_s), 670.0)] for time_s in riders]
    return day.times("L-0001")[1], float(day.records.visit_holding_s[1])


def test_a_hold_is_long_enough_for_those_who_come_during_most_of_it():
    assert held(20, []) == ((670.0, 910.0), 230.0)
    assert held(20, [700, 800]) == ((670.0, 910.0), 230.0)


def test_who_comes_at_the_end_of_a_hold_boards_before_the_vehicle_leaves():
    assert held(20, [905]) == ((670.0, 925.0), 230.0)


def test_riders_who_come_together_during_a_hold_board_one_after_the_other():
    assert held(20, [850, 880, 885, 908]) == ((670.0, 940.0), 230.0)


def test_who_boards_past_standees_during_a_hold_takes_longer():
    assert held(20, [899, 899, 899], seats=1, standee_friction=5) == ((670.0, 964.0), 230.0)


def test_boarding_takes_no_time_where_the_dwell_is_constant():
    assert held(20, [905], dwell_rule="constant") == ((670.0, 910.0), 230.0)


def test_the_time_that_waiting_riders_take_is_not_counted_again_for_those_who_come_during_the_hold():
    """Three wait and are in at 740; the hold then lasts to 970, in which one boards from 800 to 820."""
    assert held(20, [600, 600, 600, 800]) == ((670.0, 970.0), 230.0)


def test_one_boarding_more_takes_what_the_regression_adds():
    rule = {"dwell_rule": "dueker"}
    (_, empty), _ = held(0, [], **rule)
    (_, left), _ = held(0, [empty - 1], **rule)
    assert left == pytest.approx(empty - 1 + 3.481 - 0.040, abs=1e-5)
