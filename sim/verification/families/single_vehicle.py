"""One vehicle or a few on a known way: dwell, running times in traffic, and the carbon dioxide of a fleet."""

from __future__ import annotations

import math
from typing import Any, Final

from sim.model.parameters import ScenarioParameters
from sim.model.parameters.energy_factors import LITRES_PER_US_GALLON
from sim.verification.case import Case, Params, RefusedError, Tables, number, one_of, whole_number
from sim.verification.scenarios import LINE, Section, flow, line, one_rider, scenario, stop_names, times_at
from sim.verification.theory import traffic
from sim.verification.verdict import Tolerance

DISPATCH_S = 600.0
RUN_S = 300.0
FRICTION_S = 0.5
"""Added per boarding while anybody stands, TCRP Report 165."""

FREE_S = 600.0
CAPACITY_PER_S = 0.5
"""Running time and capacity of the link in traffic."""

LENGTH_KM = 10.0
"""Length of the link on which the speed in an area is measured."""

RELAXATIONS = 25.0
"""Relaxation times before a steady state is measured; what is left is e^-25."""

MOST_HOURS = 200.0
BUSES, RIDERS = 12, 9000
CO2_KG_PER_GALLON = 10.21


def _dwell(params: Params) -> float:
    boarding = float(params["tb"]) + (FRICTION_S if params["standees"] else 0.0)
    times = (int(params["board"]) * boarding, int(params["alight"]) * float(params["ta"]))
    shared = params.get("channels") == "shared"
    return float(params["doors"]) + (sum(times) if shared else max(times))


def _somebody(params: Params) -> Params:
    if not params["board"] + params["alight"]:
        raise RefusedError("somebody has to board or alight")
    return params


def _dwell_scenario(params: Params) -> ScenarioParameters:
    board, alight = int(params["board"]), int(params["alight"])
    riders = {("s0", "s1"): alight, ("s1", "s2"): board, ("s0", "s2"): 1 if params["standees"] else 0}
    bus = {
        "seats": 0 if params["standees"] else board + alight,
        "capacity": board + alight + 1,
        "dwell_rule": "sum" if params.get("channels") == "shared" else "max",
        "dead_time": float(params["doors"]),
        "boarding": float(params["tb"]),
        "alighting": float(params["ta"]),
        "standee_friction": FRICTION_S,
    }
    return scenario(
        "verify-dwell",
        [line(LINE, stop_names(2), [RUN_S, RUN_S], departures=[DISPATCH_S])],
        [flow(*ends, DISPATCH_S - 60.0, DISPATCH_S, commuters=count) for ends, count in riders.items() if count],
        {"bus": bus},
        description="One vehicle lets people out and in at the second stop.",
    )


def _stood_s(tables: Tables, _: Params) -> float:
    return float(times_at(tables, 1, "departure_s")[0] - times_at(tables, 1, "arrival_s")[0])


def link_in_traffic(name: str, section: Section, run_s: float, departure_s: float) -> ScenarioParameters:
    """Return a vehicle on a link of 10 km in traffic that buses do not add to.

    Parameters
    ----------
    name : str
    section : dict
        Keys of the section `traffic`.
    run_s, departure_s : float
        Running time without traffic, and when the vehicle leaves.
    """
    return scenario(
        f"verify-traffic-{name}",
        [line(LINE, stop_names(1), [run_s], departures=[departure_s], lengths=[1000.0 * LENGTH_KM])],
        one_rider(departure_s),
        {"bus": {"seats": 0, "capacity": 1, "dwell_rule": "constant", "dead_time": 0}},
        description="One vehicle on one link, in background traffic.",
        traffic={"bus_equivalents": 0, **section},
    )


def running_s(tables: Tables) -> float:
    """Return the running time of the vehicle over the link."""
    return float(times_at(tables, 1, "arrival_s")[0] - times_at(tables, 0, "departure_s")[0])


