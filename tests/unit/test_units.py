"""Clock times and quantities as people write them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.units import (
    TICKS_PER_S,
    format_clock,
    format_clock_short,
    parse_clock,
    parse_duration,
    parse_length,
    parse_rate,
    parse_speed,
    quantize,
    quantize_one,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6:30", 23_400.0),
        ("06:30", 23_400.0),
        ("06:30:15", 23_415.0),
        ("0:00", 0.0),
        ("24:00", 86_400.0),
        ("25:10:30", 90_630.0),
        ("100:00", 360_000.0),
        ("06:30:15.5", 23_415.5),
        (" 7:05 ", 25_500.0),
        ("9999:30", 35_998_200.0),
        (23_400, 23_400.0),
        (0.5, 0.5),
    ],
)
def test_a_clock_time_is_seconds_after_midnight(text, seconds):
    assert parse_clock(text) == seconds


@pytest.mark.parametrize("text", ["5h04", "6:60", "6:30:60", "6", "", "-1:00", "half past", True, None, math.inf, [6]])
def test_what_is_no_clock_time_is_refused(text):
    with pytest.raises(ValueError, match="clock time"):
        parse_clock(text)


@given(st.integers(min_value=0, max_value=359_999))
def test_a_whole_second_survives_writing_and_reading(seconds):
    assert parse_clock(format_clock(seconds)) == seconds


def test_minutes_are_written_without_rounding_up():
    assert format_clock_short(23_459.0) == "06:30"
    assert format_clock(90_630.0) == "25:10:30"
    assert format_clock(-30.0) == "-00:00:30"


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_duration, "90 s", 90.0),
        (parse_duration, "6 min", 360.0),
        (parse_duration, "1.5h", 5_400.0),
        (parse_duration, "1 d", 86_400.0),
        (parse_duration, "-2 min", -120.0),
        (parse_duration, 45, 45.0),
        (parse_length, "400 m", 400.0),
        (parse_length, "1.2 km", 1_200.0),
        (parse_rate, "120 /h", 120 / 3600),
        (parse_rate, "2/min", 2 / 60),
        (parse_rate, "0.03 /s", 0.03),
        (parse_speed, "36 km/h", 10.0),
        (parse_speed, "7 m/s", 7.0),
        (parse_duration, "1e3 s", 1_000.0),
    ],
)
def test_a_quantity_is_read_in_base_units(parse, text, value):
    assert parse(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_duration, "6 minutes ago"),
        (parse_duration, "6 km"),
        (parse_duration, "6:30"),
        (parse_duration, "min"),
        (parse_duration, ""),
        (parse_duration, True),
        (parse_duration, None),
        (parse_duration, math.nan),
        (parse_length, "1.2 miles"),
        (parse_rate, "120 h"),
        (parse_speed, "30 mph"),
    ],
)
def test_a_quantity_of_another_kind_is_refused_with_examples(parse, text):
    with pytest.raises(ValueError, match=r"write for example|expected|finite"):
        parse(text)


def test_times_are_rounded_to_the_tick_of_the_clock():
    rough = np.array([0.1, 1 / 3, 7.0])
    exact = quantize(rough)
    assert np.array_equal(exact * TICKS_PER_S, np.round(rough * TICKS_PER_S))
    assert np.array_equal(quantize(exact), exact)
    assert quantize_one(0.1) == exact[0]
    assert exact[0] + exact[0] + exact[0] == 3 * exact[0]
