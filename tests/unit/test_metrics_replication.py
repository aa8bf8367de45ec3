from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tables import NAN, PERIOD_S, changed, metrics_against, rows_of, table_of, tiny_tables, without

from sim.metrics import reference
from sim.metrics.metric import Metric
from sim.metrics.numbers import peak_to_mean_ratio
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN, BaselineJourneys, paired_cost_change_min
from sim.metrics.registry import METRICS, replication_metrics
from sim.metrics.replication_facts import BaselineRun, ReplicationFacts
from sim.metrics.summary import comparison_summary
from sim.records.schema import JOURNEYS, STOP_VISITS


def test_tiny_run_by_hand() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    found = replication_metrics(tables, PERIOD_S)
    # Those who arrived waited 50, 740, 630 and 650 s; rode 200, 300, 200 and 100 s; took 260, 1070, 840 and
    # 760 s; came 60 s early, 120 s late, on time and 540 s late.
    costs_s = [300, 1780, 1460, 1400, 4180, 3600, 3850]
    by_hand = {
        "mean_wait_min": 2070 / 4 / 60,
        "p95_wait_min": (650 + 0.85 * 90) / 60,
        "mean_in_vehicle_min": 800 / 4 / 60,
        "mean_journey_min": 2930 / 4 / 60,
        "mean_transfers": 1 / 4,
        "denied_boardings": 2.0,
        "denied_share": 2 / 7,
        "mean_schedule_delay_early_min": 60 / 4 / 60,
        "mean_schedule_delay_late_min": 660 / 4 / 60,
        "on_time_share": 2 / 7,
        "arrived_share": 4 / 7,
        "walked_share": 0.0,
        "mean_wait_per_boarding_min": (50 + 40 + 700 + 630 + 650 + 100) / 6 / 60,
        # the tiny run has no fares
        "fare_revenue": NAN,
        "fare_cost_min": 0.0,
        "discount_cost": NAN,
        # costs: (100 + 200), (1480 + 300), (1260 + 200), (1300 + 100) s; then 60 min and 580, 0, 250 s more
        "total_generalized_cost_min": (300 + 1780 + 1460 + 1400 + 580 + 0 + 250) / 60 + 180,
        "mean_generalized_cost_min": ((300 + 1780 + 1460 + 1400 + 580 + 0 + 250) / 60 + 180) / 7,
        "gap_to_optimum_share": 1 - (850 / 60) / ((300 + 1780 + 1460 + 1400 + 580 + 0 + 250) / 60 + 180),
        # t1 runs from 100 to 300, t2 from 700 to 900, t3 stops at A from 1300 to 1310, u1 runs from 1000 to 1100
        "vehicle_hours": (200 + 200 + 10 + 100) / 3600,
        # the tiny run has no distances
        "vehicle_km": NAN,
        "passenger_km": NAN,
        "mean_load_per_vehicle_km": NAN,
        "co2_kg": NAN,
        "co2_g_per_passenger_km": NAN,
        "energy_kwh": NAN,
        "energy_kwh_per_passenger_km": NAN,
        # half the mean distance of two of the seven over the mean
        "cost_gini_share": np.abs(np.subtract.outer(costs_s, costs_s)).mean() / 2 / np.mean(costs_s),
        "mean_departure_shift_min": 0.0,
        "mean_absolute_departure_shift_min": 0.0,
        "advised_share": 0.0,
        "complied_share": NAN,
        # between stops: t1 90 s with 2, 90 s with 2; t2 100 s with 1, 95 s with 2; u1 100 s with 1; 1 seat, 2 places
        "peak_load_factor": 1.0,
        "mean_load_factor": (180 + 180 + 100 + 190 + 100) / (2 * 475),
        "standing_passenger_min": (90 + 90 + 95) / 60,
        "standing_share": 275 / 750,
        # departures at A follow after 590 and 610 s, at B after 595, scheduled 600 (A), 600 (A) and 600 (B); boardings
        # at A 4, at B 1; L2 runs once
        "excess_wait_min": (4 * ((590**2 + 610**2) / 2400 - 300) + (595 / 2 - 300)) / 5 / 60,
        # boardings by 600 s: 2, 3, 1
        "peak_to_mean_ratio": 3 / 2,
    }
    # it is not paired with none, tells no way back from the way there, and knows its kept days alone
    unknown = {name for name, value in found.items() if math.isnan(value)} - by_hand.keys()
    assert found.keys() - unknown == by_hand.keys()
    for name, value in by_hand.items():
        assert found[name] == pytest.approx(value, rel=1e-12, nan_ok=True), name


