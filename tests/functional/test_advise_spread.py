"""The spread that `advise` states is the one that riders have."""

from __future__ import annotations

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

HEADWAY_S = 480.0


def test_stated_spread_is_that_of_riders() -> None:
    """Random running times and waits of up to 8 minutes, 12 replications: within a tenth for every busy window.

    With the spread of window means it would be less than half of it, as waits inside a window are averaged away there.
    """
    scenario = world(
        [bus_line("L", "ABC", [900, 900], np.arange(6 * 3600.0, 10 * 3600.0, HEADWAY_S))],
        [flow("A", "C", 7 * 3600.0, 9 * 3600.0, 600)],
        {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}},
        service={"running_time_noise": {"distribution": "lognormal", "cv": 0.15}},
        replications=12,
    )
    result = sim.run(scenario, strategy="none")
    journeys = result.journeys
    took_min = (journeys["arrival_s"] - journeys["departure_s"]) / 60.0
    for option in sim.advise(result, "A", "C", "08:30", earlier="40 min", later="0 min"):
        inside = (journeys["departure_s"] >= option.window_start_s) & (journeys["departure_s"] < option.window_end_s)
        if option.window_start_s < 7 * 3600.0 or option.window_end_s > 9 * 3600.0:
            continue
        assert inside.sum() > 500
        assert option.door_to_door_min == pytest.approx(took_min[inside].mean(), rel=0.02)
        assert option.door_to_door_sd_min == pytest.approx(took_min[inside].std(), rel=0.1)
        assert option.door_to_door_sd_min > 2.0


def test_loads_stated_to_followers_are_what_they_meet():
    """Within 0.05 on average; means over periods stated 0.11 less."""
    everybody = {"days": 3, "advisor.penetration": 1, "advisor.compliance": 1}
    found = sim.run("two_lines_lesson", strategy="individual", overrides=everybody).tables["forecasts"]
    assert len(found) > 500
    assert found["load_factor"].mean() == pytest.approx(found["met_load_factor"].mean(), abs=0.05)
