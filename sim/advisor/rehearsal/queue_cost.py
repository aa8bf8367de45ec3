"""What one more person in a queue costs those behind them.

Queues are first come, first served. Whoever boards a vehicle that leaves somebody behind, or has no place left, takes
the place of the last who boarded it; that person takes the place of the last who boarded the next vehicle, and so on up
to the first vehicle with room. Each of them waits one headway longer and arrives one headway later: being late counts
as they weigh it, and being less early is a gain (the marginal external cost of a queue, Vickrey 1969, vehicle by
vehicle).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.boarding_search import Turns
from sim.population.commuters import Population
from sim.population.met_waiting import MetWaiting
from sim.population.observation import Observation, VisitSums, is_full
from sim.population.schedule_cost import schedule_cost_min
from sim.population.service_points import ServicePoints
from sim.records.day import DayRecords


@dataclass(frozen=True)
class LastBoarders:
    """The people who boarded each vehicle last, and whom one more person before them would displace.

    Attributes
    ----------
    commuter : ndarray of int, shape (visits,)
        -1 where nobody boarded.
    arrival_s : ndarray of float, shape (visits,)
        When their journey ended; NaN where it did not, or nobody boarded.
    """

    commuter: IntArray
    arrival_s: FloatArray

    @classmethod
    def of(cls, records: DayRecords, last_joined_s: FloatArray) -> LastBoarders:
        """Find them in a day.

        Parameters
        ----------
        records : DayRecords
        last_joined_s : ndarray of float, shape (visits,)
            When the last of those who boarded had joined the queue; minus infinity for none.
        """
        last = np.flatnonzero(records.ride_board_visit >= 0)
        visit = records.ride_board_visit[last]
        is_last = records.ride_wait_from_s[last] == last_joined_s[visit]
        commuter = np.full(len(last_joined_s), -1, dtype=np.int64)
        # Of those who joined at the same moment the last row must stand, which NumPy assigns last
        # (test_the_last_who_boarded_is_the_last_row_of_the_last_moment).
        commuter[visit[is_last]] = records.ride_commuter[last[is_last]]
        return cls(commuter, np.where(commuter >= 0, np.append(records.arrival_s, np.nan)[commuter], np.nan))


def with_queue_costs(
    seen: Observation,
    points: ServicePoints,
    preferences: PreferenceParameters,
    population: Population,
    facts: VisitSums,
    boarded_last: LastBoarders,
) -> Observation:
    """Return what was seen of a day with queues as long as they cost others, in seconds of waiting.

    Parameters
    ----------
    seen : Observation
    points : ServicePoints
    preferences : PreferenceParameters
    population : Population
    facts : VisitSums
    boarded_last : LastBoarders
        Of the day.
    """
    if preferences.wait_weight <= 0:
        return seen
    # The vehicles by group and in order are those of the day that was seen.
    ((_, day),) = seen.days
    group = np.repeat(np.arange(len(day.ptr) - 1), np.diff(day.ptr))
    goes_on = np.append(group[1:] == group[:-1], np.zeros(min(len(group), 1), dtype=np.bool_))
    full = np.flatnonzero(is_full(facts)[day.visit])
    headway_s = np.where(goes_on[full], np.append(day.arrival_s, 0.0)[full + 1] - day.arrival_s[full], 0.0)
    one_min = np.zeros(len(group))
    one_min[full] = _of_one_vehicle(preferences, population, boarded_last, (day.visit[full], goes_on[full], headway_s))
    passes_on = np.zeros(len(group), dtype=np.bool_)
    passes_on[full] = goes_on[full]
    passed_on = summed_while(one_min, passes_on)
    instants_s = points.instants()
    span_s = 1.0 + max(float(day.arrival_s.max(initial=0.0)), float(instants_s.max(initial=0.0)))
    turns = Turns(day.ptr, day.arrival_s, span_s, np.inf)
    return replace(seen, met=CostlyQueues(seen.met, turns, passed_on * 60.0 / preferences.wait_weight, instants_s))


@dataclass(frozen=True)
class CostlyQueues:
    """What is met by people who wait, with queues as long as they cost others; a `MetWaiting`.

    Attributes
    ----------
    seen : MetWaiting
        What is met otherwise.
    turns : Turns
        Vehicles of all groups by arrival.
    cost_s : ndarray of float, shape (vehicles,)
        What one more who boards each costs those behind, in seconds of waiting.
    instants_s : ndarray of float, shape (periods, instants)
    """

    seen: MetWaiting
    turns: Turns
    cost_s: FloatArray
    instants_s: FloatArray

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when people board."""
        return self.seen.board_s(group, period)

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes."""
        return self.seen.first_s(group, period)

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait."""
        return self.seen.wait_s(group, period)

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of being left behind by the first vehicle."""
        return self.seen.denied_share(group, period)

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of no vehicle."""
        return self.seen.lost_share(group, period)

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return what one more person costs those behind, from the first vehicle on, in seconds of waiting."""
        comes = self.turns.places(group[:, None], self.instants_s[period])
        there = comes < self.turns.ptr[group + 1][:, None]
        return np.where(there, np.append(self.cost_s, 0.0)[comes], 0.0).mean(axis=1)


def _of_one_vehicle(
    preferences: PreferenceParameters,
    population: Population,
    boarded_last: LastBoarders,
    visits: tuple[IntArray, BoolArray, FloatArray],
) -> FloatArray:
    """Return what the last who boarded each vehicle would pay more for taking the next one, in minutes."""
    order, goes_on, headway_s = visits
    known = np.flatnonzero(boarded_last.commuter[order] >= 0)
    who, arrives_s = boarded_last.commuter[order[known]], boarded_last.arrival_s[order[known]]
    later_min = np.zeros(len(order))
    later_min[known] = arriving_later_min(preferences, population, who, arrives_s, headway_s[known])
    # After the last vehicle there is none that would take them.
    return np.where(
        goes_on, preferences.wait_weight * headway_s / 60.0 + later_min, preferences.unserved_penalty_s / 60.0
    )


def arriving_later_min(
    preferences: PreferenceParameters,
    population: Population,
    who: IntArray,
    arrives_s: FloatArray,
    later_s: FloatArray | float,
) -> FloatArray:
    """Return how much more people would pay for being late or early who arrive later; 0 for those who do not arrive.

    Parameters
    ----------
    preferences : PreferenceParameters
    population : Population
    who : ndarray of int
        Commuters.
    arrives_s : ndarray of float
        When each arrives, seconds after midnight; NaN where they do not.
    later_s : ndarray of float, or float
        By how much they would arrive later; shapes that broadcast.

    Returns
    -------
    ndarray of float
        Equivalent minutes.
    """
    known = np.isfinite(arrives_s)
    arrives_s = np.where(known, arrives_s, 0.0)
    traits = population.traits
    wish = population.preferred_arrival_s[who], traits.early_factor[who], traits.late_factor[who]
    more_min = schedule_cost_min(preferences, arrives_s + later_s, *wish)
    return np.where(known, more_min - schedule_cost_min(preferences, arrives_s, *wish), 0.0)


def summed_while(values: FloatArray, goes_on: BoolArray) -> FloatArray:
    """Return each value with those after it, up to the first that does not go on.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
    goes_on : ndarray of bool, shape (n,)
        Whether the next value counts as well.

    Returns
    -------
    ndarray of float, shape (n,)
    """
    rest = np.append(np.cumsum(values[::-1])[::-1], 0.0)
    stops = np.where(goes_on, len(values), np.arange(len(values)))
    until = np.minimum.accumulate(stops[::-1])[::-1] + 1
    return np.asarray(rest[:-1] - rest[np.minimum(until, len(values))], dtype=np.float64)
