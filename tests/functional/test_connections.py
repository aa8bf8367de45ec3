"""People who change vehicles: what plans, advice and learners take a moment or a window to cost is what riders pay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor.strategy import AdvisorView
from sim.model.advice import AdvicePlan, no_advice
from sim.model.scenario import Scenario

FIRST_S = 7 * 3600
ROOMY = {"bus": {**INSTANT_BUS, "seats": 1000, "capacity": 1000}}
MINUTES = st.integers(3, 24)


@dataclass(frozen=True)
class Watching:
    """Advises nobody, and keeps what it was shown.

    Attributes
    ----------
    views : list of AdvisorView
    """

    name: str = "watching"
    views: list[AdvisorView] = field(default_factory=list)

    def advise(self, view: AdvisorView) -> AdvicePlan:
        self.views.append(view)
        return no_advice(len(view.population), view.window_s)


def changing(lines: list[dict[str, Any]], leaves_s: tuple[int, int], people: int, **sections: Any) -> Scenario:
    """Return a world of people from A to C, evenly spread over some time, who want to arrive an hour after it."""
    there = flow("A", "C", *leaves_s, people, placement="even", preferred_arrival=leaves_s[1] + 3600)
    merged = {"preferences": {"crowding": {"kind": "none"}}, **sections}
    return world(lines, [there], ROOMY, **merged)


def followed(strategy: str | Watching, scenario: Scenario) -> sim.RunResult:
    result = sim.compare(scenario, ["none", strategy]).against("habit")
    check_invariants(result.tables)
    return result


@st.composite
def departures(draw: st.DrawFn) -> list[int]:
    headway_s = 60 * draw(st.integers(3, 40))
    return [FIRST_S + draw(st.integers(0, headway_s)) + number * headway_s for number in range(draw(st.integers(2, 9)))]


@st.composite
def with_a_change(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return two lines that meet."""
    return [
        bus_line(name, stops, [60 * draw(MINUTES)], draw(departures())) for name, stops in (("L", "AB"), ("M", "BC"))
    ]


@st.composite
def services(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return a way with a change and, in half of all cases, one without."""
    lines = draw(with_a_change())
    if draw(st.booleans()):
        lines.append(bus_line("N", "AC", [120 * draw(MINUTES)], draw(departures())))
    return lines


@given(
    lines=services(),
    window_s=st.sampled_from([60, 300, 900]),
    period=st.sampled_from(["5 min", "15 min"]),
    routing=st.sampled_from(["frequency", "strategy", "timetable"]),
    leaves_min=st.integers(0, 75),
)
def test_who_leaves_as_usual_is_taken_to_pay_what_they_paid(
    lines: list[dict[str, Any]], window_s: int, period: str, routing: str, leaves_min: int
) -> None:
    """Catches mean waits at changes of vehicles taken for those of a moment: up to half a headway too much."""
    leaves_s = FIRST_S + 60 * leaves_min
    scenario = changing(
        lines,
        (leaves_s, leaves_s + 600),
        3,
        period=period,
        advisor={"window": window_s, "penetration": 1, "compliance": 0},
        journeys={"routing": routing},
    )
    watching = Watching()
    result = followed(watching, scenario)
    view = watching.views[0]
    journeys = result.tables["journeys"]
    first = journeys.where(journeys.equals("strategy", "none"))
    own = view.costs.own_min[np.arange(len(view.users)), view.usual_column]
    paid = first["generalized_cost_min"][view.users]
    arrives = np.isfinite(first["arrival_s"][view.users])
    assert own[arrives] == pytest.approx(paid[arrives], abs=1e-6)


BUSES = bus_line("L", "AB", [600], range(FIRST_S, FIRST_S + 3 * 3600, 600))
TRAINS = bus_line("M", "BC", [1200], range(FIRST_S + 660, FIRST_S + 4 * 3600, 1800))
"""The bus of 7:00 meets the train of 7:11, and so each half hour; whoever takes that of 7:10 waits 21 min at B."""


def test_whoever_meets_a_connection_is_not_sent_away_from_it() -> None:
    """They leave at 7:59 for the bus of 8:00 and the train of 8:11, which is there 2 min early: nothing is better.

    Catches people sent to the bus of 7:50, as those of their quarter of an hour wait 10 min at B in the mean.
    """
    leaves_s = FIRST_S + 59 * 60
    there = flow("A", "C", leaves_s, leaves_s + 30, 20, placement="even", preferred_arrival=FIRST_S + 93 * 60)
    scenario = world(
        [BUSES, TRAINS],
        [there],
        ROOMY,
        period="15 min",
        preferences={"crowding": {"kind": "none"}},
        advisor={"penetration": 1, "compliance": 1, "window": "5 min"},
    )
    result = followed("individual", scenario)
    cost = {name: row["mean_generalized_cost_min"]["mean"] for name, row in result.summary["strategies"].items()}
    assert cost["individual"] == cost["none"] < 50.0


@given(lines=with_a_change(), windows_later=st.integers(1, 4))
def test_windows_costed_by_riders_cost_what_their_riders_pay(lines: list[dict[str, Any]], windows_later: int) -> None:
    """Of five people at the places of a window. Catches the connection of its middle taken for that of all places."""
    leaves_s, window_s = FIRST_S + 20 * 60, 900
    start_s = leaves_s // window_s * window_s + windows_later * window_s
    sections = {
        "advisor": {"window": window_s, "penetration": 1, "compliance": 0},
        "preferences": {"crowding": {"kind": "none"}},
    }
    wish = {"placement": "even", "preferred_arrival": leaves_s + 5400}
    watching = Watching()
    followed(watching, world(lines, [flow("A", "C", leaves_s, leaves_s + 1, 1, **wish)], ROOMY, **sections))
    costs = watching.views[0].costs
    row, column = np.nonzero(costs.candidates.window == start_s // window_s)
    if costs.by_day[row, column].any() and np.isfinite(costs.own_min[row, column]).all():
        there = flow("A", "C", start_s, start_s + window_s, 5, **wish)
        journeys = sim.run(world(lines, [there], ROOMY, **sections)).tables["journeys"]
        assert costs.own_min[row, column] == pytest.approx(journeys["generalized_cost_min"].mean(), abs=1e-6)
