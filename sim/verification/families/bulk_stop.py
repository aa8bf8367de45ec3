"""One stop, vehicles with few free places: who is left behind, how often, how long people wait."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, Tables, number, whole_number
from sim.verification.one_stop import (
    REPLICATIONS,
    Stretch,
    by_replication,
    counted_journeys,
    counted_waits_min,
    journeys_where,
    one_stop_scenario,
)
from sim.verification.theory import bulk_service
from sim.verification.verdict import Tolerance

RELAXATIONS = 10.0
"""Relaxation times left out at the start: what is left of the empty start is e^-10."""

MOST_STATES = 4000
USUAL_WORK = 4_000_000
"""Passengers, a vehicle counted as `VEHICLE_WORK` of them, from which on a coarser answer will do."""

VEHICLE_WORK = 15
MOST_PASSENGERS = 60_000_000
MOST_HEADWAYS = 3_000_000
PASSENGERS_PER_REPLICATION = 20_000
FINEST_SE, COARSEST_SE = 0.004, 0.015
"""Standard errors to aim at as shares of the answer; 2 % is the most a verdict accepts."""


@dataclass(frozen=True)
class Load:
    """A stop in headways.

    Attributes
    ----------
    headway_min : float
    capacity : int
        Free places of a vehicle.
    arrivals : float
        Passengers per headway.
    random_vehicles : bool
        Vehicles come at random and not at a fixed headway.
    """

    headway_min: float
    capacity: int
    arrivals: float
    random_vehicles: bool

    def stretch(self) -> Stretch:
        """Return what a replication simulates, the same for every case."""
        variance = self.arrivals * (1.0 + self.arrivals) if self.random_vehicles else self.arrivals
        warm_up = 10 + math.ceil(RELAXATIONS * bulk_service.relaxation_headways(variance, self.arrivals, self.capacity))
        counted = math.ceil(max(12 * warm_up, 200, min(PASSENGERS_PER_REPLICATION / self.arrivals, 5000)))
        queue = self._longest_queue() / (self.capacity - self.arrivals)
        late = 6.0 * math.sqrt(warm_up + counted) if self.random_vehicles else 0.0
        return Stretch(self.headway_min * 60.0, warm_up, counted, 3 + math.ceil(queue + late))

    def _longest_queue(self) -> float:
        if self.random_vehicles:
            return -25.0 / math.log(bulk_service.random_vehicles_root(self.arrivals, self.capacity))
        return float(bulk_service.states_needed(self.arrivals, self.capacity))


Theory = Callable[[Load], float]


def _load(params: Params) -> Load:
    random_vehicles = "mean_headway" in params
    headway = params["mean_headway" if random_vehicles else "headway"]
    return Load(float(headway), int(params["capacity"]), float(params["arrivals_per_headway"]), random_vehicles)


@dataclass(frozen=True)
class Effort:
    """How long a case runs: until the standard error that theory predicts is small enough.

    Attributes
    ----------
    rel_share : float
        Tolerance of the case; the run is long enough to make it the decisive one, where that
        is not too much work.
    relative_variance : callable
        Variance of the mean of one headway over the square of the answer.
    """

    rel_share: float
    relative_variance: Callable[[Load], float]

    def objection(self, params: Params) -> str:
        """Return why a stop cannot be verified, or an empty text."""
        load = _load(params)
        if load.arrivals >= load.capacity:
            return (
                f"arrivals_per_headway = {load.arrivals:g} must be less than capacity = {load.capacity}: "
                "the queue would grow without end"
            )
        headways = math.inf
        if bulk_service.states_needed(load.arrivals, load.capacity) <= MOST_STATES:
            stretch = load.stretch()
            needed = max(self._counted(load, COARSEST_SE), REPLICATIONS * stretch.counted)
            headways = needed * stretch.trips / stretch.counted
        if headways <= MOST_HEADWAYS and headways * load.arrivals <= MOST_PASSENGERS:
            return ""
        advice = "nearer to" if load.arrivals < load.capacity / 2 else "further from"
        return (
            f"would need more than {MOST_HEADWAYS:,} headways or {MOST_PASSENGERS:,} passengers to be measured to "
            f"{COARSEST_SE:.2%}; take arrivals_per_headway {advice} capacity"
        )

    def replications(self, load: Load) -> int:
        """Return how many replications are needed."""
        stretch = load.stretch()
        target = min(max(self.rel_share / 2.5, FINEST_SE), COARSEST_SE)
        work = self._counted(load, target) * stretch.trips / stretch.counted * (load.arrivals + VEHICLE_WORK)
        if work > USUAL_WORK:
            target = min(target * math.sqrt(work / USUAL_WORK), COARSEST_SE)
        return max(REPLICATIONS, math.ceil(self._counted(load, target) / stretch.counted))

    def scenario(self, params: Params) -> ScenarioParameters:
        """Return the scenario of a stop with as many replications as the case needs."""
        load = _load(params)
        return load_scenario(load).model_copy(update={"replications": self.replications(load)})

    def _counted(self, load: Load, target: float) -> float:
        """Return the headways that must count for a standard error."""
        return self.relative_variance(load) / target**2


def load_scenario(load: Load) -> ScenarioParameters:
    """Return one replication of a stop."""
    stretch = load.stretch()
    law = "exponential" if load.random_vehicles else "deterministic"
    headway = {"mean": stretch.headway_s, "distribution": law, "first": 0.0, "trips": stretch.trips}
    return one_stop_scenario(
        name=f"verify-stop-{law}-{load.headway_min:g}-{load.capacity}-{load.arrivals:g}",
        description=(
            f"One stop, vehicles with {load.capacity} free places, {law} headways of {load.headway_min:g} min, "
            f"{load.arrivals:g} random passengers per headway."
        ),
        stretch=stretch,
        dispatch={"headway": headway},
        capacity=load.capacity,
        passengers=load.arrivals,
    )


def _of_left(value: Callable[[FloatArray, Load], FloatArray]) -> Callable[[Load], float]:
    """Return the relative variance of the mean of a value of the number left behind."""

    def relative_variance(load: Load) -> float:
        left = np.arange(bulk_service.states_needed(load.arrivals, load.capacity), dtype=np.float64)
        return bulk_service.relative_variance(load.arrivals, load.capacity, value(left, load))

    return relative_variance


def measure_visits(value: Callable[[Tables], FloatArray], tables: Tables, params: Params) -> FloatArray:
    """Return the mean over the vehicles that call at stop a in the counted part."""
    visits, (start_s, end_s) = tables["stop_visits"], _visits_between(params)
    rows = visits.equals("stop_id", "a") & (visits["arrival_s"] > start_s) & (visits["arrival_s"] < end_s)
    return by_replication(visits["replication"][rows], value(tables)[rows])


def visits_sql(value: str, params: Params) -> str:
    """Return the same as SQL."""
    start_s, end_s = _visits_between(params)
    where = f"stop_id = 'a' and arrival_s > {start_s!r} and arrival_s < {end_s!r}"
    return f"select avg({value}) from 'tables/stop_visits.parquet' where {where}"


def _visits_between(params: Params) -> tuple[float, float]:
    """Return two times in seconds between vehicles: the first that counts comes one headway after the warm-up."""
    stretch = _load(params).stretch()
    return stretch.start_s + stretch.headway_s / 2.0, stretch.end_s + stretch.headway_s / 2.0


def measure_wait(tables: Tables, params: Params) -> FloatArray:
    """Return the mean wait in minutes of those who come in the counted part."""
    return by_replication(*counted_waits_min(tables, _load(params).stretch()))


def _measure_denied_first(tables: Tables, params: Params) -> FloatArray:
    journeys = tables["journeys"]
    rows = counted_journeys(tables, _load(params).stretch())
    return by_replication(journeys["replication"][rows], as_float(journeys["denied_boardings"][rows] > 0))


def journeys_sql(value: str, params: Params) -> str:
    """Return SQL for the mean of a value over those who come in the counted part."""
    return f"select avg({value}) from 'tables/journeys.parquet' where {journeys_where(_load(params).stretch())}"


def left_behind(tables: Tables) -> FloatArray:
    """Return how many passengers each vehicle leaves behind."""
    return as_float(tables["stop_visits"]["denied_boardings"])


def nobody_left(tables: Tables) -> FloatArray:
    """Return 1 for vehicles that leave nobody behind, else 0."""
    return as_float(tables["stop_visits"]["denied_boardings"] == 0)


def left_full(tables: Tables) -> FloatArray:
    """Return 1 for vehicles that leave full, else 0."""
    visits = tables["stop_visits"]
    return as_float(visits["departing_load"] == visits["capacity"])


def as_float(values: NDArray[Any]) -> FloatArray:
    """Return truth or counts as numbers that have a mean."""
    return values.astype(np.float64)


KEYS = (
    number("headway", "minutes", least=0.1, most=1440.0),
    whole_number("capacity", least=1),
    number("arrivals_per_headway", "passengers, less than capacity", least=0.001, most=100_000.0),
)
DEFAULTS = tuple(
    {"headway": 10.0, "capacity": capacity, "arrivals_per_headway": arrivals}
    for capacity, arrivals in ((10, 8.0), (10, 9.0), (40, 36.0), (40, 38.0), (60, 57.0))
)
BAILEY = "Bailey 1954, JRSS-B 16:80-87 (M/D^[c]/1); c capacity, a arrivals_per_headway, H headway"
MEAN_LEFT = "E[L] = sum 1/(1 - z_k) - (c(c - 1) - a^2) / (2(c - a)), z_k the roots of z^c = exp(a(z - 1)) in |z| < 1"
LAW = "the law of L' = max(L + A - c, 0), A Poisson with mean a"

LEFT = Effort(0.03, _of_left(lambda left, _load: left))
NOBODY_LEFT = Effort(0.01, _of_left(lambda left, _load: as_float(left == 0)))
WAIT = Effort(0.01, _of_left(lambda left, load: 0.5 + left / load.arrivals))
DENIED_FIRST = Effort(0.03, _of_left(lambda left, load: np.minimum(left, load.arrivals)))
FULL = Effort(0.02, _of_left(lambda left, _load: as_float(left > 0)))


def stop_case(name: str, quantity: str, effort: Effort, theory: Theory, formula: str, **parts: Any) -> Case:
    """Return a case; those at a fixed headway share keys, defaults and source."""
    shared = {"keys": KEYS, "defaults": DEFAULTS, "usual": 3, "source": BAILEY}
    return Case(
        id=f"stop.{name}",
        quantity=quantity,
        objection=effort.objection,
        theory=lambda params: theory(_load(params)),
        scenario=effort.scenario,
        tolerance=Tolerance("mc", effort.rel_share),
        formula=formula,
        **{**shared, **parts},
    )


CASES = (
    stop_case(
        "mean_left",
        "mean number of passengers a vehicle leaves behind",
        LEFT,
        lambda load: bulk_service.mean_left(load.arrivals, load.capacity),
        MEAN_LEFT,
        measure=partial(measure_visits, left_behind),
        recompute=partial(visits_sql, "denied_boardings"),
    ),
    stop_case(
        "p_nobody_left",
        "share of vehicles that leave nobody behind",
        NOBODY_LEFT,
        lambda load: bulk_service.nobody_left_share(load.arrivals, load.capacity),
        "P(L = 0) = (c - a) e^a prod z_k / (z_k - 1), z_k the roots of z^c = exp(a(z - 1)) in |z| < 1",
        measure=partial(measure_visits, nobody_left),
        recompute=partial(visits_sql, "(denied_boardings = 0)::int"),
    ),
    stop_case(
        "mean_wait",
        "mean wait in minutes",
        WAIT,
        lambda load: load.headway_min * bulk_service.mean_wait(load.arrivals, load.capacity),
        f"E[W] = H/2 + H E[L]/a; {MEAN_LEFT}",
        measure=measure_wait,
        recompute=partial(journeys_sql, "wait_s / 60"),
    ),
    stop_case(
        "p_denied_first",
        "share of passengers for whom the first vehicle has no place",
        DENIED_FIRST,
        lambda load: bulk_service.denied_first_share(load.arrivals, load.capacity),
        f"E[min(A, max(L + A - c, 0))] / a with {LAW}; first come first served",
        measure=_measure_denied_first,
        recompute=partial(journeys_sql, "(denied_boardings > 0)::int"),
    ),
    stop_case(
        "p_bus_full",
        "share of vehicles that leave full",
        FULL,
        lambda load: bulk_service.full_share(load.arrivals, load.capacity),
        f"P(L + A >= c) with {LAW}",
        measure=partial(measure_visits, left_full),
        recompute=partial(visits_sql, "(departing_load = capacity)::int"),
    ),
)
