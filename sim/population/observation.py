"""What traffic looked like on a day, by service point and period.

This is all that learners and the advisor are told of a day: no individual journeys.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.service import Service
from sim.population.boarding_search import DayVisits
from sim.population.boardings import Boardings, SeenDays, apart_s, mean_days
from sim.population.closed_visits import is_closed
from sim.population.met_waiting import MeanWaiting, MetWaiting, SeenWaiting, kept, on_demand, table_of
from sim.population.service_points import SAMPLES_PER_PERIOD, ServicePoints
from sim.records.day import DayRecords
from sim.units import TICKS_PER_S


@dataclass(frozen=True)
class Observation:
    """One day, or a mean of days, by service point and period; arrays (points, periods) unless said.

    What people met who waited is kept by the group of vehicles they waited for; the first groups are all vehicles of
    each service point.

    Attributes
    ----------
    met : MetWaiting
        What one more commuter would meet who joins a queue in the period.
    groups : int
        Number of groups.
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

    met: MetWaiting
    groups: int
    load: FloatArray
    capacity: FloatArray
    joined: FloatArray
    boarded: FloatArray
    running_s: FloatArray
    days: SeenDays

    def load_factor(self) -> FloatArray:
        """Return load over capacity, 0 where no vehicle departs."""
        return np.divide(self.load, self.capacity, out=np.zeros_like(self.load), where=self.capacity > 0)

    @property
    def wait_s(self) -> FloatArray:
        """Wait until a vehicle leaves with them, a later one where others are full, shape (groups, periods)."""
        return table_of(self.met.wait_s, self.groups, self.load.shape[1])

    @property
    def denied_share(self) -> FloatArray:
        """Chance that the first vehicle leaves without them, shape (groups, periods)."""
        return table_of(self.met.denied_share, self.groups, self.load.shape[1])

    @property
    def queue_s(self) -> FloatArray:
        """From joining until a vehicle leaves nobody behind, shape (groups, periods)."""
        return table_of(self.met.queue_s, self.groups, self.load.shape[1])

    @property
    def lost_share(self) -> FloatArray:
        """Chance that no vehicle takes them any more, shape (groups, periods)."""
        return table_of(self.met.lost_share, self.groups, self.load.shape[1])

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
    closed : ndarray of bool, shape (visits,)
        Where nobody could board: the vehicle passed a closed stop, missed one, or broke down there for good.
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
    closed: BoolArray

    @cached_property
    def boarders(self) -> tuple[float, FloatArray]:
        """How far visits lie apart in a column, and visit and time of joining of each ride in it, in ascending order.

        Time of joining is counted from the visit times that distance, so that one column holds all visits.
        """
        apart = apart_s(max(float(self.joined_s.max(initial=0.0)), 1.0))
        return apart, np.sort(self.boarding_visit * apart + np.maximum(self.joined_s, 0.0))

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
            closed=np.zeros(visits, dtype=np.bool_),
        )


@dataclass(frozen=True)
class VisitSums:
    """What an observation is made of: facts of visits in which no ride has a row any more.

    Attributes
    ----------
    arrival_s, departure_s, load, capacity, denied, last_joined_s, is_last, closed : ndarray, shape (visits,)
        As in `VisitFacts`.
    boardings : ndarray of int, shape (visits,)
    joined : ndarray of float, shape (points, periods)
        Of those whom a vehicle took, how many had joined the queue in each period.
    """

    arrival_s: FloatArray
    departure_s: FloatArray
    load: IntArray
    capacity: IntArray
    denied: IntArray
    last_joined_s: FloatArray
    is_last: BoolArray
    closed: BoolArray
    boardings: IntArray
    joined: FloatArray

    @classmethod
    def of(cls, points: ServicePoints, facts: VisitFacts) -> VisitSums:
        """Sum up the rides of a day.

        Parameters
        ----------
        points : ServicePoints
        facts : VisitFacts
        """
        shape = (points.points, points.periods)
        joined_at = points.visit_point[facts.boarding_visit] * points.periods + _period(points, facts.joined_s)
        return cls(
            arrival_s=facts.arrival_s,
            departure_s=facts.departure_s,
            load=facts.load,
            capacity=facts.capacity,
            denied=facts.denied,
            last_joined_s=facts.last_joined_s,
            is_last=facts.is_last,
            closed=facts.closed,
            boardings=np.bincount(facts.boarding_visit, minlength=len(facts.load)),
            joined=np.bincount(joined_at, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape),
        )


def is_full(facts: VisitFacts | VisitSums) -> BoolArray:
    """Tell which visits had no place for one more, shape (visits,).

    Parameters
    ----------
    facts : VisitFacts or VisitSums
    """
    return np.asarray((facts.denied > 0) | (facts.load >= facts.capacity))


def visit_facts(service: Service, day: DayRecords) -> VisitFacts:
    """Return what counters and clocks tell of a simulated day.

    Parameters
    ----------
    service : Service
    day : DayRecords
    """
    boarded = day.ride_board_visit >= 0
    return replace(
        VisitFacts.empty(service.visit_ptr, day.ride_board_visit[boarded], day.ride_wait_from_s[boarded]),
        arrival_s=day.visit_arrival_s,
        departure_s=day.visit_departure_s,
        load=day.visit_load,
        capacity=service.trip_capacity[service.visit_trip],
        denied=day.visit_denied,
        closed=is_closed(day.visit_disruption, day.visit_arrival_s),
    )


def observe(service: Service, points: ServicePoints, day: DayRecords) -> Observation:
    """Sum up a simulated day by service point and period.

    Parameters
    ----------
    service : Service
    points : ServicePoints
    day : DayRecords
    """
    return observe_visits(points, visit_facts(service, day))


