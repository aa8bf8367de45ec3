"""Stops, links and running times by period: a typed view of the city graph.

Conventions: stops and links are known by their row number inside the program and by their
id outside; positions in metres (or degrees, see `Network.geographic`), lengths in metres,
times in seconds after midnight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray

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
        Rows of nodes: stops first.
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
class StreetFacts:
    """What is known of links as streets, shape (links,) each.

    Attributes
    ----------
    free_speed_m_per_s, lanes : ndarray of float
        NaN where unknown.
    uses : tuple of str
        `allowed_uses` of GMNS, separated by commas; blank where nothing is said.
    name : tuple of str
        Name of the street; blank where unknown.
    geometry : tuple of str
        Course of the link as a LINESTRING of WKT; blank for a straight line.
    kind : tuple of str
        `facility_type` of GMNS, or `highway` of OpenStreetMap; blank where unknown.
    signal_cycle_s, signal_green_share, signal_offset_s : ndarray of float
        Traffic signal at the end of the link; NaN where there is none.
    """

    free_speed_m_per_s: FloatArray
    lanes: FloatArray
    uses: tuple[str, ...]
    name: tuple[str, ...]
    geometry: tuple[str, ...]
    kind: tuple[str, ...]
    signal_cycle_s: FloatArray
    signal_green_share: FloatArray
    signal_offset_s: FloatArray

    def take(self, rows: Sequence[int]) -> StreetFacts:
        """Return what is known of some links.

        Parameters
        ----------
        rows : sequence of int
            A row may come several times.
        """
        uses, name, geometry, kind = (
            tuple(text[row] for row in rows) for text in (self.uses, self.name, self.geometry, self.kind)
        )
        at = np.asarray(rows, dtype=np.int64)
        return StreetFacts(
            free_speed_m_per_s=self.free_speed_m_per_s[at],
            lanes=self.lanes[at],
            uses=uses,
            name=name,
            geometry=geometry,
            kind=kind,
            signal_cycle_s=self.signal_cycle_s[at],
            signal_green_share=self.signal_green_share[at],
            signal_offset_s=self.signal_offset_s[at],
        )

    def with_signals_at(self, ends: BoolArray) -> StreetFacts:
        """Return the same streets with signals at the end of some links only.

        Parameters
        ----------
        ends : ndarray of bool, shape (links,)
        """
        cycle, share, offset = (
            np.where(ends, values, np.nan)
            for values in (self.signal_cycle_s, self.signal_green_share, self.signal_offset_s)
        )
        return replace(self, signal_cycle_s=cycle, signal_green_share=share, signal_offset_s=offset)


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
        Row numbers of nodes: stops first, in their order, then the nodes that are no stops.
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
    node_id : tuple of str, shape (further nodes,)
        Nodes of the streets that are no stops: intersections and bends.
    node_x, node_y : ndarray of float, shape (further nodes,), or None
        Their positions; None where there are none.
    streets : StreetFacts or None
        What else is known of the links as streets; None where nothing is said.
    time_zone : str
        Of the feed, as in ``Asia/Shanghai``; blank where none is known.
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
    node_id: tuple[str, ...] = ()
    node_x: FloatArray | None = None
    node_y: FloatArray | None = None
    streets: StreetFacts | None = None
    time_zone: str = ""
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def stop_index(self) -> dict[str, int]:
        """Row number of each stop id."""
        return {stop: row for row, stop in enumerate(self.stop_id)}

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Ids of all nodes by row: the stops, then the nodes that are no stops."""
        return self.stop_id + self.node_id

    @cached_property
    def node_index(self) -> dict[str, int]:
        """Row number of each node id, stops included."""
        return {node: row for row, node in enumerate(self.nodes)}

    @cached_property
    def link_index(self) -> dict[tuple[int, int], int]:
        """Row number of the link between two rows of nodes."""
        return {
            (int(start), int(end)): row
            for row, (start, end) in enumerate(zip(self.link_from, self.link_to, strict=True))
        }

    @cached_property
    def link_row(self) -> dict[str, int]:
        """Row number of each link id."""
        return {link: row for row, link in enumerate(self.link_id)}

    def positions(self) -> tuple[FloatArray, FloatArray]:
        """Return x and y of all nodes by row."""
        if self.node_x is None or self.node_y is None:
            return self.stop_x, self.stop_y
        return np.concatenate([self.stop_x, self.node_x]), np.concatenate([self.stop_y, self.node_y])

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The network as a NetworkX graph: ids of stops and other nodes, links with length, time and what is known.

        It may be changed; `Scenario.with_graph` makes a scenario that runs on it. This one does not.
        """
        from sim.model.street_graph import graph_of

        return graph_of(self)

    def link_ends(self, links: IntArray) -> list[dict[str, str]]:
        """Return the ids of the nodes ``from`` which and ``to`` which links lead, for pictures.

        Parameters
        ----------
        links : ndarray of int
        """
        ends = zip(self.link_from[links].tolist(), self.link_to[links].tolist(), strict=True)
        return [{"from": self.nodes[start], "to": self.nodes[end]} for start, end in ends]

    def shown_links(self, used: IntArray) -> IntArray:
        """Return the links that a picture of the service shows: all from stop to stop, of streets those in use.

        Parameters
        ----------
        used : ndarray of int
            Links that stop patterns run over.
        """
        return used if self.node_id else np.arange(len(self.link_id))

    def has_positions(self) -> bool:
        """Tell whether every stop has a position."""
        return bool(np.isfinite(self.stop_x).all() and np.isfinite(self.stop_y).all())
