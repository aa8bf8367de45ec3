"""Vehicles in traffic: running times on links by volume, and speed in an area by the number of cars."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number
from sim.verification.line import line_scenario, one_rider, times_at
from sim.verification.theory import traffic
from sim.verification.verdict import Tolerance

FREE_S = 600.0
CAPACITY_PER_S = 0.5
LENGTH_KM = 10.0
"""Length of the link on which the speed in the area is measured."""

RELAXATIONS = 25.0
"""Relaxation times before a steady state is measured; what is left is e^-25."""

MOST_HOURS = 200.0
DEFAULTS: Final = {"Vf": 40, "nj": 4000, "L": 4}


def _link_scenario(name: str, section: dict[str, Any], run_s: float, departure_s: float) -> ScenarioParameters:
    """Return a vehicle on a link of 10 km in traffic that buses do not add to."""
    return line_scenario(
        name=f"verify-traffic-{name}",
        description="One vehicle on one link, in background traffic.",
        running_times_s=[run_s],
        dispatch={"departures": [departure_s], "lengths": [1000.0 * LENGTH_KM]},
        vehicle={"seats": 0, "capacity": 1, "dwell_rule": "constant", "dead_time": 0},
        changes={"traffic": {"bus_equivalents": 0, **section}, "demand": one_rider(departure_s)},
    )


def _running_s(tables: Tables) -> FloatArray:
    took: FloatArray = times_at(tables, 1, "arrival_s")[:, 0] - times_at(tables, 0, "departure_s")[:, 0]
    return took


RUNNING_SQL = (
    "(select arrival_s from 'tables/stop_visits.parquet' where stop_sequence = 1) - "
    "(select departure_s from 'tables/stop_visits.parquet' where stop_sequence = 0)"
)


def _delay_scenario(delay: str, params: Params) -> ScenarioParameters:
    section: dict[str, Any] = {
        "delay": delay,
        "classes": {"road": {"capacity": CAPACITY_PER_S}},
        "volumes": [{"link_class": "road", "start": 0.0, "end": 7200.0, "volume": CAPACITY_PER_S * float(params["x"])}],
    }
    if "alpha" in params:
        section["conical_alpha"] = float(params["alpha"])
    if delay == "akcelik":
        section |= {"akcelik_period": 60.0 * float(params["T"]), "akcelik_delay": float(params["J"])}
    return _link_scenario(delay, section, FREE_S, 3600.0)


def _akcelik(params: Params) -> float:
    period_s = 60.0 * float(params["T"])
    return traffic.akcelik(FREE_S, float(params["x"]), CAPACITY_PER_S, period_s, float(params["J"])) / FREE_S


def _reservoir(params: Params) -> tuple[float, float, float, float]:
    return float(params["q"]), float(params["Vf"]), float(params["nj"]), float(params["L"])


def _hours(params: Params) -> float:
    """Return how long the area fills before the vehicle comes."""
    if "minutes" in params:
        return float(params["minutes"]) / 60.0
    inflow, free, jam, length = _reservoir(params)
    root = math.sqrt(1.0 - inflow / traffic.most_outflow(free, jam, length))
    return math.ceil(60.0 * RELAXATIONS * length / (free * root)) / 60.0


def _reservoir_objection(params: Params) -> str:
    inflow, free, jam, length = _reservoir(params)
    most = traffic.most_outflow(free, jam, length)
    if inflow >= most:
        return f"q = {inflow:g} must be less than Vf nj / (4 L) = {most:g}: beyond it traffic comes to a stop"
    if "minutes" in params and not float(params["minutes"]).is_integer():
        return "minutes must be a whole number: running times change from minute to minute"
    if _hours(params) > MOST_HOURS:
        return f"would need {_hours(params):.3g} h to settle, at most {MOST_HOURS:g} are simulated"
    return ""


def _reservoir_scenario(params: Params) -> ScenarioParameters:
    inflow, free, jam, length = _reservoir(params)
    departure_s = round(60.0 * _hours(params)) * 60.0
    piece = {"start": 0.0, "end": departure_s + 3600.0, "inflow": inflow / 3600.0}
    area = {"free_speed_km_h": free, "jam_cars": jam, "trip_length": 1000.0 * length, "inflow": [piece]}
    return _link_scenario("area", {"area": area, "step": 60.0}, 3600.0 * LENGTH_KM / free, departure_s)


def _cars(tables: Tables, params: Params) -> FloatArray:
    speed = 3600.0 * LENGTH_KM / _running_s(tables)
    cars: FloatArray = float(params["nj"]) * (1.0 - speed / float(params["Vf"]))
    return cars


def _gridlocked(params: Params) -> ScenarioParameters:
    """Return an area that more cars come to than can leave it, long after it is full."""
    inflow, free, jam, length = _reservoir(params)
    departure_s = 60.0 * math.ceil(60.0 * _hours_to_jam(params) + 60.0)
    piece = {"start": 0.0, "end": departure_s + 3600.0, "inflow": inflow / 3600.0}
    area = {
        "free_speed_km_h": free,
        "jam_cars": jam,
        "trip_length": 1000.0 * length,
        "inflow": [piece],
        "least_speed_share": float(params["least_share"]),
    }
    return _link_scenario("gridlock", {"area": area, "step": 60.0}, 3600.0 * LENGTH_KM / free, departure_s)


def _hours_to_jam(params: Params) -> float:
    """Return when an empty area is full, with some time to spare."""
    inflow, free, jam, length = _reservoir(params)
    return 1.05 * traffic.hours_to_jam(inflow, free, jam, length)


def _gridlock_objection(params: Params) -> str:
    inflow, free, jam, length = _reservoir(params)
    most = traffic.most_outflow(free, jam, length)
    if inflow <= most:
        return f"q = {inflow:g} must be more than Vf nj / (4 L) = {most:g}: below it traffic flows"
    hours = _hours_to_jam(params) + LENGTH_KM / (free * float(params["least_share"]))
    if hours > MOST_HOURS:
        return f"would need {hours:.3g} h, at most {MOST_HOURS:g} are simulated; take more q"
    return ""


def _filled(params: Params) -> float:
    return traffic.filling_cars(_hours(params), *_reservoir(params))


def _cars_sql(params: Params) -> str:
    speed = f"{3600.0 * LENGTH_KM!r} / ({RUNNING_SQL})"
    return f"select {float(params['nj'])!r} * (1 - {speed} / {float(params['Vf'])!r})"


def _delay_case(delay: str, theory: Any, **words: Any) -> Case:
    return Case(
        id=delay,
        quantity="running time over that at free flow",
        objection=lambda params: "" if float(params["x"]) <= 10 else "x must be at most 10",
        theory=theory,
        scenario=partial(_delay_scenario, delay),
        measure=lambda tables, _: _running_s(tables) / FREE_S,
        tolerance=Tolerance("exact", 1e-9, 1e-6),
        recompute=lambda _: f"select ({RUNNING_SQL}) / {FREE_S!r}",
        **words,
    )


def _area_case(name: str, *, of_cars: bool = False, **words: Any) -> Case:
    """Return a case about an area, measured by the speed of vehicles in it or by the cars that this means."""
    speed_sql = f"select {3600.0 * LENGTH_KM!r} / ({RUNNING_SQL})"
    return Case(
        id=f"mfd.{name}",
        measure=_cars if of_cars else lambda tables, _: 3600.0 * LENGTH_KM / _running_s(tables),
        recompute=_cars_sql if of_cars else lambda _: speed_sql,
        tolerance=Tolerance("exact", 1e-6, 1e-6),
        source="Greenshields 1935 in the reservoir of Daganzo 2007, TR-B 41:49-62",
        **{"objection": _reservoir_objection, "scenario": _reservoir_scenario, **words},
    )


SATURATION = number("x", "volume over capacity", least=0.0)
AREA_KEYS = (
    number("q", "cars per hour", above=0.0),
    number("Vf", "km/h", above=0.0),
    number("nj", "cars", above=0.0),
    number("L", "km", above=0.0),
)
STEADY = tuple({"q": q, **DEFAULTS} for q in (2000.0, 6000.0, 9000.0))

CASES = (
    _delay_case(
        "bpr",
        lambda params: traffic.bpr(float(params["x"])),
        keys=(SATURATION,),
        defaults=tuple({"x": x} for x in (0.5, 0.9, 1.0, 1.5)),
        usual=4,
        formula="1 + 0.15 x^4",
        source="Bureau of Public Roads 1964, Traffic Assignment Manual",
    ),
    _delay_case(
        "conical",
        lambda params: traffic.conical(float(params["x"]), float(params["alpha"])),
        keys=(SATURATION, number("alpha", "", above=1.0)),
        defaults=tuple({"x": x, "alpha": 8.0} for x in (0.5, 1.0, 1.5)),
        usual=3,
        formula="2 + sqrt(a^2 (1 - x)^2 + b^2) - a (1 - x) - b, b = (2a - 1)/(2a - 2)",
        source="Spiess 1990, Transportation Science 24:153-158",
    ),
    _delay_case(
        "akcelik",
        _akcelik,
        keys=(SATURATION, number("T", "minutes", above=0.0, most=600.0), number("J", "", least=0.0)),
        defaults=tuple({"x": x, "T": 60.0, "J": 0.4} for x in (0.5, 1.0, 1.5)),
        usual=3,
        formula="(t0 + T/4 [(x - 1) + sqrt((x - 1)^2 + 8 J x/(c T))]) / t0, t0 = 10 min, c = 0.5 cars/s",
        source="Akcelik 1991, Australian Road Research 21(3):49-59",
    ),
    _area_case(
        "speed",
        quantity="speed of vehicles in km/h in an area with a constant inflow of cars",
        keys=AREA_KEYS,
        defaults=STEADY,
        usual=3,
        theory=lambda params: traffic.steady_speed(*_reservoir(params)),
        formula="Vf/2 (1 + sqrt(1 - q/Gmax)), Gmax = Vf nj/(4 L)",
    ),
    _area_case(
        "cars",
        of_cars=True,
        quantity="cars in an area with a constant inflow, from the speed of vehicles",
        keys=AREA_KEYS,
        defaults=STEADY,
        usual=3,
        theory=lambda params: traffic.steady_cars(*_reservoir(params)),
        formula="nj/2 (1 - sqrt(1 - q/Gmax)), Gmax = Vf nj/(4 L)",
    ),
    _area_case(
        "gridlock",
        quantity="speed of vehicles in km/h in an area that more cars come to than can leave it",
        keys=(*AREA_KEYS, number("least_share", "share of the free speed", above=0.0, most=1.0)),
        defaults=({"q": 12_000.0, **DEFAULTS, "least_share": 0.02},),
        usual=1,
        objection=_gridlock_objection,
        theory=lambda params: float(params["least_share"]) * float(params["Vf"]),
        scenario=_gridlocked,
        formula="q > Gmax has no steady state: the area fills up, and buses creep at the least speed",
    ),
    _area_case(
        "filling",
        of_cars=True,
        quantity="cars in an area that was empty, from the speed of a vehicle",
        keys=(*AREA_KEYS, number("minutes", "", above=0.0)),
        defaults=tuple({"q": 6000.0, **DEFAULTS, "minutes": minutes} for minutes in (3, 6, 15, 30)),
        usual=4,
        theory=_filled,
        formula="n' = q - n Vf (1 - n/nj)/L solved exactly",
    ),
)
