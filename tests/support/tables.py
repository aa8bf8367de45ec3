"""Tables made by hand: rows as mappings, and a tiny consistent run whose every number can be checked on paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.records.schema import DENIED_BOARDINGS, JOURNEYS, LEGS, STOP_VISITS, TableSchema
from sim.records.table import DTYPES, Table

Row = Mapping[str, Any]
NAN = math.nan
STRATEGIES = ("none", "coordinated")
PERIOD_S = 600.0


def table_of(schema: TableSchema, rows: Iterable[Row]) -> Table:
    """Make a table of rows; columns that a row leaves out are 0, false, empty or NaN where a time."""
    rows = list(rows)
    unknown = {name for row in rows for name in row} - set(schema.names)
    if unknown:
        raise KeyError(f"{schema.name} has no column {', '.join(sorted(unknown))}")
    columns: dict[str, Any] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for column in schema.columns:
        default = {"float64": NAN, "int64": 0, "bool": False, "text": ""}[column.kind]
        values = [row.get(column.name, default) for row in rows]
        if column.kind == "text":
            names = tuple(dict.fromkeys(values))
            categories[column.name] = names
            values = [names.index(value) for value in values]
        columns[column.name] = np.array(values, dtype=DTYPES[column.kind])
    return Table(schema, columns, categories)


def rows_of(table: Table) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries, texts decoded."""
    lists = {
        column.name: (table.text(column.name) if column.kind == "text" else table[column.name]).tolist()
        for column in table.schema.columns
    }
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def tiny_tables(strategies: Sequence[str] = STRATEGIES, replications: int = 2, days: int = 2) -> dict[str, Table]:
    """Return the four tables of the tiny run; `period_table` makes the fifth.

    Line L1 runs A-B-C with trips t1, t2 and t3 (which the end of the run stops at A), line L2 runs C-D
    with trip u1; vehicles have 1 seat and 2 places. In replication r and on day d trip t2 is
    10 r + 5 d s late. Commuters: 0 rides t1; 1 rides t1 and u1; 2 and 3 are denied t1 and ride t2;
    4 gives up; 5 comes after the last vehicle; 6 is on board of t3 at the end. Under any strategy but
    `none` commuter 2 is advised to leave in 600-660, and does; commuter 3 is advised and does not.
    """
    parts: dict[str, list[Row]] = {"journeys": [], "legs": [], "stop_visits": [], "denied_boardings": []}
    for strategy in strategies:
        for replication in range(replications):
            for day in range(days):
                key = {"strategy": strategy, "replication": replication, "day": day}
                late_s = 10.0 * replication + 5.0 * day
                for name, rows in _tiny_day(strategy != "none", late_s).items():
                    parts[name] += [{**key, **row} for row in rows]
    schemas = {schema.name: schema for schema in (JOURNEYS, LEGS, STOP_VISITS, DENIED_BOARDINGS)}
    return {name: table_of(schemas[name], rows) for name, rows in parts.items()}


