"""Streets as lines of a GeoJSON file (RFC 7946): what meets in a point is joined there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.errors import NetworkError, Problem
from sim.loading.feeds.shapes import ellipsoid_m
from sim.model.line_strings import write_line

_CLASSES: Final = ("highway", "facility_type")
_ENDS: Final = ("from_stop_id", "to_stop_id")
_LENGTHS: Final = ("length_m", "length")
_FORWARD: Final = ("yes", "true", "1")
_BACKWARD: Final = ("-1", "reverse")
_ONE_WAY_CLASSES: Final = ("motorway", "motorway_link")
"""Streets of OpenStreetMap that are one-way unless they say no."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Streets:
    """Nodes and links of a street graph.

    Attributes
    ----------
    places : mapping of str to (str, str)
        Longitude and latitude of each node.
    links : list of (str, str, mapping, bool)
        Ends, attributes as OSMnx names them, and whether it leads one way only.
    """

    places: Mapping[str, tuple[str, str]]
    links: list[tuple[str, str, Mapping[str, Any], bool]]


def read_geojson_streets(path: Path, shown: str) -> Streets:
    """Read the lines of a GeoJSON file as streets.

    Lines are joined where one ends or where several pass through the same point; lines that cross without a point in
    common pass over each other. Where some lines have a `highway` or `facility_type`, those without are no streets.
    Lines that name both ends, as `peakshift network export` writes them, lead from the one to the other alone.

    Raises
    ------
    NetworkError
        When it is no GeoJSON, has positions that are no degrees, or no lines.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        lines, points = (list(_lines(document, kind)) for kind in ("LineString", "Point"))
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError, IndexError, OverflowError) as error:
        raise NetworkError([Problem(shown, 0, 0, "", f"not a GeoJSON file: {error}")]) from None
    lines = _with_a_class(lines)
    _check(lines, shown)
    if all(name in facts for _, facts in lines for name in _ENDS):
        return _named(lines, points)
    nodes = _nodes([course for course, _ in lines])
    links = [link for course, facts in lines for link in _links(course, facts, nodes)]
    places = {name: (repr(x), repr(y)) for (x, y), name in nodes.items()}
    return Streets(places, links)


def _with_a_class(lines: list[tuple[list[Point], Any]]) -> list[tuple[list[Point], Any]]:
    """Return the lines that say what street they are, or are links of a network; all where none says it."""
    if not any(kind in facts for _, facts in lines for kind in _CLASSES):
        return lines
    return [(course, facts) for course, facts in lines if any(name in facts for name in (*_CLASSES, _ENDS[0]))]


def _check(lines: Sequence[tuple[list[Point], Any]], shown: str) -> None:
    """Refuse a file without lines, or with lines that do not lie on the globe."""
    if not lines:
        raise NetworkError([Problem(shown, 0, 0, "", "the file has no lines, which streets would be")])
    if any(not (abs(x) <= 180.0 and abs(y) <= 90.0) for course, _ in lines for x, y in course):
        message = "has positions that are no degrees of longitude and latitude, which RFC 7946 asks for"
        raise NetworkError([Problem(shown, 0, 0, "", message)])


def _lines(document: Any, kind: str) -> Iterator[tuple[list[Point], dict[str, Any]]]:
    """Yield points and properties of all lines, those of collections of several among them, or of all points."""
    if document["type"] != "FeatureCollection":
        raise ValueError("its type must be FeatureCollection")
    for feature in document["features"]:
        geometry, facts = feature.get("geometry") or {"type": ""}, feature.get("properties") or {}
        known = {name: value for name, value in facts.items() if value not in (None, "")}
        given: Any = geometry.get("coordinates")
        if kind == "Point":
            lines = [[given]] if geometry["type"] == "Point" else []
        else:
            lines = {"LineString": [given], "MultiLineString": given}.get(geometry["type"], [])
        for line in lines:
            # Seven decimals are a centimetre: what is nearer is the same place.
            points = [(round(float(one[0]), 7), round(float(one[1]), 7)) for one in line]
            points = points[:1] + [after for before, after in pairwise(points) if after != before]
            if len(points) > 1 or kind == "Point":
                yield points, known


def _named(lines: Sequence[tuple[list[Point], dict[str, Any]]], points: Sequence[tuple[list[Point], Any]]) -> Streets:
    """Return lines whose ends have names."""
    places: dict[str, tuple[str, str]] = {}
    links = list[tuple[str, str, Mapping[str, Any], bool]]()
    for ((x, y), *_), facts in points:
        if (name := facts.get("stop_id", facts.get("node_id"))) is not None:
            places[str(name)] = repr(x), repr(y)
    for course, facts in lines:
        start, end = (str(facts[name]) for name in _ENDS)
        for name, (x, y) in ((start, course[0]), (end, course[-1])):
            places.setdefault(name, (repr(x), repr(y)))
        x_all, y_all = np.array(course).T
        metres = _length_m(facts) or float(ellipsoid_m(y_all[:-1], x_all[:-1], y_all[1:], x_all[1:]).sum())
        more = {"length": repr(metres), "geometry": write_line(course)}
        links.append((start, end, {**facts, **_speed(facts), **more}, True))
    return Streets(places, links)


def _nodes(lines: Sequence[Sequence[Point]]) -> dict[Point, str]:
    """Return a name for each point where lines end or meet.

    A line there and back again through the same points, as one-way links are written, meets nobody in between.
    """
    neighbours: dict[Point, set[Point]] = {}
    ends: dict[Point, None] = {}
    for points in lines:
        ends |= dict.fromkeys((points[0], points[-1]))
        for before, after in pairwise(points):
            neighbours.setdefault(before, set()).add(after)
            neighbours.setdefault(after, set()).add(before)
    met = [point for point, beside in neighbours.items() if point in ends or len(beside) > 2]
    return {point: str(number) for number, point in enumerate(met, start=1)}


def _links(
    points: Sequence[Point], facts: Mapping[str, Any], nodes: Mapping[Point, str]
) -> Iterator[tuple[str, str, Mapping[str, Any], bool]]:
    """Yield a line cut at its nodes."""
    one_way, backward = _direction(facts)
    cuts = [place for place, point in enumerate(points) if point in nodes]
    x, y = np.array(points).T
    steps_m = ellipsoid_m(y[:-1], x[:-1], y[1:], x[1:])
    whole_m = _length_m(facts) or float(steps_m.sum())
    stretch = whole_m / float(steps_m.sum())
    for first, last in pairwise(cuts):
        part = list(points[first : last + 1])
        length_m = float(steps_m[first:last].sum()) * stretch
        more = {"length": repr(length_m), "geometry": write_line(part[::-1] if backward else part)}
        ends = nodes[part[0]], nodes[part[-1]]
        start, end = ends[::-1] if backward else ends
        if start != end:
            lanes = {} if one_way else lanes_each_way(facts)
            yield start, end, {**facts, **_speed(facts), **lanes, **more}, one_way


def _direction(facts: Mapping[str, Any]) -> tuple[bool, bool]:
    """Tell whether a line leads one way only, and whether that is from its last point to its first."""
    said = str(facts.get("oneway", "")).lower()
    if said in _BACKWARD:
        return True, True
    by_kind = facts.get("highway") in _ONE_WAY_CLASSES or facts.get("junction") == "roundabout"
    return said in _FORWARD or (not said and by_kind), False


def _speed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the speed under the name that OSMnx has for it, where a line has it under that of exports."""
    return {"speed_kph": facts["free_speed_km_h"]} if "free_speed_km_h" in facts else {}


def first_of(text: str) -> str:
    """Return the first of several values, which OSMnx writes as a list."""
    return text.strip("[]").split(",")[0].strip().strip("'\"") if text.startswith("[") else text


def lanes_each_way(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the lanes that a street open both ways has for each of them; nothing where they are not known.

    OpenStreetMap counts those of both ways together, and takes them to be shared evenly unless more is said.
    """
    try:
        lanes = float(first_of(str(facts.get("lanes"))))
    except ValueError:
        return {}
    return {"lanes": f"{lanes / 2.0:g}"} if math.isfinite(lanes) else {}


def _length_m(facts: Mapping[str, Any]) -> float:
    """Return the length that a line says it has, 0 where it says none."""
    for name in _LENGTHS:
        value = facts.get(name)
        if isinstance(value, int | float) and math.isfinite(value) and value > 0:
            return float(value)
    return 0.0