def delay_section(delay: str, saturation: float, **keys: float) -> Section:
    """Return traffic of a constant volume, and the volume-delay function."""
    volume = {"link_class": "road", "start": 0.0, "end": 7200.0, "volume": CAPACITY_PER_S * saturation}
    return {"delay": delay, "classes": {"road": {"capacity": CAPACITY_PER_S}}, "volumes": [volume], **keys}


def reservoir(params: Params) -> tuple[float, float, float, float]:
    """Return inflow per hour, free speed, jam and trip length of an area."""
    return float(params["q"]), float(params["Vf"]), float(params["nj"]), float(params["L"])


def area_scenario(name: str, params: Params, departure_s: float) -> ScenarioParameters:
    """Return a vehicle that leaves some time after cars begin to come to an empty area."""
    inflow, free, jam, length = reservoir(params)
    piece = {"start": 0.0, "end": departure_s + 3600.0, "inflow": inflow / 3600.0}
    area = {"free_speed_km_h": free, "jam_cars": jam, "trip_length": 1000.0 * length, "inflow": [piece]}
    return link_in_traffic(name, {"area": area, "step": 60.0}, 3600.0 * LENGTH_KM / free, departure_s)


def settling_minutes(params: Params) -> int:
    """Return how long an empty area fills until traffic is steady; raises `RefusedError` where it never is."""
    inflow, free, jam, length = reservoir(params)
    most = traffic.most_outflow(free, jam, length)
    if inflow >= most:
        raise RefusedError(
            f"q = {inflow:g} must be less than Vf nj / (4 L) = {most:g}: beyond it traffic comes to a stop"
        )
    minutes = math.ceil(60.0 * RELAXATIONS * length / (free * math.sqrt(1.0 - inflow / most)))
    if minutes > 60.0 * MOST_HOURS:
        raise RefusedError(f"would need {minutes / 60.0:.3g} h to settle, at most {MOST_HOURS:g} are simulated")
    return minutes


def _steady(params: Params) -> Params:
    settling_minutes(params)
    return params


def _ride_km(params: Params) -> float:
    return float(params["pkm"]) / RIDERS


def _bus_km(params: Params) -> float:
    return float(params["vkm"]) / BUSES


def _fleet(params: Params) -> Params:
    if _ride_km(params) >= _bus_km(params):
        raise RefusedError(
            f"{RIDERS} riders of {BUSES} buses cannot ride farther than a bus runs; take pkm below 750 vkm"
        )
    return params


def _co2_g(params: Params) -> float:
    co2_kg = float(params["vkm"]) * float(params["l_per_100km"]) / 100.0 * CO2_KG_PER_GALLON / LITRES_PER_US_GALLON
    return 1000.0 * co2_kg / float(params["pkm"])


def _fleet_scenario(params: Params) -> ScenarioParameters:
    lengths_m = [1000.0 * _ride_km(params), 1000.0 * (_bus_km(params) - _ride_km(params))]
    departures = [600.0 * (number + 1) for number in range(BUSES)]
    return scenario(
        "verify-energy",
        [line(LINE, stop_names(2), [600.0, 3600.0], departures=departures, lengths=lengths_m)],
        [flow("s0", "s1", 0.0, 600.0, commuters=RIDERS, placement="even")],
        {"bus": {"seats": 50, "capacity": RIDERS, "dwell_rule": "constant", "dead_time": 0.0}},
        {"energy": {"kind": "diesel", "diesel_l_per_100km": float(params["l_per_100km"])}},
        description="Twelve buses run a known way; all riders ride its first part.",
    )


def _co2_per_rider_km(tables: Tables, _: Params) -> float:
    visits = tables["stop_visits"]
    return float(visits["co2_g"].sum() / ((visits["departing_load"] * visits["distance_m"]).sum() / 1000.0))


EXAMPLE: Final[Params] = {"board": 8, "alight": 5, "tb": 3.5, "ta": 2.1, "doors": 3.5, "standees": False}

