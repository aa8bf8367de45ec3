"""People who know the last vehicle leave before it (demand.before_last_vehicle)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

LINES = [
    bus_line("one", "AB", [600], [3600.0, 4200.0, 4800.0]),
    bus_line("two", "BC", [600], [4500.0, 5000.0]),
]
"""From A to B the last one leaves at 4,800 s; to C at 4,200 s, as that at 4,800 s comes to B after all have left."""

FLOWS = [
    flow("A", "B", 3600, 5400, 40),
    flow("A", "C", 3600, 5400, 40, "even"),
    flow("A", "B", 3000, 3600, 20),
    flow("A", "B", 5000, 5400, 10),
]


def journeys(known: bool) -> Any:
    roomy = {"bus": {**INSTANT_BUS, "capacity": 200}}
    scenario = world(LINES, FLOWS, roomy, demand={"flows": FLOWS, "before_last_vehicle": known}, days=1)
    tables = sim.run(scenario).tables
    check_invariants(tables, 900)
    return tables["journeys"]


def test_who_knows_the_last_vehicle_is_there_in_time() -> None:
    """Also where one changes, and whatever the placement; as many travel, and who came before anyway stays."""
    known, drawn = journeys(True), journeys(False)
    assert len(known) == len(drawn) == 110
    departure_s, before_s = (np.sort(table["habitual_departure_s"]) for table in (known, drawn))
    assert np.isnan(drawn["arrival_s"]).sum() > 30
    missed = known["habitual_departure_s"][np.isnan(known["arrival_s"])]
    # Only those whose whole period lies after it: nobody can say when else they would leave.
    assert len(missed) == 10
    assert missed.min() >= 5000.0
    to_c = known["habitual_departure_s"][known.text("destination_stop_id") == "C"]
    assert to_c.max() < 4200.0
    # They are spread over the rest of the period, and not put at its end.
    assert np.sort(to_c) == pytest.approx(3600.0 + (np.arange(40) + 0.5) * 15.0)
    assert np.array_equal(departure_s[:20], before_s[:20])


def test_a_horizon_takes_no_vehicle_from_anybody(project_root: Path) -> None:
    """A day that is simulated until 8:00 has the people who leave before that, as on the whole day."""
    settings = {"replications": 1, "days": 1, "days_kept": 1}
    scenario = project_root / "scenarios" / "xiamen_brt2.yaml"
    whole = sim.load_scenario(scenario, settings).demand
    part = sim.load_scenario(scenario, {**settings, "horizon.end": "8:00"}).demand
    early = whole.end_s <= 8 * 3600.0
    assert early.sum() > 100
    assert np.array_equal(part.start_s, whole.start_s[early])
    assert np.array_equal(part.end_s, whole.end_s[early])


@pytest.mark.parametrize("strategy", ["individual", "coordinated", "proportional"])
def test_even_placement_costs_nobody_the_last_vehicle(strategy: str) -> None:
    """Of people who meet it by habit and are told to leave as they do, some were named a minute after it."""
    lines = [
        bus_line("X", "ABCD", [300, 300, 600], range(0, 6601, 600)),
        bus_line("Y", "ABE", [300, 420], range(500, 5100, 900)),
        bus_line("Z", "AD", [900], range(100, 5300, 1700)),
    ]
    flows = [
        flow(pair[0], pair[1], 0, until_s, number)
        for pair, until_s, number in (("AD", 7200, 60), ("BE", 7200, 30), ("AE", 6000, 30), ("BD", 7000, 20))
    ]
    advisor = {"penetration": 1, "compliance": 1, "placement": "even", "window": 900}
    rehearsal = {"draws": 2, "rounds": 4}
    scenario = world(
        lines,
        flows,
        {"bus": {**INSTANT_BUS, "capacity": 500}},
        demand={"flows": flows, "before_last_vehicle": True},
        advisor={**advisor, "rehearsal": rehearsal},
        days=3,
        seed=4,
    )
    rows = sim.compare(scenario, ["none", strategy]).journeys
    arrives = {name: found.sort_values("commuter_id").arrival_s.notna() for name, found in rows.groupby("strategy")}
    assert (rows.complied & (rows.departure_s != rows.habitual_departure_s)).sum() > 20
    assert (arrives[strategy].to_numpy() | ~arrives["none"].to_numpy()).all()
