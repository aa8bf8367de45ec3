"""Lines on the map as LINESTRING of well-known text (OGC 06-103r4): read, written, measured, cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from sim.arrays import FloatArray

LEAST_POINTS: Final = 2
_LINE: Final = re.compile(r"^\s*LINESTRING\s*(?:Z|M|ZM)?\s*\((.*)\)\s*$", re.IGNORECASE)


def parse_line(text: str) -> FloatArray:
    """Return the points of a LINESTRING, shape (points, 2); none where the text is no such thing.

    Heights and measures behind x and y are left out.
    """
    found = _LINE.match(text)
    try:
        points = [[float(part) for part in point.split()[:2]] for point in found.group(1).split(",")] if found else []
    except ValueError:
        points = []
    good = len(points) >= LEAST_POINTS and all(len(point) == 2 for point in points)
    line = np.array(points if good else [], dtype=np.float64).reshape(-1, 2)
    return line if np.isfinite(line).all() else np.zeros((0, 2))


def write_line(points: Sequence[Sequence[float]] | FloatArray) -> str:
    """Return points as a LINESTRING, with all digits of their numbers."""
    return "LINESTRING (" + ", ".join(f"{float(x)!r} {float(y)!r}" for x, y in points) + ")"


def reversed_line(text: str) -> str:
    """Return a LINESTRING the other way round; blank stays blank."""
    return write_line(parse_line(text)[::-1]) if text else ""


def cut_line(points: FloatArray, shares: Sequence[float]) -> list[FloatArray]:
    """Return the parts of a line between shares of its length on the plane, in order.

    Parameters
    ----------
    points : ndarray of float, shape (points, 2)
    shares : sequence of float
        Between 0 and 1, not falling.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    whole = along[-1] or 1.0
    places = [0.0, *(share * whole for share in shares), float(along[-1])]
    parts = []
    for first, last in pairwise(places):
        ends = [[np.interp(place, along, points[:, axis]) for axis in (0, 1)] for place in (first, last)]
        inner = points[(along > first) & (along < last)]
        parts.append(np.concatenate([[ends[0]], inner, [ends[1]]]))
    return parts
