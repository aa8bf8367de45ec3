"""The network as a NetworkX graph, and back: what of a changed graph is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import NetworkError, Problem
from sim.model.distances import distance_m
from sim.model.link_uses import ways_of_uses
from sim.model.network import FootPaths, LinkTimes, LinkVolumes, Network, StreetFacts
from sim.model.notes import Note, note

if TYPE_CHECKING:
    import networkx as nx

ASSUMED_SPEED_M_PER_S: Final = 30.0 / 3.6
"""Speed on links of which nothing is known."""
_TEXTS: Final = ("uses", "name", "geometry", "kind")
_SIGNAL: Final = ("signal_cycle_s", "signal_green_share", "signal_offset_s")
_NUMBERS: Final = ("free_speed_m_per_s", "lanes", *_SIGNAL)


def graph_of(network: Network) -> nx.DiGraph[str]:
    """Return the network as a graph.

    Nodes have ``x``, ``y``, ``stop`` (whether vehicles may stop there) and, if they are stops, ``name``. Edges have
    ``link_id``, ``length_m`` and ``running_time_s`` (at free flow), and of streets what is known of
    ``free_speed_m_per_s``, ``lanes``, ``uses``, ``name``, ``geometry`` and ``kind``, and of a traffic signal at its end
    ``signal_cycle_s``, ``signal_green_share`` and ``signal_offset_s``.

    Parameters
    ----------
    network : Network
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph(name=network.name)
    x, y = network.positions()
    for row, node in enumerate(network.nodes):
        is_stop = row < len(network.stop_id)
        facts = {"name": network.stop_name[row]} if is_stop else {}
        graph.add_node(node, x=float(x[row]), y=float(y[row]), stop=is_stop, **facts)
    for row, link in enumerate(network.link_id):
        graph.add_edge(
            network.nodes[int(network.link_from[row])],
            network.nodes[int(network.link_to[row])],
            link_id=link,
            length_m=float(network.link_length_m[row]),
            running_time_s=float(network.link_running_time_s[row]),
            **_street_facts(network.streets, row),
        )
    return graph


def _street_facts(streets: StreetFacts | None, row: int) -> dict[str, Any]:
    if streets is None:
        return {}
    numbers = {name: getattr(streets, name)[row] for name in _NUMBERS}
    texts = {name: getattr(streets, name)[row] for name in _TEXTS}
    return {
        **{name: float(value) for name, value in numbers.items() if np.isfinite(value)},
        **{name: text for name, text in texts.items() if text},
    }


@dataclass(frozen=True)
class GraphChange:
    """What a changed graph makes of a network.

    Attributes
    ----------
    network : Network
        Of the graph: links that stay keep their order, new ones follow.
    kept : ndarray of int, shape (links before,)
        Row of each link now; -1 for those that are gone.
    added : frozenset of int
        Rows of links that are new.
    ratio : ndarray of float, shape (links now,)
        Free running time now over that before; 1 for new links.
    sentences : tuple of str
        What has changed, for people.
    """

    network: Network
    kept: IntArray
    added: frozenset[int]
    ratio: FloatArray
    sentences: tuple[str, ...]

    def digest(self) -> str:
        """Return the SHA-256 of the links as they are now, for the manifest."""
        network = self.network
        columns = (network.link_from, network.link_to, network.link_length_m, network.link_running_time_s)
        text = hashlib.sha256("\n".join((*network.nodes, *network.link_id)).encode())
        for column in columns:
            text.update(np.ascontiguousarray(column).tobytes())
        return text.hexdigest()

    def changes_nothing(self) -> bool:
        """Tell whether the graph is that of the network."""
        return not self.sentences


