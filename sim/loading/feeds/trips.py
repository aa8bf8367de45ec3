"""Trips of a feed without faults, and what hangs on them: blocks, frequencies, transfers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.stop_times import CleanStopTimes
from sim.loading.feeds.stops import StopMembers
from sim.loading.feeds.text_rows import (
    first_of_each,
    index_of,
    kept,
    read_clocks,
    read_numbers,
    rows_of,
    texts,
    with_column,
    write_clocks,
)

_OF_TRIPS = ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id")


def clean_trips(
    tables: dict[str, TextTable], runs: Collection[str], all_routes: Collection[str], ledger: ImportLedger
) -> None:
    """Keep trips with an id of their own, a route that is there and a service that runs.

    Parameters
    ----------
    tables : dict of str to TextTable
        ``routes`` has the routes wanted; ``trips`` is exchanged.
    runs : collection of str
        Services that run on any date.
    all_routes : collection of str
        Ids of all routes of the feed.
    ledger : ImportLedger
    """
    table = tables["trips"]
    wanted = set(tables["routes"].text("route_id"))
    for name, fits in (
        ("trip_repeated", first_of_each),
        ("trip_route_unknown", lambda t, c: _among(t, c, all_routes)),
        ("trip_not_wanted", lambda t, c: _among(t, c, wanted)),
        ("trip_never_runs", lambda t, c: _among(t, c, runs)),
    ):
        column = {"trip_repeated": "trip_id", "trip_never_runs": "service_id"}.get(name, "route_id")
        keep = fits(table, column)
        ledger.rows(name, table, ~keep, column)
        table = kept(table, keep)
    words = table.text("direction_id")
    odd = ~np.isin(words, ("", "0", "1"))
    ledger.rows("direction_unreadable", table, odd, "direction_id")
    tables["trips"] = with_column(table, "direction_id", np.where(odd, "", words).astype(object))


def drop_trips_without_visits(
    table: TextTable, visits: CleanStopTimes, had_times: BoolArray, ledger: ImportLedger
) -> BoolArray:
    """Tell which trips have two visits at least.

    Parameters
    ----------
    table : TextTable
        Trips.
    visits : CleanStopTimes
    had_times : ndarray of bool, shape (trips,)
        Whether ``stop_times.txt`` names the trip at all.
    ledger : ImportLedger
    """
    count = np.bincount(visits.trip, minlength=len(table))
    ledger.rows("trip_without_times", table, ~had_times, "trip_id")
    ledger.rows("trip_too_short", table, had_times & (count < 2), "trip_id")
    enough: BoolArray = count >= 2
    return enough


def part_blocks(
    tables: dict[str, TextTable], starts_s: Mapping[str, float], ends_s: Mapping[str, float], ledger: ImportLedger
) -> None:
    """Give a trip a vehicle of its own where its block is still busy when it starts.

    Trips of one block are compared within their service, which surely runs on one day.
    """
    table = tables["trips"]
    blocks = table.text("block_id")
    if not any(blocks):
        return
    names: list[str] = table.text("trip_id").tolist()
    services = table.text("service_id")
    frequent = set(tables["frequencies"].text("trip_id")) if "frequencies" in tables else set()
    rows = [row for row in range(len(table)) if blocks[row] and names[row] not in frequent]
    rows.sort(key=lambda row: (starts_s[names[row]], ends_s[names[row]], names[row]))
    busy_until: dict[tuple[str, str], float] = {}
    alone = []
    for row in rows:
        block = (blocks[row], services[row])
        if starts_s[names[row]] < busy_until.get(block, -np.inf):
            alone.append(row)
        else:
            busy_until[block] = ends_s[names[row]]
    ledger.rows("block_overlap", table, sorted(alone), "trip_id")
    words = blocks.copy()
    words[alone] = ""
    tables["trips"] = with_column(table, "block_id", words)


def clean_frequencies(tables: dict[str, TextTable], later_s: FloatArray, ledger: ImportLedger) -> None:
    """Keep rows with readable times and a trip that is kept, and let them count from the first stop that is.

    Parameters
    ----------
    tables : dict
    later_s : ndarray of float, shape (trips,)
        How much later each trip leaves its first stop that is kept than its first stop of the feed.
    ledger : ImportLedger
    """
    table = tables.get("frequencies")
    if table is None:
        return
    start, _ = read_clocks(table.text("start_time"))
    end, _ = read_clocks(table.text("end_time"))
    headway = read_numbers(table.text("headway_secs"))
    good = (end > start) & (headway > 0) & (headway == np.floor(headway))
    good &= _among(table, "trip_id", set(tables["trips"].text("trip_id")))
    ledger.rows("frequency_row", table, ~good, "trip_id")
    table, start, end = kept(table, good), start[good], end[good]
    trip = rows_of(table.text("trip_id"), index_of(tables["trips"].text("trip_id")))
    moved = later_s[trip] != 0.0
    ledger.rows("frequency_moved", table, moved, "trip_id")
    for name, clock_s in (("start_time", start), ("end_time", end)):
        table = with_column(table, name, np.where(moved, write_clocks(clock_s + later_s[trip]), table.text(name)))
    ledger.add("frequency_trips", table.file, len(set(table.text("trip_id"))))
    inexact = table.text("exact_times") != "1"
    ledger.add("frequency_inexact", table.file, int(inexact.sum()))
    tables["frequencies"] = table
    if not len(table):
        del tables["frequencies"]


def clean_transfers(tables: dict[str, TextTable], places: StopMembers, ledger: ImportLedger) -> None:
    """Keep transfers between stops, those at a station between all of its platforms."""
    table = tables.pop("transfers", None)
    if table is None:
        return
    of_trips = np.isin(table.text("transfer_type"), ("4", "5"))
    for name in _OF_TRIPS:
        of_trips |= table.text(name) != ""
    ledger.rows("transfer_of_trips", table, of_trips)
    table = kept(table, ~of_trips)
    there = {name: (name,) for name in tables["stops"].text("stop_id")}
    stands = {place: there[stop] for place, stop in places.stands_for.items() if stop in there}
    at_station = {
        station: tuple(stop for stop in platforms if stop in there) for station, platforms in places.platforms.items()
    }
    leads_to = {**at_station, **stands}
    bad = _unusable_transfers(table, leads_to)
    ledger.rows("transfer_row", table, bad, "from_stop_id")
    table = kept(table, ~bad)
    of_stations = [start in at_station or goal in at_station for start, goal in _ends_of_transfers(table)]
    ledger.add("transfer_of_stations", table.file, sum(of_stations))
    if len(table):
        tables["transfers"] = _between_platforms(table, of_stations, leads_to)


def _ends_of_transfers(table: TextTable) -> Iterable[tuple[str, str]]:
    return zip(table.text("from_stop_id"), table.text("to_stop_id"), strict=True)


def _unusable_transfers(table: TextTable, leads_to: Mapping[str, Sequence[str]]) -> BoolArray:
    """Tell which rows are of an unknown type, have a time that is none, or an end where nobody can be."""
    given = table.text("min_transfer_time")
    known_type = np.isin(table.text("transfer_type"), ("", "0", "1", "2", "3"))
    known_time = (read_numbers(given) >= 0) | (given == "")
    known_ends = [bool(leads_to.get(start) and leads_to.get(goal)) for start, goal in _ends_of_transfers(table)]
    unusable: BoolArray = ~(known_type & known_time & np.array(known_ends, dtype=bool))
    return unusable


def _between_platforms(
    table: TextTable, of_stations: Sequence[bool], leads_to: Mapping[str, Sequence[str]]
) -> TextTable:
    """Return the transfers by pair of stops; of several for a pair the first holds, those that name both first."""
    rows: dict[tuple[str, str], tuple[str, str, int]] = {}
    # In whatever order a feed lists them: what is said of two platforms goes before what is said of their station, as
    # in a network folder (test_a_transfer_between_platforms_goes_before_that_of_their_station).
    table = kept(table, np.argsort(np.array(of_stations, dtype=np.bool_), kind="stable"))
    facts = zip(table.text("transfer_type"), table.text("min_transfer_time"), table.line.tolist(), strict=True)
    for (start, goal), (kind, time, line) in zip(_ends_of_transfers(table), facts, strict=True):
        for pair in product(leads_to[start], leads_to[goal]):
            rows.setdefault(pair, (kind or "0", time, line))
    starts, goals = zip(*rows, strict=True)
    kinds, times, lines = zip(*rows.values(), strict=True)
    columns = {"from_stop_id": starts, "to_stop_id": goals, "transfer_type": kinds, "min_transfer_time": times}
    return TextTable(
        table.file,
        {name: texts(list(values)) for name, values in columns.items()},
        np.array(lines, dtype=np.int64),
    )


def _among(table: TextTable, column: str, names: Collection[str]) -> BoolArray:
    index = dict.fromkeys(names, 0)
    found: BoolArray = rows_of(table.text(column), index) >= 0
    return found
