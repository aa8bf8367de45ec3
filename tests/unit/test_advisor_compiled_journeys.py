"""Journeys that are compiled to forecast alone are those of the simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

from sim.advisor.loop import compile_journeys, compile_scenario
from sim.engine import trips_ended_broken
from sim.model.scenario import Scenario

BROKEN = [
    {"trip": "L-0002", "stop": "B", "duration": "5 min", "then": "continue"},
    {"trip": "L-0003", "stop": "B", "duration": "5 min", "then": "end"},
]


def one_line(information: str = "timetable", **sections: Any) -> Scenario:
    lines = [bus_line("L", "ABCD", [300.0, 300.0, 300.0], [600.0, 1200.0, 1800.0, 2400.0])]
    return world(lines, [flow("A", "C", 0, 1800, 20)], journeys={"information": information}, **sections)


def test_a_trip_ends_broken_where_its_breakdown_says_so() -> None:
    scenario = one_line(disruptions={"breakdowns": BROKEN}, days=1)
    assert trips_ended_broken(scenario).tolist() == [False, False, True, False]
    assert compile_scenario(scenario).engine_input.ends_broken().tolist() == [False, False, True, False]


@pytest.mark.parametrize("information", ["timetable", "real_time"])
def test_forecasts_look_at_the_places_of_the_simulation(information: str) -> None:
    scenario = one_line(information, disruptions={"breakdowns": BROKEN}, days=1)
    forecast, simulated = compile_journeys(scenario), compile_scenario(scenario)
    assert np.array_equal(forecast.points.visit_point, simulated.points.visit_point)
    assert np.array_equal(forecast.points.key, simulated.points.key)
    assert np.array_equal(forecast.points.groups.visit, simulated.points.groups.visit)
    assert np.array_equal(forecast.options.leg, simulated.options.leg)
    assert np.array_equal(forecast.options.legs.pattern, simulated.options.legs.pattern)


def test_keys_of_places_hang_on_what_follows_and_not_on_what_else_there_is() -> None:
    """A line more, first in the file, leaves all keys of a line as they are."""
    lines = [
        bus_line("K", "EBF", [300.0, 300.0], [600.0]),
        bus_line("L", "ABCD", [300.0, 300.0, 300.0], [600.0, 1200.0, 1800.0, 2400.0]),
    ]
    alone, among = compile_journeys(one_line()), compile_journeys(world(lines, [flow("A", "C", 0, 1800, 20)]))
    key = alone.points.key[alone.points.pattern_points[0]]
    assert len(set(key.tolist())) == 4
    assert among.points.key[among.points.pattern_points[1]].tolist() == key.tolist()
