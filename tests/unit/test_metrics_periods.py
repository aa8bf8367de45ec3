from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tables import PERIOD_S, rows_of, table_of, tiny_tables

from sim.metrics.grouping import combine, day_blocks, next_arrival_s, recode, split_by_run, stop_order
from sim.metrics.periods import period_table, visits_of_boardings
from sim.records.schema import LEGS, PERIODS, STOP_VISITS
from sim.records.table import Table, concatenate

KEY = ("strategy", "replication", "day", "line_id", "direction_id", "stop_id", "period_start_s")


def visit(trip: str, stop: str, sequence: int, departure_s: float, **more: object) -> dict[str, object]:
    return {
        "strategy": "none",
        "trip_id": trip,
        "line_id": "L",
        "stop_id": stop,
        "stop_sequence": sequence,
        "arrival_s": departure_s - 10.0,
        "departure_s": departure_s,
        "capacity": 10,
        **more,
    }


def test_tiny_run_by_hand() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    rows = rows_of(period_table(tables["stop_visits"], tables["legs"], PERIOD_S))
    names = (*KEY[3:4], *KEY[5:], "vehicles", "load", "load_factor", "boardings", "alightings", "denied_boardings")
    short = [tuple(row[name] for name in names) for row in rows]
    assert short == [
        ("L1", "A", 0.0, 1, 2.0, 1.0, 2, 0, 1),
        ("L1", "A", 600.0, 1, 1.0, 0.5, 1, 0, 0),
        ("L1", "A", 1200.0, 1, 1.0, 0.5, 1, 0, 0),
        ("L1", "B", 0.0, 1, 2.0, 1.0, 0, 0, 1),
        ("L1", "B", 600.0, 1, 2.0, 1.0, 1, 0, 0),
        ("L1", "C", 0.0, 1, 0.0, 0.0, 0, 2, 0),
        ("L1", "C", 600.0, 1, 0.0, 0.0, 0, 2, 0),
        ("L2", "C", 600.0, 1, 1.0, 0.5, 1, 0, 0),
        ("L2", "D", 600.0, 1, 0.0, 0.0, 0, 1, 0),
    ]
    waits = [r["mean_wait_s"] for r in rows]
    np.testing.assert_array_equal(waits, [45, 630, 100, np.nan, 650, np.nan, np.nan, 700, np.nan])
    running = [r["running_time_s"] for r in rows]
    np.testing.assert_array_equal(running, [90, 100, np.nan, 90, 95, np.nan, np.nan, 100, np.nan])


def test_several_vehicles_of_a_period_are_put_together() -> None:
    visits = table_of(
        STOP_VISITS,
        [
            visit("t1", "A", 0, 100.0, departing_load=6, boardings=6),
            visit("t1", "B", 1, 150.0, departing_load=0, alightings=6),
            visit("t2", "A", 0, 599.0, departing_load=1, capacity=30, boardings=1, denied_boardings=4),
            visit("t2", "B", 1, 660.0, alightings=1),
            visit("t3", "A", 0, 600.0, departing_load=9),
        ],
    )
    legs = table_of(
        LEGS,
        [
            {"strategy": "none", "trip_id": trip, "board_stop_id": "A", "wait_from_s": start, "board_s": end}
            for trip, start, end in (("t1", 0.0, 95.0), ("t1", 20.0, 95.0), ("t2", 500.0, 590.0))
        ],
    )
    rows = rows_of(period_table(visits, legs, 600.0))
    assert [(row["stop_id"], row["period_start_s"], row["vehicles"]) for row in rows] == [
        ("A", 0.0, 2),
        ("A", 600.0, 1),
        ("B", 0.0, 1),
        ("B", 600.0, 1),
    ]
    first = rows[0]
    assert first["load"] == 3.5
    assert first["load_factor"] == 7 / 40
    assert first["mean_wait_s"] == pytest.approx((95 + 75 + 90) / 3)
    assert first["running_time_s"] == pytest.approx((40 + 51) / 2)
    assert (first["boardings"], first["denied_boardings"]) == (7, 4)


