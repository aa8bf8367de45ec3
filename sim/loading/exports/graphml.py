"""The graph of a network as GraphML with the attributes that OSMnx uses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import NetworkError, Problem
from sim.loading.network_folder import LoadedNetwork

if TYPE_CHECKING:
    import networkx as nx


def write_graphml(loaded: LoadedNetwork, _source: Path, out: Path) -> tuple[Path, ...]:
    """Write stops, other nodes and links into one file.

    Nodes have ``x`` and ``y`` in degrees, and ``stop_name`` where they are stops; edges have ``link_id``, ``length``
    (m), ``travel_time`` (s, free), ``oneway`` and, as far as known, ``speed_kph``, ``lanes`` of both ways together,
    ``lanes_this_way``, ``name``, ``highway``, ``allowed_uses`` and ``geometry``.

    Raises
    ------
    NetworkError
        When positions are not degrees, which OSMnx wants.
    """
    import networkx as nx

    network, graph = loaded.network, loaded.network.graph
    if not network.geographic:
        message = "the stops have no degrees of longitude and latitude, which the graphs of OSMnx have"
        raise NetworkError([Problem(network.name, 0, 0, "", message)])
    written: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=network.name, crs="epsg:4326")
    for node, data in graph.nodes(data=True):
        name = {"stop_name": data["name"]} if data["stop"] else {}
        written.add_node(node, x=data["x"], y=data["y"], **name)
    for start, end, data in graph.edges(data=True):
        facts = {
            "link_id": data["link_id"],
            "length": data["length_m"],
            "travel_time": data["running_time_s"],
            "oneway": not graph.has_edge(end, start),
            "speed_kph": data["free_speed_m_per_s"] * 3.6 if "free_speed_m_per_s" in data else None,
            "lanes": _lanes_of_both(graph, start, end),
            "lanes_this_way": data.get("lanes"),
            "name": data.get("name"),
            "highway": data.get("kind"),
            "allowed_uses": data.get("uses"),
            "geometry": data.get("geometry"),
        }
        written.add_edge(start, end, **{name: value for name, value in facts.items() if value is not None})
    out.parent.mkdir(parents=True, exist_ok=True)
    nx.write_graphml(written, out)
    return (out,)


def _lanes_of_both(graph: nx.DiGraph[str], start: str, end: str) -> float | None:
    """Return the lanes of a street, there and back, as OSMnx has them; None where those of one way are not known."""
    ways = [graph.edges[way].get("lanes") for way in ((start, end), (end, start)) if graph.has_edge(*way)]
    known = [float(lanes) for lanes in ways if lanes is not None]
    return sum(known) if len(known) == len(ways) else None
