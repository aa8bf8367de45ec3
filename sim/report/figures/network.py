"""Picture of a network: stops and the links between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from sim.report.material import NothingToShowError
from sim.report.style import COLOURS, INK, MUTED, WIDTH_IN, new_figure, shorten, styled
from sim.report.words import to_number
from sim.units import FloatArray

_ROW_STOPS = 10
_MOST_FOR_EXACT_LAYOUT = 150


@styled
def network_figure(stops: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the stops where they lie, or in a tidy order where that is not known.

    Parameters
    ----------
    stops : sequence of mapping
        With stop_id, name, and x and y or None; degrees are taken for longitude and latitude.
    links : sequence of mapping
        With the stop ids `from` and `to`.

    Raises
    ------
    NothingToShowError
        When there is no stop.
    """
    if not stops:
        raise NothingToShowError("The network has no stops.")
    ids = [str(stop["stop_id"]) for stop in stops]
    place = {stop_id: number for number, stop_id in enumerate(ids)}
    pairs = sorted(
        {
            (min(ends), max(ends))
            for link in links
            if (ends := (place.get(str(link["from"]), -1), place.get(str(link["to"]), -1))) and min(ends) >= 0
        }
    )
    points, is_map = _points(stops, pairs)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.07 * float((high - low).max()) or 1.0
    low, high = low - margin, high + margin
    height_in = float(np.clip(WIDTH_IN * (high - low)[1] / (high - low)[0] + 0.35, 1.5, 7.5))
    figure = new_figure(height_in)
    axes = figure.subplots()
    segments = points[np.array(pairs, dtype=np.int64).reshape(-1, 2)]
    axes.add_collection(LineCollection(list(segments), colors=MUTED, linewidths=1.3, zorder=1))
    size = float(np.clip(2400.0 / len(ids), 6.0, 42.0))
    axes.scatter(points[:, 0], points[:, 1], s=size, color=COLOURS["individual"], zorder=2)
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect("equal", adjustable="box")
    axes.set_axis_off()
    note = "" if is_map else "; positions are not in the data, so only the order says something"
    axes.set_title(f"{len(ids)} stops, {len(pairs)} links{note}", fontweight="normal", color=MUTED, fontsize=9.5)
    _label(figure, points, segments, [shorten(str(stop.get("name") or stop["stop_id"])) for stop in stops])
    return figure


def _points(stops: Sequence[Mapping[str, Any]], pairs: Sequence[tuple[int, int]]) -> tuple[FloatArray, bool]:
    """Return positions, shape (stops, 2), and whether they are those of the data."""
    points = np.array([[to_number(stop.get("x")), to_number(stop.get("y"))] for stop in stops])
    if np.isfinite(points).all():
        if (np.abs(points) <= [180.0, 90.0]).all():
            points[:, 0] *= np.cos(np.deg2rad(points[:, 1].mean()))
        return points, True
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(stops)))
    graph.add_edges_from(pairs)
    chain = _chain(graph)
    if chain is not None:
        return _rows(chain), False
    if len(stops) <= _MOST_FOR_EXACT_LAYOUT and nx.is_connected(graph):
        layout = nx.kamada_kawai_layout(graph)
    else:
        layout = nx.spring_layout(graph, seed=1, iterations=60)
    found = np.array([layout[number] for number in range(len(stops))])
    if np.ptp(found[:, 1]) > np.ptp(found[:, 0]):
        found = found[:, ::-1]
    return found, False


def _chain(graph: nx.Graph[int]) -> list[int] | None:
    """Return the stops in order where they form one unbranched line."""
    tips = [node for node, degree in graph.degree() if degree == 1]
    is_line = len(tips) == 2 and graph.number_of_edges() == len(graph) - 1 and nx.is_connected(graph)
    return list(nx.shortest_path(graph, min(tips), max(tips))) if is_line else None


def _rows(chain: Sequence[int]) -> FloatArray:
    """Lay a line out in rows that turn at the ends, as on a ribbon, shape (stops, 2)."""
    points = np.zeros((len(chain), 2))
    for number, node in enumerate(chain):
        row, column = divmod(number, _ROW_STOPS)
        points[node] = (column if row % 2 == 0 else _ROW_STOPS - 1 - column, -row)
    return points


def _label(figure: Figure, points: FloatArray, segments: FloatArray, names: Sequence[str]) -> None:
    """Write names beside stops, leaving out those that would lie over another name, a stop or a link."""
    axes = figure.axes[0]
    axes.apply_aspect()
    figure.draw_without_rendering()
    pixels = axes.transData.transform(points)
    scale = figure.dpi / 72.0
    height, letter, away = 10.5 * scale, 5.2 * scale, 5.0 * scale
    share = np.linspace(0.1, 0.9, 9)[:, None, None]
    along = (segments[:, 0] * (1.0 - share) + segments[:, 1] * share).reshape(-1, 2)
    taken = [(x, y, x, y) for x, y in axes.transData.transform(along)]
    taken += [(x - 3.0 * scale, y - 3.0 * scale, x + 3.0 * scale, y + 3.0 * scale) for x, y in pixels]
    bounds = (0.0, 0.0, figure.bbox.width, figure.bbox.height - 24.0 * scale)
    sides = (("center", "bottom", 0, 1), ("center", "top", 0, -1), ("left", "center", 1, 0), ("right", "center", -1, 0))
    for (x, y), name, point in zip(pixels, names, points, strict=True):
        width = letter * len(name)
        for across, up, right, above in sides:
            left = x - width / 2 if not right else x + away if right > 0 else x - away - width
            low = y - height / 2 if not above else y + away if above > 0 else y - away - height
            box = (left, low, left + width, low + height)
            inside = box[0] >= bounds[0] and box[1] >= bounds[1] and box[2] <= bounds[2] and box[3] <= bounds[3]
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                axes.annotate(
                    name, (point[0], point[1]), (right * 5.0, above * 5.0), textcoords="offset points",
                    ha=across, va=up, fontsize=8.5, color=INK,
                )  # fmt: skip
                break


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