def test_stop_served_twice_by_a_trip_is_one_row_and_rides_find_their_visit() -> None:
    visits = table_of(
        STOP_VISITS,
        [visit("t1", stop, i, 100.0 * (i + 1)) for i, stop in enumerate("ABCA")],
    )
    legs = table_of(
        LEGS,
        [
            {"strategy": "none", "trip_id": "t1", "board_stop_id": "A", "wait_from_s": 0.0, "board_s": board}
            for board in (90.0, 100.0, 390.0, 400.0)
        ],
    )
    assert visits_of_boardings(visits, legs).tolist() == [0, 0, 3, 3]
    rows = rows_of(period_table(visits, legs, 1000.0))
    assert [(row["stop_id"], row["vehicles"]) for row in rows] == [("A", 2), ("B", 1), ("C", 1)]
    assert rows[0]["mean_wait_s"] == pytest.approx(245.0)
    assert rows[0]["running_time_s"] == 90.0
    by_time = rows_of(period_table(visits, legs, 200.0))
    assert [(row["stop_id"], row["period_start_s"]) for row in by_time] == [
        ("A", 0.0),
        ("A", 400.0),
        ("B", 200.0),
        ("C", 200.0),
    ]


def test_stops_are_in_order_of_travel_whatever_their_names_and_codes() -> None:
    visits = table_of(
        STOP_VISITS,
        [
            visit("short", "middle", 0, 50.0),
            visit("short", "aaa", 1, 60.0),
            visit("long", "zzz", 0, 100.0),
            visit("long", "middle", 1, 110.0),
            visit("long", "aaa", 2, 120.0),
            visit("back", "aaa", 0, 130.0, direction_id=1),
            visit("back", "zzz", 1, 140.0, direction_id=1),
        ],
    )
    order = stop_order(visits)
    names = [visits.categories["stop_id"][code] for code in order.stops.tolist()]
    assert list(zip(order.directions.tolist(), names, order.positions.tolist(), strict=True)) == [
        (0, "middle", 0),
        (0, "zzz", 0),
        (0, "aaa", 1),
        (1, "aaa", 0),
        (1, "zzz", 1),
    ]
    assert order.place_of_visit.tolist() == [0, 2, 1, 0, 2, 3, 4]


def test_visit_without_departure_is_not_counted() -> None:
    visits = table_of(STOP_VISITS, [visit("t1", "A", 0, np.nan, arrival_s=90.0), visit("t2", "A", 0, 100.0)])
    legs = table_of(
        LEGS,
        [{"strategy": "none", "trip_id": "t1", "board_stop_id": "A", "wait_from_s": 0.0, "board_s": 90.0}],
    )
    rows = rows_of(period_table(visits, legs, 600.0))
    assert len(rows) == 1
    assert rows[0]["vehicles"] == 1
    assert np.isnan(rows[0]["mean_wait_s"])


def test_ride_that_fits_no_visit_is_left_out() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    rows = rows_of(tables["legs"])
    rows[0]["strategy"] = "other"
    rows[1]["trip_id"] = "x"
    rows[2]["board_stop_id"] = "B"
    found = visits_of_boardings(tables["stop_visits"], table_of(LEGS, rows))
    assert found.tolist() == [-1, -1, -1, 3, 4, 6]


def test_runs_and_days_are_kept_apart_and_in_order() -> None:
    tables = tiny_tables(("none", "coordinated"), replications=2, days=2)
    whole = period_table(tables["stop_visits"], tables["legs"], PERIOD_S)
    visits, legs = split_by_run(tables["stop_visits"]), split_by_run(tables["legs"])
    parts = [period_table(visits[key], legs[key], PERIOD_S) for key in visits]
    assert list(visits) == [("none", 0), ("none", 1), ("coordinated", 0), ("coordinated", 1)]
    expected = rows_of(concatenate(parts))
    assert [[row[name] for name in KEY] for row in rows_of(whole)] == [[row[name] for name in KEY] for row in expected]
    for name in ("load", "mean_wait_s", "running_time_s"):
        np.testing.assert_array_equal(whole[name], concatenate(parts)[name])


