"""Several lines that are worth boarding: waits for two lines, and the strategy in a network of four."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Param, Params, RefusedError, Tables, is_number, one_of
from sim.verification.scenarios import ROOMY, STOP_RUN_S, Section, flow, headways, line, mean_of, scenario
from sim.verification.theory import common_lines
from sim.verification.verdict import LEAST_BATCHES, Tolerance

PHASES = 101
"""Pairs of lines whose phases are spread evenly, in place of random ones."""

PER_PHASE = 97
"""Commuters of each pair; prime, so that they do not come in step with the vehicles."""

GOLDEN = 0.618034
"""Share of the step between commuters by which one pair comes after the one before."""

BATCHES = LEAST_BATCHES + 5
COUNTED = 2500
WARM_UP_S = 3600.0
NETWORK_S = 3000 * 60.0
"""Stretch of time in which people leave in the network of four lines."""

RATE_PER_S = 0.5 / 60.0
FOUR_LINES = (("L1", "AB", (25,)), ("L2", "AXxY", (7, 3, 3)), ("L3", "XYB", (4, 4)), ("L4", "YyB", (5, 5)))
"""Lines, stops and minutes between them; x and y are passed only, as a link has one running time."""

MOST_RATIO = 20.0
ROOMY_BUS: Final = {"bus": {"seats": 0, "capacity": ROOMY}}
NO_DWELL: Final = {"no_dwell": True}


def _headways(params: Params) -> Params:
    if max(params["headways"]) > MOST_RATIO * min(params["headways"]):
        raise RefusedError(
            "headways that differ more than twentyfold are not accepted: the rare line would hardly be met"
        )
    return {**params, "headways": [float(headway) for headway in params["headways"]]}


def _even(params: Params) -> ScenarioParameters:
    short, long = sorted(60.0 * headway for headway in params["headways"])
    start_s, end_s = long, long + 10.0 * short
    lines: list[Section] = []
    flows: list[Section] = []
    for phase in range(PHASES):
        stops = [f"a{phase}", f"b{phase}"]
        offset_s = (phase + 0.5) / PHASES * long
        for name, headway_s, first_s in (("short", short, 0.0), ("long", long, offset_s)):
            trips = math.ceil((end_s + long) / headway_s) + 1
            departures = [first_s + number * headway_s for number in range(trips)]
            lines.append(line(f"{name}{phase}", stops, [STOP_RUN_S], departures=departures))
        shift_s = (phase * GOLDEN) % 1.0 * (end_s - start_s) / PER_PHASE
        flows.append(
            flow(stops[0], stops[1], start_s + shift_s, end_s + shift_s, commuters=PER_PHASE, placement="even")
        )
    description = "Two lines at even headways, their phases spread evenly over many pairs of stops."
    return scenario("verify-two-even-lines", lines, flows, ROOMY_BUS, NO_DWELL, description=description, period=3600.0)


def _at_random(headway_s: float, until_s: float) -> Section:
    """Return a law of headways with vehicles enough to go on until some time."""
    needed = until_s / headway_s
    return headways(headway_s, math.ceil(needed + 8.0 * math.sqrt(needed) + 20.0), distribution="exponential")


def _random(params: Params) -> ScenarioParameters:
    headways_s = [60.0 * headway for headway in params["headways"]]
    end_s = WARM_UP_S + COUNTED * 60.0 * common_lines.wait_for_random_lines(params["headways"])
    until_s = end_s + 10.0 * max(headways_s)
    lines = [
        line(f"L{number}", "ab", [STOP_RUN_S], **_at_random(headway_s, until_s))
        for number, headway_s in enumerate(headways_s)
    ]
    rate = 4.0 * sum(1.0 / headway_s for headway_s in headways_s)
    return scenario(
        "verify-two-random-lines",
        lines,
        [flow("a", "b", WARM_UP_S, end_s, rate=rate, placement="poisson")],
        ROOMY_BUS,
        NO_DWELL,
        description="Lines with vehicles at random; whichever comes first is boarded.",
        journeys={"headway_wait_share": 1.0},
        period=3600.0,
        replications=BATCHES,
    )


def _network(params: Params) -> ScenarioParameters:
    headways_s = [60.0 * headway for headway in params["headways"]]
    until_s = WARM_UP_S + NETWORK_S + 20.0 * max(headways_s) + 3600.0
    lines = [
        line(name, stops, [60.0 * minutes for minutes in times], **_at_random(headway_s, until_s))
        for (name, stops, times), headway_s in zip(FOUR_LINES, headways_s, strict=True)
    ]
    return scenario(
        "verify-four-lines",
        lines,
        [
            flow(origin, "B", WARM_UP_S, WARM_UP_S + NETWORK_S, rate=RATE_PER_S, placement="poisson")
            for origin in ("A", "X", "Y")
        ],
        ROOMY_BUS,
        NO_DWELL,
        description="Four lines with vehicles at random; people follow the optimal strategy to B.",
        journeys={"routing": "strategy", "headway_wait_share": 1.0},
        preferences={"wait_weight": 1.0, "in_vehicle_weight": 1.0, "transfer_penalty": 0.0},
        period=3600.0,
        replications=BATCHES,
    )


def _mean_wait(tables: Tables, _: Params) -> float:
    journeys = tables["journeys"]
    return mean_of(np.where(np.isfinite(journeys["arrival_s"]), journeys["wait_s"] / 60.0, np.nan))


def _mean_time(tables: Tables, params: Params) -> float:
    journeys = tables["journeys"].where(tables["journeys"].equals("origin_stop_id", params["origin"]))
    return mean_of((journeys["arrival_s"] - journeys["departure_s"]) / 60.0)


def _list_of(count: int, example: str) -> Param:
    return Param(
        "headways",
        f"{example}, in minutes",
        lambda value: (
            isinstance(value, list | tuple)
            and len(value) == count
            and all(is_number(headway) and 0.0 < headway < 1e4 for headway in value)
        ),
    )


common: Callable[..., Case[Params]] = partial(
    Case, params=(_list_of(2, "two headways as in [10, 20]"),), world=_headways, measure=_mean_wait
)
CASES: tuple[Case[Any], ...] = (
    common(
        id="common.even_wait",
        quantity="mean wait in minutes for two lines at even headways, phases independent and random",
        sets=({"headways": [10, 20]}, {"headways": [10, 10]}),
        theory=lambda params: common_lines.wait_for_even_lines(*params["headways"]),
        scenario=_even,
        tolerance=Tolerance("fluid", 0.005),
        formula="E[W] = E[min(U1, U2)] = H1/2 - H1^2 / (6 H2), H1 <= H2",
        source="mean of the smaller of two uniform numbers; common lines as in Chriqui and Robillard 1975",
    ),
    common(
        id="common.poisson_wait",
        quantity="mean wait in minutes for two lines with vehicles at random",
        sets=({"headways": [10, 20]},),
        theory=lambda params: common_lines.wait_for_random_lines(params["headways"]),
        scenario=_random,
        tolerance=Tolerance("mc", 0.01),
        formula="E[W] = 1 / (1/H1 + 1/H2)",
        source="superposition of Poisson processes; Chriqui and Robillard 1975",
    ),
    common(
        id="strategy.four_lines",
        quantity="mean minutes from a stop to B under the optimal strategy",
        params=(_list_of(4, "four mean headways as in [6, 6, 15, 3]"), one_of("origin", "A", "X", "Y")),
        sets=tuple({"headways": [6, 6, 15, 3], "origin": origin} for origin in "AXY"),
        theory=lambda params: common_lines.four_lines(params["headways"])[params["origin"]],
        scenario=_network,
        measure=_mean_time,
        tolerance=Tolerance("mc", 0.01),
        formula="least of (1 + sum f t) / sum f over sets of lines, at Y, then X, then A",
        source="Spiess and Florian 1989, TR-B 23:83-102: 27.75, 19.0714, 11.5 with waits of 6, 6, 15, 3 min",
    ),
)
