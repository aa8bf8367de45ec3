"""Sweeps of a small scenario: common draws, resuming, the same with any number of processes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas
import pytest
from support.sweeps import NAMES, swept_file

import sim
from sim.advisor import strategy_by_name
from sim.advisor.strategy import AdvisorView
from sim.errors import InputError, RunFolderError, UnknownNameError
from sim.experiments.sweep import run_sweep
from sim.experiments.sweep_points import points_of_file
from sim.metrics.registry import metrics_told
from sim.model.advice import AdvicePlan
from sim.records.catalogue import Catalogue, Finished
from sim.report.sweep_section import sweep_verdict

VARY = {"advisor.penetration": [0, 0.4, 1]}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return swept_file(tmp_path_factory.mktemp("sweep"), "swept", replications=2, days=3, commuters=140)


@pytest.fixture(scope="module")
def result(file: Path) -> sim.SweepResult:
    return sim.sweep(file, VARY, NAMES)


def test_a_point_is_what_compare_finds_there(file, result):
    compared = sim.compare(sim.load_scenario(file, ["advisor.penetration=0.4"]), NAMES)
    point = result.summary["points"][1]
    assert point["values"] == {"advisor.penetration": 0.4}
    for strategy, metrics in compared.summary["strategies"].items():
        for name, entry in metrics.items():
            assert point["strategies"][strategy][name] == pytest.approx(entry, nan_ok=True), (strategy, name)


def test_savings_are_split_as_by_compare_whichever_process_had_the_days_without_advice(file, result):
    parts = [metric.name for metric in metrics_told("parts")]
    for point in result.summary["points"]:
        for strategy in ("same_for_all", "coordinated"):
            metrics = point["strategies"][strategy]
            saved_min = sum(metrics[name]["mean"] for name in parts)
            assert saved_min == pytest.approx(-metrics["mean_generalized_cost_min"]["difference"], abs=1e-9)


def test_each_baseline_is_what_compare_finds_for_it(tmp_path):
    """Adapted people settle once for points that differ in the advice, and in several processes as in one."""
    small = swept_file(tmp_path, "both", replications=1, days=2, commuters=60, baselines="habit, adapted")
    vary = {"advisor.penetration": [0.4, 1]}
    names = ("none", "individual")
    compared = sim.compare(sim.load_scenario(small, ["advisor.penetration=0.4"]), names)
    swept = sim.sweep(small, vary, names, folder=tmp_path / "out")
    assert sim.sweep(small, vary, names, jobs=2).summary == swept.summary
    assert list(swept.summary["baselines"]) == ["habit", "adapted"]
    assert swept.summary["points"] == swept.summary["baselines"]["habit"]["points"]
    for baseline in ("habit", "adapted"):
        there = swept.against(baseline)
        point, own = there.summary["points"][0], compared.against(baseline).summary
        assert point.get("settling") == own.get("settling")
        assert ("settling" in point) == (baseline == "adapted")
        for strategy, metrics in own["strategies"].items():
            for name, entry in metrics.items():
                here = point["strategies"][strategy][name]
                assert here == pytest.approx(entry, nan_ok=True), (baseline, strategy, name)
    table = pandas.read_csv(tmp_path / "out" / "results.csv")
    assert list(table.columns[:4]) == ["advisor.penetration", "strategy", "baseline", "metric"]
    adapted = table[table["baseline"] == "adapted"].drop(columns="baseline").reset_index(drop=True)
    assert len(adapted) * 2 == len(table)
    assert adapted["mean"].equals(swept.against("adapted").table["mean"])
    assert swept.table["mean"].equals(swept.against("habit").table["mean"])
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("Against adapted commuters") == 2
    assert "What savings consist of" in page
    with pytest.raises(UnknownNameError, match="baselines are habit, adapted"):
        swept.against("learned")
    with pytest.raises(InputError, match="every point has the baselines of the scenario"):
        sim.sweep(small, {"baselines": [["habit"], ["adapted"]]}, names)


def test_nobody_reached_changes_nothing_and_advice_changes_something(result):
    nobody, _, all_reached = (point["strategies"]["same_for_all"] for point in result.summary["points"])
    assert nobody["mean_generalized_cost_min"]["difference"] == 0.0
    assert nobody["losers_share"]["mean"] == 0.0
    assert all_reached["mean_generalized_cost_min"]["difference"] != 0.0
    assert all_reached["advised_share"]["mean"] == 1.0


def test_the_result_does_not_depend_on_the_number_of_processes(file, result):
    assert sim.sweep(file, VARY, NAMES, jobs=2).summary == result.summary


def test_a_loaded_scenario_does_as_well(file, result):
    assert sim.sweep(sim.load_scenario(file), VARY, NAMES).summary == result.summary


class StoppedError(Exception):
    pass


def test_a_sweep_goes_on_where_it_stopped(file, result, tmp_path):
    folder = tmp_path / "out"

    def stop_after_four(finished: int, total: int) -> None:
        if finished == 4:
            raise StoppedError

    with pytest.raises(StoppedError):
        sim.sweep(file, VARY, NAMES, folder=folder, progress=stop_after_four)
    assert [path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))] == ["sweep.sqlite"]
    told: list[tuple[int, int]] = []
    again = sim.sweep(file, VARY, NAMES, folder=folder, progress=lambda *done: told.append(done))
    # none in 2 replications, and two strategies at the two points that reach anybody
    assert told[0] == (4, 10)
    assert told[-1] == (10, 10)
    assert again.summary == result.summary
    assert json.loads((folder / "summary.json").read_text())["points"] == result.summary["points"]
    told.clear()
    sim.sweep(file, VARY, NAMES, folder=folder, progress=lambda *done: told.append(done))
    assert told == [(10, 10)]


def test_more_replications_use_what_is_there(file, tmp_path):
    told: list[tuple[int, int]] = []
    sim.sweep(file, VARY, NAMES, folder=tmp_path / "out")
    more = sim.sweep(
        file, VARY, NAMES, overrides=["replications=3"], folder=tmp_path / "out", progress=lambda *d: told.append(d)
    )
    assert told[0] == (10, 15)
    assert more.manifest["replications"] == 3


def test_another_scenario_does_not_find_these_results(file, tmp_path):
    told: list[tuple[int, int]] = []
    sim.sweep(file, {"advisor.penetration": [1]}, ["same_for_all"], folder=tmp_path / "out")
    sim.sweep(
        file,
        {"advisor.penetration": [1]},
        ["same_for_all"],
        overrides=["preferences.wait_weight=2"],
        folder=tmp_path / "out",
        progress=lambda *d: told.append(d),
    )
    assert told[0] == (0, 4)


def test_none_is_run_once_for_points_that_differ_in_the_advice(file):
    with Catalogue(None) as catalogue:
        told: list[tuple[int, int]] = []
        points = points_of_file(file, [], VARY)
        run_sweep(points, [strategy_by_name("none")], catalogue, progress=lambda *d: told.append(d))
    assert told[-1] == (2, 2)


class Half:
    """A strategy of one's own, with a setting."""

    name = "half"

    def __init__(self, later: int) -> None:
        self.later = later

    def __repr__(self) -> str:
        return f"Half({self.later})"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        habit = view.population.habitual_departure_s // view.window_s
        return AdvicePlan(np.where(view.app_user, habit + self.later, -1).astype(np.int64), view.window_s)


