"""Where stops stand in a picture: as they lie, or in a tidy order where the data do not say that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray, IntArray

ROW_STOPS: Final = 10
MOST_WITHOUT_POSITIONS: Final = 600
"""Stops without positions that are laid out by the links between them; the time grows with their cube."""


def stop_points(positions: FloatArray, pairs: IntArray) -> tuple[FloatArray, bool] | None:
    """Return positions in a picture, shape (stops, 2), and whether they are those of the data.

    Parameters
    ----------
    positions : ndarray, shape (stops, 2)
        As in the data, degrees or metres; NaN where unknown.
    pairs : ndarray of int, shape (links, 2)
        Rows of stops that are linked.

    Returns
    -------
    (ndarray, bool) or None
        None where positions are not known and the stops are too many to be laid out without them.
    """
    if np.isfinite(positions).all():
        points = positions.copy()
        if (np.abs(points) <= [180.0, 90.0]).all():
            points[:, 0] *= np.cos(np.deg2rad(points[:, 1].mean()))
        return points, True
    stops = len(positions)
    if stops > MOST_WITHOUT_POSITIONS:
        return None
    apart = _links_apart(stops, pairs)
    degree = np.bincount(pairs.ravel(), minlength=stops)
    tips = np.flatnonzero(degree == 1)
    if len(tips) == 2 and degree.max() <= 2 and np.isfinite(apart).all():
        return rows_of_stops(apart[tips[0]].astype(np.int64)), False
    return _spread(apart), False


def ends_of_links(ids: Sequence[Any], links: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Return the rows of both ends of each link among ids; links that lead elsewhere are left out."""
    row = {str(name): number for number, name in enumerate(ids)}
    ends = [(row.get(str(link["from"]), -1), row.get(str(link["to"]), -1)) for link in links]
    return [(start, end) for start, end in ends if start >= 0 and end >= 0]


def rows_of_stops(order: IntArray) -> FloatArray:
    """Lay an unbranched line out in rows that turn at the ends, as on a ribbon, shape (stops, 2)."""
    row, column = np.divmod(order, ROW_STOPS)
    across = np.where(row % 2 == 0, column, ROW_STOPS - 1 - column)
    return np.stack([across, -row], axis=1).astype(np.float64)


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
