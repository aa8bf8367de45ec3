"""Stop times of a feed without faults: sorted, in the box, forwards in time, none blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.interpolate_times import interpolate_blanks
from sim.loading.feeds.text_rows import read_clocks, read_numbers, rows_of
from sim.loading.gtfs_times import NOT_AVAILABLE
from sim.units import DAY_S


@dataclass(frozen=True)
class CleanStopTimes:
    """Stop times of all trips, trip after trip in the order of the stops.

    Attributes
    ----------
    row, trip, stop : ndarray of int, shape (visits,)
        Rows of ``stop_times``, of the trips and of the stops.
    arrival_s, departure_s : ndarray of float, shape (visits,)
        Seconds after midnight; NaN where blank.
    sets_out_s : ndarray of float, shape (visits,)
        When the trip leaves the first stop that the feed has a time for, also where that one is left out.
    boards, alights : ndarray of bool, shape (visits,)
        Whether people may get in, and out.
    """

    row: IntArray
    trip: IntArray
    stop: IntArray
    arrival_s: FloatArray
    departure_s: FloatArray
    sets_out_s: FloatArray
    boards: BoolArray
    alights: BoolArray

    def __len__(self) -> int:
        """Count the visits."""
        return len(self.row)

    def kept(self, which: BoolArray) -> CleanStopTimes:
        """Return the visits of a mask."""
        if which.all():
            return self
        return CleanStopTimes(
            self.row[which],
            self.trip[which],
            self.stop[which],
            self.arrival_s[which],
            self.departure_s[which],
            self.sets_out_s[which],
            self.boards[which],
            self.alights[which],
        )

    def with_times(self, arrival_s: FloatArray, departure_s: FloatArray) -> CleanStopTimes:
        """Return the same visits at other times."""
        return replace(self, arrival_s=arrival_s, departure_s=departure_s)

    def starts(self) -> BoolArray:
        """Tell which visits are the first of their trip."""
        first = np.ones(len(self), dtype=bool)
        first[1:] = self.trip[1:] != self.trip[:-1]
        return first

    def ends(self) -> BoolArray:
        """Tell which visits are the last of their trip."""
        last = np.ones(len(self), dtype=bool)
        last[:-1] = self.trip[1:] != self.trip[:-1]
        return last


@dataclass(frozen=True)
class Known:
    """What stop times may refer to.

    Attributes
    ----------
    trips : mapping of str to int
        Row of each trip that is kept.
    all_trips : collection of str
        Ids of all trips of the feed.
    stops : mapping of str to int
        Row of the stop that each place stands for.
    inside : ndarray of bool, shape (stops,)
        Whether each stop lies in the box asked for.
    lat, lon : ndarray of float, shape (stops,)
        Degrees; NaN where unknown.
    """

    trips: Mapping[str, int]
    all_trips: frozenset[str]
    stops: Mapping[str, int]
    inside: BoolArray
    lat: FloatArray
    lon: FloatArray


def clean_stop_times(table: TextTable, known: Known, ledger: ImportLedger) -> CleanStopTimes:
    """Return the visits that can be used; trips may be left with any number of them."""
    visits = _in_order(table, known, ledger)
    # Of trips that touch the box all times are read before they are cut: what happens outside of it tells of midnight,
    # of blank times, and from where on frequencies count (test_a_box_leaves_times_inside_as_they_are).
    wanted, touches = np.zeros(len(table), dtype=np.bool_), np.zeros(len(known.trips), dtype=np.bool_)
    wanted[visits.row] = _inside(visits, known.inside, table, ledger)
    touches[visits.trip[wanted[visits.row]]] = True
    visits = visits.kept(touches[visits.trip])
    visits = _with_read_times(visits, table, ledger)
    visits = _past_midnight(visits, table, ledger)
    visits = _forwards(visits, table, ledger)
    visits = _between_times(visits, table, ledger)
    along = read_numbers(table.text("shape_dist_traveled"))[visits.row] if table.has("shape_dist_traveled") else None
    visits = visits.with_times(*_spread(visits, along, known, table, ledger))
    starts = visits.starts()
    visits = replace(visits, sets_out_s=visits.departure_s[starts][np.cumsum(starts) - 1])
    visits = visits.kept(wanted[visits.row])
    visits = _one_visit_each(visits, table, ledger)
    _tell_no_time_between(visits, table, ledger)
    _tell_no_exchange(visits, table, ledger)
    return visits


def _in_order(table: TextTable, known: Known, ledger: ImportLedger) -> CleanStopTimes:
    names = table.text("trip_id")
    trip = rows_of(names, known.trips)
    stop = rows_of(table.text("stop_id"), known.stops)
    lost = np.flatnonzero(trip < 0)
    unknown = lost[[names[row] not in known.all_trips for row in lost]]
    ledger.rows("visit_trip_unknown", table, unknown, "trip_id")
    ledger.add("visit_of_dropped_trip", table.file, len(lost) - len(unknown))
    ledger.rows("visit_stop_unknown", table, (stop < 0) & (trip >= 0), "stop_id")
    row = np.flatnonzero((trip >= 0) & (stop >= 0))
    sequence = read_numbers(table.text("stop_sequence")[row])
    numbered = not len(row) or any(table.text("stop_sequence")[row])
    if not numbered:
        ledger.add("visit_order_of_file", table.file, len(row))
        sequence = np.zeros(len(row))
    unread = np.isnan(sequence)
    ledger.rows("visit_sequence_unreadable", table, row[unread], "stop_sequence")
    ledger.rows("visit_sequence_negative", table, row[sequence < 0], "stop_sequence")
    row, sequence = row[~unread], sequence[~unread]
    order = np.lexsort((sequence, trip[row]))
    row, sequence = row[order], sequence[order]
    trip, stop = trip[row], stop[row]
    same = np.zeros(len(row), dtype=bool)
    same[1:] = (trip[1:] == trip[:-1]) & (sequence[1:] == sequence[:-1])
    if numbered and same.any():
        keep = _without_repeated(table, row, stop, same, ledger)
        row, trip, stop = row[keep], trip[keep], stop[keep]
    nothing = np.full(len(row), np.nan)
    boards, alights = (table.text(name)[row] != NOT_AVAILABLE for name in ("pickup_type", "drop_off_type"))
    return CleanStopTimes(row, trip, stop, nothing, nothing, nothing, boards, alights)


def _without_repeated(
    table: TextTable, row: IntArray, stop: IntArray, same: BoolArray, ledger: ImportLedger
) -> BoolArray:
    """Report rows with the stop_sequence of the row before; return which are kept."""
    times = [table.text(name) for name in ("arrival_time", "departure_time")]
    twice = np.zeros(len(row), dtype=bool)
    for place in np.flatnonzero(same):
        before, after = row[place - 1], row[place]
        twice[place] = stop[place] == stop[place - 1] and all(text[before] == text[after] for text in times)
    ledger.rows("visit_repeated", table, row[twice], "trip_id")
    ledger.rows("visit_sequence_repeated", table, row[same & ~twice], "trip_id")
    return ~twice


def _inside(visits: CleanStopTimes, inside: BoolArray, table: TextTable, ledger: ImportLedger) -> BoolArray:
    """Tell the longest part of each trip that lies in the box, the first of equally long ones, shape (visits,)."""
    if inside.all() or not len(visits):
        return np.ones(len(visits), dtype=np.bool_)
    there = inside[visits.stop]
    change = visits.starts()
    change[1:] |= there[1:] != there[:-1]
    part = np.cumsum(change) - 1
    length = np.bincount(part, weights=there).astype(np.int64)
    owner = visits.trip[change]
    order = np.lexsort((np.arange(len(length)), -length, owner))
    _, first = np.unique(owner[order], return_index=True)
    best = np.zeros(len(length), dtype=bool)
    best[order[first]] = True
    keep: BoolArray = best[part] & there
    ledger.add("visit_outside", table.file, int((~keep).sum()))
    return keep


def _with_read_times(visits: CleanStopTimes, table: TextTable, ledger: ImportLedger) -> CleanStopTimes:
    read = []
    for name in ("arrival_time", "departure_time"):
        seconds, bad = read_clocks(table.text(name)[visits.row])
        ledger.rows("time_unreadable", table, visits.row[bad], name)
        read.append(seconds)
    arrival, departure = read
    one = np.isnan(arrival) != np.isnan(departure)
    ledger.rows("time_one_of_two", table, visits.row[one], "trip_id")
    return visits.with_times(
        np.where(np.isnan(arrival), departure, arrival), np.where(np.isnan(departure), arrival, departure)
    )


def _past_midnight(visits: CleanStopTimes, table: TextTable, ledger: ImportLedger) -> CleanStopTimes:
    """Add a day wherever the times of a trip fall back by more than half a day."""
    timed = np.flatnonzero(~np.isnan(visits.arrival_s))
    if not len(timed):
        return visits
    clock = np.stack([visits.arrival_s[timed], visits.departure_s[timed]], axis=1).ravel()
    owner = np.repeat(visits.trip[timed], 2)
    same = owner[1:] == owner[:-1]
    falls = np.concatenate([[False], same & (np.diff(clock) < -DAY_S / 2.0)])
    days = np.cumsum(falls)
    start = np.flatnonzero(np.concatenate([[True], ~same]))
    days -= np.repeat(days[start], np.diff(np.append(start, len(days))))
    wrapped = np.unique(owner[falls])
    _, first = np.unique(owner[falls], return_index=True)
    ledger.rows("time_wrapped", table, visits.row[timed[np.flatnonzero(falls)[first] // 2]], "trip_id")
    moved = (clock + DAY_S * days).reshape(-1, 2)
    late = np.setdiff1d(visits.trip[timed[moved[:, 1] >= DAY_S]], wrapped)
    ledger.add("time_past_midnight", table.file, len(late))
    arrival, departure = visits.arrival_s.copy(), visits.departure_s.copy()
    arrival[timed], departure[timed] = moved[:, 0], moved[:, 1]
    return visits.with_times(arrival, departure)


def _forwards(visits: CleanStopTimes, table: TextTable, ledger: ImportLedger) -> CleanStopTimes:
    early = visits.departure_s < visits.arrival_s
    ledger.rows("time_departure_early", table, visits.row[early], "trip_id")
    departure = np.where(early, visits.arrival_s, visits.departure_s)
    visits = visits.with_times(visits.arrival_s, departure)
    timed = np.flatnonzero(~np.isnan(visits.arrival_s))
    trip = visits.trip[timed]
    back = (trip[1:] == trip[:-1]) & (visits.arrival_s[timed[1:]] < departure[timed[:-1]])
    wrong, first = np.unique(trip[1:][back], return_index=True)
    ledger.rows("trip_backwards", table, visits.row[timed[1:][back][first]], "trip_id")
    return visits.kept(~np.isin(visits.trip, wrong)) if len(wrong) else visits


def _between_times(visits: CleanStopTimes, table: TextTable, ledger: ImportLedger) -> CleanStopTimes:
    """Drop visits before the first and after the last time of their trip."""
    timed = ~np.isnan(visits.arrival_s)
    if timed.all():
        return visits
    place = np.arange(len(visits))
    before = np.maximum.accumulate(np.where(timed, place, -1))
    after = np.minimum.accumulate(np.where(timed, place, len(visits))[::-1])[::-1]
    inner = (before >= 0) & (after < len(visits))
    inner &= visits.trip[np.maximum(before, 0)] == visits.trip
    inner &= visits.trip[np.minimum(after, len(visits) - 1)] == visits.trip
    ledger.rows("time_blank_at_end", table, visits.row[~inner], "trip_id")
    return visits.kept(inner)


def _spread(
    visits: CleanStopTimes, along: FloatArray | None, known: Known, table: TextTable, ledger: ImportLedger
) -> tuple[FloatArray, FloatArray]:
    filled = interpolate_blanks(
        visits.arrival_s, visits.departure_s, along, known.lat[visits.stop], known.lon[visits.stop]
    )
    ledger.rows("time_by_distance", table, visits.row[filled.by_distance], "trip_id")
    ledger.rows("time_evenly", table, visits.row[filled.evenly], "trip_id")
    return filled.arrival_s, filled.departure_s


def _one_visit_each(visits: CleanStopTimes, table: TextTable, ledger: ImportLedger) -> CleanStopTimes:
    """Make one longer visit of visits in a row at the same stop."""
    if not len(visits):
        return visits
    again = np.zeros(len(visits), dtype=bool)
    again[1:] = (visits.stop[1:] == visits.stop[:-1]) & (visits.trip[1:] == visits.trip[:-1])
    if not again.any():
        return visits
    ledger.rows("visit_same_stop", table, visits.row[again], "stop_id")
    first = np.flatnonzero(~again)
    last = np.append(first[1:], len(visits)) - 1
    return replace(
        visits.kept(~again),
        departure_s=visits.departure_s[last],
        boards=np.logical_or.reduceat(visits.boards, first),
        alights=np.logical_or.reduceat(visits.alights, first),
    )


def _tell_no_time_between(visits: CleanStopTimes, table: TextTable, ledger: ImportLedger) -> None:
    """Say where vehicles are due as they leave the stop before, as in many timetables of whole minutes."""
    at_once = np.zeros(len(visits), dtype=bool)
    at_once[1:] = visits.arrival_s[1:] == visits.departure_s[:-1]
    ledger.rows("time_unchanged", table, visits.row[at_once & ~visits.starts()], "trip_id")


def _tell_no_exchange(visits: CleanStopTimes, table: TextTable, ledger: ImportLedger) -> None:
    """Report stops within a trip where the feed lets nobody board, or nobody alight, or only on request."""
    barred = (~visits.boards & ~visits.ends()) | (~visits.alights & ~visits.starts())
    asked = np.zeros(len(visits), dtype=bool)
    for name, free in (("pickup_type", visits.ends()), ("drop_off_type", visits.starts())):
        asked |= np.isin(table.text(name)[visits.row].astype(str), ("2", "3")) & ~free
    ledger.rows("visit_no_exchange", table, visits.row[barred], "trip_id")
    ledger.rows("visit_on_request", table, visits.row[asked], "trip_id")
