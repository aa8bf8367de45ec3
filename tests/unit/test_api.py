"""The public functions: what a notebook may do, and what it is told when it goes wrong."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from support.invariants import check_invariants
from support.small_network import write_network
from support.worlds import bus_line, flow, world

import sim
import sim.api.advisor
from sim.advisor import AdvisorView
from sim.errors import InputError, ScenarioError, UnknownNameError
from sim.locations import scenarios_dir
from sim.model.advice import AdvicePlan
from sim.model.scenario import Scenario

SMALL_BUS = {"seats": 5, "capacity": 8, "dwell_rule": "constant", "dead_time": 5}


def rush(**sections: Any) -> Scenario:
    line = bus_line("L", "ABC", [120, 180], range(300, 9000, 300))
    flows = [flow("A", "C", 1800, 3600, 70), flow("A", "B", 0, 7200, 20)]
    settings = {"replications": 3, "days": 3, "advisor": {"penetration": 1, "compliance": 1, "window": 600}, **sections}
    return world([line], flows, {"bus": SMALL_BUS}, **settings)


class Earliest:
    """A strategy of one's own: send everybody into the first window that they could accept."""

    name = "earliest"

    def __init__(self) -> None:
        self.days: list[int] = []

    def advise(self, view: AdvisorView) -> AdvicePlan:
        self.days.append(view.day)
        return view.plan(view.candidates.acceptable.argmax(axis=1))


