"""How far people have settled: the measures of the last day, in tables, summary and stop rule."""

from __future__ import annotations

import numpy as np
import pytest
from support.tables import PERIOD_S, table_of, tiny_tables
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.metrics.convergence import convergence_by_strategy
from sim.metrics.registry import replication_metrics
from sim.records.schema import DAYS

ROWS = [
    {"strategy": "none", "replication": 0, "day": 0, "relative_gap_share": 0.4},
    {"strategy": "none", "replication": 0, "day": 1, "departure_change_s": 300.0, "relative_gap_share": 0.3},
    {"strategy": "none", "replication": 0, "day": 8, "departure_change_s": 90.0, "relative_gap_share": 0.1},
]


def crowded(days: int, **behaviour: object) -> sim.Scenario:
    line = bus_line("L", "AC", [300], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 120), flow("A", "C", 0, 9000, 40)]
    bus = {**INSTANT_BUS, "seats": 5, "capacity": 15}
    return world([line], flows, {"bus": bus}, behaviour=behaviour, advisor={"window": 600}, days=days)


def test_the_last_day_counts() -> None:
    measures = replication_metrics({**tiny_tables(("none",), 1, 1), "days": table_of(DAYS, ROWS)}, PERIOD_S)
    names = ("days_simulated", "departure_change_min", "relative_gap_share")
    assert [measures[name] for name in names] == [3.0, 1.5, 0.1]


def test_a_course_is_the_mean_of_the_replications_that_have_the_day() -> None:
    second = {"strategy": "none", "replication": 1, "day": 1, "departure_change_s": 60.0, "relative_gap_share": 0.5}
    other = {"strategy": "individual", "replication": 2, "day": 5, "mean_generalized_cost_min": 7.0}
    found = convergence_by_strategy(table_of(DAYS, [*ROWS, second, other]))
    assert set(found) == {"none", "individual"}
    course = found["none"]
    assert course.day.tolist() == [0, 1, 8]
    assert course.relative_gap_share == pytest.approx([0.4, 0.4, 0.1])
    assert course.departure_change_min == pytest.approx([np.nan, 3.0, 1.5], nan_ok=True)
    assert found["individual"].mean_cost_min.tolist() == [7.0]


def test_habit_has_no_gap_and_learners_close_theirs() -> None:
    habit = sim.run(crowded(3))
    assert np.isnan(habit.tables["days"]["relative_gap_share"]).all()
    assert habit.summary["metrics"]["relative_gap_share"]["mean"] is None
    # They begin anew once they have seen that they go on losing, so that it takes them two months.
    learned = sim.run(crowded(60, departure_choice="msa"))
    gap = learned.tables["days"]["relative_gap_share"]
    assert len(gap) == 60
    assert (gap >= 0.0).all()
    assert gap[-5:].mean() < 0.5 * gap[0]
    assert learned.summary["metrics"]["relative_gap_share"]["mean"] == gap[-1]
    mean_min = learned.journeys.groupby("day")["generalized_cost_min"].mean()
    assert learned.tables["days"]["mean_generalized_cost_min"][-1] == pytest.approx(mean_min.iloc[-1])


def test_the_stop_rule_by_the_gap_works_alike_in_run_compare_and_sweep() -> None:
    """Days are skipped once the gap was small for long enough, for each strategy by itself."""
    stop = {"least_gap": 0.25, "days_in_row": 2}
    scenario = crowded(60, departure_choice="msa", stop=stop)
    alone = sim.run(scenario, strategy="none")
    days = alone.tables["days"]
    assert days["day"][-1] == 59
    assert 2 < len(days) < 60
    assert (days["relative_gap_share"][-3:-1] <= 0.25).all()
    assert days["relative_gap_share"][-4] > 0.25
    both = sim.compare(scenario, ["none", "same_for_all"], jobs=2)
    again = sim.compare(scenario, ["none", "same_for_all"])
    for name, table in both.tables.items():
        for column in table.schema.names:
            assert np.array_equal(table[column], again.tables[name][column], equal_nan=table[column].dtype.kind == "f")
    own = both.tables["days"]
    mine = own.where(own.equals("strategy", "none"))
    assert np.array_equal(mine["day"], days["day"])
    assert both.summary["strategies"]["none"]["days_simulated"]["mean"] == len(days)
    swept = sim.sweep(scenario, {"advisor.penetration": [0.5]}, ["none"]).table.set_index("metric")["mean"]
    assert swept["days_simulated"] == len(days)
    assert swept["relative_gap_share"] == pytest.approx(days["relative_gap_share"][-1])
    journeys = both.tables["journeys"]
    keys = [journeys.where(journeys.equals("strategy", name)) for name in ("none", "same_for_all")]
    assert np.array_equal(keys[0]["commuter_id"], keys[1]["commuter_id"])
    assert np.array_equal(keys[0]["day"], keys[1]["day"])
