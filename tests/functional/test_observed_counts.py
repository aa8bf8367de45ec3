"""Advice on counts of real days: what the advisor sees of them, and what it then says.

The counts are those of another simulated world, in which people travel at another time. So what must be seen of them is
known exactly: whoever sees counts alone must see that world and not their own.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.transit import gtfs_realtime_pb2 as realtime

import sim
from sim.advisor.loop import compile_scenario
from sim.experiments.advice import pair_forecasts
from sim.experiments.observed_days import days_as_counted, observed_days
from sim.experiments.plan_followers import PlanFollowers
from sim.loading.scenario import scenario_of_mapping
from sim.model.fullness import occupancy_word
from sim.population.observation import Observation, observe_visits

PEOPLE = 150
EARLY, LATE = ("06:30", "07:30"), ("08:00", "09:00")


def world(peak: tuple[str, str], counts: dict[str, Any] | None = None) -> dict[str, Any]:
    """A line on which many more want to travel in one hour than there are places."""
    keys: dict[str, Any] = {
        "name": "counted",
        "replications": 1,
        "days": 2,
        "period": "15 min",
        "network": {
            "lines": [
                {
                    "id": "A",
                    "stops": ["a", "b", "c"],
                    "running_times": ["10 min", "10 min"],
                    "vehicle": "bus",
                    "headway": {"mean": "10 min", "distribution": "deterministic", "first": "06:00", "trips": 30},
                }
            ]
        },
        "service": {"vehicles": {"bus": {"seats": 10, "capacity": 20}}},
        "population": {"earlier_flexibility": "60 min", "later_flexibility": "60 min"},
        "demand": {
            "flows": [
                {
                    "origin": "a",
                    "destination": "c",
                    "placement": "poisson",
                    "pieces": [{"start": "06:00", "end": "10:00", "rate": "12 /h"}],
                },
                {
                    "origin": "a",
                    "destination": "c",
                    "placement": "poisson",
                    "pieces": [{"start": peak[0], "end": peak[1], "rate": f"{PEOPLE} /h"}],
                },
            ]
        },
        "advisor": {"strategy": "individual", "penetration": 1, "compliance": 1},
    }
    if counts is not None:
        keys["advisor"]["forecast"] = {"counts": counts}
    return copy.deepcopy(keys)


def table_of(result: sim.RunResult, later_s: int = 0) -> str:
    """Write what counters on vehicles would: all vehicles of the day without advice, by line, stop and time."""
    visits, lines = result.tables["stop_visits"], ["date,line,stop,time,trip,load,boardings,left_behind"]
    names = {name: visits.text(name) for name in ("stop_id", "trip_id")}
    for row in range(len(visits)):
        s = round(float(visits["departure_s"][row])) + later_s
        clock = f"{s // 3600:02d}:{s % 3600 // 60:02d}:{s % 60:02d}"
        known = (visits[name][row] for name in ("departing_load", "boardings", "denied_boardings"))
        told = ",".join(str(int(value)) for value in known)
        lines.append(f"2026-03-02,A,{names['stop_id'][row]},{clock},{names['trip_id'][row]},{told}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def elsewhere() -> sim.RunResult:
    return sim.run({**world(EARLY), "days": 1, "advisor": {"strategy": "none"}})


@pytest.fixture(scope="module")
def home() -> sim.RunResult:
    return sim.run({**world(LATE), "days": 1, "advisor": {"strategy": "none"}})


@pytest.fixture(scope="module")
def alone() -> sim.RunResult:
    """Advice on the simulation alone."""
    return sim.run(world(LATE))


@pytest.fixture(scope="module")
def counts(elsewhere, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("counts") / "counts.csv"
    file.write_text(table_of(elsewhere), encoding="utf-8")
    return file


def seen(result: sim.RunResult, scenario: sim.Scenario) -> list[Observation]:
    """Return what somebody who has a scenario's counts sees of the days of a run."""
    points = compile_scenario(scenario).points
    days = days_as_counted(scenario, observed_days(scenario, result.tables))
    return [observe_visits(points, day) for day in days]