def read_graph(network: Network, graph: nx.DiGraph[str]) -> GraphChange:
    """Return the network that a graph stands for, and what has changed.

    Parameters
    ----------
    network : Network
        Whose `graph` was changed.
    graph : networkx.DiGraph
        Must hold all stops. A new edge needs ``length_m``, or positions at both ends; where it has no
        ``running_time_s``, length over ``free_speed_m_per_s`` counts, or over 30 km/h. An edge whose
        ``free_speed_m_per_s`` was changed and its ``running_time_s`` was not has its time changed in proportion.

    Raises
    ------
    NetworkError
        With every problem found.
    """
    problems = list(_problems(network, graph))
    if problems:
        raise NetworkError(problems)
    edges = _ChangedLinks.of(network, graph)
    old_row, kept = edges.old_row, edges.kept
    time_s = edges.column("running_time_s")
    old_s = np.where(old_row >= 0, np.append(network.link_running_time_s, 0.0)[old_row], time_s)
    changed_s = (time_s != old_s) & (old_s > 0)
    ratio = np.divide(time_s, old_s, out=np.ones(len(old_row)), where=changed_s)
    changed = replace(
        network,
        link_id=edges.ids(),
        link_from=edges.ends[:, 0],
        link_to=edges.ends[:, 1],
        link_length_m=edges.column("length_m"),
        link_running_time_s=time_s,
        link_times=_times(network.link_times, kept, ratio),
        link_volumes=_volumes(network.link_volumes, kept),
        link_capacity_per_s=_of_links(network.link_capacity_per_s, old_row),
        foot=_foot(network, edges),
        node_id=edges.more,
        node_x=_positions(graph, edges.more, "x"),
        node_y=_positions(graph, edges.more, "y"),
        streets=_streets(network, edges.facts),
    )
    sentences = (*_gone(network, kept), *_changes(network, changed, old_row))
    return GraphChange(changed, kept, frozenset(np.flatnonzero(old_row < 0).tolist()), ratio, sentences)


@dataclass(frozen=True, eq=False)
class _ChangedLinks:
    """The edges of a changed graph: those of links before in their order, then new ones.

    `more` are its nodes that are no stops, `index` rows of nodes by name, `ends` rows of both ends, `old_row` rows of
    links before or -1, `kept` rows now of links before or -1.
    """

    pairs: list[tuple[str, str]]
    more: tuple[str, ...]
    index: dict[str, int]
    ends: IntArray
    old_row: IntArray
    kept: IntArray
    facts: list[dict[str, Any]]

    @classmethod
    def of(cls, network: Network, graph: nx.DiGraph[str]) -> _ChangedLinks:
        more = tuple(node for node in graph if node not in network.stop_index)
        index = {node: row for row, node in enumerate((*network.stop_id, *more))}
        there = _link_ends(network)
        row_of = {pair: row for row, pair in enumerate(there)}
        pairs = [pair for pair in there if graph.has_edge(*pair)]
        pairs += [pair for pair in graph.edges if pair not in row_of]
        old_row = np.array([row_of.get(pair, -1) for pair in pairs], dtype=np.int64)
        kept = np.full(len(there), -1, dtype=np.int64)
        kept[old_row[old_row >= 0]] = np.flatnonzero(old_row >= 0)
        ends = np.array([(index[a], index[b]) for a, b in pairs], dtype=np.int64).reshape(-1, 2)
        facts = [_link_fact(network, graph, pair, row) for pair, row in zip(pairs, old_row.tolist(), strict=True)]
        return cls(pairs, more, index, ends, old_row, kept, facts)

    def column(self, name: str) -> FloatArray:
        return np.array([fact[name] for fact in self.facts], dtype=np.float64)

    def ids(self) -> tuple[str, ...]:
        pairs = zip(self.facts, self.pairs, strict=True)
        return tuple(str(fact.get("link_id") or f"{start}>{end}") for fact, (start, end) in pairs)


def _link_ends(network: Network) -> list[tuple[str, str]]:
    """Return the names of both ends of each link."""
    ends = zip(network.link_from.tolist(), network.link_to.tolist(), strict=True)
    return [(network.nodes[start], network.nodes[end]) for start, end in ends]


def _positions(graph: nx.DiGraph[str], nodes: Sequence[str], axis: str) -> FloatArray | None:
    return np.array([_number(graph.nodes[node], axis) for node in nodes]) if nodes else None


