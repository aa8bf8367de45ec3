"""What the advisor sees where counts are private, or where not every vehicle counts.

The advisor is given, by service point and period, three counts of commuters: riders on departing
vehicles, boardings, and people who join the queue; besides what everybody can see of the vehicles.
Every commuter enters at most `most_counts` counts a day, each by one, so that the sum over all counts
changes by at most that much (and their Euclidean length by its root) when their records are taken out;
noise in proportion to it hides them. Waits and chances to be left behind are made from the noisy
counts alone, which costs no privacy.

Noise comes from the streams of the simulation, by inversion of the laws that SciPy has, since it must
not depend on the order of events. This simulates a private release; it is no implementation to
publish real data with, for which rounding in floating point matters (Mironov 2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy

from sim.advisor.assignment.background_traffic import point_queue
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import ForecastParameters
from sim.model.parameters.privacy import PrivacyParameters
from sim.model.service import Service
from sim.population.met_waiting import MetWaiting, kept
from sim.population.observation import Observation, fill_nearest, observe
from sim.population.service_points import SAMPLES_PER_PERIOD, ServicePoints
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.randomness import UInt64Array, entity_keys
from sim.records.day import DayRecords

LOAD, BOARDED, JOINED = 0, 1, 2
KINDS = 3


@dataclass
class Ledger:
    """Account of the privacy budget of one commuter over the days of a replication.

    Releases of different days add up (basic composition, Dwork and Roth 2014).

    Attributes
    ----------
    parameters : PrivacyParameters
    spent : float
        Epsilon spent so far.
    releases : int
        Days released.
    """

    parameters: PrivacyParameters
    spent: float = 0.0
    releases: int = 0

    def spend(self) -> bool:
        """Spend the budget of a day if there is enough left; say whether there was."""
        if self.parameters.mechanism == "none":
            return True
        total = self.parameters.total_epsilon
        if total is not None and self.spent + self.parameters.epsilon > total * (1.0 + 1e-9):
            return False
        self.spent += self.parameters.epsilon
        self.releases += 1
        return True


def sees_everything(parameters: ForecastParameters) -> bool:
    """Say whether the advisor sees traffic as it is: no noise and a counter in every vehicle."""
    return parameters.privacy.mechanism == "none" and parameters.coverage_share >= 1.0


def observe_privately(
    service: Service,
    points: ServicePoints,
    records: DayRecords,
    parameters: ForecastParameters,
    lasting: LastingVariates,
    today: ChoiceVariates,
) -> Observation:
    """Return what the advisor sees of a day.

    Parameters
    ----------
    service : Service
    points : ServicePoints
    records : DayRecords
    parameters : ForecastParameters
        Privacy and the share of vehicles with counters.
    lasting : LastingVariates
    today : ChoiceVariates
        Chance of the replication and of the day.
    """
    # Vehicles are seen as they ran: their times are no counts of people, and get no noise.
    vehicles = observe(service, points, _without_people(records))
    counted = vehicles_with_counters(service, parameters, lasting)
    counts = bounded_counts(service, points, records, counted, parameters.privacy.most_counts)
    kind = np.arange(KINDS)[:, None, None]
    shown = counts + noise(parameters.privacy, entity_keys(points.cell_keys(), kind), today)
    # After the noise: to leave out cells by their true counts would say something of them.
    shown[shown < max(parameters.privacy.minimum_cell, 0)] = 0.0
    shown = np.maximum(shown, 0.0)
    if not counted.all():
        shown = _scaled_up(shown, vehicles, _counted_capacity(service, points, records, counted))
    load, boarded, joined = shown
    load, boarded = (np.where(vehicles.capacity > 0, values, 0.0) for values in (load, boarded))
    boarded = np.minimum(boarded, load)
    room = vehicles.capacity - (load - boarded)
    queue = point_queue(joined, room, points)
    # A fluid queue waits for the next vehicle too, which the vehicles' own wait holds already.
    nobody = point_queue(np.zeros_like(joined), room, points)
    of = points.groups.point
    more_s = np.maximum(queue.delay_s - nobody.delay_s, 0.0)
    met = _Released(vehicles.met, of, more_s, queue.clears_s)
    return replace(
        vehicles,
        load=load,
        boarded=boarded,
        joined=joined,
        met=kept(met, vehicles.groups, points.periods, SAMPLES_PER_PERIOD),
        days=tuple((weight, day.shifted(more_s[of])) for weight, day in vehicles.days),
    )


@dataclass(frozen=True)
class _Released:
    """What people meet who wait, by vehicles as they ran and queues as noisy counts make them.

    Attributes
    ----------
    vehicles : MetWaiting
        Without people.
    point : ndarray of int, shape (groups,)
        Service point of each group.
    more_s, clears_s : ndarray of float, shape (points, periods)
        How much longer people wait for room, and until the queue has gone.
    """

    vehicles: MetWaiting
    point: IntArray
    more_s: FloatArray
    clears_s: FloatArray

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when people board."""
        return self.vehicles.board_s(group, period) + self.more_s[self.point[group], period][:, None]

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes."""
        return self.vehicles.first_s(group, period)

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait."""
        wait_s: FloatArray = self.vehicles.wait_s(group, period) + self.more_s[self.point[group], period]
        return wait_s

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of being left behind by the first vehicle."""
        return (self.more_s[self.point[group], period] > 0).astype(np.float64)

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return how long one more person in the queue is felt by others."""
        queue_s: FloatArray = self.clears_s[self.point[group], period]
        return queue_s

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of no vehicle."""
        return self.vehicles.lost_share(group, period)


def noise(parameters: PrivacyParameters, cell: UInt64Array, today: ChoiceVariates) -> FloatArray:
    """Draw the noise of one release, one number for each count.

    Parameters
    ----------
    parameters : PrivacyParameters
    cell : ndarray of uint64
        Key of each count.
    today : ChoiceVariates
    """
    if parameters.mechanism == "none":
        return np.zeros(cell.shape)
    coin = today.privacy_coin(cell)
    if parameters.mechanism == "discrete_laplace":
        drawn: FloatArray = scipy.stats.dlaplace.ppf(coin, parameters.epsilon / parameters.most_counts)
        return drawn
    sigma = gaussian_sigma(parameters.epsilon, parameters.delta, math.sqrt(parameters.most_counts))
    normal: FloatArray = sigma * scipy.special.ndtri(coin)
    return normal


def gaussian_sigma(epsilon: float, delta: float, sensitivity: float) -> float:
    """Return the least standard deviation of normal noise that is (epsilon, delta)-private.

    Solves delta = Phi(D/(2 s) - epsilon s/D) - exp(epsilon) Phi(-D/(2 s) - epsilon s/D) for s, with D
    the sensitivity in Euclidean length (Balle and Wang 2018, theorem 8).

    Parameters
    ----------
    epsilon, delta : float
    sensitivity : float
    """
    low, high = 1e-6, 1.0
    while _gaussian_delta(epsilon, high) > delta:
        high *= 2.0
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _gaussian_delta(epsilon, middle) > delta else (low, middle)
    return high * sensitivity


def _gaussian_delta(epsilon: float, sigma: float) -> float:
    """Return delta of normal noise for a sensitivity of 1."""
    first = float(scipy.special.ndtr(0.5 / sigma - epsilon * sigma))
    second = math.exp(epsilon + float(scipy.special.log_ndtr(-0.5 / sigma - epsilon * sigma)))
    return first - second


def vehicles_with_counters(service: Service, parameters: ForecastParameters, lasting: LastingVariates) -> BoolArray:
    """Return which blocks' vehicles count, by trip; the same vehicles every day, shape (trips,)."""
    coin = lasting.has_counter(service.block_id)
    has: BoolArray = coin < parameters.coverage_share
    return has[service.trip_block]


