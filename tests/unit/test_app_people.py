"""A comparison for people of several baselines, served for each of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.served import LINE, Served, write_comparison

import sim
from sim.app import RunLibrary
from sim.records.folder import read_run_folder

RUNS = "/api/v1/runs"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    return write_comparison(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def served(run_folder) -> Served:
    return Served(run_folder)


def test_each_baseline_has_an_address_of_its_own(served):
    first, second = (served.ask(f"{RUNS}/{key}").json() for key in ("served", "served~adapted"))
    assert (first["people"], second["people"]) == ("habit", "adapted")
    for facts in (first, second):
        assert [(one["name"], one["key"]) for one in facts["baselines"]] == [
            ("habit", "served"),
            ("adapted", "served~adapted"),
        ]
        assert all(one["sentence"] for one in facts["baselines"])
    (listed,) = served.ask(RUNS).json()["runs"]
    assert listed["key"] == "served"
    for key in ("served~nobody", "served~", "~adapted", "served~adapted~adapted", "served~habit~adapted"):
        assert served.ask(f"{RUNS}/{key}").status_code == 404


def test_what_is_shown_is_of_those_people_alone(served, run_folder):
    summary, folder = read_run_folder(run_folder).summary, read_run_folder(run_folder)
    for people, key in (("habit", "served"), ("adapted", "served~adapted")):
        own = summary["baselines"][people]["strategies"]["coordinated"]["mean_generalized_cost_min"]
        metrics = {one["name"]: one for one in served.ask(f"{RUNS}/{key}/indicators").json()["metrics"]}
        assert metrics["mean_generalized_cost_min"]["values"]["coordinated"]["mean"] == own["mean"]
        loads = served.ask(f"{RUNS}/{key}/loads?strategy=none").json()["directions"]
        visits = folder.tables(people)["stop_visits"]
        none = visits.where(visits.equals("strategy", "none"))
        days = len(np.unique(np.stack([none["replication"], none["day"]], axis=1), axis=0))
        told = sum(count for one in loads for count in one["boardings"] if count > 0) / 10
        assert told == pytest.approx(none["boardings"].sum() / days, rel=0.02)


def test_parts_of_a_saving_are_told_and_add_up(served):
    document = served.ask(f"{RUNS}/served/indicators").json()
    metrics = {one["name"]: one["values"]["coordinated"] for one in document["metrics"]}
    assert len(document["parts"]) == 5
    saved = sum(metrics[name]["mean"] for name in document["parts"])
    assert saved == pytest.approx(-metrics["mean_generalized_cost_min"]["difference"], abs=1e-9)


def test_a_folder_with_the_sign_in_its_name_is_a_run_like_any_other(run_folder):
    library = RunLibrary(run_folder.parent)
    assert library.named("served~adapted").people == "adapted"
    (run_folder.parent / "served~adapted").mkdir()
    try:
        assert library.named("served~adapted") is None
    finally:
        (run_folder.parent / "served~adapted").rmdir()


def test_commuters_are_answered_by_the_days_of_those_people(served):
    ask = "windows?origin=a&destination=c&arrive_by=08:30"
    answers = [served.ask(f"{RUNS}/{key}/{ask}").json() for key in ("served", "served~adapted")]
    assert all(answer["windows"] for answer in answers)
    loads = [[window["load_factor"] for window in answer["windows"]] for answer in answers]
    assert loads[0] != loads[1]


def test_forecasts_are_scored_as_the_table_says(served, tmp_path):
    """Under a strategy that advises on the day before, too; where nobody was advised there is nothing to score."""
    (tmp_path / "line.yaml").write_text(LINE, encoding="utf-8")
    changes = {"baselines": ["habit"], "advisor.penetration": 1, "advisor.compliance": 1}
    result = sim.compare(tmp_path / "line.yaml", ["none", "individual"], overrides=changes, replications=1)
    result.write(tmp_path / "runs" / "scored")
    (told,) = Served(tmp_path / "runs").ask(f"{RUNS}/scored/scores").json()["scores"]
    table = result.tables["forecasts"]
    assert told["strategy"] == "individual"
    assert told["journeys"] == len(table) > 20
    events = {event["name"]: event for event in told["events"]}
    assert events["on_time"]["happened_share"] == pytest.approx(table["was_on_time"].mean())
    assert sum(point["journeys"] for point in events["on_time"]["points"]) == len(table)
    assert 0 <= told["level_right_share"] <= 1