def _problems(network: Network, graph: nx.DiGraph[str]) -> Iterator[Problem]:
    if not graph.is_directed() or graph.is_multigraph():
        yield Problem("", 0, 0, "graph", "must be a networkx.DiGraph: one edge from a node to another")
        return
    for stop in network.stop_id:
        if stop not in graph:
            yield Problem("", 0, 0, "graph", f"the stop {stop!r} is gone; leave it in, and take away its edges")
    known = {(network.nodes[a], network.nodes[b]) for a, b in network.link_index}
    for start, end, data in graph.edges(data=True):
        key = f"graph edge {start!r} to {end!r}"
        if start == end:
            yield Problem("", 0, 0, key, "ends where it starts")
        yield from (Problem("", 0, 0, key, message) for message in _wrong_numbers(data))
        placed = all(np.isfinite(_number(graph.nodes[node], axis)) for node in (start, end) for axis in ("x", "y"))
        if (start, end) not in known and "length_m" not in data and not placed:
            yield Problem("", 0, 0, key, "is new and needs length_m, as its ends have no positions x and y")


def _wrong_numbers(data: dict[str, Any]) -> Iterator[str]:
    """Say what is wrong with the numbers of an edge."""
    for name in ("running_time_s", "length_m", "free_speed_m_per_s"):
        value = _number(data, name)
        large_enough = value > 0 or (value == 0 and name == "running_time_s")
        if name in data and not (np.isfinite(value) and large_enough):
            yield f"{name} must be a number above 0, found {data[name]!r}"
    share = _number(data, "signal_green_share")
    if "signal_cycle_s" in data and not (_number(data, "signal_cycle_s") > 0 and 0 < share <= 1):
        yield "a signal needs signal_cycle_s above 0 and signal_green_share up to 1"


def _link_fact(network: Network, graph: nx.DiGraph[str], pair: tuple[str, str], row: int) -> dict[str, Any]:
    """Return what is known of an edge, with its length and free running time; `row` is that of the link before."""
    fact = dict(graph.edges[pair])
    speed = _number(fact, "free_speed_m_per_s")
    if row < 0:
        length_m = _number(fact, "length_m")
        if not np.isfinite(length_m):
            x1, y1, x2, y2 = (np.array([_number(graph.nodes[node], axis)]) for node in pair for axis in ("x", "y"))
            length_m = float(distance_m(x1, y1, x2, y2, network.geographic)[0])
        usual_s = length_m / (speed if np.isfinite(speed) else ASSUMED_SPEED_M_PER_S)
        return {**fact, "length_m": length_m, "running_time_s": float(fact.get("running_time_s", usual_s))}
    old_s, old_m = float(network.link_running_time_s[row]), float(network.link_length_m[row])
    time_s = float(fact.get("running_time_s", old_s))
    known = np.nan if network.streets is None else float(network.streets.free_speed_m_per_s[row])
    if np.isfinite(speed) and time_s == old_s and old_s > 0 and speed != known:
        time_s = old_s * (known if np.isfinite(known) else old_m / old_s) / speed
    return {**fact, "length_m": float(fact.get("length_m", old_m)), "running_time_s": time_s}


def _number(data: Any, name: str) -> float:
    try:
        return float(data[name])
    except (KeyError, TypeError, ValueError):
        return float("nan")


def _times(times: LinkTimes | None, kept: IntArray, ratio: FloatArray) -> LinkTimes | None:
    """Return observed times of the links that are left, longer or shorter as their free times are."""
    if times is None:
        return None
    rows = np.flatnonzero(kept[times.link] >= 0)
    link = kept[times.link[rows]]
    order = np.lexsort((times.start_s[rows], link))
    rows, link = rows[order], link[order]
    return LinkTimes(link, times.start_s[rows], times.end_s[rows], times.running_time_s[rows] * ratio[link])


def _volumes(volumes: LinkVolumes | None, kept: IntArray) -> LinkVolumes | None:
    if volumes is None:
        return None
    rows = np.flatnonzero(kept[volumes.link] >= 0)
    link = kept[volumes.link[rows]]
    order = np.lexsort((volumes.start_s[rows], link))
    rows, link = rows[order], link[order]
    return LinkVolumes(link, volumes.start_s[rows], volumes.end_s[rows], volumes.volume_per_s[rows])


def _of_links(values: FloatArray | None, old_row: IntArray) -> FloatArray | None:
    return None if values is None else np.append(values, np.nan)[old_row]


