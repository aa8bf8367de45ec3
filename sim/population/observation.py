"""What traffic looked like on a day, by service point and period.

This is all that learners and the advisor are told of a day: no individual journeys.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.service import Service
from sim.population.boardings import Boardings, SeenDays, mean_days
from sim.population.service_points import ServicePoints
from sim.records.day import DayRecords


@dataclass(frozen=True)
class Observation:
    """One day, or a mean of days, by service point and period; arrays (points, periods) unless said.

    Attributes
    ----------
    wait_s : ndarray of float
        Wait of a marginal commuter who joins the queue in the period, until a vehicle leaves
        with them: later vehicles where earlier ones are full.
    denied_share : ndarray of float
        Chance that the first vehicle leaves without them.
    queue_s : ndarray of float
        From joining until a vehicle leaves nobody behind: how long one more person in the
        queue is felt by others.
    lost_share : ndarray of float
        Chance that no vehicle takes them any more.
    board_s : ndarray of float, shape (points, periods, SAMPLES_PER_PERIOD)
        When they board, seconds after midnight, by evenly spread instants of joining.
    first_s : ndarray of float, shape (points, periods, SAMPLES_PER_PERIOD)
        When the first vehicle comes, full or not.
    load, capacity : ndarray of float
        Sums of departing loads and capacities over the vehicles that depart in the period.
    joined, boarded : ndarray of float
        Commuters who joined the queue in the period, of those whom a vehicle took, and
        commuters whom vehicles took that depart in the period.
    running_s : ndarray of float
        Mean time from arrival here to arrival at the next stop, of vehicles that depart in
        the period; of the nearest period with a vehicle where there is none.
    days : SeenDays
        When people board on each of the days, by vehicle.
    """

    wait_s: FloatArray
    denied_share: FloatArray
    queue_s: FloatArray
    lost_share: FloatArray
    board_s: FloatArray
    first_s: FloatArray
    load: FloatArray
    capacity: FloatArray
    joined: FloatArray
    boarded: FloatArray
    running_s: FloatArray
    days: SeenDays

    def load_factor(self) -> FloatArray:
        """Return load over capacity, 0 where no vehicle departs."""
        return np.divide(self.load, self.capacity, out=np.zeros_like(self.load), where=self.capacity > 0)

    def met_waiting(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what waiting commuters meet besides their wait: denied_share, queue_s and lost_share."""
        return self.denied_share, self.queue_s, self.lost_share

    def served_period(self) -> IntArray:
        """Return, for each point and period, the nearest period in which a vehicle departs."""
        return nearest_known(self.capacity > 0)


@dataclass(frozen=True)
class VisitFacts:
    """What counters and clocks tell of every vehicle at every stop; one row per visit.

    Attributes
    ----------
    arrival_s, departure_s : ndarray of float, shape (visits,)
        NaN where the vehicle did not get so far.
    load, capacity : ndarray of int, shape (visits,)
        Departing load and capacity.
    denied : ndarray of int, shape (visits,)
        Persons left behind.
    last_joined_s : ndarray of float, shape (visits,)
        When the last of those who boarded had joined the queue; minus infinity for none.
    boarding_visit : ndarray of int, shape (rides,)
        Visit at which each ride boarded.
    joined_s : ndarray of float, shape (rides,)
        When it had joined the queue.
    is_last : ndarray of bool, shape (visits,)
        Last stop of the trip.
    """

    arrival_s: FloatArray
    departure_s: FloatArray
    load: IntArray
    capacity: IntArray
    denied: IntArray
    last_joined_s: FloatArray
    boarding_visit: IntArray
    joined_s: FloatArray
    is_last: BoolArray

    @classmethod
    def empty(cls, visit_ptr: IntArray, boarding_visit: IntArray, joined_s: FloatArray) -> VisitFacts:
        """Return facts of which only the boardings are filled in.

        Parameters
        ----------
        visit_ptr : ndarray of int, shape (trips + 1,)
        boarding_visit : ndarray of int, shape (rides,)
        joined_s : ndarray of float, shape (rides,)
        """
        visits = int(visit_ptr[-1])
        last_joined_s = np.full(visits, -np.inf)
        np.maximum.at(last_joined_s, boarding_visit, joined_s)
        is_last = np.zeros(visits, dtype=np.bool_)
        is_last[visit_ptr[1:] - 1] = True
        return cls(
            arrival_s=np.full(visits, np.nan),
            departure_s=np.full(visits, np.nan),
            load=np.zeros(visits, dtype=np.int64),
            capacity=np.ones(visits, dtype=np.int64),
            denied=np.zeros(visits, dtype=np.int64),
            last_joined_s=last_joined_s,
            boarding_visit=boarding_visit,
            joined_s=joined_s,
            is_last=is_last,
        )


def observe(service: Service, points: ServicePoints, day: DayRecords) -> Observation:
    """Sum up a simulated day by service point and period.

    Parameters
    ----------
    service : Service
    points : ServicePoints
    day : DayRecords
    """
    boarded = day.ride_board_visit >= 0
    facts = replace(
        VisitFacts.empty(service.visit_ptr, day.ride_board_visit[boarded], day.ride_wait_from_s[boarded]),
        arrival_s=day.visit_arrival_s,
        departure_s=day.visit_departure_s,
        load=day.visit_load,
        capacity=service.trip_capacity[service.visit_trip],
        denied=day.visit_denied,
    )
    return observe_visits(points, facts)


