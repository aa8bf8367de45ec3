"""Numbers without a unit where a quantity is wanted are errors in files, options and sweeps."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.experiments.sweep_points import points_of_scenario
from sim.loading.bare_numbers import bare_numbers_in
from sim.loading.scenario import load_scenario
from sim.loading.scenario_keys import kind_at

LINE = """\
name: one_line
{more}
network:
  stops: [{{id: A, x: 0, y: 0}}, {{id: B, x: 2 km, y: 0}}]
  lines:
    - id: L
      stops: [A, B]
      running_times: [{ride}]
      vehicle: bus
      headway: {{mean: 10 min, first: {first}, trips: 3}}
service:
  vehicles: {{bus: {{seats: 30, capacity: 60}}}}
demand:
  flows: [{{origin: A, destination: B, pieces: [{{start: 6:00, end: 7:00, commuters: 5}}]}}]
"""


def write(tmp_path, more="", ride="4 min", first="6:00"):
    file = tmp_path / "s.yaml"
    file.write_text(LINE.format(more=more, ride=ride, first=first))
    return file


def messages(error):
    return [str(problem).partition("s.yaml:")[2] or str(problem) for problem in error.value.problems]


def test_every_bare_number_of_a_file_is_told_at_once(tmp_path):
    file = write(tmp_path, "period: 15", ride="240", first="6.30")
    with pytest.raises(ScenarioError) as error:
        load_scenario(file)
    assert messages(error) == [
        "2:1: period: 15 has no unit; write 15 min or 15 s",
        "8:23: network.lines.0.running_times.0: 240 has no unit; write 240 min or 240 s",
        "10:31: network.lines.0.headway.first: 6.30 is not a clock time; write 06:30",
    ]


def test_bare_numbers_are_told_with_other_problems(tmp_path):
    with pytest.raises(ScenarioError) as error:
        load_scenario(write(tmp_path, "period: 15\nseed: x"))
    assert [problem.key for problem in error.value.problems] == ["period", "seed"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("advisor.window=15", "advisor.window: 15 has no unit; write 15 min or 15 s"),
        ('advisor.window="15"', "advisor.window: '15' is not a duration; write for example 90 s, 6 min or 1.5 h"),
        ("horizon.start=7", "horizon.start: 7 is not a clock time; write 07:00"),
        ("horizon.start=6.5", "horizon.start: 6.5 is not a clock time; write HH:MM, past 24:00 where needed"),
        ("horizon.start=25200", "horizon.start: 25200 is not a clock time; write 07:00"),
        ("journeys.longest_walk=400", "journeys.longest_walk: 400 has no unit; write 400 km or 400 m"),
        ("journeys.walk_speed=4", "journeys.walk_speed: 4 has no unit; write 4 km/h or 4 m/s"),
    ],
)
def test_a_bare_number_of_an_option_is_refused(tmp_path, override, message):
    with pytest.raises(ScenarioError) as error:
        load_scenario(write(tmp_path), [override])
    assert [str(problem) for problem in error.value.problems] == [f"--set: {message}"]


def test_a_bare_number_of_a_sweep_is_refused(tmp_path):
    scenario = load_scenario(write(tmp_path))
    with pytest.raises(ScenarioError, match=r"advisor.window: 5 has no unit"):
        points_of_scenario(scenario, {"advisor.window": [5, 10]})
    points = points_of_scenario(scenario, {"advisor.window": ["5 min", "10 min"]})
    assert [point.scenario.parameters.advisor.window_s for point in points] == [300, 600]


def test_nothing_is_the_same_in_all_units(tmp_path):
    scenario = load_scenario(write(tmp_path, ride="0"), ["horizon.start=0", 'advisor.window="600 s"'])
    assert scenario.parameters.network.lines[0].running_times_s == (0,)
    assert scenario.parameters.horizon.start_s == 0


def test_the_place_in_a_list_tells_the_kind():
    assert kind_at(("fares", "bands", 3, 0)) == "length"
    assert kind_at(("fares", "bands", 3, 1)) == ""
    assert kind_at(("fares", "bands")) == ""
    assert kind_at(("network", "lines", 0, "departures", 7)) == "clock time"
    assert kind_at(("service", "vehicles", "bus", "boarding")) == "duration"
    assert kind_at(("no", "such", "key")) == ""
    found = bare_numbers_in(("fares", "bands"), [[5, 2], [0, 3]])
    assert [(path, text) for path, text in found] == [(("fares", "bands", 0, 0), "5 has no unit; write 5 km or 5 m")]
