"""The table `periods`: what an observer at each stop sees in each observation period."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import combine, day_blocks, next_arrival_s, ratio, recode, stop_order, sum_by_group
from sim.records.schema import PERIODS
from sim.records.table import Cells, Table, assemble


def period_table(stop_visits: Table, legs: Table, period_s: float) -> Table:
    """Sum up stop visits by line, direction, stop and observation period.

    One row per strategy, replication, day, line, direction, stop and period in which at least one
    vehicle departed; a visit belongs to the period of its departure. A stop that a trip visits twice
    has one row per period. The stops of a line and direction are in the order of `stop_order`.

    Parameters
    ----------
    stop_visits, legs : Table
        Both sorted as their schema says; may hold any number of strategies, replications and days.
    period_s : float
        Length of an observation period in seconds.

    Returns
    -------
    Table
        Under the schema `periods`. The mean wait is that of the rides which boarded a vehicle of the
        row; the running time is the mean from departure to arrival at the next stop of the trip.
    """
    rows = np.flatnonzero(np.isfinite(stop_visits["departure_s"]))
    blocks, order = day_blocks(stop_visits), stop_order(stop_visits)
    period = np.floor_divide(stop_visits["departure_s"][rows], period_s).astype(np.int64)
    earliest = int(period.min(initial=0))
    packed = combine(
        (blocks.row_blocks()[rows], len(blocks.keys)),
        (order.place_of_visit[rows], len(order.stops)),
        (period - earliest, int(period.max(initial=0)) - earliest + 1),
    )
    _, first, group = np.unique(packed, return_index=True, return_inverse=True)
    groups = len(first)

    def total(values: FloatArray | IntArray) -> FloatArray:
        return sum_by_group(group, values[rows], groups)

    vehicles = np.bincount(group, minlength=groups).astype(np.int64)
    load = total(stop_visits["departing_load"])
    running_s = next_arrival_s(stop_visits) - stop_visits["departure_s"]
    goes_on = np.isfinite(running_s)
    group_of_visit = np.full(len(stop_visits), -1, dtype=np.int64)
    group_of_visit[rows] = group
    sample = rows[first]
    columns = {
        name: stop_visits[name][sample]
        for name in ("replication", "day", "strategy", "line_id", "direction_id", "stop_id")
    }
    columns |= {
        "period_start_s": period[first] * float(period_s),
        "vehicles": vehicles,
        "load": load / np.maximum(vehicles, 1),
        "load_factor": ratio(load, total(stop_visits["capacity"])),
        "mean_wait_s": _mean_wait_s(stop_visits, legs, group_of_visit, groups),
        "running_time_s": ratio(total(np.where(goes_on, running_s, 0.0)), total(goes_on.astype(np.int64))),
    }
    for name in ("boardings", "alightings", "denied_boardings"):
        columns[name] = total(stop_visits[name]).astype(np.int64)
    names = {name: stop_visits.categories[name] for name in ("strategy", "line_id", "stop_id")}
    return assemble(PERIODS, Cells(columns, names))


def visits_of_boardings(stop_visits: Table, legs: Table) -> IntArray:
    """Find the stop visit at which each ride boarded.

    Where a trip visits the stop more than once, it is the last visit that began before the boarding.

    Returns
    -------
    ndarray, shape (legs,)
        Row of the stop visit; -1 where the tables disagree and there is none.
    """
    visit_blocks, leg_blocks = day_blocks(stop_visits), day_blocks(legs)
    place = {key: number for number, key in enumerate(visit_blocks.keys)}
    known = np.array([place.get(key, -1) for key in leg_blocks.keys], dtype=np.int64)
    leg_day = np.repeat(known, leg_blocks.lengths)
    trips, stops = stop_visits.categories["trip_id"], stop_visits.categories["stop_id"]
    leg_trip, leg_stop = recode(legs, "trip_id", trips), recode(legs, "board_stop_id", stops)
    sizes = (len(visit_blocks.keys), len(trips), len(stops))
    visit_codes = (visit_blocks.row_blocks(), stop_visits["trip_id"], stop_visits["stop_id"])
    visit_key = combine(*zip(visit_codes, sizes, strict=True))
    leg_key = combine(*zip((leg_day, leg_trip, leg_stop), sizes, strict=True))
    unknown = (leg_day < 0) | (leg_trip < 0) | (leg_stop < 0)

    by_key = np.argsort(visit_key, kind="stable")
    sorted_key = np.append(visit_key[by_key], -1)
    arrival_s = np.append(stop_visits["arrival_s"][by_key], np.inf)
    found = np.searchsorted(sorted_key[:-1], leg_key)
    unknown |= sorted_key[found] != leg_key
    last = len(by_key)
    while True:
        after = np.minimum(found + 1, last)
        later = ~unknown & (sorted_key[after] == leg_key) & (arrival_s[after] <= legs["board_s"])
        if not later.any():
            break
        found[later] += 1
    return np.where(unknown, -1, np.append(by_key, -1)[found])


def _mean_wait_s(stop_visits: Table, legs: Table, group_of_visit: IntArray, groups: int) -> FloatArray:
    """Return the mean wait in seconds of the rides that boarded in each group, shape (groups,)."""
    visit = visits_of_boardings(stop_visits, legs)
    group = np.append(group_of_visit, -1)[visit]
    counted = group >= 0
    wait_s = (legs["board_s"] - legs["wait_from_s"])[counted]
    total_s = sum_by_group(group[counted], wait_s, groups)
    return ratio(total_s, np.bincount(group[counted], minlength=groups))