def observe_visits(points: ServicePoints, facts: VisitFacts) -> Observation:
    """Sum up the visits of a day by service point and period.

    Parameters
    ----------
    points : ServicePoints
    facts : VisitFacts
    """
    visits = np.flatnonzero(np.isfinite(facts.departure_s) & ~facts.is_last)
    cell = points.visit_point[visits] * points.periods + _period(points, facts.departure_s[visits])
    shape = (points.points, points.periods)

    def total(values: FloatArray | IntArray | BoolArray) -> FloatArray:
        return np.bincount(cell, values, shape[0] * shape[1]).astype(np.float64).reshape(shape)

    took = facts.arrival_s[visits + 1] - facts.arrival_s[visits]
    known = np.isfinite(took)
    count = total(known)
    mean_took = np.divide(total(np.where(known, took, 0.0)), count, out=np.full(shape, np.nan), where=count > 0)
    joined_at = points.visit_point[facts.boarding_visit] * points.periods + _period(points, facts.joined_s)
    boardings = np.bincount(facts.boarding_visit, minlength=len(facts.load))
    met = _marginal_waits(points, facts, visits)
    return Observation(
        wait_s=(met.board_s - points.instants()).mean(axis=2),
        denied_share=met.denied.mean(axis=2),
        queue_s=met.queue_s.mean(axis=2),
        lost_share=met.lost.mean(axis=2),
        board_s=met.board_s,
        first_s=met.first_s,
        load=total(facts.load[visits]),
        capacity=total(facts.capacity[visits]),
        joined=np.bincount(joined_at, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape),
        boarded=total(boardings[visits]),
        running_s=fill_nearest(mean_took),
        days=((1.0, met.boardings),),
    )


def _period(points: ServicePoints, time_s: FloatArray) -> IntArray:
    """Return the period of each time; the first or last one beyond the grid."""
    return np.clip(time_s // points.period_s, 0, points.periods - 1).astype(np.int64)


@dataclass(frozen=True)
class _Met:
    """What one more commuter would meet, arrays (points, periods, SAMPLES_PER_PERIOD), and when they board."""

    board_s: FloatArray
    first_s: FloatArray
    denied: FloatArray
    queue_s: FloatArray
    lost: FloatArray
    boardings: Boardings


def _marginal_waits(points: ServicePoints, facts: VisitFacts, visits: IntArray) -> _Met:
    """Read off, at sample instants, what one more commuter in the queue would meet.

    Queues are first come, first served: a commuter who joins at time t boards the first vehicle whose
    last boarding had joined at t or later, or that left nobody behind.
    """
    arrival = facts.arrival_s
    # One more commuter takes the last place of a vehicle that is just full, or is left behind.
    full = (facts.denied > 0) | (facts.load >= facts.capacity)
    takes_until = np.where(full, np.minimum(facts.last_joined_s, arrival), arrival)
    instants = points.instants()
    flat_s = instants.reshape(-1)
    shape = (points.points, *instants.shape)
    end_s = (points.periods + 1) * points.period_s
    order = visits[np.lexsort((arrival[visits], points.visit_point[visits]))]
    bounds = np.searchsorted(points.visit_point[order], np.arange(points.points + 1))
    until_s = np.full(len(order), -np.inf)
    boardings = Boardings(bounds, order, arrival[order], until_s, points.period_s, end_s)
    never = np.full(shape, end_s), np.full(shape, end_s), np.zeros(shape), np.zeros(shape), np.ones(shape)
    met = _Met(*never, boardings)
    for point in range(points.points):
        mine = order[bounds[point] : bounds[point + 1]]
        if not len(mine):
            continue
        first = np.searchsorted(arrival[mine], flat_s)
        until_s[bounds[point] : bounds[point + 1]] = np.maximum.accumulate(takes_until[mine])
        taken = np.searchsorted(until_s[bounds[point] : bounds[point + 1]], flat_s)
        beyond = np.append(arrival[mine], end_s)
        free = np.flatnonzero(~full[mine])
        clear = np.append(free, len(mine))[np.searchsorted(free, first)]
        met.board_s[point] = np.maximum(beyond[taken], flat_s).reshape(instants.shape)
        met.first_s[point] = np.maximum(beyond[first], flat_s).reshape(instants.shape)
        met.denied[point] = (taken > first).reshape(instants.shape)
        met.queue_s[point] = np.maximum(beyond[clear] - beyond[first], 0.0).reshape(instants.shape)
        met.lost[point] = (taken == len(mine)).reshape(instants.shape)
    return met


def nearest_known(known: BoolArray) -> IntArray:
    """Return for each entry the nearest known column of its row, the earlier one on a tie.

    A row without any known entry gets its own columns.
    """
    width = known.shape[1]
    columns = np.arange(width)
    before = np.maximum.accumulate(np.where(known, columns, -width), axis=1)
    after = np.minimum.accumulate(np.where(known, columns, 3 * width)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(columns - before <= after - columns, before, after)
    return np.where(known.any(axis=1, keepdims=True), nearest, columns)


def fill_nearest(values: FloatArray) -> FloatArray:
    """Fill NaN in each row from the nearest known column; 0 in a row without any."""
    filled: FloatArray = np.take_along_axis(values, nearest_known(np.isfinite(values)), axis=1)
    return np.nan_to_num(filled)


def mean_observation(observations: list[Observation], weights: list[float]) -> Observation:
    """Average observations of several days.

    Parameters
    ----------
    observations : list of Observation
        At least one.
    weights : list of float
        Weight of each; they need not sum to 1.
    """
    total = sum(weights)
    columns = {
        column.name: sum(
            (weight / total) * getattr(day, column.name) for day, weight in zip(observations, weights, strict=True)
        )
        for column in fields(Observation)
        if column.name != "days"
    }
    return Observation(**columns, days=mean_days([day.days for day in observations], weights))
