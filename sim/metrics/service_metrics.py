"""Metrics of vehicles: kilometres, CO2 and energy; and of how far people have settled.

The mean load is passenger-kilometres over vehicle-kilometres, not boardings per vehicle.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.metrics.metric import OWN, REPLICATION, VISITS, Metric
from sim.metrics.numbers import MINUTE_S, over, share
from sim.metrics.replication_facts import ReplicationFacts
from sim.records.table import Table

EARLY_S, LATE_S = 60.0, 300.0
"""A departure is punctual from 1 min before the timetable to 5 min after, as transit agencies count it (TCQSM)."""

SERVICE_METRICS = (
    Metric(
        "punctual_departures_share",
        "punctual departures",
        "share",
        "higher",
        "departures of vehicles from stops that have one in the timetable",
        f"Departures from {EARLY_S / MINUTE_S:g} min before the timetable to {LATE_S / MINUTE_S:g} min after it, "
        "over all departures.",
        lambda facts: share(_is_punctual(facts.visits["departure_s"] - facts.visits["scheduled_departure_s"])),
        formula="#(-60 s <= departure_s - scheduled_departure_s <= 300 s) / n",
        source="1 min early to 5 min late: TCQSM, TCRP Report 165",
    ),
    Metric(
        "vehicle_km",
        "vehicle-kilometres",
        "km per day",
        "neither",
        VISITS,
        "Way that vehicles ran, by the lengths of links.",
        lambda facts: facts.per_day(float(facts.distance_km.sum())),
        told=(("supply", 1),),
        formula="sum(distance_m) / 1000 / days",
        source=OWN,
    ),
    Metric(
        "vehicle_hours",
        "vehicle-hours",
        "h per day",
        "neither",
        "vehicles at stops and between them",
        "Time that vehicles were on trips, from the arrival at the first stop to the departure from the last; layovers "
        "between trips are left out.",
        lambda facts: facts.per_day(
            float((facts.visits["departure_s"] - facts.visits["arrival_s"] + facts.between_s).sum()) / 3600.0
        ),
        told=(("supply", 2),),
        formula="sum(departure_s - arrival_s + time to the next stop) / 3600 / days",
        source=OWN,
    ),
    Metric(
        "passenger_km",
        "passenger-kilometres",
        "km per day",
        "neither",
        VISITS,
        "Way that passengers rode.",
        lambda facts: facts.per_day(facts.passenger_km),
        formula="sum(departing_load x distance_m) / 1000 / days",
        source=OWN,
    ),
    Metric(
        "mean_load_per_vehicle_km",
        "mean load over the way",
        "",
        "neither",
        VISITS,
        "Passenger-kilometres over vehicle-kilometres.",
        lambda facts: over(facts.passenger_km, float(facts.distance_km.sum())),
        formula="passenger_km / vehicle_km",
        source=OWN,
    ),
    Metric(
        "co2_kg",
        "CO2",
        "kg per day",
        "lower",
        VISITS,
        "CO2 of all vehicles, by the factors of the scenario.",
        lambda facts: facts.per_day(float(facts.visits["co2_g"].sum()) / 1000.0),
        formula="sum(co2_g) / 1000 / days",
        source="factors: docs/scenario-reference.md, energy",
    ),
    Metric(
        "co2_g_per_passenger_km",
        "CO2 per passenger-kilometre",
        "g/km",
        "lower",
        VISITS,
        "CO2 of all vehicles over passenger-kilometres.",
        lambda facts: over(float(facts.visits["co2_g"].sum()), facts.passenger_km),
        formula="sum(co2_g) / days / passenger_km",
        source="factors: docs/scenario-reference.md, energy",
    ),
    Metric(
        "energy_kwh",
        "energy",
        "kWh per day",
        "lower",
        VISITS,
        "Energy of all vehicles from tank or grid.",
        lambda facts: facts.per_day(float(facts.visits["energy_kwh"].sum())),
        formula="sum(energy_kwh) / days",
        source="factors: docs/scenario-reference.md, energy",
    ),
    Metric(
        "energy_kwh_per_passenger_km",
        "energy per passenger-kilometre",
        "kWh/km",
        "lower",
        VISITS,
        "Energy of all vehicles from tank or grid over passenger-kilometres.",
        lambda facts: over(float(facts.visits["energy_kwh"].sum()), facts.passenger_km),
        formula="sum(energy_kwh) / days / passenger_km",
        source="factors: docs/scenario-reference.md, energy",
    ),
)

SETTLING_METRICS = (
    Metric(
        "days_simulated",
        "days simulated",
        "days",
        "neither",
        REPLICATION,
        "Days not skipped because people had settled.",
        lambda facts: _last_day(facts, lambda days, _: float(len(days))),
        formula="number of rows of `days`",
        source=OWN,
    ),
    Metric(
        "departure_change_min",
        "change of departures",
        "min",
        "neither",
        "persons on the last day",
        "Mean change of departure from the day before to the last day: how far people have settled.",
        lambda facts: _last_day(facts, lambda days, last: float(days["departure_change_s"][last]) / MINUTE_S),
        formula="departure_change_s / 60 of the last row of `days`",
        source=OWN,
    ),
    Metric(
        "relative_gap_share",
        "relative gap",
        "share",
        "neither",
        "persons on the last day that decide for themselves",
        "What those that decide for themselves could have saved on the last day in other windows, over what they paid.",
        lambda facts: _last_day(facts, lambda days, last: float(days["relative_gap_share"][last])),
        formula=(
            "relative_gap_share of the last row of `days`: (sum(cost) - sum(least cost expected over "
            "windows)) / sum(cost)"
        ),
        source=(
            "relative gap of traffic assignment, e.g. Boyce, Ralevic-Dekic and Bar-Gera 2004; for windows: "
            "this program's"
        ),
    ),
)


def _last_day(facts: ReplicationFacts, compute: Callable[[Table, int], float]) -> float:
    """Return a metric of the table of all simulated days and the row of the last; NaN where there is no table."""
    days = facts.tables.get("days")
    return math.nan if days is None or not len(days) else compute(days, int(days["day"].argmax()))


def _is_punctual(late_s: FloatArray) -> BoolArray:
    known = late_s[np.isfinite(late_s)]
    punctual: BoolArray = (known >= -EARLY_S) & (known <= LATE_S)
    return punctual
