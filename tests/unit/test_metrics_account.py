"""Direct shift + displaced load + back-fill = total change, exactly, in every cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.made_up_line import PERIOD_S, make_tables
from support.tables import changed, metrics_against, rows_of, table_of, tiny_tables

from sim.metrics.account import account_table, stop_accounts
from sim.metrics.numbers import gini
from sim.metrics.onboard import riders_of_visits
from sim.metrics.paired_changes import (
    BACK_FILL,
    CLASS_NAMES,
    DIRECT_SHIFT,
    DISPLACED_LOAD,
    change_classes,
)
from sim.metrics.summary import comparison_summary
from sim.records.schema import JOURNEYS
from sim.records.table import Table


def assert_it_adds_up(account):
    for what in ("boardings", "load"):
        change = account[what] - account[f"{what}_none"]
        parts = sum(account[f"{what}_{part}"] for part in CLASS_NAMES)
        assert np.abs(change - parts).max(initial=0) <= 1e-9


def assert_costs_add_up(tables, period_s):
    for metrics in comparison_summary(tables, period_s)["strategies"].values():
        total = metrics["total_generalized_cost_min"]["difference"]
        parts = sum(metrics[f"{part}_min"]["mean"] for part in CLASS_NAMES)
        assert parts == pytest.approx(total, rel=1e-9, abs=1e-9 * abs(metrics["total_generalized_cost_min"]["mean"]))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    stops=st.integers(2, 7),
    commuters=st.integers(1, 250),
    trips=st.integers(3, 20),
    period_s=st.sampled_from([60.0, 450.0, 900.0, 86_400.0]),
    tell=st.floats(0.0, 1.0),
)
def test_the_parts_sum_to_the_change_in_every_cell(seed, stops, commuters, trips, period_s, tell):
    tables = make_tables(("none", "individual"), 2, stops, commuters, trips, seed)
    # some of those who moved had not complied: they moved by their own choice
    journeys = tables["journeys"]
    coin = np.random.default_rng(seed).random(len(journeys))
    journeys.columns["complied"][coin > tell] = False
    account = account_table(tables, period_s)
    assert_it_adds_up(account)
    assert_costs_add_up(tables, period_s)
    visits = tables["stop_visits"]
    for strategy, suffix in (("none", "_none"), ("individual", "")):
        own = visits.equals("strategy", strategy)
        assert account[f"boardings{suffix}"].sum() == visits["boardings"][own].sum()
        assert account[f"load{suffix}"].sum() == visits["departing_load"][own].sum()


def test_a_tiny_comparison_by_hand():
    account = account_table(tiny_tables(replications=1, days=1), 600.0)
    assert_it_adds_up(account)
    rows = {(row["line_id"], row["stop_id"], row["period_start_s"]): row for row in rows_of(account)}
    # commuter 2 complied and boards t2 at A after 600 s in both worlds, so that nothing moves
    assert all(row[f"boardings_{part}"] == 0 for row in rows.values() for part in CLASS_NAMES)
    at_a = rows["L1", "A", 600.0]
    assert (at_a["boardings_none"], at_a["boardings"], at_a["load"], at_a["capacity"]) == (1, 1, 1, 2)
    # t3 is stopped at A with commuter 6 on board
    assert rows["L1", "A", 1200.0]["load"] == 1


def test_each_class_takes_its_own_rides():
    tables = tiny_tables(replications=1, days=1)
    legs, journeys = rows_of(tables["legs"]), tables["journeys"]
    tables["legs"] = changed(
        tables["legs"], {"strategy": "coordinated", "commuter_id": 2}, trip_id="t1", board_s=110.0, alight_s=300.0
    )
    visits = tables["stop_visits"]
    for stop, board, load in (("A", 1, 1), ("B", 0, 1), ("C", 0, 0)):
        for trip, sign in (("t1", 1), ("t2", -1)):
            row = next(
                r for r in rows_of(visits) if (r["strategy"], r["trip_id"], r["stop_id"]) == ("coordinated", trip, stop)
            )
            key = {"strategy": "coordinated", "trip_id": trip, "stop_id": stop}
            more = {
                "boardings": row["boardings"] + sign * board,
                "departing_load": row["departing_load"] + sign * load,
            }
            visits = changed(visits, key, **more)
    tables["stop_visits"] = visits
    for complied, departure_s, part in (
        (True, 630.0, "direct_shift"),
        (False, 630.0, "back_fill"),
        (False, 60.0, "displaced_load"),
    ):
        key = {"strategy": "coordinated", "commuter_id": 2}
        tables["journeys"] = changed(journeys, key, complied=complied, departure_s=departure_s)
        account = account_table(tables, 600.0)
        assert_it_adds_up(account)
        for row in rows_of(account):
            sign = {0.0: 1, 600.0: -1}.get(row["period_start_s"], 0) if row["line_id"] == "L1" else 0
            assert row[f"boardings_{part}"] == (sign if row["stop_id"] == "A" else 0)
            assert row[f"load_{part}"] == (sign if row["stop_id"] in {"A", "B"} else 0)
            assert all(row[f"load_{other}"] == 0 for other in CLASS_NAMES if other != part)
    assert len(legs) == len(tables["legs"])


def test_without_none_there_is_no_account():
    assert len(account_table(make_tables(("individual", "coordinated"), 1), PERIOD_S)) == 0


def test_other_commuters_are_refused():
    tables = make_tables(("none", "individual"), 1)
    fewer = tables["journeys"].where(np.arange(len(tables["journeys"]) - 1))
    with pytest.raises(ValueError, match="same commuters"):
        account_table({**tables, "journeys": fewer}, PERIOD_S)


def test_riders_counted_are_departing_loads():
    tables = make_tables(("none",), 2)
    _, visit = riders_of_visits(tables["stop_visits"], tables["legs"])
    counted = np.bincount(visit, minlength=len(tables["stop_visits"]))
    assert np.array_equal(counted, tables["stop_visits"]["departing_load"])


def test_the_stop_where_most_changes_is_accounted_for():
    tables = make_tables(("none", "same_for_all"), 2)
    account = account_table(tables, PERIOD_S)
    stop, found = stop_accounts(account, "L", 0, PERIOD_S)
    rows = account.where(account.equals("stop_id", stop))
    parts = found["same_for_all"].parts
    assert parts.sum() == pytest.approx((rows["load"] - rows["load_none"]).sum() / 2)
    moved = [
        np.abs(account["load"] - account["load_none"])[account.equals("stop_id", s)].sum()
        for s in account.categories["stop_id"]
    ]
    assert np.abs(rows["load"] - rows["load_none"]).sum() == max(moved)


def test_classes_of_commuters():
    kinds = change_classes(np.array([1.0, 1.0, 1.0, 1.0]), np.array([2.0, 2.0, 1.0, 1.0]), np.array([1, 0, 1, 0]) > 0)
    assert kinds.tolist() == [DIRECT_SHIFT, BACK_FILL, DISPLACED_LOAD, DISPLACED_LOAD]


def journeys_of(rows):
    names = ("day", "commuter_id", "departure_s", "complied", "outward_commuter_id")
    return table_of(JOURNEYS, [dict(zip(names, row, strict=True)) for row in rows])


def against_none(change_min, departure_none_s, journeys):
    """Return the paired metrics of journeys that cost nothing under `none`, and what they change now."""
    free = {"departure_s": departure_none_s, "generalized_cost_min": np.zeros(len(journeys))}
    none = Table(JOURNEYS, {**journeys.columns, **free}, journeys.categories)
    own = Table(JOURNEYS, {**journeys.columns, "generalized_cost_min": change_min}, journeys.categories)
    return metrics_against(none, own)


def test_a_person_gains_or_loses_by_the_way_there_and_back_together():
    # 0 follows and loses the gain on the way back; 1 stays, but comes later and so goes back later
    rows = [(0, 0, 1.0, True, -1), (0, 1, 0.0, False, -1), (0, 2, 9.0, False, 0), (0, 3, 8.0, False, 1)]
    found = against_none(np.array([-4.0, 1.0, 5.0, 6.0]), np.array([0.0, 0.0, 7.0, 7.0]), journeys_of(rows))
    assert (found["direct_shift_min"], found["displaced_load_min"], found["back_fill_min"]) == (1.0, 7.0, 0.0)
    assert (found["winners_share"], found["losers_share"], found["largest_loss_min"]) == (0.0, 0.5, 7.0)
    assert (found["mean_regret_min"], found["direct_shift_share"]) == (1.0, 0.5)


def test_change_metrics_by_hand():
    change = np.array([5.0, -3.0, 0.5, 2.0])
    journeys = journeys_of(
        [(0, 0, 1.0, True, -1), (0, 1, 1.0, False, -1), (1, 0, 0.0, True, -1), (1, 1, 0.0, False, -1)]
    )
    found = against_none(change, np.zeros(4), journeys)
    assert found["direct_shift_min"] == 2.5
    assert found["back_fill_min"] == -1.5
    assert found["displaced_load_min"] == 1.25
    assert (found["largest_loss_min"], found["largest_regret_min"], found["mean_regret_min"]) == (5.0, 5.0, 2.75)
    # Commuter 0 moved on the first day and complied on both: 5 and 0.5 min; commuter 1 never complied.
    assert found["lasting_regret_p95_min"] == 2.75
    assert (found["winners_share"], found["losers_share"]) == (0.25, 0.5)
    assert (found["direct_shift_share"], found["back_fill_share"]) == (0.25, 0.25)
    assert found["loss_gini_share"] == pytest.approx(gini(np.array([5.0, 0.0, 0.5, 2.0])))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30))
def test_gini_is_half_the_mean_distance_over_the_mean(values):
    array = np.array(values)
    if array.sum() == 0:
        assert np.isnan(gini(array))
        return
    by_definition = np.abs(np.subtract.outer(array, array)).mean() / 2 / array.mean()
    assert gini(array) == pytest.approx(by_definition, abs=1e-9)


def test_gini_of_all_alike_and_of_one_who_has_all():
    assert gini(np.full(8, 3.0)) == pytest.approx(0.0, abs=1e-12)
    assert gini(np.array([0.0, 0.0, 0.0, 9.0])) == 0.75
