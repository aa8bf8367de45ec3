"""Every number of a scenario has bounds, so that a slip of the keyboard is told before it fills the memory."""

from __future__ import annotations

import math
from typing import Any, get_args

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from sim.errors import ScenarioError
from sim.loading.scenario import load_scenario
from sim.loading.scenario_keys import all_keys, kind_of
from sim.model.parameters.fields import OF_EVERY_KEY

CHECKED_BY_A_VALIDATOR = {
    "behaviour.memory": "a share, or msa",
    "behaviour.reconsider": "a share, or msa",
    "preferences.crowding.points": "multipliers and loads, checked as a table",
    "preferences.crowding.table": "multipliers and loads, checked as a table",
}
"""Keys whose numbers stand in a form that has no bounds of its own, with what looks at them instead."""

BASE = """\
name: bounds
network:
  lines:
    - {id: L, stops: [A, B], running_times: [6 min], vehicle: bus, departures: ["7:00", "7:10"]}
demand:
  flows:
    - {origin: A, destination: B, pieces: [{start: "7:00", end: "7:10", commuters: 3}]}
service:
  vehicles: {bus: {seats: 10, capacity: 20}}
advisor: {strategy: none}
"""


def bounds_in(field: FieldInfo) -> set[type]:
    """Return which kinds of bounds stand anywhere in a field's type."""
    found = set()

    def look(items: Any) -> None:
        for item in items:
            if isinstance(item, Ge | Gt | Le | Lt):
                found.add(type(item))
            look(getattr(item, "metadata", ()))
            look(get_args(item))

    look([*field.metadata, field.annotation])
    return found


def is_number(field: FieldInfo) -> bool:
    def names(item: Any) -> bool:
        return item in (int, float) or any(names(part) for part in get_args(item))

    return names(field.annotation)


def test_every_number_has_an_upper_bound() -> None:
    open_keys = [
        key.path
        for key in all_keys()
        if is_number(key.field) and not bounds_in(key.field) & {Le, Lt} and key.path not in CHECKED_BY_A_VALIDATOR
    ]
    assert open_keys == []


def test_quantities_have_the_bound_of_their_kind() -> None:
    kinds = {kind_of(key.field) for key in all_keys()}
    assert set(OF_EVERY_KEY) <= kinds


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("service.capacity_scale", "1e-9", "service.capacity_scale: must be at least 0.001, found 1e-9"),
        ("service.vehicles.bus.dead_time", "1e10 s", "service.vehicles.bus.dead_time: must be at most 10,000 h"),
        ("service.vehicles.bus.capacity", "1e12", "service.vehicles.bus.capacity: must be at most 10,000,000"),
        ("network.lines.0.running_times.0", "1e9 s", "network.lines.0.running_times.0: must be at most 10,000 h"),
        ("demand.flows.0.pieces.0.end", "1e12 s", "demand.flows.0.pieces.0.end: must be at most 10000:00:00"),
        ("demand.flows.0.pieces.0.commuters", "1e12", "pieces.0.commuters: must be at most 100,000,000"),
        ("advisor.window", "1e10 s", "advisor.window: must be at most 10,000 h"),
        ("traffic.bpr_beta", "1e12", "traffic.bpr_beta: must be at most 100"),
        ("journeys.walk_speed", "1e9 m/s", "journeys.walk_speed: must be at most 277.778 m/s"),
        ("preferences.wait_weight", "1e9", "preferences.wait_weight: must be at most 1,000"),
    ],
)
def test_a_number_beyond_reason_is_refused_with_its_key(tmp_path, key: str, value: str, said: str) -> None:
    file = tmp_path / "bounds.yaml"
    file.write_text(BASE)
    with pytest.raises(ScenarioError) as error:
        load_scenario(file, [f"{key}={value}"])
    assert said in " ".join(str(problem) for problem in error.value.problems)


def test_what_is_at_the_bound_is_taken(tmp_path) -> None:
    file = tmp_path / "bounds.yaml"
    file.write_text(BASE)
    scenario = load_scenario(file, ["service.capacity_scale=0.001", "advisor.window=10000 h"])
    assert math.isclose(scenario.parameters.service.capacity_scale, 0.001)
    assert scenario.parameters.advisor.window_s == OF_EVERY_KEY["duration"]
