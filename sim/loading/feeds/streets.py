"""Street graphs of other programs under a feed: OSMnx GraphML, lines of GeoJSON, and GMNS nodes and links.

All are read as GMNS tables and become the links of a network folder. Stops are matched to them and divide them. Runs
of road vehicles that a way leads for need no link of their own. Lengths, speeds, courses, names, directions are kept.
"""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.errors import NetworkError, Problem
from sim.loading.columns import numbers, unique_ids
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.geojson_streets import Streets, first_of, lanes_each_way, read_geojson_streets
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector, shown_path
from sim.loading.stop_matching import MatchedStops, match_stops
from sim.loading.street import Links, Nodes, free_running_times, links_of_table
from sim.loading.table_specs import LINKS, NODES
from sim.model.link_uses import open_links
from sim.model.network import Network
from sim.model.ways import StreetWays

_GEOJSON: Final = (".geojson", ".json")
_KM_H_OF_MPH: Final = 1.609344
_MARGIN_DEGREES: Final = 0.02
"""Streets farther from all stops than this, some 2 km, are left out (assumed)."""
_FOOT_ONLY: Final = frozenset(
    {"footway", "path", "steps", "pedestrian", "cycleway", "bridleway", "corridor", "platform"}
)
_NOT_OPEN: Final = frozenset({"abandoned", "construction", "disused", "no", "planned", "proposed", "raceway", "razed"})
"""Classes of OpenStreetMap on which nobody travels, as OSMnx leaves them out of its networks."""
_NO_WALKING: Final = frozenset({"motorway", "motorway_link", "trunk", "trunk_link", "busway"})
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class StreetGraph:
    """Streets as links between nodes that are no stops.

    Attributes
    ----------
    file : str
        Name as the user knows it.
    links : Links
        Rows of nodes are those of `links.further`, positions in degrees.
    notes : mapping of str to int
        Edges and links by rule of an import: those left out as they are not open or have no length, and links whose
        speed is the mean of their class, since their own is not known.
    """

    file: str
    links: Links
    notes: Mapping[str, int]


@dataclass(frozen=True)
class StreetsUnderFeed:
    """Streets as a network folder has them.

    Attributes
    ----------
    links : Links
        Rows of nodes: the stops of the feed first, then further nodes.
    has_way : ndarray of bool
        For each run that was asked about, whether a way over streets leads there.
    """

    links: Links
    has_way: BoolArray


def read_streets(path: Path) -> StreetGraph:
    """Read a street graph: an OSMnx GraphML file, GeoJSON, or a folder with GMNS ``node.csv`` and ``link.csv``.

    Raises
    ------
    NetworkError
        When it is neither, or has nothing to use.
    """
    shown = shown_path(path)
    collector = ProblemCollector()
    notes: Mapping[str, int] = {}
    if path.is_dir():
        nodes, links = _gmns_tables(path, shown, collector)
    elif path.is_file():
        read = read_geojson_streets if path.suffix.lower() in _GEOJSON else _read_graphml
        nodes, links, notes = _street_tables(read(path, shown), shown)
    else:
        raise NetworkError([Problem(shown, 0, 0, "", "there is no such GraphML or GeoJSON file or GMNS folder")])
    index = unique_ids(nodes, "node_id", collector)
    x, y = (numbers(nodes, name, collector, blank=np.nan) for name in ("x_coord", "y_coord"))
    known = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    found = links_of_table(links, Nodes(index, np.where(known, x, np.nan), np.where(known, y, np.nan)), {}, collector)
    if collector.problems:
        raise NetworkError(collector.problems)
    if not known.any():
        message = "no node has x and y in degrees, as OSMnx writes them before it projects a graph"
        raise NetworkError([Problem(shown, 0, 0, "", message)])
    if not len(found.ids):
        raise NetworkError([Problem(shown, 0, 0, "", "the street graph has no edge with a length")])
    return StreetGraph(shown, found, notes)