def _tiny_day(advised: bool, late_s: float) -> dict[str, list[Row]]:
    t2 = {"A": 700.0 + late_s, "B": 800.0 + late_s, "C": 900.0 + late_s}
    legs = [
        _leg(0, 0, "t1", "A", "C", 50.0, 100.0, 300.0),
        _leg(1, 0, "t1", "A", "C", 60.0, 100.0, 300.0),
        _leg(1, 1, "u1", "C", "D", 300.0, 1000.0, 1100.0),
        _leg(2, 0, "t2", "A", "C", 640.0 if advised else 70.0, t2["A"], t2["C"]),
        _leg(3, 0, "t2", "B", "C", 150.0, t2["B"], t2["C"]),
        _leg(6, 0, "t3", "A", "C", 1200.0, 1300.0, NAN),
    ]
    denied = [_denied(3, "B", 210.0)] if advised else [_denied(2, "A", 110.0), _denied(3, "B", 210.0)]
    visits = [
        _visit("t1", "b1", "L1", "A", 0, 100.0, 110.0, 2, 0, 0 if advised else 1, 2),
        _visit("t1", "b1", "L1", "B", 1, 200.0, 210.0, 0, 0, 1, 2),
        _visit("t1", "b1", "L1", "C", 2, 300.0, 300.0, 0, 2, 0, 0),
        _visit("t2", "b2", "L1", "A", 0, t2["A"], t2["A"], 1, 0, 0, 1, 700.0),
        _visit("t2", "b2", "L1", "B", 1, t2["B"], t2["B"] + 5.0, 1, 0, 0, 2, 800.0),
        _visit("t2", "b2", "L1", "C", 2, t2["C"], t2["C"], 0, 2, 0, 0, 900.0),
        _visit("t3", "b1", "L1", "A", 0, 1300.0, 1310.0, 1, 0, 0, 1),
        _visit("u1", "b3", "L2", "C", 0, 1000.0, 1000.0, 1, 0, 0, 1),
        _visit("u1", "b3", "L2", "D", 1, 1100.0, 1100.0, 0, 1, 0, 0),
    ]
    journeys = [
        _journey(0, "A", "C", 40.0, 300.0, 360.0, 50.0, 200.0, 10.0),
        _journey(1, "A", "D", 50.0, 1120.0, 1000.0, 740.0, 300.0, 30.0, transfers=1),
        _journey(
            2, "A", "C", 630.0 if advised else 60.0, t2["C"], 900.0,
            t2["A"] - (640.0 if advised else 70.0), 200.0, 10.0, denied_boardings=0 if advised else 1,
            habitual_departure_s=60.0, advised=advised, complied=advised,
            **({"window_start_s": 600.0, "window_end_s": 660.0} if advised else {}),
        ),
        _journey(
            3, "B", "C", 140.0, t2["C"], 360.0, t2["B"] - 150.0, 100.0, 10.0, denied_boardings=1,
            advised=advised,
            **({"window_start_s": 600.0, "window_end_s": 660.0} if advised else {}),
        ),
        _journey(4, "C", "D", 300.0, NAN, 700.0, 290.0, 0.0, 10.0, "gave_up", "patience_exhausted"),
        _journey(5, "A", "B", 2000.0, NAN, 2200.0, 0.0, 0.0, 10.0, "no_service", "last_vehicle_gone"),
        _journey(6, "A", "C", 1190.0, NAN, 1600.0, 100.0, 50.0, 10.0, "still_travelling", "horizon_while_riding"),
    ]  # fmt: skip
    return {"journeys": journeys, "legs": legs, "stop_visits": visits, "denied_boardings": denied}


def _leg(
    commuter: int, leg: int, trip: str, board: str, alight: str, wait_from_s: float, board_s: float, alight_s: float
) -> Row:
    return {
        "commuter_id": commuter,
        "leg": leg,
        "trip_id": trip,
        "board_stop_id": board,
        "alight_stop_id": alight,
        "wait_from_s": wait_from_s,
        "board_s": board_s,
        "alight_s": alight_s,
    }


def _denied(commuter: int, stop: str, time_s: float) -> Row:
    return {"commuter_id": commuter, "trip_id": "t1", "stop_id": stop, "time_s": time_s}


def _visit(
    trip: str, block: str, line: str, stop: str, sequence: int, arrival_s: float, departure_s: float,
    boardings: int, alightings: int, denied: int, load: int, scheduled_s: float | None = None,
) -> Row:  # fmt: skip
    return {
        "trip_id": trip,
        "block_id": block,
        "line_id": line,
        "stop_id": stop,
        "stop_sequence": sequence,
        "scheduled_arrival_s": arrival_s if scheduled_s is None else scheduled_s,
        "arrival_s": arrival_s,
        "departure_s": departure_s,
        "boardings": boardings,
        "alightings": alightings,
        "denied_boardings": denied,
        "departing_load": load,
        "seats": 1,
        "capacity": 2,
        "holding_s": 0.0,
    }


def _journey(
    commuter: int, origin: str, destination: str, departure_s: float, arrival_s: float, preferred_s: float,
    wait_s: float, ride_s: float, walk_s: float, outcome: str = "arrived", cause: str = "", **more: Any,
) -> Row:  # fmt: skip
    """Make a journey; its cost is twice the wait plus the ride, and 60 min more where it did not end."""
    arrived = outcome == "arrived"
    return {
        "commuter_id": commuter,
        "origin_stop_id": origin,
        "destination_stop_id": destination,
        "preferred_arrival_s": preferred_s,
        "habitual_departure_s": departure_s,
        "departure_s": departure_s,
        "arrival_s": arrival_s,
        "wait_s": wait_s,
        "in_vehicle_s": ride_s,
        "walk_s": walk_s,
        "schedule_delay_early_s": max(0.0, preferred_s - arrival_s) if arrived else 0.0,
        "schedule_delay_late_s": max(0.0, arrival_s - preferred_s) if arrived else 0.0,
        "generalized_cost_min": (2.0 * wait_s + ride_s) / 60.0 + (0.0 if arrived else 60.0),
        "least_cost_min": ride_s / 60.0,
        "outcome": outcome,
        "cause": cause,
        **more,
    }
