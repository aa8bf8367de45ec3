"""Fares of a feed without faults."""

from __future__ import annotations

import numpy as np

from sim.loading.csv_tables import TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.text_rows import first_of_each, kept, read_numbers


def clean_fares(tables: dict[str, TextTable], ledger: ImportLedger) -> None:
    """Keep fares with an id and a price, and rules of them for routes that are there.

    A fare whose rules all name routes that are gone goes with them.

    Parameters
    ----------
    tables : dict of str to TextTable
        ``routes`` has the routes kept; ``fare_attributes`` and ``fare_rules`` are exchanged.
    ledger : ImportLedger
    """
    fares, rules = tables.pop("fare_attributes", None), tables.pop("fare_rules", None)
    if fares is None:
        if rules is not None:
            ledger.rows("fare_row", rules, np.ones(len(rules), dtype=bool), "fare_id")
        return
    duration = fares.text("transfer_duration")
    bad = ~first_of_each(fares, "fare_id") | ~(read_numbers(fares.text("price")) >= 0)
    bad |= ~np.isin(fares.text("transfers"), ("", "0", "1", "2"))
    bad |= ~(read_numbers(duration) >= 0) & (duration != "")
    ledger.rows("fare_row", fares, bad, "fare_id")
    fares = kept(fares, ~bad)
    if rules is not None:
        ids, had_rules = set(fares.text("fare_id")), set(rules.text("fare_id"))
        fits = np.array([fare in ids for fare in rules.text("fare_id")], dtype=bool)
        ledger.rows("fare_row", rules, ~fits, "fare_id")
        rules = kept(rules, fits)
        routes = {"", *tables["routes"].text("route_id")}
        there = np.array([route in routes for route in rules.text("route_id")], dtype=bool)
        ledger.rows("fare_of_dropped_route", rules, ~there, "route_id")
        rules = kept(rules, there)
        gone = had_rules - set(rules.text("fare_id"))
        fares = kept(fares, np.array([fare not in gone for fare in fares.text("fare_id")], dtype=bool))
        if len(rules):
            tables["fare_rules"] = rules
    currencies = sorted({name for name in fares.text("currency_type") if name})
    ledger.add("several_currencies", fares.file, len(currencies) if len(currencies) > 1 else 0, currencies)
    if len(fares):
        tables["fare_attributes"] = fares
