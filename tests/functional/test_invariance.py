"""Clocks and scales: a day shifted in time, or run at half speed, is otherwise the same day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.worlds import Day, Rider, bus_line, flow, run_day, world

import sim

FIELDS = ("departure_s", "arrival_s", "habitual_departure_s", "preferred_arrival_s", "window_start_s", "window_end_s")


def advised_day(shift_s: float) -> sim.ComparisonResult:
    """Run two days without any draw that hangs on the time of day; the second one is advised."""
    lines = [
        bus_line("L", "ABC", [120, 180], [shift_s + 300 * number for number in range(4, 20)]),
        bus_line("M", "CD", [90], [shift_s + 400 * number for number in range(4, 20)]),
    ]
    flows = [
        flow(
            pair[0],
            pair[1],
            shift_s + start,
            shift_s + start + 900,
            many,
            "even",
            preferred_arrival=shift_s + start + 1500,
        )
        for pair, start, many in (("AC", 1200, 60), ("AD", 2100, 30), ("BC", 1200, 25))
    ]
    bus = {"seats": 5, "capacity": 12, "dwell_rule": "sum", "dead_time": 3, "boarding": 2, "alighting": 1}
    noise = {"running_time_noise": {"distribution": "lognormal", "cv": 0.2}}
    advice = {"penetration": 1, "compliance": 0, "window": 300}
    scenario = world(lines, flows, {"bus": bus}, service=noise, advisor=advice, period=300, days_kept=2)
    return sim.compare(scenario)


@pytest.mark.parametrize("shift_s", [3600.0, 18000.0, 86400.0])
def test_shift_of_all_clock_times_changes_nothing_else(shift_s: float) -> None:
    """By whole windows and periods, so that the grids shift along; advice is given and nobody follows it."""
    before, after = advised_day(0), advised_day(shift_s)
    for name, table in before.tables.items():
        other = after.tables[name]
        assert len(table) == len(other)
        for column in table.schema.columns:
            mine, theirs = table[column.name], other[column.name]
            clock = column.name.endswith("_s") and (column.name in FIELDS or name in ("legs", "denied_boardings"))
            of_visits = ("scheduled_arrival_s", "scheduled_departure_s", "arrival_s", "departure_s")
            clock |= name == "stop_visits" and column.name in of_visits
            clock = (clock and column.name != "standing_s") or column.name == "period_start_s"
            expected = mine + shift_s if clock else mine
            np.testing.assert_allclose(theirs, expected, atol=1e-5, err_msg=f"{name}.{column.name}")
    advised = before.tables["journeys"]["advised"]
    assert advised.any()


@st.composite
def days(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "links": [draw(st.integers(1, 300)) for _ in range(3)],
        "departures": sorted(draw(st.lists(st.integers(0, 2000), min_size=1, max_size=8))),
        "riders": draw(
            st.lists(
                st.tuples(st.integers(0, 2000), st.sampled_from(["AB", "AC", "AD", "BD", "CD", "BC"])), max_size=40
            )
        ),
        "capacity": draw(st.integers(1, 6)),
        "rule": draw(st.sampled_from(["constant", "sum", "max"])),
        "boarding_rule": draw(st.sampled_from(["present_at_arrival", "during_dwell"])),
        "overtaking": draw(st.booleans()),
    }


def lived(facts: dict[str, Any], scale: float) -> Day:
    """Simulate a day with all times multiplied."""
    kind = {
        "seats": 1,
        "capacity": facts["capacity"],
        "dwell_rule": facts["rule"],
        "dead_time": 4 * scale,
        "boarding": 3 * scale,
        "alighting": 2 * scale,
    }
    line = bus_line("L", "ABCD", [time * scale for time in facts["links"]], [t * scale for t in facts["departures"]])
    service = {"boarding_rule": facts["boarding_rule"], "overtaking": facts["overtaking"]}
    journeys = {"known_headway": 1800 * scale, "departure_period": 900 * scale}
    behaviour = {"patience": 900 * scale}
    scenario = world([line], vehicles={"bus": kind}, service=service, behaviour=behaviour, journeys=journeys)
    riders = [Rider(time * scale, *pair) for time, pair in facts["riders"]]
    return run_day(scenario, riders or [Rider(0, "A", "B")])


@settings(max_examples=30)
@given(days(), st.sampled_from([0.5, 2.0, 8.0]))
def test_all_durations_scaled_scale_all_times(facts: dict[str, Any], scale: float) -> None:
    plain, scaled = lived(facts, 1.0), lived(facts, scale)
    for mine, theirs in zip(plain.riders, scaled.riders, strict=True):
        assert (theirs.outcome, theirs.cause, theirs.trips, theirs.denied) == (
            mine.outcome,
            mine.cause,
            mine.trips,
            mine.denied,
        )
        assert np.array(theirs.board_s + theirs.alight_s) == pytest.approx(
            scale * np.array(mine.board_s + mine.alight_s), abs=1e-3, nan_ok=True
        )
        assert theirs.wait_s == pytest.approx(scale * mine.wait_s, abs=1e-3)


@settings(max_examples=30)
@given(days())
def test_a_stop_in_the_middle_without_passengers_and_dwell_is_no_stop(facts: dict[str, Any]) -> None:
    """With no dwell, a stop where nobody gets in or out may be taken out of the line."""
    riders = [Rider(time, *pair) for time, pair in facts["riders"] if "B" not in pair] or [Rider(0, "A", "D")]
    links, kind = facts["links"], {"seats": 1, "capacity": facts["capacity"]}
    long = bus_line("L", "ABCD", links, facts["departures"])
    short = bus_line("L", "ACD", [links[0] + links[1], links[2]], facts["departures"])
    service = {"no_dwell": True, "boarding_rule": facts["boarding_rule"]}
    with_b, without_b = (
        run_day(world([line], vehicles={"bus": kind}, service=service), riders) for line in (long, short)
    )
    assert str(with_b.riders) == str(without_b.riders)
