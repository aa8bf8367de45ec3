"""Stops, links and running times by period: a typed view of the city graph.

Conventions: stops and links are known by their row number inside the program and by their
id outside; positions in metres (or degrees, see `Network.geographic`), lengths in metres,
times in seconds after midnight.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class LinkTimes:
    """Observed running times by link and period; a sorted list of stretches per link.

    Attributes
    ----------
    link : ndarray of int, shape (rows,)
        Row number of the link; rows are sorted by link, then start.
    start_s, end_s : ndarray of float, shape (rows,)
        Half-open period [start, end).
    running_time_s : ndarray of float, shape (rows,)
        Running time of a vehicle that enters the link in the period.
    """

    link: IntArray
    start_s: FloatArray
    end_s: FloatArray
    running_time_s: FloatArray


@dataclass(frozen=True)
class LinkVolumes:
    """Background traffic by link and period, as declared by the data.

    Attributes
    ----------
    link : ndarray of int, shape (rows,)
        Row number of the link; rows are sorted by link, then start.
    start_s, end_s : ndarray of float, shape (rows,)
        Half-open period [start, end).
    volume_per_s : ndarray of float, shape (rows,)
        Cars per second.
    """

    link: IntArray
    start_s: FloatArray
    end_s: FloatArray
    volume_per_s: FloatArray


@dataclass(frozen=True)
class FootPaths:
    """Where people can walk between stops, as far as the data say.

    Attributes
    ----------
    link_from, link_to : ndarray of int, shape (walk links,)
        Rows of stops.
    link_length_m : ndarray of float, shape (walk links,)
    transfer_from, transfer_to : ndarray of int, shape (transfers,)
        Rows of stops.
    transfer_s : ndarray of float, shape (transfers,)
        Time that a transfer takes at least; NaN where the feed gives none, infinite where
        there is no transfer.
    """

    link_from: IntArray
    link_to: IntArray
    link_length_m: FloatArray
    transfer_from: IntArray
    transfer_to: IntArray
    transfer_s: FloatArray


@dataclass(frozen=True)
class Network:
    """The city graph.

    Attributes
    ----------
    name : str
        Name of the network folder or of the scenario that wrote it.
    stop_id, stop_name : tuple of str, shape (stops,)
        Ids and names for people.
    stop_x, stop_y : ndarray of float, shape (stops,)
        Position; NaN where unknown.
    geographic : bool
        True where positions are degrees of longitude and latitude, False where metres.
    schematic : bool
        True where positions are drawn for the eye and not surveyed.
    link_id : tuple of str, shape (links,)
    link_from, link_to : ndarray of int, shape (links,)
        Row numbers of stops.
    link_length_m, link_running_time_s : ndarray of float, shape (links,)
        Length and free running time.
    link_times : LinkTimes or None
        Running times by period where observed.
    link_volumes : LinkVolumes or None
        Background traffic by period where declared.
    link_capacity_per_s : ndarray of float, shape (links,), or None
        Cars per second; NaN where unknown, None where nothing is said.
    foot : FootPaths or None
        Walks between stops where the data have any.
    notes : tuple of str
        Sentences a user should see: what is synthetic, derived or assumed.
    """

    name: str
    stop_id: tuple[str, ...]
    stop_name: tuple[str, ...]
    stop_x: FloatArray
    stop_y: FloatArray
    geographic: bool
    schematic: bool
    link_id: tuple[str, ...]
    link_from: IntArray
    link_to: IntArray
    link_length_m: FloatArray
    link_running_time_s: FloatArray
    link_times: LinkTimes | None = None
    link_volumes: LinkVolumes | None = None
    link_capacity_per_s: FloatArray | None = None
    foot: FootPaths | None = None
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def stop_index(self) -> dict[str, int]:
        """Row number of each stop id."""
        return {stop: row for row, stop in enumerate(self.stop_id)}

    @cached_property
    def link_index(self) -> dict[tuple[int, int], int]:
        """Row number of the link between two stop rows."""
        return {
            (int(start), int(end)): row
            for row, (start, end) in enumerate(zip(self.link_from, self.link_to, strict=True))
        }

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The network as a NetworkX graph: stop ids as nodes, links with length and time."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph(name=self.name)
        for row, stop in enumerate(self.stop_id):
            graph.add_node(stop, name=self.stop_name[row], x=float(self.stop_x[row]), y=float(self.stop_y[row]))
        for row, link in enumerate(self.link_id):
            graph.add_edge(
                self.stop_id[int(self.link_from[row])],
                self.stop_id[int(self.link_to[row])],
                link_id=link,
                length_m=float(self.link_length_m[row]),
                running_time_s=float(self.link_running_time_s[row]),
            )
        return graph

    def has_positions(self) -> bool:
        """Tell whether every stop has a position."""
        return bool(np.isfinite(self.stop_x).all() and np.isfinite(self.stop_y).all())