def bounded_counts(
    service: Service, points: ServicePoints, records: DayRecords, counted: BoolArray, most: int
) -> FloatArray:
    """Count riders, boardings and people who join, each commuter in at most so many counts and once in each.

    Parameters
    ----------
    service : Service
    points : ServicePoints
    records : DayRecords
    counted : ndarray of bool, shape (trips,)
        Trips with a counter.
    most : int
        Counts that one commuter may enter.

    Returns
    -------
    ndarray of float, shape (3, points, periods)
        Kinds in the order `LOAD`, `BOARDED`, `JOINED`.
    """
    ride = np.flatnonzero(records.ride_board_visit >= 0)
    ride = ride[counted[service.visit_trip[records.ride_board_visit[ride]]]]
    board = records.ride_board_visit[ride]
    hops = _hops(service, records, ride)
    owner = records.ride_commuter[ride]
    first = np.repeat(np.cumsum(hops) - hops, hops)
    visit = np.repeat(board, hops) + np.arange(int(hops.sum())) - first
    # Nobody is counted as leaving the last stop of a trip; whoever rides on is counted as the run departs from there.
    leaves = ~np.isin(visit, service.visit_ptr[1:] - 1)
    on_board, visit = np.repeat(owner, hops)[leaves], visit[leaves]
    cells = points.points * points.periods
    entries = [
        (on_board, LOAD * cells + _cell(points, visit, records.visit_departure_s[visit])),
        (owner, BOARDED * cells + _cell(points, board, records.visit_departure_s[board])),
        (owner, JOINED * cells + _cell(points, board, records.ride_wait_from_s[ride])),
    ]
    person = np.concatenate([who for who, _ in entries])
    cell = np.concatenate([where for _, where in entries])
    distinct = np.unique(person * (KINDS * cells) + cell)
    person, cell = np.divmod(distinct, KINDS * cells)
    starts = np.searchsorted(person, person)
    # Every commuter must enter at most so many counts, and each once: the noise is scaled to just that. Which ones are
    # kept must not depend on other commuters, so that taking one out changes no other entry
    # (test_one_commuter_changes_no_more_than_the_bound).
    kept = cell[np.arange(len(person)) - starts < most]
    return np.bincount(kept, minlength=KINDS * cells).astype(np.float64).reshape(KINDS, points.points, points.periods)


