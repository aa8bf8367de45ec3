"""Riders on board by vehicle: counted by rides, they are the departing load."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import sim
from sim.metrics.onboard import riders_of_visits


def test_riders_are_the_load_even_where_the_day_ends_on_the_way(project_root: Path) -> None:
    """The last vehicle of the table has people on board when the day ends."""
    settings = ("replications=1", "days=1", "days_kept=1", "horizon.end=8:00")
    tables = sim.run(sim.load_scenario(project_root / "scenarios" / "xiamen_brt2.yaml", settings)).tables
    visits, legs = tables["stop_visits"], tables["legs"]
    assert visits["departing_load"][-1] > 0
    leg, visit = riders_of_visits(visits, legs)
    assert np.isnan(legs["alight_s"][leg]).any()
    counted = np.bincount(visit, minlength=len(visits))
    departed = np.isfinite(visits["departure_s"])
    assert counted[departed].tolist() == visits["departing_load"][departed].tolist()
