"""A late vehicle among random passengers: on average the lines bunch as the recursions say.

The same passengers in two runs, one with a vehicle dispatched late: the mean difference of its times,
and of those behind, over many lines and replications. Each line is one of its own kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import REFERENCE, Case, Params, Tables, number, reference_of, whole_number
from sim.verification.one_stop import by_replication, seed_of
from sim.verification.theory import bunching
from sim.verification.verdict import Tolerance

RUN_S = 600.0
ON_TIME = 2
"""Vehicles on time before the late one."""

DISPATCH_S = 3600.0
LINES = 12
REPLICATIONS = 60
TARGET_SE = 0.013
SAFE_SDS = 3.0
"""Standard deviations that the shortest headway must be away from nought."""

MOST_STOPS, MOST_PASSENGERS = 40, 3_000_000

Lateness = Callable[[float, int, int, float], float]


def _share(params: Params) -> float:
    return float(params["lam"]) * float(params["b"])


def _expected(lateness: Lateness, params: Params) -> float:
    return lateness(_share(params), int(params["stop"]), int(params["bus"]), float(params["e"]))


def _spread(params: Params, stop: int) -> float:
    """Return the standard deviation of headways at a stop in minutes."""
    noise = bunching.noise_variance(float(params["H"]), float(params["lam"]), float(params["b"]), 0.0)
    return math.sqrt(bunching.headway_variance(noise, _share(params), None, stop))


def _lines(lateness: Lateness, params: Params) -> int:
    """Return how many lines are needed: the difference varies with those who come in the changed headways."""
    share, stop = _share(params), int(params["stop"])
    changed = sum(abs(lateness(share, stop, bus, float(params["e"]))) for bus in range(int(params["bus"]) + 1))
    growth = (1.0 + 2.0 * share) ** stop
    variance = float(params["b"]) ** 2 * float(params["lam"]) * stop * max(changed, abs(float(params["e"]))) * growth
    needed = 2.0 * variance / (TARGET_SE * _expected(lateness, params)) ** 2
    return max(LINES, math.ceil(needed / REPLICATIONS))


def _objection(lateness: Lateness, params: Params) -> str:
    share, stop, bus = _share(params), int(params["stop"]), int(params["bus"])
    headway, late = float(params["H"]), float(params["e"])
    if share >= 1:
        return f"lam x b = {share:g} must be less than 1"
    if stop > MOST_STOPS:
        return f"at most {MOST_STOPS} stops are simulated"
    if abs(late) >= headway or late == 0:
        return f"e = {late:g} must be less than H = {headway:g} and not 0"
    for place in range(1, stop + 1):
        row = [0.0, *(lateness(share, place, other, late) for other in range(bus + 2))]
        if headway + min(np.diff(row)) < SAFE_SDS * _spread(params, place):
            return f"buses may meet at stop {place}, where theory ends; take fewer stops, a smaller e or a larger H"
    if abs(_expected(lateness, params)) < 1e-3 * abs(late):
        return f"bus {bus} is hardly late at stop {stop}; take a stop further on"
    passengers = _lines(lateness, params) * REPLICATIONS * stop * (ON_TIME + bus + 1) * headway * float(params["lam"])
    if passengers > MOST_PASSENGERS:
        return f"would need {passengers:.2g} passengers, at most {MOST_PASSENGERS:,} are simulated; take earlier stops"
    return ""


def _scenario(lateness: Lateness, rule: str, late: bool, params: Params) -> ScenarioParameters:
    headway_s, vehicles, links = 60.0 * float(params["H"]), ON_TIME + int(params["bus"]) + 1, int(params["stop"])
    departures = [DISPATCH_S + headway_s * trip for trip in range(vehicles)]
    if late:
        departures[ON_TIME] += 60.0 * float(params["e"])
    dwell_s = _share(params) * headway_s / (1.0 if rule == "present_at_arrival" else 1.0 - _share(params))
    lines, flows = [], []
    for number_ in range(_lines(lateness, params)):
        stops = [f"l{number_}s{stop}" for stop in range(links + 1)]
        lines.append(
            {
                "id": f"l{number_}",
                "stops": stops,
                "running_times": [RUN_S] * links,
                "vehicle": "bus",
                "departures": departures,
            }
        )
        for stop in range(links):
            first_s = DISPATCH_S + stop * (RUN_S + dwell_s)
            piece = {
                "start": first_s - headway_s,
                "end": first_s + (vehicles + 1) * headway_s,
                "rate": float(params["lam"]) / 60.0,
            }
            flows.append({"origin": stops[stop], "destination": stops[-1], "placement": "poisson", "pieces": [piece]})
    values = "-".join(f"{params[key]:g}" for key in ("H", "lam", "b", "e", "stop", "bus"))
    name = f"verify-random-boarding-{rule.replace('_', '-')}-{values}"
    bus = {"seats": 0, "capacity": 1, "dead_time": 0, "boarding": 60.0 * float(params["b"]), "alighting": 0}
    return ScenarioParameters.model_validate(
        {
            "name": name,
            "description": "Lines with random passengers; a bus of each is late in one of two runs.",
            "seed": seed_of(name),
            "replications": REPLICATIONS,
            "days": 1,
            "network": {"lines": lines},
            "demand": {"flows": flows},
            "service": {"vehicles": {"bus": bus}, "unlimited_capacity": True, "boarding_rule": rule},
        }
    )


def _place(column: str, params: Params) -> tuple[int, str]:
    """Return the position of the stop in a trip, counted from the dispatch, and the end of the trip's name."""
    return int(params["stop"]) - (column == "departure_s"), f"-{ON_TIME + int(params['bus']) + 1:04d}"


