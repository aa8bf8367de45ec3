"""Networks written in the formats of other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sim.loading.exports.geojson import write_geojson
from sim.loading.exports.gmns import write_gmns
from sim.loading.exports.graphml import write_graphml
from sim.loading.exports.gtfs import write_gtfs
from sim.loading.exports.sumo import write_sumo
from sim.loading.network_folder import LoadedNetwork

Export = Callable[[LoadedNetwork, Path, Path], tuple[Path, ...]]
"""Writes a network that was read from the first path to the second; returns the files written."""

EXPORTS: Final[MappingProxyType[str, Export]] = MappingProxyType(
    {
        "geojson": write_geojson,
        "gtfs": write_gtfs,
        "gmns": write_gmns,
        "graphml": write_graphml,
        "sumo": write_sumo,
    }
)
"""Writers by the name of the format."""
