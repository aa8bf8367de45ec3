"""Stops that lie off the streets: each is matched to the nearest link, which it divides.

The stop becomes a node of that link, and of the one the other way beside it. How far the stop lies from the link is
said; it is not walked or driven. Distances are on a plane, which is exact enough for some hundred metres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import scipy

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.street import Links
from sim.model.distances import EARTH_RADIUS_M
from sim.model.line_strings import cut_line, parse_line, write_line
from sim.model.link_uses import ways_of_uses
from sim.model.notes import note

FAR_M: Final = 50.0
"""Distance from which a matched stop is warned about (assumed)."""
FARTHEST_M: Final = 250.0
"""Stops farther away are not matched (assumed)."""
_MOST_NAMED: Final = 5
_SAMPLE_M: Final = 50.0
_NEAREST: Final = 12
_BESIDE_M: Final = 1.0
_LEAST_M: Final = 0.1


@dataclass(frozen=True)
class MatchedStops:
    """Which stops were matched, and how far they lie from the streets.

    Attributes
    ----------
    stop : ndarray of int, shape (matched,)
    distance_m : ndarray of float, shape (matched,)
    not_matched : ndarray of int
        Stops that touch no link and have none near enough.
    """

    stop: IntArray
    distance_m: FloatArray
    not_matched: IntArray

    def sentence(self, stop_id: Sequence[str]) -> str:
        """Say how many stops were matched, how far they lie away and which are far; blank where none.

        Parameters
        ----------
        stop_id : sequence of str
            Ids of all stops.
        """
        if not len(self.stop):
            return ""
        worst = int(np.argmax(self.distance_m))
        far = self.stop[self.distance_m > FAR_M]
        names: str = ", ".join(stop_id[stop] for stop in far[:_MOST_NAMED].tolist())
        if len(far) > _MOST_NAMED:
            names = note("and_more", names=names)
        return note(
            "stops_matched",
            stops=len(self.stop),
            half=f"{np.median(self.distance_m):.0f}",
            farthest=f"{self.distance_m[worst]:.0f}",
            stop=stop_id[int(self.stop[worst])],
            far=note("stops_far", away=f"{FAR_M:.0f}", names=names) if len(far) else "",
        )


def match_stops(
    links: Links, positions: tuple[FloatArray, FloatArray], wanted: Sequence[int], *, geographic: bool
) -> tuple[Links, MatchedStops]:
    """Return links divided by the stops that touch none of them, and how these were matched.

    Parameters
    ----------
    links : Links
    positions : tuple of ndarray of float, shape (stops,)
        x and y of the stops.
    wanted : sequence of int
        Rows of stops that vehicles serve.
    geographic : bool
        Whether positions are degrees.
    """
    x = np.concatenate([positions[0], links.further.x])
    y = np.concatenate([positions[1], links.further.y])
    scale = _metres_of(y, geographic)
    plane = np.stack([x * scale[0], y * scale[1]], axis=1)
    touched = np.zeros(len(plane), dtype=np.bool_)
    touched[links.start] = touched[links.end] = True
    lost = np.array([stop for stop in wanted if not touched[stop]], dtype=np.int64)
    off = lost[np.isfinite(plane[lost]).all(axis=1)]
    if not len(off) or not len(links.further.ids):
        return links, MatchedStops(off[:0], np.zeros(0), lost)
    courses = _LinkCourses(links, plane, scale)
    found = {stop: courses.nearest(plane[stop]) for stop in off.tolist()}
    near = {stop: place for stop, place in found.items() if place is not None and place[1] <= FARTHEST_M}
    matched = MatchedStops(
        np.array(list(near), dtype=np.int64),
        np.array([gap_m for _, gap_m, _ in near.values()]),
        np.array([stop for stop in lost.tolist() if stop not in near], dtype=np.int64),
    )
    return _divided(links, courses, _cuts(links, courses, plane, near)), matched


def _metres_of(y: FloatArray, geographic: bool) -> FloatArray:
    """Return the metres of a unit of x and of y, shape (2,)."""
    if not geographic:
        return np.ones(2)
    north = EARTH_RADIUS_M * np.pi / 180.0
    east = north * float(np.cos(np.radians(np.nanmean(y)))) if np.isfinite(y).any() else north
    return np.array([east, north])


def _cuts(
    links: Links, courses: _LinkCourses, plane: FloatArray, near: Mapping[int, tuple[int, float, float]]
) -> dict[int, list[tuple[float, int]]]:
    """Return at which shares of their length links are divided, and by which stops.

    A stop divides its nearest link, and the link the other way where that lies beside it.
    """
    cuts: dict[int, list[tuple[float, int]]] = {}
    for stop, (link, gap_m, share) in near.items():
        cuts.setdefault(link, []).append((share, stop))
        back = courses.back.get((int(links.end[link]), int(links.start[link])))
        if back is not None and courses.usable[back]:
            gap_back_m, other = courses.project(back, plane[stop])
            if gap_back_m <= gap_m + _BESIDE_M + _SAMPLE_M / 2:
                cuts.setdefault(back, []).append((other, stop))
    return cuts


class _LinkCourses:
    """The courses of links on a plane in metres, and which of them vehicles may use."""

    def __init__(self, links: Links, plane: FloatArray, scale: FloatArray) -> None:
        said = () if links.streets is None else links.streets.uses
        self.usable: BoolArray = np.array([ways_of_uses(uses) != {"foot"} for uses in said], dtype=np.bool_)
        self.scale = scale
        geometry = () if links.streets is None else links.streets.geometry
        self.lines = [
            parse_line(text) * scale if text else plane[[a, b]]
            for text, a, b in zip(geometry, links.start.tolist(), links.end.tolist(), strict=True)
        ]
        ends = zip(links.start.tolist(), links.end.tolist(), strict=True)
        self.back = {pair: row for row, pair in enumerate(ends)}
        points, of_link = [], []
        for row, line in enumerate(self.lines):
            if self.usable[row] and np.isfinite(line).all():
                steps = np.hypot(*np.diff(line, axis=0).T)
                along = np.concatenate([[0.0], np.cumsum(steps)])
                places = np.linspace(0.0, along[-1], int(np.ceil(along[-1] / _SAMPLE_M)) + 1)
                points.append(np.stack([np.interp(places, along, line[:, axis]) for axis in (0, 1)], axis=1))
                of_link += [row] * len(places)
        self._of_link = np.array(of_link, dtype=np.int64)
        self._tree = scipy.spatial.KDTree(np.concatenate(points)) if points else None

    def nearest(self, point: FloatArray) -> tuple[int, float, float] | None:
        """Return the nearest link, its distance in metres and the share of its length at which the point lies."""
        if self._tree is None:
            return None
        _, places = self._tree.query(point, k=min(_NEAREST, len(self._of_link)))
        links = dict.fromkeys(self._of_link[np.atleast_1d(places)].tolist())
        found = [(*self.project(link, point), link) for link in links]
        gap_m, share, link = min(found, key=lambda item: (item[0], item[2]))
        return link, gap_m, share

    def project(self, link: int, point: FloatArray) -> tuple[float, float]:
        """Return the distance of a point from a link in metres, and the share of its length where it is nearest."""
        line = self.lines[link]
        step = np.diff(line, axis=0)
        square = (step * step).sum(axis=1)
        part = np.clip(((point - line[:-1]) * step).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        gap = np.hypot(*(point - line[:-1] - part[:, None] * step).T)
        along = np.concatenate([[0.0], np.cumsum(np.sqrt(square))])
        best = int(np.argmin(gap))
        place = along[best] + part[best] * (along[best + 1] - along[best])
        return float(gap[best]), float(place / along[-1]) if along[-1] > 0 else 0.5


def _divided(links: Links, courses: _LinkCourses, cuts: dict[int, list[tuple[float, int]]]) -> Links:
    """Return the links with those that stops divide in parts ``ID:1``, ``ID:2`` and so on."""
    rows: list[int] = []
    start: list[int] = []
    end: list[int] = []
    ids: list[str] = []
    shares: list[float] = []
    geometry: list[str] = []
    last: list[bool] = []
    part_of: dict[str, tuple[tuple[int, float], ...]] = {}
    given = ("",) * len(links.ids) if links.streets is None else links.streets.geometry
    for row, name in enumerate(links.ids):
        stops = sorted(cuts.get(row, ()))
        nodes = [int(links.start[row]), *(stop for _, stop in stops), int(links.end[row])]
        places = _apart([share for share, _ in stops], float(links.length_m[row]))
        lines = cut_line(courses.lines[row], places) if stops else []
        part_of[name] = tuple((len(rows) + place, share) for place, share in enumerate(np.diff([0.0, *places, 1.0])))
        for place, share in enumerate(np.diff([0.0, *places, 1.0]).tolist()):
            rows.append(row)
            start.append(nodes[place])
            end.append(nodes[place + 1])
            ids.append(f"{name}:{place + 1}" if stops else name)
            shares.append(share)
            last.append(place == len(stops))
            geometry.append(write_line(lines[place] / courses.scale) if stops else given[row])
    divided = links.take(rows)
    return replace(
        divided,
        ids=tuple(ids),
        start=np.array(start, dtype=np.int64),
        end=np.array(end, dtype=np.int64),
        length_m=divided.length_m * np.array(shares),
        streets=None
        if divided.streets is None
        else replace(divided.streets, geometry=tuple(geometry)).with_signals_at(np.array(last)),
        part_of={name: parts for name, parts in part_of.items() if len(parts) > 1},
    )


def _apart(shares: Sequence[float], length_m: float) -> list[float]:
    """Return places on a link with a little room between them and to both ends, so that no part has no length."""
    room = min(_LEAST_M / length_m, 0.5 / (len(shares) + 1))
    placed: list[float] = []
    for number, share in enumerate(shares):
        least = (placed[-1] if placed else 0.0) + room
        placed.append(min(max(share, least), 1.0 - room * (len(shares) - number)))
    return placed