def test_who_sees_counts_alone_sees_the_world_that_was_counted(elsewhere, home, counts):
    scenario = scenario_of_mapping(world(LATE, {"files": [str(counts)], "share": 1}))
    (found,) = seen(home, scenario)
    (other,) = seen(elsewhere, scenario_of_mapping(world(EARLY)))
    (before,) = seen(home, scenario_of_mapping(world(LATE)))
    for name in ("load", "capacity", "boarded"):
        assert np.array_equal(getattr(found, name), getattr(other, name)), name
    assert not np.array_equal(found.load, before.load)
    # Nobody counted when people came, so waits are near those of the other world, and far from those at home.
    near, away = (np.abs(found.wait_s - one.wait_s).mean() for one in (before, other))
    assert away < near / 4


def advised_at(result: sim.RunResult, hours: tuple[float, float]) -> float:
    """Return the mean shift advised to people who leave by habit between two hours, in minutes from their habit."""
    journeys = result.tables["journeys"]
    habit_s = journeys["habitual_departure_s"]
    own = journeys["advised"].astype(bool) & (habit_s >= hours[0] * 3600) & (habit_s < hours[1] * 3600)
    middle_s = (journeys["window_start_s"][own] + journeys["window_end_s"][own]) / 2
    return float(np.abs(middle_s - habit_s[own]).mean() / 60)


def test_advice_follows_the_counts_where_they_differ_from_the_simulation(alone, counts):
    """With the simulation alone people are sent out of the late peak; with counts of an early one they may stay."""
    mixed = sim.run(world(LATE, {"files": [str(counts)], "share": 0.5}))
    counted = sim.run(world(LATE, {"files": [str(counts)], "share": 1}))
    shifts = [advised_at(result, (7.75, 8.75)) for result in (alone, mixed, counted)]
    assert shifts[0] > shifts[1] > shifts[2]
    assert shifts[2] < 10
    assert shifts[0] > 2 * shifts[2]
    (note,) = (note for note in counted.manifest["notes"] if "counts of 1 day " in note)
    assert "90 of 90 vehicles at stops" in note
    assert "counts.csv" in counted.manifest["inputs"]


def test_people_ride_the_vehicles_of_the_simulation_all_the_same(counts):
    """Counts change what the advisor sees and nothing else: without advice nothing may differ."""
    without, with_counts = (
        sim.run({**world(LATE, files), "advisor": {**world(LATE, files)["advisor"], "strategy": "none"}})
        for files in (None, {"files": [str(counts)], "share": 1})
    )
    for name, column in without.tables["journeys"].columns.items():
        assert np.array_equal(column, with_counts.tables["journeys"].columns[name], equal_nan=column.dtype.kind == "f")


def test_a_vehicle_that_was_full_is_full_where_vehicles_have_half_the_places(elsewhere, tmp_path):
    """Counts are of real people: a scenario of half of them in vehicles with half the places must count half."""
    text = table_of(elsewhere)
    keys = world(LATE, {"files": ["counts.csv"], "share": 1})
    keys["service"]["capacity_scale"] = 0.5
    (tmp_path / "counts.csv").write_text(text, encoding="utf-8")
    keys["advisor"]["forecast"]["counts"]["files"] = [str(tmp_path / "counts.csv")]
    scenario = scenario_of_mapping(keys)
    most = max(float(day.load.max()) for day in scenario.counted.days)
    assert most == scenario.service.trip_capacity.max() == 10


def test_vehicles_that_nobody_counted_are_as_simulated(elsewhere, home, tmp_path):
    lines = table_of(elsewhere).splitlines()
    file = tmp_path / "part.csv"
    file.write_text("\n".join([lines[0], *(line for line in lines[1:] if ",07:" in line)]) + "\n", encoding="utf-8")
    scenario = scenario_of_mapping(world(LATE, {"files": [str(file)], "share": 1}))
    (found,) = seen(home, scenario)
    (simulated,) = seen(home, scenario_of_mapping(world(LATE)))
    seven = slice(28, 32)
    assert not np.array_equal(found.load[:, seven], simulated.load[:, seven])
    assert np.array_equal(found.load[:, 33:], simulated.load[:, 33:])


