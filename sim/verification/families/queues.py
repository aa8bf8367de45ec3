"""Queues with one server: people for vehicles of one place, and vehicles for a single berth."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number
from sim.verification.families.bulk_stop import Load, load_scenario
from sim.verification.one_stop import by_replication, seed_of
from sim.verification.theory import queues
from sim.verification.verdict import Tolerance

REPLICATIONS = 60
TARGET_SE = 0.0135
RUN_S = 600.0
WARM_UP_RELAXATIONS = 10.0
MOST_CUSTOMERS = 4_000_000
TOLERANCE = 0.02


def _load(params: Params) -> float:
    return float(params["rho"])


def _squared_cv(params: Params) -> float:
    return float(params["cv2"])


def _counted(params: Params, squared_cv: float) -> int:
    """Return the customers that count in each replication."""
    needed = 1.2 * queues.relative_variance(_load(params), squared_cv) / TARGET_SE**2
    return max(math.ceil(needed / REPLICATIONS), 200)


def _warm_up(params: Params, squared_cv: float) -> int:
    """Return the customers at the start that do not count: relaxation times of the queue."""
    return math.ceil(WARM_UP_RELAXATIONS * 2.0 * (1.0 + squared_cv) / (1.0 - _load(params)) ** 2)


def _objection(squared_cv: Callable[[Params], float], params: Params) -> str:
    square = squared_cv(params)
    needed = REPLICATIONS * (_counted(params, square) + _warm_up(params, square))
    if needed > MOST_CUSTOMERS:
        return (
            f"would need {needed:,} customers to be measured, at most {MOST_CUSTOMERS:,} are simulated; take less rho"
        )
    if square > 1.0:
        return f"cv2 = {square:g} must be at most 1: service is one of two times that lie evenly about the mean"
    return ""


def _people_load(params: Params) -> Load:
    return Load(float(params["service"]), 1, _load(params), random_vehicles=True)


def _people(params: Params) -> ScenarioParameters:
    """Return a stop with random vehicles of one place: each is the end of a service."""
    load = _people_load(params)
    needed = queues.relative_variance(_load(params), 1.0) / TARGET_SE**2
    replications = max(REPLICATIONS, math.ceil(needed / load.stretch().counted))
    return load_scenario(load).model_copy(update={"replications": replications})


def _people_objection(params: Params) -> str:
    return _objection(lambda _: 1.0, params)


def _measure_people(tables: Tables, params: Params) -> FloatArray:
    """Return the wait until everybody in front has left, in minutes."""
    legs, stretch = tables["legs"], _people_load(params).stretch()
    order = np.lexsort((legs["wait_from_s"], legs["replication"]))
    replication, came_s, left_s = (legs[name][order] for name in ("replication", "wait_from_s", "board_s"))
    front_s = np.append(0.0, left_s[:-1])
    front_s[np.append(True, replication[1:] != replication[:-1])] = 0.0
    wait_min = np.maximum(front_s - came_s, 0.0) / 60.0
    rows = (came_s >= stretch.start_s) & (came_s < stretch.end_s)
    return by_replication(replication[rows], wait_min[rows])


def _people_sql(params: Params) -> str:
    stretch = _people_load(params).stretch()
    return (
        "select avg(greatest(front_s - wait_from_s, 0)) / 60 from (select wait_from_s, coalesce(lag(board_s) over "
        "(partition by replication order by wait_from_s), 0) as front_s from 'tables/legs.parquet') "
        f"where wait_from_s >= {stretch.start_s!r} and wait_from_s < {stretch.end_s!r}"
    )


def _vehicles(params: Params) -> ScenarioParameters:
    """Return two lines with vehicles at random that share a stop with one berth.

    Each stands as long as its type does, so that the time of a vehicle at random is one of two.
    """
    service_s, square = 60.0 * float(params["service"]), _squared_cv(params)
    trips = _trips(params)
    spread = math.sqrt(square)
    types = (1.0 - spread, 1.0 + spread)
    lines, vehicles = [], {}
    for place, factor in enumerate(types):
        lines.append(
            {
                "id": f"line{place}",
                "stops": [f"a{place}", "berth", f"b{place}"],
                "running_times": [RUN_S, RUN_S],
                "vehicle": f"type{place}",
                "headway": {
                    "mean": 2.0 * service_s / _load(params),
                    "distribution": "exponential",
                    "first": 0.0,
                    "trips": math.ceil(trips / 2.0 + 6.0 * math.sqrt(trips)),
                },
            }
        )
        vehicles[f"type{place}"] = {
            "seats": 0,
            "capacity": 1,
            "dwell_rule": "constant",
            "dead_time": max(service_s * factor, 0.0),
        }
    piece = {"start": 0.0, "end": 0.0, "commuters": 1}
    name = f"verify-berth-{params['service']:g}-{params['rho']:g}-{square:g}"
    return ScenarioParameters.model_validate(
        {
            "name": name,
            "description": "Vehicles at random wait for the only berth of a stop.",
            "seed": seed_of(name),
            "replications": REPLICATIONS,
            "days": 1,
            "period": 3600.0,
            "network": {"lines": lines},
            "demand": {"flows": [{"origin": "a0", "destination": "b0", "pieces": [piece]}]},
            "service": {"vehicles": vehicles, "stops": {"berth": {"berths": 1}}},
        }
    )


def _trips(params: Params) -> int:
    square = _squared_cv(params)
    return _warm_up(params, square) + _counted(params, square)


def _between_s(params: Params) -> tuple[float, float]:
    """Return from when until when vehicles that come to the berth count; later ones are there to press on."""
    gap_s = 60.0 * float(params["service"]) / _load(params)
    return _warm_up(params, _squared_cv(params)) * gap_s + RUN_S, _trips(params) * gap_s + RUN_S


def _measure_vehicles(tables: Tables, params: Params) -> FloatArray:
    """Return what lies between the scheduled way and the arrival at the berth, in minutes."""
    visits, (start_s, end_s) = tables["stop_visits"], _between_s(params)
    here = np.flatnonzero(visits["stop_sequence"] == 1)
    came_s = visits["departure_s"][here - 1] + RUN_S
    counts = (came_s >= start_s) & (came_s < end_s)
    wait_min = (visits["arrival_s"][here] - came_s) / 60.0
    return by_replication(visits["replication"][here][counts], wait_min[counts])


def _vehicles_sql(params: Params) -> str:
    start_s, end_s = _between_s(params)
    return (
        "select avg(arrival_s - came_s) / 60 from (select stop_sequence, arrival_s, lag(departure_s) over "
        f"(partition by replication, trip_id order by stop_sequence) + {RUN_S} as came_s from "
        f"'tables/stop_visits.parquet') where stop_sequence = 1 and came_s >= {start_s!r} and came_s < {end_s!r}"
    )


KEYS = (
    number("rho", "arrivals per mean service time", least=0.05, most=0.95),
    number("service", "minutes of mean service", least=0.05, most=60.0),
)
BASE: Final[Params] = {"rho": 0.5, "service": 1.0}
BUSY: Final[Params] = {**BASE, "rho": 0.8}


def _case(name: str, squared_cv: Callable[[Params], float], **parts: Any) -> Case:
    shared: dict[str, Any] = {
        "keys": KEYS,
        "defaults": (BASE, BUSY),
        "usual": 1,
        "scenario": _vehicles,
        "measure": _measure_vehicles,
        "recompute": _vehicles_sql,
        "objection": lambda params: _objection(squared_cv, params),
        "source": "Pollaczek 1930, Khinchine 1932; Kleinrock 1975, Queueing Systems 1, section 5.6",
    }
    return Case(
        id=f"queue.{name}",
        theory=lambda params: queues.mean_wait(float(params["service"]), _load(params), squared_cv(params)),
        tolerance=Tolerance("mc", TOLERANCE),
        **{**shared, **parts},
    )


def _deterministic(function: Callable[[Params], Any]) -> Callable[[Params], Any]:
    """Let a function of an M/G/1 queue do for one whose service does not vary."""
    return lambda params: function({**params, "cv2": 0.0})


CASES: tuple[Case, ...] = (
    _case(
        "mm1",
        lambda _: 1.0,
        quantity="mean minutes until everybody in front is served, vehicles of one place at random",
        objection=_people_objection,
        scenario=_people,
        measure=_measure_people,
        recompute=_people_sql,
        formula="W_q = rho / (1 - rho) mean service times",
    ),
    _case(
        "md1",
        lambda _: 0.0,
        quantity="mean minutes that vehicles at random wait for a berth, all dwelling alike",
        scenario=_deterministic(_vehicles),
        measure=lambda tables, params: _measure_vehicles(tables, {**params, "cv2": 0.0}),
        recompute=_deterministic(_vehicles_sql),
        formula="W_q = rho / (2 (1 - rho)) mean service times",
    ),
    _case(
        "mg1",
        _squared_cv,
        quantity="mean minutes that vehicles at random wait for a berth, dwelling one of two times",
        keys=(*KEYS, number("cv2", "square of the coefficient of variation of service", least=0.0, most=1.0)),
        defaults=({**BASE, "cv2": 0.5}, {**BUSY, "cv2": 0.5}),
        formula="W_q = rho (1 + cv2) / (2 (1 - rho)) mean service times",
    ),
)
