"""Which services run on a date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from sim.loading.columns import choices, report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import CALENDAR, CALENDAR_DATES, WEEKDAYS

_ONE_DAY = timedelta(days=1)
_WEEK_DAYS = 7


@dataclass(frozen=True)
class Week:
    """Weekdays on which a service runs, from one date to another."""

    weekdays: tuple[bool, ...]
    start: date
    end: date


@dataclass(frozen=True)
class Calendar:
    """Service days of a feed.

    Attributes
    ----------
    weeks : dict of str to tuple of weeks
        Regular service by service id.
    added, removed : dict of date to set of str
        Exceptions.
    """

    weeks: dict[str, Week]
    added: dict[date, set[str]]
    removed: dict[date, set[str]]

    def services(self, day: date) -> set[str]:
        """Return the ids of the services that run on a date."""
        regular = {
            service
            for service, week in self.weeks.items()
            if week.start <= day <= week.end and week.weekdays[day.weekday()]
        }
        return (regular - self.removed.get(day, set())) | self.added.get(day, set())

    def known_services(self) -> set[str]:
        """Return the ids of all services the calendar names."""
        return set(self.weeks).union(*self.added.values(), *self.removed.values())

    def span(self) -> tuple[date, date] | None:
        """Return the first and the last date that the calendar names, None where it names none."""
        named = [
            *(week.start for week in self.weeks.values()),
            *(week.end for week in self.weeks.values()),
            *self.added,
        ]
        return (min(named), max(named)) if named else None

    def span_text(self) -> str:
        """Say from when to when the calendar runs, as the end of a message; empty where it names no date."""
        span = self.span()
        return "" if span is None else f"; the calendar runs from {span[0]} to {span[1]}"

    def different_days(self) -> Iterator[date]:
        """Yield dates in their order, those among them on which a set of services runs for the first time.

        Between two dates on which a service begins, ends or has an exception, what runs depends on the weekday alone:
        seven dates stand for all, however far away the end of a calendar is.
        """
        turns = {turn for week in self.weeks.values() for turn in (week.start, _after(week.end))}
        turns |= {turn for day in (*self.added, *self.removed) for turn in (day, _after(day))}
        ordered = sorted(turns)
        for turn, following in pairwise([*ordered, date.max]):
            for number in range(min(_WEEK_DAYS, (following - turn).days)):
                yield turn + timedelta(days=number)

    def busiest_day(self, trips_of: Mapping[str, float]) -> date | None:
        """Return the first date with the most trips, or None where nothing ever runs.

        Parameters
        ----------
        trips_of : mapping of str to float
            Number of trips by service id.
        """
        best, most = None, 0.0
        for day in self.different_days():
            count = sum(trips_of.get(service, 0.0) for service in self.services(day))
            if count > most:
                best, most = day, count
        return best


def _after(day: date) -> date:
    return day if day == date.max else day + _ONE_DAY


def read_calendar(files: NetworkFiles, collector: ProblemCollector) -> Calendar | None:
    """Read ``calendar.txt`` and ``calendar_dates.txt``, of which one is needed."""
    has_dates = files.has(CALENDAR_DATES.name)
    weeks = files.table(CALENDAR, required=not has_dates)
    dates = files.table(CALENDAR_DATES, required=False)
    if weeks is None and dates is None:
        return None
    return calendar_of(weeks, dates, collector)


def calendar_of(weeks: TextTable | None, dates: TextTable | None, collector: ProblemCollector) -> Calendar:
    """Read the service days of ``calendar.txt`` and ``calendar_dates.txt`` from their tables."""
    regular = {} if weeks is None else _weeks(weeks, collector)
    added: dict[date, set[str]] = {}
    removed: dict[date, set[str]] = {}
    if dates is not None:
        kinds = choices(dates, "exception_type", collector, ("1", "2"), blank="")
        report_rows(
            dates, dates.text("exception_type") == "", "exception_type", "must be 1 (added) or 2 (removed)", collector
        )
        days = _dates(dates, "date", collector)
        for day, kind, service in zip(days, kinds, dates.text("service_id"), strict=True):
            if day is not None:
                (added if kind == "1" else removed).setdefault(day, set()).add(service)
    return Calendar(regular, added, removed)


def _weeks(table: TextTable, collector: ProblemCollector) -> dict[str, Week]:
    flags = [choices(table, name, collector, ("0", "1"), blank="0") for name in WEEKDAYS]
    starts, ends = _dates(table, "start_date", collector), _dates(table, "end_date", collector)
    backwards = [start is not None and end is not None and end < start for start, end in zip(starts, ends, strict=True)]
    report_rows(table, np.array(backwards, dtype=bool), "end_date", "must not be before start_date", collector)
    weeks: dict[str, Week] = {}
    repeated = []
    for row, service in enumerate(table.text("service_id")):
        start, end = starts[row], ends[row]
        if service in weeks:
            repeated.append(row)
        elif start is not None and end is not None:
            weeks[service] = Week(tuple(flag[row] == "1" for flag in flags), start, end)
    report_rows(table, repeated, "service_id", "this service_id stands on an earlier line too", collector)
    return weeks


def _dates(table: TextTable, name: str, collector: ProblemCollector) -> list[date | None]:
    """Read dates ``YYYYMMDD``; ``YYYY-MM-DD`` is understood as well."""
    days: list[date | None] = []
    bad = []
    texts = table.text(name)
    known: dict[str, date | None] = {}
    for row, text in enumerate(texts):
        if text not in known:
            known[text] = parse_date(text)
        days.append(known[text])
        if known[text] is None:
            bad.append(row)
    report_rows(table, bad, name, lambda place: f"{texts[bad[place]]!r} is not a date; write YYYYMMDD", collector)
    return days


def parse_date(text: str) -> date | None:
    """Read ``YYYYMMDD`` or ``YYYY-MM-DD``; None where it is no date."""
    plain = text.replace("-", "") if len(text) == 10 else text
    if len(plain) != 8 or not plain.isascii() or not plain.isdigit():
        return None
    try:
        return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    except ValueError:
        return None
