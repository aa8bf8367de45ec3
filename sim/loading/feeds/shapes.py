"""Lengths along the shapes of a feed.

Lengths are on the WGS 84 ellipsoid: the radii of curvature of its meridian and of its prime
vertical at the middle of each short segment (Bowring 1981 gives the error of this as negligible
below some kilometres).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.stop_times import CleanStopTimes
from sim.loading.feeds.text_rows import kept, read_numbers

_WGS84_A_M: Final = 6_378_137.0
_WGS84_E2: Final = 0.006_694_379_990_14
_FARTHEST_M: Final = 250.0

_Points = tuple[float, float] | tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class Shape:
    """A line on the map.

    Attributes
    ----------
    lat, lon : ndarray of float, shape (points,)
        Degrees; two points at least.
    along_m : ndarray of float, shape (points,)
        Distance of each point from the start.
    """

    lat: FloatArray
    lon: FloatArray
    along_m: FloatArray

    @classmethod
    def of(cls, lat: FloatArray, lon: FloatArray) -> Shape:
        """Measure a line of points in order."""
        return cls(lat, lon, np.concatenate([[0.0], np.cumsum(ellipsoid_m(lat[:-1], lon[:-1], lat[1:], lon[1:]))]))

    @property
    def length_m(self) -> float:
        """Length of the whole line."""
        return float(self.along_m[-1])

    def nearest(self, lat: FloatArray, lon: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Find the nearest place on each segment to each point.

        Returns
        -------
        gap_m, along_m : ndarray of float, shape (points, segments)
            Distance from the point, and from the start of the line.
        """
        east, north = _metres_per_degree(float(self.lat.mean()))
        x, y = self.lon * east, self.lat * north
        dx, dy = np.diff(x), np.diff(y)
        px, py = (lon * east)[:, None] - x[:-1], (lat * north)[:, None] - y[:-1]
        square = dx * dx + dy * dy
        part = np.clip((px * dx + py * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        gap = np.hypot(px - part * dx, py - part * dy)
        return gap, self.along_m[:-1] + part * np.diff(self.along_m)

    def in_order(self, lat: FloatArray, lon: FloatArray) -> FloatArray:
        """Place points on the line one after the other, with the least sum of squared distances.

        Returns
        -------
        ndarray of float, shape (points,)
            Metres from the start, never falling.
        """
        gap, along = self.nearest(lat, lon)
        cost = gap[0] ** 2
        columns = np.arange(len(cost))
        came = []
        for number in range(1, len(gap)):
            least = np.minimum.accumulate(cost)
            place = np.maximum.accumulate(np.where(cost <= least, columns, 0))
            earlier = np.concatenate([[np.inf], least[:-1]])
            # On one segment a point may also lie behind the one before, at the price of going back.
            same = cost + np.maximum(along[number - 1] - along[number], 0.0) ** 2
            came.append(np.where(same <= earlier, columns, np.concatenate([[0], place[:-1]])))
            cost = np.minimum(same, earlier) + gap[number] ** 2
        segment = int(np.argmin(cost))
        chosen = [segment]
        for back in reversed(came):
            segment = int(back[segment])
            chosen.append(segment)
        placed: FloatArray = np.maximum.accumulate(along[np.arange(len(lat)), chosen[::-1]])
        return placed


def ellipsoid_m(lat1: FloatArray, lon1: FloatArray, lat2: FloatArray, lon2: FloatArray) -> FloatArray:
    """Return distances between points not far from each other, in metres."""
    north, east = _radii_m((lat1 + lat2) / 2.0)
    length: FloatArray = np.hypot(np.radians(lon2 - lon1) * east, np.radians(lat2 - lat1) * north)
    return length


def read_shapes(table: TextTable | None, ledger: ImportLedger) -> dict[str, Shape]:
    """Read ``shapes.txt``; shapes of fewer than two points are left out."""
    if table is None:
        return {}
    lat, lon, number = (
        read_numbers(table.text(name)) for name in ("shape_pt_lat", "shape_pt_lon", "shape_pt_sequence")
    )
    with np.errstate(invalid="ignore"):
        good = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & np.isfinite(number)
    ledger.rows("shape_unusable", table, ~good, "shape_id")
    table = kept(table, good)
    lat, lon, number = lat[good], lon[good], number[good]
    names, group = np.unique(table.text("shape_id").astype(str), return_inverse=True)
    order = np.lexsort((number, group))
    bounds = np.searchsorted(group[order], np.arange(len(names) + 1))
    shapes = {}
    for name, first, last in zip(names.tolist(), bounds[:-1], bounds[1:], strict=True):
        rows = order[first:last]
        if len(rows) > 1:
            shapes[name] = Shape.of(lat[rows], lon[rows])
    return shapes


def with_shapes(tables: Mapping[str, TextTable], shapes: TextTable | None) -> dict[str, TextTable]:
    """Return the tables of a feed with the points of the shapes that its trips follow; trips name no other ones.

    Parameters
    ----------
    tables : mapping of str to TextTable
    shapes : TextTable or None
    """
    known = read_shapes(shapes, ImportLedger())
    trips = tables["trips"]
    named = np.array([name if name in known else "" for name in trips.text("shape_id")], dtype=object)
    columns = {name: column for name, column in trips.columns.items() if name != "shape_id"}
    if shapes is None or not any(named):
        return {**tables, "trips": TextTable(trips.file, columns, trips.line)}
    points = kept(shapes, np.isin(shapes.text("shape_id").astype(str), sorted(set(named) - {""})))
    return {**tables, "trips": TextTable(trips.file, {**columns, "shape_id": named}, trips.line), "shapes": points}


def lengths_along_shapes(
    trips: TextTable, visits: CleanStopTimes, lat: FloatArray, lon: FloatArray, shapes: Mapping[str, Shape]
) -> dict[tuple[int, int], float]:
    """Return the length in metres of the way from stop to stop, by rows of stops.

    Where trips take several ways, the mean over the trips counts. Stops farther than 250 m from
    the shape of a trip make its shape useless there.

    Parameters
    ----------
    trips : TextTable
    visits : CleanStopTimes
    lat, lon : ndarray of float, shape (stops,)
        Degrees.
    shapes : mapping of str to Shape
    """
    patterns: dict[tuple[str, bytes], tuple[IntArray, int]] = {}
    bounds = np.searchsorted(visits.trip, np.arange(len(trips) + 1))
    for trip, name in enumerate(trips.text("shape_id")):
        if name in shapes:
            stops = visits.stop[bounds[trip] : bounds[trip + 1]]
            key = (name, stops.tobytes())
            patterns[key] = (stops, patterns.get(key, (stops, 0))[1] + 1)
    total: dict[tuple[int, int], list[float]] = {}
    for (name, _), (stops, count) in patterns.items():
        shape = shapes[name]
        near = shape.nearest(lat[stops], lon[stops])[0].min(axis=1) <= _FARTHEST_M
        placed = shape.in_order(lat[stops], lon[stops])
        hops = np.diff(placed)
        for hop in np.flatnonzero(near[:-1] & near[1:] & (hops > 0)):
            sums = total.setdefault((int(stops[hop]), int(stops[hop + 1])), [0.0, 0.0])
            sums[0] += count * float(hops[hop])
            sums[1] += count
    return {pair: metres / weight for pair, (metres, weight) in total.items()}


def trip_length_m(shape: Shape, lat: FloatArray, lon: FloatArray) -> float:
    """Return the metres a trip rides along its shape.

    That is from the place nearest to its first stop to the one nearest to its last; the whole
    shape where it crosses itself or where that leads backwards, as the nearest place then means
    little (the rule of gtfs_kit's trip statistics).

    Parameters
    ----------
    shape : Shape
    lat, lon : ndarray of float, shape (2,)
        Degrees of the first and the last stop.
    """
    if crosses_itself(shape.lon, shape.lat):
        return shape.length_m
    gap, along = shape.nearest(lat, lon)
    start, end = along[[0, 1], np.argmin(gap, axis=1)]
    return float(end - start) if 0 < end - start <= shape.length_m else shape.length_m


def crosses_itself(x: FloatArray, y: FloatArray) -> bool:
    """Tell whether a line crosses or touches itself, apart from neighbouring segments.

    Parameters
    ----------
    x, y : ndarray of float, shape (points,)
        Positions on a plane.
    """
    moved = np.concatenate([[True], (np.diff(x) != 0) | (np.diff(y) != 0)])
    x, y = x[moved], y[moved]
    for first in range(len(x) - 1):
        later = np.arange(first + 1, len(x) - 1)
        a, b = (x[first], y[first]), (x[first + 1], y[first + 1])
        starts, ends = (x[later], y[later]), (x[later + 1], y[later + 1])
        apart = later > first + 1
        if (_meet(a, b, starts, ends) & apart).any():
            return True
    return False


def _meet(
    a: tuple[float, float],
    b: tuple[float, float],
    c: tuple[FloatArray, FloatArray],
    d: tuple[FloatArray, FloatArray],
) -> BoolArray:
    def side(p: _Points, q: _Points, r: _Points) -> FloatArray:
        turn: FloatArray = np.asarray((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))
        return turn

    one, two = side(a, b, c), side(a, b, d)
    three, four = side(c, d, a), side(c, d, b)
    boxes = (
        (np.minimum(c[0], d[0]) <= max(a[0], b[0]))
        & (np.maximum(c[0], d[0]) >= min(a[0], b[0]))
        & (np.minimum(c[1], d[1]) <= max(a[1], b[1]))
        & (np.maximum(c[1], d[1]) >= min(a[1], b[1]))
    )
    crossing: BoolArray = (one * two <= 0) & (three * four <= 0) & boxes
    return crossing


def _radii_m(lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return metres per radian north and east."""
    phi = np.radians(lat)
    root = 1.0 - _WGS84_E2 * np.sin(phi) ** 2
    north: FloatArray = _WGS84_A_M * (1.0 - _WGS84_E2) / root**1.5
    east: FloatArray = _WGS84_A_M / np.sqrt(root) * np.cos(phi)
    return north, east


def _metres_per_degree(lat: float) -> tuple[float, float]:
    north, east = _radii_m(np.array([lat]))
    return float(np.radians(east[0])), float(np.radians(north[0]))
