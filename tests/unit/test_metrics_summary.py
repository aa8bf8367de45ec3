from __future__ import annotations

import ast
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from scipy import stats
from support.tables import PERIOD_S, changed, tiny_tables

import sim
from sim.metrics.fairness import MEASURES
from sim.metrics.grouping import split_by_run
from sim.metrics.metric import Telling
from sim.metrics.periods import period_table
from sim.metrics.registry import METRICS, metrics_told, replication_metrics
from sim.metrics.summary import comparison_summary, metrics_by_replication, run_summary
from sim.records.folder import write_run_folder
from sim.records.table import Table, concatenate


def test_run_has_every_metric_with_unit() -> None:
    summary = run_summary(tiny_tables(("none",), replications=3), PERIOD_S)
    assert list(summary) == ["metrics"]
    assert {name: entry["unit"] for name, entry in summary["metrics"].items()} == {m.name: m.unit for m in METRICS}
    largest = {metric.name for metric in METRICS if metric.statistic == "largest"}
    assert largest == {"largest_loss_min", "largest_regret_min"}
    for name, entry in summary["metrics"].items():
        assert set(entry) == {"mean", "half_width", "unit"} | ({"largest"} if name in largest else set())


def test_means_and_intervals_run_over_replications() -> None:
    tables = tiny_tables(("none",), replications=3, days=1)
    runs = {name: split_by_run(table) for name, table in tables.items()}
    waits = [
        replication_metrics({name: runs[name]["none", r] for name in runs}, PERIOD_S)["mean_wait_min"] for r in range(3)
    ]
    entry = run_summary(tables, PERIOD_S)["metrics"]["mean_wait_min"]
    # t2 is 0, 10 and 20 s late, which two of four feel: 0, 5 and 10 s more
    assert np.diff(waits) == pytest.approx([5 / 60, 5 / 60])
    assert entry["mean"] == pytest.approx(np.mean(waits))
    assert entry["half_width"] == pytest.approx(stats.t.ppf(0.975, 2) * (5 / 60) / math.sqrt(3))


def test_one_replication_has_no_interval() -> None:
    summary = run_summary(tiny_tables(("none",), replications=1), PERIOD_S)["metrics"]
    assert {entry["half_width"] for entry in summary.values()} == {None}
    assert summary["complied_share"]["mean"] is None
    assert "NaN" not in json.dumps(summary)


def test_nobody_wins_or_loses_under_none_itself() -> None:
    summary = run_summary(tiny_tables(("none",)), PERIOD_S)["metrics"]
    assert summary["winners_share"]["mean"] == summary["losers_share"]["mean"] == 0.0


def test_run_of_another_strategy_has_nothing_to_compare_with() -> None:
    summary = run_summary(tiny_tables(("coordinated",)), PERIOD_S)["metrics"]
    assert summary["losers_share"]["mean"] is None
    assert summary["advised_share"]["mean"] == pytest.approx(2 / 7)


def test_run_of_two_strategies_is_refused() -> None:
    with pytest.raises(ValueError, match="a run has one strategy, not none, coordinated"):
        run_summary(tiny_tables(), PERIOD_S)


def test_comparison_is_paired_against_none() -> None:
    summary = comparison_summary(tiny_tables(replications=3, days=1), PERIOD_S)
    assert list(summary) == ["strategies"]
    assert list(summary["strategies"]) == ["none", "coordinated"]
    wait = summary["strategies"]["coordinated"]["mean_wait_min"]
    assert set(wait) == {"mean", "half_width", "difference", "difference_half_width", "unit", "adjusted_p_value"}
    assert "adjusted_p_value" not in summary["strategies"]["none"]["mean_wait_min"]
    # commuter 2 waits 570 s less in every replication, so the difference is certain though the level is not
    assert wait["difference"] == pytest.approx(-570 / 4 / 60)
    assert wait["difference_half_width"] == pytest.approx(0.0, abs=1e-12)
    assert wait["half_width"] > 0.1
    none = summary["strategies"]["none"]["mean_wait_min"]
    assert (none["difference"], none["difference_half_width"]) == (0.0, 0.0)
    assert wait["mean"] - none["mean"] == pytest.approx(wait["difference"])
    assert summary["strategies"]["coordinated"]["winners_share"]["mean"] == pytest.approx(1 / 7)


def test_comparison_without_none_has_no_differences() -> None:
    summary = comparison_summary(tiny_tables(("individual", "coordinated")), PERIOD_S)["strategies"]
    assert {entry["difference"] for metrics in summary.values() for entry in metrics.values()} == {None}
    assert summary["individual"]["mean_wait_min"]["mean"] is not None


def test_a_paired_metric_is_its_own_difference() -> None:
    """Differences of the mean regret were null, and the largest loss had an interval and another number."""
    summary = comparison_summary(tiny_tables(replications=3), PERIOD_S)["strategies"]
    assert summary["coordinated"]["mean_regret_min"]["mean"] is not None
    for metric in (metric for metric in METRICS if metric.paired):
        none, entry = (summary[strategy][metric.name] for strategy in ("none", "coordinated"))
        told = entry["largest"] if metric.statistic == "largest" else entry["mean"]
        assert (entry["difference"], entry["difference_half_width"]) == (told, entry["half_width"]), metric.name
        told = none["largest"] if metric.statistic == "largest" else none["mean"]
        assert none["difference"] == (None if told is None else 0.0), metric.name


