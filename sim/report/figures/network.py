"""Picture of a network: stops and the links between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.stop_layout import ends_of_links, stop_points
from sim.report.charts.axes import shorten, text_px
from sim.report.charts.chart import PANEL_PX, Axis, Chart, Dots, Label, Mark, NothingToShowError, Panel, Segments
from sim.report.numbers import to_number
from sim.report.report_data import ReportData

_MOST_HEIGHT_PX: Final = 560.0
LEAST_MAP_PX: Final = 120.0
"""Height of the map of a network that lies along a line."""

_LETTER_PX: Final = 11.5
_AWAY_PX: Final = 6.0
_DOT_PX: Final = 3.0
_CELL_PX: Final = 2.0
"""Size of the cells of the picture in which is kept what lies where."""

_MOST_NAME_PX: Final = 300.0
"""No name is longer; so much room is left around the stops."""

_DOT_COLOUR: Final = "#0072b2"
_SIDES: Final = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))


def network_chart(data: ReportData) -> Chart:
    """Show the network of a run, see `stops_and_links_chart`.

    Parameters
    ----------
    data : ReportData
    """
    return stops_and_links_chart(*(data.manifest.get(name, ()) for name in ("stops", "links", "nodes")))


def stops_and_links_chart(
    stops: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, Any]], nodes: Sequence[Mapping[str, Any]] = ()
) -> Chart:
    """Show the stops where they lie, or in a tidy order where that is not known.

    Parameters
    ----------
    stops : sequence of mapping
        With stop_id, name, and x and y or None; degrees are taken for longitude and latitude.
    links : sequence of mapping
        With the ids `from` and `to` of stops or further nodes.
    nodes : sequence of mapping
        Nodes of streets that are no stops, with node_id, x and y; they are not marked, and left out where some
        position is not known.

    Raises
    ------
    NothingToShowError
        When there is no stop, or there are too many without positions.
    """
    plan = street_plan(stops, links, nodes)
    radius = float(np.clip(24.0 / np.sqrt(len(stops)), 1.2, 4.0))
    segments = plan.points[plan.pairs]
    marks: list[Mark] = [
        Segments(segments, width=float(np.clip(radius / 2.5, 0.6, 1.5))),
        Dots(plan.halts[:, 0], plan.halts[:, 1], _DOT_COLOUR, radius=radius),
        *plan.names(stops, segments, PANEL_PX["wide"]),
    ]
    panel = plan.panel(f"{len(stops)} stops, {plan.links} links", marks)
    some = "; names where there is room" if sum(isinstance(mark, Label) for mark in marks) < len(stops) else ""
    return Chart(f"Stops and the links between them{some}.", (panel,), "wide", plan.height_px)


@dataclass(frozen=True)
class StreetPlan:
    """Where stops lie on a picture, and what joins them.

    Attributes
    ----------
    points : ndarray, shape (places, 2)
        Stops first, then further nodes of streets.
    stops : int
        How many of the points are stops.
    pairs : ndarray, shape (strokes, 2)
        Rows of points that a link joins, in whichever direction.
    links : int
        Links, each direction for itself.
    is_map : bool
        Whether the positions are those of the data.
    """

    points: FloatArray
    stops: int
    pairs: IntArray
    links: int
    is_map: bool

    @property
    def halts(self) -> FloatArray:
        """Positions of the stops, shape (stops, 2)."""
        return self.points[: self.stops]

    @cached_property
    def frame(self) -> tuple[FloatArray, FloatArray]:
        """The lower and the upper corner of what is shown."""
        return _frame(self.points[np.unique(np.concatenate([np.arange(self.stops), self.pairs.ravel()]))])

    @property
    def height_px(self) -> float:
        """Height of the picture at the full width of a page."""
        low, high = self.frame
        return float(np.clip(PANEL_PX["wide"] * (high - low)[1] / (high - low)[0], LEAST_MAP_PX, _MOST_HEIGHT_PX))

    def names(self, stops: Sequence[Mapping[str, Any]], segments: FloatArray, width_px: float) -> list[Label]:
        """Return names of stops where there is room beside segments, shape (segments, 2, 2), on so wide a panel."""
        low, high = self.frame
        height_px = self.height_px * width_px / PANEL_PX["wide"]
        px_per_unit = min(width_px / (high - low)[0], height_px / (high - low)[1])
        names = [shorten(str(stop.get("name") or stop["stop_id"])) for stop in stops]
        half = np.array([width_px, max(height_px, LEAST_MAP_PX)]) / px_per_unit / 2.0
        return _labels(self.halts, segments, names, px_per_unit, ((low + high) / 2.0 - half, (low + high) / 2.0 + half))

    def panel(self, title: str, marks: Sequence[Mark]) -> Panel:
        """Return a panel with marks at these positions."""
        low, high = self.frame
        note = "" if self.is_map else "positions are not in the data, so only the order says something"
        x, y = (Axis(low=float(low[axis]), high=float(high[axis])) for axis in (0, 1))
        return Panel(title, tuple(marks), x, y, note, is_map=True)


def street_plan(
    stops: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, Any]], nodes: Sequence[Mapping[str, Any]] = ()
) -> StreetPlan:
    """Find where stops lie, or lay them out in a tidy order where that is not known.

    Parameters
    ----------
    stops, links, nodes : sequence of mapping
        As for `stops_and_links_chart`.

    Raises
    ------
    NothingToShowError
        When there is no stop, or there are too many without positions.
    """
    if not stops:
        raise NothingToShowError("The network has no stops.")
    placed = all(np.isfinite([to_number(place.get(axis)) for axis in "xy"]).all() for place in (*stops, *nodes))
    bends = list(nodes) if placed else []
    known = ends_of_links([*(stop["stop_id"] for stop in stops), *(node["node_id"] for node in bends)], links)
    # Both ways between two stops are one stroke, and two links.
    pairs = np.array(sorted({(min(ends), max(ends)) for ends in known}), dtype=np.int64).reshape(-1, 2)
    points, is_map = _points([*stops, *bends], pairs)
    return StreetPlan(points, len(stops), pairs, len(known), is_map)


def _frame(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lower and the upper corner of what is shown around points, with a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.07 * float((high - low).max()) or 1.0
    return low - margin, high + margin


def _points(stops: Sequence[Mapping[str, Any]], pairs: IntArray) -> tuple[FloatArray, bool]:
    """Return positions, shape (stops, 2), and whether they are those of the data."""
    known = np.array([[to_number(stop.get("x")), to_number(stop.get("y"))] for stop in stops])
    laid_out = stop_points(known, pairs)
    if laid_out is None:
        raise NothingToShowError(
            f"The data do not say where the {len(stops)} stops lie, and they are too many to be laid out without that."
        )
    return laid_out


def _labels(
    points: FloatArray,
    segments: FloatArray,
    names: Sequence[str],
    px_per_unit: float,
    corners: tuple[FloatArray, FloatArray],
) -> list[Label]:
    """Put names beside stops, leaving out those that would lie over another name, a stop, a link or the edge."""
    everything = np.concatenate([points, segments.reshape(-1, 2)])
    low = everything.min(axis=0)
    pixels = (points - low) * px_per_unit + _MOST_NAME_PX
    farthest = (everything.max(axis=0) - low) * px_per_unit + _MOST_NAME_PX
    taken = np.zeros(np.ceil((farthest + _MOST_NAME_PX) / _CELL_PX).astype(np.int64) + 1, dtype=np.bool_)
    share = np.linspace(0.0, 1.0, 48)[:, None, None]
    ends = (segments - low) * px_per_unit + _MOST_NAME_PX
    along = ((ends[:, 0] * (1.0 - share) + ends[:, 1] * share) / _CELL_PX).astype(np.int64)
    taken[along[..., 0], along[..., 1]] = True
    for pixel in pixels:
        taken[_cells(pixel - _DOT_PX, pixel + _DOT_PX)] = True
    least, most = ((corner - low) * px_per_unit + _MOST_NAME_PX for corner in corners)
    found = []
    for pixel, point, name in zip(pixels, points.tolist(), names, strict=True):
        size = np.array([text_px(name, _LETTER_PX), _LETTER_PX])
        for side in _SIDES:
            # The box of the name lies to that side of the stop, in the middle where the side is 0.
            corner = pixel + np.array(side) * _AWAY_PX - size * (1.0 - np.array(side)) / 2.0
            box = _cells(corner, corner + size)
            inside = (corner >= least).all() and (corner + size <= most).all()
            if inside and not taken[box].any():
                taken[box] = True
                found.append(Label(point[0], point[1], name, side))
                break
    return found


def _cells(low: FloatArray, high: FloatArray) -> tuple[slice, slice]:
    """Return the cells of the picture that a box touches."""
    (left, under), (right, over) = (low / _CELL_PX).astype(int), (high / _CELL_PX).astype(int) + 1
    return slice(left, right), slice(under, over)
