"""The network of a run as its own map: stops, lines and links from the manifest, in a picture's coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.stop_layout import ROW_STOPS, ends_of_links, stop_points

WIDTH: Final = 10_000
"""Longer side of the map; whole numbers take less room than degrees, and a ten-thousandth is less than a pixel."""


def network_document(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what maps and the search for stops need.

    Returns
    -------
    dict
        `stops` with ids, names, x and y (y grows downwards), `links` as pairs of rows of points, `nodes` with further
        points, `lines` with ids, names and the stops of each direction as rows, `is_map` whether stops lie where the
        data say.
    """
    stops, links = list(manifest.get("stops", ())), list(manifest.get("links", ()))
    nodes = list(manifest.get("nodes", ()))
    places = [*stops, *nodes]
    if nodes and not np.isfinite(_positions(places)).all():
        places = stops
    ids = [str(place.get("stop_id", place.get("node_id"))) for place in places]
    pairs = np.array(sorted({(min(e), max(e)) for e in ends_of_links(ids, links)}), dtype=np.int64).reshape(-1, 2)
    points, is_map = _laid_out(places, pairs)
    x, y = _pixels(points)
    row = {name: number for number, name in enumerate(ids[: len(stops)])}
    return {
        "stops": {
            "id": ids[: len(stops)],
            "name": [str(stop.get("name") or stop["stop_id"]) for stop in stops],
            "x": x[: len(stops)],
            "y": y[: len(stops)],
        },
        "nodes": {"x": x[len(stops) :], "y": y[len(stops) :]},
        "links": pairs.ravel().tolist(),
        "lines": [_line(line, row) for line in manifest.get("lines", ())],
        "is_map": is_map,
        "width": max(x, default=0),
        "height": max(y, default=0),
    }


def _line(line: Mapping[str, Any], row: Mapping[str, int]) -> dict[str, Any]:
    return {
        "line_id": str(line["line_id"]),
        "name": str(line.get("name") or line["line_id"]),
        "directions": [
            {
                "direction_id": int(direction["direction_id"]),
                "stops": [row[str(stop)] for stop in direction["stop_ids"] if str(stop) in row],
            }
            for direction in line.get("directions", ())
        ],
    }


def _positions(places: Sequence[Mapping[str, Any]]) -> FloatArray:
    known = [[np.nan if place.get(axis) is None else float(place[axis]) for axis in "xy"] for place in places]
    return np.array(known, dtype=np.float64).reshape(-1, 2)


def _laid_out(places: Sequence[Mapping[str, Any]], pairs: np.ndarray[Any, Any]) -> tuple[FloatArray, bool]:
    """Return positions; where nothing is known of too many stops, rows in the order of the data."""
    if not places:
        return np.zeros((0, 2)), False
    found = stop_points(_positions(places), pairs)
    if found is not None:
        return found
    per_row = max(ROW_STOPS, int(np.ceil(np.sqrt(len(places)))))
    down, across = np.divmod(np.arange(len(places)), per_row)
    return np.stack([across, -down], axis=1).astype(np.float64), False


def _pixels(points: FloatArray) -> tuple[list[int], list[int]]:
    """Scale points so that the longer side is `WIDTH`, y downwards."""
    if not len(points):
        return [], []
    low, high = points.min(axis=0), points.max(axis=0)
    scale = WIDTH / (float((high - low).max()) or 1.0)
    x = np.rint((points[:, 0] - low[0]) * scale).astype(int)
    y = np.rint((high[1] - points[:, 1]) * scale).astype(int)
    return x.tolist(), y.tolist()
