"""What a scenario makes of the vehicles of its network."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.model.service import VehicleType


def vehicle(project_root: Path, *settings: str) -> VehicleType:
    scenario = sim.load_scenario(project_root / "scenarios" / "xiamen_brt2.yaml", settings)
    return scenario.service.vehicle_types[0]


def test_demand_scale_leaves_capacity_alone(project_root: Path) -> None:
    assert vehicle(project_root, "demand.scale=0.1") == vehicle(project_root)


def test_capacity_scale_makes_room_for_a_sample(project_root: Path) -> None:
    whole, sample = vehicle(project_root), vehicle(project_root, "service.capacity_scale=0.1")
    assert (whole.seats, whole.capacity) == (30, 90)
    assert (sample.seats, sample.capacity) == (3, 9)
    assert whole.standing_area_m2 > 0
    assert sample.standing_area_m2 == pytest.approx(whole.standing_area_m2 / 10)
    # Ten persons take as long as they took, and one stands for ten.
    assert sample.boarding_s == 10 * whole.boarding_s
    assert sample.alighting_s == 10 * whole.alighting_s
    assert sample.dead_time_s == whole.dead_time_s


def test_every_vehicle_keeps_a_place(project_root: Path) -> None:
    tiny = vehicle(project_root, "service.capacity_scale=0.001")
    assert (tiny.seats, tiny.capacity) == (0, 1)
