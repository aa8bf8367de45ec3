"""Indicators of lines, and gains by place, worked by hand and beside the metrics of the whole network."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.served import write_comparison

import sim
from sim.metrics.gains_by_place import gains_by_place
from sim.metrics.grouping import split_by_run
from sim.metrics.line_indicators import LINE_INDICATORS, line_indicators
from sim.metrics.statistics import estimate
from sim.records.folder import RunFolder, read_run_folder

TWO_WAYS = """\
name: two_ways
replications: 2
days: 1
network:
  lines:
    - id: A
      stops: [a, b, c]
      running_times: [2 min, 3 min]
      vehicle: bus
      headway: {mean: 10 min, first: "06:00", trips: 7}
    - id: B
      stops: [c, b, a]
      running_times: [3 min, 2 min]
      vehicle: bus
      headway: {mean: 30 min, first: "06:15", trips: 3}
service:
  vehicles:
    bus: {seats: 10, capacity: 20}
demand:
  flows:
    - {origin: a, destination: c, placement: poisson, pieces: [{start: "06:00", end: "07:00", rate: 60 /h}]}
    - {origin: c, destination: a, placement: poisson, pieces: [{start: "06:00", end: "07:00", rate: 12 /h}]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> RunFolder:
    run = read_run_folder(write_comparison(tmp_path_factory.mktemp("lines")))
    check_invariants(run.tables())
    return run


def test_departures_per_hour_are_those_of_a_day(tmp_path):
    """Over many days of random headways the first vehicle of any and the last of any are hours apart."""
    file = tmp_path / "two_ways.yaml"
    random = TWO_WAYS.replace("trips: 7}", "trips: 7, distribution: exponential}").replace("days: 1", "days: 30")
    file.write_text(random + "days_kept: 30\n", encoding="utf-8")
    result = sim.run(file, replications=1)
    visits = result.tables["stop_visits"].to_pandas()
    begun = visits[(visits["line_id"] == "A") & (visits["stop_id"] == "a")].groupby("day")["departure_s"]
    hours = (begun.max() - begun.min()).sum() / 3600
    found = line_indicators(result.tables["stop_visits"], result.tables["legs"])
    (told,) = (line["values"]["none"]["departures_per_hour"]["mean"] for line in found if line["line_id"] == "A")
    assert told == pytest.approx((begun.size() - 1).sum() / hours)
    assert 5.0 < told < 7.5


def test_headways_are_those_of_vehicles_that_could_be_boarded(tmp_path):
    """Catches a line that is even at a stop which it passes for an hour."""
    file = tmp_path / "two_ways.yaml"
    shut = "disruptions: {closed_stops: [{stop: b, start: '06:20', end: '06:50'}]}\n"
    still = TWO_WAYS.replace("capacity: 20}", "capacity: 20, dwell_rule: constant, dead_time: 0}")
    file.write_text(still + shut, encoding="utf-8")
    result = sim.run(file, replications=1)
    found = line_indicators(result.tables["stop_visits"], result.tables["legs"])
    (told,) = (line["values"]["none"]["headway_cv"]["mean"] for line in found if line["line_id"] == "A")
    # Of seven vehicles, 10 min apart, three pass b: 40, 10 and 10 min there, and six times 10 min at each other stop.
    assert told == pytest.approx((0.5**0.5 * 3 + 0.0 * 12) / 15)


def test_a_service_without_noise_has_the_headways_of_its_timetable(tmp_path):
    file = tmp_path / "two_ways.yaml"
    file.write_text(TWO_WAYS, encoding="utf-8")
    result = sim.run(file)
    check_invariants(result.tables)
    found = line_indicators(result.tables["stop_visits"], result.tables["legs"])
    by_line = {line["line_id"]: line["values"]["none"] for line in found}
    assert set(by_line) == {"A", "B"}
    visits = result.tables["stop_visits"]
    due_s = visits["scheduled_departure_s"][visits.equals("line_id", "A") & (visits["stop_sequence"] == 0)]
    assert by_line["A"]["first_departure_s"]["mean"] == pytest.approx(due_s.min(), abs=120)
    assert by_line["A"]["last_departure_s"]["mean"] == pytest.approx(due_s.max(), abs=120)
    assert by_line["B"]["departures_per_hour"]["mean"] == pytest.approx(2.0, rel=0.05)
    assert by_line["A"]["departures_per_hour"]["mean"] == pytest.approx(6.0, rel=0.05)
    assert by_line["B"]["headway_cv"]["mean"] < 0.05
    assert by_line["A"]["boardings"]["mean"] > 2 * by_line["B"]["boardings"]["mean"] > 0
    most = {line["line_id"]: line["most_loaded"]["none"]["stop_id"] for line in found}
    # All of A's passengers are on board from a on, all of B's from c on.
    assert most["A"] in {"a", "b"}
    assert most["B"] in {"b", "c"}


def test_a_network_of_one_line_has_the_metrics_of_that_line(folder):
    (line,) = line_indicators(folder.tables()["stop_visits"], folder.tables()["legs"])
    for strategy in ("none", "coordinated"):
        told, summary = line["values"][strategy], folder.summary["strategies"][strategy]
        for own, whole in (
            ("denied_boardings", "denied_boardings"),
            ("mean_wait_min", "mean_wait_per_boarding_min"),
            ("peak_load_factor", "peak_load_factor"),
            ("punctual_departures_share", "punctual_departures_share"),
        ):
            for part in ("mean", "half_width", "difference", "difference_half_width"):
                assert told[own][part] == pytest.approx(summary[whole][part], rel=1e-9, abs=1e-12), (own, part)


def test_the_most_loaded_point_is_that_of_the_table(folder):
    visits = folder.tables()["stop_visits"]
    (line,) = line_indicators(visits, folder.tables()["legs"])
    rows = visits.equals("strategy", "none")
    hour = (visits["departure_s"][rows] // 3600).astype(int)
    stops, loads = visits.text("stop_id")[rows], visits["departing_load"][rows]
    sums = {(stop, at): loads[(stops == stop) & (hour == at)].sum() for stop in set(stops) for at in set(hour.tolist())}
    best = line["most_loaded"]["none"]
    assert sums[best["stop_id"], best["hour"]] == max(sums.values())


def test_headways_are_as_uneven_as_the_table_says(folder):
    visits = folder.tables()["stop_visits"]
    (line,) = line_indicators(visits, folder.tables()["legs"])
    by_replication = []
    for (strategy, _), run in split_by_run(visits).items():
        if strategy != "none":
            continue
        values, weights = [], []
        for day in np.unique(run["day"]):
            for stop in np.unique(run["stop_id"]):
                gaps = np.diff(np.sort(run["departure_s"][(run["stop_id"] == stop) & (run["day"] == day)]))
                values.append(gaps.std() / gaps.mean())
                weights.append(len(gaps))
        by_replication.append(np.average(values, weights=weights))
    expected = estimate(np.array(by_replication))
    assert line["values"]["none"]["headway_cv"]["mean"] == pytest.approx(expected.mean)
    assert line["values"]["none"]["headway_cv"]["half_width"] == pytest.approx(expected.half_width)


def test_every_indicator_has_words_and_a_source():
    assert len({one.name for one in LINE_INDICATORS}) == len(LINE_INDICATORS)
    for one in LINE_INDICATORS:
        assert one.label
        assert one.description.endswith(".")
        assert one.source


def test_gains_by_place_and_by_time_add_up_to_the_change_of_the_mean(folder):
    journeys = folder.tables()["journeys"]
    found = gains_by_place(journeys, 900.0)
    assert set(found) == {"coordinated"}
    everybody = len(journeys.where(journeys.equals("strategy", "none"))) / 2
    for groups in found["coordinated"].values():
        assert sum(group["persons"] for group in groups) == pytest.approx(everybody)
    stops = {group["stop_id"] for group in found["coordinated"]["by_stop"]}
    assert stops == {"a", "b"}
    one = journeys.where(journeys["replication"] == 0)
    single = gains_by_place(one, 900.0)["coordinated"]
    runs = split_by_run(one)
    mean = runs["coordinated", 0]["generalized_cost_min"].mean() - runs["none", 0]["generalized_cost_min"].mean()
    for groups in single.values():
        weighted = sum(group["persons"] * group["mean_change_min"] for group in groups)
        assert weighted / sum(group["persons"] for group in groups) == pytest.approx(mean)


def test_without_a_baseline_nobody_gains(folder: RunFolder):
    journeys = folder.tables()["journeys"]
    assert gains_by_place(journeys.where(journeys.equals("strategy", "coordinated")), 900.0) == {}


def test_a_baseline_is_not_needed_for_the_lines(folder: RunFolder):
    visits, legs = folder.tables()["stop_visits"], folder.tables()["legs"]
    own = [table.where(table.equals("strategy", "coordinated")) for table in (visits, legs)]
    (line,) = line_indicators(*own)
    assert "difference" not in line["values"]["coordinated"]["boardings"]
