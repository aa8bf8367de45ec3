"""A line on which vehicles bunch, or do not: the lateness of a platoon behind a late vehicle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, is_number, number, whole_number
from sim.verification.line import line_scenario, one_rider, times_at, trip_name
from sim.verification.theory import bunching
from sim.verification.verdict import Tolerance

RUN_S = 600.0
"""Running time of every link."""

ON_TIME = 2
"""Vehicles on time before the late one: the first has no headway of its own yet."""

DISPATCH_S = 3600.0
HEADWAY_MIN, LATE_MIN = 6.0, 1.0
MOST_STOPS, MOST_VEHICLES = 60, 40

Lateness = Callable[[float, int, int, float], float]


def _headway(params: Params) -> float:
    return float(params.get("H", HEADWAY_MIN))


def _late(params: Params) -> float:
    return float(params.get("e", LATE_MIN))


def _objection(lateness: Lateness, name: str, params: Params) -> str:
    """Return why a platoon cannot be verified: somebody catches up, or the line is too long."""
    stop, vehicle, headway, late = int(params["stop"]), int(params["bus"]), _headway(params), _late(params)
    if stop > MOST_STOPS or vehicle > MOST_VEHICLES:
        return f"at most {MOST_STOPS} stops and bus {MOST_VEHICLES} are simulated"
    if abs(late) >= headway:
        return f"e = {late:g} must be less than H = {headway:g}"
    for place in range(1, stop + 1):
        row = [0.0, *(lateness(float(params[name]), place, other, late) for other in range(vehicle + 2))]
        if headway + min(np.diff(row)) <= 0:
            return f"a bus catches up at stop {place}, where theory ends; take fewer stops, a smaller e or a larger H"
    return ""


def _platoon(service: dict[str, Any], vehicle: dict[str, Any], name: str, params: Params) -> ScenarioParameters:
    """Return a line with a late vehicle and those that follow."""
    headway_s, vehicles = 60.0 * _headway(params), ON_TIME + int(params["bus"]) + 1
    departures = [DISPATCH_S + headway_s * trip for trip in range(vehicles)]
    departures[ON_TIME] += 60.0 * _late(params)
    return line_scenario(
        name=f"verify-bunching-{name}",
        description=f"Bus {ON_TIME + 1} is dispatched {_late(params):g} min late; nobody else is.",
        running_times_s=[RUN_S] * int(params["stop"]),
        dispatch={"departures": departures},
        vehicle={"seats": 0, "capacity": 10, "dwell_rule": "headway", "dead_time": 0, **vehicle},
        changes={"service": service, "demand": one_rider(DISPATCH_S)},
    )


def _loading(rule: str, params: Params) -> ScenarioParameters:
    vehicle = {"dwell_per_headway": float(params["k"])}
    return _platoon({"boarding_rule": rule}, vehicle, rule.replace("_", "-"), params)


def _controlled(params: Params) -> ScenarioParameters:
    share, alpha = float(params["k"]), float(params["alpha"])
    holding = {
        "rule": "forward_headway",
        "control_stops": [f"s{stop}" for stop in range(int(params["stop"]))],
        "alpha": alpha,
        "marginal_dwell": share,
        "headway": 60.0 * _headway(params),
        "slack": 180.0 * (alpha + share) * abs(_late(params)),
    }
    service = {"boarding_rule": "present_at_arrival", "holding": holding}
    return _platoon(service, {"dwell_per_headway": share}, "control", params)


def _measure_lateness(column: str, tables: Tables, params: Params) -> FloatArray:
    """Return the lateness in minutes against the first vehicle, which is on time."""
    stop = int(params["stop"]) - (column == "departure_s")
    times = times_at(tables, stop, column)
    trip = ON_TIME + int(params["bus"])
    lateness: FloatArray = (times[:, trip] - times[:, 0]) / 60.0 - trip * _headway(params)
    return lateness


def _lateness_sql(column: str, params: Params) -> str:
    stop, trip = int(params["stop"]) - (column == "departure_s"), ON_TIME + int(params["bus"])
    late, first = (f"max({column}) filter (trip_id = '{trip_name(name)}')" for name in (trip, 0))
    return (
        f"select ({late} - {first}) / 60 - {trip} * {_headway(params)!r} from 'tables/stop_visits.parquet' "
        f"where stop_sequence = {stop}"
    )


PLATOON_KEYS = (
    Key("k", "a number between 0 and 1", lambda value: is_number(value) and 0 < value < 1),
    whole_number("stop", least=1),
    whole_number("bus", least=0),
    number("H", "minutes", above=0.0),
    number("e", "minutes"),
)
ALPHA = Key("alpha", "a number between 0 and 1", lambda value: is_number(value) and 0 < value < 1)
PLACES = ((5, 0), (10, 0), (10, 1), (20, 1), (20, 2))
PLATOONS = tuple({"k": 0.05, "stop": stop, "bus": bus} for stop, bus in PLACES)
CONTROLLED = tuple({"k": 0.05, "alpha": 0.2, "stop": stop, "bus": bus} for stop, bus in PLACES)
EXACT = Tolerance("exact", 1e-9, 1e-6)
PLATOON = "of bus m at stop n in minutes, when bus 0 is dispatched e late"


def _theory(lateness: Lateness, name: str, params: Params) -> float:
    return lateness(float(params[name]), int(params["stop"]), int(params["bus"]), _late(params))


def _platoon_case(
    case: str,
    lateness: Lateness,
    name: str,
    column: str,
    scenario: Callable[[Params], ScenarioParameters],
    **words: Any,
) -> Case:
    return Case(
        id=case,
        objection=partial(_objection, lateness, name),
        theory=partial(_theory, lateness, name),
        scenario=scenario,
        measure=partial(_measure_lateness, column),
        tolerance=EXACT,
        recompute=partial(_lateness_sql, column),
        **words,
    )


CASES = (
    _platoon_case(
        "bunching.newell_potts",
        bunching.departure_lateness,
        "k",
        "departure_s",
        partial(_loading, "during_dwell"),
        quantity=f"lateness of departure {PLATOON}; who comes during the dwell boards",
        keys=PLATOON_KEYS,
        defaults=PLATOONS,
        usual=len(PLATOONS),
        formula="(1 - k) e[n, m] = e[n - 1, m] - k e[n, m - 1]",
        source="Newell and Potts 1964, Proc. 2nd ARRB Conf. 388-393",
    ),
    _platoon_case(
        "bunching.arrival_headway",
        bunching.arrival_lateness,
        "k",
        "arrival_s",
        partial(_loading, "present_at_arrival"),
        quantity=f"lateness of arrival {PLATOON}; only those present at arrival board",
        keys=PLATOON_KEYS,
        defaults=PLATOONS,
        usual=len(PLATOONS),
        formula="e[n + 1, m] = (1 + k) e[n, m] - k e[n, m - 1]",
        source="linear recursion for boarding by headways of arrivals",
    ),
    _platoon_case(
        "bunching.daganzo",
        bunching.controlled_lateness,
        "alpha",
        "arrival_s",
        _controlled,
        quantity=f"lateness of arrival {PLATOON}; forward headway control at every stop",
        keys=(*PLATOON_KEYS, ALPHA),
        defaults=CONTROLLED,
        usual=len(CONTROLLED),
        formula="e[n + 1, m] = (1 - a) e[n, m] + a e[n, m - 1], stable for 0 < a < 1",
        source="Daganzo 2009, TR-B 43:913-921",
    ),
)
