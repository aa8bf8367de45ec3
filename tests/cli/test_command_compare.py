"""``peakshift compare``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from support.command import call

from sim.records.folder import read_run_folder
from sim.records.schema import TABLES
from sim.records.table import Table

STRATEGIES = ["none", "same_for_all", "individual", "coordinated"]


def same_but_for_the_strategy(table: Table, one: str, other: str) -> bool:
    first, second = (table.where(table.equals("strategy", name)) for name in (one, other))
    return len(first) == len(second) > 0 and all(
        np.array_equal(first[column.name], second[column.name], equal_nan=column.kind == "float64")
        for column in table.schema.columns
        if column.name != "strategy"
    )


def test_it_prints_a_table_a_verdict_and_where_the_results_are(comparison):
    folder, done = comparison
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("tiny: 2 replications, 4 strategies\n")
    header = next(line for line in done.stdout.splitlines() if line.startswith("metric"))
    assert header.split() == ["metric", *STRATEGIES]
    assert "Mean generalized cost (min)" in done.stdout
    assert "the mean generalized cost per commuter" in done.stdout.replace("\n  ", " ")
    assert (
        f"run folder  {folder}\nreport      {folder / 'report.html'}\napp         peakshift serve {folder}\n"
        in done.stdout
    )


def test_the_run_folder_holds_the_strategies_named(comparison):
    run = read_run_folder(comparison[0])
    assert run.manifest["kind"] == "comparison"
    assert run.manifest["strategies"] == STRATEGIES
    assert run.table("journeys").categories["strategy"] == tuple(STRATEGIES)
    assert list(run.summary["strategies"]) == STRATEGIES


def test_advice_changes_something(comparison):
    journeys = read_run_folder(comparison[0]).table("journeys")
    assert not same_but_for_the_strategy(journeys, "none", "same_for_all")


def test_json_has_differences_against_none(here, plain_report):
    done = call("compare", "tiny.yaml", "--strategies", "none, individual", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert printed["run_folder"] == str(Path("runs/tiny"))
    assert list(printed["strategies"]) == ["none", "individual"]
    entry = printed["strategies"]["individual"]["mean_wait_min"]
    assert {"mean", "half_width", "difference", "difference_half_width", "unit"} <= entry.keys()
    base = printed["strategies"]["none"]["mean_wait_min"]
    assert entry["difference"] == pytest.approx(entry["mean"] - base["mean"])


def test_it_says_that_advice_was_held_back(here, plain_report):
    """Buses with room, at random headways: nothing is gained by leaving in another window."""
    keys = [arg for key in ("earlier", "later") for arg in ("--set", f"population.{key}_flexibility=16 min")]
    empty = "service.capacity_scale=100", "preferences.crowding={kind: none}", "advisor.window=15 min"
    keys += [arg for key in (*empty, "baselines=[habit]") for arg in ("--set", key)]
    done = call("compare", "tiny.yaml", "--strategies", "none,coordinated", *keys)
    assert done.exit_code == 0
    assert "coordinated advised nobody on" in done.stdout.replace("\n  ", " ")


def test_the_strategy_of_the_scenario_is_compared_too(here):
    done = call("compare", "tiny.yaml", "--json", "--set", "advisor.strategy=proportional")
    assert done.exit_code == 0
    assert list(json.loads(done.stdout)["strategies"]) == [*STRATEGIES, "proportional"]


def test_gains_and_losses_by_class_are_printed_and_kept(here, plain_report):
    classes = "population.income_classes=[{name: low, share: 0.3}, {name: high, share: 0.7}]"
    done = call("compare", "tiny.yaml", "--strategies", "none,individual", "--json", "--set", classes)
    assert (done.exit_code, done.stderr) == (0, "")
    found = {item["group"]: item for item in json.loads(done.stdout)["classes"]["individual"]}
    assert {"income: low", "income: high", "followed the advice"} <= set(found)
    table = read_run_folder("runs/tiny").table("fairness").to_pandas()
    own = table[table["group"] == "income: low"]
    assert found["income: low"]["mean_change_min"]["mean"] == pytest.approx(own["mean_change_min"].mean())
    wrong = call("compare", "tiny.yaml", "--set", classes.replace("0.3", "0.2"))
    assert wrong.exit_code == 1
    assert "the shares of income_classes sum to 0.9; they must sum to 1" in wrong.stderr


def test_without_penetration_all_strategies_write_the_same_tables(here, plain_report):
    assert call("compare", "tiny.yaml", "--set", "advisor.penetration=0").exit_code == 0
    run = read_run_folder("runs/tiny")
    for name in (schema.name for schema in TABLES):
        for other in STRATEGIES[1:]:
            assert same_but_for_the_strategy(run.table(name), "none", other), (name, other)
    account = run.table("account")
    assert len(account) > 0
    assert np.array_equal(account["load"], account["load_none"])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            "none,coordinate",
            "--strategies: 'coordinate' is not a strategy (did you mean 'coordinated'?); there are none,",
        ),
        ("none,magic", "--strategies: 'magic' is not a strategy; there are none, same_for_all"),
        ("none,none", "strategy none is named twice"),
        (",", "no strategy is named; there are none, same_for_all"),
    ],
)
def test_strategies_that_cannot_be_compared(here, names, expected):
    done = call("compare", "tiny.yaml", "--strategies", names)
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(expected)
    assert not (here / "runs").exists()


def test_a_comparison_that_ends_before_the_first_advice_is_refused(here):
    done = call("compare", "tiny.yaml", "--set", "days=1")
    assert done.exit_code == 1
    assert done.stderr == "tiny: advisor.first_day: advice would start on day 1, but the last day is 0\n"


@pytest.mark.usefixtures("here")
def test_it_says_against_which_people_it_compared():
    both = call("compare", "tiny.yaml", "--set", "baselines=[habit, adapted]", "--set", "replications=2")
    assert both.exit_code == 0
    assert both.stdout.index("against habit\n") < both.stdout.index("against adapted commuters\n")
    words = " ".join(both.stdout.split())
    assert "They had learned for" in words
    assert words.count("95 % interval over replications") == 1
    alone = call("compare", "tiny.yaml", "--set", "replications=2")
    assert "against habit" not in alone.stdout


LAST_BUS = """\
name: last_bus
replications: 1
days: 2
network:
  lines:
    - {id: L, stops: [A, B], running_times: [5 min], vehicle: bus, departures: ["07:00", "07:10", "07:20", "07:30"]}
service:
  vehicles: {bus: {seats: 100, capacity: 100, dwell_rule: constant, dead_time: 0}}
demand:
  flows:
    - {origin: A, destination: B, placement: even, pieces: [{start: "07:00", end: "08:00", commuters: 60}]}
"""


def test_what_is_said_of_people_by_habit_is_not_said_of_adapted_ones(tmp_path):
    """Half of the people come after the last bus by habit; once they have learned, all come before it.

    Catches the terminal telling of adapted people, of whom all arrive, that half of them do not.
    """
    file = tmp_path / "last_bus.yaml"
    file.write_text(LAST_BUS, encoding="utf-8")
    result = call("compare", str(file), "--strategies", "none", "--out", str(tmp_path / "run"))
    by_habit, adapted = result.stdout.split("against adapted commuters")
    assert "50.0 % of the commuters do not arrive" in " ".join(by_habit.split())
    assert "do not arrive" not in adapted
