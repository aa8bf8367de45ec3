"""Which trips of a feed run on the day and the lines that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.errors import Problem
from sim.loading.available_memory import PER_VISIT, available_memory, gigabytes
from sim.loading.columns import report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.gtfs_calendar import Calendar, parse_date
from sim.loading.gtfs_tables import Trips
from sim.loading.hints import did_you_mean, listed
from sim.loading.naming import names_of_lines, several
from sim.loading.problems import ProblemCollector
from sim.loading.service_build import Feed
from sim.model.network import FootPaths

Locate = Callable[[str, str], Problem]
"""Makes a problem of a key (agencies, lines_used, date) and a message."""


def check_services(trips: Trips, calendar: Calendar, collector: ProblemCollector) -> None:
    """Report trips whose service the calendar does not know."""
    known = calendar.known_services()
    texts = trips.text("service_id")
    bad = [row for row, text in enumerate(texts) if text not in known]
    report_rows(
        trips.table,
        bad,
        "service_id",
        lambda place: f"the calendar has no service {texts[bad[place]]!r}{did_you_mean(texts[bad[place]], known)}",
        collector,
    )


def check_repetitions_fit(feed: Feed, chosen: IntArray, collector: ProblemCollector) -> None:
    """Report, before they are made, trips by frequencies that no memory could hold."""
    if feed.frequencies is None or not len(feed.frequencies.trip):
        return
    of_trip = np.zeros(len(feed.trips.table))
    of_trip[chosen] = np.diff(feed.times.ptr)[chosen]
    visits = feed.frequencies.departures() * of_trip[feed.frequencies.trip]
    size, there_is = float(visits.sum()) * PER_VISIT, available_memory()
    if size > there_is:
        most = int(np.argmax(visits))
        report_rows(
            feed.frequencies.table,
            [most],
            "headway_secs",
            f"the rows of this file ask for {visits.sum():,.0f} visits of vehicles to stops, this one for most of "
            f"them, which need at least {gigabytes(size)} of memory; there are {gigabytes(there_is)}",
            collector,
        )


def chosen_trips(
    feed: Feed,
    calendar: Calendar,
    wanted: tuple[Sequence[str] | None, Sequence[str] | None, str | None],
    place: Locate,
    collector: ProblemCollector,
) -> tuple[IntArray, date | None]:
    """Return the trips that run, of the lines wanted, on the date wanted, with two stops at least; and that date."""
    agencies, line_ids, day = wanted
    line_ids = None if line_ids is None else _ids_of_lines(feed, line_ids, place, collector)
    for key, what, names, known in (
        ("agencies", "agency", agencies, feed.lines.agencies),
        ("lines_used", "line", line_ids, tuple(feed.lines.index)),
    ):
        for name in (name for name in names or () if name not in known):
            message = f"the network has no {what} {name!r}{did_you_mean(name, known)}; it has {listed(known)}"
            collector.problems.append(place(key, message))
    if collector.problems:
        return np.zeros(0, dtype=np.int64), None
    of_line = _lines_wanted(feed, agencies, line_ids)
    visits = np.diff(feed.times.ptr)
    usable = np.flatnonzero(of_line[feed.trips.line] & (visits >= 2))
    _mention_short_trips(feed.trips.table, visits, collector)
    runs_on = _service_date(feed, calendar, usable, day, place, collector)
    services = calendar.services(runs_on) if runs_on is not None else set()
    texts = feed.trips.text("service_id")
    chosen = np.array([row for row in usable if texts[row] in services], dtype=np.int64)
    if not len(chosen) and not collector.problems:
        message = "no trip of the lines wanted runs on this date" if day else "no trip of the lines wanted ever runs"
        collector.problems.append(place("date" if day else "", message + calendar.span_text()))
    return chosen, runs_on


def _lines_wanted(feed: Feed, agencies: Sequence[str] | None, line_ids: Sequence[str] | None) -> BoolArray:
    """Tell which lines are of an agency and among the lines wanted, shape (lines,); None for all."""
    wanted = [
        (agencies is None or line.agency_id in agencies) and (line_ids is None or line.line_id in line_ids)
        for line in feed.lines.lines
    ]
    return np.array(wanted, dtype=np.bool_)


def _ids_of_lines(feed: Feed, wanted: Sequence[str], place: Locate, collector: ProblemCollector) -> list[str]:
    """Put ids in place of names of lines; what is no name of one stays as it is."""
    names = names_of_lines(feed.lines.lines)
    found = [(text, names.called(text)) for text in wanted]
    collector.problems += [place("lines_used", several("line", text, ids)) for text, ids in found if len(ids) > 1]
    return [ids[0] if ids else text for text, ids in found]


def _service_date(
    feed: Feed, calendar: Calendar, usable: IntArray, day: str | None, place: Locate, collector: ProblemCollector
) -> date | None:
    """Return the date that is wanted, else the first one with the most trips; None where there is none."""
    if day is not None:
        wanted = parse_date(day)
        if wanted is None:
            collector.problems.append(place("date", f"{day!r} is not a date; write YYYY-MM-DD"))
        return wanted
    names, service = np.unique(feed.trips.text("service_id")[usable].astype(str), return_inverse=True)
    counts = np.bincount(service.reshape(-1), _runs_of_trips(feed)[usable])
    return calendar.busiest_day(dict(zip(names.tolist(), counts.tolist(), strict=True)))


def _runs_of_trips(feed: Feed) -> FloatArray:
    """Count how often each trip runs on a day of its service: as often as its frequencies say, else once."""
    runs = np.ones(len(feed.trips.table))
    if feed.frequencies is not None:
        asked = np.bincount(feed.frequencies.trip, feed.frequencies.departures(), minlength=len(runs))
        runs = np.where(asked > 0.0, asked, runs)
    return runs


def _mention_short_trips(table: TextTable, visits: IntArray, collector: ProblemCollector) -> None:
    short = int((visits < 2).sum())
    if short:
        collector.mention(table.file, f"{short} trips have fewer than two stop times and do not run")


def reached_stops(feed: Feed, foot: FootPaths | None) -> IntArray:
    """Return the rows of stops that a trip serves or a walk link leads to, where journeys may start and end."""
    walks = () if foot is None else (foot.link_from, foot.link_to)
    nodes = np.unique(np.concatenate([feed.times.stop, *walks]))
    return nodes[nodes < len(feed.stops.index)]


def mention_stops_without_line(feed: Feed, foot: FootPaths | None, collector: ProblemCollector) -> None:
    """Mention the stops that no trip of the feed serves and no walk link leads to."""
    served = np.zeros(len(feed.stops.index), dtype=bool)
    served[reached_stops(feed, foot)] = True
    ids = [stop for stop, row in feed.stops.index.items() if not served[row]]
    if ids:
        collector.mention(feed.stops.file, f"no line serves these stops: {listed(ids)}", key="stop_id")
