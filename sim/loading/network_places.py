"""Where the network of a scenario is: under networks/ by name, or at a path from the scenario's folder."""

from __future__ import annotations

import os
from pathlib import Path

from sim.locations import networks_dir


def is_shipped(folder: str) -> bool:
    """Tell whether text is the name of a network under networks/, which goes before a folder of that name."""
    by_name = folder not in (".", "..") and "/" not in folder and "\\" not in folder
    return by_name and (networks_dir() / folder).exists()


def way_to_network(network: Path, place: Path) -> str:
    """Return the way from a folder to a network in it or elsewhere, as `network.folder` of a scenario there has it.

    A copy of a shipped network that lies in that folder is meant itself (test_a_copy_of_a_shipped_network_is_its_own).
    """
    way = Path(os.path.relpath(network.resolve(), place.resolve())).as_posix()
    return f"./{way}" if is_shipped(way) else way


def find_network(folder: str, base_dir: Path) -> Path | None:
    """Find a network by path relative to a folder, or by its name under networks/."""
    place = networks_dir() / folder if is_shipped(folder) else base_dir / folder
    return place if place.exists() else None