def test_days_are_averaged() -> None:
    one, two = (tiny_tables(("none",), replications=1, days=days) for days in (1, 2))
    first, both = (replication_metrics(tables, PERIOD_S) for tables in (one, two))
    assert both["denied_boardings"] == first["denied_boardings"] == 2
    # the second day t2 is 5 s late: commuters 2 and 3 wait 5 s more, each at twice the ride's cost
    assert both["total_generalized_cost_min"] == pytest.approx(first["total_generalized_cost_min"] + 20 / 60 / 2)
    assert both["mean_wait_min"] == pytest.approx(first["mean_wait_min"] + 10 / 4 / 60 / 2)
    assert both["standing_passenger_min"] == pytest.approx(first["standing_passenger_min"])
    assert both["peak_to_mean_ratio"] == pytest.approx(first["peak_to_mean_ratio"])


def test_advice_is_counted() -> None:
    found = replication_metrics(tiny_tables(("coordinated",), replications=1, days=1), PERIOD_S)
    assert found["advised_share"] == 2 / 7
    assert found["complied_share"] == 1 / 2
    assert found["mean_departure_shift_min"] == pytest.approx(570 / 60 / 7)
    assert found["denied_boardings"] == 1


def test_shift_has_sign_and_size() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    tables["journeys"] = changed(tables["journeys"], {"commuter_id": 0}, habitual_departure_s=640.0)
    tables["journeys"] = changed(tables["journeys"], {"commuter_id": 3}, habitual_departure_s=20.0)
    found = replication_metrics(tables, PERIOD_S)
    assert found["mean_departure_shift_min"] == pytest.approx((-600 + 120) / 60 / 7)
    assert found["mean_absolute_departure_shift_min"] == pytest.approx(720 / 60 / 7)


def test_nothing_can_be_said_where_nobody_travels() -> None:
    tables = {name: table.where(slice(0, 0)) for name, table in tiny_tables().items()}
    found = replication_metrics(tables, PERIOD_S)
    assert [name for name, value in found.items() if not math.isnan(value)] == []


def test_who_never_boards_counts_as_late_but_not_in_waits() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    only = {4, 5}
    rows = [row for row in rows_of(tables["journeys"]) if row["commuter_id"] in only]
    found = replication_metrics({**tables, "journeys": table_of(JOURNEYS, rows)}, PERIOD_S)
    assert math.isnan(found["mean_wait_min"])
    assert math.isnan(found["p95_wait_min"])
    assert found["on_time_share"] == 0.0
    assert found["arrived_share"] == 0.0


def test_commuters_without_a_preferred_arrival_are_neither_late_nor_on_time() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    tables["journeys"] = changed(tables["journeys"], {"commuter_id": 0}, preferred_arrival_s=NAN)
    assert replication_metrics(tables, PERIOD_S)["on_time_share"] == 1 / 6


def test_arriving_at_the_preferred_time_is_on_time() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    tables["journeys"] = changed(tables["journeys"], {"commuter_id": 2}, preferred_arrival_s=899.999)
    assert replication_metrics(tables, PERIOD_S)["on_time_share"] == 1 / 7


def test_unknown_costs_count_neither_in_the_total_nor_in_the_bound() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    less = {**tables, "journeys": without(tables["journeys"], {"commuter_id": 1})}
    unknown = {**tables, "journeys": changed(tables["journeys"], {"commuter_id": 1}, generalized_cost_min=NAN)}
    for name in ("total_generalized_cost_min", "mean_generalized_cost_min", "gap_to_optimum_share"):
        assert replication_metrics(unknown, PERIOD_S)[name] == pytest.approx(replication_metrics(less, PERIOD_S)[name])


@pytest.mark.parametrize(
    ("times_s", "ratio"),
    [
        ([5.0], 1.0),
        ([5.0, 15.0], 1.0),
        ([0.0, 1.0, 2.0, 30.0], 3.0),
        ([25.0, 26.0, 39.9, 40.0], 2 / (4 / 3)),
        ([86_405.0, 86_406.0, 86_415.0, 86_437.0], 2.0),
    ],
)
def test_peak_to_mean_counts_empty_periods_in_between(times_s: list[float], ratio: float) -> None:
    assert peak_to_mean_ratio(np.array(times_s), 10.0) == pytest.approx(ratio)


