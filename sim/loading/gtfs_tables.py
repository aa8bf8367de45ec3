"""Stops, lines, trips and frequencies of a GTFS feed, by row number.

Times are seconds after midnight of the service day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.loading.columns import choices, clocks, numbers, references, report_rows, unique_ids
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import AGENCY, FREQUENCIES, ROUTES, STOPS, TRIPS
from sim.model.service import Line, Mode

_MODES: Final[dict[int, Mode]] = {0: "tram", 1: "metro", 2: "rail", 3: "bus", 4: "ferry", 11: "bus"}
_EXTENDED_MODES: Final[dict[int, Mode]] = {
    1: "rail",
    2: "bus",
    4: "metro",
    5: "metro",
    6: "metro",
    7: "bus",
    8: "bus",
    9: "tram",
    10: "ferry",
    12: "ferry",
}

MOST_DEPARTURES: Final = 20_000
"""Most departures that a row of ``frequencies.txt`` may ask for: one every 5 s for 27 hours. Assumed."""


@dataclass(frozen=True)
class Stops:
    """Stops where vehicles halt; stations, entrances and the like are left out.

    Attributes
    ----------
    index : dict of str to int
        Row number by id.
    names : tuple of str
    lat, lon : ndarray of float, shape (stops,)
        Degrees; NaN where blank.
    line : ndarray of int, shape (stops,)
        Line of the file.
    file : str
    places : dict of str to tuple of int
        Rows that an id stands for: the stop itself, or the stops of a station.
    zone : tuple of str
        Fare zone of each; empty where the feed names none.
    """

    index: dict[str, int]
    names: tuple[str, ...]
    lat: FloatArray
    lon: FloatArray
    line: IntArray
    file: str
    places: dict[str, tuple[int, ...]]
    zone: tuple[str, ...]


@dataclass(frozen=True)
class Lines:
    """Lines and agencies of the feed.

    Attributes
    ----------
    lines : tuple of Line
    index : dict of str to int
        Row number by id.
    agencies : tuple of str
        Agency ids of the feed.
    time_zone : str
        Of the agencies, which have one in common; blank where none is named.
    """

    lines: tuple[Line, ...]
    index: dict[str, int]
    agencies: tuple[str, ...]
    time_zone: str = ""


@dataclass(frozen=True)
class Trips:
    """Trips of the feed, on all dates.

    Attributes
    ----------
    table : TextTable
    index : dict of str to int
    line, direction : ndarray of int, shape (trips,)
    """

    table: TextTable
    index: dict[str, int]
    line: IntArray
    direction: IntArray

    def text(self, name: str) -> TextArray:
        """Return a column as text, blank where missing."""
        return self.table.text(name)


@dataclass(frozen=True)
class Frequencies:
    """Stretches of time in which a trip is repeated.

    Attributes
    ----------
    table : TextTable
    trip : ndarray of int, shape (rows,)
    start_s, end_s, headway_s : ndarray of float, shape (rows,)
        Departures at start, start + headway, ... before end.
    """

    table: TextTable
    trip: IntArray
    start_s: FloatArray
    end_s: FloatArray
    headway_s: FloatArray

    def departures(self) -> FloatArray:
        """Count the departures that each row asks for; NaN where it cannot be read."""
        return np.ceil((self.end_s - self.start_s) / self.headway_s)


def read_stops(files: NetworkFiles, collector: ProblemCollector) -> Stops | None:
    """Read ``stops.txt``."""
    table = files.table(STOPS)
    if table is None:
        return None
    rows = unique_ids(table, "stop_id", collector)
    lat = numbers(table, "stop_lat", collector, at_least=-90.0, blank=np.nan)
    lon = numbers(table, "stop_lon", collector, at_least=-180.0, blank=np.nan)
    report_rows(table, lat > 90, "stop_lat", "must be at most 90 degrees", collector)
    report_rows(table, lon > 180, "stop_lon", "must be at most 180 degrees", collector)
    kinds = choices(table, "location_type", collector, ("0", "1", "2", "3", "4"), blank="0")
    keep = [row for row in rows.values() if kinds[row] == "0"]
    ids, names = table.text("stop_id"), table.text("stop_name")
    stations = table.text("parent_station") if table.has("parent_station") else [""] * len(table)
    places: dict[str, tuple[int, ...]] = {}
    for place, row in enumerate(keep):
        for name in {ids[row], stations[row]} - {""}:
            places[name] = (*places.get(name, ()), place)
    zones = table.text("zone_id") if table.has("zone_id") else [""] * len(table)
    return Stops(
        index={ids[row]: place for place, row in enumerate(keep)},
        names=tuple(names[row] or ids[row] for row in keep),
        lat=lat[keep],
        lon=lon[keep],
        line=table.line[keep],
        file=table.file,
        places=places,
        zone=tuple(zones[row] for row in keep),
    )


def read_lines(files: NetworkFiles, collector: ProblemCollector) -> Lines | None:
    """Read ``agency.txt`` and ``routes.txt``."""
    agency_table = files.table(AGENCY, required=False)
    agencies = (
        unique_ids(agency_table, "agency_id", collector)
        if agency_table is not None and agency_table.has("agency_id")
        else {}
    )
    table = files.table(ROUTES)
    if table is None:
        return None
    unique_ids(table, "route_id", collector)
    kinds = numbers(table, "route_type", collector, at_least=0, whole=True)
    agency = _agencies_of_lines(table, agencies, collector)
    columns = [table.text(name) for name in ("route_id", "route_short_name", "route_long_name")]
    lines = tuple(
        Line(line_id, short or long or line_id, agency[row], _mode(kinds[row]), long)
        for row, (line_id, short, long) in enumerate(zip(*columns, strict=True))
    )
    index = {line.line_id: row for row, line in enumerate(lines)}
    zones = () if agency_table is None else filter(None, agency_table.text("agency_timezone"))
    return Lines(lines, index, tuple(agencies) or tuple(dict.fromkeys(filter(None, agency))), next(iter(zones), ""))


def _agencies_of_lines(table: TextTable, agencies: Mapping[str, int], collector: ProblemCollector) -> list[str]:
    """Return the agency of each line; the only one where there is one and a line names none."""
    only = next(iter(agencies)) if len(agencies) == 1 else ""
    named = [text or only for text in table.text("agency_id")]
    if agencies:
        unknown = np.array([bool(text) and text not in agencies for text in named], dtype=bool)
        report_rows(table, unknown, "agency_id", "there is no such agency in agency.txt", collector)
    return named


def read_trips(files: NetworkFiles, lines: Lines | None, collector: ProblemCollector) -> Trips | None:
    """Read ``trips.txt``."""
    table = files.table(TRIPS)
    if table is None:
        return None
    index = unique_ids(table, "trip_id", collector)
    line = np.full(len(table), -1)
    if lines is not None:
        line = references(table, "route_id", lines.index, "route of routes.txt", collector)
    direction = choices(table, "direction_id", collector, ("0", "1"), blank="0")
    return Trips(table, index, line, (direction == "1").astype(np.int64))


def read_frequencies(files: NetworkFiles, trips: Trips | None, collector: ProblemCollector) -> Frequencies | None:
    """Read ``frequencies.txt`` where the feed has one."""
    table = files.table(FREQUENCIES, required=False)
    if table is None:
        return None
    trip = np.full(len(table), -1)
    if trips is not None:
        trip = references(table, "trip_id", trips.index, "trip of trips.txt", collector)
    start = clocks(table, "start_time", collector)
    end = clocks(table, "end_time", collector)
    headway = numbers(table, "headway_secs", collector, more_than=0, whole=True)
    report_rows(table, end <= start, "end_time", "must be after start_time", collector)
    frequencies = Frequencies(table, trip, start, end, headway)
    departures = frequencies.departures()
    many = np.flatnonzero(departures > MOST_DEPARTURES)
    report_rows(
        table,
        many,
        "headway_secs",
        lambda place: (
            f"asks for {departures[many[place]]:,.0f} departures of a trip; at most {MOST_DEPARTURES:,} are accepted"
        ),
        collector,
    )
    return frequencies


def _mode(route_type: float) -> Mode:
    if not np.isfinite(route_type):
        return "other"
    kind = int(route_type)
    return _MODES.get(kind) or _EXTENDED_MODES.get(kind // 100, "other")
