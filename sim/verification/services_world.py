"""The scenario that cases about timetabled services share.

One line from a to b with one vehicle per service, no dwell, room for everybody, and a crowding
multiplier that is linear in the load; waiting costs nothing, so that a journey costs the ride and the
distance to the wished arrival. What theory calls a unit of cost is a minute on board:

- beta and gamma: `early_penalty` and `late_penalty`, both one quantum of delta per departure window, so
  that every service leaves at the end of a window of its own;
- lam / s = `in_vehicle_weight` x ride x `crowding.slope` / capacity, with M commuters for each rider of
  theory: slope = lam capacity / (s M ride). Loads per rider and costs do not depend on M, which is chosen
  so that the loads of theory are whole numbers of commuters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Param, Params, RefusedError, Tables, is_number, number, whole_number
from sim.verification.scenarios import LINE, line, scenario
from sim.verification.theory.services import Services
from sim.verification.verdict import Tolerance

RIDE_MIN = 10.0
QUANTA = (1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.025, 0.02, 0.01)
"""Steps that empty costs may be multiples of."""

MOST_WINDOWS = 1000
WINDOW_S = 600
MOST_SPAN_S = 20 * 3600
FIRST_S = 3600.0
MOST_COMMUTERS = 1_000_000
MISFITS = 10.0
"""Times the misfit of a load by which a number may be off that is made of several loads."""

WHOLE_SHARE = 2e-7
"""How far a load may be from a whole number of commuters, as a share of it."""


@dataclass(frozen=True)
class ServiceTimes:
    """When services run.

    Attributes
    ----------
    window_s : float
        Width of a departure window.
    window : ndarray of int, shape (services,)
        Window at whose end each service leaves, from 0.
    on_time : int
        Window of the arrival wished.
    penalty : float
        Cost of a minute early or late.
    """

    window_s: float
    window: IntArray
    on_time: int
    penalty: float

    @property
    def start_s(self) -> float:
        """Start of the first window, on the grid from midnight."""
        return math.ceil(FIRST_S / self.window_s) * self.window_s

    def departure_s(self, window: int) -> float:
        """Return when a service leaves that belongs to a window, seconds after midnight."""
        return self.start_s + (window + 1) * self.window_s

    @classmethod
    def of(cls, delta: FloatArray) -> ServiceTimes:
        """Lay out services so that each has its cost: before the cheapest early, after it late.

        Raises
        ------
        RefusedError
            When the costs allow no such timetable.
        """
        quantum = next((step for step in QUANTA if _are_multiples(delta, step)), None)
        if quantum is None:
            raise RefusedError(f"delta must be multiples of one of the steps {', '.join(map(str, QUANTA))}")
        steps = np.round((delta - delta.min()) / quantum).astype(np.int64)
        base = round(float(delta.min()) / quantum)
        signs = np.where(np.arange(len(delta)) < int(delta.argmin()), -1, 1)
        offset = _distinct(signs, steps + base)
        low, high = min(int(offset.min()), 0), int(offset.max())
        if high - low + 1 > MOST_WINDOWS:
            raise RefusedError(f"delta spans {high - low} steps of {quantum}, at most {MOST_WINDOWS} are laid out")
        width = float(max(min(WINDOW_S, MOST_SPAN_S // (high - low + 1)), 1))
        first = int(offset.min())
        return cls(width, offset - first, -first, quantum / (width / 60.0))


def _are_multiples(delta: FloatArray, step: float) -> bool:
    return bool(np.allclose(delta / step, np.round(delta / step), atol=1e-9))


def _distinct(signs: IntArray, steps: IntArray) -> IntArray:
    """Return offsets that all differ: early or late as wished, or the other way where that is taken."""
    taken: set[int] = set()
    offsets = []
    for sign, step in zip(signs.tolist(), steps.tolist(), strict=True):
        free = [offset for offset in (sign * step, -sign * step) if offset not in taken]
        if not free:
            raise RefusedError("at most two services may have the same delta, and one a delta of 0")
        taken.add(free[0])
        offsets.append(free[0])
    return np.array(offsets, dtype=np.int64)


@dataclass(frozen=True)
class World:
    """Services as theory has them, and how many commuters stand for each rider.

    Attributes
    ----------
    services : Services
    scale : int
    params : mapping
        Parameters of the case, for those that are not about the services.
    misfit : float
        How far the loads of theory are from whole numbers of commuters at most, as a share of them.
    """

    services: Services
    scale: int
    params: Params = field(default_factory=dict)
    misfit: float = 0.0

    @property
    def share(self) -> float:
        """The share that follows advice."""
        return float(self.params["p"])

    @property
    def theta(self) -> float:
        """The scale of logit choice per unit of cost."""
        return float(self.params["theta"])

    @cached_property
    def timetable(self) -> ServiceTimes:
        """When the services run."""
        return ServiceTimes.of(self.services.delta)

    @cached_property
    def habit(self) -> FloatArray:
        """Loads of the user equilibrium, by which people leave before there is advice."""
        return self.services.equilibrium()

    def scenario(self, name: str, habit: FloatArray, changes: Mapping[str, Any]) -> ScenarioParameters:
        """Return the scenario with the habitual loads of the services and what a case adds.

        Parameters
        ----------
        name : str
        habit : ndarray of float, shape (services,)
            Riders who leave for each service by habit.
        changes : mapping
            Keys of a scenario file beyond the world: days, behaviour, advisor.
        """
        table, services = self.timetable, self.services
        order = np.argsort(table.window)
        departures = [table.departure_s(int(window)) for window in table.window[order]]
        capacity = max(math.ceil(services.riders * self.scale), 1)
        span_s = departures[-1] - table.start_s
        riders = {
            "origin": "a",
            "destination": "b",
            "placement": "even",
            "pieces": [
                {"start": end - table.window_s, "end": end, "commuters": float(habit[service] * self.scale)}
                for service, end in zip(order.tolist(), departures, strict=True)
                if habit[service] > 0
            ],
            "preferred_arrival": table.departure_s(table.on_time) + 60.0 * RIDE_MIN,
        }
        advisor = {
            "window": table.window_s,
            "forecast": {"smoothing_days": 1},
            "compliance_rule": "fixed_share",
            **changes.get("advisor", {}),
        }
        world = {
            "period": table.window_s,
            "horizon": {"start": table.start_s},
            "population": {"earlier_flexibility": span_s, "later_flexibility": span_s},
            "preferences": {
                "walk_weight": 0.0,
                "wait_weight": 0.0,
                "early_penalty": table.penalty,
                "late_penalty": table.penalty,
                "crowding": {"kind": "linear", "slope": services.slope * capacity / (self.scale * RIDE_MIN)},
            },
        }
        return scenario(
            name,
            [line(LINE, "ab", [60.0 * RIDE_MIN], departures=departures, vehicle="vehicle")],
            [riders],
            {"vehicle": {"seats": 0, "capacity": capacity}},
            {"no_dwell": True},
            **{**world, **changes, "advisor": advisor},
        )

    def loads(self, tables: Tables) -> FloatArray:
        """Return the riders of each service in units of theory, shape (days, services)."""
        return self._by_service(tables, np.ones(len(tables["legs"])))

    def mean_costs(self, tables: Tables) -> FloatArray:
        """Return the mean cost of a rider, shape (days, services); NaN where nobody rode."""
        journeys, legs = tables["journeys"], tables["legs"]
        persons = int(journeys["commuter_id"].max(initial=0)) + 1
        of_journey, of_leg = (table["day"] * persons + table["commuter_id"] for table in (journeys, legs))
        order = np.argsort(of_journey, kind="stable")
        row = order[np.searchsorted(of_journey[order], of_leg)]
        total, load = self._by_service(tables, journey_costs(tables)[row]), self.loads(tables)
        mean: FloatArray = np.divide(total, load, out=np.full_like(total, np.nan), where=load > 0)
        return mean

    def totals(self, tables: Tables) -> FloatArray:
        """Return the total cost of each kept day in units of theory, shape (days,)."""
        total: FloatArray = np.bincount(_kept_day(tables, "journeys"), journey_costs(tables)) / self.scale
        return total

    def _by_service(self, tables: Tables, weight: FloatArray) -> FloatArray:
        """Sum up weights of legs by kept day and service, per rider of theory."""
        legs = tables["legs"]
        rank = np.argsort(np.argsort(self.timetable.window))
        trips = legs.categories["trip_id"]
        in_order = {trip: row for row, trip in enumerate(sorted(trips))}
        service = np.array([in_order[trip] for trip in trips], dtype=np.int64)[legs["trip_id"]]
        days, services = len(np.unique(tables["journeys"]["day"])), len(rank)
        cell = _kept_day(tables, "legs") * services + service
        ordered = np.bincount(cell, weight, days * services)
        found: FloatArray = ordered.reshape(days, services)[:, rank] / self.scale
        return found


def journey_costs(tables: Tables) -> FloatArray:
    """Return the cost of each journey without the uncrowded ride, shape (journeys,); NaN where not arrived."""
    journeys = tables["journeys"]
    cost = journeys["generalized_cost_min"] - journeys["in_vehicle_s"] / 60.0
    return np.where(np.isfinite(journeys["arrival_s"]), cost, np.nan)


def _kept_day(tables: Tables, name: str) -> IntArray:
    """Return the rank of the day of each row of a table among the kept days."""
    rank: IntArray = np.searchsorted(np.unique(tables["journeys"]["day"]), tables[name]["day"])
    return rank


def services_of(params: Params) -> Services:
    """Return the services of the parameters of a case."""
    delta = np.array(params["delta"], dtype=np.float64)
    return Services(delta, float(params["N"]), float(params["lam"]) / float(params["s"]))


Loads = Callable[[World], Iterable[FloatArray]]


def world_of(loads: Loads, params: Params) -> World:
    """Return the world of a case, with the least scale at which loads are whole numbers of commuters.

    Parameters
    ----------
    loads : callable
        Numbers of riders that should be whole; the nearest scale is taken where none is exact.
    params : mapping
        delta, N, s and lam, and what is not about the services.

    Raises
    ------
    RefusedError
        When the services cannot be laid out.
    """
    single = World(services_of(params), 1, params)
    ServiceTimes.of(single.services.delta)
    wanted = np.concatenate([*loads(single), np.zeros(0)])
    wanted = wanted[wanted > 1e-9]
    if not len(wanted):
        return single
    # Theory's loads are fractions, people are not: with loads that are whole numbers of commuters the simulation meets
    # theory to the last digits, and one commuter in the wrong service fails (test_every_row_of_the_oracles).
    scales = np.arange(1, max(int(MOST_COMMUTERS / single.services.riders), 1) + 1)
    scaled = scales[:, None] * wanted
    error = (np.abs(scaled - np.round(scaled)) / scaled).max(axis=1)
    exact = np.flatnonzero(error < WHOLE_SHARE)
    chosen = int(exact[0] if len(exact) else error.argmin())
    return World(single.services, int(scales[chosen]), params, float(error[chosen]))


def rounding(world: World) -> Tolerance:
    """Return the tolerance of arithmetic, and of rounding to commuters where loads cannot all be whole numbers."""
    return Tolerance("exact", 1e-6 + (0.0 if world.misfit < WHOLE_SHARE else MISFITS * world.misfit), 1e-6)


SERVICES = (
    Param(
        "delta",
        "a list of 2 to 12 numbers of at least 0",
        lambda value: (
            isinstance(value, list)
            and 2 <= len(value) <= 12
            and all(is_number(item) and 0 <= item < math.inf for item in value)
        ),
    ),
    whole_number("N", least=1),
    number("s", "", above=0.0),
    number("lam", "", above=0.0),
)
SOURCE = "de Palma, Lindsey and Monchambert 2017, JUE 101:106-122"
