"""A bottleneck learned day by day: averaging people come to rest near the equilibrium, best reply goes on swinging."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.population import successive_averages

PEOPLE, PLACES, HEADWAY_S = 600, 6, 36
WAIT, EARLY, LATE = 2.0, 1.0, 4.0
EQUILIBRIUM_MIN = EARLY * LATE / (EARLY + LATE) * PEOPLE * HEADWAY_S / PLACES / 60.0
"""d N / s, Vickrey 1969."""


def learned(days: int, **behaviour: Any) -> Any:
    """Return the table of days of people who all leave at once at first, just in time for the same wish."""
    line = bus_line("L", "AC", [60], range(1800, 12600, HEADWAY_S))
    scenario = world(
        [line],
        [flow("A", "C", 7164, 7200, PEOPLE, preferred_arrival=7260)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": PLACES}},
        behaviour=behaviour,
        advisor={"window": 72},
        period=72,
        days=days,
        preferences={
            "in_vehicle_weight": 0,
            "walk_weight": 0,
            "wait_weight": WAIT,
            "early_penalty": EARLY,
            "late_penalty": LATE,
            "crowding": {"kind": "none"},
        },
        population={"earlier_flexibility": 5400, "later_flexibility": 5400},
    )
    result = sim.run(scenario)
    check_invariants(result.tables, 72)
    return result.tables["days"]


def test_averaging_people_come_to_rest_near_the_equilibrium() -> None:
    """Within 5 % after 80 days; the cases of verification take 250 and are within 3 %."""
    days = learned(80, departure_choice="msa")
    cost = days["mean_generalized_cost_min"] / EQUILIBRIUM_MIN
    assert cost[0] > 3.0
    assert cost[-20:].mean() == pytest.approx(1.0, abs=0.05)
    assert np.ptp(cost[-20:]) < 0.15
    assert days["relative_gap_share"][-20:].mean() < 0.12


def test_best_reply_swings() -> None:
    """The gap is a mean over whole swings, which take about fifty days."""
    days = learned(140, departure_choice="best_reply", reconsider=0.1)
    assert np.ptp(days["mean_generalized_cost_min"][-20:]) > 0.3 * EQUILIBRIUM_MIN
    assert days["relative_gap_share"][-100:].mean() > 0.5


def test_averaging_people_swing_too_where_they_expect_no_trend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(successive_averages, "TREND_DAYS", 0.0)
    days = learned(80, departure_choice="msa")
    assert days["relative_gap_share"][-20:].mean() > 0.3
