"""Periods of a service: split where the frequency changes and nowhere else; first, last and rare vehicles are known."""

from __future__ import annotations

import numpy as np
import pytest
from support.worlds import bus_line, world

from sim.routing.service_levels import is_constant, levels_of, period_headways

HALF_HOUR_S = 1800.0


def test_periods_end_where_the_frequency_changes() -> None:
    gaps_s = np.repeat([600.0, 300.0, 900.0], [12, 20, 8])
    assert period_headways(gaps_s).tolist() == gaps_s.tolist()


def test_three_gaps_on_each_side_are_enough_to_tell_two_frequencies() -> None:
    gaps_s = np.repeat([600.0, 300.0], 3)
    assert period_headways(gaps_s).tolist() == gaps_s.tolist()
    assert np.ptp(period_headways(gaps_s[1:])) == 0


def test_even_and_slightly_uneven_services_have_one_period() -> None:
    random = np.random.default_rng(1)
    for gaps_s in (np.full(50, 600.0), np.tile([180.0, 420.0], 40), random.uniform(240, 360, 100)):
        assert np.ptp(period_headways(gaps_s)) == 0


@pytest.mark.parametrize("vehicles", [30, 100, 300])
def test_vehicles_at_random_are_hardly_ever_split(vehicles: int) -> None:
    """Of 500 draws at most 3 % where 1 % is expected; with 5 % expected that is passed once in 50 times."""
    random = np.random.default_rng(vehicles)
    split = [np.ptp(period_headways(random.exponential(300.0, vehicles))) > 0 for _ in range(500)]
    assert np.mean(split) <= 0.03


def test_first_and_last_vehicles_and_rare_ones_are_known() -> None:
    due_s = np.array([0.0, 600.0, 1200.0, 1800.0, 9000.0, 12000.0, 12300.0, 12600.0])
    headway_s, latest_s = levels_of(due_s, HALF_HOUR_S)
    assert headway_s.tolist() == [0, 600, 600, 600, 0, 0, 300, 300]
    assert latest_s.tolist() == [0, 600, 600, 0, 0, 0, 300, 0]


def test_people_with_a_timetable_know_all_vehicles() -> None:
    headway_s, latest_s = levels_of(np.array([0.0, 60.0, 60.0, 120.0]), 0.0)
    assert not headway_s.any()
    assert not latest_s.any()


EVEN = [600.0 * trip for trip in range(1, 9)]


@pytest.mark.parametrize(
    ("departures_s", "constant"),
    [
        (EVEN, True),
        (EVEN[:1], False),  # a single vehicle has no headway
        ([*EVEN, *(EVEN[-1] + 300.0 * trip for trip in range(1, 13))], False),  # twice as often later
        ([*EVEN, *(EVEN[-1] + 7200.0 + due_s for due_s in EVEN)], False),  # a gap in which nobody waits
    ],
)
def test_a_line_is_constant_where_one_headway_holds_all_day(departures_s: list[float], constant: bool) -> None:
    scenario = world([bus_line("L", "ABC", [60, 60], departures_s)])
    assert is_constant(scenario.service, HALF_HOUR_S) == constant


@pytest.mark.parametrize(("first", "constant"), [(0, True), (1, True), (3, False)])
def test_lines_that_begin_at_other_hours_are_not_constant(first: int, constant: bool) -> None:
    """Both run every 10 min and end together; the second may begin up to one headway later."""
    lines = [bus_line("L", "AB", [60], EVEN), bus_line("M", "AB", [90], EVEN[first:])]
    assert is_constant(world(lines).service, HALF_HOUR_S) == constant
