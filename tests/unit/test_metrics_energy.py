"""Distances and CO2 against numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.tables import table_of

import sim
from sim.metrics.registry import replication_metrics
from sim.model.parameters.energy import EnergyParameters
from sim.records.schema import JOURNEYS, LEGS, STOP_VISITS


@pytest.mark.parametrize(
    ("settings", "kg_per_km"),
    [
        ({"kind": "diesel"}, 1.078879),
        ({"kind": "battery", "grid_co2_kg_per_kwh": 0.05}, 0.0742),
        ({"kind": "battery", "grid_co2_kg_per_kwh": 0.2}, 0.2969),
        ({"kind": "battery"}, 0.5938),
        ({"kind": "battery", "grid_co2_kg_per_kwh": 0.7}, 1.0391),
    ],
)
def test_a_vehicle_kilometre(settings, kg_per_km):
    assert EnergyParameters(**settings).co2_g_per_km() / 1000.0 == pytest.approx(kg_per_km, abs=5e-5)


def test_energy_of_a_vehicle_kilometre():
    # 40 L of 10.637 kWh per 100 km; 1.336 kWh per km from the battery, of which the grid gave a ninth more
    assert EnergyParameters(kind="diesel").energy_kwh_per_km() == pytest.approx(4.25, abs=0.01)
    assert EnergyParameters(kind="battery").energy_kwh_per_km() == pytest.approx(1.335948 / 0.9, abs=1e-5)
    assert np.isnan(EnergyParameters().energy_kwh_per_km())


def test_grids_break_even_with_diesel():
    diesel = EnergyParameters(kind="diesel").co2_g_per_km()
    at_limit = EnergyParameters(kind="battery", grid_co2_kg_per_kwh=0.7268).co2_g_per_km()
    assert at_limit == pytest.approx(diesel, rel=1e-4)
    assert np.isnan(EnergyParameters().co2_g_per_km())


def test_the_mean_load_is_weighted_by_the_way():
    rows = [
        {"stop_sequence": 0, "departing_load": 10, "distance_m": 1000.0, "co2_g": 500.0, "energy_kwh": 2.0},
        {"stop_sequence": 1, "departing_load": 40, "distance_m": 3000.0, "co2_g": 1500.0, "energy_kwh": 6.0},
        {"stop_sequence": 2, "departing_load": 0, "distance_m": 0.0, "co2_g": 0.0, "energy_kwh": 0.0},
    ]
    rows += [{"day": 1, "departing_load": 0, "distance_m": 0.0, "co2_g": 0.0, "energy_kwh": 0.0}]
    rows = [{**row, "capacity": 80} for row in rows]
    tables = {
        "journeys": table_of(JOURNEYS, []),
        "legs": table_of(LEGS, []),
        "stop_visits": table_of(STOP_VISITS, rows),
    }
    found = replication_metrics(tables, 600.0)
    assert found["vehicle_km"] == 2.0
    assert found["passenger_km"] == 65.0
    assert found["mean_load_per_vehicle_km"] == 32.5
    assert found["co2_kg"] == 1.0
    assert found["co2_g_per_passenger_km"] == pytest.approx(2000.0 / 130.0)
    assert (found["energy_kwh"], found["energy_kwh_per_passenger_km"]) == (4.0, pytest.approx(8.0 / 130.0))


def test_distances_are_those_of_the_links(tmp_path: Path):
    (tmp_path / "way.yaml").write_text(
        "name: way\nreplications: 1\ndays: 1\n"
        "network:\n  lines:\n    - {id: A, stops: [a, b, c], running_times: [4 min, 6 min], lengths: [1.5 km, 2 km],\n"
        '       vehicle: bus, departures: ["07:00", "07:10"]}\n'
        "service:\n  vehicles: {bus: {seats: 10, capacity: 20}}\n  energy: {kind: diesel}\n"
        "demand:\n  flows:\n"
        '    - {origin: a, destination: b, pieces: [{start: "06:50", end: "07:00", commuters: 6}]}\n',
        encoding="utf-8",
    )
    result = sim.run(tmp_path / "way.yaml")
    assert result.stop_visits.distance_m.tolist() == [1500.0, 2000.0, 0.0] * 2
    metrics = {name: entry["mean"] for name, entry in result.summary["metrics"].items()}
    assert metrics["vehicle_km"] == 7.0
    assert metrics["passenger_km"] == 9.0
    assert metrics["co2_kg"] == pytest.approx(7.0 * 1.078879, rel=1e-5)
    assert metrics["co2_g_per_passenger_km"] == pytest.approx(7000.0 * 1.078879 / 9.0, rel=1e-5)
    none = sim.run(sim.load_scenario(tmp_path / "way.yaml", ["service.energy.kind=none"]))
    assert none.summary["metrics"]["co2_kg"]["mean"] is None
    assert none.summary["metrics"]["vehicle_km"]["mean"] == 7.0
