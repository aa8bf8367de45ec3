"""Several lines that are worth boarding: waits for two lines, and the strategy in a network of four."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, is_number
from sim.verification.one_stop import by_replication
from sim.verification.theory import common_lines
from sim.verification.verdict import LEAST_BATCHES, Tolerance

PHASES = 101
"""Pairs of lines whose phases are spread evenly, in place of random ones."""

PER_PHASE = 97
"""Commuters of each pair; prime, so that they do not come in step with the vehicles."""

GOLDEN = 0.618034
"""Share of the step between commuters by which one pair comes after the one before."""

RUN_S = 60.0
BATCHES = LEAST_BATCHES + 5
COUNTED = 2500
WARM_UP_S = 3600.0
NETWORK_S = 3000 * 60.0
"""Stretch of time in which people leave in the network of four lines."""

RATE_PER_S = 0.5 / 60.0
FOUR_LINES = (("L1", "AB", (25,)), ("L2", "AXxY", (7, 3, 3)), ("L3", "XYB", (4, 4)), ("L4", "YyB", (5, 5)))
"""Lines, stops and minutes between them; x and y are passed only, as a link has one running time."""


def _scenario(name: str, lines: list[dict[str, Any]], flows: list[dict[str, Any]], **more: Any) -> ScenarioParameters:
    return ScenarioParameters.model_validate(
        {
            "name": name,
            "replications": 1,
            "days": 1,
            "period": 3600.0,
            "network": {"lines": [{"vehicle": "bus", **line} for line in lines]},
            "demand": {"flows": flows},
            "service": {
                "vehicles": {"bus": {"seats": 0, "capacity": 1}},
                "no_dwell": True,
                "unlimited_capacity": True,
            },
            **more,
        }
    )


def _headways_s(params: Params) -> list[float]:
    return [float(headway) * 60.0 for headway in params["headways"]]


def _even_scenario(params: Params) -> ScenarioParameters:
    short, long = sorted(_headways_s(params))
    start_s, end_s = long, long + 10.0 * short
    lines: list[dict[str, Any]] = []
    flows: list[dict[str, Any]] = []
    for phase in range(PHASES):
        stops = [f"a{phase}", f"b{phase}"]
        offset_s = (phase + 0.5) / PHASES * long
        for name, headway_s, first_s in (("short", short, 0.0), ("long", long, offset_s)):
            trips = math.ceil((end_s + long) / headway_s) + 1
            departures = [first_s + number * headway_s for number in range(trips)]
            lines.append({"id": f"{name}{phase}", "stops": stops, "running_times": [RUN_S], "departures": departures})
        shift_s = (phase * GOLDEN) % 1.0 * (end_s - start_s) / PER_PHASE
        piece = {"start": start_s + shift_s, "end": end_s + shift_s, "commuters": PER_PHASE}
        flows.append({"origin": stops[0], "destination": stops[1], "placement": "even", "pieces": [piece]})
    description = "Two lines at even headways, their phases spread evenly over many pairs of stops."
    return _scenario("verify-two-even-lines", lines, flows, description=description)


def _random_lines(headways_s: list[float], until_s: float) -> list[dict[str, Any]]:
    """Return laws of headways with vehicles enough to go on until some time."""
    laws = []
    for headway_s in headways_s:
        needed = until_s / headway_s
        trips = math.ceil(needed + 8.0 * math.sqrt(needed) + 20.0)
        laws.append({"headway": {"mean": headway_s, "distribution": "exponential", "first": 0.0, "trips": trips}})
    return laws


def _random_end_s(params: Params) -> float:
    return WARM_UP_S + COUNTED * 60.0 * common_lines.wait_for_random_lines(params["headways"])


def _random_scenario(params: Params) -> ScenarioParameters:
    headways_s = _headways_s(params)
    end_s = _random_end_s(params)
    laws = _random_lines(headways_s, end_s + 10.0 * max(headways_s))
    lines = [
        {"id": f"L{number}", "stops": ["a", "b"], "running_times": [RUN_S], **law} for number, law in enumerate(laws)
    ]
    rate = 4.0 * sum(1.0 / headway_s for headway_s in headways_s)
    piece = {"start": WARM_UP_S, "end": end_s, "rate": rate}
    flows = [{"origin": "a", "destination": "b", "placement": "poisson", "pieces": [piece]}]
    return _scenario(
        "verify-two-random-lines",
        lines,
        flows,
        description="Lines with vehicles at random; whichever comes first is boarded.",
        journeys={"headway_wait_share": 1.0},
    ).model_copy(update={"replications": BATCHES})


def _network_scenario(params: Params) -> ScenarioParameters:
    headways_s = _headways_s(params)
    laws = _random_lines(headways_s, WARM_UP_S + NETWORK_S + 20.0 * max(headways_s) + 3600.0)
    lines = [
        {"id": name, "stops": list(stops), "running_times": [60.0 * minutes for minutes in times], **law}
        for (name, stops, times), law in zip(FOUR_LINES, laws, strict=True)
    ]
    piece = {"start": WARM_UP_S, "end": WARM_UP_S + NETWORK_S, "rate": RATE_PER_S}
    flows = [
        {"origin": origin, "destination": "B", "placement": "poisson", "pieces": [piece]} for origin in ("A", "X", "Y")
    ]
    return _scenario(
        "verify-four-lines",
        lines,
        flows,
        description="Four lines with vehicles at random; people follow the optimal strategy to B.",
        journeys={"routing": "strategy", "headway_wait_share": 1.0},
        preferences={"wait_weight": 1.0, "in_vehicle_weight": 1.0, "transfer_penalty": 0.0},
    ).model_copy(update={"replications": BATCHES})


def _measure_wait(tables: Tables, params: Params) -> FloatArray:
    del params
    journeys = tables["journeys"]
    wait = np.where(np.isfinite(journeys["arrival_s"]), journeys["wait_s"] / 60.0, np.nan)
    return by_replication(journeys["replication"], wait)


def _measure_time(tables: Tables, params: Params) -> FloatArray:
    journeys = tables["journeys"]
    names = journeys.categories["origin_stop_id"]
    mine = journeys["origin_stop_id"] == names.index(params["origin"])
    took = (journeys["arrival_s"] - journeys["departure_s"]) / 60.0
    return by_replication(journeys["replication"][mine], took[mine])


def _wait_sql(params: Params) -> str:
    del params
    return "select avg(wait_s) / 60 from 'tables/journeys.parquet'"


def _is_headways(count: int) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list | tuple)
        and len(value) == count
        and all(is_number(headway) and 0.0 < headway < 1e4 for headway in value)
    )


def _no_objection(params: Params) -> str:
    headways = params["headways"]
    if max(headways) > 20.0 * min(headways):
        return "headways that differ more than twentyfold are not accepted: the rare line would hardly be met"
    return ""


TWO = Key("headways", "two headways in minutes, as in [10, 20]", _is_headways(2))
FOUR = Key("headways", "four mean headways in minutes, as in [6, 6, 15, 3]", _is_headways(4))
ORIGIN = Key("origin", "one of A, X, Y", lambda value: value in ("A", "X", "Y"))

CASES = (
    Case(
        id="common.even_wait",
        quantity="mean wait in minutes for two lines at even headways, phases independent and random",
        keys=(TWO,),
        defaults=({"headways": [10, 20]}, {"headways": [10, 10]}),
        usual=2,
        objection=_no_objection,
        theory=lambda params: common_lines.wait_for_even_lines(*map(float, params["headways"])),
        scenario=_even_scenario,
        measure=_measure_wait,
        tolerance=Tolerance("fluid", 0.005),
        formula="E[W] = E[min(U1, U2)] = H1/2 - H1^2 / (6 H2), H1 <= H2",
        source="mean of the smaller of two uniform numbers; common lines as in Chriqui and Robillard 1975",
        recompute=_wait_sql,
    ),
    Case(
        id="common.poisson_wait",
        quantity="mean wait in minutes for two lines with vehicles at random",
        keys=(TWO,),
        defaults=({"headways": [10, 20]},),
        usual=1,
        objection=_no_objection,
        theory=lambda params: common_lines.wait_for_random_lines([float(value) for value in params["headways"]]),
        scenario=_random_scenario,
        measure=_measure_wait,
        tolerance=Tolerance("mc", 0.01),
        formula="E[W] = 1 / (1/H1 + 1/H2)",
        source="superposition of Poisson processes; Chriqui and Robillard 1975",
        recompute=_wait_sql,
    ),
    Case(
        id="strategy.four_lines",
        quantity="mean minutes from a stop to B under the optimal strategy",
        keys=(FOUR, ORIGIN),
        defaults=tuple({"headways": [6, 6, 15, 3], "origin": origin} for origin in ("A", "X", "Y")),
        usual=3,
        objection=_no_objection,
        theory=lambda params: common_lines.four_lines([float(h) for h in params["headways"]])[params["origin"]],
        scenario=_network_scenario,
        measure=_measure_time,
        tolerance=Tolerance("mc", 0.01),
        formula="least of (1 + sum f t) / sum f over sets of lines, at Y, then X, then A",
        source="Spiess and Florian 1989, TR-B 23:83-102: 27.75, 19.0714, 11.5 with waits of 6, 6, 15, 3 min",
        recompute=lambda params: (
            "select avg(arrival_s - departure_s) / 60 from 'tables/journeys.parquet' "
            f"where origin_stop_id = '{params['origin']}'"
        ),
    ),
)
