"""The service of a network as a GTFS zip, with its calendar and frequencies as they are."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from sim.loading.feeds.cleaning import clean_feed
from sim.loading.feeds.shapes import with_shapes
from sim.loading.feeds.writing import GTFS_TABLES, gtfs_bytes
from sim.loading.network_files import NetworkFiles
from sim.loading.network_folder import LoadedNetwork
from sim.loading.problems import ProblemCollector

_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Written as the time of each member, so that the same network gives the same bytes."""


def write_gtfs(_loaded: LoadedNetwork, source: Path, out: Path) -> tuple[Path, ...]:
    """Write the tables of the network's feed into one zip; those of a bare feed without its faults.

    The column ``vehicle_type`` of ``trips.txt`` is this program's own; GTFS lets it be.
    """
    files = NetworkFiles(source, ProblemCollector())
    if files.kind == "gtfs":
        cleaned = clean_feed(files)
        tables = with_shapes(cleaned.tables, cleaned.shapes)
        members = {name: gtfs_bytes(name, tables[name]) for name in GTFS_TABLES if name in tables}
    else:
        read = {name: files.bytes(f"gtfs/{name}.txt") for name in GTFS_TABLES}
        members = {name: data for name, data in read.items() if data is not None}
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.txt", _NO_TIME), data, zipfile.ZIP_DEFLATED)
    return (out,)
