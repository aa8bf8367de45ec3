"""The street graph of a network: GMNS nodes and links, or the stop-to-stop graph of the trips.

Lengths in metres, times in seconds, positions in metres or degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.columns import numbers, report_rows, unique_ids
from sim.loading.gtfs_tables import Lines, Stops, Trips
from sim.loading.gtfs_times import StopTimes
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import LINKS, NODES
from sim.model.distances import distance_m

ASSUMED_SPEED_M_PER_S = 30.0 / 3.6
WALK_WORDS = frozenset({"walk", "pedestrian", "foot", "ped"})
"""Words of `allowed_uses` that let people walk on a link; its words are separated by commas."""


@dataclass(frozen=True)
class Nodes:
    """Nodes of the street graph; positions in metres."""

    index: dict[str, int]
    x_m: FloatArray
    y_m: FloatArray


@dataclass(frozen=True)
class Links:
    """Directed links between stops.

    Attributes
    ----------
    ids : tuple of str
    start, end : ndarray of int, shape (links,)
        Row numbers of stops.
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
    """

    ids: tuple[str, ...]
    start: IntArray
    end: IntArray
    length_m: FloatArray
    speed_m_per_s: FloatArray
    walkable: BoolArray | None = None
    capacity_per_s: FloatArray | None = None
    link_class: tuple[str, ...] | None = None

    def by_pair(self, stops: int) -> dict[int, int]:
        """Return the row of each link by ``start * stops + end``."""
        codes = self.start * stops + self.end
        return {int(code): row for row, code in enumerate(codes)}


def read_nodes(files: NetworkFiles, collector: ProblemCollector) -> Nodes | None:
    """Read ``gmns/node.csv`` where there is one, or where ``link.csv`` needs it."""
    table = files.table(NODES, required=files.has(LINKS.name))
    if table is None:
        return None
    index = unique_ids(table, "node_id", collector)
    x = numbers(table, "x_coord", collector, blank=np.nan)
    y = numbers(table, "y_coord", collector, blank=np.nan)
    return Nodes(index, x, y)


def read_links(
    files: NetworkFiles, nodes: Nodes | None, stops: Stops | None, collector: ProblemCollector
) -> Links | None:
    """Read ``gmns/link.csv`` where there is one; links that touch no stop are left out."""
    table = files.table(LINKS, required=False)
    if table is None:
        return None
    unique_ids(table, "link_id", collector)
    length = numbers(table, "length", collector, more_than=0)
    speed = numbers(table, "free_speed", collector, more_than=0, blank=np.nan)
    # GMNS counts the capacity of a link per lane.
    capacity = numbers(table, "capacity", collector, at_least=0, blank=np.nan)
    capacity = np.where(capacity > 0, capacity, np.nan) * numbers(table, "lanes", collector, more_than=0, blank=1.0)
    if nodes is None or stops is None:
        return None
    ends = []
    off_street = np.zeros(len(table), dtype=bool)
    for column in ("from_node_id", "to_node_id"):
        texts = table.text(column)
        rows = np.array([stops.index.get(text, -1) for text in texts], dtype=np.int64)
        known = np.array([text in nodes.index or text in stops.index for text in texts], dtype=bool)
        report_rows(table, ~known, column, "there is no such node in gmns/node.csv", collector)
        off_street |= (rows < 0) & known
        ends.append(rows)
    start, end = ends
    report_rows(table, (start == end) & (start >= 0), "to_node_id", "the link ends where it starts", collector)
    keep = np.flatnonzero((start >= 0) & (end >= 0))
    if off_street.any():
        message = f"{int(off_street.sum())} links between nodes that are no stops are not used"
        collector.mention(table.file, message)
    codes = start[keep] * len(stops.index) + end[keep]
    _, first = np.unique(codes, return_index=True)
    twice = np.setdiff1d(np.arange(len(keep)), first)
    message = "a second link between the same two nodes; one in each direction is accepted"
    report_rows(table, keep[twice], "link_id", message, collector)
    ids = table.text("link_id")
    uses = table.text("allowed_uses") if table.has("allowed_uses") else [""] * len(table)
    walkable = np.array([not WALK_WORDS.isdisjoint(word.strip().lower() for word in text.split(",")) for text in uses])
    classes = table.text("facility_type")
    return Links(
        ids=tuple(ids[row] for row in keep),
        start=start[keep],
        end=end[keep],
        length_m=length[keep],
        speed_m_per_s=speed[keep] / 3.6,
        walkable=walkable[keep],
        capacity_per_s=capacity[keep] / 3600.0,
        link_class=tuple(classes[row] for row in keep),
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


def scheduled_link_times(links: Links, stops: Stops, times: StopTimes) -> FloatArray:
    """Return the least scheduled running time of each link in seconds; NaN where no trip runs."""
    hops = hops_of(times)
    by_pair = links.by_pair(len(stops.index))
    codes = times.stop[hops] * len(stops.index) + times.stop[hops + 1]
    distinct, place = np.unique(codes, return_inverse=True)
    rows = np.array([by_pair.get(code, -1) for code in distinct.tolist()], dtype=np.int64)[place]
    least = np.full(len(links.ids), np.inf)
    used = rows >= 0
    np.minimum.at(least, rows[used], (times.arrival_s[hops + 1] - times.departure_s[hops])[used])
    return np.where(np.isfinite(least), least, np.nan)


def check_links_are_there(
    files: NetworkFiles, links: Links, feed: tuple[Stops, Lines, Trips, StopTimes], collector: ProblemCollector
) -> None:
    """Report every hop of a trip for which the street graph has no link."""
    stops, lines, trips, times = feed
    hops = hops_of(times)
    by_pair = links.by_pair(len(stops.index))
    codes, first = np.unique(times.stop[hops] * len(stops.index) + times.stop[hops + 1], return_index=True)
    ids = list(stops.index)
    file = files.shown_file(LINKS.name)
    lacking = [(int(code), int(hops[place])) for code, place in zip(codes, first, strict=True) if code not in by_pair]
    trip_of = np.searchsorted(times.ptr, [visit for _, visit in lacking], side="right") - 1
    names = trips.text("trip_id")

    def message(place: int) -> str:
        start, end = divmod(lacking[place][0], len(ids))
        trip = trip_of[place]
        line = lines.lines[trips.line[trip]].line_id
        return f"there is no link from {ids[start]!r} to {ids[end]!r}; trip {names[trip]!r} of line {line!r} needs one"

    collector.problem_rows(file, [0] * len(lacking), "", message)


def free_running_times(links: Links, observed_s: FloatArray, scheduled_s: FloatArray) -> FloatArray:
    """Return the free running time of each link in seconds.

    The least observed time counts, then the least scheduled one, then length over free speed
    (30 km/h, assumed, where there is none).
    """
    speed = np.where(np.isfinite(links.speed_m_per_s), links.speed_m_per_s, ASSUMED_SPEED_M_PER_S)
    free = np.where(np.isfinite(observed_s), observed_s, scheduled_s)
    return np.where(np.isfinite(free), free, links.length_m / speed)


def known_lengths(links: Links, free_s: FloatArray) -> FloatArray:
    """Return lengths in metres, free running time at 30 km/h (assumed) where unknown."""
    return np.where(np.isfinite(links.length_m), links.length_m, free_s * ASSUMED_SPEED_M_PER_S)
