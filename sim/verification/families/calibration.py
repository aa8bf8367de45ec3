"""Random travel times: people who follow honest advice are late on a known share of days."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, number
from sim.verification.verdict import LEAST_BATCHES, Tolerance

MINUTE_S = 60.0
FIRST_S = 6 * 3600.0
TRIPS = 240
"""Vehicles, one a minute; each has a travel time of its own every day."""

TRAVELLERS = 110
"""Travellers, each with a wished arrival of his own, so that no two ride together."""

DAYS_SEEN = 30
DAYS_KEPT = 6

SETS: Final[tuple[Params, ...]] = (
    {"mean": 30.0, "cv": 0.2, "law": "gamma", "beta": 0.61, "gamma": 2.4},
    {"mean": 30.0, "cv": 0.2, "law": "lognormal", "beta": 1.0, "gamma": 1.0},
)
KEYS = (
    number("mean", "minutes", least=10.0, most=40.0),
    number("cv", "", least=0.1, most=0.4),
    Key("law", "gamma or lognormal", lambda value: value in ("gamma", "lognormal")),
    number("beta", "", above=0.0),
    number("gamma", "", above=0.0),
)


def _scenario(params: Params) -> ScenarioParameters:
    """Return days of watching and days of advice on a line whose travel time is random."""
    mean_s = float(params["mean"]) * MINUTE_S
    middle_s = FIRST_S + TRIPS / 2 * MINUTE_S
    flows = [_flow(middle_s + 1.31 * MINUTE_S * (number - TRAVELLERS / 2), mean_s) for number in range(TRAVELLERS)]
    line = {
        "id": "line",
        "stops": ["a", "b"],
        "running_times": [mean_s],
        "vehicle": "vehicle",
        "departures": [FIRST_S + MINUTE_S * (trip + 1) for trip in range(TRIPS)],
    }
    return ScenarioParameters.model_validate(
        {
            "name": "verify-calibration",
            "replications": LEAST_BATCHES,
            "days": DAYS_SEEN + DAYS_KEPT,
            "days_kept": DAYS_KEPT,
            "period": MINUTE_S,
            "horizon": {"start": FIRST_S},
            "network": {"lines": [line]},
            "demand": {"flows": flows},
            "population": {"earlier_flexibility": 30 * MINUTE_S, "later_flexibility": 30 * MINUTE_S},
            "service": {
                "vehicles": {"vehicle": {"seats": 100, "capacity": 100}},
                "no_dwell": True,
                "running_time_noise": {"distribution": params["law"], "cv": float(params["cv"])},
            },
            "preferences": {
                "wait_weight": 0.0,
                "early_penalty": float(params["beta"]),
                "late_penalty": float(params["gamma"]),
                "crowding": {"kind": "none"},
            },
            "advisor": {
                "strategy": "individual",
                "penetration": 1.0,
                "compliance": 1.0,
                "window": MINUTE_S,
                "first_day": DAYS_SEEN,
                "forecast": {"smoothing_days": DAYS_SEEN, "spread_days": DAYS_SEEN},
            },
        }
    )


def _flow(leaves_s: float, mean_s: float) -> dict[str, Any]:
    return {
        "origin": "a",
        "destination": "b",
        "placement": "even",
        "pieces": [{"start": leaves_s, "end": leaves_s + 1.0, "commuters": 1}],
        "preferred_arrival": leaves_s + mean_s,
    }


def _late_share(tables: Tables, _: Params) -> FloatArray:
    journeys = tables["journeys"]
    late = (journeys["arrival_s"] > journeys["preferred_arrival_s"]).astype(np.float64)
    row = np.unique(journeys["replication"], return_inverse=True)[1]
    share: FloatArray = np.bincount(row, late) / np.bincount(row)
    return share


def _sql(_: Params, *, column: str) -> str:
    return f"select avg(({column})::int) from 'tables/journeys.parquet'"


CASES: tuple[Case, ...] = (
    Case(
        id="calibration.late_share",
        quantity="share of days on which people who leave as advised are late",
        keys=KEYS,
        defaults=SETS,
        usual=1,
        objection=lambda _: "",
        theory=lambda params: float(params["beta"]) / (float(params["beta"]) + float(params["gamma"])),
        scenario=_scenario,
        measure=_late_share,
        tolerance=Tolerance("mc", 0.05),
        formula="P(X > h) = beta / (beta + gamma) at the best head start h, for any law of the travel time X",
        source="Noland and Small 1995; Fosgerau and Karlstrom 2010",
        recompute=partial(_sql, column="arrival_s > preferred_arrival_s"),
    ),
)
