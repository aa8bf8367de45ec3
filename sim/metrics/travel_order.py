"""Stops of a line in an order that no vehicle contradicts, also where lines branch, turn short or run express.

The tables stand in the order of the smallest `stop_sequence` (`sim.metrics.grouping.stop_order`). On a line
whose short trips begin half way that puts a stop in the middle beside the first one; a figure along the line
needs the order of travel.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.arrays import IntArray
from sim.metrics.grouping import StopPlaces, combine, distinct_places, next_visits, no_rows, split_by_run, stop_order
from sim.records.table import Table


def stop_places(stop_visits: Table) -> StopPlaces:
    """Find the order of the stops of each line and direction, with the visits of one run in memory at a time.

    Parameters
    ----------
    stop_visits : Table
    """
    runs = list(split_by_run(stop_visits).values()) or [no_rows(stop_visits)]
    orders = [stop_order(run) for run in runs]
    columns = [
        np.concatenate([getattr(order, name) for order in orders])
        for name in ("lines", "directions", "stops", "positions")
    ]
    lines, directions, stops, positions = distinct_places(columns, stop_visits.categories)[0]
    following = _following(runs, stop_visits.categories)
    for key in sorted(set(zip(lines.tolist(), directions.tolist(), strict=True))):
        own = np.flatnonzero((lines == key[0]) & (directions == key[1]))
        first_at = dict(zip(stops[own].tolist(), positions[own].tolist(), strict=True))
        travelled = order_of_travel(first_at, following.get(key, ()))
        stops[own] = travelled
        positions[own] = [first_at[stop] for stop in travelled]
    return StopPlaces(lines, directions, stops, positions)


def order_of_travel(first_at: Mapping[int, int], following: tuple[tuple[int, int], ...]) -> list[int]:
    """Return stops such that each stands before those that follow it on some trip.

    Of the stops that may come next, one that follows the last one is taken first, so that a branch stays
    together; then the one with the smallest number, as in the tables. Where trips contradict each other (a loop), the
    smallest number decides.

    Parameters
    ----------
    first_at : mapping of int to int
        Smallest `stop_sequence` of each stop.
    following : tuple of (int, int)
        Stop and next stop on some trip.
    """
    after: dict[int, set[int]] = {stop: set() for stop in first_at}
    for stop, following_stop in following:
        if stop != following_stop:
            after[stop].add(following_stop)
    before = dict.fromkeys(first_at, 0)
    for stops in after.values():
        for stop in stops:
            before[stop] += 1
    order: list[int] = []
    last: set[int] = set()
    while before:
        free = [stop for stop, count in before.items() if count == 0] or list(before)
        chosen = min(free, key=lambda stop: (stop not in last, first_at[stop], stop))
        order.append(chosen)
        del before[chosen]
        last = after[chosen]
        for stop in last & before.keys():
            before[stop] -= 1
    return order


def _following(
    runs: list[Table], names: Mapping[str, tuple[str, ...]]
) -> dict[tuple[int, int], tuple[tuple[int, int], ...]]:
    """Return stop and next stop of all trips, by line and direction."""
    found: list[IntArray] = []
    lines, stops = len(names["line_id"]), len(names["stop_id"])
    directions = 1 + max((int(run["direction_id"].max(initial=0)) for run in runs), default=0)
    for visits in runs:
        rows, next_rows = next_visits(visits)
        # Where people stay on board the vehicle turns at a stop that is the first of its way back, and no stop of the
        # way there any more (test_a_report_of_vehicles_that_turn_with_people_on_board).
        same = np.ones(len(rows), dtype=np.bool_)
        for name in ("line_id", "direction_id"):
            same &= visits[name][rows] == visits[name][next_rows]
        rows, next_rows = rows[same], next_rows[same]
        packed = combine(
            (visits["line_id"][rows], lines),
            (visits["direction_id"][rows], directions),
            (visits["stop_id"][rows], stops),
            (visits["stop_id"][next_rows], stops),
        )
        found.append(np.unique(packed))
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for code in np.unique(np.concatenate(found)).tolist():
        rest, end = divmod(code, stops)
        rest, start = divmod(rest, stops)
        pairs.setdefault(divmod(rest, directions), []).append((start, end))
    return {key: tuple(value) for key, value in pairs.items()}
