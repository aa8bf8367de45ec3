"""What holds in every run, to the last digit: nobody is lost, and times and distances add up.

Each number is taken from two tables that do not know each other: those of people and those of
vehicles. `little.*` are ratios of an integral over the day to a sum over people (Little 1961), with
random vehicles, running times and passengers; `conservation.*` are sums that the parameters fix.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number, whole_number
from sim.verification.line import line_scenario
from sim.verification.verdict import Tolerance

EXACT = Tolerance("exact", 1e-9, 1e-6)
DEMAND_S = 3600.0
START_S = 3600.0
MOST_COMMUTERS = 100_000
RUN_S = 300.0
PATIENCE_S = 600.0


def _pairs(params: Params) -> list[tuple[int, int]]:
    stops = int(params["stops"])
    return [(start, end) for start in range(stops) for end in range(start + 1, stops)]


def _flows(params: Params, placement: str) -> list[dict[str, Any]]:
    piece = {"start": START_S, "end": START_S + DEMAND_S, "commuters": int(params["commuters"])}
    return [
        {"origin": f"s{start}", "destination": f"s{end}", "placement": placement, "pieces": [piece]}
        for start, end in _pairs(params)
    ]


def _trips(params: Params) -> int:
    """Return vehicles enough that everybody is carried, though those of the demand's time be full."""
    commuters = int(params["commuters"]) * len(_pairs(params))
    during = DEMAND_S / (60.0 * float(params["headway"]))
    return math.ceil(2.0 * during + 2.0 * commuters / int(params["capacity"])) + 10


def _random_scenario(params: Params) -> ScenarioParameters:
    headway_s = 60.0 * float(params["headway"])
    headway = {"mean": headway_s, "distribution": "exponential", "first": START_S, "trips": _trips(params)}
    return line_scenario(
        name="verify-identities",
        description="A line with random vehicles, running times and passengers, few places, and control.",
        running_times_s=[RUN_S] * (int(params["stops"]) - 1),
        dispatch={"headway": headway},
        vehicle={"seats": 0, "capacity": int(params["capacity"]), "boarding": 3.0, "alighting": 0},
        changes={
            "demand": {"flows": _flows(params, "random")},
            "service": {
                "running_time_noise": {"distribution": "gamma", "cv": 0.3},
                "holding": {"rule": "even_headway", "most": 120.0},
            },
        },
    )


def _known_scenario(params: Params) -> ScenarioParameters:
    links = int(params["stops"]) - 1
    headway = {"mean": 60.0 * float(params["headway"]), "first": START_S, "trips": _trips(params)}
    return line_scenario(
        name="verify-conservation",
        description="A line on which who rides how far and how long is known.",
        running_times_s=[60.0 * float(params["minutes"])] * links,
        dispatch={"headway": headway, "lengths": [1000.0 * float(params["km"])] * links},
        vehicle={
            "seats": 0,
            "capacity": int(params["capacity"]),
            "dwell_rule": "constant",
            "dead_time": float(params["dwell"]),
            "boarding": 0,
            "alighting": 0,
        },
        changes={"demand": {"flows": _flows(params, "even")}},
    )


def _cut_scenario(params: Params) -> ScenarioParameters:
    """Return the line with random vehicles, people who lose patience, and an early end of the day."""
    whole = _random_scenario(params)
    early_s = START_S + DEMAND_S
    return whole.model_copy(
        update={
            "name": "verify-conservation-cut",
            "horizon": whole.horizon.model_copy(update={"end_s": early_s}),
            "behaviour": whole.behaviour.model_copy(update={"patience_s": PATIENCE_S}),
        }
    )


def _integral_h(times_s: FloatArray, change: FloatArray) -> float:
    """Return the integral over time of a number that changes at times, in hours."""
    order = np.argsort(times_s, kind="stable")
    present = np.cumsum(change[order])
    return float((present[:-1] * np.diff(times_s[order])).sum()) / 3600.0


def _waiting(tables: Tables) -> float:
    journeys, visits = tables["journeys"], tables["stop_visits"]
    times = np.concatenate([journeys["departure_s"], visits["arrival_s"]])
    change = np.concatenate([np.ones(len(journeys)), -visits["boardings"].astype(np.float64)])
    return _integral_h(times, change) / (float(journeys["wait_s"].sum()) / 3600.0)


