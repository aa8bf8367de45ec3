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
    nodes = (*network.stop_id, *(node for node in graph if node not in network.stop_index))
    index = {node: row for row, node in enumerate(nodes)}
    ends = zip(network.link_from.tolist(), network.link_to.tolist(), strict=True)
    there = [(network.nodes[start], network.nodes[end]) for start, end in ends]
    old_row_of = {pair: row for row, pair in enumerate(there)}
    edges = [pair for pair in there if graph.has_edge(*pair)] + [pair for pair in graph.edges if pair not in old_row_of]
    old_row = np.array([old_row_of.get(pair, -1) for pair in edges], dtype=np.int64)
    kept = np.full(len(there), -1, dtype=np.int64)
    kept[old_row[old_row >= 0]] = np.flatnonzero(old_row >= 0)
    facts = [_link_fact(network, graph, pair, row) for pair, row in zip(edges, old_row.tolist(), strict=True)]
    time_s = np.array([fact["running_time_s"] for fact in facts], dtype=np.float64)
    old_s = np.where(old_row >= 0, np.append(network.link_running_time_s, 0.0)[old_row], time_s)
    changed_s = (time_s != old_s) & (old_s > 0)
    ratio = np.divide(time_s, old_s, out=np.ones(len(edges)), where=changed_s)
    more = nodes[len(network.stop_id) :]
    changed = replace(
        network,
        link_id=tuple(str(fact.get("link_id") or f"{a}>{b}") for fact, (a, b) in zip(facts, edges, strict=True)),
        link_from=np.array([index[a] for a, _ in edges], dtype=np.int64),
        link_to=np.array([index[b] for _, b in edges], dtype=np.int64),
        link_length_m=np.array([fact["length_m"] for fact in facts], dtype=np.float64),
        link_running_time_s=time_s,
        link_times=_times(network.link_times, kept, ratio),
        link_volumes=_volumes(network.link_volumes, kept),
        link_capacity_per_s=_of_links(network.link_capacity_per_s, old_row),
        foot=_foot(network, index, facts, edges),
        node_id=more,
        node_x=np.array([_number(graph.nodes[node], "x") for node in more]) if more else None,
        node_y=np.array([_number(graph.nodes[node], "y") for node in more]) if more else None,
        streets=_streets(network, facts),
    )
    sentences = (*_gone(there, kept), *_changes(network, changed, old_row))
    return GraphChange(changed, kept, frozenset(np.flatnonzero(old_row < 0).tolist()), ratio, sentences)


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
        for name in ("running_time_s", "length_m", "free_speed_m_per_s"):
            value = _number(data, name)
            if name in data and not (np.isfinite(value) and value >= 0 and (value > 0 or name == "running_time_s")):
                yield Problem("", 0, 0, key, f"{name} must be a number above 0, found {data[name]!r}")
        placed = all(np.isfinite(_number(graph.nodes[node], axis)) for node in (start, end) for axis in ("x", "y"))
        share = _number(data, "signal_green_share")
        if "signal_cycle_s" in data and not (_number(data, "signal_cycle_s") > 0 and 0 < share <= 1):
            yield Problem("", 0, 0, key, "a signal needs signal_cycle_s above 0 and signal_green_share up to 1")
        if (start, end) not in known and "length_m" not in data and not placed:
            yield Problem("", 0, 0, key, "is new and needs length_m, as its ends have no positions x and y")


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


def _foot(
    network: Network, index: dict[str, int], facts: Sequence[dict[str, Any]], edges: Sequence[tuple[str, str]]
) -> FootPaths | None:
    """Return the walks that are left, and those along new edges that are made for walking."""
    old = network.foot
    lengths = {pair: float(fact["length_m"]) for fact, pair in zip(facts, edges, strict=True)}
    walks: dict[tuple[str, str], float] = {}
    if old is not None:
        ends = zip(old.link_from.tolist(), old.link_to.tolist(), strict=True)
        pairs = [(network.nodes[start], network.nodes[end]) for start, end in ends]
        walks = {pair: lengths[pair] for pair in pairs if pair in lengths}
    known = {(network.nodes[a], network.nodes[b]) for a, b in network.link_index}
    for fact, pair in zip(facts, edges, strict=True):
        if pair not in known and "foot" in ways_of_uses(str(fact.get("uses", ""))):
            walks[pair] = lengths[pair]
    if old is None and not walks:
        return None
    nothing = np.zeros(0, dtype=np.int64)
    return FootPaths(
        link_from=np.array([index[a] for a, _ in walks], dtype=np.int64),
        link_to=np.array([index[b] for _, b in walks], dtype=np.int64),
        link_length_m=np.array(list(walks.values()), dtype=np.float64),
        transfer_from=nothing if old is None else old.transfer_from,
        transfer_to=nothing if old is None else old.transfer_to,
        transfer_s=np.zeros(0) if old is None else old.transfer_s,
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


def _gone(there: Sequence[tuple[str, str]], kept: IntArray) -> Iterator[str]:
    """Say which links are gone."""
    for row in np.flatnonzero(kept < 0).tolist():
        yield f"the link from {there[row][0]!r} to {there[row][1]!r} is closed"


def _changes(before: Network, now: Network, old_row: IntArray) -> Iterator[str]:
    """Say which links are new or are not what they were, in the order of the links."""
    uses = [
        ("",) * len(network.link_id) if network.streets is None else network.streets.uses for network in (before, now)
    ]
    for row, old in enumerate(old_row.tolist()):
        ends = f"from {now.nodes[int(now.link_from[row])]!r} to {now.nodes[int(now.link_to[row])]!r}"
        time_s, length_m = float(now.link_running_time_s[row]), float(now.link_length_m[row])
        if old < 0:
            yield f"there is a new link {ends} of {length_m:.0f} m, {time_s:.1f} s"
            continue
        old_s, old_m = float(before.link_running_time_s[old]), float(before.link_length_m[old])
        if time_s != old_s:
            yield f"the link {ends} takes {time_s:.1f} s in place of {old_s:.1f} s"
        if length_m != old_m:
            yield f"the link {ends} is {length_m:.0f} m long in place of {old_m:.0f} m"
        signals = [_signal(network, place) for network, place in ((before, old), (now, row))]
        if signals[0] != signals[1]:
            yield f"the link {ends} has {_signal_words(signals[1])} in place of {_signal_words(signals[0])}"
        if uses[1][row] != uses[0][old]:
            yield f"the link {ends} is for {uses[1][row] or 'all'!r} in place of {uses[0][old] or 'all'!r}"


def _signal(network: Network, row: int) -> tuple[float, ...]:
    """Return cycle, green share and offset of the signal at the end of a link; nothing where there is none."""
    streets = network.streets
    if streets is None or not np.isfinite(streets.signal_cycle_s[row]):
        return ()
    return tuple(float(np.nan_to_num(getattr(streets, name)[row])) for name in _SIGNAL)


def _signal_words(signal: tuple[float, ...]) -> str:
    return "a signal of {:g} s, {:.0%} green, offset {:g} s".format(*signal) if signal else "no signal"
