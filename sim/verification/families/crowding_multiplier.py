"""What crowding feels like to somebody who sits and to somebody who stands in a vehicle of known load."""

from __future__ import annotations

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, RefusedError, Tables, number, one_of
from sim.verification.scenarios import LINE, flow, line, scenario
from sim.verification.verdict import Tolerance

PER_M2 = 0.119
STANDING = 0.265
"""Hoercher, Graham and Anderson 2017: each person standing per m2, and standing oneself."""

SEATS = 40
STANDEES = 40
DISPATCH_S = 3600.0
RUN_S = 600.0


def crowded_vehicle(riders: int, seats: int, area_m2: float) -> ScenarioParameters:
    """Return one vehicle from a to b with known riders, where only time on board costs."""
    free = ("wait_weight", "walk_weight", "early_penalty", "late_penalty", "transfer_penalty")
    return scenario(
        "verify-crowd",
        [line(LINE, "ab", [RUN_S], departures=[DISPATCH_S])],
        [flow("a", "b", 0.0, DISPATCH_S, commuters=riders, placement="even")],
        {"bus": {"seats": seats, "capacity": max(riders, seats), "standing_area_m2": area_m2}},
        {"no_dwell": True},
        description="One vehicle with known riders; seats go to those who boarded first.",
        preferences={
            **dict.fromkeys(free, 0.0),
            "crowding": {"kind": "seated_standing", "curve": "hoercher_2017"},
        },
    )


def _world(params: Params) -> Params:
    if params["standing"] and not params["density"] > 0:
        raise RefusedError("nobody stands at density 0; give standing: false")
    return {**params, "density": float(params["density"])}


def _scenario(params: Params) -> ScenarioParameters:
    density = params["density"]
    standees = STANDEES if density > 0 else 0
    return crowded_vehicle(SEATS + standees, SEATS, STANDEES / density if density > 0 else 1.0)


def _multiplier(tables: Tables, params: Params) -> float:
    """Return what the standing or the seated felt: seats go to the first, so the last to come stand."""
    journeys = tables["journeys"]
    came = journeys["departure_s"].argsort(kind="stable").argsort(kind="stable")
    felt = journeys["generalized_cost_min"] * 60.0 / journeys["in_vehicle_s"]
    return float(np.mean(felt[(came >= SEATS) == bool(params["standing"])]))


CASES: tuple[Case[Params], ...] = (
    Case(
        id="crowd.horcher",
        quantity="generalized cost over time on board of somebody who sits or stands",
        params=(number("density", "persons standing per m2", least=0.0, most=20.0), one_of("standing", True, False)),
        sets=({"density": 4, "standing": True}, {"density": 4, "standing": False}),
        world=_world,
        theory=lambda params: 1.0 + PER_M2 * params["density"] + (STANDING if params["standing"] else 0.0),
        scenario=_scenario,
        measure=_multiplier,
        tolerance=Tolerance("exact", 1e-6, 1e-6),
        formula="1 + 0.119 density + 0.265 if standing",
        source="Hoercher, Graham and Anderson 2017, TR-B 95:105-125",
    ),
)