def _on_board(tables: Tables) -> float:
    journeys, visits = tables["journeys"], tables["stop_visits"]
    change = (visits["boardings"] - visits["alightings"]).astype(np.float64)
    return _integral_h(visits["arrival_s"], change) / (float(journeys["in_vehicle_s"].sum()) / 3600.0)


def _in_system(tables: Tables) -> float:
    journeys, visits = tables["journeys"], tables["stop_visits"]
    times = np.concatenate([journeys["departure_s"], visits["arrival_s"]])
    change = np.concatenate([np.ones(len(journeys)), -visits["alightings"].astype(np.float64)])
    spent_s = journeys["wait_s"] + journeys["in_vehicle_s"] + journeys["walk_s"]
    return _integral_h(times, change) / (float(spent_s.sum()) / 3600.0)


def _accounted(tables: Tables) -> float:
    """Return those who arrived, were on board, or wait or gave up, each counted where it shows."""
    journeys, legs = tables["journeys"], tables["legs"]
    arrived = int(np.isfinite(journeys["arrival_s"]).sum())
    aboard = int(np.isnan(legs["alight_s"]).sum())
    elsewhere = int((~np.isin(journeys["commuter_id"], legs["commuter_id"])).sum())
    return float(arrived + aboard + elsewhere)


def _boarded_less_alighted(tables: Tables) -> float:
    visits = tables["stop_visits"]
    aboard = int(np.isnan(tables["legs"]["alight_s"]).sum())
    return float(visits["boardings"].sum() - visits["alightings"].sum() - aboard)


def _load_km(tables: Tables) -> float:
    visits = tables["stop_visits"]
    return float((visits["departing_load"] * visits["distance_m"]).sum()) / 1000.0


def _load_min(tables: Tables) -> float:
    """Return load times minutes from each arrival of a vehicle to its next."""
    visits = tables["stop_visits"]
    same = visits["trip_id"][1:] == visits["trip_id"][:-1]
    took_s = np.where(same, np.diff(visits["arrival_s"]), 0.0)
    return float((visits["departing_load"][:-1] * took_s).sum()) / 60.0


def _hops(params: Params) -> float:
    """Return the links that all commuters ride together."""
    return float(int(params["commuters"]) * sum(end - start for start, end in _pairs(params)))


def _objection(params: Params) -> str:
    commuters = int(params["commuters"]) * len(_pairs(params))
    if commuters > MOST_COMMUTERS:
        return f"{commuters:,} commuters are more than {MOST_COMMUTERS:,}; take fewer stops or commuters"
    return ""


VISITS, JOURNEYS, LEGS = (f"'tables/{name}.parquet'" for name in ("stop_visits", "journeys", "legs"))
COME = f"select departure_s as t, 1 as n from {JOURNEYS} union all "


def _integral_sql(events: str, spent: str) -> str:
    """Return the integral of a number that changes by n at t, over a sum over people."""
    return (
        "select sum(present * (next - t)) / "
        f"(select sum({spent}) from {JOURNEYS}) from (select t, sum(n) over (order by t rows unbounded preceding) "
        f"as present, lead(t) over (order by t) as next from ({events}))"
    )


