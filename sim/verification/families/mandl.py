"""Mandl's network: how a set of routes serves its demand (Mandl 1979, evaluation by Mumford 2013)."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.locations import networks_dir
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Key, Params, Tables, label, number
from sim.verification.families.mandl_routes import ROUTE_SETS
from sim.verification.theory.line_graph import Journey, all_best_journeys
from sim.verification.verdict import Tolerance

MOST_CHANGES = 4
"""Most transfers a scenario can allow."""

HEADWAY_S = 300.0
DEPARTURES_S = 600.0
"""Everybody leaves within this time; times do not matter, since waiting has no weight."""

BACK = "_back"


@dataclass(frozen=True)
class Instance:
    """Mandl's network: running time of links in minutes, and commuters by origin and destination."""

    minutes: dict[tuple[int, int], float]
    commuters: dict[tuple[int, int], int]


def instance() -> Instance:
    """Read links and demand from the network folder that comes with peakshift."""
    folder = networks_dir() / "mandl"
    minutes = {
        (int(row["from_node_id"]), int(row["to_node_id"])): round(
            float(row["length"]) / 1000.0 / float(row["free_speed"]) * 60.0, 6
        )
        for row in _rows(folder / "gmns" / "link.csv")
    }
    commuters = {
        (int(row["origin_stop_id"]), int(row["destination_stop_id"])): int(row["commuters"])
        for row in _rows(folder / "demand" / "od.csv")
    }
    return Instance(minutes, commuters)


def _rows(path: Any) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _is_routes(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(route, list | tuple) and len(route) >= 2 for route in value)
        and all(isinstance(stop, int) and not isinstance(stop, bool) for route in value for stop in route)
    )


def _objection(params: Params) -> str:
    world = instance()
    stops = {stop for link in world.minutes for stop in link}
    for route in params["routes"]:
        if not set(route) <= stops:
            return f"route {route} has a stop that is not there; stops are 1 to {max(stops)}"
        if len(set(route)) < len(route):
            return f"route {route} comes to a stop twice; routes are paths that vehicles run both ways"
        for link in pairwise(route):
            if link not in world.minutes:
                near = ", ".join(str(end) for start, end in sorted(world.minutes) if start == link[0])
                return f"route {route} has no link from {link[0]} to {link[1]}; from {link[0]} links go to {near}"
    found = all_best_journeys(params["routes"], world.minutes, float(params["tp"]))
    for origin, destination in world.commuters:
        journey = found.get((origin, destination))
        if journey is None:
            return f"no route leads from {origin} to {destination}, where people travel; routes must join all stops"
        if journey.changes > MOST_CHANGES:
            return (
                f"from {origin} to {destination} takes {journey.changes} changes; at most {MOST_CHANGES} are accepted"
            )
    return ""


def _journeys(params: Params) -> tuple[list[Journey], FloatArray]:
    """Return the best journey and the commuters of every pair of stops with demand."""
    world = instance()
    found = all_best_journeys(params["routes"], world.minutes, float(params["tp"]))
    weights = np.array(list(world.commuters.values()), dtype=np.float64)
    return [found[pair] for pair in world.commuters], weights


def _theory(value: Callable[[Journey, float], float], params: Params) -> float:
    journeys, commuters = _journeys(params)
    values = np.array([value(journey, float(params["tp"])) for journey in journeys])
    return float(values @ commuters / commuters.sum())


def _total_route_min(params: Params) -> float:
    minutes = instance().minutes
    return math.fsum(minutes[link] for route in params["routes"] for link in pairwise(route))


def _scenario(params: Params) -> ScenarioParameters:
    world = instance()
    lines = []
    longest_s = 0.0
    for number_, route in enumerate(params["routes"], start=1):
        for stops, name in ((list(route), f"route{number_}"), (list(route)[::-1], f"route{number_}{BACK}")):
            times = [world.minutes[link] * 60.0 for link in pairwise(stops)]
            longest_s = max(longest_s, sum(times))
            lines.append({"id": name, "stops": [str(stop) for stop in stops], "running_times": times})
    served_s = DEPARTURES_S + (MOST_CHANGES + 1) * (longest_s + HEADWAY_S)
    headway = {"mean": HEADWAY_S, "first": 0.0, "trips": math.ceil(served_s / HEADWAY_S) + 1}
    flows = [
        {
            "origin": str(origin),
            "destination": str(destination),
            "placement": "even",
            "pieces": [{"start": 0.0, "end": DEPARTURES_S, "commuters": commuters}],
        }
        for (origin, destination), commuters in world.commuters.items()
    ]
    return ScenarioParameters.model_validate(
        {
            "name": "verify-mandl",
            "description": f"Mandl's network with {len(params['routes'])} routes {params['name']}".rstrip() + ".",
            "replications": 1,
            "days": 1,
            "network": {"lines": [{**line, "vehicle": "bus", "headway": headway} for line in lines]},
            "demand": {"flows": flows},
            "service": {
                "vehicles": {"bus": {"seats": 0, "capacity": 1}},
                "no_dwell": True,
                "unlimited_capacity": True,
            },
            "journeys": {"max_transfers": MOST_CHANGES, "choice": "deterministic"},
            "preferences": {"wait_weight": 0.0, "transfer_penalty": float(params["tp"]) * 60.0},
        }
    )


