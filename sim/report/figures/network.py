"""Picture of a network: stops and the links between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import networkx as nx
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from sim.arrays import FloatArray
from sim.report.material import NothingToShowError
from sim.report.style import INK, MUTED, WIDTH_IN, new_figure, shorten, styled
from sim.report.words import to_number

_DOTS = "#0072b2"
_ROW_STOPS = 10
_MOST_FOR_EXACT_LAYOUT = 150
_MOST_WITHOUT_POSITIONS = 600
_MOST_NAMES = 300
_AWAY_PT = 5.0
_SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
_ACROSS: Final[dict[int, Literal["left", "center", "right"]]] = {-1: "right", 0: "center", 1: "left"}
_UP: Final[dict[int, Literal["bottom", "center", "top"]]] = {-1: "top", 0: "center", 1: "bottom"}


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
        When there is no stop, or there are too many without positions.
    """
    if not stops:
        raise NothingToShowError("The network has no stops.")
    ids = [str(stop["stop_id"]) for stop in stops]
    place = {stop_id: number for number, stop_id in enumerate(ids)}
    known = [
        ends for link in links if min(ends := (place.get(str(link["from"]), -1), place.get(str(link["to"]), -1))) >= 0
    ]
    # Both ways between two stops are one stroke, and two links.
    pairs = sorted({(min(ends), max(ends)) for ends in known})
    points, is_map = _points(stops, pairs)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.07 * float((high - low).max()) or 1.0
    low, high = low - margin, high + margin
    height_in = float(np.clip(WIDTH_IN * (high - low)[1] / (high - low)[0] + 0.35, 1.5, 6.0))
    figure = new_figure(height_in)
    axes = figure.subplots()
    segments = points[np.array(pairs, dtype=np.int64).reshape(-1, 2)]
    axes.add_collection(LineCollection(list(segments), colors=MUTED, linewidths=1.3, zorder=1))
    size = float(np.clip(2400.0 / len(ids), 6.0, 42.0))
    axes.scatter(points[:, 0], points[:, 1], s=size, color=_DOTS, zorder=2)
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect("equal", adjustable="box")
    axes.set_axis_off()
    note = "" if is_map else "; positions are not in the data, so only the order says something"
    axes.set_title(f"{len(ids)} stops, {len(known)} links{note}", fontweight="normal", color=MUTED, fontsize=9.5)
    _label(figure, points, segments, [shorten(str(stop.get("name") or stop["stop_id"])) for stop in stops])
    return figure


def _points(stops: Sequence[Mapping[str, Any]], pairs: Sequence[tuple[int, int]]) -> tuple[FloatArray, bool]:
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
    if len(names) > _MOST_NAMES:
        return
    axes = figure.axes[0]
    axes.apply_aspect()
    figure.draw_without_rendering()
    pixels = axes.transData.transform(points)
    scale = figure.dpi / 72.0
    height, letter, away, dot = 10.5 * scale, 5.2 * scale, _AWAY_PT * scale, 3.0 * scale
    share = np.linspace(0.04, 0.96, 24)[:, None, None]
    along = axes.transData.transform((segments[:, 0] * (1.0 - share) + segments[:, 1] * share).reshape(-1, 2))
    taken = np.concatenate([np.hstack([along, along]), np.hstack([pixels - dot, pixels + dot])])
    edge = np.array([figure.bbox.width, figure.bbox.height - 24.0 * scale])
    for pixel, point, name in zip(pixels, points, names, strict=True):
        size = np.array([letter * len(name), height])
        for side in _SIDES:
            # The box of the name lies to that side of the stop, in the middle where the side is 0.
            low = pixel + np.array(side) * away - size * (1.0 - np.array(side)) / 2.0
            box = np.concatenate([low, low + size])
            if (low < 0.0).any() or (low + size > edge).any() or _overlaps(box, taken):
                continue
            taken = np.vstack([taken, box])
            axes.annotate(
                name,
                (float(point[0]), float(point[1])),
                (side[0] * _AWAY_PT, side[1] * _AWAY_PT),
                textcoords="offset points",
                ha=_ACROSS[side[0]],
                va=_UP[side[1]],
                fontsize=8.5,
                color=INK,
            )
            break


def _overlaps(box: FloatArray, others: FloatArray) -> bool:
    """Say whether a box lies over one of the others, each as left, low, right, high."""
    return bool(((box[:2] < others[:, 2:]) & (others[:, :2] < box[2:])).all(axis=1).any())