def test_no_visits_give_no_rows() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    empty = {name: table.where(slice(0, 0)) for name, table in tables.items()}
    assert len(period_table(empty["stop_visits"], empty["legs"], PERIOD_S)) == 0
    assert period_table(tables["stop_visits"], empty["legs"], PERIOD_S).schema is PERIODS


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_totals_by_stop_and_period_are_the_totals_of_the_visits(seed: int, trips: int) -> None:
    visits, legs = random_day(np.random.default_rng(seed), trips)
    periods = period_table(visits, legs, 300.0)
    for name in ("boardings", "alightings", "denied_boardings"):
        assert periods[name].sum() == visits[name].sum()
    assert periods["vehicles"].sum() == len(visits)
    assert np.dot(periods["load"], periods["vehicles"]) == pytest.approx(visits["departing_load"].sum())
    waits = np.nansum(periods["mean_wait_s"] * np.where(periods["boardings"] > 0, periods["boardings"], np.nan))
    assert waits == pytest.approx((legs["board_s"] - legs["wait_from_s"]).sum())


def random_day(rng: np.random.Generator, trips: int) -> tuple[Table, Table]:
    """Return visits of trips over stops in random order, and the rides of all who board."""
    rows, legs = [], []
    for trip in range(trips):
        clock = float(rng.integers(0, 3600))
        for sequence, stop in enumerate(rng.choice(list("ABCDE"), size=rng.integers(1, 5), replace=False)):
            boardings = int(rng.integers(0, 3))
            counts = {"boardings": boardings, "alightings": int(rng.integers(0, 3)), "departing_load": boardings}
            clock += float(rng.integers(11, 400))
            rows.append(
                visit(f"t{trip}", str(stop), sequence, clock, line_id=f"L{trip % 3}", denied_boardings=2, **counts)
            )
            legs += [
                {
                    "strategy": "none",
                    "trip_id": f"t{trip}",
                    "board_stop_id": str(stop),
                    "wait_from_s": clock - float(rng.integers(10, 900)),
                    "board_s": clock - float(rng.integers(0, 10)),
                }
                for _ in range(boardings)
            ]
    order = rng.permutation(len(legs))
    return table_of(STOP_VISITS, rows), table_of(LEGS, [legs[i] for i in order])


def test_rows_that_are_not_in_order_are_refused() -> None:
    tables = tiny_tables(("none",), replications=2, days=2)
    journeys = tables["journeys"]
    shuffled = journeys.where(np.argsort(journeys["commuter_id"], kind="stable"))
    with pytest.raises(ValueError, match="journeys: rows are not sorted by strategy, replication and day"):
        day_blocks(shuffled)
    by_day = journeys.where(np.argsort(journeys["day"], kind="stable"))
    assert len(day_blocks(by_day).keys) == 4
    with pytest.raises(ValueError, match="not sorted"):
        split_by_run(by_day)


def test_next_arrival_stays_within_trip_and_day() -> None:
    tables = tiny_tables(("none",), replications=1, days=2)
    one_day = [200, 300, np.nan, 800, 900, np.nan, np.nan, 1100, np.nan]
    expected = [*one_day, *one_day[:3], 805, 905, *one_day[5:]]
    np.testing.assert_array_equal(next_arrival_s(tables["stop_visits"]), expected)


def test_codes_of_another_list_of_names() -> None:
    table = table_of(LEGS, [{"trip_id": name} for name in ("b", "a", "c")])
    assert recode(table, "trip_id", ("a", "b")).tolist() == [1, 0, -1]
    assert recode(table, "trip_id", table.categories["trip_id"]).tolist() == [0, 1, 2]


def test_too_many_combinations_are_refused() -> None:
    codes = np.array([1])
    assert combine((codes, 3), (codes, 10)).tolist() == [11]
    with pytest.raises(OverflowError):
        combine((codes, 2**32), (codes, 2**31))
