"""A network as GeoJSON (RFC 7946): stops and other nodes as points, links as lines."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from sim.errors import NetworkError, Problem
from sim.loading.network_folder import LoadedNetwork
from sim.model.line_strings import parse_line
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
    x, y = network.positions()
    stops = [{"stop_id": stop, "name": name} for stop, name in zip(network.stop_id, network.stop_name, strict=True)]
    return [
        _feature("Point", _position(x[row], y[row]), properties)
        for row, properties in enumerate([*stops, *({"node_id": node} for node in network.node_id)])
    ]


def _links(loaded: LoadedNetwork) -> list[dict[str, Any]]:
    network, service = loaded.network, loaded.service
    lines: dict[int, list[str]] = {}
    for pattern in service.patterns:
        line = service.lines[pattern.line].name
        for link in (link for hop in pattern.links for link in hop):
            if line not in lines.setdefault(link, []):
                lines[link].append(line)
    x, y = network.positions()
    features = []
    for row, name in enumerate(network.link_id):
        start, end = int(network.link_from[row]), int(network.link_to[row])
        properties = {
            "link_id": name,
            "from_stop_id": network.nodes[start],
            "to_stop_id": network.nodes[end],
            "length_m": round(float(network.link_length_m[row]), 1),
            "running_time_s": round(float(network.link_running_time_s[row]), 1),
            **_street(network, row),
            "lines": sorted(lines.get(row, [])),
        }
        course = parse_line(network.streets.geometry[row]) if network.streets is not None else ()
        points = course if len(course) else [(x[start], y[start]), (x[end], y[end])]
        features.append(_feature("LineString", [_position(*point) for point in points], properties))
    return features


def _street(network: Network, row: int) -> dict[str, Any]:
    """Return what else is known of a link."""
    streets = network.streets
    if streets is None:
        return {}
    numbers = {"free_speed_km_h": streets.free_speed_m_per_s[row] * 3.6, "lanes": streets.lanes[row]}
    texts = {"name": streets.name[row], "allowed_uses": streets.uses[row], "facility_type": streets.kind[row]}
    known = {name: round(float(value), 6) for name, value in numbers.items() if math.isfinite(value)}
    return {**known, **{name: text for name, text in texts.items() if text}}


def _position(x: float, y: float) -> list[float]:
    # Seven decimals are a centimetre.
    return [round(float(x), 7), round(float(y), 7)]


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    known = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in properties.items()
    }
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": known}
