"""Stop times of a GTFS feed: sorted, checked, blanks filled in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.columns import clocks, numbers, references, report_rows
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.gtfs_tables import Stops, Trips
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import STOP_TIMES
from sim.units import format_clock

NOT_AVAILABLE = "1"
"""Value of pickup_type and drop_off_type where vehicles stop and take up or let out nobody."""

_EXCHANGES = ("", "0", NOT_AVAILABLE, "2", "3")


@dataclass(frozen=True)
class StopTimes:
    """Visits of all trips of the feed, trip after trip in the order of the stops.

    Attributes
    ----------
    ptr : ndarray of int, shape (trips + 1,)
        Visits of trip t are the rows ``ptr[t]`` to ``ptr[t + 1] - 1``.
    stop : ndarray of int, shape (visits,)
    arrival_s, departure_s : ndarray of float, shape (visits,)
        Seconds after midnight; blanks are spread evenly between the times given.
    boards, alights : ndarray of bool, shape (visits,)
        Whether people may get in, and out.
    was_blank : ndarray of bool, shape (visits,)
        Whether neither time was given.
    """

    ptr: IntArray
    stop: IntArray
    arrival_s: FloatArray
    departure_s: FloatArray
    boards: BoolArray
    alights: BoolArray
    was_blank: BoolArray


def read_stop_times(
    files: NetworkFiles, stops: Stops | None, trips: Trips | None, collector: ProblemCollector
) -> StopTimes | None:
    """Read ``stop_times.txt``; None where it cannot be used together with stops and trips."""
    table = files.table(STOP_TIMES)
    if table is None:
        return None
    arrival = clocks(table, "arrival_time", collector, blank_allowed=True)
    departure = clocks(table, "departure_time", collector, blank_allowed=True)
    sequence = numbers(table, "stop_sequence", collector, at_least=0)
    if stops is None or trips is None:
        return None
    stop = references(table, "stop_id", stops.index, "stop of stops.txt", collector)
    trip = references(table, "trip_id", trips.index, "trip of trips.txt", collector)
    if not np.isfinite(sequence).all() or (stop < 0).any() or (trip < 0).any():
        return None
    order = np.lexsort((sequence, trip))
    sorted_table = TextTable(table.file, {}, table.line[order])
    trip, stop, sequence = trip[order], stop[order], sequence[order]
    ptr = np.searchsorted(trip, np.arange(len(trips.table) + 1)).astype(np.int64)
    first, last = _ends(trip)
    _check_sequence(sorted_table, sequence, first, collector)
    texts = [table.text(name)[order] for name in ("arrival_time", "departure_time")]
    blank = ((texts[0] == "") & (texts[1] == "")).astype(np.bool_)
    filled = _fill(sorted_table, arrival[order], departure[order], blank, (first, last), collector)
    if filled is None:
        return None
    _check_forwards(sorted_table, *filled, first, collector)
    # Before the first stop nobody is on board, and after the last one nobody rides on.
    boards = (_exchange(table, "pickup_type", collector)[order] != NOT_AVAILABLE) | last
    alights = (_exchange(table, "drop_off_type", collector)[order] != NOT_AVAILABLE) | first
    return _joined(StopTimes(ptr, stop, *filled, boards, alights, blank), sorted_table, collector)


def _exchange(table: TextTable, name: str, collector: ProblemCollector) -> TextArray:
    """Return whether passengers are picked up or set down, as the feed has it."""
    texts = table.text(name)
    strange = set(texts) - set(_EXCHANGES)
    if strange:
        rows = [row for row, text in enumerate(texts) if text in strange]
        first = rows[0]
        message = f"{texts[first]!r} is none of 0, 1, 2, 3 and taken for 0; {len(rows)} rows like this"
        collector.mention(table.file, message, line=int(table.line[first]), key=name)
    return texts


def _joined(times: StopTimes, table: TextTable, collector: ProblemCollector) -> StopTimes:
    """Make one visit of rows in which a stop follows itself, as feeds write a wait at a stop."""
    start = np.zeros(len(times.stop), dtype=bool)
    start[times.ptr[:-1][np.diff(times.ptr) > 0]] = True
    again = np.zeros(len(times.stop), dtype=bool)
    again[1:] = (times.stop[1:] == times.stop[:-1]) & ~start[1:]
    if not again.any():
        return times
    message = f"the same stop follows itself in this trip: one visit is made of both; {int(again.sum())} rows like this"
    collector.mention(table.file, message, line=int(table.line[np.flatnonzero(again)[0]]), key="stop_id")
    kept = np.flatnonzero(~again)
    dropped = np.concatenate([[0], np.cumsum(again)])
    return StopTimes(
        ptr=times.ptr - dropped[times.ptr],
        stop=times.stop[kept],
        arrival_s=times.arrival_s[kept],
        departure_s=times.departure_s[np.append(kept[1:], len(again)) - 1],
        boards=np.logical_or.reduceat(times.boards, kept),
        alights=np.logical_or.reduceat(times.alights, kept),
        was_blank=np.logical_and.reduceat(times.was_blank, kept),
    )


def _ends(trip: IntArray) -> tuple[BoolArray, BoolArray]:
    """Tell which visits are the first and last of their trip, as masks."""
    change = np.diff(trip) != 0
    return np.concatenate([[True], change]), np.concatenate([change, [True]])


def _check_sequence(table: TextTable, sequence: FloatArray, first: BoolArray, collector: ProblemCollector) -> None:
    same = np.zeros(len(table), dtype=bool)
    same[1:] = (sequence[1:] == sequence[:-1]) & ~first[1:]
    report_rows(table, same, "stop_sequence", "this trip has the same stop_sequence twice", collector)


def _fill(
    table: TextTable,
    arrival: FloatArray,
    departure: FloatArray,
    blank: BoolArray,
    ends: tuple[BoolArray, BoolArray],
    collector: ProblemCollector,
) -> tuple[FloatArray, FloatArray] | None:
    """Spread blank times evenly between the last departure and the next arrival given."""
    end = ends[0] | ends[1]
    message = "the first and the last stop of a trip need a time"
    report_rows(table, blank & end, "arrival_time", message, collector)
    arrival = np.where(np.isnan(arrival), departure, arrival)
    departure = np.where(np.isnan(departure), arrival, departure)
    unread = np.isnan(arrival) & ~blank
    if unread.any() or (blank & end).any():
        return None
    rows = np.arange(len(arrival))
    timed = ~np.isnan(arrival)
    before = np.maximum.accumulate(np.where(timed, rows, 0))
    after = np.minimum.accumulate(np.where(timed, rows, len(rows))[::-1])[::-1]
    gap = np.flatnonzero(~timed)
    share = (gap - before[gap]) / (after[gap] - before[gap])
    start, stop = departure[before[gap]], arrival[after[gap]]
    arrival[gap] = departure[gap] = start + share * (stop - start)
    return arrival, departure


def _check_forwards(
    table: TextTable, arrival: FloatArray, departure: FloatArray, first: BoolArray, collector: ProblemCollector
) -> None:
    standing = departure < arrival
    report_rows(table, standing, "departure_time", "times run backwards: before arrival_time", collector)
    running = np.zeros(len(table), dtype=bool)
    running[1:] = (arrival[1:] < departure[:-1]) & ~first[1:]
    bad = np.flatnonzero(running)
    report_rows(
        table,
        bad,
        "arrival_time",
        lambda place: (
            f"times run backwards: {format_clock(arrival[bad[place]])} is before the departure from the "
            f"stop before, {format_clock(departure[bad[place] - 1])} on line {table.line[bad[place] - 1]}"
        ),
        collector,
    )
