"""Small consistent tables of a made-up bus line, for tests that need results and no simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from sim.metrics.summary import comparison_summary, run_summary
from sim.records.schema import JOURNEYS, TABLES, TableSchema
from sim.records.table import Table, concatenate

PERIOD_S = 900.0
LINK_S = 150.0
HEADWAY_S = 480.0
START_S = 6.5 * 3600.0
SEATS, CAPACITY = 20, 45
FOUR_STRATEGIES = ("none", "same_for_all", "individual", "coordinated")

_SCHEMAS = {schema.name: schema for schema in TABLES}
_DTYPES = {"float64": np.float64, "int64": np.int64, "bool": np.bool_}


def table_from(schema: TableSchema[Any], columns: Mapping[str, Sequence[Any]]) -> Table:
    """Make a table from plain columns, texts as texts; a column left out is filled with zeros or ''.

    No journey leads back where the columns do not say so.
    """
    rows = max((len(values) for values in columns.values()), default=0)
    arrays: dict[str, Any] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for column in schema.columns:
        values = columns.get(column.name)
        if column.kind == "text":
            texts = [""] * rows if values is None else [str(value) for value in values]
            names = tuple(dict.fromkeys(texts))
            codes = {name: code for code, name in enumerate(names)}
            arrays[column.name] = np.array([codes[text] for text in texts], dtype=np.int64)
            categories[column.name] = names
        else:
            missing = np.full(rows, -1 if column.name == "outward_commuter_id" else 0)
            filled = missing if values is None else values
            arrays[column.name] = np.asarray(filled, dtype=_DTYPES[column.kind])
    return Table(schema, arrays, categories)


def empty_tables() -> dict[str, Table]:
    """Return the five tables without a row."""
    return {schema.name: table_from(schema, {}) for schema in TABLES}


def make_tables(
    strategies: Sequence[str] = FOUR_STRATEGIES,
    replications: int = 2,
    stops: int = 6,
    commuters: int = 300,
    trips: int = 24,
    seed: int = 1,
) -> dict[str, Table]:
    """Return tables of one line whose commuters board the first vehicle with room, the same people in each."""
    parts: dict[str, list[Table]] = {name: [] for name in _SCHEMAS}
    for strategy in strategies:
        for replication in range(replications):
            made = _one_run(strategy, replication, stops, commuters, trips, seed)
            for name, columns in made.items():
                rows = len(next(iter(columns.values()), []))
                key: dict[str, Sequence[Any]] = {
                    "replication": [replication] * rows,
                    "day": [0] * rows,
                    "strategy": [strategy] * rows,
                }
                parts[name].append(table_from(_SCHEMAS[name], {**key, **columns} if rows else {}))
    return {name: concatenate(tables) for name, tables in parts.items()}


def make_manifest(
    strategies: Sequence[str] = FOUR_STRATEGIES, replications: int = 2, stops: int = 6, **changes: Any
) -> dict[str, Any]:
    """Return a manifest that fits `make_tables`."""
    ids = [f"s{stop}" for stop in range(stops)]
    manifest = {
        "format": 1,
        "kind": "comparison" if len(strategies) > 1 else "run",
        "name": "made_up_line",
        "created": "2026-01-02T03:04:05+00:00",
        "duration_s": 12.5,
        "versions": {"peakshift": "0.1.0", "numpy": "2.0"},
        "seed": 1,
        "replications": replications,
        "days": 3,
        "days_kept": 1,
        "strategies": list(strategies),
        "scenario": {"name": "made_up_line", "advisor": {"penetration": 0.5, "window": "15 min"}, "lines": []},
        "inputs": {"networks/made_up/gtfs/stops.txt": "ab" * 32},
        "notes": ["The line is made up.", "The link times are assumed."],
        "stops": [{"stop_id": stop, "name": f"Stop {stop}", "x": None, "y": None} for stop in ids],
        "lines": [
            {"line_id": "L", "name": "Line L", "directions": [{"direction_id": 0, "stop_ids": ids}]},
        ],
        "links": [{"from": a, "to": b} for a, b in pairwise(ids)],
    }
    return {**manifest, **changes}


def metric(
    mean: float, half: float | None, difference: float | None = None, difference_half: float | None = None
) -> dict[str, Any]:
    """Return one metric of a summary; the differences only where a comparison has them."""
    entry: dict[str, Any] = {"mean": mean, "half_width": half, "unit": "min"}
    if difference is not None:
        entry |= {"difference": difference, "difference_half_width": difference_half}
    return entry


def make_summary(tables: Mapping[str, Table]) -> dict[str, Any]:
    """Return the summary of the tables, of a run or of a comparison."""
    is_run = len(np.unique(tables["journeys"]["strategy"])) == 1
    return run_summary(tables, PERIOD_S) if is_run else comparison_summary(tables, PERIOD_S)


def _one_run(
    strategy: str, replication: int, stops: int, commuters: int, trips: int, seed: int
) -> dict[str, dict[str, list[Any]]]:
    rng = np.random.default_rng([seed, replication])
    people = _people(rng, strategy, stops, commuters, trips)
    lateness = rng.gamma(2.0, 20.0, (trips, stops)).cumsum(axis=1)
    scheduled = START_S + HEADWAY_S * np.arange(trips)[:, None] + LINK_S * np.arange(stops)[None, :]
    passes = scheduled + lateness
    runs = _ride(people, passes)
    visits = _visits(runs, scheduled, passes)
    return {
        "journeys": _journeys(people, runs),
        "legs": {
            "commuter_id": [who for who, *_ in runs["rides"]],
            "trip_id": [f"t{trip}" for _, trip, *_ in runs["rides"]],
            "board_stop_id": [f"s{people['origin'][who]}" for who, *_ in runs["rides"]],
            "alight_stop_id": [f"s{people['destination'][who]}" for who, *_ in runs["rides"]],
            "wait_from_s": [people["departure"][who] for who, *_ in runs["rides"]],
            "board_s": [board for *_, board, _ in runs["rides"]],
            "alight_s": [alight for *_, alight in runs["rides"]],
        },
        "stop_visits": visits,
        "denied_boardings": {
            "commuter_id": [who for who, *_ in runs["denials"]],
            "trip_id": [f"t{trip}" for _, trip, *_ in runs["denials"]],
            "stop_id": [f"s{stop}" for *_, stop, _ in runs["denials"]],
            "time_s": [time for *_, time in runs["denials"]],
        },
        "periods": _periods(visits, runs["waits"], stops),
    }


def _people(rng: Any, strategy: str, stops: int, commuters: int, trips: int) -> dict[str, Any]:
    origin = rng.integers(0, stops - 1, commuters) if stops > 1 else np.zeros(commuters, dtype=int)
    ahead = 1 + np.floor(rng.random(commuters) * (stops - 1 - origin)).astype(int)
    destination = np.minimum(origin + ahead, stops - 1)
    span = HEADWAY_S * trips
    habit = START_S + span * np.clip(rng.normal(0.5, 0.15, commuters), 0.02, 0.95)
    preferred = habit + LINK_S * (destination - origin) + rng.normal(420.0, 240.0, commuters)
    advised = rng.random(commuters) < 0.6
    complied = advised & (rng.random(commuters) < 0.5)
    target = {
        "same_for_all": np.full(commuters, START_S + 0.3 * span),
        "individual": habit - 900.0,
        "coordinated": habit + rng.choice([-1500.0, -900.0, 900.0], commuters),
    }.get(strategy)
    if target is None:
        advised = complied = np.zeros(commuters, dtype=bool)
        target = np.full(commuters, np.nan)
    window = np.floor(np.maximum(target, START_S) / PERIOD_S) * PERIOD_S
    departure = np.where(complied, window + rng.random(commuters) * PERIOD_S, habit)
    return {
        "origin": origin,
        "destination": destination,
        "habit": habit,
        "preferred": preferred,
        "departure": departure,
        "advised": advised,
        "complied": complied,
        "window": np.where(advised, window, np.nan),
    }


def _ride(people: Mapping[str, Any], passes: Any) -> dict[str, Any]:
    trips, stops = passes.shape
    left = set(range(len(people["origin"])))
    board, alight, load = (np.zeros((trips, stops), dtype=int) for _ in range(3))
    denied = np.zeros((trips, stops), dtype=int)
    waits: dict[tuple[int, int], list[float]] = {}
    rides: list[tuple[int, int, float, float]] = []
    denials: list[tuple[int, int, int, float]] = []
    for trip in range(trips):
        for stop in range(stops):
            now = passes[trip, stop]
            here = (who for who in left if people["origin"][who] == stop and people["departure"][who] <= now)
            for who in sorted(here, key=lambda w: (people["departure"][w], w)):
                end = people["destination"][who]
                if end == stop:
                    continue
                if load[trip, stop] + 1 > CAPACITY:
                    denied[trip, stop] += 1
                    denials.append((who, trip, stop, now))
                    continue
                left.discard(who)
                board[trip, stop] += 1
                alight[trip, end] += 1
                load[trip, stop:end] += 1
                waits.setdefault((trip, stop), []).append(now - people["departure"][who])
                rides.append((who, trip, now, passes[trip, end]))
    return {
        "board": board, "alight": alight, "load": load, "denied": denied, "waits": waits,
        "rides": sorted(rides), "denials": sorted(denials, key=lambda row: (row[3], row[0])),
    }  # fmt: skip


def _journeys(people: Mapping[str, Any], runs: Mapping[str, Any]) -> dict[str, list[Any]]:
    count = len(people["origin"])
    arrival, wait, ride = np.full(count, np.nan), np.zeros(count), np.zeros(count)
    for who, _, board, alight in runs["rides"]:
        arrival[who], wait[who], ride[who] = alight, board - people["departure"][who], alight - board
    denied = np.bincount([who for who, *_ in runs["denials"]], minlength=count).astype(int)
    arrived = ~np.isnan(arrival)
    deviation = np.where(arrived, arrival - people["preferred"], 3600.0)
    early, late = np.maximum(-deviation, 0.0), np.maximum(deviation, 0.0)
    columns = {
        "commuter_id": range(count),
        "origin_stop_id": [f"s{stop}" for stop in people["origin"]],
        "destination_stop_id": [f"s{stop}" for stop in people["destination"]],
        "preferred_arrival_s": people["preferred"],
        "habitual_departure_s": people["habit"],
        "departure_s": people["departure"],
        "arrival_s": arrival,
        "wait_s": wait,
        "in_vehicle_s": ride,
        "denied_boardings": denied,
        "schedule_delay_early_s": early,
        "schedule_delay_late_s": late,
        "generalized_cost_min": (2.0 * wait + ride + 0.6 * early + 2.4 * late) / 60.0,
        "least_cost_min": np.full(count, LINK_S / 60.0),
        "optimum_cost_min": np.full(count, LINK_S / 60.0),
        "advised": people["advised"],
        "complied": people["complied"],
        "window_start_s": people["window"],
        "window_end_s": people["window"] + PERIOD_S,
        "outcome": ["arrived" if here else "still_travelling" for here in arrived],
        "cause": ["" if here else "last_vehicle_gone" for here in arrived],
    }
    assert set(columns) <= set(JOURNEYS.names)
    return {name: list(values) for name, values in columns.items()}


def _visits(runs: Mapping[str, Any], scheduled: Any, passes: Any) -> dict[str, list[Any]]:
    trips, stops = passes.shape
    grid = [(trip, stop) for trip in range(trips) for stop in range(stops)]
    return {
        "trip_id": [f"t{trip}" for trip, _ in grid],
        "block_id": [f"b{trip % 6}" for trip, _ in grid],
        "line_id": ["L"] * len(grid),
        "stop_id": [f"s{stop}" for _, stop in grid],
        "stop_sequence": [stop for _, stop in grid],
        "scheduled_arrival_s": [scheduled[at] for at in grid],
        "arrival_s": [passes[at] - 20.0 for at in grid],
        "departure_s": [passes[at] for at in grid],
        "boardings": [runs["board"][at] for at in grid],
        "alightings": [runs["alight"][at] for at in grid],
        "denied_boardings": [runs["denied"][at] for at in grid],
        "departing_load": [runs["load"][at] for at in grid],
        "seats": [SEATS] * len(grid),
        "capacity": [CAPACITY] * len(grid),
    }


def _periods(visits: Mapping[str, list[Any]], waits: Any, stops: int) -> dict[str, list[Any]]:
    groups: dict[tuple[int, float], list[int]] = {}
    for row, time in enumerate(visits["departure_s"]):
        groups.setdefault((visits["stop_sequence"][row], np.floor(time / PERIOD_S) * PERIOD_S), []).append(row)
    columns: dict[str, list[Any]] = {}
    for (stop, start), rows in sorted(groups.items()):
        loads = np.array([visits["departing_load"][row] for row in rows])
        seen = [wait for row in rows for wait in waits.get((row // stops, stop), [])]
        values = {
            "line_id": "L",
            "stop_id": f"s{stop}",
            "period_start_s": start,
            "vehicles": len(rows),
            "load": loads.mean(),
            "load_factor": loads.sum() / (CAPACITY * len(rows)),
            "mean_wait_s": np.mean(seen) if seen else np.nan,
            "running_time_s": LINK_S if stop < stops - 1 else np.nan,
            "boardings": sum(visits["boardings"][row] for row in rows),
            "alightings": sum(visits["alightings"][row] for row in rows),
            "denied_boardings": sum(visits["denied_boardings"][row] for row in rows),
        }
        for name, value in values.items():
            columns.setdefault(name, []).append(value)
    return columns
