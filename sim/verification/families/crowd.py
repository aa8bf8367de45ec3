"""What crowding feels like to one who sits and one who stands in a vehicle of known load."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, number, whole_number
from sim.verification.verdict import Tolerance

PER_M2 = 0.119
STANDING = 0.265
"""Hoercher, Graham and Anderson 2017: each person standing per m2, and standing oneself."""

SEATS = 40
STANDEES = 40
DISPATCH_S = 3600.0
RUN_S = 600.0


def _scenario(riders: int, seats: int, area_m2: float) -> ScenarioParameters:
    """Return one vehicle from a to b with known riders, where only time on board costs."""
    flow = {
        "origin": "a",
        "destination": "b",
        "placement": "even",
        "pieces": [{"start": 0.0, "end": DISPATCH_S, "commuters": riders}],
    }
    line = {"id": "line", "stops": ["a", "b"], "running_times": [RUN_S], "departures": [DISPATCH_S], "vehicle": "bus"}
    free = ("wait_weight", "walk_weight", "early_penalty", "late_penalty", "transfer_penalty")
    return ScenarioParameters.model_validate(
        {
            "name": "verify-crowd",
            "description": "One vehicle with known riders; seats go to those who boarded first.",
            "replications": 1,
            "days": 1,
            "network": {"lines": [line]},
            "demand": {"flows": [flow]},
            "service": {
                "vehicles": {"bus": {"seats": seats, "capacity": max(riders, seats), "standing_area_m2": area_m2}},
                "no_dwell": True,
            },
            "preferences": {
                **dict.fromkeys(free, 0.0),
                "crowding": {"kind": "seated_standing", "curve": "hoercher_2017"},
            },
        }
    )


def _multiplier(tables: Tables, rows: BoolArray | slice) -> FloatArray:
    journeys = tables["journeys"]
    felt_s = journeys["generalized_cost_min"] * 60.0 / journeys["in_vehicle_s"]
    return np.array([felt_s[rows].mean()])


def _horcher_scenario(params: Params) -> ScenarioParameters:
    density = float(params["density"])
    standees = STANDEES if density > 0 else 0
    return _scenario(SEATS + standees, SEATS, STANDEES / density if density > 0 else 1.0)


def _measure_one(tables: Tables, params: Params) -> FloatArray:
    """Return what those felt who stand: the last to come, since seats go to the first."""
    came = tables["journeys"]["departure_s"].argsort(kind="stable").argsort(kind="stable")
    return _multiplier(tables, (came >= SEATS) == bool(params["standing"]))


def _measure_mean(tables: Tables, params: Params) -> FloatArray:
    del params
    return _multiplier(tables, slice(None))


def _mean_sql(params: Params) -> str:
    del params
    return "select avg(generalized_cost_min * 60 / in_vehicle_s) from 'tables/journeys.parquet'"


def _mean_theory(params: Params) -> float:
    riders, seats = int(params["riders"]), int(params["seats"])
    standees = max(riders - seats, 0)
    seated = 1.0 + PER_M2 * standees / float(params["area"])
    return (min(riders, seats) * seated + standees * (seated + STANDING)) / riders


def _one_sql(params: Params) -> str:
    order = "row_number() over (order by departure_s, commuter_id)"
    sign = ">" if params["standing"] else "<="
    return (
        f"select avg(felt) from (select generalized_cost_min * 60 / in_vehicle_s as felt, {order} as came "
        f"from 'tables/journeys.parquet') where came {sign} {SEATS}"
    )


def _objection(params: Params) -> str:
    if params["standing"] and not params["density"] > 0:
        return "nobody stands at density 0; give standing: false"
    return ""


def _case(name: str, **parts: Any) -> Case:
    return Case(
        id=f"crowd.{name}",
        usual=len(parts["defaults"]),
        tolerance=Tolerance("exact", 1e-6, 1e-6),
        source="Hoercher, Graham and Anderson 2017, TR-B 95:105-125",
        **parts,
    )


CASES = (
    _case(
        "horcher",
        quantity="generalized cost over time on board of one who sits or stands",
        keys=(
            number("density", "persons standing per m2, at least 0", above=-1e-300),
            Key("standing", "true or false", lambda value: isinstance(value, bool)),
        ),
        defaults=({"density": 4, "standing": True}, {"density": 4, "standing": False}),
        objection=_objection,
        theory=lambda params: 1.0 + PER_M2 * float(params["density"]) + (STANDING if params["standing"] else 0.0),
        scenario=_horcher_scenario,
        measure=_measure_one,
        formula="1 + 0.119 density + 0.265 if standing",
        recompute=_one_sql,
    ),
    _case(
        "rider_mean",
        quantity="generalized cost over time on board, mean over the riders of a vehicle",
        keys=(whole_number("riders", 1), whole_number("seats", 0), number("area", "m2", above=0.0)),
        defaults=({"riders": 70, "seats": 40, "area": 12},),
        objection=lambda _: "",
        theory=_mean_theory,
        scenario=lambda params: _scenario(int(params["riders"]), int(params["seats"]), float(params["area"])),
        measure=_measure_mean,
        formula="mean over riders of 1 + 0.119 x standing / area, and 0.265 more for each who stands",
        recompute=_mean_sql,
    ),
)