def streets_under(
    streets: StreetGraph,
    stops: tuple[Sequence[str], FloatArray, FloatArray],
    runs: tuple[IntArray, IntArray],
    ledger: ImportLedger,
) -> StreetsUnderFeed:
    """Match the stops of runs to streets, and tell which runs a way over streets leads for.

    Parameters
    ----------
    streets : StreetGraph
    stops : tuple
        Ids of all stops of the feed, their latitudes and longitudes in degrees.
    runs : tuple of ndarray of int
        Rows of stops from and to which road vehicles run.
    ledger : ImportLedger
        Takes up distances, and runs without a way.
    """
    ids, lat, lon = stops
    links = _beside(_near(streets.links, lat, lon), ids)
    wanted = np.unique(np.concatenate(runs)).tolist()
    links, matched = match_stops(links, (lon, lat), wanted, geographic=True)
    _note(streets, matched, ids, ledger)
    free_s = free_running_times(links, np.full(len(links.ids), np.nan), np.full(len(links.ids), np.nan))
    network = Network(
        name="streets",
        stop_id=tuple(ids),
        stop_name=tuple(ids),
        stop_x=lon,
        stop_y=lat,
        geographic=True,
        schematic=False,
        link_id=links.ids,
        link_from=links.start,
        link_to=links.end,
        link_length_m=links.length_m,
        link_running_time_s=free_s,
        node_id=links.further.ids,
        node_x=links.further.x,
        node_y=links.further.y,
        streets=links.streets,
    )
    ways = StreetWays(network, open_links(network, "road"))
    pairs = zip(runs[0].tolist(), runs[1].tolist(), strict=True)
    there = np.array([ways.shortest(start, end) is not None for start, end in pairs], dtype=np.bool_)
    ledger.add("lengths_of_streets", streets.file, int(there.sum()))
    ledger.add("no_street", streets.file, int((~there).sum()))
    return StreetsUnderFeed(links, there)


def _note(streets: StreetGraph, matched: MatchedStops, ids: Sequence[str], ledger: ImportLedger) -> None:
    said = matched.sentence(list(ids))
    ledger.add("stops_matched", streets.file, len(matched.stop), [said] if said else [])
    ledger.add(
        "stops_off_streets", streets.file, len(matched.not_matched), [ids[row] for row in matched.not_matched[:5]]
    )
    for rule, count in streets.notes.items():
        ledger.add(rule, streets.file, count)


def _near(links: Links, lat: FloatArray, lon: FloatArray) -> Links:
    """Return the links with an end near the stops."""
    x, y = links.further.x, links.further.y
    with np.errstate(invalid="ignore"):
        inside = (x >= np.nanmin(lon) - _MARGIN_DEGREES) & (x <= np.nanmax(lon) + _MARGIN_DEGREES)
        inside &= (y >= np.nanmin(lat) - _MARGIN_DEGREES) & (y <= np.nanmax(lat) + _MARGIN_DEGREES)
    return links.take(np.flatnonzero(inside[links.start] | inside[links.end]).tolist())


def _beside(links: Links, stops: Sequence[str]) -> Links:
    """Return links whose nodes stand behind the stops; nodes without a link are left out, ids of stops get a prefix."""
    used, ends = np.unique(np.concatenate([links.start, links.end]), return_inverse=True)
    taken = set(stops)
    names = [links.further.ids[row] for row in used.tolist()]
    further = replace(
        links.further,
        ids=tuple(f"node:{name}" if name in taken else name for name in names),
        x=links.further.x[used],
        y=links.further.y[used],
    )
    start, end = np.split(ends.reshape(-1) + len(stops), 2)
    return replace(links, start=start.astype(np.int64), end=end.astype(np.int64), further=further)


def _read_graphml(path: Path, shown: str) -> Streets:
    """Read nodes with ``x``, ``y`` in degrees and edges as OSMnx writes them.

    OSMnx writes a street that is open both ways as two edges, so edges of a directed graph are one-way, and leaves on
    both how many lanes the street has altogether. Graphs of ours say it of the edge alone, in ``lanes_this_way``.
    """
    import networkx as nx

    try:
        with warnings.catch_warnings():
            # An attribute without a type is read as text, which is what is wanted of it here.
            warnings.simplefilter("ignore", UserWarning)
            graph: Any = nx.read_graphml(path, force_multigraph=True)
    except (ET.ParseError, nx.NetworkXError, LookupError, ValueError) as error:
        raise NetworkError([Problem(shown, 0, 0, "", f"not a GraphML file: {error}")]) from None
    places = {str(node): (_text(data, "x", "lon"), _text(data, "y", "lat")) for node, data in graph.nodes(data=True)}
    directed = graph.is_directed()
    links: list[tuple[str, str, Mapping[str, Any], bool]] = [
        (str(start), str(end), _with_own_lanes(data, graph.has_edge(end, start)), directed)
        for start, end, data in graph.edges(data=True)
    ]
    return Streets(places, links)


def _with_own_lanes(data: Mapping[str, Any], leads_back: bool) -> Mapping[str, Any]:
    """Return what is known of an edge, with the lanes that lead its way alone."""
    if "lanes_this_way" in data:
        return {**data, "lanes": data["lanes_this_way"]}
    said = first_of(_text(data, "oneway")).lower()
    both_ways = said in {"false", "no", "0"} or (not said and leads_back)
    return {**data, **lanes_each_way(data)} if both_ways else data


