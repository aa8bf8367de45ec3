"""The graph of a network as GMNS ``node.csv`` and ``link.csv``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.loading.feeds.writing import table_bytes
from sim.loading.network_folder import LoadedNetwork


def write_gmns(loaded: LoadedNetwork, _source: Path, out: Path) -> tuple[Path, ...]:
    """Write nodes (stops) and links into a folder; lengths in metres, free speeds in km/h.

    The free speed is the length over the free running time of the simulator.
    """
    network = loaded.network
    known = np.isfinite(network.stop_x) & np.isfinite(network.stop_y)
    nodes = [
        (stop, name, repr(float(x)) if there else "", repr(float(y)) if there else "")
        for stop, name, x, y, there in zip(
            network.stop_id, network.stop_name, network.stop_x, network.stop_y, known, strict=True
        )
    ]
    speed = network.link_length_m / np.maximum(network.link_running_time_s, 1.0) * 3.6
    links = [
        (link, network.stop_id[a], network.stop_id[b], 1, f"{metres:.1f}", f"{kmh:.2f}")
        for link, a, b, metres, kmh in zip(
            network.link_id, network.link_from, network.link_to, network.link_length_m, speed, strict=True
        )
    ]
    out.mkdir(parents=True, exist_ok=True)
    files = (out / "node.csv", out / "link.csv")
    files[0].write_bytes(table_bytes(("node_id", "name", "x_coord", "y_coord"), nodes))
    header = ("link_id", "from_node_id", "to_node_id", "directed", "length", "free_speed")
    files[1].write_bytes(table_bytes(header, links))
    return files
