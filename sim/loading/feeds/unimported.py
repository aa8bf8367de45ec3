"""A bare feed as the network of a scenario: the tables an import would write, without writing them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from sim.errors import Problem
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.cleaning import CleanFeed, clean_feed
from sim.loading.feeds.import_report import Entry, ImportLedger
from sim.loading.feeds.lengths import feed_links
from sim.loading.feeds.text_rows import texts, with_column
from sim.loading.feeds.vehicles import assign_vehicles
from sim.loading.feeds.writing import link_rows, node_rows, vehicle_rows
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.model.parameters import VehicleParameters

_ASSUMED: Final = "| file here | made from | kind |\n|---|---|---|\n| `vehicles.csv` | route types | **assumed** |\n"
_WORTH_A_WORD: Final = ("vehicle_assumed", "visit_no_exchange", "frequency_inexact")


def take_bare_feed(
    files: NetworkFiles,
    collector: ProblemCollector,
    given: Mapping[str, VehicleParameters],
    further: Collection[str] = (),
) -> None:
    """Let the files of a bare feed be read as if it had been imported.

    Parameters
    ----------
    files : NetworkFiles
        Afterwards has the tables of a network folder.
    collector : ProblemCollector
        Takes up what was dropped, repaired and assumed.
    given : mapping of str to VehicleParameters
        Types of a scenario. Where there are none, types by route type are assumed; where they
        have the names of these (bus, metro, ...), trips take them by their route type.
    further : collection of str
        Those of them that edits alone give to trips, so that no trip takes them by itself: a bus declared for the peak
        of one line is not that of all others (test_loading_changes.py::test_a_vehicle_for_an_edit_is_for_it_alone).

    Raises
    ------
    NetworkError
        When nothing in the feed can be used.
    """
    feed = clean_feed(files)
    ledger = ImportLedger()
    tables = dict(feed.tables)
    ready: dict[str, TextTable] = {}
    kinds = assign_vehicles(tables, ledger)
    ready |= _street_graph(files, tables, feed, ledger)
    usual = [name for name in given if name not in further]
    if usual and not kinds.keys() <= given.keys():
        trips = feed.tables["trips"]
        tables["trips"] = trips
        if len(usual) == 1 and not trips.has("vehicle_type"):
            tables["trips"] = with_column(trips, "vehicle_type", texts(usual * len(trips)))
            message = f"no trip names a vehicle type, so that all are run by {usual[0]}, the one of service.vehicles"
            collector.mentions.append(Problem(trips.file, 0, 0, "vehicle_type", message))
    if not usual:
        ready["vehicles.csv"] = _table(files.shown_file("vehicles.csv"), *vehicle_rows(kinds))
        files.source = _ASSUMED
    ready |= {f"gtfs/{name}.txt": table for name, table in tables.items()}
    files.use_tables(ready)
    collector.mentions += [_mention(files, entry) for entry in feed.report.entries if _is_told(entry)]
    if not usual:
        collector.mentions += [_mention(files, entry) for entry in ledger.entries if _is_told(entry)]


def _street_graph(
    files: NetworkFiles, tables: dict[str, TextTable], feed: CleanFeed, ledger: ImportLedger
) -> dict[str, TextTable]:
    links = feed_links(tables, feed.visits, feed.shapes, ledger)
    if not links.known:
        return {}
    stops = tables["stops"]
    return {
        "gmns/node.csv": _table(files.shown_file("gmns/node.csv"), *node_rows(stops, links)),
        "gmns/link.csv": _table(files.shown_file("gmns/link.csv"), *link_rows(stops, links)),
    }


def _table(file: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> TextTable:
    columns = zip(*rows, strict=True)
    values = {name: texts([str(value) for value in column]) for name, column in zip(header, columns, strict=True)}
    return TextTable(file, values, np.arange(len(rows), dtype=np.int64) + 2)


def _is_told(entry: Entry) -> bool:
    return entry.kind != "noted" or entry.name in _WORTH_A_WORD


def _mention(files: NetworkFiles, entry: Entry) -> Problem:
    return Problem(entry.file or files.shown, 0, 0, "", entry.sentence())
