"""Values of keys for a sweep, from the command line and from Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.small_network import SCENARIO

from sim.advisor import strategy_by_name
from sim.errors import InputError
from sim.experiments.pieces import run_key
from sim.experiments.sweep_points import parse_vary, points_of_file, points_of_scenario
from sim.loading.scenario import load_scenario


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("advisor.penetration=0,0.5,1", "advisor.penetration", (0, 0.5, 1)),
        ("advisor.window=5 min,15 min", "advisor.window", ("5 min", "15 min")),
        ("x=[1, 2],[3]", "x", ([1, 2], [3])),
        ("x='a,b',c", "x", ("a,b", "c")),
        ("service.overtaking=true,false", "service.overtaking", (True, False)),
    ],
)
def test_values_are_read_as_yaml(text, key, values):
    assert parse_vary(text) == (key, values)


@pytest.mark.parametrize(
    "text", ["advisor.penetration", "=1,2", "x=", "x=1,,2", "x=1,1", "advisor.strategy=none,individual", "x=[1"]
)
def test_what_cannot_be_varied_is_refused(text):
    with pytest.raises(InputError):
        parse_vary(text)


def test_a_file_gives_a_scenario_for_every_combination(file):
    vary = {"advisor.penetration": (0.1, 0.9), "demand.flows.0.pieces.0.commuters": (10, 20)}
    points = points_of_file(file, ["seed=7"], vary)
    found = [(p.scenario.parameters.advisor.penetration_share, p.scenario.demand.commuters.sum()) for p in points]
    assert found == [(0.1, 10), (0.1, 20), (0.9, 10), (0.9, 20)]
    assert {point.scenario.parameters.seed for point in points} == {7}
    assert points[0].scenario.network is points[2].scenario.network  # loaded once


def test_a_loaded_scenario_gives_the_same_as_its_file(file):
    vary = {"advisor.window": ("5 min", "15 min"), "preferences.crowding.kind": ("none",)}
    from_file = points_of_file(file, [], vary)
    from_scenario = points_of_scenario(load_scenario(file), vary)
    for one, other in zip(from_file, from_scenario, strict=True):
        assert one.scenario.parameters == other.scenario.parameters
    assert [point.scenario.parameters.advisor.window_s for point in from_scenario] == [300.0, 900.0]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ({"advisor.penetration": [2]}, "less than or equal to 1"),
        ({"advisor.penetratoin": [0.5]}, "penetration"),
        ({"demand.scale": [2]}, "path of the scenario file"),
        ({"seed.x": [1]}, "no keys of its own"),
        ({"advisor.penetration": []}, "no value"),
        ({"seed": range(101), "advisor.first_day": range(101)}, "too many"),
    ],
)
def test_a_loaded_scenario_says_what_is_wrong(file, vary, said):
    with pytest.raises(InputError, match=said):
        points_of_scenario(load_scenario(file), vary)


def test_a_file_says_what_is_wrong(file):
    with pytest.raises(InputError, match="penetration"):
        points_of_file(file, [], {"advisor.penetratoin": [0.5]})


def test_a_run_goes_on_whatever_its_file_is_called_and_says_in_comments(file: Path) -> None:
    strategies = [strategy_by_name("none")]
    key = run_key(load_scenario(file), strategies, None)
    other = file.with_suffix(".yml")
    other.write_text(f"# said later\n{SCENARIO}", encoding="utf-8")
    assert run_key(load_scenario(other), strategies, None) == key
    assert run_key(load_scenario(other, ["seed=99"]), strategies, None) != key