def headways(scheduled_s: list[float], actual_s: list[float], hindered: list[str] | None = None) -> float:
    by = hindered or [""] * len(actual_s)
    rows = [
        {
            "strategy": "none",
            "trip_id": f"t{i}",
            "scheduled_arrival_s": s,
            "departure_s": a,
            "boardings": 1,
            "disruption": d,
        }
        for i, (s, a, d) in enumerate(zip(scheduled_s, actual_s, by, strict=True))
    ]
    return ReplicationFacts({"stop_visits": table_of(STOP_VISITS, rows)}, PERIOD_S).excess_wait_min()


def test_excess_wait_is_zero_on_schedule_and_grows_by_the_variation() -> None:
    assert headways([0, 600, 1200], [0, 600, 1200]) == 0.0
    # 300 and 900 s instead of 600 and 600: (300**2 + 900**2) / 2400 - 300 = 75 s
    assert headways([0, 600, 1200], [0, 300, 1200]) == pytest.approx(75 / 60)
    assert headways([0, 600, 1200], [60, 660, 1260]) == pytest.approx(0.0)


def test_excess_wait_takes_departures_in_the_order_they_happen() -> None:
    assert headways([0, 600, 1200], [1200, 0, 600]) == pytest.approx(0.0)


@pytest.mark.parametrize("disruption", ["stop_closed", "stop_missed", "vehicle_broke_down"])
def test_a_vehicle_that_nobody_can_board_ends_no_headway(disruption: str) -> None:
    """Catches a stop that is closed for an hour where nobody seems to wait longer than scheduled."""
    # 1200 and 600 s instead of three times 600: (1200**2 + 600**2) / 3600 - 300 = 200 s
    found = headways([0, 600, 1200, 1800], [0, 600, 1200, 1800], ["", disruption, "", ""])
    assert found == pytest.approx(200 / 60)


def test_a_vehicle_that_is_repaired_ends_a_headway() -> None:
    shared = {"strategy": "none", "boardings": 1, "stop_id": "A"}
    rows = [
        {**shared, "trip_id": f"t{i}", "scheduled_arrival_s": 600 * i, "departure_s": 600 * i, "disruption": hindered}
        for i, hindered in enumerate(["", "vehicle_broke_down", "", ""])
    ]
    rows.insert(2, {**rows[1], "stop_id": "B", "disruption": "", "boardings": 0, "arrival_s": 900, "departure_s": 900})
    assert ReplicationFacts({"stop_visits": table_of(STOP_VISITS, rows)}, PERIOD_S).excess_wait_min() == 0.0


def test_excess_wait_needs_two_vehicles_and_a_schedule() -> None:
    assert math.isnan(headways([0], [0]))
    assert math.isnan(headways([NAN, NAN], [0, 600]))


@given(st.lists(st.floats(1, 3600), min_size=2, max_size=40))
def test_excess_wait_is_never_negative_for_an_even_schedule_of_equal_span(gaps: list[float]) -> None:
    actual = np.concatenate([[0.0], np.cumsum(gaps)])
    even = np.linspace(0.0, actual[-1], len(actual))
    # mean(h)/2 (1 + cv**2), Osuna and Newell 1972
    cv2 = np.var(gaps) / np.mean(gaps) ** 2
    found = headways(even.tolist(), actual.tolist()) * 60
    assert found == pytest.approx(np.mean(gaps) / 2 * cv2, abs=1e-6)
    assert found >= -1e-9


def test_winners_and_losers_by_hand() -> None:
    none = tiny_tables(("none",), replications=1, days=1)["journeys"]
    other = tiny_tables(("coordinated",), replications=1, days=1)["journeys"]
    # commuter 2 waits 570 s less; nobody else changes
    for first, second, winners, losers in (
        (none, other, 1 / 7, 0.0),
        (other, none, 0.0, 1 / 7),
        (none, none, 0.0, 0.0),
    ):
        found = metrics_against(first, second)
        assert (found["winners_share"], found["losers_share"]) == (winners, losers)


def test_change_of_the_threshold_itself_is_no_loss() -> None:
    none = tiny_tables(("none",), replications=1, days=1)["journeys"]
    cost = float(none["generalized_cost_min"][0])
    at, above = (
        changed(none, {"commuter_id": 0}, generalized_cost_min=cost + LOSS_THRESHOLD_MIN + more)
        for more in (-1e-9, 1e-6)
    )
    assert metrics_against(none, at)["losers_share"] == 0.0
    assert metrics_against(none, above)["losers_share"] == 1 / 7


