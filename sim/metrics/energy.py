"""Vehicle-kilometres, passenger-kilometres, and CO2 and energy for each of them."""

from __future__ import annotations

from sim.records.table import Table


def energy_metrics(stop_visits: Table, days: int) -> dict[str, float]:
    """Return distances, emissions and energy of a run; the latter two are NaN where the scenario has none.

    The mean load is passenger-kilometres over vehicle-kilometres, not boardings per vehicle.

    Parameters
    ----------
    stop_visits : Table
        Of one strategy and one replication.
    days : int
        Days that the rows come from.
    """
    distance_km = stop_visits["distance_m"] / 1000.0
    vehicle_km = float(distance_km.sum())
    passenger_km = float((stop_visits["departing_load"] * distance_km).sum())
    co2_g, energy_kwh = float(stop_visits["co2_g"].sum()), float(stop_visits["energy_kwh"].sum())
    return {
        "vehicle_km": _over(vehicle_km, days),
        "passenger_km": _over(passenger_km, days),
        "mean_load_per_vehicle_km": _over(passenger_km, vehicle_km),
        "co2_kg": _over(co2_g / 1000.0, days),
        "co2_g_per_passenger_km": _over(co2_g, passenger_km),
        "energy_kwh": _over(energy_kwh, days),
        "energy_kwh_per_passenger_km": _over(energy_kwh, passenger_km),
    }


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else float("nan")
