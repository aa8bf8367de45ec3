"""Random travel times: honest advice allows a head start that is known, and is late on a known share of days."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from scipy import special

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number, one_of
from sim.verification.scenarios import LINE, flow, line, mean_of, scenario
from sim.verification.verdict import LEAST_BATCHES, Tolerance

MINUTE_S = 60.0
FIRST_S = 6 * 3600.0
TRIPS = 240
"""Vehicles, one a minute; each has a travel time of its own every day."""

TRAVELLERS = 110
"""Travellers, each with a wished arrival of their own, so that no two ride together."""

DAYS_SEEN = 30
DAYS_KEPT = 6


def _scenario(params: Params) -> ScenarioParameters:
    """Return days of watching and days of advice on a line whose travel time is random."""
    mean_s = float(params["mean"]) * MINUTE_S
    middle_s = FIRST_S + TRIPS / 2 * MINUTE_S
    leaves_s = [middle_s + 1.31 * MINUTE_S * (number - TRAVELLERS / 2) for number in range(TRAVELLERS)]
    return scenario(
        "verify-calibration",
        [
            line(
                LINE, "ab", [mean_s], vehicle="vehicle", departures=[FIRST_S + MINUTE_S * (k + 1) for k in range(TRIPS)]
            )
        ],
        [flow("a", "b", at, at + 1.0, commuters=1, placement="even", preferred_arrival=at + mean_s) for at in leaves_s],
        {"vehicle": {"seats": 100, "capacity": 100}},
        {"no_dwell": True, "running_time_noise": {"distribution": params["law"], "cv": float(params["cv"])}},
        replications=LEAST_BATCHES,
        days=DAYS_SEEN + DAYS_KEPT,
        days_kept=DAYS_KEPT,
        period=MINUTE_S,
        horizon={"start": FIRST_S},
        population={"earlier_flexibility": 30 * MINUTE_S, "later_flexibility": 30 * MINUTE_S},
        # Seconds on board are for nothing: they are the same for all head starts, and the luck of days seen in them
        # would move people who gain almost nothing by it (3 % more of them late with thirty days seen).
        preferences={
            "in_vehicle_weight": 0.0,
            "wait_weight": 0.0,
            "early_penalty": float(params["beta"]),
            "late_penalty": float(params["gamma"]),
            "crowding": {"kind": "none"},
        },
        advisor={
            "strategy": "individual",
            "penetration": 1.0,
            "compliance": 1.0,
            "window": MINUTE_S,
            "first_day": DAYS_SEEN,
            "forecast": {"smoothing_days": DAYS_SEEN, "spread_days": DAYS_SEEN},
        },
    )


def _late(params: Params) -> float:
    """Return the share of days on which the best head start is too short."""
    return float(params["beta"]) / (float(params["beta"]) + float(params["gamma"]))


def _best_head_start(params: Params) -> float:
    """Return the quantile gamma / (beta + gamma) of the travel time, in minutes."""
    mean, variance_share = float(params["mean"]), float(params["cv"]) ** 2
    if params["law"] == "gamma":
        shape = 1.0 / variance_share
        return mean * float(special.gammainccinv(shape, _late(params))) / shape
    spread = math.sqrt(math.log1p(variance_share))
    return mean * math.exp(spread * float(special.ndtri(1.0 - _late(params))) - spread**2 / 2.0)


def _head_starts_s(tables: Tables) -> tuple[FloatArray, FloatArray]:
    """Return the seconds from each boarding to the wished arrival and to the arrival, each of shape (journeys,).

    Everybody boards a vehicle of a full minute.
    """
    journeys, legs = tables["journeys"], tables["legs"]
    key, of_leg = (table["day"] * TRAVELLERS + table["commuter_id"] for table in (journeys, legs))
    order = np.argsort(key)
    row = order[np.searchsorted(key[order], of_leg)]
    return journeys["preferred_arrival_s"][row] - legs["board_s"], journeys["arrival_s"][row] - legs["board_s"]


def _late_share(tables: Tables, params: Params) -> float:
    """Return the share of the late, less what the travel times of those days themselves were above their law.

    The share of travel times over the best head start is known: a control variate (Lavenberg and Welch 1981) with the
    coefficient 1. Those who are late by the one head start are mostly late by the other, so that two fifths of the
    variance are left, or less. Advice that is off shows in full, as the control does not depend on it.
    """
    allowed_s, took_s = _head_starts_s(tables)
    late, control = took_s > allowed_s, took_s > _best_head_start(params) * MINUTE_S
    return _late(params) + mean_of(late.astype(np.float64) - control)


def _head_start(tables: Tables, _: Params) -> float:
    """Return the mean minutes from the boarding to the wished arrival."""
    return mean_of(_head_starts_s(tables)[0] / MINUTE_S)


TIMES: Final = (
    number("mean", "minutes", least=10.0, most=40.0),
    number("cv", "", least=0.1, most=0.4),
)
# Of a head start at the very end of the law of travel times, thirty days see nothing.
COSTS: Final = (number("beta", "", least=0.01, most=100.0), number("gamma", "", least=0.01, most=100.0))
advised: Callable[..., Case[Params]] = partial(
    Case, usual=1, scenario=_scenario, source="Noland and Small 1995; Fosgerau and Karlstrom 2010"
)

CASES: tuple[Case[Any], ...] = (
    advised(
        id="calibration.late_share",
        quantity="share of days on which people who leave as advised are late",
        params=(*TIMES, one_of("law", "gamma", "lognormal"), *COSTS),
        sets=(
            {"mean": 30.0, "cv": 0.2, "law": "gamma", "beta": 0.61, "gamma": 2.4},
            {"mean": 30.0, "cv": 0.2, "law": "lognormal", "beta": 1.0, "gamma": 1.0},
        ),
        world=dict,
        theory=_late,
        measure=_late_share,
        tolerance=Tolerance("mc", 0.01),
        formula="P(X > h) = beta / (beta + gamma) at the best head start h, for any law of the travel time X",
    ),
    advised(
        id="departure.lognormal_head_start",
        quantity="mean minutes that people who leave as advised allow for a lognormal travel time",
        params=(*TIMES, *COSTS),
        sets=(
            {"mean": 30.0, "cv": 0.2, "beta": 0.61, "gamma": 2.4},
            {"mean": 20.0, "cv": 0.3, "beta": 1.0, "gamma": 1.0},
        ),
        world=lambda params: {**params, "law": "lognormal"},
        theory=_best_head_start,
        measure=_head_start,
        tolerance=Tolerance("mc", 0.02),
        formula="h = exp(m + s z), z the normal quantile of gamma / (beta + gamma), "
        "s^2 = ln(1 + cv^2), m = ln(mean) - s^2 / 2",
    ),
)
