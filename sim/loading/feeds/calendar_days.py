"""The calendar of a feed without faults."""

from __future__ import annotations

from datetime import date

import numpy as np

from sim.arrays import BoolArray
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.text_rows import first_of_each, kept, texts, with_column
from sim.loading.gtfs_calendar import Calendar, calendar_of, parse_date
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import WEEKDAYS


def clean_calendar(tables: dict[str, TextTable], ledger: ImportLedger) -> Calendar:
    """Keep readable rows of ``calendar.txt`` and ``calendar_dates.txt``, and return the days they name."""
    weeks, dates = tables.get("calendar"), tables.get("calendar_dates")
    if weeks is not None:
        tables["calendar"] = weeks = _clean_weeks(weeks, ledger)
    if dates is not None:
        _, bad = _days(dates.text("date"))
        bad |= ~np.isin(dates.text("exception_type"), ("1", "2")) | (dates.text("service_id") == "")
        ledger.rows("exception_row", dates, bad, "date")
        tables["calendar_dates"] = dates = kept(dates, ~bad)
        if weeks is None:
            ledger.add("calendar_dates_only", dates.file, len(set(dates.text("date"))))
    return calendar_of(weeks, dates, ProblemCollector())


def running_services(calendar: Calendar) -> set[str]:
    """Return the services that run on any date."""
    return {service for day in calendar.different_days() for service in calendar.services(day)}


def only_on(tables: dict[str, TextTable], services: set[str], day: date) -> None:
    """Exchange the calendar for one that has these services on one day."""
    rows = sorted(services)
    columns = {
        "service_id": texts(rows),
        "date": texts([day.strftime("%Y%m%d")] * len(rows)),
        "exception_type": texts(["1"] * len(rows)),
    }
    tables["calendar_dates"] = TextTable("calendar_dates.txt", columns, np.zeros(len(rows), dtype=np.int64))
    tables.pop("calendar", None)


def _clean_weeks(table: TextTable, ledger: ImportLedger) -> TextTable:
    for name in WEEKDAYS:
        words = table.text(name)
        odd = ~np.isin(words, ("0", "1"))
        ledger.rows("weekday_unreadable", table, odd, name)
        table = with_column(table, name, np.where(odd, "0", words).astype(object))
    starts, bad = _days(table.text("start_date"))
    ends, bad_end = _days(table.text("end_date"))
    bad |= bad_end | (table.text("service_id") == "")
    backwards = [start is not None and end is not None and end < start for start, end in zip(starts, ends, strict=True)]
    bad |= np.array(backwards, dtype=bool)
    ledger.rows("calendar_row", table, bad, "service_id")
    table = kept(table, ~bad)
    first = first_of_each(table, "service_id")
    ledger.rows("calendar_repeated", table, ~first, "service_id")
    return kept(table, first)


def _days(words: TextArray) -> tuple[list[date | None], BoolArray]:
    days = [parse_date(text) for text in words]
    return days, np.array([day is None for day in days], dtype=bool)
