"""A feed of any sort to tables that the strict readers accept, or an error that says why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.errors import NetworkError, Problem
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.calendar_days import clean_calendar, only_on, running_services
from sim.loading.feeds.directions import tell_directions
from sim.loading.feeds.fare_tables import clean_fares
from sim.loading.feeds.import_options import ImportOptions, choose_routes, in_box, wanted_date
from sim.loading.feeds.import_report import ImportLedger, ImportReport
from sim.loading.feeds.reading import read_feed_tables
from sim.loading.feeds.routes import clean_agencies, clean_routes
from sim.loading.feeds.stop_times import CleanStopTimes, Known, clean_stop_times
from sim.loading.feeds.stops import StopMembers, clean_stops
from sim.loading.feeds.text_rows import index_of, kept, read_numbers, rows_of, texts, write_clocks
from sim.loading.feeds.trips import (
    clean_frequencies,
    clean_transfers,
    clean_trips,
    drop_trips_without_visits,
    part_blocks,
)
from sim.loading.gtfs_calendar import Calendar
from sim.loading.gtfs_times import NOT_AVAILABLE
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector

_MAIN = ("agency", "routes", "stops", "trips", "stop_times", "frequencies", "transfers", "shapes")


@dataclass(frozen=True)
class CleanFeed:
    """A feed without faults.

    Attributes
    ----------
    tables : dict of str to TextTable
        By name without ending; lines are those of the feed's files.
    visits : CleanStopTimes
        The stop times as numbers; trips and stops by their rows in the tables.
    shapes : TextTable or None
        As it stands in the feed.
    report : ImportReport
    """

    tables: dict[str, TextTable]
    visits: CleanStopTimes
    shapes: TextTable | None
    report: ImportReport


def clean_feed(files: NetworkFiles, wishes: ImportOptions | None = None) -> CleanFeed:
    """Read a bare feed, dropping and repairing by the stated rules.

    Parameters
    ----------
    files : NetworkFiles
        A bare feed.
    wishes : ImportOptions, optional
        What of it is wanted; everything by default.

    Raises
    ------
    NetworkError
        When nothing usable is left, or something wanted is not there.
    """
    wishes = wishes or ImportOptions()
    ledger, collector = ImportLedger(), ProblemCollector()
    day = wanted_date(wishes)
    tables = read_feed_tables(files, ledger, collector)
    if "calendar" not in tables and "calendar_dates" not in tables:
        shown = files.shown_file("gtfs/calendar.txt")
        columns = "service_id,monday,...,sunday,start_date,end_date"
        message = f"the file is missing; it needs the columns {columns} (calendar_dates.txt would do as well)"
        collector.problem(shown, message)
    if collector.problems:
        raise NetworkError([*collector.problems, *_unusable(ledger)])
    before = {name: len(tables[name]) for name in _MAIN if name in tables}
    shapes = tables.pop("shapes", None)
    clean_agencies(tables, ledger)
    clean_routes(tables, ledger)
    all_routes = frozenset(tables["routes"].text("route_id"))
    choose_routes(tables, wishes.routes, ledger)
    places = clean_stops(tables, ledger, merge_stations=wishes.merge_stations)
    calendar = clean_calendar(tables, ledger)
    all_trips = frozenset(tables["trips"].text("trip_id"))
    clean_trips(tables, running_services(calendar), all_routes, ledger)
    if day is not None:
        _choose_date(tables, calendar, wishes, ledger)
    visits = _clean_times(tables, places, all_trips, wishes, ledger)
    tell_directions(tables, visits, ledger)
    _drop_unused(tables, ledger)
    clean_transfers(tables, places, ledger)
    clean_fares(tables, ledger)
    visits = _as_text(tables, visits)
    clean_frequencies(tables, _later_s(visits), ledger)
    part_blocks(tables, *_spans(tables, visits), ledger)
    first_date, last_date = calendar.span() or ("", "")
    report = ImportReport(
        feed=PurePath(files.shown).name,
        sha256=files.hashes,
        wishes=wishes.as_texts(),
        before=before,
        after={name: len(tables[name]) for name in _MAIN if name in tables},
        first_date=str(day or first_date),
        last_date=str(day or last_date),
        entries=ledger.merged(),
    )
    _nothing_left(files, calendar, report)
    return CleanFeed(tables, visits, shapes, report)


def _unusable(ledger: ImportLedger) -> list[Problem]:
    """Tell of optional files that could not be read, as they may be why the feed fails."""
    return [
        Problem(entry.file, 0, 0, "", f"cannot be used: {'; '.join(entry.examples)}")
        for entry in ledger.entries
        if entry.name == "unusable_file"
    ]


def _choose_date(tables: dict[str, TextTable], calendar: Calendar, wishes: ImportOptions, ledger: ImportLedger) -> None:
    day = wanted_date(wishes)
    if day is None:
        return
    services = calendar.services(day)
    table = tables["trips"]
    runs = np.array([text in services for text in table.text("service_id")], dtype=bool)
    if not runs.any():
        raise NetworkError([Problem(table.file, 0, 0, "date", f"no trip runs on {day}{calendar.span_text()}")])
    ledger.rows("date_not_wanted", table, ~runs)
    tables["trips"] = kept(table, runs)
    only_on(tables, services & set(tables["trips"].text("service_id")), day)


def _clean_times(
    tables: dict[str, TextTable],
    places: StopMembers,
    all_trips: frozenset[str],
    wishes: ImportOptions,
    ledger: ImportLedger,
) -> CleanStopTimes:
    """Clean the stop times; drop trips that are left without, and leave rows of trips as they then are."""
    stops, trips, times = tables["stops"], tables["trips"], tables["stop_times"]
    of_stop = index_of(stops.text("stop_id"))
    inside = in_box(stops, wishes.box)
    ledger.rows("stop_outside", stops, ~inside)
    known = Known(
        trips=index_of(trips.text("trip_id")),
        all_trips=all_trips,
        stops={place: of_stop[stop] for place, stop in places.stands_for.items() if stop in of_stop},
        inside=inside,
        lat=read_numbers(stops.text("stop_lat")),
        lon=read_numbers(stops.text("stop_lon")),
    )
    visits = clean_stop_times(times, known, ledger)
    named = np.zeros(len(trips), dtype=bool)
    rows = rows_of(times.text("trip_id"), known.trips)
    named[np.unique(rows[rows >= 0])] = True
    enough = drop_trips_without_visits(trips, visits, named, ledger)
    tables["trips"] = kept(trips, enough)
    visits = visits.kept(enough[visits.trip])
    return _renumbered(visits, enough, np.ones(len(stops), dtype=bool))


def _drop_unused(tables: dict[str, TextTable], ledger: ImportLedger) -> None:
    routes = tables["routes"]
    used = set(tables["trips"].text("route_id"))
    keep = np.array([route in used for route in routes.text("route_id")], dtype=bool)
    ledger.rows("route_without_trips", routes, ~keep, "route_id")
    tables["routes"] = kept(routes, keep)


def _as_text(tables: dict[str, TextTable], visits: CleanStopTimes) -> CleanStopTimes:
    """Write the stop times as a table of text, times in whole seconds."""
    times = tables["stop_times"]
    arrival, departure = np.round(visits.arrival_s), np.round(visits.departure_s)
    starts = np.flatnonzero(visits.starts())
    number = np.arange(len(visits)) - np.repeat(starts, np.diff(np.append(starts, len(visits)))) + 1
    words = texts([str(count) for count in range(int(number.max(initial=0)) + 1)])
    columns = {
        "trip_id": tables["trips"].text("trip_id")[visits.trip],
        "arrival_time": write_clocks(arrival),
        "departure_time": write_clocks(departure),
        "stop_id": tables["stops"].text("stop_id")[visits.stop],
        "stop_sequence": words[number],
    }
    for name, available in (("pickup_type", visits.boards), ("drop_off_type", visits.alights)):
        if times.has(name):
            columns[name] = np.where(available, "0", NOT_AVAILABLE).astype(object)
    tables["stop_times"] = TextTable(times.file, columns, times.line[visits.row])
    return visits.with_times(arrival, departure)


def _later_s(visits: CleanStopTimes) -> FloatArray:
    """Return how much later each trip leaves its first stop here than in the feed, in whole seconds, shape (trips,)."""
    starts = visits.starts()
    later_s: FloatArray = np.round(visits.departure_s[starts] - visits.sets_out_s[starts])
    return later_s


def _spans(tables: dict[str, TextTable], visits: CleanStopTimes) -> tuple[Mapping[str, float], Mapping[str, float]]:
    names = tables["trips"].text("trip_id")
    first, last = visits.starts(), visits.ends()
    starts = dict(zip(names[visits.trip[first]], visits.departure_s[first].tolist(), strict=True))
    ends = dict(zip(names[visits.trip[last]], visits.arrival_s[last].tolist(), strict=True))
    return starts, ends


def drop_unused_stops(feed: CleanFeed, ledger: ImportLedger) -> CleanFeed:
    """Leave out the stops at which no trip calls."""
    stops = feed.tables["stops"]
    used = np.zeros(len(stops), dtype=bool)
    used[np.unique(feed.visits.stop)] = True
    ledger.rows("stop_unused", stops, ~used)
    tables = {**feed.tables, "stops": kept(stops, used)}
    if "transfers" in tables:
        there = dict.fromkeys(tables["stops"].text("stop_id"), 0)
        ends = [rows_of(tables["transfers"].text(name), there) >= 0 for name in ("from_stop_id", "to_stop_id")]
        tables["transfers"] = kept(tables["transfers"], ends[0] & ends[1])
    visits = _renumbered(feed.visits, np.ones(len(tables["trips"]), dtype=bool), used)
    return CleanFeed(tables, visits, feed.shapes, feed.report)


def _renumbered(visits: CleanStopTimes, trips: BoolArray, stops: BoolArray) -> CleanStopTimes:
    """Return visits whose trips and stops are numbered as in the tables that have only these rows."""
    of_trip, of_stop = np.cumsum(trips) - 1, np.cumsum(stops) - 1
    return replace(visits, trip=of_trip[visits.trip], stop=of_stop[visits.stop])


def _nothing_left(files: NetworkFiles, calendar: Calendar, report: ImportReport) -> None:
    """Raise where no trip is left.

    Raises
    ------
    NetworkError
        With what was dropped, since that is why.
    """
    if report.after["trips"]:
        return
    why = [
        Problem(entry.file, 0, 0, "", entry.sentence() if entry.file else str(entry))
        for entry in report.of_kind("dropped")
    ]
    message = "nothing in this feed can be used: no trip is left"
    if calendar.span() is None:
        message += ", for the calendar has no usable date"
    raise NetworkError([Problem(files.shown, 0, 0, "", message), *why])
