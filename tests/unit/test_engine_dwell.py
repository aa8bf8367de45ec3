"""Dwell rules, seen at a stop where known numbers of people get out and in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from support.worlds import Day, Rider, bus_line, run_day, world

from sim.engine.dwell import hindered_boardings
from sim.errors import ScenarioError

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
    assert at_b(kind, 0, 2, staying=1)[0] == (4 if rule == "constant" else 4 + 2 * 3)


def test_friction_begins_with_the_first_who_finds_somebody_standing() -> None:
    """2 seats, 1 on board: the first who boards sits, the second stands unhindered, two more pass them."""
    kind = {**RATES, "dwell_rule": "sum", "seats": 2, "standee_friction": 0.5}
    assert at_b(kind, 0, 4, staying=1)[0] == 4 + 2 * 3 + 2 * 3.5
    assert at_b(kind, 0, 4, staying=0)[0] == 4 + 3 * 3 + 3.5


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 12))
def test_hindered_boardings_are_those_that_find_more_on_board_than_seats(
    before: int, boardings: int, seats: int
) -> None:
    found = hindered_boardings(before + boardings, boardings, seats)
    assert found == sum(before + earlier > seats for earlier in range(boardings))


def test_who_has_got_out_does_not_stand_any_more() -> None:
    kind = {**RATES, "dwell_rule": "sum", "seats": 2, "standee_friction": 0.5}
    assert at_b(kind, 3, 2, staying=1)[0] == 4 + 3 * 2 + 2 * 3


def test_people_get_out_one_after_the_other() -> None:
    _, day = at_b({**RATES, "dwell_rule": "sum", "alighting_channels": 2}, 3, 0)
    arrival_s = day.times("L-0001")[1][0]
    assert [rider.alight_s[0] - arrival_s for rider in day.riders] == [1, 2, 3]


@pytest.mark.parametrize("leavers", [1, 24, 60])
def test_all_are_out_before_the_doors_close_under_the_regression(leavers: int) -> None:
    dwell_s, day = at_b({"dwell_rule": "dueker"}, leavers, 0)
    last_s = max(rider.alight_s[0] for rider in day.riders) - day.times("L-0001")[1][0]
    assert 0 < last_s <= dwell_s + 1e-9


def test_nobody_takes_time_to_get_out_under_a_constant_dwell() -> None:
    _, day = at_b({**RATES, "dwell_rule": "constant"}, 3, 0)
    assert {rider.alight_s[0] for rider in day.riders} == {day.times("L-0001")[1][0]}


TCRP_100 = {"dead_time": 3.5, "fare_payment": "smart_card_tcrp100", "alighting_door": "rear_tcrp100"}


@pytest.mark.parametrize(
    ("rule", "standing", "expected_s"), [("max", False, 31.5), ("max", True, 35.5), ("sum", False, 42.0)]
)
def test_eight_on_and_five_off_as_in_the_manual(rule: str, standing: bool, expected_s: float) -> None:
    # max(8 x 3.5, 5 x 2.1) + 3.5; 0.5 s more per boarding while anybody stands; one door for both.
    kind = {**TCRP_100, "dwell_rule": rule, "seats": 5 if standing else 100}
    assert at_b(kind, 5, 8, staying=6)[0] == pytest.approx(expected_s, abs=1e-5)


@pytest.mark.parametrize(
    ("payment", "each_s"),
    [
        ("prepaid", 2.0),
        ("visual", 2.0),
        ("ticket", 3.0),
        ("exact_change", 4.5),
        ("validator", 4.0),
        ("magstripe", 5.0),
        ("smart_card", 2.75),
    ],
)
def test_the_way_fares_are_paid_sets_the_time_per_boarding(payment: str, each_s: float) -> None:
    of_type = {**RATES, "dwell_rule": "sum", "fare_payment": payment}
    assert at_b(of_type, 0, 6)[0] == 4 + 6 * each_s
    for_all = at_b({**RATES, "dwell_rule": "sum"}, 0, 6, dwell={"fare_payment": payment})[0]
    assert for_all == 4 + 6 * each_s


@pytest.mark.parametrize(("door", "each_s"), [("front", 2.5), ("rear", 1.75), ("rear_check_out", 3.5)])
def test_the_door_sets_the_time_per_alighting(door: str, each_s: float) -> None:
    assert at_b({**RATES, "dwell_rule": "sum", "alighting_door": door}, 6, 0)[0] == 4 + 6 * each_s
    assert at_b({**RATES, "dwell_rule": "sum"}, 6, 0, dwell={"alighting_door": door})[0] == 4 + 6 * each_s


def test_what_a_type_says_of_itself_goes_before_what_holds_for_all() -> None:
    own = {**RATES, "dwell_rule": "sum", "fare_payment": "prepaid"}
    assert at_b(own, 0, 4, dwell={"fare_payment": "exact_change"})[0] == 4 + 4 * 2


def test_standees_slow_payment_on_board() -> None:
    paying = {**RATES, "dwell_rule": "sum", "seats": 1}
    assert at_b(paying, 0, 4, staying=2, dwell={"fare_payment": "ticket"})[0] == 4 + 4 * 3.5
    none = {**paying, "fare_payment": "ticket", "standee_friction": 0}
    assert at_b(none, 0, 4, staying=2)[0] == 4 + 4 * 3


@pytest.mark.parametrize(
    ("kind", "service", "message"),
    [
        ({"dwell_rule": "constant", "fare_payment": "ticket"}, {}, "have no effect with the dwell rule constant"),
        ({"dwell_rule": "constant"}, {"dwell": {"fare_payment": "ticket"}}, "service.dwell: has no effect: no vehicle"),
        ({}, {"dwell": {"fare_payment": "ticket"}, "no_dwell": True}, "service.dwell: has no effect with no_dwell"),
        ({"fare_payment": "barter"}, {}, "Input should be 'prepaid'"),
    ],
)
def test_payment_without_effect_is_told(kind: dict[str, Any], service: dict[str, Any], message: str) -> None:
    with pytest.raises((ScenarioError, ValidationError), match=message):
        at_b({**RATES, **kind}, 0, 1, **service)


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
