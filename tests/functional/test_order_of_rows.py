"""The order of rows in files says nothing: the same commuters, with the same app, classes and readiness."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from support.small_network import FILES, write_network
from support.worlds import bus_line, flow, world

import sim
from sim.advisor.loop import ReplicationWorld, compile_scenario
from sim.model.advice import AdvicePlan
from sim.model.scenario import Scenario
from sim.population.windows import window_of

LINES = [
    bus_line("L", "ABCD", [120, 180, 90], range(0, 7200, 300)),
    bus_line("M", "DCB", [100, 150], range(60, 7200, 420)),
    bus_line("N", "BD", [240], range(30, 7200, 700)),
]
FLOWS = [
    flow("A", "D", 600, 2400, 40),
    flow("A", "D", 600, 3000, 25),
    flow("A", "D", 600, 3000, 25, preferred_arrival=3600),
    flow("B", "D", 600, 2400, 20.5, "poisson"),
    flow("D", "B", 0, 2400, 30, "even"),
    {
        **flow("A", "C", 0, 900, 7.4, "even"),
        "pieces": [{"start": 900 * n, "end": 900 * (n + 1), "commuters": 7.4} for n in range(4)],
    },
]
SECTIONS: dict[str, Any] = {
    "advisor": {"penetration": 0.4, "compliance": 0.5, "window": 600},
    "population": {
        "income_classes": [{"name": "low", "share": 0.5}, {"name": "high", "share": 0.5, "penetration_factor": 2}],
    },
}


def facts(scenario: Scenario) -> dict[int, tuple[Any, ...]]:
    """Return by key of the commuter who they are, whether they have the app, and whether they would follow."""
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    population, today = people.population, people.choices_of(1)
    window = np.where(people.app_user, window_of(population.habitual_departure_s, 600.0) + 1, -1)
    follows = people.compliance.compliers(AdvicePlan(window, 600.0), today)
    group = np.unique(np.stack([population.origin, population.destination]), axis=1, return_inverse=True)[1]
    again = today.reconsiders.within(group.reshape(-1), np.arange(len(population)))
    names = scenario.network.stop_id
    columns = zip(
        population.key.tolist(),
        [names[row] for row in population.origin.tolist()],
        [names[row] for row in population.destination.tolist()],
        population.habitual_departure_s.tolist(),
        population.preferred_arrival_s.tolist(),
        population.traits.income_class.tolist(),
        people.app_user.tolist(),
        follows.tolist(),
        again.tolist(),
        strict=True,
    )
    found = {key: tuple(rest) for key, *rest in columns}
    assert len(found) == len(population)
    return found


def plain() -> Scenario:
    return world(LINES, FLOWS, **SECTIONS)


@settings(max_examples=25)
@given(st.permutations(LINES), st.permutations(FLOWS))
def test_the_order_of_lines_and_flows_changes_nobody(lines: list[dict[str, Any]], flows: list[dict[str, Any]]) -> None:
    found, expected = facts(world(lines, flows, **SECTIONS)), facts(plain())
    assert found == expected
    assert {has_app for *_, has_app, _, _ in expected.values()} == {True, False}
    assert {follows for *_, follows, _ in expected.values()} == {True, False}


OD = (
    "origin_stop_id,destination_stop_id,commuters,profile\n"
    "A,B,37,morning\nA,C,23,evening\nB,C,29,morning\nA,B,11,evening\n"
)
PROFILE = (
    "profile,period_start,period_end,share\n"
    "morning,06:00:00,07:00:00,0.7\nmorning,07:00:00,08:00:00,0.3\n"
    "evening,06:00:00,07:00:00,0.45\nevening,07:00:00,08:00:00,0.55\n"
)
SCENARIO = {
    "name": "shuffled",
    "network": {"folder": "net", "date": "2024-01-02"},
    "advisor": {**SECTIONS["advisor"], "window": "10 min"},
    "population": SECTIONS["population"],
}


def shuffled(text: str, chance: random.Random) -> str:
    head, *rows = text.splitlines()
    chance.shuffle(rows)
    return "\n".join([head, *rows]) + "\n"


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_in_a_network_changes_nobody(chance: random.Random) -> None:
    files = {**FILES, "demand/od.csv": OD, "demand/profile.csv": PROFILE}
    tables = {name: text for name, text in files.items() if name.endswith((".csv", ".txt"))}
    with TemporaryDirectory() as folder:
        found = []
        for changes in (tables, {name: shuffled(text, chance) for name, text in tables.items()}):
            write_network(Path(folder) / "net", changes)
            YAML(typ="safe").dump(SCENARIO, Path(folder) / "shuffled.yaml")
            found.append(facts(sim.load_scenario(Path(folder) / "shuffled.yaml")))
    assert found[0] == found[1]
    assert len(found[0]) == 100
