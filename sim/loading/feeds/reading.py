"""The tables of a feed as they stand in its files, whatever their framing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.loading.csv_tables import FramedTable, TextTable, parse_framed
from sim.loading.feeds.cleaning_rules import FARES_OF_VERSION_2, OF_GTFS
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.hints import did_you_mean, listed
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import (
    AGENCY,
    CALENDAR,
    CALENDAR_DATES,
    FARE_ATTRIBUTES,
    FARE_RULES,
    FREQUENCIES,
    ROUTES,
    STOP_TIMES,
    STOPS,
    TRANSFERS,
    TRIPS,
    WEEKDAYS,
    TableSpec,
)

SHAPES = TableSpec(
    "gtfs/shapes.txt",
    ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
    ("shape_dist_traveled",),
    may_be_empty=True,
)


@dataclass(frozen=True)
class _Wanted:
    """A table that is read.

    Attributes
    ----------
    spec : TableSpec
    needed : bool
        Whether there is no feed without it.
    ids : tuple of str
        Columns without which it is of no use.
    filled : dict of str to str
        Columns of the format that may be missing, and what then stands in each row.
    """

    spec: TableSpec
    needed: bool
    ids: tuple[str, ...]
    filled: tuple[tuple[str, str], ...] = ()


_WANTED: Final = (
    _Wanted(AGENCY, False, ()),
    _Wanted(STOPS, True, ("stop_id",)),
    _Wanted(ROUTES, True, ("route_id",), (("route_type", ""),)),
    _Wanted(TRIPS, True, ("trip_id", "route_id", "service_id")),
    _Wanted(CALENDAR, False, ("service_id", "start_date", "end_date"), tuple((day, "0") for day in WEEKDAYS)),
    _Wanted(CALENDAR_DATES, False, ("service_id", "date", "exception_type")),
    _Wanted(
        STOP_TIMES,
        True,
        ("trip_id", "stop_id"),
        (("arrival_time", ""), ("departure_time", ""), ("stop_sequence", "")),
    ),
    _Wanted(FREQUENCIES, False, ("trip_id", "start_time", "end_time", "headway_secs")),
    _Wanted(TRANSFERS, False, ("from_stop_id", "to_stop_id")),
    _Wanted(FARE_ATTRIBUTES, False, ("fare_id", "price")),
    _Wanted(FARE_RULES, False, ("fare_id",)),
    _Wanted(SHAPES, False, SHAPES.required),
)


def read_feed_tables(files: NetworkFiles, ledger: ImportLedger, collector: ProblemCollector) -> dict[str, TextTable]:
    """Read all tables of a feed that are of use.

    Parameters
    ----------
    files : NetworkFiles
        A bare feed.
    ledger : ImportLedger
        Takes up what is odd.
    collector : ProblemCollector
        Takes up what makes the feed unusable.

    Returns
    -------
    dict of str to TextTable
        By name without ending (``stop_times``); optional tables may be missing, and needed ones
        where the collector say why.
    """
    ledger.add("nested_folder", files.shown, int(bool(files.inner)), [files.inner])
    ledger.add("several_feeds", files.shown, len(files.other_feeds), files.other_feeds)
    _sort_out_files(files, ledger)
    tables = {}
    for wanted in _WANTED:
        table = _read(files, wanted, ledger, collector)
        if table is not None:
            tables[wanted.spec.name.removeprefix("gtfs/").removesuffix(".txt")] = table
    return tables


def _sort_out_files(files: NetworkFiles, ledger: ImportLedger) -> None:
    known = {wanted.spec.name for wanted in _WANTED}
    others = [name.removeprefix("gtfs/") for name in files.names if name not in known]
    told_as = {"fares_of_version_2": FARES_OF_VERSION_2, "unused_file": OF_GTFS}
    for rule, kind in told_as.items():
        found = sorted(kind & set(others))
        ledger.add(rule, files.shown, len(found), found)
    unknown = sorted(set(others).difference(*told_as.values()))
    ledger.add("unknown_file", files.shown, len(unknown), unknown)


def _read(files: NetworkFiles, wanted: _Wanted, ledger: ImportLedger, collector: ProblemCollector) -> TextTable | None:
    spec = wanted.spec
    shown = files.shown_file(spec.name)
    if not files.has(spec.name):
        if wanted.needed:
            columns = ",".join(spec.required)
            collector.problem(shown, f"the file is missing; it needs the columns {columns}")
        return None
    own = ProblemCollector()
    found = ProblemCollector()
    files.collector, before = found, files.collector
    data = files.bytes(spec.name)
    files.collector = before
    own.problems += found.problems
    table = None
    if data is not None and not wanted.needed and not data.strip(b"\x00\xef\xbb\xbf \r\n"):
        ledger.add("empty_file", shown, 1)
        return None
    framed = None if data is None else parse_framed(_decoded(data, shown, ledger), shown, own)
    if framed is not None:
        _tell_framing(framed, own, ledger)
        table = _with_columns(framed.table, wanted, own, ledger)
    if table is not None and not len(table):
        if wanted.needed:
            own.problem(shown, "the table has a header and no rows", line=1)
        else:
            ledger.add("empty_file", shown, 1)
        table = None
    if wanted.needed:
        collector.problems += own.problems
    elif own.problems:
        ledger.add("unusable_file", shown, 1, [str(problem) for problem in own.problems])
    return None if own.problems else table


def _decoded(data: bytes, file: str, ledger: ImportLedger) -> bytes:
    """Take out what spreadsheets and foreign systems put into text files."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        ledger.add("utf_16", file, 1)
        data = data.decode("utf-16", errors="replace").encode("utf-8")
    elif data[:3] == b"\xef\xbb\xbf":
        ledger.add("byte_order_mark", file, 1)
    zeros = data.count(b"\x00")
    if zeros:
        ledger.add("null_bytes", file, zeros)
        data = data.replace(b"\x00", b"")
    ledger.add("windows_line_ends", file, int(b"\r" in data[:4096]))
    return data


