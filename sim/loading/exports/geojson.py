"""A network as GeoJSON (RFC 7946): stops as points, links as lines."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from sim.errors import NetworkError, Problem
from sim.loading.network_folder import LoadedNetwork
from sim.model.network import Network


def write_geojson(loaded: LoadedNetwork, _source: Path, out: Path) -> tuple[Path, ...]:
    """Write stops and links into one file.

    Raises
    ------
    NetworkError
        When positions are not degrees, as the format demands.
    """
    network = loaded.network
    if not network.geographic:
        message = "the stops have no degrees of longitude and latitude, and GeoJSON has no other positions"
        raise NetworkError([Problem(network.name, 0, 0, "", message)])
    features = [*_stops(network), *_links(loaded)]
    text = json.dumps({"type": "FeatureCollection", "features": features}, indent=1, ensure_ascii=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text + "\n", encoding="utf-8")
    return (out,)


def _stops(network: Network) -> list[dict[str, Any]]:
    return [
        _feature("Point", _position(network, row), {"stop_id": stop, "name": network.stop_name[row]})
        for row, stop in enumerate(network.stop_id)
    ]


def _links(loaded: LoadedNetwork) -> list[dict[str, Any]]:
    network, service = loaded.network, loaded.service
    lines: dict[int, list[str]] = {}
    for pattern in service.patterns:
        line = service.lines[pattern.line].name
        for link in (link for hop in pattern.links for link in hop):
            if line not in lines.setdefault(link, []):
                lines[link].append(line)
    features = []
    for row, name in enumerate(network.link_id):
        ends = [_position(network, int(stops[row])) for stops in (network.link_from, network.link_to)]
        properties = {
            "link_id": name,
            "from_stop_id": network.stop_id[int(network.link_from[row])],
            "to_stop_id": network.stop_id[int(network.link_to[row])],
            "length_m": round(float(network.link_length_m[row]), 1),
            "running_time_s": round(float(network.link_running_time_s[row]), 1),
            "lines": sorted(lines.get(row, [])),
        }
        features.append(_feature("LineString", ends, properties))
    return features


def _position(network: Network, row: int) -> list[float]:
    # Seven decimals are a centimetre.
    return [round(float(network.stop_x[row]), 7), round(float(network.stop_y[row]), 7)]


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    known = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in properties.items()
    }
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": known}
