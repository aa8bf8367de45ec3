"""Headways on a line with random passengers and running times: their variance, and the wait it makes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, is_number, number, whole_number
from sim.verification.line import line_scenario, times_at, trip_name
from sim.verification.theory import bunching
from sim.verification.verdict import LEAST_BATCHES, Tolerance

RUN_S = 600.0
"""Least running time of a link."""

MOST_STOPS = 60
LINE_STOPS = 10
"""Links of the line where the parameters do not ask for more, so that cases share a run."""

COUNTED_TRIPS = 500
TARGET_SE = 0.0145
SD_SHARES = 2.5
"""Theory holds while the standard deviation of headways is less than H over this."""

MOST_PASSENGERS = 5_000_000


def _noise(params: Params) -> float:
    return bunching.noise_variance(*(float(params[key]) for key in ("H", "lam", "b", "sigma")))


def _variance(params: Params) -> float:
    share = float(params["lam"]) * float(params["b"])
    control = params["control"]
    alpha = None if control is None else float(control)
    return bunching.headway_variance(_noise(params), share, alpha, int(params["stop"]))


def _links(params: Params) -> int:
    return max(LINE_STOPS, int(params["stop"]))


def _warm_up(params: Params) -> int:
    return 2 * _links(params)


def _replications() -> int:
    """Return how many replications make the standard error small: headways close by are correlated."""
    return max(LEAST_BATCHES, math.ceil(3.6 / TARGET_SE**2 / COUNTED_TRIPS))


def _variance_objection(params: Params) -> str:
    share, headway = float(params["lam"]) * float(params["b"]), float(params["H"])
    if share >= 1:
        return f"lam x b = {share:g} must be less than 1"
    if int(params["stop"]) > MOST_STOPS:
        return f"at most {MOST_STOPS} stops are simulated"
    if math.sqrt(_variance(params)) > headway / SD_SHARES:
        return (
            f"headways at stop {params['stop']} have a standard deviation of {math.sqrt(_variance(params)):.3g} min; "
            f"theory holds below H / {SD_SHARES}; take fewer stops or less noise"
        )
    passengers = float(params["lam"]) * headway * _links(params) * COUNTED_TRIPS * _replications()
    if passengers > MOST_PASSENGERS:
        return f"would need {passengers:.2g} passengers, at most {MOST_PASSENGERS:,} are simulated"
    return ""


def _slack_min(params: Params) -> float:
    """Return a slack with which holding is hardly ever negative: 6 standard deviations."""
    if params["control"] is None:
        return 0.0
    alpha, share = float(params["control"]), float(params["lam"]) * float(params["b"])
    spread = math.sqrt(bunching.headway_variance(_noise(params), share, alpha, _links(params)))
    return 6.0 * (alpha + share) * spread


def _stop_min(params: Params, stop: int) -> float:
    """Return when the first vehicle comes to a stop on average, minutes after midnight."""
    headway, share = float(params["H"]), float(params["lam"]) * float(params["b"])
    return headway + stop * (_run_min(params) + share * headway) + max(stop - 1, 0) * _slack_min(params)


def _run_min(params: Params) -> float:
    return max(RUN_S / 60.0, 8.0 * float(params["sigma"]))


def _variance_scenario(params: Params) -> ScenarioParameters:
    headway, links = float(params["H"]), _links(params)
    trips = _warm_up(params) + COUNTED_TRIPS
    flows = [
        {
            "origin": f"s{stop}",
            "destination": f"s{links}",
            "placement": "poisson",
            "pieces": [
                {
                    "start": 60.0 * (_stop_min(params, stop) - headway),
                    "end": 60.0 * (_stop_min(params, stop) + (trips - 1) * headway),
                    "rate": float(params["lam"]) / 60.0,
                }
            ],
        }
        for stop in range(links)
    ]
    noise = {"distribution": "normal", "sigma": 60.0 * float(params["sigma"])}
    service: dict[str, Any] = {"running_time_noise": noise, "unlimited_capacity": True}
    if params["control"] is not None:
        service["holding"] = {
            "rule": "forward_headway",
            "alpha": float(params["control"]),
            "marginal_dwell": float(params["lam"]) * float(params["b"]),
            "slack": 60.0 * _slack_min(params),
            "headway": 60.0 * headway,
        }
    control = "none" if params["control"] is None else f"{params['control']:g}"
    scenario = line_scenario(
        name=f"verify-bunching-variance-{control}",
        description=f"Random passengers and running times on a line, control {control}.",
        running_times_s=[60.0 * _run_min(params)] * links,
        dispatch={"headway": {"mean": 60.0 * headway, "distribution": "deterministic", "first": 0.0, "trips": trips}},
        vehicle={
            "seats": 0,
            "capacity": 1,
            "dead_time": 0,
            "boarding": 60.0 * float(params["b"]),
            "alighting": 0,
        },
        changes={"service": service, "demand": {"flows": flows}, "period": 60.0 * headway * trips},
    )
    return scenario.model_copy(update={"replications": _replications()})


def _measure_variance(tables: Tables, params: Params) -> FloatArray:
    arrival_s = times_at(tables, int(params["stop"]), "arrival_s")[:, _warm_up(params) :]
    deviation = np.diff(arrival_s, axis=1) / 60.0 - float(params["H"])
    variance: FloatArray = (deviation**2).mean(axis=1)
    return variance


def _variance_sql(params: Params) -> str:
    first = trip_name(_warm_up(params))
    return (
        f"select avg((gap / 60 - {float(params['H'])!r}) ** 2) from (select trip_id, arrival_s - lag(arrival_s) "
        "over (partition by replication order by scheduled_arrival_s) as gap from 'tables/stop_visits.parquet' "
        f"where stop_sequence = {int(params['stop'])}) where trip_id > '{first}'"
    )


def _counted_min(params: Params) -> tuple[float, float]:
    """Return from when until when passengers at the stop count, minutes after midnight."""
    first = _stop_min(params, int(params["stop"]))
    headway = float(params["H"])
    return first + _warm_up(params) * headway, first + (_warm_up(params) + COUNTED_TRIPS - 10) * headway


def _measure_wait(tables: Tables, params: Params) -> FloatArray:
    journeys = tables["journeys"]
    start, end = _counted_min(params)
    rows = (journeys.text("origin_stop_id") == f"s{params['stop']}") & (journeys["departure_s"] >= 60.0 * start)
    rows &= journeys["departure_s"] < 60.0 * end
    replication = journeys["replication"][rows]
    total = np.bincount(replication - replication.min(), journeys["wait_s"][rows] / 60.0)
    mean: FloatArray = total / np.bincount(replication - replication.min())
    return mean


def _wait_sql(params: Params) -> str:
    start, end = _counted_min(params)
    return (
        f"select avg(wait_s) / 60 from 'tables/journeys.parquet' where origin_stop_id = 's{params['stop']}' "
        f"and departure_s >= {60.0 * start!r} and departure_s < {60.0 * end!r}"
    )


def _wait_objection(params: Params) -> str:
    if int(params["stop"]) >= _links(params):
        return f"stop must be less than {_links(params)}, the last one of the line"
    return _variance_objection(params)


VARIANCE_KEYS = (
    *(number(name, "minutes", above=0.0) for name in ("H", "b", "sigma")),
    number("lam", "passengers a minute", above=0.0),
    whole_number("stop", least=1),
    Key(
        "control",
        "null for none, or alpha, a number between 0 and 1",
        lambda value: value is None or (is_number(value) and 0 < value < 1),
    ),
)
STOPS = (1, 5, 10)
VARIANCES: tuple[Params, ...] = tuple(
    {"H": 6.0, "lam": 1.0, "b": 0.05, "sigma": 0.3, "stop": stop, "control": control}
    for stop in STOPS
    for control in (None, 0.2)
)
CASES = (
    Case(
        id="bunching.headway_var",
        quantity="variance of headways in minutes^2 at stop n",
        keys=VARIANCE_KEYS,
        defaults=VARIANCES,
        usual=len(VARIANCES),
        objection=_variance_objection,
        theory=_variance,
        scenario=_variance_scenario,
        measure=_measure_variance,
        tolerance=Tolerance("mc", 0.03),
        formula="S/(k(1 + k)) [(1 + 2k)^n P_n(x) - 1]; with control S/(a(1 - a)) [1 - (1 - 2a)^n P_n(x)]; "
        "S = sigma^2 + b^2 lam H",
        source="closed form of the linear recursions by Legendre polynomials; Poisson passengers by a martingale",
        recompute=_variance_sql,
    ),
    Case(
        id="bunching.passenger_wait",
        quantity="mean wait in minutes at stop n",
        keys=VARIANCE_KEYS,
        defaults=tuple({**params, "stop": 5} for params in VARIANCES[:2]),
        usual=2,
        objection=_wait_objection,
        theory=lambda params: float(params["H"]) / 2.0 * (1.0 + _variance(params) / float(params["H"]) ** 2),
        scenario=_variance_scenario,
        measure=_measure_wait,
        tolerance=Tolerance("mc", 0.01),
        formula="H/2 (1 + Var(h)/H^2)",
        source="Osuna and Newell 1972 with the variance of headways at the stop",
        recompute=_wait_sql,
    ),
)
