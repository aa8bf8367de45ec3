"""The graph of a network as GMNS ``node.csv`` and ``link.csv``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from sim.loading.feeds.writing import table_bytes
from sim.loading.network_folder import LoadedNetwork
from sim.model.network import Network


def write_gmns(loaded: LoadedNetwork, _source: Path, out: Path) -> tuple[Path, ...]:
    """Write nodes (stops, then other nodes) and links into a folder; lengths in metres, free speeds in km/h.

    Numbers have all their digits, so that the folder read back is the same graph. The free speed is that of the link,
    or length over free running time where none is known.
    """
    network = loaded.network
    out.mkdir(parents=True, exist_ok=True)
    files = (out / "node.csv", out / "link.csv")
    files[0].write_bytes(table_bytes(("node_id", "name", "x_coord", "y_coord"), _nodes(network)))
    files[1].write_bytes(table_bytes(*_links(network)))
    return files


def _nodes(network: Network) -> Iterator[tuple[str, ...]]:
    x, y = network.positions()
    names = (*network.stop_name, *("" for _ in network.node_id))
    for row, (node, name) in enumerate(zip(network.nodes, names, strict=True)):
        yield node, name, _number(x[row] if np.isfinite(y[row]) else np.nan), _number(y[row])


def _links(network: Network) -> tuple[Sequence[str], Iterator[tuple[object, ...]]]:
    streets, capacity = network.streets, network.link_capacity_per_s
    count = len(network.link_id)
    speed = network.link_length_m / np.maximum(network.link_running_time_s, 1.0)
    columns: dict[str, Iterable[object]] = {
        "link_id": network.link_id,
        "from_node_id": [network.nodes[row] for row in network.link_from.tolist()],
        "to_node_id": [network.nodes[row] for row in network.link_to.tolist()],
        "directed": [1] * count,
        "length": map(_number, network.link_length_m),
    }
    if streets is not None:
        speed = np.where(np.isfinite(streets.free_speed_m_per_s), streets.free_speed_m_per_s, speed)
    columns["free_speed"] = map(_number, speed * 3.6)
    if streets is not None:
        # GMNS counts the capacity of a link per lane.
        lanes = np.where(np.isfinite(streets.lanes), streets.lanes, 1.0)
        columns["lanes"] = map(_number, streets.lanes)
        columns["capacity"] = [""] * count if capacity is None else map(_number, capacity * 3600.0 / lanes)
        columns |= {"allowed_uses": streets.uses, "name": streets.name, "facility_type": streets.kind}
        columns["geometry"] = streets.geometry
        signals = ("signal_cycle_s", "signal_green_share", "signal_offset_s")
        if np.isfinite(streets.signal_cycle_s).any():
            columns |= {name: map(_number, getattr(streets, name)) for name in signals}
    return tuple(columns), zip(*columns.values(), strict=True)


def _number(value: float) -> str:
    """Return a number with all its digits; blank where it is not known."""
    return repr(float(value)) if np.isfinite(value) else ""
