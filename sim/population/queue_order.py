"""How people in a queue come earlier or later all together, without one overtaking another.

In a queue that is first come, first served what a minute costs depends on how many have left before it, and not on
who leaves when. Whoever leaves for a cheaper minute changes how many have left before all minutes in between; moves by
gains therefore turn about the equilibrium (docs/design-notes.md). Where everybody keeps their place in the queue
instead, each minute is set right by those who leave in it: they pay more than others like them because too many have
left before, and by leaving later they lower just that number. Nobody's place is taken by it, and what they wait less
they gain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.population.days_alike import RememberedDay
from sim.population.traced_journeys import TracedRides
from sim.population.waits import WaitingSets

SHARE_SET_RIGHT = 0.1
"""Of what people pay too much or too little they set right as much in a day (assumed). With twice as much one queue
comes to rest sooner, but not where people of several kinds stand in it."""

LEAST_EXCESS_SHARE = 0.01
"""Whoever pays as much as others like them, within this share of it, stays (assumed). Where a queue ends one person is
as much to those behind them."""

MOST_OF_WAIT = 0.5
"""Of their wait, by how much those who come late leave later at most (assumed): there is nothing else to gain by it."""

LEAST_WAIT_MIN = 0.5
"""Whoever waits less stands in no queue (assumed)."""


def minutes_later(
    paid_min: FloatArray, met: tuple[FloatArray, FloatArray], alike: IntArray, wait_weight: float, coin: FloatArray
) -> IntArray:
    """Return by how many minutes people leave later the next day, or earlier where it is below 0.

    Parameters
    ----------
    paid_min : ndarray of float, shape (people,)
        What they paid.
    met : tuple of ndarray of float, shape (people,) each
        Minutes that they waited, and by how many they came late; below 0 where they came early.
    alike : ndarray of int, shape (people,)
        Number of the group of those who are in the same situation, from 0.
    wait_weight : float
        What a minute of waiting costs, in minutes; where it is 0 everybody stays.
    coin : ndarray of float, shape (people,)
        Uniform in (0, 1); decides on parts of a minute.
    """
    if wait_weight <= 0.0:
        return np.zeros(len(paid_min), dtype=np.int64)
    waited_min, late_min = met
    # Alike people pay the same in equilibrium. Those who pay most count most, each by the square of it: the mean of
    # shifts is nothing else than the mean departure, which would stay where it was by habit
    # (test_bottlenecks_settle_to_three_per_cent). Whoever has nobody alike stays (test_whoever_has_nobody_alike_stays).
    weight = np.bincount(alike, paid_min**2)
    usual_min = (np.bincount(alike, paid_min**3) / np.where(weight > 0.0, weight, 1.0))[alike]
    excess_min = paid_min - usual_min
    later_min = SHARE_SET_RIGHT * excess_min / wait_weight
    # Those who come late gain by leaving later only what they wait, so no more of it than half may go
    # (test_nobody_who_is_late_leaves_later_by_more_than_half_their_wait). Where there is no queue they are late for
    # having left late (test_behind_the_queue_people_leave_earlier).
    most_min = MOST_OF_WAIT * waited_min
    no_queue = np.where(waited_min < LEAST_WAIT_MIN, -later_min, most_min)
    later_min = np.where((late_min > 0.0) & (later_min > most_min), no_queue, later_min)
    later_min = np.where(np.abs(excess_min) > LEAST_EXCESS_SHARE * usual_min, later_min, 0.0)
    return np.floor(later_min + coin).astype(np.int64)


def met_by_people(
    options: JourneyOptions,
    waiting: WaitingSets,
    travel: tuple[IntArray, IntArray],
    preferred_s: FloatArray,
    days: Sequence[RememberedDay],
) -> tuple[FloatArray, FloatArray]:
    """Return the minutes that people waited and by how many they came late, on average over some days.

    Parameters
    ----------
    options : JourneyOptions
    waiting : WaitingSets
        Of the legs of these options.
    travel : tuple of ndarray of int, shape (people,) each
        Rows of the population, and the option of each.
    preferred_s : ndarray of float, shape (people,)
        When they want to arrive, seconds after midnight; NaN for whoever does not mind.
    days : sequence of RememberedDay
    """
    who = travel[0]
    waited_s, late_s = np.zeros(len(who)), np.zeros(len(who))
    for rides in _held_rides(options, waiting, travel, days):
        waited_s += rides.by_person(rides.board_s - rides.joined_s)
        late_s += np.nan_to_num(rides.arrival_s - preferred_s)
    per_day_s = 60.0 * max(len(days), 1)
    return waited_s / per_day_s, late_s / per_day_s


def left_behind_share(
    options: JourneyOptions, waiting: WaitingSets, travel: tuple[IntArray, IntArray], days: Sequence[RememberedDay]
) -> float:
    """Return how many of some people a full vehicle left behind, on average over some days.

    Parameters
    ----------
    options, waiting, travel, days
        As of `met_by_people`.
    """
    return float(np.mean([rides.left_behind.mean() for rides in _held_rides(options, waiting, travel, days)]))


def _held_rides(
    options: JourneyOptions, waiting: WaitingSets, travel: tuple[IntArray, IntArray], days: Sequence[RememberedDay]
) -> Iterator[TracedRides]:
    """Follow people through each day in the minute that they left in, each holding their own place."""
    who, option = travel
    for day in days:
        leave_s = np.asarray((day.minute[who] + day.place) * 60.0, dtype=np.float64)
        yield day.held.traffic.rides(options, waiting, option, leave_s)
