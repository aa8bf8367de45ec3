"""CO2 per passenger-kilometre of a fleet with known distances."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.model.parameters.energy_factors import LITRES_PER_US_GALLON
from sim.verification.case import Case, Params, Tables, number
from sim.verification.line import line_scenario
from sim.verification.verdict import Tolerance

BUSES = 12
RIDERS = 9000
CO2_KG_PER_GALLON = 10.21


def _ride_km(params: Params) -> float:
    return float(params["pkm"]) / RIDERS


def _bus_km(params: Params) -> float:
    return float(params["vkm"]) / BUSES


def _objection(params: Params) -> str:
    if _ride_km(params) >= _bus_km(params):
        return f"{RIDERS} riders of {BUSES} buses cannot ride farther than a bus runs; pkm must be less than 750 vkm"
    return ""


def _theory(params: Params) -> float:
    co2_kg = float(params["vkm"]) * float(params["l_per_100km"]) / 100.0 * CO2_KG_PER_GALLON / LITRES_PER_US_GALLON
    return 1000.0 * co2_kg / float(params["pkm"])


def _scenario(params: Params) -> ScenarioParameters:
    lengths_m = [1000.0 * _ride_km(params), 1000.0 * (_bus_km(params) - _ride_km(params))]
    piece = {"start": 0.0, "end": 600.0, "commuters": RIDERS}
    return line_scenario(
        name="verify-energy",
        description="Twelve buses run a known way; all riders ride its first part.",
        running_times_s=[600.0, 3600.0],
        dispatch={"departures": [600.0 * (number + 1) for number in range(BUSES)], "lengths": lengths_m},
        vehicle={"seats": 50, "capacity": RIDERS, "dwell_rule": "constant", "dead_time": 0.0},
        changes={
            "demand": {"flows": [{"origin": "s0", "destination": "s1", "placement": "even", "pieces": [piece]}]},
            "service": {"energy": {"kind": "diesel", "diesel_l_per_100km": float(params["l_per_100km"])}},
        },
    )


def _measure(tables: Tables, params: Params) -> FloatArray:
    del params
    visits = tables["stop_visits"]
    numbers = np.unique(visits["replication"])
    found = []
    for replication in numbers.tolist():
        own = visits["replication"] == replication
        ridden_km = (visits["departing_load"][own] * visits["distance_m"][own]).sum() / 1000.0
        found.append(visits["co2_g"][own].sum() / ridden_km)
    return np.array(found, dtype=np.float64)


def _sql(params: Params) -> str:
    del params
    return "select sum(co2_g) / (sum(departing_load * distance_m) / 1000) from 'tables/stop_visits.parquet'"


CASES = (
    Case(
        id="energy.example_g_per_pkm",
        quantity="CO2 in g per passenger-kilometre",
        keys=(
            number("vkm", "vehicle-kilometres a day", above=0.0),
            number("l_per_100km", "litres of diesel per 100 km", above=0.0),
            number("pkm", "passenger-kilometres a day", above=0.0),
        ),
        defaults=({"vkm": 2160, "l_per_100km": 40, "pkm": 40500},),
        usual=1,
        objection=_objection,
        theory=_theory,
        scenario=_scenario,
        measure=_measure,
        tolerance=Tolerance("exact", 1e-6, 1e-6),
        formula="vkm L/100km / 100 x 10.21 kg/gal / 3.785 L/gal / pkm",
        source="US EPA emission factors; 12 buses of 180 km, 9,000 riders of 4.5 km",
        recompute=_sql,
    ),
)
