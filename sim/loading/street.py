"""The street graph of a network: GMNS nodes and links, or the stop-to-stop graph of the trips.

Lengths in metres, times in seconds, positions in metres or degrees. Nodes are known by their rows: stops first, then
the nodes that are no stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, overload

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.columns import choices, numbers, report_rows, unique_ids
from sim.loading.csv_tables import TextTable
from sim.loading.gtfs_tables import Stops
from sim.loading.gtfs_times import StopTimes
from sim.loading.hints import listed
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.street_signals import read_signals, signals_of_links
from sim.loading.table_specs import LINKS, NODES
from sim.model.distances import distance_m
from sim.model.line_strings import LEAST_POINTS, parse_line, reversed_line
from sim.model.link_uses import ways_of_uses
from sim.model.network import StreetFacts
from sim.units import quantize

ASSUMED_SPEED_M_PER_S = 30.0 / 3.6
_ROUNDED: Final = 0.002
_BOTH_WAYS: Final = ("0", "false", "False", "FALSE")
_DIRECTED: Final = (*_BOTH_WAYS, "1", "true", "True", "TRUE")
WALK_WORDS = frozenset({"walk", "pedestrian", "foot", "ped"})
"""Words of `allowed_uses` that let people walk on a link; its words are separated by commas."""


@dataclass(frozen=True)
class Nodes:
    """Nodes of the street graph; positions in metres, and signals for all links that end there."""

    index: dict[str, int]
    x_m: FloatArray
    y_m: FloatArray
    signals: tuple[FloatArray, ...] | None = None


@dataclass(frozen=True)
class FurtherNodes:
    """Nodes of the streets that are no stops; positions in degrees or metres, as those of the stops."""

    ids: tuple[str, ...]
    x: FloatArray
    y: FloatArray


NO_NODES = FurtherNodes((), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Links:
    """Directed links between nodes.

    Attributes
    ----------
    ids : tuple of str
    start, end : ndarray of int, shape (links,)
        Rows of nodes: stops first, then `further`.
    length_m : ndarray of float, shape (links,)
        NaN where unknown.
    speed_m_per_s : ndarray of float, shape (links,)
        Free speed; NaN where unknown.
    walkable : ndarray of bool, shape (links,), or None
        Whether people may walk there (`allowed_uses`); None where nothing is said.
    capacity_per_s : ndarray of float, shape (links,), or None
        Cars per second, NaN where unknown; None where nothing is said.
    link_class : tuple of str, shape (links,), or None
        `facility_type` of each link, blank where unknown; None where nothing is said.
    further : FurtherNodes
        Nodes that are no stops.
    streets : StreetFacts or None
        What else is said of the links as streets.
    part_of : mapping of str to tuple of (int, float)
        Rows of the parts of links that stops divide, with their shares of the length, by the id of the whole link.
    """

    ids: tuple[str, ...]
    start: IntArray
    end: IntArray
    length_m: FloatArray
    speed_m_per_s: FloatArray
    walkable: BoolArray | None = None
    capacity_per_s: FloatArray | None = None
    link_class: tuple[str, ...] | None = None
    further: FurtherNodes = NO_NODES
    streets: StreetFacts | None = None
    part_of: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)

    def by_pair(self, stops: int) -> dict[int, int]:
        """Return the row of each link from stop to stop by ``start * stops + end``."""
        rows = np.flatnonzero((self.start < stops) & (self.end < stops))
        codes = self.start[rows] * stops + self.end[rows]
        return dict(zip(codes.tolist(), rows.tolist(), strict=True))

    def take(self, rows: Sequence[int]) -> Links:
        """Return some of the links, each as often as its row is given.

        Parameters
        ----------
        rows : sequence of int
        """
        at = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            ids=tuple(self.ids[row] for row in rows),
            start=self.start[at],
            end=self.end[at],
            length_m=self.length_m[at],
            speed_m_per_s=self.speed_m_per_s[at],
            walkable=None if self.walkable is None else self.walkable[at],
            capacity_per_s=None if self.capacity_per_s is None else self.capacity_per_s[at],
            link_class=None if self.link_class is None else tuple(self.link_class[row] for row in rows),
            streets=None if self.streets is None else self.streets.take(rows),
        )

    def rows_named(self, name: str, index: Mapping[str, int]) -> tuple[tuple[int, float], ...]:
        """Return the rows of the link with an id and their shares of its length; none where there is no such link.

        Parameters
        ----------
        name : str
        index : mapping of str to int
            Row by id.
        """
        return self.part_of.get(name) or (((index[name], 1.0),) if name in index else ())


def read_nodes(files: NetworkFiles, collector: ProblemCollector) -> Nodes | None:
    """Read ``gmns/node.csv`` where there is one, or where ``link.csv`` needs it."""
    table = files.table(NODES, required=files.has(LINKS.name))
    if table is None:
        return None
    index = unique_ids(table, "node_id", collector)
    x = numbers(table, "x_coord", collector, blank=np.nan)
    y = numbers(table, "y_coord", collector, blank=np.nan)
    return Nodes(index, x, y, read_signals(table, collector))


def read_links(
    files: NetworkFiles, nodes: Nodes | None, stops: Stops | None, collector: ProblemCollector
) -> Links | None:
    """Read ``gmns/link.csv`` where there is one.

    A link with ``directed`` 0 leads both ways; the way back is a link ``ID:back``. Of several links between the same
    two nodes the quickest one that vehicles may use is taken, but from stop to stop there must be one only.
    """
    table = files.table(LINKS, required=False)
    if table is None:
        return None
    return links_of_table(table, nodes, None if stops is None else stops.index, collector)


@overload
def links_of_table(table: TextTable, nodes: Nodes, stops: Mapping[str, int], collector: ProblemCollector) -> Links: ...
@overload
def links_of_table(
    table: TextTable, nodes: Nodes | None, stops: Mapping[str, int] | None, collector: ProblemCollector
) -> Links | None: ...
def links_of_table(
    table: TextTable, nodes: Nodes | None, stops: Mapping[str, int] | None, collector: ProblemCollector
) -> Links | None:
    """Turn the rows of ``link.csv`` into links; None where nodes or stops could not be read.

    Parameters
    ----------
    table : TextTable
    nodes : Nodes or None
    stops : mapping of str to int or None
        Rows by id.
    collector : ProblemCollector
    """
    unique_ids(table, "link_id", collector)
    length = numbers(table, "length", collector, more_than=0)
    speed = numbers(table, "free_speed", collector, more_than=0, blank=np.nan) / 3.6
    lanes = numbers(table, "lanes", collector, more_than=0, blank=np.nan)
    capacity = _capacities(table, lanes, collector)
    signals = read_signals(table, collector)
    both_ways = np.isin(choices(table, "directed", collector, _DIRECTED, blank="1").astype(str), list(_BOTH_WAYS))
    if nodes is None or stops is None:
        return None
    further = tuple(node for node in nodes.index if node not in stops)
    rows_of = {**stops, **{node: len(stops) + row for row, node in enumerate(further)}}
    start, end = _ends(table, rows_of, collector)
    given = np.flatnonzero((start >= 0) & (end >= 0) & (start != end))
    back = given[both_ways[given]]
    row, turned = np.concatenate([given, back]), np.arange(len(given) + len(back)) >= len(given)
    start, end = np.where(turned, end[row], start[row]), np.where(turned, start[row], end[row])
    time_s = length / np.where(speed > 0, speed, ASSUMED_SPEED_M_PER_S)
    kept = _one_of_each(table, row, (start, end), time_s, len(stops), collector)
    row, turned, start, end = row[kept], turned[kept], start[kept], end[kept]
    ids = zip(_texts(table, "link_id", row), turned, strict=True)
    classes, uses = _texts(table, "facility_type", row), _texts(table, "allowed_uses", row)
    at = np.array([nodes.index[node] for node in further], dtype=np.int64)
    shapes = _geometries(table, row, turned, collector)
    at_nodes = np.array([nodes.index.get(node, -1) for node in (*stops, *further)], dtype=np.int64)
    cycle, share, offset = signals_of_links([values[row] for values in signals], nodes.signals, at_nodes[end], turned)
    return Links(
        ids=tuple(f"{name}:back" if back else name for name, back in ids),
        start=start,
        end=end,
        length_m=length[row],
        speed_m_per_s=speed[row],
        walkable=np.array([is_walkable(text) for text in uses], dtype=np.bool_),
        capacity_per_s=capacity[row] / 3600.0,
        link_class=classes,
        further=FurtherNodes(further, nodes.x_m[at], nodes.y_m[at]),
        streets=StreetFacts(
            free_speed_m_per_s=speed[row],
            lanes=lanes[row],
            uses=uses,
            name=_texts(table, "name", row),
            geometry=shapes,
            kind=classes,
            signal_cycle_s=cycle,
            signal_green_share=share,
            signal_offset_s=offset,
        ),
    )


def _texts(table: TextTable, name: str, rows: IntArray) -> tuple[str, ...]:
    """Return some rows of a column."""
    texts = table.text(name)
    return tuple(texts[row] for row in rows)


def _capacities(table: TextTable, lanes: FloatArray, collector: ProblemCollector) -> FloatArray:
    """Return the capacity of each row in cars per hour, NaN where unknown; GMNS counts it per lane."""
    capacity = numbers(table, "capacity", collector, at_least=0, blank=np.nan)
    return np.where(capacity > 0, capacity, np.nan) * np.where(np.isfinite(lanes), lanes, 1.0)


def _ends(table: TextTable, rows_of: Mapping[str, int], collector: ProblemCollector) -> tuple[IntArray, IntArray]:
    """Return the rows of the nodes from and to which links lead; -1 for nodes that are not there."""
    ends = []
    for column in ("from_node_id", "to_node_id"):
        rows = np.array([rows_of.get(text, -1) for text in table.text(column)], dtype=np.int64)
        report_rows(table, rows < 0, column, "there is no such node in gmns/node.csv", collector)
        ends.append(rows)
    start, end = ends
    report_rows(table, (start == end) & (start >= 0), "to_node_id", "the link ends where it starts", collector)
    return start, end


def is_walkable(uses: str) -> bool:
    """Tell whether `allowed_uses` let people walk on a link."""
    return not WALK_WORDS.isdisjoint(word.strip().lower() for word in uses.split(","))


def _one_of_each(
    table: TextTable,
    row: IntArray,
    ends: tuple[IntArray, IntArray],
    time_s: FloatArray,
    stops: int,
    collector: ProblemCollector,
) -> IntArray:
    """Return the places of links of which one is kept for each pair of nodes, and report the others."""
    start, end = ends
    uses = table.text("allowed_uses")
    on_foot = np.array([ways_of_uses(uses[a]) == {"foot"} for a in row], dtype=np.bool_)
    order = np.lexsort((np.arange(len(row)), time_s[row], on_foot, end, start))
    again = (np.diff(start[order]) == 0) & (np.diff(end[order]) == 0)
    twice = np.sort(order[1:][again])
    at_stops = twice[(start[twice] < stops) & (end[twice] < stops)]
    first = np.zeros(len(row), dtype=np.bool_)
    for place in at_stops.tolist():
        same = (start == start[place]) & (end == end[place])
        first[np.flatnonzero(same)[1:]] = True
    message = "a second link between the same two nodes; one in each direction is accepted"
    report_rows(table, np.unique(row[first]), "link_id", message, collector)
    others = twice[~np.isin(twice, at_stops)]
    if len(others):
        names = listed([str(table.text("link_id")[a]) for a in row[others]])
        message = f"of several links between the same two nodes the quickest counts; not used: {names}"
        collector.mention(table.file, message, key="link_id")
    kept = np.ones(len(row), dtype=np.bool_)
    kept[twice] = False
    return np.flatnonzero(kept)


def _geometries(table: TextTable, row: IntArray, turned: BoolArray, collector: ProblemCollector) -> tuple[str, ...]:
    """Return the course of each link as a LINESTRING; blank where it is straight or cannot be read."""
    texts = table.text("geometry")
    bad = [text for text in set(texts) if text and len(parse_line(text)) < LEAST_POINTS]
    if bad:
        message = f"{len(bad)} geometries are no LINESTRING (x y, x y) and are not used, such as {bad[0][:40]!r}"
        collector.mention(table.file, message, key="geometry")
    unusable = set(bad)
    return tuple(
        "" if texts[a] in unusable else reversed_line(texts[a]) if b else texts[a]
        for a, b in zip(row, turned, strict=True)
    )


def hops_of(times: StopTimes) -> IntArray:
    """Return the rows of all visits that another visit of the same trip follows."""
    last = np.zeros(len(times.stop), dtype=bool)
    last[times.ptr[1:][np.diff(times.ptr) > 0] - 1] = True
    return np.flatnonzero(~last)


def stop_to_stop_links(stops: Stops, times: StopTimes, x: FloatArray, y: FloatArray, geographic: bool) -> Links:
    """Make a link for each pair of stops that follow each other in a trip, ids ``FROM>TO``."""
    hops = hops_of(times)
    count = len(stops.index)
    codes = np.unique(times.stop[hops] * count + times.stop[hops + 1])
    start, end = codes // count, codes % count
    ids = list(stops.index)
    return Links(
        ids=tuple(f"{ids[a]}>{ids[b]}" for a, b in zip(start, end, strict=True)),
        start=start,
        end=end,
        length_m=distance_m(x[start], y[start], x[end], y[end], geographic),
        speed_m_per_s=np.full(len(codes), np.nan),
    )


def scheduled_pair_times(stops: Stops, times: StopTimes) -> dict[int, float]:
    """Return the least scheduled running time in seconds of each pair of stops that follow each other in a trip.

    Pairs are known by ``from * stops + to``.
    """
    hops = hops_of(times)
    codes, place = np.unique(times.stop[hops] * len(stops.index) + times.stop[hops + 1], return_inverse=True)
    least = np.full(len(codes), np.inf)
    np.minimum.at(least, place, times.arrival_s[hops + 1] - times.departure_s[hops])
    return dict(zip(codes.tolist(), least.tolist(), strict=True))


def scheduled_link_times(links: Links, stops: int, of_pairs: Mapping[int, float]) -> FloatArray:
    """Return the least scheduled running time of each link in seconds; NaN where no trip runs from end to end.

    Parameters
    ----------
    links : Links
    stops : int
        Number of stops.
    of_pairs : mapping of int to float
        Those of `scheduled_pair_times`.
    """
    least = np.full(len(links.ids), np.nan)
    for code, row in links.by_pair(stops).items():
        least[row] = of_pairs.get(code, np.nan)
    return least


def free_running_times(links: Links, observed_s: FloatArray, scheduled_s: FloatArray) -> FloatArray:
    """Return the free running time of each link in seconds.

    The least observed time counts, then length over free speed, then the least scheduled time, then length over
    30 km/h (assumed). Where length over free speed is within 0.2 % of the least scheduled time, that counts: files
    round their speeds.
    """
    by_speed = quantize(links.length_m / links.speed_m_per_s)
    by_speed = np.where(np.abs(by_speed - scheduled_s) <= _ROUNDED * scheduled_s, scheduled_s, by_speed)
    free = links.length_m / ASSUMED_SPEED_M_PER_S
    for better in (scheduled_s, by_speed, observed_s):
        free = np.where(np.isfinite(better), better, free)
    return free


def known_lengths(links: Links, free_s: FloatArray) -> FloatArray:
    """Return lengths in metres, free running time at 30 km/h (assumed) where unknown."""
    return np.where(np.isfinite(links.length_m), links.length_m, free_s * ASSUMED_SPEED_M_PER_S)
