"""Picture of a network: stops and the links between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.report.charts.axes import shorten, text_px
from sim.report.charts.chart import PANEL_PX, Axis, Chart, Dots, Label, Mark, NothingToShowError, Panel, Segments
from sim.report.numbers import to_number
from sim.report.report_data import ReportData

_ROW_STOPS: Final = 10
_MOST_WITHOUT_POSITIONS: Final = 600
_MOST_HEIGHT_PX: Final = 560.0
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
    if not stops:
        raise NothingToShowError("The network has no stops.")
    placed = all(np.isfinite([to_number(place.get(axis)) for axis in "xy"]).all() for place in (*stops, *nodes))
    bends = list(nodes) if placed else []
    known = _ends_of_links([*(stop["stop_id"] for stop in stops), *(node["node_id"] for node in bends)], links)
    # Both ways between two stops are one stroke, and two links.
    pairs = np.array(sorted({(min(ends), max(ends)) for ends in known}), dtype=np.int64).reshape(-1, 2)
    points, is_map = _points([*stops, *bends], pairs)
    halts = points[: len(stops)]
    low, high = _frame(points[np.unique(np.concatenate([np.arange(len(stops)), pairs.ravel()]))])
    height_px = float(np.clip(PANEL_PX["wide"] * (high - low)[1] / (high - low)[0], 120.0, _MOST_HEIGHT_PX))
    radius = float(np.clip(24.0 / np.sqrt(len(stops)), 1.2, 4.0))
    marks: list[Mark] = [
        Segments(points[pairs], width=float(np.clip(radius / 2.5, 0.6, 1.5))),
        Dots(halts[:, 0], halts[:, 1], _DOT_COLOUR, radius=radius),
    ]
    px_per_unit = min(PANEL_PX["wide"] / (high - low)[0], height_px / (high - low)[1])
    names = [shorten(str(stop.get("name") or stop["stop_id"])) for stop in stops]
    marks += _labels(halts, points[pairs], names, px_per_unit)
    note = "" if is_map else "positions are not in the data, so only the order says something"
    panel = Panel(
        f"{len(stops)} stops, {len(known)} links",
        tuple(marks),
        Axis(low=float(low[0]), high=float(high[0])),
        Axis(low=float(low[1]), high=float(high[1])),
        note,
        is_map=True,
    )
    some = "; names where there is room" if sum(isinstance(mark, Label) for mark in marks) < len(stops) else ""
    return Chart(f"Stops and the links between them{some}.", (panel,), "wide", height_px)


def _ends_of_links(ids: Sequence[Any], links: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Return the rows of both ends of each link among ids; links that lead elsewhere are left out."""
    row = {str(name): number for number, name in enumerate(ids)}
    ends = [(row.get(str(link["from"]), -1), row.get(str(link["to"]), -1)) for link in links]
    return [(start, end) for start, end in ends if start >= 0 and end >= 0]


def _frame(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lower and the upper corner of what is shown around points, with a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.07 * float((high - low).max()) or 1.0
    return low - margin, high + margin


def _points(stops: Sequence[Mapping[str, Any]], pairs: IntArray) -> tuple[FloatArray, bool]:
    """Return positions, shape (stops, 2), and whether they are those of the data."""
    points = np.array([[to_number(stop.get("x")), to_number(stop.get("y"))] for stop in stops])
    if np.isfinite(points).all():
        if (np.abs(points) <= [180.0, 90.0]).all():
            points[:, 0] *= np.cos(np.deg2rad(points[:, 1].mean()))
        return points, True
    if len(stops) > _MOST_WITHOUT_POSITIONS:
        raise NothingToShowError(
            f"The data do not say where the {len(stops)} stops lie, and they are too many to be laid out without that."
        )
    apart = _links_apart(len(stops), pairs)
    degree = np.bincount(pairs.ravel(), minlength=len(stops))
    tips = np.flatnonzero(degree == 1)
    if len(tips) == 2 and degree.max() <= 2 and np.isfinite(apart).all():
        return _rows(apart[tips[0]].astype(np.int64)), False
    return _spread(apart), False


def _links_apart(stops: int, pairs: IntArray) -> FloatArray:
    """Return how many links lie between stops, shape (stops, stops); infinite where none lead there."""
    beside = np.zeros((stops, stops), dtype=np.float32)
    beside[pairs[:, 0], pairs[:, 1]] = beside[pairs[:, 1], pairs[:, 0]] = 1.0
    apart = np.where(np.eye(stops, dtype=np.bool_), 0.0, np.inf)
    reached = np.eye(stops, dtype=np.bool_)
    newly, links = reached, 0
    while newly.any():
        links += 1
        newly = (newly.astype(np.float32) @ beside > 0.0) & ~reached
        apart[newly] = links
        reached = reached | newly
    return apart


def _rows(order: IntArray) -> FloatArray:
    """Lay an unbranched line out in rows that turn at the ends, as on a ribbon, shape (stops, 2)."""
    row, column = np.divmod(order, _ROW_STOPS)
    across = np.where(row % 2 == 0, column, _ROW_STOPS - 1 - column)
    return np.stack([across, -row], axis=1).astype(np.float64)


def _spread(apart: FloatArray) -> FloatArray:
    """Lay stops out so that distances are like the number of links between them, shape (stops, 2).

    Classical multidimensional scaling (Torgerson 1952): the two strongest axes of the doubly centred
    squares of the distances. Parts without a way between them lie a little farther apart than any two stops.
    """
    known = np.isfinite(apart)
    square = np.where(known, apart, 1.3 * apart[known].max() + 1.0) ** 2
    centred = square - square.mean(axis=0) - square.mean(axis=1)[:, None] + square.mean()
    values, vectors = np.linalg.eigh(-0.5 * centred)
    found = vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 1e-9)) if len(apart) > 1 else np.zeros((1, 2))
    # An axis has no direction of its own: let the stop farthest out lie to the right, and above.
    farthest = np.abs(found).argmax(axis=0)
    return np.asarray(found * np.where(found[farthest, [0, 1]] < 0.0, -1.0, 1.0))


def _labels(points: FloatArray, segments: FloatArray, names: Sequence[str], px_per_unit: float) -> list[Label]:
    """Put names beside stops, leaving out those that would lie over another name, a stop or a link."""
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
    found = []
    for pixel, point, name in zip(pixels, points.tolist(), names, strict=True):
        size = np.array([text_px(name, _LETTER_PX), _LETTER_PX])
        for side in _SIDES:
            # The box of the name lies to that side of the stop, in the middle where the side is 0.
            corner = pixel + np.array(side) * _AWAY_PX - size * (1.0 - np.array(side)) / 2.0
            box = _cells(corner, corner + size)
            if not taken[box].any():
                taken[box] = True
                found.append(Label(point[0], point[1], name, side))
                break
    return found


def _cells(low: FloatArray, high: FloatArray) -> tuple[slice, slice]:
    """Return the cells of the picture that a box touches."""
    (left, under), (right, over) = (low / _CELL_PX).astype(int), (high / _CELL_PX).astype(int) + 1
    return slice(left, right), slice(under, over)