class AtFour:
    """Send everybody into the window that starts at 04:00, whatever they could accept."""

    name = "at_four"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        window = np.full(len(view.population), -1, dtype=np.int64)
        window[view.users] = int(4 * 3600 // view.window_s)
        return AdvicePlan(window, view.window_s)


def test_run_gives_metrics_tables_and_frames() -> None:
    result = sim.run(rush())
    # A fifth of them wait longer than three headways before full buses, which is told apart.
    assert set(result.summary) == {"metrics", "unserved"}
    assert result.summary["unserved"]["long_wait_at"]["reason"] == "full"
    assert result.manifest["kind"] == "run"
    assert result.manifest["strategies"] == ["none"]
    assert len(result.journeys) == len(result.tables["journeys"]) == 3 * 90
    for name in ("legs", "stop_visits", "denied_boardings", "periods"):
        assert len(getattr(result, name)) == len(result.tables[name])
    assert set(result.journeys["outcome"]) <= {"arrived", "no_service"}
    mean = result.summary["metrics"]["mean_wait_min"]["mean"]
    arrived = result.journeys[result.journeys["outcome"] == "arrived"]
    assert mean == pytest.approx(arrived.groupby("replication")["wait_s"].mean().mean() / 60)


def test_run_takes_the_strategy_of_the_scenario_unless_told_otherwise() -> None:
    scenario = rush(advisor={"strategy": "individual"})
    assert sim.run(scenario, replications=1).manifest["strategies"] == ["individual"]
    assert sim.run(scenario, strategy="coordinated", replications=1).manifest["strategies"] == ["coordinated"]


def test_settings_in_the_call_go_before_those_of_the_scenario() -> None:
    result = sim.run(rush(), seed=77, replications=2, days_kept=2)
    assert (result.manifest["seed"], result.manifest["replications"], result.manifest["days_kept"]) == (77, 2, 2)
    assert set(result.journeys["replication"]) == {0, 1}
    assert set(result.journeys["day"]) == {1, 2}


def test_settings_in_the_call_are_checked() -> None:
    with pytest.raises(ScenarioError, match=r"^arguments: days_kept = 9 is more than days"):
        sim.run(rush(), days_kept=9)
    with pytest.raises(ScenarioError, match=r"^arguments: replications: "):
        sim.compare(rush(), replications=0)
    with pytest.raises(InputError, match=r"^arguments: jobs: must be at least 1, found 0"):
        sim.run(rush(), jobs=0)
    with pytest.raises(InputError, match="found -1"):
        sim.sweep(rush(), {"advisor.penetration": [0.5]}, jobs=-1)


def test_a_key_is_changed_by_its_path() -> None:
    changes = {"advisor.penetration": 0.25, "period": "30 min", "advisor.only_destinations": ["W"], "horizon.end": None}
    mapped = sim.load_scenario(scenarios_dir() / "two_lines_lesson.yaml", changes).parameters
    assert (mapped.advisor.penetration_share, mapped.period_s, mapped.horizon.end_s) == (0.25, 1800.0, None)
    assert mapped.advisor.only_destinations == ("W",)
    with pytest.raises(ScenarioError, match=r"advisor.penetratoin: unknown key \(did you mean 'penetration'"):
        sim.load_scenario(scenarios_dir() / "two_lines_lesson.yaml", {"advisor.penetratoin": 0.25})


def test_what_is_shown_in_a_notebook_is_short() -> None:
    scenario = rush(replications=2)
    swept = sim.sweep(scenario, {"advisor.penetration": [0, 1], "advisor.compliance": [0.5, 1]}, ["individual"])
    assert repr(scenario) == "<Scenario by_hand: 3 stops, 1 lines, 29 trips, 90 commuters>"
    assert repr(sim.run(scenario)) == "<RunResult by_hand: none; 2 replications>"
    assert repr(swept) == "<SweepResult by_hand: none, individual; 2 replications>"
    shown = swept._repr_html_()
    assert shown.count("<tr>") == 1 + 1 + 4 * 2, "head, none, and two rows a point"
    assert "(with advisor.compliance = 0.5)" in shown
    assert "(with advisor.penetration" not in shown


def test_compare_takes_strategies_of_ones_own() -> None:
    own = Earliest()
    result = sim.compare(rush(), ["none", own, AtFour()])
    check_invariants(result.tables, 900)
    assert result.manifest["strategies"] == ["none", "earliest", "at_four"]
    assert own.days == [1, 2] * 3
    journeys = result.journeys
    earliest = journeys[journeys["strategy"] == "earliest"]
    assert earliest["advised"].all()
    assert earliest["complied"].all()
    moved = earliest["habitual_departure_s"] - earliest["departure_s"]
    assert (moved <= 3600 + 1e-6).all()
    assert moved.mean() > 1200
    at_four = journeys[journeys["strategy"] == "at_four"]
    assert at_four["departure_s"].between(14400, 15000, inclusive="left").all()
    # The last vehicle leaves before four, and whoever tells people to come then has to answer for it.
    assert set(at_four["cause"]) == {"last_vehicle_gone"}
    entry = result.summary["strategies"]["at_four"]["mean_generalized_cost_min"]
    assert entry["difference"] > 60


def test_own_strategy_may_answer_no_advice() -> None:
    class Silent:
        name = "silent"

        def advise(self, view: AdvisorView) -> AdvicePlan:
            return view.plan(np.full(len(view.users), -1))

    result = sim.compare(rush(), ["none", Silent()], replications=1)
    journeys = result.journeys
    none, silent = (
        journeys[journeys["strategy"] == name].drop(columns="strategy").reset_index(drop=True)
        for name in ("none", "silent")
    )
    assert none.equals(silent)


def test_differences_are_paired_with_none() -> None:
    result = sim.compare(rush(), ["none", "individual"])
    costs = result.journeys.groupby(["strategy", "replication"])["generalized_cost_min"].mean()
    difference = (costs["individual"] - costs["none"]).mean()
    entry = result.summary["strategies"]["individual"]["mean_generalized_cost_min"]
    assert entry["difference"] == pytest.approx(difference)
    assert result.summary["strategies"]["none"]["mean_generalized_cost_min"]["difference"] == 0


def test_progress_is_told_by_days_from_the_first_second() -> None:
    told: list[tuple[int, int]] = []
    sim.run(rush(), progress=lambda finished, total: told.append((finished, total)))
    days = rush().parameters.days
    assert told == [(finished, 3 * days) for finished in range(3 * days + 1)]


@pytest.mark.parametrize(
    ("strategies", "words"),
    [(["nothing"], "nothing"), (["none", "none"], "twice"), ([], "no strategy")],
)
def test_strategies_that_cannot_be_are_named(strategies: list[str], words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        sim.compare(rush(), strategies)


def test_scenario_file_that_is_not_there() -> None:
    with pytest.raises(ScenarioError, match=r"nowhere\.yaml"):
        sim.run("nowhere.yaml")


def test_overrides_reach_the_scenario(project_root: Path) -> None:
    scenario = sim.load_scenario(project_root / "scenarios" / "mandl.yaml", ["seed=5", "advisor.penetration=0.25"])
    assert (scenario.parameters.seed, scenario.parameters.advisor.penetration_share) == (5, 0.25)


def test_run_folder_is_written(tmp_path: Path) -> None:
    folder = sim.compare(rush(), ["none", "individual"], replications=2).write(tmp_path / "out")
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "summary.json", "tables", "report.html"}
    summary = json.loads((folder / "summary.json").read_text())
    assert set(summary["strategies"]) == {"none", "individual"}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [stop["stop_id"] for stop in manifest["stops"]] == ["A", "B", "C"]


# --- advice to one person ---------------------------------------------------------------------------------


def test_advise_lists_windows_best_first() -> None:
    found = sim.advise(rush(), "A", "C", "01:00")
    ranks = [(option.mostly_late, option.generalized_cost_min) for option in found]
    assert ranks == sorted(ranks)
    assert len(found) > 3
    for option in found:
        assert option.window_end_s - option.window_start_s == 600
        assert option.door_to_door_min >= 5
        assert 0 <= option.denied_share <= 1
        assert 0 <= option.on_time_share <= 1
        assert math.isfinite(option.generalized_cost_min)
        assert option.reason


def test_advise_says_the_same_for_a_scenario_and_for_its_run() -> None:
    result = sim.run(rush(), strategy="none")
    assert sim.advise(result, "A", "C", 3600.0) == sim.advise(rush(), "A", "C", "01:00")


def test_advise_reads_the_days_without_advice_of_a_comparison() -> None:
    """Days with advice have other traffic; mean values over both would describe no day at all."""
    compared = sim.compare(rush(), ["none", "individual"])
    assert sim.advise(compared, "A", "C", 3600.0) == sim.advise(rush(), "A", "C", "01:00")


def test_advised_window_avoids_the_rush() -> None:
    """8 places every 5 min, 70 people in half an hour: with time to spare it is better not to leave in the middle."""
    result = sim.run(rush(), strategy="none")
    by_window = {option.window_start_s: option for option in sim.advise(result, "A", "C", "01:30")}
    crowded = [by_window[start] for start in (3000.0, 3600.0) if start in by_window]
    quiet = [by_window[start] for start in (5400.0, 4800.0) if start in by_window]
    assert min(option.denied_share for option in crowded) > max(option.denied_share for option in quiet)


def test_advise_names_stops_that_do_not_exist() -> None:
    with pytest.raises(UnknownNameError, match="'Q' is not a stop"):
        sim.advise(rush(), "Q", "C", "01:00")
    with pytest.raises(UnknownNameError, match="no journey leads from C to A"):
        sim.advise(rush(), "C", "A", "01:00")
    with pytest.raises(ValueError, match="clock time"):
        sim.advise(rush(), "A", "C", "soon")


def functions_of_the_package():
    return [getattr(sim, name) for name in sim.__all__ if inspect.isroutine(getattr(sim, name))]


@pytest.mark.parametrize("function", functions_of_the_package(), ids=lambda function: function.__name__)
def test_every_function_says_what_it_returns_with_an_example_that_runs(function):
    said = inspect.getdoc(function)
    assert re.search("^(Returns|Yields)$", said, re.MULTILINE)
    assert "Examples" in said
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    module = importlib.import_module(function.__module__)
    (example,) = finder.find(inspect.unwrap(function), function.__name__, module=module, globs=vars(module).copy())
    assert all(not step.options for step in example.examples)
    assert runner.run(example) == (0, len(example.examples))
    assert example.examples


def test_the_examples_of_the_package_and_of_the_advisor_run():
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    for thing in (sim.api, sim.Advisor):
        (example,) = finder.find(thing, module=sim.api.advisor if thing is sim.Advisor else sim.api)
        assert example.examples
        assert runner.run(example) == (0, len(example.examples))


def test_tables_are_plain_columns_for_other_libraries_of_data_frames():
    tables = sim.run("two_lines_lesson", overrides={"days": 1}).tables
    for table in tables.values():
        columns = table.to_dict()
        assert list(columns) == list(table.schema.names)
        pandas.testing.assert_frame_equal(pandas.DataFrame(columns), table.to_pandas(), check_dtype=False)


def test_completion_and_help_list_the_functions_before_they_are_loaded():
    program = "import sim, sys; assert 'sim.api' not in sys.modules; print(dir(sim)); help(sim)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    listed = ast.literal_eval(done.stdout.splitlines()[0])
    assert {"run", "compare", "sweep", "advise", "load_scenario"} <= set(listed)
    for name in ("run(", "compare(", "sweep(", "advise("):
        assert name in done.stdout


def test_run_compare_and_sweep_share_their_arguments():
    shared = {"seed", "replications", "days_kept", "overrides", "jobs", "progress", "holding"}
    for function in (sim.run, sim.compare, sim.sweep):
        assert shared <= set(inspect.signature(function).parameters)


def test_a_mistaken_number_of_processes_is_told():
    for jobs, words in ((0, "at least 1"), (True, "whole number or 'auto'"), ("many", "whole number or 'auto'")):
        with pytest.raises(InputError, match=words):
            sim.run("two_lines_lesson", jobs=jobs)


def test_overrides_are_not_laid_over_a_loaded_scenario():
    with pytest.raises(UnknownNameError, match="give its path"):
        sim.run(sim.load_scenario("two_lines_lesson"), overrides={"days": 2})


def test_a_sweep_takes_counts_by_name_over_a_file_and_a_loaded_scenario():
    vary = {"advisor.compliance": [0.5, 1.0]}
    by_file = sim.sweep("two_lines_lesson", vary, ["individual"], replications=2, seed=3, overrides={"days": 2})
    loaded = sim.load_scenario("two_lines_lesson", {"days": 2})
    by_object = sim.sweep(loaded, vary, ["individual"], replications=2, seed=3)
    assert by_file.summary == by_object.summary
    assert (by_file.manifest["replications"], by_file.manifest["seed"]) == (2, 3)


LESSON = {
    "name": "made_in_a_notebook",
    "replications": 2,
    "days": 2,
    "service": {"vehicles": {"bus": {"seats": 5, "capacity": 8, "dwell_rule": "constant", "dead_time": "5 s"}}},
    "network": {
        "lines": [
            {
                "id": "L",
                "stops": ["A", "B"],
                "running_times": ["5 min"],
                "vehicle": "bus",
                "departures": [f"07:{minute:02d}" for minute in range(0, 60, 10)],
            }
        ]
    },
    "demand": {
        "flows": [
            {
                "origin": "A",
                "destination": "B",
                "pieces": [{"start": "07:05", "end": "07:50", "commuters": 30}],
            }
        ]
    },
}


def test_a_scenario_may_be_a_mapping_in_every_function():
    loaded = sim.load_scenario(LESSON, {"days": 1})
    assert (loaded.name, loaded.parameters.days) == ("made_in_a_notebook", 1)
    result = sim.run(LESSON, seed=4)
    check_invariants(result.tables)
    assert set(sim.compare(LESSON, ["none", "individual"]).summary["strategies"]) == {"none", "individual"}
    swept = sim.sweep(LESSON, {"service.capacity_scale": [1.0, 2.0]}, ["none"])
    assert [point["service.capacity_scale"] for point in swept.table.to_dict("records")][:1] == [1.0]
    assert sim.advise(LESSON, "A", "B", "07:40")


def test_mistakes_in_a_mapping_are_named_by_key():
    with pytest.raises(ScenarioError, match=r"^scenario: replicatoins: unknown key \(did you mean 'replications'\?\)"):
        sim.load_scenario({**LESSON, "replicatoins": 3})
    with pytest.raises(ScenarioError, match="texts, numbers, lists and mappings only"):
        sim.load_scenario({**LESSON, "days": object()})


def test_a_run_folder_is_read_as_the_result_that_it_was(tmp_path):
    for result in (sim.run(rush()), sim.compare(rush(), ["none", "individual"])):
        again = sim.read_run(result.write(tmp_path / type(result).__name__))
        assert type(again) is type(result)
        assert again.journeys.equals(result.journeys)
        assert again.summary == json.loads(json.dumps(result.summary))
        assert again.report() == result.report()
        assert sim.advise(again, "A", "C", "01:00") == sim.advise(result, "A", "C", "01:00")


def test_a_run_of_python_is_read_again_from_any_folder(tmp_path, monkeypatch):
    write_network(tmp_path / "there" / "net")
    file = tmp_path / "there" / "small.yaml"
    file.write_text("name: small\nreplications: 1\ndays: 1\nnetwork: {folder: net}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = sim.run("there/small.yaml")
    folder = result.write(tmp_path / "run")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = sim.read_run(folder).scenario
    assert sim.run(again).journeys.equals(result.journeys)


def test_metrics_and_days_are_frames():
    result = sim.compare(rush(), ["none", "individual"])
    entry = result.summary["strategies"]["individual"]["mean_wait_min"]
    row = result.metrics.loc["individual", "mean_wait_min"]
    assert (row["mean"], row["difference"]) == (entry["mean"], entry["difference"])
    assert set(result.days.strategy) == {"none", "individual"}
    run = sim.run(rush())
    assert run.metrics.loc["mean_wait_min", "mean"] == run.summary["metrics"]["mean_wait_min"]["mean"]