OF_DWELL: tuple[Case[Any], ...] = (
    Case(
        id="dwell.tcqsm",
        quantity="dwell in seconds",
        params=(
            whole_number("board", least=0, most=100_000),
            whole_number("alight", least=0, most=100_000),
            number("tb", "seconds per boarding", least=0.0, most=60.0),
            number("ta", "seconds per alighting", least=0.0, most=60.0),
            number("doors", "seconds to open and close", least=0.0, most=600.0),
            one_of("standees", True, False),
            one_of("channels", "separate", "shared"),
        ),
        sets=(EXAMPLE, {**EXAMPLE, "standees": True}, {**EXAMPLE, "channels": "shared"}),
        world=_somebody,
        theory=_dwell,
        scenario=_dwell_scenario,
        measure=_stood_s,
        tolerance=Tolerance("exact", 1e-9, 1e-6),
        formula="doors + max(board tb, alight ta); sum where doors are shared; tb + 0.5 s while anybody stands",
        source="TCRP Report 165, Transit Capacity and Quality of Service Manual",
    ),
)
OF_TRAFFIC: tuple[Case[Any], ...] = (
    Case(
        id="bpr",
        quantity="running time over that at free flow",
        params=(number("x", "volume over capacity", least=0.0, most=10.0),),
        sets=tuple({"x": x} for x in (0.5, 0.9, 1.0, 1.5)),
        world=dict,
        theory=lambda params: traffic.bpr(float(params["x"])),
        scenario=lambda params: link_in_traffic("bpr", delay_section("bpr", float(params["x"])), FREE_S, 3600.0),
        measure=lambda tables, _: running_s(tables) / FREE_S,
        tolerance=Tolerance("exact", 1e-9, 1e-6),
        formula="1 + 0.15 x^4",
        source="Bureau of Public Roads 1964, Traffic Assignment Manual",
    ),
    Case(
        id="mfd.speed",
        quantity="speed of vehicles in km/h in an area with a constant inflow of cars",
        params=(
            number("q", "cars per hour", above=0.0),
            number("Vf", "km/h", above=0.0),
            number("nj", "cars", above=0.0),
            number("L", "km", above=0.0),
        ),
        sets=tuple({"q": q, "Vf": 40, "nj": 4000, "L": 4} for q in (2000.0, 6000.0, 9000.0)),
        world=_steady,
        theory=lambda params: traffic.steady_speed(*reservoir(params)),
        scenario=lambda params: area_scenario("area", params, 60.0 * settling_minutes(params)),
        measure=lambda tables, _: 3600.0 * LENGTH_KM / running_s(tables),
        tolerance=Tolerance("exact", 1e-6, 1e-6),
        formula="Vf/2 (1 + sqrt(1 - q/Gmax)), Gmax = Vf nj/(4 L)",
        source="Greenshields 1935 in the reservoir of Daganzo 2007, TR-B 41:49-62",
    ),
)
OF_ENERGY: tuple[Case[Any], ...] = (
    Case(
        id="energy.example_g_per_pkm",
        quantity="CO2 in g per passenger-kilometre",
        params=(
            number("vkm", "vehicle-kilometres a day", above=0.0),
            number("l_per_100km", "litres of diesel per 100 km", above=0.0),
            number("pkm", "passenger-kilometres a day", above=0.0),
        ),
        sets=({"vkm": 2160, "l_per_100km": 40, "pkm": 40500},),
        world=_fleet,
        theory=_co2_g,
        scenario=_fleet_scenario,
        measure=_co2_per_rider_km,
        tolerance=Tolerance("exact", 1e-6, 1e-6),
        formula="vkm L/100km / 100 x 10.21 kg/gal / 3.785 L/gal / pkm",
        source="US EPA emission factors; 12 buses of 180 km, 9,000 riders of 4.5 km",
    ),
)
CASES = (*OF_DWELL, *OF_TRAFFIC, *OF_ENERGY)
