"""Walks between stops: over streets and walk links, over straight lines, or as a feed's transfers say."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, Literal

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.distances import EARTH_RADIUS_M, distance_m
from sim.model.network import FootPaths, Network
from sim.model.parameters import JourneyParameters
from sim.routing.ragged import pointers

SIDES: Final[tuple[Literal["left"], Literal["right"]]] = ("left", "right")


@dataclass(frozen=True)
class WalkTable:
    """Walks from stop to stop, sorted by goal, then time, then start.

    Attributes
    ----------
    start, goal : ndarray of int, shape (walks,)
        Rows of stops; every stop also leads to itself.
    walk_s : ndarray of float, shape (walks,)
    """

    start: IntArray
    goal: IntArray
    walk_s: FloatArray

    @classmethod
    def of(cls, walks: dict[tuple[int, int], float]) -> WalkTable:
        """Sort walks by goal, time and start."""
        pairs = np.array(list(walks), dtype=np.int64).reshape(-1, 2)
        walk_s = np.array(list(walks.values()), dtype=np.float64)
        order = np.lexsort((pairs[:, 0], walk_s, pairs[:, 1]))
        return cls(pairs[order, 0], pairs[order, 1], walk_s[order])


@dataclass(frozen=True)
class Walks:
    """Walks at the ends of a journey and between two vehicles.

    Attributes
    ----------
    ends : WalkTable
        From the origin to a stop, or from a stop to the destination; 0 to the stop itself.
    transfers : WalkTable
        From the stop of alighting to the stop of boarding.
    """

    ends: WalkTable
    transfers: WalkTable

    def all_the_way(self, journeys: JourneyParameters) -> dict[tuple[int, int], float]:
        """Return the walks in seconds that can stand for a journey, by origin and destination."""
        if not journeys.walk_all_the_way:
            return {}
        rows = zip(self.ends.start.tolist(), self.ends.goal.tolist(), self.ends.walk_s.tolist(), strict=True)
        return {(start, goal): walk_s for start, goal, walk_s in rows if start != goal}


def find_walks(network: Network, journeys: JourneyParameters) -> Walks:
    """Find the walks that journeys may use.

    Links that people may walk on go before straight lines; where they make up a street graph, stops beside it are
    still reached over straight lines. What a feed says of transfers goes before both, and
    holds for transfers only.

    Parameters
    ----------
    network : Network
    journeys : JourneyParameters
        Longest walk, detour and speed of walking.
    """
    stops = len(network.stop_id)
    between = {
        pair: length_m / journeys.walk_speed_m_per_s
        for pair, length_m in _lengths_m(network, journeys).items()
        if length_m <= journeys.longest_walk_m
    }
    ends = {**between, **{(stop, stop): 0.0 for stop in range(stops)}}
    transfers = {**between, **{(stop, stop): journeys.transfer_walk_s for stop in range(stops)}}
    if network.foot is not None:
        _apply_feed(transfers, network, network.foot, journeys)
    return Walks(WalkTable.of(ends), WalkTable.of(transfers))


def _apply_feed(
    transfers: dict[tuple[int, int], float], network: Network, foot: FootPaths, journeys: JourneyParameters
) -> None:
    """Lay the transfers of a feed over those found otherwise."""
    rows = zip(foot.transfer_from.tolist(), foot.transfer_to.tolist(), foot.transfer_s.tolist(), strict=True)
    for start, goal, least_s in rows:
        if np.isinf(least_s):
            transfers.pop((start, goal), None)
        elif np.isfinite(least_s):
            transfers[start, goal] = max(least_s, journeys.transfer_walk_s) if start == goal else least_s
        elif start != goal:
            length_m = _straight_m(network, np.array([start]), np.array([goal]))[0] * journeys.walk_detour
            known = np.isfinite(length_m) and not network.schematic
            transfers[start, goal] = float(length_m) / journeys.walk_speed_m_per_s if known else 0.0


def _lengths_m(network: Network, journeys: JourneyParameters) -> dict[tuple[int, int], float]:
    """Return the length of the walk between stops that are not too far apart, in metres."""
    if journeys.longest_walk_m <= 0:
        return {}
    if network.foot is not None and len(network.foot.link_from):
        along = _along_links(network, network.foot, journeys.longest_walk_m)
        return {**_off_the_streets(network, network.foot, journeys), **along} if network.node_id else along
    return _straight_walks_m(network, journeys)


def _off_the_streets(network: Network, foot: FootPaths, journeys: JourneyParameters) -> dict[tuple[int, int], float]:
    """Return straight walks from and to stops that no street for walking leads to, in metres."""
    on_streets = set(foot.link_from.tolist()) | set(foot.link_to.tolist())
    straight = _straight_walks_m(network, journeys)
    return {pair: length_m for pair, length_m in straight.items() if not on_streets.issuperset(pair)}


def _straight_walks_m(network: Network, journeys: JourneyParameters) -> dict[tuple[int, int], float]:
    """Return walks over straight lines, which are longer by the factor `journeys.walk_detour`, in metres."""
    if network.schematic or not network.has_positions():
        return {}
    reach_m = journeys.longest_walk_m / journeys.walk_detour
    # The plane is off by less than a percent within a city, which the margin covers.
    near = _near(_plane_m(network), reach_m * 1.02)
    start, goal = np.concatenate([near, near[:, ::-1]]).T
    length_m = _straight_m(network, start, goal) * journeys.walk_detour
    return dict(zip(zip(start.tolist(), goal.tolist(), strict=True), length_m.tolist(), strict=True))


def _near(plane: FloatArray, reach: float) -> IntArray:
    """Return the pairs of points of a plane no farther apart than a reach, shape (pairs, 2).

    Points are put into square cells as wide as the reach, so that only those of a cell and of the cells around it
    can be near. Half of these cells are looked at, for each pair counts once.
    """
    cell = np.floor((plane - plane.min(axis=0)) / reach).astype(np.int64) + 1
    width = int(cell[:, 1].max()) + 2
    code = cell[:, 0] * width + cell[:, 1]
    order = np.argsort(code, kind="stable")
    found = []
    for step in (0, 1, width - 1, width, width + 1):
        first, last = (np.searchsorted(code[order], code + step, side=side) for side in SIDES)
        ptr = pointers(last - first)
        place = np.repeat(np.arange(len(code)), last - first)
        other = order[np.arange(ptr[-1]) + np.repeat(first - ptr[:-1], last - first)]
        gap = plane[place] - plane[other]
        near = (gap * gap).sum(axis=1) <= reach * reach
        near &= (place < other) | (step > 0)
        found.append(np.stack([place[near], other[near]], axis=1))
    return np.concatenate(found)


def _along_links(network: Network, foot: FootPaths, longest_m: float) -> dict[tuple[int, int], float]:
    """Return shortest paths from stop to stop over walk links, which people use both ways."""
    onward: dict[int, dict[int, float]] = {}
    for start, goal, length_m in zip(
        foot.link_from.tolist(), foot.link_to.tolist(), foot.link_length_m.tolist(), strict=True
    ):
        for first, last in ((start, goal), (goal, start)):
            links = onward.setdefault(first, {})
            links[last] = min(length_m, links.get(last, np.inf))
    return {
        (start, goal): length_m
        for start in range(len(network.stop_id))
        for goal, length_m in _shortest_m(onward, start, longest_m).items()
        if goal != start and goal < len(network.stop_id)
    }


def _shortest_m(onward: dict[int, dict[int, float]], start: int, longest_m: float) -> dict[int, float]:
    """Return the length of the shortest way to each stop that is not too far, by the algorithm of Dijkstra."""
    reached_m, done = {start: 0.0}, set[int]()
    heap = [(0.0, start)]
    while heap:
        length_m, stop = heappop(heap)
        if stop in done:
            continue
        done.add(stop)
        for other, link_m in onward.get(stop, {}).items():
            whole_m = length_m + link_m
            if whole_m <= longest_m and whole_m < reached_m.get(other, np.inf):
                reached_m[other] = whole_m
                heappush(heap, (whole_m, other))
    return reached_m


def _plane_m(network: Network) -> FloatArray:
    """Return positions on a plane in metres, shape (stops, 2)."""
    if not network.geographic:
        return np.stack([network.stop_x, network.stop_y], axis=1)
    x, y = np.radians(network.stop_x), np.radians(network.stop_y)
    return np.stack([EARTH_RADIUS_M * np.cos(y.mean()) * x, EARTH_RADIUS_M * y], axis=1)


def _straight_m(network: Network, start: IntArray, goal: IntArray) -> FloatArray:
    """Return straight distances between stops in metres."""
    x, y = network.stop_x, network.stop_y
    return distance_m(x[start], y[start], x[goal], y[goal], network.geographic)
