"""A traffic signal at the end of a link: the mean delay of vehicles that come at random times."""

from __future__ import annotations

from typing import Any

from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number
from sim.verification.scenarios import (
    LINE,
    REPLICATIONS,
    headways,
    line,
    mean_of,
    one_rider,
    scenario,
    seed_of,
    stop_names,
    times_at,
)
from sim.verification.verdict import Tolerance

RUN_S = 120.0
SATURATION_PER_H = 1900.0
TRIPS = 1600
"""Vehicles with exponential headways, so that they come to the signal at random times."""


def _volume_per_h(params: Params) -> float:
    return float(params["x"]) * float(params["g"]) * SATURATION_PER_H


def _delay_s(params: Params) -> float:
    """Return the uniform term of Webster, and the random one where there are cars, in seconds."""
    cycle_s, green, x = float(params["C"]), float(params["g"]), float(params["x"])
    uniform_s = cycle_s * (1.0 - green) ** 2 / (2.0 * (1.0 - green * x))
    return uniform_s + (x**2 / (2.0 * (_volume_per_h(params) / 3600.0) * (1.0 - x)) if x > 0 else 0.0)


def _scenario(params: Params) -> ScenarioParameters:
    mean_s = 7.3 * float(params["C"])
    traffic: dict[str, Any] = {
        "signals": {
            "at": [{"node": "s1", "cycle": float(params["C"]), "green_share": float(params["g"])}],
            "saturation": SATURATION_PER_H / 3600.0,
        },
        "step": 3600.0,
    }
    if params["x"] > 0:
        volume = {
            "link_class": "road",
            "start": 0.0,
            "end": 2.0 * TRIPS * mean_s,
            "volume": _volume_per_h(params) / 3600.0,
        }
        traffic |= {"classes": {"road": {"capacity": SATURATION_PER_H / 3600.0}}, "volumes": [volume]}
    return scenario(
        "verify-signal",
        [line(LINE, stop_names(1), [RUN_S], **headways(mean_s, TRIPS, distribution="exponential"))],
        one_rider(0.0),
        {"bus": {"seats": 0, "capacity": 1, "dwell_rule": "constant", "dead_time": 0}},
        description="Vehicles that leave at random times meet a signal at the end of a link.",
        traffic=traffic,
        replications=REPLICATIONS,
        seed=seed_of(f"signal {params}"),
    )


def _lost_s(tables: Tables, _: Params) -> float:
    return mean_of(times_at(tables, 1, "arrival_s") - times_at(tables, 0, "departure_s")) - RUN_S


CASES: tuple[Case[Any], ...] = (
    Case(
        id="signal.delay",
        quantity="mean delay in seconds at a signal, of vehicles that come at random times",
        params=(
            number("C", "cycle in seconds", least=10.0, most=300.0),
            number("g", "green over cycle", least=0.05, most=0.95),
            number("x", "volume of cars over capacity; 0 for no cars", least=0.0, most=0.9),
        ),
        sets=({"C": 90.0, "g": 0.4, "x": 0.0}, {"C": 90.0, "g": 0.4, "x": 0.5}, {"C": 120.0, "g": 0.3, "x": 0.85}),
        world=dict,
        theory=_delay_s,
        scenario=_scenario,
        measure=_lost_s,
        tolerance=Tolerance("mc", 0.02),
        formula="C (1-g)^2 / (2 (1 - g x)) + x^2 / (2 q (1-x)), q = x g s, s = 1900/h; without cars r^2 / (2 C)",
        source="Webster 1958, Road Research Technical Paper 39",
    ),
)
