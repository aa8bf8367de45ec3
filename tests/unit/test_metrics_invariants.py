"""The checker of invariants finds nothing in a consistent run, and each kind of fault put into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants, violations
from support.tables import PERIOD_S, changed, rows_of, table_of, tiny_tables, without

from sim.metrics.periods import period_table
from sim.records.table import Table

Tables = dict[str, Table]


@pytest.fixture
def tables() -> Tables:
    tables = tiny_tables()
    tables["periods"] = period_table(tables["stop_visits"], tables["legs"], PERIOD_S)
    return tables


def test_consistent_run_passes(tables: Tables) -> None:
    check_invariants(tables)
    check_invariants(tables, PERIOD_S)


def test_run_without_anybody_passes(tables: Tables) -> None:
    check_invariants({name: table.where(slice(0, 0)) for name, table in tables.items()}, PERIOD_S)


def test_everything_is_listed_at_once(tables: Tables) -> None:
    tables["journeys"] = changed(tables["journeys"], {"commuter_id": 0}, outcome="lost", wait_s=-1.0)
    with pytest.raises(AssertionError) as error:
        check_invariants(tables)
    text = str(error.value)
    assert "outcome unknown" in text
    assert "negative part of a journey: 1 rows, first strategy none, replication 0, day 0, commuter_id 0" in text


FAULTS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("journeys", {"commuter_id": 1}, {"commuter_id": 0}, "commuter twice in a day"),
    ("journeys", {"commuter_id": 4}, {"outcome": "vanished"}, "outcome unknown"),
    ("journeys", {"commuter_id": 4}, {"cause": ""}, "cause given although arrived"),
    ("journeys", {"commuter_id": 0}, {"cause": "last_vehicle_full"}, "cause given although arrived"),
    ("journeys", {"commuter_id": 4}, {"arrival_s": 700.0}, "arrival time without arriving"),
    ("journeys", {"commuter_id": 5}, {"commuter_id": 9}, "commuter not in every strategy"),
    ("journeys", {"commuter_id": 0}, {"departure_s": 500.0}, "arrived before leaving"),
    ("journeys", {"commuter_id": 0}, {"walk_s": 11.0}, "wait, ride and walk are not the length"),
    ("journeys", {"commuter_id": 5}, {"walk_s": -1.0}, "negative part of a journey"),
    ("journeys", {"commuter_id": 0}, {"schedule_delay_early_s": 0.0}, "schedule delay is not the distance"),
    ("journeys", {"commuter_id": 1}, {"schedule_delay_late_s": 0.0}, "schedule delay is not the distance"),
    ("journeys", {"commuter_id": 0}, {"generalized_cost_min": 1.0}, "less than the least cost"),
    ("journeys", {"advised": True}, {"window_start_s": np.nan}, "advised without a window"),
    ("journeys", {"advised": False}, {"window_start_s": 0.0, "window_end_s": 9.0}, "a window without advice"),
    ("journeys", {"advised": True}, {"window_end_s": 500.0}, "window ends before it starts"),
    ("journeys", {"advised": False}, {"complied": True}, "complied without advice"),
    ("journeys", {"commuter_id": 3, "advised": True}, {"complied": True}, "complied and left outside the window"),
    ("journeys", {"commuter_id": 1}, {"outward_commuter_id": 99}, "back from a journey that is none"),
    ("journeys", {"commuter_id": 1}, {"outward_commuter_id": 0}, "back from elsewhere"),
    ("journeys", {"commuter_id": 1}, {"outward_commuter_id": 0}, "goes back before having come"),
    ("journeys", {"commuter_id": 1}, {"outward_commuter_id": 4}, "is back without having come"),
    ("journeys", {"advised": True}, {"outward_commuter_id": 0}, "advised to go back"),
    ("legs", {"commuter_id": 0}, {"wait_from_s": 101.0}, "leg runs backwards"),
    ("legs", {"commuter_id": 0}, {"alight_s": 99.0}, "leg runs backwards"),
    ("legs", {"commuter_id": 1, "leg": 1}, {"wait_from_s": 250.0}, "commuter in two places"),
    ("legs", {"commuter_id": 1, "leg": 1}, {"leg": 0}, "leg twice"),
    ("legs", {"commuter_id": 0}, {"leg": 1}, "legs not numbered from 0"),
    ("legs", {"commuter_id": 1, "leg": 0}, {"alight_s": np.nan}, "but rides on"),
    ("legs", {"commuter_id": 0}, {"commuter_id": 77}, "leg of nobody"),
    ("journeys", {"commuter_id": 6}, {"cause": "horizon_while_waiting"}, "on board at the end, but not"),
    ("journeys", {"commuter_id": 0}, {"wait_s": 49.0, "walk_s": 11.0}, "wait is not that of the legs"),
    ("journeys", {"commuter_id": 0}, {"in_vehicle_s": 199.0, "walk_s": 11.0}, "ride is not that of the legs"),
    ("journeys", {"commuter_id": 1}, {"transfers": 0}, "transfers are not the legs less one"),
    ("legs", {"commuter_id": 0}, {"wait_from_s": 39.0}, "waits before leaving home"),
    ("journeys", {"commuter_id": 0}, {"arrival_s": 290.0}, "still on board after arriving"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"departure_s": 199.0}, "leaves before it comes"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"arrival_s": 105.0}, "before it left the stop before"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"stop_sequence": 0}, "stop of a trip twice"),
    ("stop_visits", {"trip_id": "t3"}, {"block_id": "b2", "arrival_s": 850.0}, "vehicle on two trips at once"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"departing_load": 1}, "load is not what came"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"capacity": 1}, "load above capacity"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"alightings": -1}, "negative count"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"seats": 3}, "more seats than places"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"capacity": 3}, "left behind although there was room"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "A"}, {"boardings": 1}, "boardings are not those of the persons"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "C"}, {"alightings": 1}, "alightings are not those of the persons"),
    ("stop_visits", {"trip_id": "t1", "stop_id": "B"}, {"denied_boardings": 0}, "denied_boardings are not those"),
    ("legs", {"commuter_id": 0}, {"board_s": 111.0}, "boarded a vehicle that was not there"),
    ("legs", {"commuter_id": 0}, {"board_stop_id": "B"}, "boarded a vehicle that was not there"),
    ("legs", {"commuter_id": 0}, {"alight_s": 301.0}, "alighted where the vehicle was not"),
    ("denied_boardings", {"commuter_id": 3}, {"time_s": 211.0}, "denied by a vehicle that was not there"),
    ("journeys", {"commuter_id": 3}, {"denied_boardings": 0}, "denied boardings are not those of the person"),
    ("denied_boardings", {"commuter_id": 3}, {"commuter_id": 78}, "nobody was denied"),
    ("legs", {"commuter_id": 6}, {"alight_s": 1310.0}, "boardings are not alightings plus those on board"),
    ("legs", {"commuter_id": 2}, {"wait_from_s": 45.0}, "boarded before somebody who came earlier"),
]


@pytest.mark.parametrize(("name", "which", "changes", "message"), FAULTS, ids=[f"{i}" for i in range(len(FAULTS))])
def test_fault_is_found(
    tables: Tables, name: str, which: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    tables[name] = changed(tables[name], which, **changes)
    with pytest.raises(AssertionError, match=message):
        check_invariants(tables, PERIOD_S)


def test_lost_commuter_is_found(tables: Tables) -> None:
    tables["journeys"] = without(tables["journeys"], {"commuter_id": 5, "strategy": "coordinated"})
    assert any("commuter not in every strategy" in line for line in violations(tables))


def test_lost_leg_is_found(tables: Tables) -> None:
    tables["legs"] = without(tables["legs"], {"commuter_id": 0})
    found = violations(tables)
    assert any("boardings are not those of the persons" in line for line in found)
    assert any("ride is not that of the legs" in line for line in found)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: changed(table, {"stop_id": "A"}, load=1.5), "periods: load is not that of the stop visits in 1"),
        (lambda table: changed(table, {"stop_id": "A"}, boardings=7), "periods: boardings is not"),
        (lambda table: changed(table, {"stop_id": "A"}, vehicles=2), "periods: vehicles is not"),
        (lambda table: changed(table, {"stop_id": "A"}, period_start_s=9600.0), "rows are not those of the departures"),
        (lambda table: without(table, {"stop_id": "D"}), "rows are not those of the departures"),
        (lambda table: table_of(table.schema, [*rows_of(table), rows_of(table)[0]]), "has several rows"),
    ],
)
def test_fault_in_periods_is_found(tables: Tables, spoil: Callable[[Table], Table], message: str) -> None:
    tables["periods"] = spoil(tables["periods"])
    with pytest.raises(AssertionError, match=message):
        check_invariants(tables, PERIOD_S)


def test_overtaking_is_allowed_where_two_lines_serve_the_stop(tables: Tables) -> None:
    legs = changed(tables["legs"], {"commuter_id": 2}, wait_from_s=45.0)
    rows = rows_of(tables["stop_visits"])
    other = next(row for row in rows if row["trip_id"] == "u1" and row["stop_id"] == "C")
    extra = {**other, "trip_id": "v1", "block_id": "b9", "line_id": "L3", "stop_id": "A", "boardings": 0}
    visits = table_of(tables["stop_visits"].schema, [*rows, {**extra, "departing_load": 0}])
    found = violations({"journeys": tables["journeys"], "denied_boardings": tables["denied_boardings"],
                        "legs": legs, "stop_visits": visits})  # fmt: skip
    assert not any("came earlier" in line for line in found)
