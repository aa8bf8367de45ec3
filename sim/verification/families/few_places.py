"""One stop, vehicles with few free places: who is left behind, how often, and how long people wait.

At a fixed headway this is M/D^[c]/1 (Bailey 1954), for vehicles at random M/M^[c]/1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.records.table import Table
from sim.verification.case import Case, Params, RefusedError, Tables, number, whole_number
from sim.verification.scenarios import REPLICATIONS, Stretch, headways, mean_of
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
class BusyStop:
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
    replications : int
    """

    headway_min: float
    capacity: int
    arrivals: float
    random_vehicles: bool = False
    replications: int = 1

    @property
    def stretch(self) -> Stretch:
        """What a replication simulates, the same for every case."""
        variance = self.arrivals * (1.0 + self.arrivals) if self.random_vehicles else self.arrivals
        warm_up = 10 + math.ceil(RELAXATIONS * bulk_service.relaxation_headways(variance, self.arrivals, self.capacity))
        counted = math.ceil(max(12 * warm_up, 200, min(PASSENGERS_PER_REPLICATION / self.arrivals, 5000)))
        queue = self._longest_queue() / (self.capacity - self.arrivals)
        late = 6.0 * math.sqrt(warm_up + counted) if self.random_vehicles else 0.0
        return Stretch(self.headway_min * 60.0, warm_up, counted, 3 + math.ceil(queue + late))

    @property
    def root(self) -> float:
        """The queue that a vehicle at random meets is geometric in this number."""
        return bulk_service.random_vehicles_root(self.arrivals, self.capacity)

    def _longest_queue(self) -> float:
        if self.random_vehicles:
            return -25.0 / math.log(self.root)
        return float(bulk_service.states_needed(self.arrivals, self.capacity))

    def scenario(self) -> ScenarioParameters:
        """Return the scenario of the stop."""
        law, stretch = "exponential" if self.random_vehicles else "deterministic", self.stretch
        made = stretch.scenario(
            f"verify-stop-{law}-{self.headway_min:g}-{self.capacity}-{self.arrivals:g}",
            f"One stop, vehicles with {self.capacity} free places, {law} headways of {self.headway_min:g} min, "
            f"{self.arrivals:g} random passengers per headway.",
            headways(stretch.headway_s, stretch.trips, distribution=law),
            self.capacity,
            self.arrivals,
        )
        return made.model_copy(update={"replications": self.replications})

    def visits(self, tables: Tables) -> Table:
        """Return the visits of vehicles at stop a that count: the first comes one headway after the warm-up."""
        visits, stretch = tables["stop_visits"], self.stretch
        start_s, end_s = (at + stretch.headway_s / 2.0 for at in (stretch.start_s, stretch.end_s))
        arrival_s = visits["arrival_s"]
        return visits.where(visits.equals("stop_id", "a") & (arrival_s > start_s) & (arrival_s < end_s))


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
    relative_variance: Callable[[BusyStop], float]

    def stop(self, params: Params) -> BusyStop:
        """Return the stop of parameters with as many replications as are needed."""
        random_vehicles = "mean_headway" in params
        headway = float(params["mean_headway" if random_vehicles else "headway"])
        stop = BusyStop(headway, int(params["capacity"]), float(params["arrivals_per_headway"]), random_vehicles)
        self._refuse_too_much(stop)
        return BusyStop(stop.headway_min, stop.capacity, stop.arrivals, random_vehicles, self._replications(stop))

    def _refuse_too_much(self, stop: BusyStop) -> None:
        if stop.arrivals >= stop.capacity:
            raise RefusedError(
                f"arrivals_per_headway = {stop.arrivals:g} must be less than capacity = {stop.capacity}: "
                "the queue would grow without end"
            )
        needed = math.inf
        if bulk_service.states_needed(stop.arrivals, stop.capacity) <= MOST_STATES:
            stretch = stop.stretch
            counted = max(self._counted(stop, COARSEST_SE), REPLICATIONS * stretch.counted)
            needed = counted * stretch.trips / stretch.counted
        if needed > MOST_HEADWAYS or needed * stop.arrivals > MOST_PASSENGERS:
            advice = "nearer to" if stop.arrivals < stop.capacity / 2 else "further from"
            raise RefusedError(
                f"would need more than {MOST_HEADWAYS:,} headways or {MOST_PASSENGERS:,} passengers to be measured to "
                f"{COARSEST_SE:.2%}; take arrivals_per_headway {advice} capacity"
            )

    def _replications(self, stop: BusyStop) -> int:
        stretch = stop.stretch
        target = min(max(self.rel_share / 2.5, FINEST_SE), COARSEST_SE)
        work = self._counted(stop, target) * stretch.trips / stretch.counted * (stop.arrivals + VEHICLE_WORK)
        if work > USUAL_WORK:
            target = min(target * math.sqrt(work / USUAL_WORK), COARSEST_SE)
        return max(REPLICATIONS, math.ceil(self._counted(stop, target) / stretch.counted))

    def _counted(self, stop: BusyStop, target: float) -> float:
        """Return the headways that must count for a standard error."""
        return self.relative_variance(stop) / target**2