def _measure(
    value: Callable[[FloatArray, FloatArray, float], FloatArray], tables: Tables, params: Params
) -> FloatArray:
    """Return the mean of a value of time on board in minutes and transfers over all commuters."""
    journeys = tables["journeys"]
    values = value(journeys["in_vehicle_s"] / 60.0, journeys["transfers"].astype(np.float64), float(params["tp"]))
    values = np.where(np.isfinite(journeys["arrival_s"]), values, np.nan)
    replications = np.unique(journeys["replication"])
    return np.array([values[journeys["replication"] == number_].mean() for number_ in replications])


def _measure_route_min(tables: Tables, params: Params) -> FloatArray:
    """Return the sum over routes, one way, of the minutes their first vehicle takes."""
    del params
    visits = tables["stop_visits"]
    forward = np.array([not name.endswith(BACK) for name in visits.categories["line_id"]])
    totals = []
    for number_ in np.unique(visits["replication"]):
        mine = forward[visits["line_id"]] & (visits["replication"] == number_)
        total = 0.0
        for line in np.unique(visits["line_id"][mine]):
            rows = np.flatnonzero(mine & (visits["line_id"] == line))
            trip = rows[visits["trip_id"][rows] == visits["trip_id"][rows[0]]]
            total += float(visits["arrival_s"][trip].max() - visits["departure_s"][trip].min()) / 60.0
        totals.append(total)
    return np.array(totals)


def _journeys_sql(value: str, params: Params) -> str:
    return f"select avg({value.format(tp=float(params['tp']))}) from 'tables/journeys.parquet'"


def _routes_sql(params: Params) -> str:
    del params
    return (
        "select sum(minutes) from (select line_id, min(took) as minutes from (select line_id, trip_id, "
        "(max(arrival_s) - min(departure_s)) / 60 as took from 'tables/stop_visits.parquet' "
        f"where not ends_with(line_id, '{BACK}') group by line_id, trip_id, replication) group by line_id)"
    )


KEYS = (
    Key(
        "routes",
        "a list of routes, each a list of at least two stops from 1 to 15, as in [[1, 2, 3], [3, 6, 8]]",
        _is_routes,
    ),
    label("name"),
    number("tp", "minutes per change", least=0.0, most=1000.0),
)
DEFAULTS = tuple({"routes": [list(route) for route in routes], "name": name, "tp": 5.0} for name, routes in ROUTE_SETS)
DIJKSTRA = "Dijkstra over positions on routes: least minutes on board + tp per change; ties to fewer changes"


def _case(name: str, quantity: str, formula: str, **parts: Any) -> Case:
    return Case(
        id=f"mandl.{name}",
        quantity=quantity,
        keys=KEYS,
        defaults=DEFAULTS,
        usual=len(DEFAULTS),
        objection=_objection,
        scenario=_scenario,
        tolerance=Tolerance("exact", 1e-7, 1e-6),
        formula=formula,
        source="Mandl 1979; evaluation of Mumford 2013, IEEE CEC",
        **parts,
    )


def _share_case(name: str, words: str, has: Callable[[Any], Any], sql: str) -> Case:
    return _case(
        name,
        f"commuters with {words}, in %",
        f"100 x share of demand with {words}; {DIJKSTRA}",
        theory=partial(_theory, lambda journey, _tp: 100.0 * has(journey.changes)),
        measure=partial(_measure, lambda _ride_min, transfers, _tp: 100.0 * has(transfers)),
        recompute=partial(_journeys_sql, f"100.0 * ({sql})::int"),
    )


CASES = (
    _case(
        "ATT",
        "mean minutes on board and tp per change",
        f"mean over demand of the least cost; {DIJKSTRA}",
        theory=partial(_theory, lambda journey, tp: journey.in_vehicle_min + tp * journey.changes),
        measure=partial(_measure, lambda ride_min, transfers, tp: ride_min + tp * transfers),
        recompute=partial(_journeys_sql, "in_vehicle_s / 60 + {tp} * transfers"),
    ),
    _share_case("d0", "no change", lambda changes: changes == 0, "transfers = 0"),
    _share_case("d1", "one change", lambda changes: changes == 1, "transfers = 1"),
    _share_case("d2", "two changes", lambda changes: changes == 2, "transfers = 2"),
    _share_case("dun", "more than two changes", lambda changes: changes > 2, "transfers > 2"),
    _case(
        "TRT",
        "minutes of all routes, one way",
        "sum over routes of the minutes of their links",
        theory=_total_route_min,
        measure=_measure_route_min,
        recompute=_routes_sql,
    ),
    _case(
        "mean_changes",
        "mean number of changes",
        f"mean over demand of changes; {DIJKSTRA}",
        theory=partial(_theory, lambda journey, _tp: float(journey.changes)),
        measure=partial(_measure, lambda _ride_min, transfers, _tp: transfers),
        recompute=partial(_journeys_sql, "transfers"),
    ),
    _case(
        "ivt",
        "mean minutes on board",
        f"mean over demand of minutes on board; {DIJKSTRA}",
        theory=partial(_theory, lambda journey, _tp: journey.in_vehicle_min),
        measure=partial(_measure, lambda ride_min, _transfers, _tp: ride_min),
        recompute=partial(_journeys_sql, "in_vehicle_s / 60"),
    ),
)
