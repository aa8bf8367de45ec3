"""Shortest ways over the links of a network, by NetworkX.

Nodes are known by their rows, stops first, as in `sim.model.network.Network`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.model.network import Network

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class StreetWay:
    """A way from one node to another.

    Attributes
    ----------
    links : tuple of int
        Rows of links in order; none where start and goal are one node.
    time_s, length_m : float
        Free running time and length of all links.
    """

    links: tuple[int, ...]
    time_s: float
    length_m: float


class StreetWays:
    """Finds shortest ways by free running time; each is searched once.

    Parameters
    ----------
    network : Network
    usable : ndarray of bool, shape (links,), or None
        Links that may be used; all where None.
    """

    def __init__(self, network: Network, usable: BoolArray | None = None) -> None:
        import networkx as nx

        self._length_m = network.link_length_m
        self._time_s = network.link_running_time_s
        self._graph: nx.DiGraph[int] = nx.DiGraph()
        self._graph.add_nodes_from(range(len(network.stop_id) + len(network.node_id)))
        ends = zip(network.link_from.tolist(), network.link_to.tolist(), strict=True)
        self._graph.add_edges_from(
            (start, end, {"link": link}) for link, (start, end) in enumerate(ends) if usable is None or usable[link]
        )
        self._found: dict[tuple[object, ...], StreetWay | None] = {}

    def shortest(
        self,
        start: int,
        goal: int,
        *,
        closed: Collection[int] = (),
        factor: Mapping[int, float] | None = None,
    ) -> StreetWay | None:
        """Return the shortest way by time; None where there is none.

        No other way over open links takes less time, and of several the one found first counts
        (test_no_other_way_over_open_links_takes_less_time).

        Parameters
        ----------
        start, goal : int
            Rows of nodes.
        closed : collection of int
            Links that are not to be used.
        factor : mapping of int to float, optional
            Factors on the running times of links.
        """
        slow = dict(factor or {})
        key = (start, goal, frozenset(closed), frozenset(slow.items()))
        if key not in self._found:
            self._found[key] = self._search(start, goal, frozenset(closed), slow)
        return self._found[key]

    def _search(self, start: int, goal: int, closed: frozenset[int], slow: Mapping[int, float]) -> StreetWay | None:
        import networkx as nx

        time_s = self._time_s

        def weight(_start: int, _end: int, data: Mapping[str, int]) -> float | None:
            link = data["link"]
            return None if link in closed else float(time_s[link]) * slow.get(link, 1.0)

        try:
            nodes = nx.dijkstra_path(self._graph, start, goal, weight=weight)
        except nx.NetworkXNoPath:
            return None
        links = tuple(self._graph.edges[a, b]["link"] for a, b in pairwise(nodes))
        return StreetWay(
            links,
            float(sum(float(time_s[link]) * slow.get(link, 1.0) for link in links)),
            float(self._length_m[list(links)].sum()),
        )


def ways_along(network: Network, nodes: Sequence[int], usable: BoolArray | None = None) -> list[StreetWay | None]:
    """Return the shortest way from each node to the next one; None for each pair without a way.

    This is how a new line is laid along streets: running times by length and free speed.

    Parameters
    ----------
    network : Network
    nodes : sequence of int
        Rows of nodes in order; stops are nodes.
    usable : ndarray of bool, shape (links,), or None
        Links that may be used (`sim.model.link_uses.usable_links`); all where None.
    """
    ways = StreetWays(network, usable)
    return [ways.shortest(start, end) for start, end in pairwise(nodes)]


def time_of(links: Sequence[int], time_s: FloatArray) -> float:
    """Return the time over links in seconds.

    Parameters
    ----------
    links : sequence of int
    time_s : ndarray of float, shape (links,)
    """
    return float(np.sum(time_s[list(links)])) if len(links) else 0.0
