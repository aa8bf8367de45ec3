"""Whoever asks about a day on which they travelled alone is told what they paid on it, whatever the service."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from support.worlds import bus_line, flow, world

import sim
from sim.errors import UnknownNameError

FIRST_S = 7 * 3600
MINUTES = st.integers(3, 24)


@st.composite
def departures(draw: st.DrawFn) -> list[int]:
    headway_s = 60 * draw(st.integers(3, 40))
    return [FIRST_S + draw(st.integers(0, headway_s)) + number * headway_s for number in range(draw(st.integers(2, 9)))]


@st.composite
def services(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A way with a change and, in half of all cases, one without."""
    lines = [
        bus_line(name, stops, [60 * draw(MINUTES)], draw(departures())) for name, stops in (("L", "AB"), ("M", "BC"))
    ]
    if draw(st.booleans()):
        lines.append(bus_line("N", "AC", [120 * draw(MINUTES)], draw(departures())))
    return lines


@given(
    lines=services(),
    window_s=st.sampled_from([60, 300, 900, 1800]),
    period=st.sampled_from(["5 min", "15 min"]),
    routing=st.sampled_from(["frequency", "strategy", "timetable"]),
    patience_s=st.none() | st.integers(2, 25).map(lambda minutes: 60 * minutes),
    leaves_min=st.integers(0, 75),
    after_min=st.integers(5, 60),
    keeps_moment=st.booleans(),
)
def test_whoever_travelled_alone_is_told_what_they_paid(
    lines: list[dict[str, Any]],
    window_s: int,
    period: str,
    routing: str,
    patience_s: int | None,
    leaves_min: int,
    after_min: int,
    keeps_moment: bool,
) -> None:
    """Of their own moment, or of a window in which five people leave at the places that it is told of.

    Would catch mean waits at changes of vehicles, waits until the end of the day for a vehicle that does not come any
    more, and people told to arrive who give up.
    """
    leaves_s = FIRST_S + 60 * leaves_min
    start_s, end_s, people = leaves_s, leaves_s + 1, 1
    if not keeps_moment:
        start_s = leaves_s // window_s * window_s
        end_s, people = start_s + window_s, 5
    wish_s = leaves_s + 60 * after_min
    scenario = world(
        lines,
        [flow("A", "C", start_s, end_s, people, placement="even", preferred_arrival=wish_s)],
        period=period,
        advisor={"window": window_s},
        preferences={"crowding": {"kind": "none"}},
        journeys={"routing": routing},
        behaviour={"patience": patience_s},
    )
    result = sim.run(scenario)
    journeys = result.tables["journeys"]
    asked = {"usual": float(journeys["departure_s"][0])} if keeps_moment else {"earlier": "2 h", "later": "2 h"}
    try:
        told = {option.window_start_s: option for option in sim.advise(result, "A", "C", wish_s, **asked)}
    except UnknownNameError:
        return
    own = told.get(start_s // window_s * window_s)
    if own is not None:
        assert own.generalized_cost_min == pytest.approx(journeys["generalized_cost_min"].mean())
