"""Stops of a feed without faults: platforms, stations, entrances and boarding areas sorted out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.text_rows import first_of_each, index_of, kept, read_numbers, rows_of, texts, with_column

_STOP, _STATION, _AREA = 0, 1, 4


@dataclass(frozen=True)
class StopMembers:
    """How the places of ``stops.txt`` lead to stops.

    Attributes
    ----------
    stands_for : dict of str to str
        Stop that counts where the feed names a place: itself, a platform for its boarding area,
        or a station for its platforms where they are merged.
    platforms : dict of str to tuple of str
        Stops of each station.
    """

    stands_for: dict[str, str]
    platforms: dict[str, tuple[str, ...]]


def clean_stops(tables: dict[str, TextTable], ledger: ImportLedger, *, merge_stations: bool) -> StopMembers:
    """Keep the stops at which vehicles halt, with usable positions.

    Parameters
    ----------
    tables : dict of str to TextTable
        ``stops`` is exchanged.
    ledger : ImportLedger
    merge_stations : bool
        Take a station for one stop instead of its platforms.
    """
    table = tables["stops"]
    first = first_of_each(table, "stop_id")
    ledger.rows("stop_repeated", table, ~first, "stop_id")
    table = kept(table, first)
    kinds = _kinds(table, ledger)
    ids = table.text("stop_id")
    index = index_of(ids)
    parent = rows_of(table.text("parent_station"), index)
    called_at = np.zeros(len(table), dtype=bool)
    called = rows_of(tables["stop_times"].text("stop_id"), index)
    called_at[np.unique(called[called >= 0])] = True
    station = (kinds == _STATION) & ~called_at
    promoted = (kinds == _STATION) & called_at
    ledger.rows("station_with_visits", table, promoted, "stop_id")
    target = np.arange(len(table))
    area = (kinds == _AREA) & (parent >= 0)
    target[area] = parent[area]
    ledger.rows("boarding_area", table, area & called_at, "stop_id")
    is_stop = (kinds == _STOP) | promoted
    at_station = is_stop & (parent >= 0) & (kinds[np.maximum(parent, 0)] == _STATION)
    if merge_stations:
        target[at_station] = parent[at_station]
        is_stop = (is_stop & ~at_station) | np.isin(np.arange(len(table)), parent[at_station])
        ledger.rows("stations_merged", table, at_station, "stop_id")
        table = _with_zones(table, np.flatnonzero(at_station), parent)
        target = target[target]
    ledger.rows("station", table, station & ~is_stop)
    ledger.rows("entrance", table, ~is_stop & ~station & ~area & ~at_station)
    table, lost = _with_positions(table, is_stop, parent, ledger)
    is_stop &= ~lost
    stands_for = {ids[row]: ids[target[row]] for row in range(len(table)) if is_stop[target[row]]}
    members = _platforms(ids, is_stop, at_station, parent, merge_stations)
    flat = with_column(table, "location_type", texts([""] * len(table)))
    tables["stops"] = kept(with_column(flat, "parent_station", texts([""] * len(table))), is_stop)
    return StopMembers(stands_for, members)


def _kinds(table: TextTable, ledger: ImportLedger) -> IntArray:
    words = table.text("location_type")
    known = {"": 0, "0": 0, "1": 1, "2": 2, "3": 3, "4": 4}
    kinds = rows_of(words, known)
    ledger.rows("location_type_unreadable", table, kinds < 0, "location_type")
    return np.maximum(kinds, 0)


def _platforms(
    ids: TextArray, is_stop: BoolArray, at_station: BoolArray, parent: IntArray, merge: bool
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    if not merge:
        for row in np.flatnonzero(at_station & is_stop):
            found.setdefault(ids[parent[row]], []).append(ids[row])
    return {station: tuple(stops) for station, stops in found.items()}


def _with_zones(table: TextTable, platforms: IntArray, parent: IntArray) -> TextTable:
    """Put stations into the fare zone of their first platform that has one; feeds give zones to platforms alone."""
    if not table.has("zone_id"):
        return table
    zone = table.text("zone_id").copy()
    for row in platforms.tolist():
        zone[parent[row]] = zone[parent[row]] or zone[row]
    return with_column(table, "zone_id", zone)


def _with_positions(
    table: TextTable, is_stop: BoolArray, parent: IntArray, ledger: ImportLedger
) -> tuple[TextTable, BoolArray]:
    """Read positions, blank those of no use, and tell which stops cannot be placed though others can."""
    lat, lon = read_numbers(table.text("stop_lat")), read_numbers(table.text("stop_lon"))
    usable = _usable(lat, lon)
    from_station = is_stop & ~usable & (parent >= 0) & usable[np.maximum(parent, 0)]
    ledger.rows("position_of_station", table, from_station, "stop_id")
    columns = {}
    for name in ("stop_lat", "stop_lon"):
        words = table.text(name).copy()
        words[from_station] = words[parent[from_station]]
        words[~usable & ~from_station] = ""
        columns[name] = words
    usable |= from_station
    table = TextTable(table.file, {**table.columns, **columns}, table.line)
    lost = is_stop & ~usable
    if not (is_stop & usable).any():
        ledger.add("no_positions", table.file, int(is_stop.sum()))
        return table, np.zeros(len(table), dtype=bool)
    ledger.rows("position_unusable", table, lost, "stop_id")
    return table, lost


def _usable(lat: FloatArray, lon: FloatArray) -> BoolArray:
    """Tell which positions are on Earth and not at 0, 0, where no transit runs."""
    with np.errstate(invalid="ignore"):
        there: BoolArray = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ~((lat == 0) & (lon == 0))
    return there
