"""Links of a cleaned feed with their lengths: along shapes, over streets, or straight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.shapes import lengths_along_shapes, read_shapes, trip_length_m
from sim.loading.feeds.stop_times import CleanStopTimes
from sim.loading.feeds.streets import StreetGraph, StreetsUnderFeed, streets_under
from sim.loading.feeds.text_rows import index_of, read_numbers, rows_of
from sim.model.distances import distance_m

_LEAST_M = 1.0
_ROADS = ("bus", "coach", "trolleybus", "taxi")


@dataclass(frozen=True)
class FeedLinks:
    """Links from stop to stop.

    Attributes
    ----------
    start, end : ndarray of int, shape (links,)
        Rows of stops.
    length_m : ndarray of float, shape (links,)
        NaN where unknown; at least a metre.
    used_by : tuple of str, shape (links,)
        Vehicle types that run over the link, separated by commas.
    streets : StreetsUnderFeed or None
        Streets that vehicles run over, with the runs that need no link of their own.
    """

    start: IntArray
    end: IntArray
    length_m: FloatArray
    used_by: tuple[str, ...]
    streets: StreetsUnderFeed | None = None

    @property
    def known(self) -> bool:
        """Whether every link has a length."""
        return bool(np.isfinite(self.length_m).all())


def feed_links(
    tables: dict[str, TextTable],
    visits: CleanStopTimes,
    shapes: TextTable | None,
    ledger: ImportLedger,
    streets: StreetGraph | None = None,
) -> FeedLinks:
    """Return a link for each pair of stops that follow each other in a trip.

    Parameters
    ----------
    tables : dict of str to TextTable
        Clean tables; trips have a vehicle type.
    visits : CleanStopTimes
    shapes : TextTable or None
    ledger : ImportLedger
        Takes up how lengths were found.
    streets : StreetGraph, optional
        Over which buses run.
    """
    stops = tables["stops"]
    lat, lon = read_numbers(stops.text("stop_lat")), read_numbers(stops.text("stop_lon"))
    hops = np.flatnonzero(~visits.ends())
    code, first = np.unique(visits.stop[hops] * len(stops) + visits.stop[hops + 1], return_inverse=True)
    start, end = code // len(stops), code % len(stops)
    used_by = _used_by(tables["trips"], visits.trip[hops], first, len(code))
    length = distance_m(lon[start], lat[start], lon[end], lat[end], geographic=True)
    along = lengths_along_shapes(tables["trips"], visits, lat, lon, read_shapes(shapes, ledger))
    place = {(int(a), int(b)): row for row, (a, b) in enumerate(zip(start, end, strict=True))}
    measured = np.zeros(len(code), dtype=bool)
    for pair, metres in along.items():
        length[place[pair]] = metres
        measured[place[pair]] = True
    file = stops.file if shapes is None else shapes.file
    ledger.add("lengths_of_shapes", file, int(measured.sum()))
    ledger.add("no_shapes", file, int((~measured & np.isfinite(length)).sum()))
    links = FeedLinks(start, end, np.maximum(length, _LEAST_M), used_by)
    return links if streets is None else _over_streets(streets, (stops.text("stop_id"), lat, lon), links, ledger)


def timetable_totals(
    tables: dict[str, TextTable], visits: CleanStopTimes, shapes: TextTable | None
) -> dict[str, float]:
    """Return the hours and kilometres of all trips of the timetable, each counted once."""
    trips, stops = tables["trips"], tables["stops"]
    lat, lon = read_numbers(stops.text("stop_lat")), read_numbers(stops.text("stop_lon"))
    length_m = trip_lengths_m(trips, visits, lat, lon, shapes)
    first, last = visits.starts(), visits.ends()
    hours = float((visits.arrival_s[last] - visits.departure_s[first]).sum()) / 3600.0
    totals = {"trip_hours": round(hours, 3)}
    if np.isfinite(length_m).all():
        totals["trip_km"] = round(float(length_m.sum()) / 1000.0, 3)
    return totals


def trip_lengths_m(
    trips: TextTable, visits: CleanStopTimes, lat: FloatArray, lon: FloatArray, shapes: TextTable | None
) -> FloatArray:
    """Return the length of each trip in metres: along its shape, or else straight from stop to stop.

    Parameters
    ----------
    trips : TextTable
    visits : CleanStopTimes
    lat, lon : ndarray of float, shape (stops,)
        Degrees.
    shapes : TextTable or None
    """
    known = read_shapes(shapes, ImportLedger())
    step = np.zeros(len(visits))
    inner = np.flatnonzero(~visits.starts())
    before, after = visits.stop[inner - 1], visits.stop[inner]
    step[inner] = distance_m(lon[before], lat[before], lon[after], lat[after], geographic=True)
    length = np.bincount(visits.trip, weights=step, minlength=len(trips)).astype(np.float64)
    ends = np.stack([visits.stop[visits.starts()], visits.stop[visits.ends()]], axis=1)
    done: dict[tuple[str, int, int], float] = {}
    for trip, name in enumerate(trips.text("shape_id")):
        if name in known:
            key = (name, int(ends[trip, 0]), int(ends[trip, 1]))
            if key not in done:
                done[key] = trip_length_m(known[name], lat[ends[trip]], lon[ends[trip]])
            length[trip] = done[key]
    return length


def _used_by(trips: TextTable, trip: IntArray, link: IntArray, links: int) -> tuple[str, ...]:
    kinds = sorted(set(trips.text("vehicle_type")))
    number = rows_of(trips.text("vehicle_type"), index_of(np.array(kinds, dtype=object)))[trip]
    there = np.zeros((links, len(kinds)), dtype=bool)
    there[link, number] = True
    return tuple(",".join(kind for kind, used in zip(kinds, row, strict=True) if used) for row in there)


def _over_streets(
    streets: StreetGraph, stops: tuple[TextArray, FloatArray, FloatArray], links: FeedLinks, ledger: ImportLedger
) -> FeedLinks:
    """Return the links with streets below, without those for which road vehicles find a way over streets."""
    on_road = np.array([all(kind in _ROADS for kind in kinds.split(",")) for kinds in links.used_by], dtype=bool)
    rows = np.flatnonzero(on_road)
    ids, lat, lon = stops
    found = streets_under(streets, (ids.tolist(), lat, lon), (links.start[rows], links.end[rows]), ledger)
    own = np.setdiff1d(np.arange(len(links.start)), rows[found.has_way])
    used_by = tuple(links.used_by[row] for row in own.tolist())
    return FeedLinks(links.start[own], links.end[own], links.length_m[own], used_by, found)
