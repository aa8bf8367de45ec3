"""What there is to say about a network: counts, span of service, busiest hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.cli.output import counted
from sim.loading.network_folder import LoadedNetwork
from sim.model.demand import Demand
from sim.model.service import Service
from sim.units import format_clock_short

_HOUR_S = 3600.0


def network_facts(loaded: LoadedNetwork) -> dict[str, Any]:
    """Return the facts as plain values, for JSON and for people; clock times in seconds after midnight."""
    network, service, demand = loaded.network, loaded.service, loaded.demand
    return {
        "name": network.name,
        "stops": len(network.stop_id),
        "links": len(network.link_id),
        "links_length_km": round(float(network.link_length_m.sum()) / 1000.0, 3),
        "lines": len(service.lines),
        "patterns": len(service.patterns),
        "trips": len(service.trip_id),
        "blocks": len(service.block_id),
        "vehicle_types": list(_vehicle_types(service)),
        "first_departure_s": _known(service.scheduled_departure_s.min(initial=np.inf)),
        "last_arrival_s": _known(service.scheduled_arrival_s.max(initial=-np.inf)),
        "commuters": float(demand.commuters.sum()),
        "origin_destination_pairs": len(demand.pairs()),
        "busiest_hour_by_departures": _busiest(_departures_by_hour(service), "trips"),
        "busiest_hour_by_demand": _busiest(_commuters_by_hour(demand), "commuters"),
        "notes": list(network.notes),
        "mentions": [str(mention) for mention in loaded.mentions],
    }


def stops_and_links(
    loaded: LoadedNetwork,
) -> tuple[list[dict[str, Any]], list[dict[str, str]], list[dict[str, Any]]]:
    """Return stops, the links between them and further nodes of streets, as a picture of the network needs them."""
    network = loaded.network
    stops = [
        {"stop_id": stop, "name": name, "x": _known(x), "y": _known(y)}
        for stop, name, x, y in zip(
            network.stop_id, network.stop_name, network.stop_x.tolist(), network.stop_y.tolist(), strict=True
        )
    ]
    x, y = (axis[len(network.stop_id) :].tolist() for axis in network.positions())
    nodes = [{"node_id": node, "x": _known(x[row]), "y": _known(y[row])} for row, node in enumerate(network.node_id)]
    return stops, network.link_ends(network.shown_links(loaded.service.used_links)), nodes


def facts_in_words(facts: dict[str, Any]) -> dict[str, str]:
    """Return the facts as texts under the words people use."""
    kinds = [
        f"{kind['vehicle_type']}: {kind['seats']} seats, capacity {kind['capacity']}, {counted(kind['trips'], 'trip')}"
        for kind in facts["vehicle_types"]
    ]
    words = {
        "network": facts["name"],
        "stops": f"{facts['stops']:,}",
        "links": f"{facts['links']:,}, each one way, {facts['links_length_km']:,.1f} km in all",
        "lines": f"{facts['lines']:,} with {counted(facts['patterns'], 'stop pattern')}",
        "trips": f"{facts['trips']:,} in {counted(facts['blocks'], 'vehicle block')}",
        "vehicles": "; ".join(kinds),
        "service": f"{_clock(facts['first_departure_s'])} to {_clock(facts['last_arrival_s'])}",
        "demand": f"{counted(round(facts['commuters']), 'commuter')}, "
        f"{counted(facts['origin_destination_pairs'], 'pair')} of stops",
        "busiest hour": _busiest_words(facts),
    }
    if not facts["origin_destination_pairs"]:
        words["demand"] = "none in the data"
    for number, note in enumerate(facts["notes"]):
        words["notes" if not number else " " * number] = note
    return words


def _vehicle_types(service: Service) -> Iterator[dict[str, Any]]:
    trips = np.bincount(service.trip_vehicle_type, minlength=len(service.vehicle_types))
    for kind, count in zip(service.vehicle_types, trips.tolist(), strict=True):
        yield {
            "vehicle_type": kind.vehicle_type,
            "seats": kind.seats,
            "capacity": kind.capacity,
            "doors": kind.doors,
            "trips": count,
        }


def _departures_by_hour(service: Service) -> FloatArray:
    """Count the trips that leave their first stop in each clock hour."""
    starts_s = service.scheduled_departure_s[service.visit_ptr[:-1]]
    return np.bincount(_hour(starts_s)).astype(np.float64)


def _commuters_by_hour(demand: Demand) -> FloatArray:
    """Spread the commuters of each flow evenly over its stretch and sum them by clock hour."""
    last = int(_hour(demand.end_s).max(initial=0))
    edges_s = np.arange(last + 2) * _HOUR_S
    covered_s = np.minimum(demand.end_s[:, None], edges_s[1:]) - np.maximum(demand.start_s[:, None], edges_s[:-1])
    share = np.clip(covered_s, 0.0, None) / np.maximum(demand.end_s - demand.start_s, 1e-9)[:, None]
    by_hour: FloatArray = (demand.commuters[:, None] * share).sum(axis=0)
    return by_hour


def _hour(times_s: FloatArray) -> Any:
    return np.maximum(times_s // _HOUR_S, 0).astype(np.int64)


def _busiest(by_hour: FloatArray, what: str) -> dict[str, Any] | None:
    if not by_hour.sum() > 0:
        return None
    hour = int(by_hour.argmax())
    return {"start_s": hour * _HOUR_S, "end_s": (hour + 1) * _HOUR_S, what: round(float(by_hour[hour]), 1)}


def _busiest_words(facts: dict[str, Any]) -> str:
    parts = []
    for key, what in (("busiest_hour_by_departures", "trips"), ("busiest_hour_by_demand", "commuters")):
        hour = facts[key]
        if hour is not None:
            often = counted(round(hour[what]), what.removesuffix("s"))
            parts.append(f"{_clock(hour['start_s'])} to {_clock(hour['end_s'])} with {often}")
    return "; ".join(parts) or "none"


def _clock(seconds: float | None) -> str:
    return "unknown" if seconds is None else format_clock_short(seconds)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
