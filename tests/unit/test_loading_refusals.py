"""`validate` says all that `run` would refuse, at once."""

from __future__ import annotations

import sys

import pytest

from sim.errors import ScenarioError
from sim.experiments.refusals import refusals
from sim.loading.scenario import load_scenario
from sim.loading.validate import validate_path

LINE = """\
name: one_line
period: 15
network:
  lines:
    - id: L
      stops: [A, B]
      running_times: [4 min]
      vehicle: bus
      headway: {mean: 10 min, first: 6:00, trips: 3}
service:
  vehicles: {bus: {seats: 30, capacity: 60}}
demand:
  flows: [{origin: A, destination: C, pieces: [{start: 6:00, end: 7:00, commuters: 5}]}]
advisor: {strategy: cordinated, forecast: {privacy: {minimum_cell: 5}}, windows: 15 min}
"""


@pytest.fixture
def wrong(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(LINE)
    return file


def test_keys_what_they_name_and_strategies_are_told_at_once(wrong):
    report = validate_path(wrong, (refusals,))
    assert [problem.key for problem in report.problems] == [
        "period",
        "demand.flows.0.destination",
        "advisor.strategy",
        "advisor.forecast.privacy.minimum_cell",
        "advisor.windows",
    ]
    assert "did you mean 'coordinated'?" in report.problems[2].message
    assert "has no effect while the mechanism is none" in report.problems[3].message


@pytest.mark.parametrize(
    ("privacy", "expected"),
    [
        ("{total_epsilon: 2}", "has no effect while the mechanism is none"),
        ("{mechanism: gaussian, epsilon: 1, total_epsilon: 0.5}", "0.5 is less than epsilon, 1, which each day costs"),
        ("{mechanism: discrete_laplace, total_epsilon: 1, minimum_cell: 5}", None),
    ],
)
def test_a_budget_that_does_nothing_is_refused(tmp_path, privacy, expected):
    file = tmp_path / "s.yaml"
    text = LINE.replace("{minimum_cell: 5}", privacy).replace("cordinated", "none").replace(", windows: 15 min", "")
    file.write_text(text)
    told = [problem.message for problem in validate_path(file).problems if "privacy" in problem.key]
    assert len(told) == (expected is not None)
    assert all(message.startswith(expected) for message in told)


def test_a_run_is_refused_for_the_same_reasons(wrong):
    with pytest.raises(ScenarioError) as error:
        load_scenario(wrong, checks=(refusals,))
    assert error.value.problems == validate_path(wrong, (refusals,)).problems


def test_a_wrong_item_of_a_list_is_told_alone(tmp_path):
    """What refers to a stop or line that cannot be read is not called unknown."""
    file = tmp_path / "s.yaml"
    file.write_text(LINE.replace("[4 min]", "[4 miles]").replace("cordinated", "none"))
    assert [problem.key for problem in validate_path(file, (refusals,)).problems] == [
        "period",
        "network.lines.0.running_times.0",
        "advisor.windows",
    ]


@pytest.mark.parametrize(
    "wrong_kind", ["seats: 60, capacity: 50", "seats: 6, capacity: 60, alighting_door: front, dwell_rule: headway"]
)
def test_what_names_a_wrong_vehicle_type_is_not_called_wrong(tmp_path, wrong_kind):
    """60 seats are too many for a capacity of 50; the type is there all the same, so that a line may name it."""
    file = tmp_path / "s.yaml"
    file.write_text(LINE.replace("seats: 30, capacity: 60", wrong_kind))
    report = validate_path(file, (refusals,))
    assert "service.vehicles.bus" in [problem.key for problem in report.problems]
    assert "unknown vehicle type" not in str(report.problems)


def test_the_compiled_engine_is_refused_where_it_cannot_be_used(tmp_path, monkeypatch):
    from sim.compiled import NoLibraryError

    def none():
        raise NoLibraryError("it was not built")

    monkeypatch.setattr(sys.modules["sim.engine.simulate"], "load", none)
    file = tmp_path / "s.yaml"
    text = LINE.replace("period: 15", "engine: compiled").replace("destination: C", "destination: B")
    file.write_text(text.partition("advisor:")[0])
    assert [str(problem) for problem in validate_path(file, (refusals,)).problems] == [
        f"{file}:2:1: engine: the compiled engine cannot be used: it was not built"
    ]
