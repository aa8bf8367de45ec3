"""Tables made by hand: rows as mappings, and a tiny consistent run whose every number can be checked on paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.metrics.paired_changes import BaselineJourneys
from sim.metrics.registry import METRICS, replication_metrics
from sim.metrics.replication_facts import BaselineRun
from sim.records.schema import DENIED_BOARDINGS, JOURNEYS, LEGS, STOP_VISITS, TableSchema
from sim.records.table import DTYPES, Table

Row = Mapping[str, Any]
NAN = math.nan
STRATEGIES = ("none", "coordinated")
PERIOD_S = 600.0


def table_of(schema: TableSchema[Any], rows: Iterable[Row]) -> Table:
    """Make a table of rows; columns that a row leaves out are 0, false, empty or NaN where a time.

    No journey leads back where a row does not say so.
    """
    rows = list(rows)
    unknown = {name for row in rows for name in row} - set(schema.names)
    if unknown:
        raise KeyError(f"{schema.name} has no column {', '.join(sorted(unknown))}")
    columns: dict[str, Any] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for column in schema.columns:
        default = {"float64": NAN, "int64": 0, "bool": False, "text": ""}[column.kind]
        if column.name == "outward_commuter_id":
            default = -1
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


def changed(table: Table, which: Row, **changes: Any) -> Table:
    """Return the table with changes in the first row that has all values of `which`."""
    rows = rows_of(table)
    row = next(row for row in rows if all(row[name] == value for name, value in which.items()))
    row.update(changes)
    return table_of(table.schema, rows)


def without(table: Table, which: Row) -> Table:
    """Return the table less the first row that has all values of `which`."""
    rows = rows_of(table)
    rows.remove(next(row for row in rows if all(row[name] == value for name, value in which.items())))
    return table_of(table.schema, rows)


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


def metrics_against(none: Table, journeys: Table) -> dict[str, float]:
    """Return the metrics that compare the journeys of a replication with those of the same under `none`."""
    tables = {"journeys": journeys, "legs": table_of(LEGS, []), "stop_visits": table_of(STOP_VISITS, [])}
    baseline = BaselineRun(BaselineJourneys.of(none), total_min=NAN, fares_min=NAN, gap_share=NAN)
    found = replication_metrics(tables, PERIOD_S, baseline)
    return {metric.name: found[metric.name] for metric in METRICS if metric.paired}


def _tiny_day(advised: bool, late_s: float) -> dict[str, list[Row]]:
    at_a, at_b, at_c = 700.0 + late_s, 800.0 + late_s, 900.0 + late_s
    from_2 = 640.0 if advised else 70.0
    legs = """commuter_id leg trip_id board_stop_id alight_stop_id wait_from_s board_s alight_s"""
    visits = """trip_id block_id line_id stop_id stop_sequence scheduled_arrival_s arrival_s departure_s boardings
        alightings denied_boardings departing_load"""
    return {
        "journeys": _tiny_journeys(advised, from_2, at_a, at_b, at_c),
        "legs": _rows(
            legs,
            (0, 0, "t1", "A", "C", 50.0, 100.0, 300.0),
            (1, 0, "t1", "A", "C", 60.0, 100.0, 300.0),
            (1, 1, "u1", "C", "D", 300.0, 1000.0, 1100.0),
            (2, 0, "t2", "A", "C", from_2, at_a, at_c),
            (3, 0, "t2", "B", "C", 150.0, at_b, at_c),
            (6, 0, "t3", "A", "C", 1200.0, 1300.0, NAN),
        ),
        "denied_boardings": _rows(
            "commuter_id trip_id stop_id time_s",
            *(() if advised else ((2, "t1", "A", 110.0),)),
            (3, "t1", "B", 210.0),
        ),
        "stop_visits": [
            {**row, "seats": 1, "capacity": 2, "holding_s": 0.0}
            for row in _rows(
                visits,
                ("t1", "b1", "L1", "A", 0, 100.0, 100.0, 110.0, 2, 0, 0 if advised else 1, 2),
                ("t1", "b1", "L1", "B", 1, 200.0, 200.0, 210.0, 0, 0, 1, 2),
                ("t1", "b1", "L1", "C", 2, 300.0, 300.0, 300.0, 0, 2, 0, 0),
                ("t2", "b2", "L1", "A", 0, 700.0, at_a, at_a, 1, 0, 0, 1),
                ("t2", "b2", "L1", "B", 1, 800.0, at_b, at_b + 5.0, 1, 0, 0, 2),
                ("t2", "b2", "L1", "C", 2, 900.0, at_c, at_c, 0, 2, 0, 0),
                ("t3", "b1", "L1", "A", 0, 1300.0, 1300.0, 1310.0, 1, 0, 0, 1),
                ("u1", "b3", "L2", "C", 0, 1000.0, 1000.0, 1000.0, 1, 0, 0, 1),
                ("u1", "b3", "L2", "D", 1, 1100.0, 1100.0, 1100.0, 0, 1, 0, 0),
            )
        ],
    }


def _tiny_journeys(advised: bool, from_2: float, at_a: float, at_b: float, at_c: float) -> list[Row]:
    columns = """commuter_id origin_stop_id destination_stop_id departure_s arrival_s preferred_arrival_s wait_s
        in_vehicle_s walk_s transfers denied_boardings outcome cause"""
    rows = _rows(
        columns,
        (0, "A", "C", 40.0, 300.0, 360.0, 50.0, 200.0, 10.0, 0, 0, "arrived", ""),
        (1, "A", "D", 50.0, 1120.0, 1000.0, 740.0, 300.0, 30.0, 1, 0, "arrived", ""),
        (2, "A", "C", from_2 - 10.0, at_c, 900.0, at_a - from_2, 200.0, 10.0, 0, 1 - advised, "arrived", ""),
        (3, "B", "C", 140.0, at_c, 360.0, at_b - 150.0, 100.0, 10.0, 0, 1, "arrived", ""),
        (4, "C", "D", 300.0, NAN, 700.0, 290.0, 0.0, 10.0, 0, 0, "gave_up", "patience_exhausted"),
        (5, "A", "B", 2000.0, NAN, 2200.0, 0.0, 0.0, 10.0, 0, 0, "no_service", "last_vehicle_gone"),
        (6, "A", "C", 1190.0, NAN, 1600.0, 100.0, 50.0, 10.0, 0, 0, "still_travelling", "horizon_while_riding"),
    )
    return [_completed(row, advised) for row in rows]


def _completed(row: Row, advised: bool) -> Row:
    """Add what follows: the cost is twice the wait plus the ride, and 60 min more where nobody arrived."""
    arrived = row["outcome"] == "arrived"
    late_s = row["arrival_s"] - row["preferred_arrival_s"]
    window = {"advised": True, "window_start_s": 600.0, "window_end_s": 660.0}
    return {
        **row,
        "habitual_departure_s": 60.0 if row["commuter_id"] == 2 else row["departure_s"],
        "schedule_delay_early_s": max(0.0, -late_s) if arrived else 0.0,
        "schedule_delay_late_s": max(0.0, late_s) if arrived else 0.0,
        "generalized_cost_min": (2.0 * row["wait_s"] + row["in_vehicle_s"]) / 60.0 + (0.0 if arrived else 60.0),
        "least_cost_min": row["in_vehicle_s"] / 60.0,
        "optimum_cost_min": row["in_vehicle_s"] / 60.0,
        **(window if advised and row["commuter_id"] in {2, 3} else {}),
        "complied": advised and row["commuter_id"] == 2,
    }


def _rows(columns: str, *values: tuple[Any, ...]) -> list[Row]:
    return [dict(zip(columns.split(), row, strict=True)) for row in values]