def _foot(network: Network, edges: _ChangedLinks) -> FootPaths | None:
    """Return the walks that are left, and those along new edges that are made for walking."""
    nothing = np.zeros(0, dtype=np.int64)
    before = network.foot or FootPaths(nothing, nothing, np.zeros(0), nothing, nothing, np.zeros(0))
    lengths = {pair: float(fact["length_m"]) for fact, pair in zip(edges.facts, edges.pairs, strict=True)}
    ends = zip(before.link_from.tolist(), before.link_to.tolist(), strict=True)
    walked = [(network.nodes[start], network.nodes[end]) for start, end in ends]
    walks = {pair: lengths[pair] for pair in walked if pair in lengths}
    known = {(network.nodes[a], network.nodes[b]) for a, b in network.link_index}
    for fact, pair in zip(edges.facts, edges.pairs, strict=True):
        if pair not in known and "foot" in ways_of_uses(str(fact.get("uses", ""))):
            walks[pair] = lengths[pair]
    if network.foot is None and not walks:
        return None
    return replace(
        before,
        link_from=np.array([edges.index[a] for a, _ in walks], dtype=np.int64),
        link_to=np.array([edges.index[b] for _, b in walks], dtype=np.int64),
        link_length_m=np.array(list(walks.values()), dtype=np.float64),
    )


def _streets(network: Network, facts: Sequence[dict[str, Any]]) -> StreetFacts | None:
    if network.streets is None and not any(name in fact for fact in facts for name in (*_NUMBERS, *_TEXTS)):
        return None
    texts = {name: tuple(str(fact.get(name, "")) for fact in facts) for name in _TEXTS}
    numbers = {name: np.array([_number(fact, name) for fact in facts], dtype=np.float64) for name in _NUMBERS}
    return StreetFacts(
        **numbers,
        uses=texts["uses"],
        name=texts["name"],
        geometry=texts["geometry"],
        kind=texts["kind"],
    )


def _gone(network: Network, kept: IntArray) -> Iterator[Note]:
    """Say which links are gone."""
    there = _link_ends(network)
    for row in np.flatnonzero(kept < 0).tolist():
        yield note("link_closed", start=there[row][0], end=there[row][1])


def _changes(before: Network, now: Network, old_row: IntArray) -> Iterator[Note]:
    """Say which links are new or are not what they were, in the order of the links."""
    uses = [
        ("",) * len(network.link_id) if network.streets is None else network.streets.uses for network in (before, now)
    ]
    for row, old in enumerate(old_row.tolist()):
        ends = {"start": now.nodes[int(now.link_from[row])], "end": now.nodes[int(now.link_to[row])]}
        time_s, length_m = float(now.link_running_time_s[row]), float(now.link_length_m[row])
        if old < 0:
            yield note("link_new", **ends, length=f"{length_m:.0f}", time=f"{time_s:.1f}")
            continue
        old_s, old_m = float(before.link_running_time_s[old]), float(before.link_length_m[old])
        if time_s != old_s:
            yield note("link_time", **ends, time=f"{time_s:.1f}", before=f"{old_s:.1f}")
        if length_m != old_m:
            yield note("link_length", **ends, length=f"{length_m:.0f}", before=f"{old_m:.0f}")
        signals = [_signal(network, place) for network, place in ((before, old), (now, row))]
        if signals[0] != signals[1]:
            yield note("link_signal", **ends, signal=_signal_words(signals[1]), before=_signal_words(signals[0]))
        if uses[1][row] != uses[0][old]:
            yield note("link_uses", **ends, uses=uses[1][row] or "all", before=uses[0][old] or "all")


def _signal(network: Network, row: int) -> tuple[float, ...]:
    """Return cycle, green share and offset of the signal at the end of a link; nothing where there is none."""
    streets = network.streets
    if streets is None or not np.isfinite(streets.signal_cycle_s[row]):
        return ()
    return tuple(float(np.nan_to_num(getattr(streets, name)[row])) for name in _SIGNAL)


def _signal_words(signal: tuple[float, ...]) -> Note:
    if not signal:
        return note("no_signal")
    cycle_s, green, offset_s = signal
    return note("signal_of", cycle=f"{cycle_s:g}", green=f"{green:.0%}", offset=f"{offset_s:g}")