def test_what_cannot_be_said_has_no_difference() -> None:
    """Under `none` nobody is advised: nobody's share that complied is 0 more than nobody's."""
    advised = comparison_summary(tiny_tables(), PERIOD_S)["strategies"]["none"]["complied_share"]
    assert [advised[key] for key in ("mean", "difference", "difference_half_width")] == [None, None, None]


def test_order_of_strategies_and_replications_does_not_matter() -> None:
    tables = tiny_tables(replications=3)
    turned = {}
    for name, table in tables.items():
        turned[name] = concatenate(list(reversed(split_by_run(table).values())))
    first, second = comparison_summary(tables, PERIOD_S), comparison_summary(turned, PERIOD_S)
    assert list(second["strategies"]) == ["coordinated", "none"]
    assert first["strategies"] == second["strategies"]


def test_replication_without_denied_or_rides_is_still_counted() -> None:
    tables = tiny_tables(("none",), replications=2)
    tables["legs"] = tables["legs"].where(tables["legs"]["replication"] == 0)
    values = metrics_by_replication(tables, PERIOD_S)["none"]
    assert math.isnan(values["peak_to_mean_ratio"][1])
    assert values["denied_boardings"].tolist() == [2.0, 2.0]


def test_strategies_with_different_replications_are_refused() -> None:
    tables = tiny_tables(replications=2)
    journeys = tables["journeys"]
    tables["journeys"] = journeys.where(~(journeys.equals("strategy", "coordinated") & (journeys["replication"] == 1)))
    with pytest.raises(ValueError, match="no rows of strategy coordinated, replication 1"):
        comparison_summary(tables, PERIOD_S)


def folder_of(tables: dict[str, Table], path: Path, compared: bool) -> Path:
    tables = {**tables, "periods": period_table(tables["stop_visits"], tables["legs"], PERIOD_S)}
    summary = comparison_summary(tables, PERIOD_S) if compared else run_summary(tables, PERIOD_S)
    write_run_folder(path, {"name": "tiny"}, summary, tables, "<html></html>")
    return path


def judge(judge_file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, judge_file, folder], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("compared", [True, False])
def test_outside_judge_finds_nothing(tmp_path: Path, outside_judge: Path, compared: bool) -> None:
    tables = tiny_tables(("none", "coordinated") if compared else ("none",), replications=3)
    found = judge(outside_judge, folder_of(tables, tmp_path / "run", compared))
    assert (found.returncode, found.stderr) == (0, ""), found.stdout


def test_outside_judge_would_find_a_fault(tmp_path: Path, outside_judge: Path) -> None:
    tables = tiny_tables(replications=3)
    folder = folder_of(tables, tmp_path / "run", True)
    tables["journeys"] = changed(tables["journeys"], {"commuter_id": 0}, generalized_cost_min=0.0)
    other = folder_of(tables, tmp_path / "other", True)
    (folder / "summary.json").replace(other / "summary.json")
    found = judge(outside_judge, other)
    assert found.returncode == 1
    assert "summary total_generalized_cost_min of none" in found.stdout


def test_saving_taken_is_the_part_of_the_way_to_the_bound() -> None:
    strategies = comparison_summary(tiny_tables(replications=2, days=1), PERIOD_S)["strategies"]
    none, other = (strategies[name] for name in ("none", "coordinated"))
    totals = [entry["total_generalized_cost_min"]["mean"] for entry in (none, other)]
    assert none["saving_taken_share"]["mean"] == 0.0
    assert totals[1] < totals[0]
    # rides of 850 s are the bound
    values = metrics_by_replication(tiny_tables(replications=2, days=1), PERIOD_S)
    none_min, other_min = (values[name]["total_generalized_cost_min"] for name in ("none", "coordinated"))
    expected = ((none_min - other_min) / (none_min - 850 / 60)).mean()
    assert other["saving_taken_share"]["mean"] == pytest.approx(expected)
    alone = run_summary(tiny_tables(("coordinated",)), PERIOD_S)["metrics"]
    assert alone["saving_taken_share"]["mean"] is None


def test_reports_ask_metrics_where_they_are_told_and_name_none() -> None:
    """Names that are also columns of other tables are left out: those of classes, of settling and of advice."""
    columns = {
        *MEASURES,
        "largest_loss_min",
        "relative_gap_share",
        "departure_change_min",
        "denied_share",
        "on_time_share",
    }
    names = {metric.name for metric in METRICS} - columns
    sources = sorted((Path(sim.__file__).parent / "report").rglob("*.py"))
    named = [
        f"{source.name}:{node.lineno}: {node.value}"
        for source in sources
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert sources
    assert named == []


@pytest.mark.parametrize("telling", get_args(Telling))
def test_reports_speak_of_some_metric_everywhere_and_in_one_order(telling: Telling) -> None:
    told = metrics_told(telling)
    places = [metric.place(telling) for metric in told]
    assert places == list(range(1, len(told) + 1))
    assert told


def test_columns_of_a_sweep_have_heads_and_nothing_else_has() -> None:
    told = {metric.name for telling in ("sweep", "parts") for metric in metrics_told(telling)}
    assert {metric.name for metric in METRICS if metric.head} == told
