"""Read what was counted and timed on a line: boardings by minute, and running times between stops.

``counts.csv``: `stop_id`, `time` (a clock time as in GTFS, HH:MM or HH:MM:SS) and `boardings`, the passengers
that boarded at the stop in the minute of that time. Minutes without a boarding need no row.

``running_times.csv``: `from_stop_id`, `to_stop_id`, `departure` (a clock time) and `running_time_s`, the seconds
from that departure to the arrival at the other stop. Stops between the two are part of the time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import InputError, Problem
from sim.loading.columns import clocks, numbers, references, report_rows
from sim.loading.csv_tables import TextTable, parse_table
from sim.loading.problems import ProblemCollector, shown_path

COUNT_COLUMNS = ("stop_id", "time", "boardings")
TIME_COLUMNS = ("from_stop_id", "to_stop_id", "departure", "running_time_s")
MOST_BOARDINGS = 10_000
"""Boardings at one stop in one minute that are still believed."""

MOST_RUNNING_TIME_S = 86_400.0


@dataclass(frozen=True)
class Observations:
    """What was seen on one direction of a line.

    Attributes
    ----------
    boarding_minutes : mapping of str to ndarray of int
        For each stop the minute after midnight of every boarding, ascending; empty without counts.
    running_times : mapping of (str, str) to ndarray of float
        For each pair of stops the departures and the running times in seconds, shape (runs, 2); empty without
        running times.
    """

    boarding_minutes: Mapping[str, IntArray] = field(default_factory=dict)
    running_times: Mapping[tuple[str, str], FloatArray] = field(default_factory=dict)


def read_observations(
    stops: tuple[str, ...],
    counts: Path | None,
    running_times: Path | None,
    in_order: Collection[tuple[str, str]] = (),
) -> Observations:
    """Read one or both files about a line.

    Parameters
    ----------
    stops : tuple of str
        Stops of the line in the order in which its vehicles serve them.
    counts, running_times : Path or None
        Files in the formats above.
    in_order : collection of (str, str)
        Pairs of stops that vehicles serve in this order, whatever `stops` says: on a ring each stop comes after all.

    Raises
    ------
    InputError
        With every problem of both files.
    """
    collector = ProblemCollector()
    minutes = {} if counts is None else _boarding_minutes(counts, stops, collector)
    times = {} if running_times is None else _running_times(running_times, stops, in_order, collector)
    if collector.problems:
        raise InputError(collector.problems)
    return Observations(minutes, times)


def _boarding_minutes(path: Path, stops: tuple[str, ...], collector: ProblemCollector) -> dict[str, IntArray]:
    table = needed_table(path, COUNT_COLUMNS, collector)
    if table is None:
        return {}
    stop = references(table, "stop_id", _index(stops), "stop of the line", collector)
    minute = np.floor(clocks(table, "time", collector) / 60.0)
    boardings = numbers(table, "boardings", collector, at_least=0, whole=True)
    report_rows(table, boardings > MOST_BOARDINGS, "boardings", f"must be at most {MOST_BOARDINGS:,}", collector)
    if collector.problems:
        return {}
    each = np.repeat(np.arange(len(table)), boardings.astype(np.int64))
    return {name: np.sort(minute[each][stop[each] == row]).astype(np.int64) for row, name in enumerate(stops)}


def _running_times(
    path: Path, stops: tuple[str, ...], in_order: Collection[tuple[str, str]], collector: ProblemCollector
) -> dict[tuple[str, str], FloatArray]:
    table = needed_table(path, TIME_COLUMNS, collector)
    if table is None:
        return {}
    index = _index(stops)
    start, end = (references(table, name, index, "stop of the line", collector) for name in TIME_COLUMNS[:2])
    departure_s = clocks(table, "departure", collector)
    took_s = numbers(table, "running_time_s", collector, more_than=0)
    report_rows(table, took_s > MOST_RUNNING_TIME_S, "running_time_s", "must be at most a day, 86400", collector)
    backwards = (start >= 0) & (end >= 0) & (end <= start)
    for row in np.flatnonzero(backwards).tolist():
        backwards[row] = (stops[start[row]], stops[end[row]]) not in in_order
    report_rows(table, backwards, "to_stop_id", "must come after from_stop_id on the line", collector)
    runs = np.stack([departure_s, took_s], axis=1)
    return {
        (stops[first], stops[last]): runs[(start == first) & (end == last)]
        for first, last in sorted(set(zip(start.tolist(), end.tolist(), strict=True)))
        if first >= 0 and last >= 0
    }


def _index(stops: tuple[str, ...]) -> dict[str, int]:
    return {stop: row for row, stop in enumerate(stops)}


def needed_table(path: Path, columns: tuple[str, ...], collector: ProblemCollector) -> TextTable | None:
    """Return the table if it has all columns and rows."""
    shown = shown_path(path)
    if not path.is_file():
        raise InputError([Problem(shown, 0, 0, "", "there is no such file")])
    before = len(collector.problems)
    table = parse_table(path.read_bytes(), shown, collector)
    if table is not None:
        if missing := [name for name in columns if not table.has(name)]:
            collector.problem(shown, f"columns are {', '.join(columns)}; missing: {', '.join(missing)}", line=1)
        if not len(table):
            collector.problem(shown, "there are no rows")
    return table if len(collector.problems) == before else None