def _tell_framing(framed: FramedTable, own: ProblemCollector, ledger: ImportLedger) -> None:
    file = framed.table.file
    ledger.add("latin_1", file, len(own.mentions), [f"line {mention.line}" for mention in own.mentions])
    spaced = [name for name in framed.header if name != name.strip()]
    ledger.add("header_spaces", file, len(spaced), [repr(name) for name in spaced])
    ledger.add("extra_cells", file, len(framed.too_long), [f"line {line}" for line, _ in framed.too_long])
    ledger.add("short_rows", file, framed.short)


def _lacking(table: TextTable, wanted: _Wanted) -> list[str]:
    """Return the columns without which the table cannot be read."""
    lacking = [name for name in wanted.ids if not table.has(name)]
    if wanted.spec is STOP_TIMES and not table.has("arrival_time") and not table.has("departure_time"):
        lacking.append("arrival_time")
    return lacking


def _with_columns(table: TextTable, wanted: _Wanted, own: ProblemCollector, ledger: ImportLedger) -> TextTable | None:
    """Fill in columns that may be missing; leave out those the format does not know."""
    spec = wanted.spec
    unknown = [name for name in table.columns if name not in spec.known]
    lacking = _lacking(table, wanted)
    for name in lacking:
        hint = did_you_mean(name, unknown)
        there = listed(table.columns)
        own.problem(table.file, f"this column is missing{hint}; the header is {there}", line=1, key=name)
    if lacking:
        return None
    ledger.add("unknown_column", table.file, len(unknown), unknown)
    columns = {name: values for name, values in table.columns.items() if name in spec.known}
    filled = [name for name, _ in wanted.filled if name not in columns]
    ledger.add("missing_column", table.file, len(filled), filled)
    for name, value in wanted.filled:
        if name not in columns:
            columns[name] = np.full(len(table), value, dtype=object)
    return TextTable(table.file, columns, table.line)
