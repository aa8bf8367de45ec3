"""CO2 of diesel and battery buses: per kilometre, per passenger-kilometre, and where the two are even."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.model.parameters.energy_factors import LITRES_PER_US_GALLON
from sim.verification.case import REFERENCE, Case, Params, Tables, number, reference_of, whole_number
from sim.verification.families.energy import CO2_KG_PER_GALLON
from sim.verification.line import line_scenario
from sim.verification.verdict import Tolerance

LENGTH_M = 10_000.0
RUN_S = 1800.0
DISPATCH_S = 3600.0
GRID = 0.4
"""Grid factor in kg per kWh with which the battery bus runs whose break-even is asked; any would do."""

KM_PER_MILE = 1.609344


def _scenario(riders: int, energy: dict[str, Any]) -> ScenarioParameters:
    """Return one bus that carries known riders over all of its way."""
    piece = {"start": DISPATCH_S - 600.0, "end": DISPATCH_S, "commuters": riders}
    return line_scenario(
        name="verify-energy-factors",
        description="One bus runs 10 km with all its riders.",
        running_times_s=[RUN_S],
        dispatch={"departures": [DISPATCH_S], "lengths": [LENGTH_M]},
        vehicle={"seats": riders, "capacity": riders, "dwell_rule": "constant", "dead_time": 0.0},
        changes={
            "demand": {"flows": [{"origin": "s0", "destination": "s1", "placement": "even", "pieces": [piece]}]},
            "service": {"energy": energy},
        },
    )


def _diesel(params: Params) -> ScenarioParameters:
    energy = {"kind": "diesel", "diesel_l_per_100km": float(params["l_per_100km"])}
    return _scenario(int(params.get("riders", 1)), energy)


def _battery(params: Params) -> ScenarioParameters:
    energy = {
        "kind": "battery",
        "battery_kwh_per_km": float(params["kwh_per_km"]),
        "charging_efficiency": float(params["charging"]),
        "grid_co2_kg_per_kwh": float(params.get("grid", GRID)),
    }
    return _scenario(1, energy)


def _diesel_kg(params: Params) -> float:
    return float(params["l_per_100km"]) / 100.0 * CO2_KG_PER_GALLON / LITRES_PER_US_GALLON


def _drawn_kwh(params: Params) -> float:
    return float(params["kwh_per_km"]) / float(params["charging"])


def _sums(tables: Tables) -> tuple[float, float, float]:
    """Return CO2 in g, vehicle-kilometres and passenger-kilometres."""
    visits = tables["stop_visits"]
    distance_km = visits["distance_m"] / 1000.0
    return float(visits["co2_g"].sum()), float(distance_km.sum()), float((visits["departing_load"] * distance_km).sum())


def _per_km(tables: Tables, _: Params) -> FloatArray:
    co2_g, vehicle_km, _riders_km = _sums(tables)
    return np.array([co2_g / 1000.0 / vehicle_km])


def _per_rider_km(tables: Tables, _: Params) -> FloatArray:
    co2_g, _vehicle_km, riders_km = _sums(tables)
    return np.array([co2_g / riders_km])


def _break_even(tables: Tables, _: Params) -> FloatArray:
    """Return the grid factor that makes up for the ratio of both runs: battery CO2 is in proportion to it."""
    return np.array([GRID * _sums(reference_of(tables))[0] / _sums(tables)[0]])


VISITS = "tables/stop_visits.parquet'"
PER_KM_SQL = f"select sum(co2_g) / sum(distance_m) from '{VISITS}"
PER_RIDER_SQL = f"select sum(co2_g) / (sum(departing_load * distance_m) / 1000) from '{VISITS}"
EVEN_SQL = f"select {GRID} * (select sum(co2_g) from '{REFERENCE}/{VISITS}) / (select sum(co2_g) from '{VISITS})"
LITRES = number("l_per_100km", "litres of diesel per 100 km", above=0.0)
BATTERY_KEYS = (
    number("kwh_per_km", "kWh per km from the battery", above=0.0),
    number("charging", "share of the grid's energy that reaches the battery", above=0.0, most=1.0),
)
BUS: Final[Params] = {"kwh_per_km": round(2.15 / KM_PER_MILE, 6), "charging": 0.9}
DIESEL_SOURCE = "US EPA: 10.21 kg of CO2 per US gallon of diesel"
BATTERY_SOURCE = "NREL, Foothill Transit: 2.15 kWh per mile"


def _case(
    name: str,
    theory: Callable[[Params], float],
    scenario: Callable[[Params], ScenarioParameters],
    measure: Callable[[Tables, Params], FloatArray],
    recompute: str,
    **parts: Any,
) -> Case:
    return Case(
        id=f"energy.{name}",
        usual=len(parts["defaults"]),
        objection=lambda _: "",
        theory=theory,
        scenario=scenario,
        measure=measure,
        tolerance=Tolerance("exact", 1e-6, 1e-9),
        recompute=lambda _: recompute,
        **parts,
    )


CASES: tuple[Case, ...] = (
    _case(
        "diesel_kg_per_km",
        _diesel_kg,
        _diesel,
        _per_km,
        PER_KM_SQL,
        quantity="CO2 of a diesel bus in kg per km",
        keys=(LITRES,),
        defaults=({"l_per_100km": 40},),
        formula="L/100km / 100 x 10.21 kg/gal / 3.785 L/gal",
        source=DIESEL_SOURCE,
    ),
    _case(
        "diesel_g_per_pkm",
        lambda params: 1000.0 * _diesel_kg(params) / int(params["riders"]),
        _diesel,
        _per_rider_km,
        PER_RIDER_SQL,
        quantity="CO2 of a diesel bus in g per passenger-kilometre",
        keys=(LITRES, whole_number("riders", least=1)),
        defaults=({"l_per_100km": 40, "riders": 20}, {"l_per_100km": 40, "riders": 40}),
        formula="1000 x kg per km / load",
        source=DIESEL_SOURCE,
    ),
    _case(
        "battery_kg_per_km",
        lambda params: _drawn_kwh(params) * float(params["grid"]),
        _battery,
        _per_km,
        PER_KM_SQL,
        quantity="CO2 of a battery bus in kg per km",
        keys=(*BATTERY_KEYS, number("grid", "kg per kWh", least=0.0)),
        defaults=tuple({**BUS, "grid": grid} for grid in (0.05, 0.2, 0.4, 0.7)),
        formula="kWh/km / charging x grid",
        source=BATTERY_SOURCE,
    ),
    _case(
        "break_even_grid",
        lambda params: _diesel_kg(params) / _drawn_kwh(params),
        _battery,
        _break_even,
        EVEN_SQL,
        quantity="grid factor in kg per kWh at which a battery bus emits as much as a diesel bus",
        keys=(*BATTERY_KEYS, LITRES),
        defaults=({**BUS, "l_per_100km": 40},),
        formula="diesel kg/km / (kWh/km / charging)",
        source=f"{DIESEL_SOURCE}; {BATTERY_SOURCE}",
        reference=_diesel,
    ),
)