def _hops(service: Service, records: DayRecords, ride: IntArray) -> IntArray:
    """Count the departures that each ride is on board of; none after the vehicle stopped for good."""
    board, alight = records.ride_board_visit[ride], records.ride_alight_visit[ride]
    end = service.runs.ends[np.searchsorted(service.runs.ends, board)]
    until = np.where(alight >= 0, alight, end)
    runs = np.concatenate([[0], np.cumsum(np.isfinite(records.visit_departure_s))])
    hops: IntArray = runs[until] - runs[board]
    return hops


def _cell(points: ServicePoints, visit: IntArray, time_s: FloatArray) -> IntArray:
    period = np.clip(time_s // points.period_s, 0, points.periods - 1).astype(np.int64)
    return points.visit_point[visit] * points.periods + period


def _without_people(records: DayRecords) -> DayRecords:
    """Return a day on which nobody boarded, with vehicles as they ran."""
    return replace(
        records,
        ride_board_visit=np.full_like(records.ride_board_visit, -1),
        visit_load=np.zeros_like(records.visit_load),
        visit_denied=np.zeros_like(records.visit_denied),
    )


def _counted_capacity(service: Service, points: ServicePoints, records: DayRecords, counted: BoolArray) -> FloatArray:
    """Sum the capacities of vehicles with counters by service point and period."""
    last = np.zeros(len(service.visit_stop), dtype=np.bool_)
    last[service.visit_ptr[1:] - 1] = True
    visit = np.flatnonzero(np.isfinite(records.visit_departure_s) & counted[service.visit_trip] & ~last)
    cell = _cell(points, visit, records.visit_departure_s[visit])
    total = np.bincount(cell, service.trip_capacity[service.visit_trip[visit]], points.points * points.periods)
    return total.astype(np.float64).reshape(points.points, points.periods)


def _scaled_up(shown: FloatArray, vehicles: Observation, capacity: FloatArray) -> FloatArray:
    """Take the vehicles without counters to be as full as those with, of the nearest period that has one."""
    scaled = []
    for values in (shown[LOAD], shown[BOARDED]):
        factor = np.divide(values, capacity, out=np.full_like(values, np.nan), where=capacity > 0)
        scaled.append(fill_nearest(factor) * vehicles.capacity)
    # People left behind are not seen on board, so that boardings stand for those who join.
    return np.array([*scaled, scaled[1]])
