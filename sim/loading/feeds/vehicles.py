"""Vehicle types for a feed, which has none: by route type, all figures assumed."""

from __future__ import annotations

from typing import Final

from sim.loading.csv_tables import TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.text_rows import texts, with_column
from sim.model.parameters import VehicleParameters


def _kind(seats: int, capacity: int, doors: int, channels: int) -> VehicleParameters:
    return VehicleParameters(
        seats=seats, capacity=capacity, doors=doors, boarding_channels=channels, alighting_channels=channels
    )


ASSUMED: Final = {
    "bus": _kind(30, 80, 2, 1),
    "coach": _kind(50, 50, 1, 1),
    "trolleybus": _kind(30, 80, 2, 1),
    "tram": _kind(60, 180, 4, 4),
    "metro": _kind(240, 1000, 24, 24),
    "rail": _kind(400, 800, 16, 16),
    "monorail": _kind(100, 400, 8, 8),
    "ferry": _kind(150, 300, 2, 2),
    "cable_tram": _kind(30, 60, 2, 2),
    "cabin": _kind(8, 8, 1, 1),
    "funicular": _kind(40, 80, 4, 4),
    "air": _kind(150, 150, 2, 2),
    "taxi": _kind(4, 4, 2, 2),
    "other": _kind(30, 80, 2, 1),
}
"""Seats, capacity, doors and channels of each type; the numbers are assumed."""

_BASIC: Final = {
    0: "tram",
    1: "metro",
    2: "rail",
    3: "bus",
    4: "ferry",
    5: "cable_tram",
    6: "cabin",
    7: "funicular",
    11: "trolleybus",
    12: "monorail",
}
_HUNDREDS: Final = {
    1: "rail",
    2: "coach",
    4: "metro",
    5: "metro",
    6: "metro",
    7: "bus",
    8: "trolleybus",
    9: "tram",
    10: "ferry",
    11: "air",
    12: "ferry",
    13: "cabin",
    14: "funicular",
    15: "taxi",
}
_MONORAIL: Final = 405


def assumed_type(route_type: str) -> str:
    """Return the name of the vehicle type for a route type, basic or extended."""
    kind = int(route_type)
    if kind == _MONORAIL:
        return "monorail"
    return _BASIC.get(kind) or _HUNDREDS.get(kind // 100, "other")


def assign_vehicles(tables: dict[str, TextTable], ledger: ImportLedger | None = None) -> dict[str, VehicleParameters]:
    """Write a vehicle type into each trip, and return the types used."""
    routes, trips = tables["routes"], tables["trips"]
    of_route = dict(zip(routes.text("route_id"), map(assumed_type, routes.text("route_type")), strict=True))
    names = [of_route[route] for route in trips.text("route_id")]
    tables["trips"] = with_column(trips, "vehicle_type", texts(names))
    used = sorted(set(names))
    if ledger is not None:
        ledger.add("vehicle_assumed", trips.file, len(names), used)
    return {name: ASSUMED[name] for name in used}