def _of_left(value: Callable[[FloatArray, BusyStop], FloatArray]) -> Callable[[BusyStop], float]:
    """Return the relative variance of the mean of a value of the number left behind, at a fixed headway."""

    def relative_variance(stop: BusyStop) -> float:
        left = np.arange(bulk_service.states_needed(stop.arrivals, stop.capacity), dtype=np.float64)
        return bulk_service.relative_variance(stop.arrivals, stop.capacity, value(left, stop))

    return relative_variance


def _of_queue(value: Callable[[FloatArray, BusyStop], FloatArray]) -> Callable[[BusyStop], float]:
    """Return the relative variance of the mean over vehicles at random of a value of the queue that they meet."""
    return lambda stop: bulk_service.random_vehicles_relative_variance(
        stop.arrivals, stop.capacity, lambda queue: value(queue, stop), sampled=True
    )


def _as_float(values: NDArray[Any]) -> FloatArray:
    """Return truth or counts as numbers that have a mean."""
    return values.astype(np.float64)


def _over_visits(value: Callable[[Table], NDArray[Any]]) -> Callable[[Tables, BusyStop], float]:
    """Measure the mean over the vehicles that count."""
    return lambda tables, stop: mean_of(_as_float(value(stop.visits(tables))))


def _mean_wait(tables: Tables, stop: BusyStop) -> float:
    return mean_of(stop.stretch.waits_min(tables))


def _denied_first(tables: Tables, stop: BusyStop) -> float:
    return mean_of(_as_float(stop.stretch.journeys(tables)["denied_boardings"] > 0))


PLACES: Final = (
    whole_number("capacity", least=1),
    number("arrivals_per_headway", "passengers, less than capacity", least=0.001, most=100_000.0),
)
LEFT = _over_visits(lambda visits: visits["denied_boardings"])
NOBODY_LEFT = _over_visits(lambda visits: visits["denied_boardings"] == 0)
LEFT_FULL = _over_visits(lambda visits: visits["departing_load"] == visits["capacity"])
MEAN_LEFT = "E[L] = sum 1/(1 - z_k) - (c(c - 1) - a^2) / (2(c - a)), z_k the roots of z^c = exp(a(z - 1)) in |z| < 1"
LAW = "the law of L' = max(L + A - c, 0), A Poisson with mean a"
ROOT = "a = r + r^2 + ... + r^c"


def _stop(name: str, effort: Effort, **parts: Any) -> Case[BusyStop]:
    """Return a case whose runs are as long as its effort says."""
    return Case(
        id=f"stop.{name}",
        world=effort.stop,
        scenario=BusyStop.scenario,
        tolerance=Tolerance("mc", effort.rel_share),
        **parts,
    )


timetabled: Callable[..., Case[BusyStop]] = partial(
    _stop,
    params=(number("headway", "minutes", least=0.1, most=1440.0), *PLACES),
    sets=tuple(
        {"headway": 10.0, "capacity": capacity, "arrivals_per_headway": arrivals}
        for capacity, arrivals in ((10, 8.0), (10, 9.0), (40, 36.0), (40, 38.0), (60, 57.0))
    ),
    usual=3,
    source="Bailey 1954, JRSS-B 16:80-87 (M/D^[c]/1); c capacity, a arrivals_per_headway, H headway",
)
at_random: Callable[..., Case[BusyStop]] = partial(
    _stop,
    params=(number("mean_headway", "minutes", least=0.1, most=1440.0), *PLACES),
    sets=tuple(
        {"mean_headway": 10.0, "capacity": capacity, "arrivals_per_headway": arrivals}
        for capacity, arrivals in ((10, 8.0), (40, 32.0))
    ),
    usual=1,
    source=(
        "M/M^[c]/1, Kleinrock 1975, Queueing Systems 1, section 4.6; c capacity, a arrivals_per_headway, H mean_headway"
    ),
)

