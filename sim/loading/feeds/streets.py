"""Street graphs of other programs: OSMnx GraphML, and GMNS nodes and links."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray
from sim.errors import NetworkError, Problem
from sim.loading.feeds.shapes import ellipsoid_m
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector, shown_path
from sim.loading.table_specs import LINKS, NODES

_FARTHEST_M: Final = 250.0
_ONE_WAY_BACK: Final = ("-1", "reverse")


@dataclass(frozen=True)
class StreetGraph:
    """Streets as directed edges.

    Attributes
    ----------
    file : str
        Name as the user knows it.
    lat, lon : ndarray of float, shape (nodes,)
        Degrees.
    start, end : ndarray of int, shape (edges,)
        Rows of nodes.
    length_m : ndarray of float, shape (edges,)
    """

    file: str
    lat: FloatArray
    lon: FloatArray
    start: IntArray
    end: IntArray
    length_m: FloatArray


def read_streets(path: Path) -> StreetGraph:
    """Read a street graph: an OSMnx GraphML file, or a folder with GMNS ``node.csv`` and ``link.csv``.

    Raises
    ------
    NetworkError
        When it is neither, or has nothing to use.
    """
    shown = shown_path(path)
    if path.is_dir():
        graph = _of_gmns(path, shown)
    elif path.is_file():
        graph = _of_graphml(path, shown)
    else:
        raise NetworkError([Problem(shown, 0, 0, "", "there is no such GraphML file or GMNS folder")])
    if not len(graph.start):
        raise NetworkError([Problem(shown, 0, 0, "", "the street graph has no edge with a length")])
    return graph


def _of_graphml(path: Path, shown: str) -> StreetGraph:
    """Read nodes with ``x``, ``y`` in degrees and edges with ``length`` in metres, as OSMnx writes them.

    OSMnx writes a street that is open both ways as two edges, so edges are taken as directed.
    """
    import networkx as nx

    try:
        graph: Any = nx.read_graphml(path, force_multigraph=True)
    except (ET.ParseError, nx.NetworkXError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise NetworkError([Problem(shown, 0, 0, "", f"not a GraphML file: {error}")]) from None
    index: dict[str, int] = {}
    lat: list[float] = []
    lon: list[float] = []
    for node, data in graph.nodes(data=True):
        x, y = _float(data.get("x", data.get("lon"))), _float(data.get("y", data.get("lat")))
        if np.isfinite(x) and np.isfinite(y) and abs(x) <= 180 and abs(y) <= 90:
            index[node] = len(lat)
            lat.append(y)
            lon.append(x)
    if not index:
        message = "no node has x and y in degrees, as OSMnx writes them before it projects a graph"
        raise NetworkError([Problem(shown, 0, 0, "", message)])
    edges = [
        (index[a], index[b], _float(data.get("length")))
        for a, b, data in graph.edges(data=True)
        if a in index and b in index
    ]
    if not graph.is_directed():
        edges += [(b, a, length) for a, b, length in edges]
    return _graph(shown, lat, lon, edges)


def _of_gmns(path: Path, shown: str) -> StreetGraph:
    """Read GMNS nodes in degrees and links in metres; a link with ``directed`` 0 leads both ways."""
    collector = ProblemCollector()
    folder = path if (path / "gmns").is_dir() else path.parent if path.name == "gmns" else None
    if folder is None:
        message = "a GMNS street graph is a folder called gmns, or one that holds it, with node.csv and link.csv"
        raise NetworkError([Problem(shown, 0, 0, "", message)])
    files = NetworkFiles(folder, collector)
    nodes, links = files.table(NODES), files.table(LINKS)
    if collector.problems or nodes is None or links is None:
        raise NetworkError(collector.problems)
    index: dict[str, int] = {}
    lat: list[float] = []
    lon: list[float] = []
    for node, x_text, y_text in zip(nodes.text("node_id"), nodes.text("x_coord"), nodes.text("y_coord"), strict=True):
        x, y = _float(x_text), _float(y_text)
        if abs(x) <= 180 and abs(y) <= 90:
            index[node] = len(lat)
            lat.append(y)
            lon.append(x)
    columns = (links.text(name) for name in ("from_node_id", "to_node_id", "length", "directed", "dir_flag"))
    edges = []
    for start, end, length, directed, flag in zip(*columns, strict=True):
        if start in index and end in index:
            a, b = index[start], index[end]
            ways = [(b, a)] if flag in _ONE_WAY_BACK else [(a, b)]
            if directed.lower() in ("0", "false"):
                ways = [(a, b), (b, a)]
            edges += [(c, d, _float(length)) for c, d in ways]
    return _graph(shown, lat, lon, edges)


def lengths_over_streets(
    streets: StreetGraph, lat: FloatArray, lon: FloatArray, start: IntArray, end: IntArray
) -> FloatArray:
    """Return the shortest way over streets in metres; NaN where there is none.

    A stop enters the streets at the nearest node, at most 250 m away; the straight ways to and
    from these nodes are part of the length.

    Parameters
    ----------
    streets : StreetGraph
    lat, lon : ndarray of float, shape (stops,)
        Degrees.
    start, end : ndarray of int, shape (links,)
        Rows of stops.
    """
    node, gap_m = _nearest_nodes(streets, lat, lon)
    count = len(streets.lat)
    # Of parallel edges the shortest counts; a sparse array would add them up.
    order = np.lexsort((streets.length_m, streets.end, streets.start))
    code = streets.start[order] * count + streets.end[order]
    first = order[np.unique(code, return_index=True)[1]]
    graph = scipy.sparse.csr_array(
        (streets.length_m[first], (streets.start[first].astype(np.int32), streets.end[first].astype(np.int32))),
        shape=(count, count),
    )
    length = np.full(len(start), np.nan)
    usable = np.flatnonzero((gap_m[start] <= _FARTHEST_M) & (gap_m[end] <= _FARTHEST_M))
    origins, of_link = np.unique(node[start[usable]], return_inverse=True)
    for part in range(0, len(origins), 64):
        chunk = origins[part : part + 64]
        reached = scipy.sparse.csgraph.dijkstra(graph, indices=chunk)
        mine = np.flatnonzero((of_link >= part) & (of_link < part + 64))
        rows = usable[mine]
        metres = reached[of_link[mine] - part, node[end[rows]]]
        length[rows] = np.where(np.isfinite(metres), metres + gap_m[start[rows]] + gap_m[end[rows]], np.nan)
    return length


def _nearest_nodes(streets: StreetGraph, lat: FloatArray, lon: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the nearest node to each stop, and how far it is in metres (infinite for a stop without position)."""
    squeeze = float(np.cos(np.radians(streets.lat.mean())))
    tree = scipy.spatial.KDTree(np.stack([streets.lon * squeeze, streets.lat], axis=1))
    there = np.isfinite(lat) & np.isfinite(lon)
    node = np.zeros(len(lat), dtype=np.int64)
    gap = np.full(len(lat), np.inf)
    _, found = tree.query(np.stack([lon[there] * squeeze, lat[there]], axis=1))
    node[there] = found
    gap[there] = ellipsoid_m(lat[there], lon[there], streets.lat[node[there]], streets.lon[node[there]])
    return node, gap


def _graph(shown: str, lat: list[float], lon: list[float], edges: Iterable[tuple[int, int, float]]) -> StreetGraph:
    usable = [(a, b, length) for a, b, length in edges if a != b and length > 0]
    columns = np.array([(a, b) for a, b, _ in usable], dtype=np.int64).reshape(-1, 2)
    lengths = np.array([length for _, _, length in usable], dtype=np.float64)
    return StreetGraph(shown, np.array(lat), np.array(lon), columns[:, 0], columns[:, 1], lengths)


def _float(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