def test_commuters_are_matched_by_number_and_day_in_any_order() -> None:
    none = tiny_tables(("none",), replications=1, days=2)["journeys"]
    other = tiny_tables(("coordinated",), replications=1, days=2)["journeys"]
    shuffled = other.where(np.random.default_rng(3).permutation(len(other)))
    assert metrics_against(none, shuffled) == pytest.approx(metrics_against(none, other), nan_ok=True)
    fewer = without(shuffled, {"commuter_id": 0, "day": 1})
    change_min, rows_none, rows_other = paired_cost_change_min(BaselineJourneys.of(none), fewer)
    assert len(change_min) == 13
    assert none["commuter_id"][rows_none].tolist() == fewer["commuter_id"][rows_other].tolist()
    assert none["day"][rows_none].tolist() == fewer["day"][rows_other].tolist()


def test_registry_says_what_every_metric_is() -> None:
    names = [entry.name for entry in METRICS]
    assert len(set(names)) == len(names)
    assert all(entry.description.endswith(".") and entry.label for entry in METRICS)


def test_names_of_the_contract_are_there() -> None:
    contract = """mean_wait_min p95_wait_min mean_in_vehicle_min denied_boardings denied_share peak_load_factor
        standing_passenger_min mean_schedule_delay_early_min mean_schedule_delay_late_min on_time_share
        mean_generalized_cost_min total_generalized_cost_min peak_to_mean_ratio gap_to_optimum_share losers_share"""
    assert set(contract.split()) <= {entry.name for entry in METRICS}


def test_every_metric_is_computed_in_the_order_of_the_registry() -> None:
    assert list(replication_metrics(tiny_tables(("none",), replications=1), PERIOD_S)) == [
        entry.name for entry in METRICS
    ]


@pytest.mark.parametrize("entry", METRICS, ids=lambda entry: entry.name)
def test_every_metric_says_what_it_is_over_whom_and_from_where(entry: Metric) -> None:
    assert all(text.strip() for text in (entry.formula, entry.population, entry.source, entry.description))
    assert entry.description.endswith(".")
    assert not entry.formula.endswith(".")


def test_a_further_metric_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    further = Metric(
        "longest_walk_s",
        "longest walk",
        "s",
        "lower",
        "all",
        ".",
        lambda facts: facts.journeys["walk_s"].max(),
        formula="max(walk_s)",
        source="this test",
    )
    monkeypatch.setattr("sim.metrics.registry.METRICS", (*METRICS, further))
    monkeypatch.setattr("sim.metrics.summary.METRICS", (*METRICS, further))
    summary = comparison_summary(tiny_tables(), PERIOD_S)["strategies"]["coordinated"]["longest_walk_s"]
    assert (summary["mean"], summary["difference"], summary["unit"]) == (30.0, 0.0, "s")


def test_only_metrics_paired_with_none_need_it() -> None:
    alone = replication_metrics(tiny_tables(("none",), replications=1), PERIOD_S)
    assert all(math.isnan(alone[entry.name]) for entry in METRICS if entry.paired)
    tables = tiny_tables(("none",), replications=1)
    paired = replication_metrics(tables, PERIOD_S, BaselineRun.of(BaselineJourneys.of(tables["journeys"]), alone))
    for entry in METRICS:
        if not entry.paired:
            assert paired[entry.name] == pytest.approx(alone[entry.name], rel=0, abs=0, nan_ok=True)
    known = {entry.name for entry in METRICS if entry.paired and not math.isnan(paired[entry.name])}
    # nobody complies under none, and nobody loses
    assert {"winners_share", "losers_share", "largest_loss_min", "saving_taken_share"} <= known


def test_page_of_metrics_defines_every_metric(tmp_path: Path) -> None:
    page = reference.reference_text()
    rows = [line for line in page.splitlines() if line.startswith("|")]
    for metric in METRICS:
        (line,) = [line for line in rows if line.strip("| *").startswith(f"`{metric.name}`")]
        formula = metric.formula.replace("|", "\\|")
        assert line.endswith(f"| {metric.description} | {formula} | {metric.source} |")
        assert f"| {metric.unit} | {metric.population} |" in line
    assert reference.main(tmp_path) == 0
    assert (tmp_path / "metrics.md").read_text(encoding="utf-8") == page
    assert reference.main(tmp_path / "missing") == 1


def test_departures_are_punctual_from_one_minute_early_to_five_late() -> None:
    late_s = (-61.0, -60.0, 0.0, 300.0, 301.0, NAN)
    rows = [{"scheduled_departure_s": 500.0, "departure_s": 500.0 + late, "capacity": 1} for late in late_s]
    tables = {**tiny_tables(("none",), 1, 1), "stop_visits": table_of(STOP_VISITS, rows)}
    assert replication_metrics(tables, PERIOD_S)["punctual_departures_share"] == 3 / 5
