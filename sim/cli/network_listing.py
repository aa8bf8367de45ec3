"""What `network stops` and `network lines` say of each stop and line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.arrays import BoolArray
from sim.loading.shipped import find_network, find_scenario
from sim.model.network import Network
from sim.model.service import Service
from sim.units import format_clock_short


def network_and_service(text: str) -> tuple[Network, Service]:
    """Read a network folder, a feed, a shipped network by name, or the network that a scenario file makes of it."""
    if text.lower().endswith((".yaml", ".yml")):
        from sim.loading.scenario import load_scenario

        scenario = load_scenario(find_scenario(text))
        return scenario.network, scenario.service
    from sim.loading.network_folder import load_network

    loaded = load_network(find_network(text))
    return loaded.network, loaded.service


def stop_facts(network: Network, service: Service) -> list[dict[str, Any]]:
    """Return for each stop id, name, position, lines, departures, and the first and last of them in seconds.

    Visits at which nobody may board, such as those at the end of a trip, are no departures.
    """
    stop, line = service.visit_stop, _visit_line(service)
    boards = service.visit_boards & ~_is_last(service)
    order = np.argsort(stop, kind="stable")
    ends = np.searchsorted(stop[order], np.arange(len(network.stop_id) + 1))
    facts = []
    for row, (stop_id, name) in enumerate(zip(network.stop_id, network.stop_name, strict=True)):
        visits = order[ends[row] : ends[row + 1]]
        leaving_s = service.scheduled_departure_s[visits[boards[visits]]]
        facts.append(
            {
                "stop_id": stop_id,
                "name": name,
                "lines": [service.lines[number].line_id for number in np.unique(line[visits]).tolist()],
                "line_names": [service.lines[number].name for number in np.unique(line[visits]).tolist()],
                "departures": len(leaving_s),
                "first_departure_s": float(leaving_s.min()) if len(leaving_s) else None,
                "last_departure_s": float(leaving_s.max()) if len(leaving_s) else None,
                "x": _known(network.stop_x[row]),
                "y": _known(network.stop_y[row]),
            }
        )
    return facts


def line_facts(network: Network, service: Service) -> list[dict[str, Any]]:
    """Return for each line id, names, what runs on it, trips, the first and last departure, and its directions."""
    line = _trip_line(service)
    starts_s = service.scheduled_departure_s[service.visit_ptr[:-1]]
    facts = []
    for number, known in enumerate(service.lines):
        trips = np.flatnonzero(line == number)
        kinds = np.unique(service.trip_vehicle_type[trips]).tolist()
        facts.append(
            {
                "line_id": known.line_id,
                "name": known.name,
                "long_name": known.long_name,
                "label": known.label,
                "mode": known.mode,
                "vehicle_types": [service.vehicle_types[kind].vehicle_type for kind in kinds],
                "trips": len(trips),
                "first_departure_s": float(starts_s[trips].min()) if len(trips) else None,
                "last_departure_s": float(starts_s[trips].max()) if len(trips) else None,
                "directions": list(_directions(network, service, trips)),
            }
        )
    return facts


def hours(fact: dict[str, Any]) -> list[str]:
    """Return the first and last departure as texts, a dash where there is none."""
    times = (fact["first_departure_s"], fact["last_departure_s"])
    return ["–" if time is None else format_clock_short(time) for time in times]


def _directions(network: Network, service: Service, trips: Any) -> Iterator[dict[str, Any]]:
    """Yield the directions of some trips, each with the stops that most of its trips serve."""
    patterns, counts = np.unique(service.trip_pattern[trips], return_counts=True)
    by_direction: dict[int, list[tuple[int, int]]] = {}
    for pattern, count in zip(patterns.tolist(), counts.tolist(), strict=True):
        by_direction.setdefault(service.patterns[pattern].direction_id, []).append((count, -pattern))
    for direction, of_it in sorted(by_direction.items()):
        stops = service.patterns[-max(of_it)[1]].stops
        yield {
            "direction_id": direction,
            "trips": sum(count for count, _ in of_it),
            "stop_patterns": len(of_it),
            "stops": [network.stop_id[stop] for stop in stops],
            "stop_names": [network.stop_name[stop] for stop in stops],
        }


def _trip_line(service: Service) -> Any:
    return np.array([pattern.line for pattern in service.patterns], dtype=np.int64)[service.trip_pattern]


def _visit_line(service: Service) -> Any:
    return _trip_line(service)[service.visit_trip]


def _is_last(service: Service) -> BoolArray:
    last = np.zeros(len(service.scheduled_departure_s), dtype=np.bool_)
    last[service.visit_ptr[1:] - 1] = True
    return last


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