CASES: tuple[Case[Any], ...] = (
    timetabled(
        "mean_left",
        Effort(0.03, _of_left(lambda left, _: left)),
        quantity="mean number of passengers a vehicle leaves behind",
        theory=lambda stop: bulk_service.mean_left(stop.arrivals, stop.capacity),
        measure=LEFT,
        formula=MEAN_LEFT,
    ),
    timetabled(
        "p_nobody_left",
        Effort(0.01, _of_left(lambda left, _: _as_float(left == 0))),
        quantity="share of vehicles that leave nobody behind",
        theory=lambda stop: bulk_service.nobody_left_share(stop.arrivals, stop.capacity),
        measure=NOBODY_LEFT,
        formula="P(L = 0) = (c - a) e^a prod z_k / (z_k - 1), z_k the roots of z^c = exp(a(z - 1)) in |z| < 1",
    ),
    timetabled(
        "mean_wait",
        Effort(0.01, _of_left(lambda left, stop: 0.5 + left / stop.arrivals)),
        quantity="mean wait in minutes",
        theory=lambda stop: stop.headway_min * bulk_service.mean_wait(stop.arrivals, stop.capacity),
        measure=_mean_wait,
        formula=f"E[W] = H/2 + H E[L]/a; {MEAN_LEFT}",
    ),
    timetabled(
        "p_denied_first",
        Effort(0.03, _of_left(lambda left, stop: np.minimum(left, stop.arrivals))),
        quantity="share of passengers for whom the first vehicle has no place",
        theory=lambda stop: bulk_service.denied_first_share(stop.arrivals, stop.capacity),
        measure=_denied_first,
        formula=f"E[min(A, max(L + A - c, 0))] / a with {LAW}; first come first served",
    ),
    timetabled(
        "p_bus_full",
        Effort(0.02, _of_left(lambda left, _: _as_float(left > 0))),
        quantity="share of vehicles that leave full",
        theory=lambda stop: bulk_service.full_share(stop.arrivals, stop.capacity),
        measure=LEFT_FULL,
        formula=f"P(L + A >= c) with {LAW}",
    ),
    at_random(
        "poisson_bus_mean_wait",
        Effort(0.03, lambda stop: bulk_service.random_vehicles_relative_variance(stop.arrivals, stop.capacity)),
        quantity="mean wait in minutes for vehicles at random",
        theory=lambda stop: stop.headway_min * bulk_service.random_vehicles_mean_wait(stop.arrivals, stop.capacity),
        measure=_mean_wait,
        formula=f"E[W] = r/(1 - r) H/a with {ROOT}",
    ),
    at_random(
        "poisson_bus_p_full",
        Effort(0.02, _of_queue(lambda queue, stop: _as_float(queue >= stop.capacity))),
        quantity="share of vehicles at random that leave full",
        theory=lambda stop: stop.root**stop.capacity,
        measure=LEFT_FULL,
        formula=f"P(full) = r^c with {ROOT}",
    ),
    at_random(
        "poisson_bus_p_leaves",
        Effort(0.02, _of_queue(lambda queue, stop: _as_float(queue > stop.capacity))),
        quantity="share of vehicles at random that leave somebody behind",
        theory=lambda stop: stop.root ** (stop.capacity + 1),
        measure=lambda tables, stop: 1.0 - NOBODY_LEFT(tables, stop),
        formula=f"P(leaves someone) = r^(c + 1) with {ROOT}",
    ),
    at_random(
        "poisson_bus_mean_left",
        Effort(0.03, _of_queue(lambda queue, stop: np.maximum(queue - stop.capacity, 0.0))),
        quantity="mean number of passengers a vehicle at random leaves behind",
        theory=lambda stop: stop.root ** (stop.capacity + 1) / (1.0 - stop.root),
        measure=LEFT,
        formula=f"E[left] = r^(c + 1) / (1 - r) with {ROOT}",
    ),
)