def test_points_share_what_advice_does_not_change(file):
    """Points that share a process find what each finds alone, where they differ in the advice and where in the rest."""
    together = {"service.running_time_noise.cv": [0.2, 0.4], "advisor.penetration": [0.4, 1]}
    table = sim.sweep(file, together, ("none", "coordinated")).table
    for cv in (0.2, 0.4):
        for penetration in (0.4, 1):
            alone = sim.sweep(
                file,
                {"advisor.penetration": [penetration]},
                ("none", "coordinated"),
                overrides=[f"service.running_time_noise.cv={cv}"],
            ).table
            here = (table["service.running_time_noise.cv"] == cv) & (table["advisor.penetration"] == penetration)
            measured = ["strategy", "metric", "mean", "half_width", "difference", "difference_half_width"]
            assert table[here][measured].reset_index(drop=True).equals(alone[measured]), (cv, penetration)


def test_a_strategy_of_ones_own_is_swept_and_told_from_its_variants(file, tmp_path):
    told: list[tuple[int, int]] = []
    one = sim.sweep(file, {"advisor.penetration": [1]}, [Half(1)], folder=tmp_path / "out")
    two = sim.sweep(
        file, {"advisor.penetration": [1]}, [Half(2)], folder=tmp_path / "out", progress=lambda *d: told.append(d)
    )
    assert told[0] == (2, 4)
    shifts = [
        swept.summary["points"][0]["strategies"]["half"]["mean_departure_shift_min"]["mean"] for swept in (one, two)
    ]
    assert shifts[1] == pytest.approx(2 * shifts[0], rel=0.2)
    assert one.summary["strategies"] == ["none", "half"]