def observe_visits(points: ServicePoints, facts: VisitFacts) -> Observation:
    """Sum up the visits of a day by service point and period.

    Parameters
    ----------
    points : ServicePoints
    facts : VisitFacts
    """
    return observe_sums(points, VisitSums.of(points, facts))


def observe_sums(points: ServicePoints, facts: VisitSums) -> Observation:
    """Sum up visits by service point and period.

    Parameters
    ----------
    points : ServicePoints
    facts : VisitSums
    """
    visits = np.flatnonzero(np.isfinite(facts.departure_s) & ~facts.is_last)
    arrival_s, departure_s = facts.arrival_s[visits], facts.departure_s[visits]
    # Whoever boards a vehicle that stands there for long comes on board when it comes
    # (tests/functional/test_expected_is_paid.py).
    seen_s = np.where(departure_s - arrival_s >= points.period_s, arrival_s, departure_s)
    cell = points.visit_point[visits] * points.periods + _period(points, seen_s)
    shape = (points.points, points.periods)

    def total(values: FloatArray | IntArray | BoolArray) -> FloatArray:
        return np.bincount(cell, values, shape[0] * shape[1]).astype(np.float64).reshape(shape)

    took = facts.arrival_s[visits + 1] - arrival_s
    known = np.isfinite(took)
    count = total(known)
    mean_took = np.divide(total(np.where(known, took, 0.0)), count, out=np.full(shape, np.nan), where=count > 0)
    day, instants = boardings_of(points, facts), points.instants()
    met = on_demand(SeenWaiting(day, instants), len(points.groups), *instants.shape)
    return Observation(
        met=met,
        groups=len(points.groups),
        load=total(facts.load[visits]),
        capacity=total(facts.capacity[visits]),
        joined=facts.joined,
        boarded=total(facts.boardings[visits]),
        running_s=fill_nearest(mean_took),
        days=((1.0, day),),
    )


def _period(points: ServicePoints, time_s: FloatArray) -> IntArray:
    """Return the period of each time; the first or last one beyond the grid."""
    return np.clip(time_s // points.period_s, 0, points.periods - 1).astype(np.int64)


def boardings_of(points: ServicePoints, facts: VisitFacts | VisitSums) -> Boardings:
    """Return until when the vehicles of each group took those who had joined.

    Queues are first come, first served: a commuter who joins at time t boards the first vehicle whose
    last boarding had joined at t or later, or that left nobody behind and still had a place. Where people may board
    while it stands, they may have joined after it came
    (test_whoever_comes_while_a_vehicle_stands_is_followed_onto_it).

    Parameters
    ----------
    points : ServicePoints
    facts : VisitFacts or VisitSums
    """
    arrival = facts.arrival_s
    closes_s = facts.departure_s if points.open_doors else arrival
    # One more commuter takes the last place of a vehicle that is just full, or is left behind.
    full = is_full(facts)
    takes_until = np.where(full, np.minimum(facts.last_joined_s, closes_s), closes_s)
    end_s = (points.periods + 1) * points.period_s
    # A vehicle that passes is none for people who wait
    # (tests/functional/test_expected_is_paid.py).
    runs = np.isfinite(facts.departure_s) & ~facts.is_last & ~facts.closed
    seen = DayVisits(runs, arrival, takes_until, full, points.visit_block)
    day = seen.by_group(points.groups.of_day(arrival, facts.closed), apart_s(end_s), end_s)
    turns = day.ptr, day.visit, day.arrival_s, day.until_s, day.clears_s
    meets_s = _rising(day.ptr, closes_s[day.visit], end_s) if points.open_doors else day.arrival_s
    return Boardings(*turns, points.period_s, end_s, meets_s, patience_s=points.patience_s, visit_arrival_s=arrival)


def held_by_themselves(day: Boardings, first_left_s: FloatArray) -> Boardings:
    """Return until when vehicles take one of those who are there anyway, and hold their own place in the queue.

    One more commuter must have joined before the last who boarded; one of them only before the first who was left
    behind, or the forecast for all who follow would count each of them twice
    (test_forecasts_of_days_that_were_not_seen_hold). Whoever is left behind may board the vehicle of another line next,
    so that the queue of this one does not tell when they joined
    (test_those_left_behind_are_found_again_one_by_one_on_the_day_itself).

    Parameters
    ----------
    day : Boardings
        As one more commuter meets them.
    first_left_s : ndarray of float, shape (visits,)
        When the first of those whom each vehicle left behind had joined the queue; infinite for none.
    """
    before_s = np.minimum(first_left_s[day.visit] - 0.5 / TICKS_PER_S, day.closes_s)
    # A later vehicle does not meet people that an earlier one took: times rise within a group.
    return replace(day, until_s=_rising(day.ptr, np.maximum(day.until_s, before_s), day.end_s))


def _rising(ptr: IntArray, times_s: FloatArray, end_s: float) -> FloatArray:
    """Return the latest of the times up to each vehicle of a group, shape (vehicles,)."""
    of_vehicle = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr)) * apart_s(end_s)
    rising_s: FloatArray = np.maximum.accumulate(of_vehicle + np.maximum(times_s, -1.0)) - of_vehicle
    return rising_s


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
    shares = [weight / total for weight in weights]
    columns = {
        column.name: sum(share * getattr(day, column.name) for day, share in zip(observations, shares, strict=True))
        for column in fields(Observation)
        if column.name not in ("met", "groups", "days")
    }
    met, groups, periods = observations[0].met, observations[0].groups, observations[0].load.shape[1]
    if len(observations) > 1 or shares[0] != 1.0:
        met = kept(MeanWaiting([day.met for day in observations], shares), groups, periods, SAMPLES_PER_PERIOD)
    return Observation(met=met, groups=groups, **columns, days=mean_days([day.days for day in observations], weights))