def feed_of(result: sim.RunResult, late_s: int = 0, *, zone_h: int = 8, delays: bool = False) -> bytes:
    """Write what a feed said last of every vehicle, in a city east of Greenwich."""
    visits, message = result.tables["stop_visits"], realtime.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.timestamp = midnight_s = 1772409600
    trips = visits.text("trip_id")
    for trip in dict.fromkeys(trips):
        update = message.entity.add(id=trip).trip_update
        update.trip.trip_id, update.trip.start_date = trip, "20260302"
        for row in np.flatnonzero(trips == trip).tolist():
            told = update.stop_time_update.add(stop_id=visits.text("stop_id")[row])
            if delays:
                told.departure.delay = late_s
            else:
                due_s = round(float(visits["scheduled_departure_s"][row]))
                told.departure.time = midnight_s - zone_h * 3600 + due_s + late_s
            word = occupancy_word(visits["departing_load"][row] / visits["capacity"][row])
            told.departure_occupancy_status = realtime.VehiclePosition.OccupancyStatus.Value(word)
    return bytes(message.SerializeToString())


@pytest.mark.parametrize("delays", [False, True])
def test_an_archive_of_gtfs_realtime_tells_how_late_and_how_full_vehicles_were(
    elsewhere, home, alone, tmp_path, delays
):
    file = tmp_path / "feed.pb"
    file.write_bytes(feed_of(elsewhere, 180, delays=delays))
    scenario = scenario_of_mapping(world(LATE, {"files": [str(file)], "share": 1}))
    (day,) = scenario.counted.days
    assert day.date == "20260302"
    assert np.array_equal(day.visit, np.arange(90))
    assert set(day.late_s.tolist()) == {180.0}
    visits = elsewhere.tables["stop_visits"]
    factor = visits["departing_load"] / visits["capacity"]
    assert np.abs(day.load / 20 - factor).max() <= 0.15 + 1e-9
    (facts,) = days_as_counted(scenario, observed_days(scenario, home.tables))
    assert np.allclose(facts.departure_s, scenario.service.scheduled_departure_s + 180)
    counted = sim.run(world(LATE, {"files": [str(file)], "share": 1}))
    assert advised_at(counted, (7.75, 8.75)) < advised_at(alone, (7.75, 8.75)) / 2


def test_a_vehicle_that_was_late_comes_as_long_before_it_leaves_as_simulated(elsewhere, tmp_path):
    """Counts of the simulated day itself, all vehicles 2 min later, must be seen as that day 2 min later."""
    file = tmp_path / "counts.csv"
    file.write_text(table_of(elsewhere, later_s=120), encoding="utf-8")
    scenario = scenario_of_mapping(world(EARLY, {"files": [str(file)], "share": 1}))
    (facts,) = days_as_counted(scenario, observed_days(scenario, elsewhere.tables))
    visits = elsewhere.tables["stop_visits"]
    assert (visits["departure_s"] - visits["arrival_s"]).max() > 30
    for name in ("arrival_s", "departure_s"):
        assert np.abs(getattr(facts, name) - visits[name] - 120).max() <= 0.5, name


def test_the_answer_to_a_commuter_knows_the_counts(home, counts, tmp_path):
    """Also from a run folder, and on as many days as the weight of the counts asks for."""
    keys = world(LATE, {"files": [str(counts)], "share": 1})
    sim.run({**keys, "advisor": {**keys["advisor"], "strategy": "none"}}).write(tmp_path / "run")
    fullest = [
        max(sim.advise(run, "a", "c", arrive_by="08:50"), key=lambda window: window.load_factor).window_start_s
        for run in (sim.read_run(tmp_path / "run"), home)
    ]
    assert fullest[0] < 7.75 * 3600 <= fullest[1]
    mixed = scenario_of_mapping(world(LATE, {"files": [str(counts)], "share": 0.5}))
    days = observed_days(mixed, home.tables)
    assert len(days_as_counted(mixed, days)) == 2


def test_the_plan_is_laid_on_the_days_that_answers_are_told_of(counts):
    """What `sim.Advisor` holds for the people of a plan is what it would hold for whoever asks for the same windows."""
    keys = world(LATE, {"files": [str(counts)], "share": 1})
    keys["advisor"].update({"penetration": 1, "compliance": 1, "window": "15 min"})
    run = sim.run(keys, strategy="coordinated")
    advisor = sim.Advisor(run)
    followers = PlanFollowers.of(run.scenario, run.tables, "coordinated")
    pair = pair_forecasts(run.scenario, advisor._ledger.days, advisor.request("a", "c", arrive_by="08:50"))
    windows, count = np.unique(followers.window, return_counts=True)
    cases = pair.useful(windows, windows)
    assert len(cases) == len(windows) > 3
    held = count @ cases.places / followers.days
    assert held.sum() > 50.0
    np.testing.assert_allclose(advisor._ledger.places.planned, held, atol=1e-9)