WAITING_SQL = _integral_sql(f"{COME}select arrival_s as t, -boardings as n from {VISITS}", "wait_s")
ON_BOARD_SQL = _integral_sql(f"select arrival_s as t, boardings - alightings as n from {VISITS}", "in_vehicle_s")
IN_SYSTEM_SQL = _integral_sql(
    f"{COME}select arrival_s as t, -alightings as n from {VISITS}", "wait_s + in_vehicle_s + walk_s"
)
ACCOUNTED_SQL = (
    f"select (select count(*) from {JOURNEYS} where arrival_s is not null) + "
    f"(select count(*) from {LEGS} where alight_s is null) + "
    f"(select count(*) from {JOURNEYS} where commuter_id not in (select commuter_id from {LEGS}))"
)
ABOARD_SQL = (
    f"select sum(boardings) - sum(alightings) - (select count(*) from {LEGS} where alight_s is null) from {VISITS}"
)
LOAD_KM_SQL = f"select sum(departing_load * distance_m) / 1000 from {VISITS}"
LOAD_MIN_SQL = (
    "select sum(departing_load * (next_s - arrival_s)) / 60 from (select departing_load, arrival_s, "
    f"lead(arrival_s) over (partition by trip_id order by stop_sequence) as next_s from {VISITS})"
)
KEYS = (
    whole_number("stops", least=2),
    whole_number("commuters", least=1),
    number("headway", "minutes", above=0.0),
    whole_number("capacity", least=1),
)
KNOWN_KEYS = (
    *KEYS,
    number("km", "km between stops", above=0.0),
    number("minutes", "minutes between stops", above=0.0),
    number("dwell", "seconds at each stop", least=0.0),
)
RANDOM: Final[Params] = {"stops": 6, "commuters": 40, "headway": 5.0, "capacity": 60}
KNOWN: Final[Params] = {**RANDOM, "km": 0.8, "minutes": 2.5, "dwell": 20.0}
LITTLE = "Little 1961, Operations Research 9:383-387; an identity where a day begins and ends empty"
PEOPLE = "commuters are those of each pair of stops, in an hour"


def _case(
    name: str,
    quantity: str,
    scenario: Callable[[Params], ScenarioParameters],
    theory: Callable[[Params], float],
    measure: Callable[[Tables], float],
    formula: str,
    recompute: str,
    **parts: Any,
) -> Case:
    shared: dict[str, Any] = {"keys": KEYS, "defaults": (RANDOM,), "usual": 1, "source": LITTLE}
    return Case(
        id=name,
        quantity=quantity,
        objection=_objection,
        theory=theory,
        scenario=scenario,
        measure=lambda tables, _: np.array([measure(tables)]),
        tolerance=EXACT,
        formula=formula,
        recompute=lambda _: recompute,
        **{**shared, **parts},
    )


KNOWN_PARTS: Final[dict[str, Any]] = {
    "keys": KNOWN_KEYS,
    "defaults": (KNOWN,),
    "source": f"conservation of persons and of their rides; {PEOPLE}",
}

CASES: tuple[Case, ...] = (
    _case(
        "little.waiting",
        "integral of the number waiting over the sum of waits",
        _random_scenario,
        lambda _: 1.0,
        _waiting,
        "integral of L_q dt = sum of W_q",
        WAITING_SQL,
    ),
    _case(
        "little.on_board",
        "integral of the number on board over the sum of times on board",
        _random_scenario,
        lambda _: 1.0,
        _on_board,
        "integral of the load of all vehicles dt = sum of times on board",
        ON_BOARD_SQL,
    ),
    _case(
        "little.in_system",
        "integral of the number under way over the sum of journey times",
        _random_scenario,
        lambda _: 1.0,
        _in_system,
        "integral of L dt = sum of W",
        IN_SYSTEM_SQL,
    ),
    _case(
        "conservation.commuters",
        "commuters who arrived, are on board, or never boarded, on a day that is cut short",
        _cut_scenario,
        lambda params: float(int(params["commuters"]) * len(_pairs(params))),
        _accounted,
        "created = arrived + on board + waiting or given up",
        ACCOUNTED_SQL,
        source=KNOWN_PARTS["source"],
    ),
    _case(
        "conservation.boardings",
        "boardings less alightings less those on board, on a day that is cut short",
        _cut_scenario,
        lambda _: 0.0,
        _boarded_less_alighted,
        "boardings = alightings + on board",
        ABOARD_SQL,
        source=KNOWN_PARTS["source"],
    ),
    _case(
        "conservation.ride_km",
        "load of vehicles times km between stops",
        _known_scenario,
        lambda params: _hops(params) * float(params["km"]),
        _load_km,
        "sum of load x km = sum over people of the km they ride",
        LOAD_KM_SQL,
        **KNOWN_PARTS,
    ),
    _case(
        "conservation.ride_min",
        "load of vehicles times minutes between arrivals",
        _known_scenario,
        lambda params: _hops(params) * (float(params["minutes"]) + float(params["dwell"]) / 60.0),
        _load_min,
        "sum of load x minutes = sum over people of the minutes they ride, dwell included",
        LOAD_MIN_SQL,
        **KNOWN_PARTS,
    ),
)
