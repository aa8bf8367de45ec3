"""Dwell rules, seen at a stop where known numbers of people get out and in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.worlds import Day, Rider, bus_line, run_day, world

LINE = bus_line("L", "ABC", [60, 60], [600])


def at_b(kind: dict[str, Any], alighting: int, boarding: int, staying: int = 0, **service: Any) -> tuple[float, Day]:
    """Return the dwell at B in seconds and the day."""
    full = {"seats": 100, "capacity": 100, **kind}
    riders = [Rider(0, "A", "B")] * alighting + [Rider(0, "A", "C")] * staying + [Rider(0, "B", "C")] * boarding
    day = run_day(world([LINE], vehicles={"bus": full}, service=service), riders or [Rider(9000, "A", "B")])
    arrival_s, departure_s = day.times("L-0001")[1]
    return departure_s - arrival_s, day


RATES = {"dead_time": 4, "boarding": 3, "alighting": 2}


@pytest.mark.parametrize(
    ("rule", "alighting", "boarding", "expected_s"),
    [
        ("constant", 0, 0, 4),
        ("constant", 5, 7, 4),
        ("sum", 0, 0, 4),
        ("sum", 5, 7, 4 + 5 * 2 + 7 * 3),
        ("max", 0, 0, 4),
        ("max", 5, 7, 4 + 7 * 3),
        ("max", 12, 7, 4 + 12 * 2),
    ],
)
def test_rules_on_paper(rule: str, alighting: int, boarding: int, expected_s: float) -> None:
    assert at_b({**RATES, "dwell_rule": rule}, alighting, boarding)[0] == expected_s


def test_doors_share_the_work() -> None:
    kind = {**RATES, "dwell_rule": "sum", "boarding_channels": 2, "alighting_channels": 4}
    assert at_b(kind, 8, 6)[0] == 4 + 8 * 2 / 4 + 6 * 3 / 2


@pytest.mark.parametrize(("rule", "expected_s"), [("sum", 4 + 2 * 3.5), ("max", 4 + 2 * 3.5), ("constant", 4)])
def test_friction_counts_while_anybody_stands(rule: str, expected_s: float) -> None:
    kind = {**RATES, "dwell_rule": rule, "seats": 2, "standee_friction": 0.5}
    assert at_b(kind, 0, 2, staying=3)[0] == expected_s
    assert at_b(kind, 0, 2, staying=2)[0] == (4 if rule == "constant" else 4 + 2 * 3)


def test_who_has_got_out_does_not_stand_any_more() -> None:
    kind = {**RATES, "dwell_rule": "sum", "seats": 2, "standee_friction": 0.5}
    assert at_b(kind, 3, 2, staying=2)[0] == 4 + 3 * 2 + 2 * 3


def test_people_get_out_one_after_the_other() -> None:
    _, day = at_b({**RATES, "dwell_rule": "sum", "alighting_channels": 2}, 3, 0)
    arrival_s = day.times("L-0001")[1][0]
    assert [rider.alight_s[0] - arrival_s for rider in day.riders] == [1, 2, 3]


def test_nobody_takes_time_to_get_out_under_a_constant_dwell() -> None:
    _, day = at_b({**RATES, "dwell_rule": "constant"}, 3, 0)
    assert {rider.alight_s[0] for rider in day.riders} == {day.times("L-0001")[1][0]}


@settings(max_examples=25)
@given(
    rule=st.sampled_from(["constant", "sum", "max"]),
    alighting=st.integers(0, 6),
    boarding=st.integers(0, 6),
    channels=st.integers(1, 3),
    boarding_rule=st.sampled_from(["present_at_arrival", "during_dwell"]),
)
def test_everybody_is_out_and_in_before_it_leaves(
    rule: str, alighting: int, boarding: int, channels: int, boarding_rule: str
) -> None:
    kind = {**RATES, "dwell_rule": rule, "boarding_channels": channels, "alighting_channels": channels}
    dwell_s, day = at_b(kind, alighting, boarding, boarding_rule=boarding_rule)
    arrival_s, departure_s = day.times("L-0001")[1]
    assert dwell_s >= 4
    assert all(arrival_s <= rider.alight_s[0] <= departure_s for rider in day.riders[:alighting])
    assert at_b(kind, alighting, boarding + 1, boarding_rule=boarding_rule)[0] >= dwell_s