def _measure(column: str, tables: Tables, params: Params) -> FloatArray:
    """Return the mean over lines of the difference that the late bus makes, in minutes."""
    times = []
    for each in (tables, reference_of(tables)):
        visits = each["stop_visits"]
        sequence, ending = _place(column, params)
        mine = np.array([trip.endswith(ending) for trip in visits.categories["trip_id"]])
        rows = np.flatnonzero((visits["stop_sequence"] == sequence) & mine[visits["trip_id"]])
        times.append(by_replication(visits["replication"][rows], visits[column][rows] / 60.0))
    difference: FloatArray = times[0] - times[1]
    return difference


def _sql(column: str, params: Params) -> str:
    sequence, ending = _place(column, params)
    late, usual = (
        f"(select avg({column}) from '{folder}tables/stop_visits.parquet' where stop_sequence = {sequence} "
        f"and ends_with(trip_id, '{ending}'))"
        for folder in ("", f"{REFERENCE}/")
    )
    return f"select ({late} - {usual}) / 60"


KEYS = (
    *(number(name, "minutes", above=0.0) for name in ("H", "b")),
    number("lam", "passengers a minute", above=0.0),
    number("e", "minutes"),
    whole_number("stop", least=1),
    whole_number("bus", least=0),
)
BASE: Final = MappingProxyType({"H": 6.0, "lam": 1.0, "b": 0.05, "e": 1.0})
DEFAULTS: tuple[Params, ...] = tuple({**BASE, "stop": stop, "bus": bus} for stop, bus in ((5, 0), (8, 1)))


def _case(name: str, lateness: Lateness, rule: str, column: str, **words: str) -> Case:
    return Case(
        id=f"bunching.{name}",
        keys=KEYS,
        defaults=DEFAULTS,
        usual=1,
        objection=partial(_objection, lateness),
        theory=partial(_expected, lateness),
        scenario=partial(_scenario, lateness, rule, True),
        reference=partial(_scenario, lateness, rule, False),
        measure=partial(_measure, column),
        tolerance=Tolerance("mc", 0.02),
        recompute=partial(_sql, column),
        **words,
    )


CASES: tuple[Case, ...] = (
    _case(
        "random_newell_potts",
        bunching.departure_lateness,
        "during_dwell",
        "departure_s",
        quantity="mean minutes that a late bus makes bus m behind it later at stop n; who comes in the dwell boards",
        formula="(1 - k) e[n, m] = e[n - 1, m] - k e[n, m - 1] for means, k = lam b",
        source="Newell and Potts 1964, Proc. 2nd ARRB Conf. 388-393; linear, so it holds for means",
    ),
    _case(
        "random_arrival_headway",
        bunching.arrival_lateness,
        "present_at_arrival",
        "arrival_s",
        quantity="mean minutes that a late bus makes bus m behind it later at stop n; only those present board",
        formula="e[n + 1, m] = (1 + k) e[n, m] - k e[n, m - 1] for means, k = lam b",
        source="linear recursion for boarding by headways of arrivals, so it holds for means",
    ),
)