def _street_tables(streets: Streets, shown: str) -> tuple[TextTable, TextTable, Mapping[str, int]]:
    """Return a street graph as GMNS tables, and what an import has to tell of it.

    The speed of an edge is its ``speed_kph`` or ``maxspeed``, of several the least; where it has none, the mean of
    those of the same ``highway`` that have one counts, as in OSMnx.
    """
    nodes = _table(shown, ("node_id", "x_coord", "y_coord"), [(node, *at) for node, at in streets.places.items()])
    lead_away = [edge for edge in streets.links if edge[0] != edge[1]]
    opened = [edge for edge in lead_away if _kind(edge[2]) not in _NOT_OPEN]
    edges = [edge for edge in opened if _usable(edge[2])]
    kinds = [_kind(data) for _, _, data, _ in edges]
    speeds = [_speed_km_h(data) for _, _, data, _ in edges]
    filled = _filled_speeds(kinds, speeds)
    rows = [
        (f"{start}>{end}:{number}", start, end, *_link_cells(data, kind, speed), "1" if directed else "0")
        for number, ((start, end, data, directed), kind, speed) in enumerate(zip(edges, kinds, filled, strict=True))
    ]
    header = (*LINKS.required, "free_speed", "lanes", "allowed_uses", "name", "facility_type", "geometry", "directed")
    notes = {
        "street_not_open": len(lead_away) - len(opened),
        "street_without_length": len(opened) - len(edges),
        "speed_of_class": sum(one is None and other is not None for one, other in zip(speeds, filled, strict=True)),
    }
    return nodes, _table(shown, header, rows), notes


def _filled_speeds(kinds: Sequence[str], speeds: Sequence[float | None]) -> list[float | None]:
    """Return speeds, where one is missing the mean of those of the same kind that have one."""
    known: dict[str, list[float]] = {}
    for kind, speed in zip(kinds, speeds, strict=True):
        if speed is not None:
            known.setdefault(kind, []).append(speed)
    means = {kind: sum(values) / len(values) for kind, values in known.items()}
    return [means.get(kind) if speed is None else speed for kind, speed in zip(kinds, speeds, strict=True)]


def _link_cells(data: Mapping[str, Any], kind: str, speed: float | None) -> tuple[str, ...]:
    """Return the cells of a link from its length to its geometry."""
    lanes = first_of(_text(data, "lanes"))
    return (
        _text(data, "length"),
        "" if speed is None else repr(float(speed)),
        lanes if _NUMBER.fullmatch(lanes) else "",
        _text(data, "allowed_uses") or _uses(kind),
        first_of(_text(data, "name")),
        kind,
        _text(data, "geometry"),
    )


def _gmns_tables(path: Path, shown: str, collector: ProblemCollector) -> tuple[TextTable, TextTable]:
    """Read GMNS nodes in degrees and links in metres."""
    folder = path if (path / "gmns").is_dir() else path.parent if path.name == "gmns" else None
    if folder is None:
        message = "a GMNS street graph is a folder called gmns, or one that holds it, with node.csv and link.csv"
        raise NetworkError([Problem(shown, 0, 0, "", message)])
    files = NetworkFiles(folder, collector)
    nodes, links = files.table(NODES), files.table(LINKS)
    if collector.problems or nodes is None or links is None:
        raise NetworkError(collector.problems)
    return nodes, links


def _kind(data: Mapping[str, Any]) -> str:
    """Return the class of a street, the first of several; empty where it is not known."""
    return first_of(_text(data, "highway", "facility_type"))


def _uses(kind: str) -> str:
    """Return the `allowed_uses` of a street of OpenStreetMap."""
    if kind in _FOOT_ONLY:
        return "walk"
    if kind == "busway":
        return "bus"
    return "auto,bus" if kind in _NO_WALKING else "auto,bus,walk"


def _speed_km_h(data: Mapping[str, Any]) -> float | None:
    """Return the speed of an edge: the least of several; None where it is not known."""
    text = _text(data, "speed_kph") or _text(data, "maxspeed")
    values = [float(value) for value in _NUMBER.findall(text)]
    values = [value for value in values if value > 0]
    return min(values) * (_KM_H_OF_MPH if "mph" in text else 1.0) if values else None


def _usable(data: Mapping[str, Any]) -> bool:
    try:
        return float(_text(data, "length")) > 0
    except ValueError:
        return False


def _text(data: Mapping[str, Any], *names: str) -> str:
    return next((str(data[name]) for name in names if name in data), "")


def _table(file: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> TextTable:
    columns = {}
    for place, name in enumerate(header):
        columns[name] = np.empty(len(rows), dtype=object)
        columns[name][:] = [row[place] for row in rows]
    return TextTable(file, columns, np.zeros(len(rows), dtype=np.int64))
