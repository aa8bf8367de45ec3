"""A feed to a network folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sim.errors import NetworkError, Problem
from sim.loading.feeds.cleaning import clean_feed, drop_unused_stops
from sim.loading.feeds.import_options import ImportOptions
from sim.loading.feeds.import_report import ImportLedger, ImportReport
from sim.loading.feeds.lengths import feed_links, timetable_totals
from sim.loading.feeds.planners_work import Work, check_work
from sim.loading.feeds.shapes import with_shapes
from sim.loading.feeds.streets import read_streets
from sim.loading.feeds.vehicles import assign_vehicles
from sim.loading.feeds.writing import check_replaceable, put_back_replaced, write_network
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector


def import_network(
    feed: Path,
    out: Path,
    wishes: ImportOptions | None = None,
    *,
    streets: Path | None = None,
    today: date | None = None,
    work: Work = "ask",
) -> ImportReport:
    """Read a GTFS feed and write a network folder.

    Parameters
    ----------
    feed : Path
        Zip or folder with GTFS tables.
    out : Path
        Network folder to write; an older import there is replaced.
    wishes : ImportOptions, optional
        What of the feed is wanted; everything by default.
    streets : Path, optional
        OSMnx GraphML or GeoJSON file or GMNS folder over which buses run.
    today : date, optional
        Written into ``SOURCE.md``; the current date by default.
    work : str
        What to do with files that a planner has added to an older import there, or changed: ``ask`` refuses to
        replace them, ``keep`` carries them over, ``replace`` drops them.

    Returns
    -------
    ImportReport
        Also written into the folder, as ``import_report.json``.

    Raises
    ------
    NetworkError
        When the feed yields nothing, or the place is taken by something else, such as a planner's work.
    """
    put_back_replaced(out)
    check_replaceable(out)
    check_work(out, work)
    files = NetworkFiles(feed, ProblemCollector())
    if files.kind != "gtfs":
        message = "this is a network folder already; nothing to import"
        raise NetworkError([Problem(files.shown, 0, 0, "", message)])
    graph = None if streets is None else read_streets(streets)
    ledger = ImportLedger()
    cleaned = drop_unused_stops(clean_feed(files, wishes), ledger)
    kinds = assign_vehicles(cleaned.tables, ledger)
    links = feed_links(cleaned.tables, cleaned.visits, cleaned.shapes, ledger, graph)
    report = replace(
        cleaned.report,
        after={name: len(cleaned.tables[name]) for name in cleaned.report.after},
        totals=timetable_totals(cleaned.tables, cleaned.visits, cleaned.shapes),
        entries=(*cleaned.report.entries, *ledger.merged()),
    )
    tables = with_shapes(cleaned.tables, cleaned.shapes)
    kept = write_network(out, tables, links, kinds, report, today or date.today(), work)
    return replace(report, kept=kept)
