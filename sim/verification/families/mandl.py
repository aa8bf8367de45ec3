"""Mandl's network: how a set of routes serves its demand (Mandl 1979, evaluation by Mumford 2013)."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.locations import networks_dir
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Param, Params, RefusedError, Tables, label, number
from sim.verification.families.mandl_routes import ROUTE_SETS
from sim.verification.scenarios import ROOMY, flow, headways, line, scenario
from sim.verification.theory.line_graph import Journey, all_best_journeys
from sim.verification.verdict import Tolerance

USUAL_CHANGES, MOST_CHANGES = 4, 10
"""Transfers that a scenario allows: as many as somebody needs, which may be up to the most that its key accepts."""

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


@dataclass(frozen=True)
class RouteSet:
    """Routes on the network, what a change costs in minutes, and the best journey of every pair with demand."""

    instance: Instance
    routes: tuple[tuple[int, ...], ...]
    change_min: float
    name: str
    best: tuple[Journey, ...]

    @classmethod
    def of(cls, params: Params) -> RouteSet:
        """Lay routes over the network."""
        network, change_min = instance(), float(params["tp"])
        routes = tuple(tuple(route) for route in params["routes"])
        for route in routes:
            _check_route(network, list(route))
        found = _best_journeys(routes, change_min)
        for origin, destination in network.commuters:
            journey = found.get((origin, destination))
            if journey is None:
                raise RefusedError(
                    f"no route leads from {origin} to {destination}, where people travel; routes must join all stops"
                )
            if journey.changes > MOST_CHANGES:
                raise RefusedError(
                    f"from {origin} to {destination} takes {journey.changes} changes; at most {MOST_CHANGES} are "
                    "accepted"
                )
        best = tuple(found[pair] for pair in network.commuters)
        return cls(network, routes, change_min, params.get("name", ""), best)

    def mean(self, value: Callable[[Journey], float]) -> float:
        """Return the mean over all commuters of a value of their best journey."""
        commuters = np.array(list(self.instance.commuters.values()), dtype=np.float64)
        return float(np.array([value(journey) for journey in self.best]) @ commuters / commuters.sum())


@lru_cache(maxsize=len(ROUTE_SETS))
def _best_journeys(routes: tuple[tuple[int, ...], ...], change_min: float) -> dict[tuple[int, int], Journey]:
    """Return the best journey of every pair of stops; several cases ask about the same routes."""
    return all_best_journeys(routes, instance().minutes, change_min)


def _check_route(network: Instance, route: list[int]) -> None:
    stops = {stop for link in network.minutes for stop in link}
    if not set(route) <= stops:
        raise RefusedError(f"route {route} has a stop that is not there; stops are 1 to {max(stops)}")
    if len(set(route)) < len(route):
        raise RefusedError(f"route {route} comes to a stop twice; routes are paths that vehicles run both ways")
    for link in pairwise(route):
        if link not in network.minutes:
            near = ", ".join(str(end) for start, end in sorted(network.minutes) if start == link[0])
            raise RefusedError(
                f"route {route} has no link from {link[0]} to {link[1]}; from {link[0]} links go to {near}"
            )


def _scenario(world: RouteSet) -> ScenarioParameters:
    minutes = world.instance.minutes
    ways = [
        (f"route{number}{back}", route[::step])
        for number, route in enumerate(world.routes, start=1)
        for back, step in (("", 1), (BACK, -1))
    ]
    times = {name: [minutes[link] * 60.0 for link in pairwise(stops)] for name, stops in ways}
    changes = max(USUAL_CHANGES, *(journey.changes for journey in world.best))
    served_s = DEPARTURES_S + (changes + 1) * (max(map(sum, times.values())) + HEADWAY_S)
    law = headways(HEADWAY_S, math.ceil(served_s / HEADWAY_S) + 1)
    return scenario(
        "verify-mandl",
        [line(name, list(map(str, stops)), times[name], **law) for name, stops in ways],
        [
            flow(str(origin), str(destination), 0.0, DEPARTURES_S, commuters=commuters, placement="even")
            for (origin, destination), commuters in world.instance.commuters.items()
        ],
        {"bus": {"seats": 0, "capacity": ROOMY}},
        {"no_dwell": True},
        description=f"Mandl's network with {len(world.routes)} routes {world.name}".rstrip() + ".",
        journeys={"max_transfers": changes, "choice": "deterministic"},
        preferences={"wait_weight": 0.0, "transfer_penalty": world.change_min * 60.0},
    )


Value = Callable[[FloatArray, FloatArray, float], FloatArray]
"""A value of time on board in minutes, changes, and the minutes that a change costs."""


def _mean(value: Value) -> Callable[[Tables, RouteSet], float]:
    """Measure the mean of a value over all commuters; NaN where somebody did not arrive."""

    def measure(tables: Tables, world: RouteSet) -> float:
        journeys = tables["journeys"]
        values = value(journeys["in_vehicle_s"] / 60.0, journeys["transfers"].astype(np.float64), world.change_min)
        return float(np.where(np.isfinite(journeys["arrival_s"]), values, np.nan).mean())

    return measure


def _route_min(tables: Tables, _: RouteSet) -> float:
    """Return the sum over routes, one way, of the minutes that their first vehicle takes."""
    visits, total = tables["stop_visits"], 0.0
    for name in visits.categories["line_id"]:
        mine = visits.where(visits.equals("line_id", name))
        if not name.endswith(BACK) and len(mine):
            trip = mine.where(mine["trip_id"] == mine["trip_id"][0])
            total += float(trip["arrival_s"].max() - trip["departure_s"].min()) / 60.0
    return total


DIJKSTRA = "Dijkstra over positions on routes: least minutes on board + tp per change; ties to fewer changes"
mandl: Callable[..., Case[RouteSet]] = partial(
    Case,
    params=(
        Param(
            "routes",
            "a list of routes, each a list of at least two stops from 1 to 15, as in [[1, 2, 3], [3, 6, 8]]",
            _is_routes,
        ),
        label("name"),
        number("tp", "minutes per change", least=0.0, most=1000.0),
    ),
    sets=tuple({"routes": [list(route) for route in routes], "name": name, "tp": 5.0} for name, routes in ROUTE_SETS),
    world=RouteSet.of,
    scenario=_scenario,
    tolerance=Tolerance("exact", 1e-7, 1e-6),
    source="Mandl 1979; evaluation of Mumford 2013, IEEE CEC",
)


def _share(name: str, words: str, has: Callable[[Any], Any]) -> Case[RouteSet]:
    """Return the case about a share of commuters by the number of their changes, in %."""
    return mandl(
        id=f"mandl.{name}",
        quantity=f"commuters with {words}, in %",
        formula=f"100 x share of demand with {words}; {DIJKSTRA}",
        theory=lambda world: world.mean(lambda journey: 100.0 * has(journey.changes)),
        measure=_mean(lambda _ride_min, changes, _tp: 100.0 * has(changes)),
    )


CASES: tuple[Case[Any], ...] = (
    mandl(
        id="mandl.ATT",
        quantity="mean minutes on board and tp per change",
        formula=f"mean over demand of the least cost; {DIJKSTRA}",
        theory=lambda world: world.mean(lambda best: best.in_vehicle_min + world.change_min * best.changes),
        measure=_mean(lambda ride_min, changes, tp: ride_min + tp * changes),
    ),
    _share("d0", "no change", lambda changes: changes == 0),
    _share("d1", "one change", lambda changes: changes == 1),
    _share("d2", "two changes", lambda changes: changes == 2),
    _share("dun", "more than two changes", lambda changes: changes > 2),
    mandl(
        id="mandl.TRT",
        quantity="minutes of all routes, one way",
        formula="sum over routes of the minutes of their links",
        theory=lambda world: math.fsum(
            world.instance.minutes[link] for route in world.routes for link in pairwise(route)
        ),
        measure=_route_min,
    ),
    mandl(
        id="mandl.mean_changes",
        quantity="mean number of changes",
        formula=f"mean over demand of changes; {DIJKSTRA}",
        theory=lambda world: world.mean(lambda best: float(best.changes)),
        measure=_mean(lambda _ride_min, changes, _tp: changes),
    ),
    mandl(
        id="mandl.ivt",
        quantity="mean minutes on board",
        formula=f"mean over demand of minutes on board; {DIJKSTRA}",
        theory=lambda world: world.mean(lambda best: best.in_vehicle_min),
        measure=_mean(lambda ride_min, _changes, _tp: ride_min),
    ),
)
