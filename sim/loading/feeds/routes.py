"""Agencies and routes of a feed without faults."""

from __future__ import annotations

import numpy as np

from sim.loading.csv_tables import TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.text_rows import first_of_each, kept, read_numbers, texts, with_column

BUS = "3"


def clean_agencies(tables: dict[str, TextTable], ledger: ImportLedger) -> None:
    """Keep the first agency of each id, and give it a name."""
    table = tables.get("agency")
    if table is None:
        return
    zones = sorted({zone for zone in table.text("agency_timezone") if zone})
    ledger.add("several_time_zones", table.file, len(zones) if len(zones) > 1 else 0, zones)
    if not table.has("agency_id"):
        if len(table) > 1:
            ledger.rows("agency_repeated", table, np.arange(len(table)) > 0)
            table = kept(table, np.arange(len(table)) == 0)
        tables["agency"] = table
        return
    first = first_of_each(table, "agency_id")
    if len(table) == 1:
        first[:] = True
    ledger.rows("agency_repeated", table, ~first, "agency_id")
    table = kept(table, first)
    ledger.add("several_agencies", table.file, len(table) if len(table) > 1 else 0, table.text("agency_id"))
    if not table.has("agency_name"):
        ledger.add("missing_column", table.file, 1, ["agency_name"])
        table = with_column(table, "agency_name", table.text("agency_id"))
    tables["agency"] = table


def clean_routes(tables: dict[str, TextTable], ledger: ImportLedger) -> None:
    """Keep the first route of each id, with an agency that is there and a type that is a number."""
    table = tables["routes"]
    first = first_of_each(table, "route_id")
    ledger.rows("route_repeated", table, ~first, "route_id")
    table = kept(table, first)
    kinds = read_numbers(table.text("route_type"))
    bad = ~(kinds >= 0) | (kinds != np.floor(kinds))
    ledger.rows("route_type_unreadable", table, bad, "route_type")
    ledger.rows("route_type_extended", table, (kinds >= 100) & ~bad, "route_type")
    words = [BUS if wrong else str(int(kind)) for kind, wrong in zip(kinds, bad, strict=True)]
    table = with_column(table, "route_type", texts(words))
    agency = tables.get("agency")
    if agency is not None and agency.has("agency_id") and table.has("agency_id"):
        known = set(agency.text("agency_id"))
        named = table.text("agency_id")
        lost = np.array([bool(text) and text not in known for text in named], dtype=bool)
        ledger.rows("route_agency_unknown", table, lost, "agency_id")
        table = with_column(table, "agency_id", np.where(lost, "", named).astype(object))
    tables["routes"] = table
