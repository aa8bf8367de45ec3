"""Loads by line, direction, stop and period, and vehicles on their way, as a board draws them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sim.app.run_library import ServedRun
from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import of_strategy, recode
from sim.metrics.profiles import LoadProfile, load_profiles
from sim.records.table import Table

HOUR_S: Final = 3600.0
UNKNOWN: Final = -1
"""Stands for no value in lists of whole numbers."""


def load_document(run: ServedRun, strategy: str) -> dict[str, Any]:
    """Return loads of all lines and periods under a strategy, means over replications and kept days.

    Returns
    -------
    dict
        `period_s`, and `directions`, each with `line_id`, `direction_id`, `stop_ids`, `first_period` and flat lists by
        stop and period: `load_percent` of capacity and `load` per vehicle (-1 where none ran), `boardings` and `denied`
        in tenths of a person a day.
    """
    periods = of_strategy(run.table("periods"), strategy)
    visits = of_strategy(run.table("stop_visits"), strategy)
    period_s = float(run.manifest["scenario"]["period"])
    profiles = load_profiles(periods, visits, period_s)
    return {"period_s": period_s, "directions": [_direction(profile, period_s) for profile in profiles]}


def _direction(profile: LoadProfile, period_s: float) -> dict[str, Any]:
    return {
        "line_id": profile.line_id,
        "direction_id": profile.direction_id,
        "stop_ids": list(profile.stop_ids),
        "first_period": round(float(profile.period_starts_s[0]) / period_s),
        "periods": len(profile.period_starts_s),
        "load_percent": _whole(profile.load_factor * 100.0),
        "load": _whole(profile.load),
        "vehicles": _whole(profile.vehicles * 10.0),
        "boardings": _whole(profile.boardings * 10.0),
        "denied": _whole(profile.denied_boardings * 10.0),
    }


def _whole(values: FloatArray) -> list[int]:
    """Round to whole numbers, stop by stop; `UNKNOWN` for NaN."""
    known: list[int] = np.where(np.isnan(values), UNKNOWN, np.rint(np.nan_to_num(values))).astype(int).ravel().tolist()
    return known


def vehicle_document(run: ServedRun, strategy: str, hour: int) -> dict[str, Any]:
    """Return the vehicles on their way in an hour of the first replication's last day under a strategy.

    Returns
    -------
    dict
        `trips`, each a list: line, direction, capacity, seats, first second, then flat triples for each stop: row of
        the stop, seconds from the value before to the arrival and to the departure, load at departure.
        `lines` and `stop_ids` say what rows mean, `first_hour` and `last_hour` where there is something.
    """
    visits = _shown_day(of_strategy(run.table("stop_visits"), strategy))
    known = np.isfinite(visits["departure_s"]) & np.isfinite(visits["arrival_s"])
    visits = visits.where(np.flatnonzero(known))
    arrival_s, departure_s = visits["arrival_s"], visits["departure_s"]
    starts = np.flatnonzero(np.diff(visits["trip_id"], prepend=-1))
    ends = np.append(starts[1:], len(visits))
    first_s = arrival_s[starts] if len(starts) else np.zeros(0)
    last_s = departure_s[ends - 1] if len(starts) else np.zeros(0)
    shown = np.flatnonzero((first_s < (hour + 1) * HOUR_S) & (last_s >= hour * HOUR_S))
    stop_ids = [str(stop["stop_id"]) for stop in run.manifest.get("stops", ())]
    columns = {
        "stop": recode(visits, "stop_id", stop_ids),
        "line": visits["line_id"],
        "direction": visits["direction_id"],
        "capacity": visits["capacity"],
        "seats": visits["seats"],
        "load": visits["departing_load"],
        "arrival": np.rint(arrival_s).astype(np.int64),
        "departure": np.rint(departure_s).astype(np.int64),
    }
    return {
        "hour": hour,
        "first_hour": int(first_s.min() // HOUR_S) if len(first_s) else 0,
        "last_hour": int(last_s.max() // HOUR_S) if len(last_s) else 0,
        "lines": list(visits.categories["line_id"]),
        "trips": [_trip(columns, int(starts[trip]), int(ends[trip])) for trip in shown.tolist()],
    }


def shown_day(run: ServedRun, strategy: str) -> Table:
    """Return the stop visits of the day that is shown: the last kept one of the first replication."""
    return _shown_day(of_strategy(run.table("stop_visits"), strategy))


def _shown_day(visits: Table) -> Table:
    if not len(visits):
        return visits
    visits = visits.where(visits["replication"] == visits["replication"].min())
    return visits.where(visits["day"] == visits["day"].max())


def _trip(columns: dict[str, IntArray], first: int, end: int) -> list[int]:
    """Write a trip as whole numbers, times as differences."""
    times = np.stack([columns["arrival"][first:end], columns["departure"][first:end]], axis=1).ravel()
    # Rounding may put an arrival a second before the departure that it follows.
    steps = np.maximum(np.diff(times, prepend=times[0]), 0).reshape(-1, 2)
    rows = np.column_stack([columns["stop"][first:end], steps, columns["load"][first:end]])
    head = [int(columns[name][first]) for name in ("line", "direction", "capacity", "seats")]
    return [*head, int(times[0]), *rows.ravel().tolist()]