def test_the_table_has_a_row_per_point_strategy_and_metric(result):
    table = result.table
    assert list(table.columns[:3]) == ["advisor.penetration", "strategy", "metric"]
    row = table[(table["advisor.penetration"] == 1) & (table.strategy == "coordinated")].set_index("metric")
    expected = result.summary["points"][2]["strategies"]["coordinated"]["mean_wait_min"]["mean"]
    assert row.loc["mean_wait_min", "mean"] == expected


def test_the_largest_loss_stands_in_the_table_and_changes_as_it_is_told(result):
    """The table had no number of it, and its change was a mean over replications of which each has a largest."""
    name, strategy = "largest_loss_min", result.summary["strategies"][-1]
    table = result.table
    rows = table[(table["metric"] == name) & (table["strategy"] == strategy)]
    told = [point["strategies"][strategy][name]["largest"] for point in result.summary["points"]]
    assert rows["largest"].tolist() == told
    assert rows["change"].tolist() == pytest.approx([value - told[0] for value in told])
    assert rows["change_half_width"].isna().all()
    assert table.loc[table["metric"] == "mean_wait_min", "largest"].isna().all()


def test_whoever_takes_a_sweep_for_a_run_is_told(result, tmp_path):
    with pytest.raises(sim.errors.SimError, match=r"no run folder, .*'sweep'"):
        sim.read_run(result.write(tmp_path / "out"))


def test_a_folder_with_something_else_is_left_alone(file, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    with pytest.raises(RunFolderError, match=r"letter\.txt"):
        sim.sweep(file, VARY, NAMES, folder=tmp_path / "out")
    (tmp_path / "out" / "letter.txt").rename(tmp_path / "out" / "sweep.sqlite")
    with pytest.raises(RunFolderError, match="catalogue"):
        sim.sweep(file, VARY, NAMES, folder=tmp_path / "out")


def test_the_catalogue_gives_back_what_was_stored(tmp_path):
    done = Finished("mine", 3, {"a": 0.1, "b": float("nan")}, np.array([[1.5, 2.5], [3.0, 4.0]]))
    with Catalogue(tmp_path / "c.sqlite") as catalogue:
        assert catalogue.find("k") is None
        catalogue.store("k", done)
    with Catalogue(tmp_path / "c.sqlite") as catalogue:
        found = catalogue.find("k")
    assert found is not None
    assert (found.strategy, found.replication, found.metrics["a"]) == ("mine", 3, 0.1)
    assert np.isnan(found.metrics["b"])
    assert np.array_equal(found.paired, done.paired)
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as connection:
        rows = connection.execute("SELECT key FROM finished").fetchall()
    assert rows == [("k",)]


def test_a_piece_altered_in_the_catalogue_is_run_again_and_said(file, tmp_path):
    first = sim.sweep(file, {"advisor.penetration": [0.5]}, ["individual"], folder=tmp_path / "sweep")
    with closing(sqlite3.connect(tmp_path / "sweep" / "sweep.sqlite")) as connection, connection:
        connection.execute("UPDATE finished SET metrics = replace(metrics, '1', '2') WHERE strategy = 'individual'")
    again = sim.sweep(file, {"advisor.penetration": [0.5]}, ["individual"], folder=tmp_path / "sweep")
    assert again.summary == first.summary
    said = "finished pieces of the catalogue that had been altered or damaged were run again: 2"
    assert again.manifest["warnings"] == [*first.manifest["warnings"], said]


def test_where_advice_was_held_back_is_told(tmp_path):
    """A small share of few people gains less than draws of running times tell."""
    few = swept_file(tmp_path, "few", replications=2, days=3, commuters=12)
    vary = {"advisor.penetration": [0.1, 1]}
    swept = sim.sweep(few, vary, ["coordinated"])
    compared = sim.compare(sim.load_scenario(few, ["advisor.penetration=0.1"]), ["none", "coordinated"])
    first, last = swept.summary["points"]
    assert first["rehearsals"] == compared.manifest["rehearsals"]
    held = first["rehearsals"]["coordinated"]
    assert held["issued"] < held["rehearsed"], "the world no longer shows what the test is about"
    said = (
        f"coordinated advised nobody on {held['rehearsed'] - held['issued']} of {held['rehearsed']} simulated days with"
    )
    verdict = " ".join(sweep_verdict({**swept.summary, "points": [first, {**last, "rehearsals": {}}]}))
    assert f"{said} advice at advisor.penetration = 0.1: rehearsals did not show" in verdict
