"""Waiting for vehicles at random headways, with room for everybody (Osuna and Newell 1972)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, number
from sim.verification.one_stop import (
    REPLICATIONS,
    Stretch,
    by_replication,
    counted_waits_min,
    journeys_where,
    one_stop_scenario,
)
from sim.verification.theory import headway_waits
from sim.verification.theory.headway_waits import Headways
from sim.verification.verdict import Tolerance

PASSENGERS = 4.0
"""Passengers per headway: enough that headways and not passengers decide how long to run."""

WARM_UP = 20
MOST_HEADWAYS = 3_000_000
LAWS = (
    "deterministic; exponential; gamma shape K or gamma cv X; uniform A..B or uniform cv X; "
    "two-point A/B or two-point cv X (each with chance 1/2); pairs A/B (in turns); X may also be given as cv"
)
_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_WITH_ENDS = re.compile(rf"^(uniform|two-point|pairs)\s+{_NUMBER}\s*(?:\.\.|/)\s*{_NUMBER}$")
_WITH_SHAPE = re.compile(rf"^gamma\s+shape\s+{_NUMBER}$")
_WITH_CV = re.compile(rf"^(gamma|uniform|two-point)\s+cv\s+{_NUMBER}$")
_MOST_CV: Final = {"uniform": 3.0**-0.5, "two-point": 1.0, "pairs": 1.0}


def read_headways(params: Params) -> Headways | str:
    """Return the law of headways in minutes that parameters name, or what is wrong with them."""
    text, mean = " ".join(str(params["headway"]).replace("_", "-").split()), float(params["mean"])
    if "cv" in params:
        if text not in ("gamma", "uniform", "two-point"):
            return f"cv has no meaning with headway {text!r}; it goes with gamma, uniform or two-point"
        return _with_cv(text, mean, float(params["cv"]))
    if text in ("deterministic", "exponential"):
        return Headways("deterministic", mean, 0.0) if text == "deterministic" else Headways("exponential", mean, 1.0)
    if match := _WITH_ENDS.match(text):
        low, high = sorted((float(match[2]), float(match[3])))
        if not math.isclose((low + high) / 2.0, mean, rel_tol=1e-9):
            return f"headway {text!r} has mean {(low + high) / 2.0:g}, but mean is {mean:g}"
        return _with_cv(match[1], mean, (high - low) / (high + low) * _MOST_CV[match[1]])
    if (match := _WITH_SHAPE.match(text)) and float(match[1]) > 0:
        return Headways("gamma", mean, float(match[1]) ** -0.5)
    if match := _WITH_CV.match(text):
        return _with_cv(match[1], mean, float(match[2]))
    return f"headway {text!r} is not a law; accepted are {LAWS}"


def _with_cv(law: str, mean: float, cv: float) -> Headways | str:
    if law == "gamma":
        return Headways("gamma", mean, cv) if cv > 0 else "gamma headways need a cv greater than 0"
    if cv > _MOST_CV[law] * (1.0 + 1e-12):
        return f"{law} headways with cv {cv:g} would be negative; at most {_MOST_CV[law]:.6f} is accepted"
    if law == "pairs":
        return Headways("pairs", mean, cv)
    return Headways("uniform" if law == "uniform" else "two_point", mean, cv)


def _headways(params: Params) -> Headways:
    found = read_headways(params)
    if isinstance(found, str):
        raise ValueError(found)
    return found


def _objection(variance: Callable[[Headways, float], float], target: float, params: Params) -> str:
    found = read_headways(params)
    if isinstance(found, str):
        return found
    needed = variance(found, PASSENGERS) / target**2
    if needed > MOST_HEADWAYS:
        return (
            f"would need {needed:.2g} headways to be measured, at most {MOST_HEADWAYS:,} are accepted; "
            "take headways that vary less"
        )
    return ""


def _stretch(headways: Headways) -> Stretch:
    """Return the same stretch for all cases: how many replications there are differs."""
    needed = headway_waits.relative_variance_of_mean(headways, PASSENGERS) / MEAN_TARGET**2
    counted = 2 * math.ceil(min(max(needed / REPLICATIONS, 500.0), 5000.0) / 2.0)
    extra = 2 + math.ceil(6.0 * headways.cv * math.sqrt(WARM_UP + counted))
    return Stretch(headways.mean * 60.0, WARM_UP, counted, extra)


def _scenario(variance: Callable[[Headways, float], float], target: float, params: Params) -> ScenarioParameters:
    headways = _headways(params)
    stretch = _stretch(headways)
    law = re.sub(r"[^A-Za-z0-9.]+", "-", str(params["headway"]))
    base = one_stop_scenario(
        name=f"verify-wait-{law}-{headways.mean:g}",
        description=f"Random passengers at a stop with headways {params['headway']}, mean {headways.mean:g} min.",
        stretch=stretch,
        dispatch=_dispatch(headways, stretch),
        capacity=None,
        passengers=PASSENGERS,
    )
    needed = variance(headways, PASSENGERS) / target**2
    return base.model_copy(update={"replications": max(REPLICATIONS, math.ceil(needed / stretch.counted))})


def _dispatch(headways: Headways, stretch: Stretch) -> dict[str, Any]:
    if headways.kind == "pairs":
        first, second = (end * 60.0 for end in headways.ends)
        turns = np.where(np.arange(stretch.trips) % 2 == 0, first, second)
        return {"departures": np.cumsum(turns).tolist()}
    spread = {} if headways.kind in ("deterministic", "exponential") else {"cv": headways.cv}
    law = {"mean": stretch.headway_s, "distribution": headways.kind, "first": 0.0, "trips": stretch.trips, **spread}
    return {"headway": law}


def _measure_mean(tables: Tables, params: Params) -> FloatArray:
    return by_replication(*counted_waits_min(tables, _stretch(_headways(params))))


def _measure_sd(tables: Tables, params: Params) -> FloatArray:
    replication, wait = counted_waits_min(tables, _stretch(_headways(params)))
    mean, square = by_replication(replication, wait), by_replication(replication, wait**2)
    spread: FloatArray = np.sqrt(square - mean**2)
    return spread


def _recompute(aggregate: str, params: Params) -> str:
    where = journeys_where(_stretch(_headways(params)))
    return f"select {aggregate}(wait_s) / 60 from 'tables/journeys.parquet' where {where}"


KEYS = (
    Key("headway", f"one of: {LAWS}; in minutes", lambda value: isinstance(value, str)),
    number("mean", "minutes", least=0.1, most=1440.0),
    number("cv", "shares of the mean", least=0.01, most=10.0),
)

DEFAULTS = tuple(
    {"headway": headway, "mean": 10}
    for headway in ("deterministic", "exponential", "gamma shape 4", "uniform 5..15", "two-point 2/18")
)

MEAN_TARGET = 0.0035
SD_TARGET = 0.008

CASES = (
    Case(
        id="wait.osuna",
        quantity="mean wait in minutes",
        keys=KEYS,
        defaults=DEFAULTS,
        usual=len(DEFAULTS),
        objection=partial(_objection, headway_waits.relative_variance_of_mean, MEAN_TARGET),
        theory=lambda params: headway_waits.mean_wait(_headways(params)),
        scenario=partial(_scenario, headway_waits.relative_variance_of_mean, MEAN_TARGET),
        measure=_measure_mean,
        tolerance=Tolerance("mc", 0.01),
        formula="E[W] = E[H^2] / (2 E[H]) = E[H]/2 (1 + CV^2)",
        source="Osuna and Newell 1972, Transportation Science 6:52-72",
        recompute=partial(_recompute, "avg"),
    ),
    Case(
        id="wait.osuna_sd",
        quantity="standard deviation of the wait in minutes",
        keys=KEYS,
        defaults=(*DEFAULTS, {"headway": "pairs 0/20", "mean": 10}),
        usual=len(DEFAULTS) + 1,
        objection=partial(_objection, headway_waits.relative_variance_of_sd, SD_TARGET),
        theory=lambda params: headway_waits.wait_sd(_headways(params)),
        scenario=partial(_scenario, headway_waits.relative_variance_of_sd, SD_TARGET),
        measure=_measure_sd,
        tolerance=Tolerance("mc", 0.02),
        formula="SD[W]^2 = E[H^3] / (3 E[H]) - E[W]^2",
        source="Osuna and Newell 1972, Transportation Science 6:52-72",
        recompute=partial(_recompute, "stddev_pop"),
    ),
)
