"""What an engine is told of the people of a day: rides in rows, and the queues that they join from home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.engine_input import EngineInput
from sim.model.journeys import ChosenJourneys, ReturnLegs
from sim.units import TICKS_PER_S, quantize


@dataclass(frozen=True)
class Returns:
    """Journeys back that begin after others have ended; without rows where nobody goes back.

    The departure back is ``max(out + egress, not_before) + stay``, with out the time at which the
    journey there ended, and the queue is joined the walk of its first ride later.

    Attributes
    ----------
    after_ride : ndarray of int, shape (rides,), or (0,)
        Commuter whose journey back begins after the journey that is planned to end with this ride;
        -1 for none.
    first_ride : ndarray of int, shape (commuters,), or (0,)
        First ride of each journey; -1 where there is none.
    egress_s, not_before_s, stay_s : ndarray of float, shape (commuters,), or (0,)
        By the commuter of a journey back: walk at the end of the journey there, which a walk that
        a strategy decided on the way replaces; when the stay begins at the earliest, which may be
        minus infinity; and how long it is. Without meaning for all others.
    """

    after_ride: IntArray
    first_ride: IntArray
    egress_s: FloatArray
    not_before_s: FloatArray
    stay_s: FloatArray


@dataclass(frozen=True)
class DayStart:
    """The rides of all journeys before anything has happened.

    Rides are the rows of `ChosenJourneys`: every leg of every commuter, in order of commuters
    and legs. All times are on the tick.

    Attributes
    ----------
    departure_s : ndarray of float, shape (commuters,)
        Leaving the origin; of journeys back, as planned, or where people walk there as it will be.
    ride_leg : ndarray of int, shape (rides,)
    ride_walk_s : ndarray of float, shape (rides,)
        Walk to the stop of boarding.
    ride_following : ndarray of int, shape (rides,)
        Ride that follows where this one ends; -1 where the journey ends.
    ride_wait_from_s : ndarray of float, shape (rides,)
        When the ride joins its queue, for the first rides that are known before the run; else NaN.
    queue_ptr : ndarray of int, shape (queues + 1,)
    entry_time_s : ndarray of float, shape (entries,)
    entry_ride : ndarray of int, shape (entries,)
        Rides that will join each queue from home and the times, sorted by time and then by ride.
    return_departure_s : ndarray of float, shape (commuters,)
        Departures back that are known before the run; else NaN.
    returns : Returns
    """

    departure_s: FloatArray
    ride_leg: IntArray
    ride_walk_s: FloatArray
    ride_following: IntArray
    ride_wait_from_s: FloatArray
    queue_ptr: IntArray
    entry_time_s: FloatArray
    entry_ride: IntArray
    return_departure_s: FloatArray
    returns: Returns


def start_of_day(
    engine_input: EngineInput, departure_s: FloatArray, journeys: ChosenJourneys, back: ReturnLegs
) -> DayStart:
    """Lay out the rides of a day and fill the queues with those who will come from home.

    Parameters
    ----------
    engine_input : EngineInput
    departure_s : ndarray of float, shape (commuters,)
        Leaving the origin, seconds after midnight; of journeys back, as planned.
    journeys : ChosenJourneys
    back : ReturnLegs
    """
    walk_s, departure_s = quantize(journeys.walk_before_s), quantize(departure_s)
    after_walk = (back.outward >= 0) & journeys.walks[back.outward]
    known_s = _walkers_return(departure_s, journeys, back, after_walk)
    departure_s = np.where(after_walk, known_s, departure_s)
    commuter = np.flatnonzero(journeys.rides & (back.is_outward | after_walk))
    first: IntArray = journeys.leg_ptr[commuter]
    joined_s = departure_s[commuter] + walk_s[first]
    queue = engine_input.legs.queue[journeys.leg[first]]
    order = _in_order(queue, joined_s, engine_input.legs.queues)
    wait_from_s = np.full(len(walk_s), np.nan)
    wait_from_s[first] = joined_s
    following = np.arange(1, len(walk_s) + 1)
    following[journeys.leg_ptr[1:][journeys.rides] - 1] = -1
    return DayStart(
        departure_s=departure_s,
        ride_leg=journeys.leg.astype(np.int64),
        ride_walk_s=walk_s,
        ride_following=following,
        ride_wait_from_s=wait_from_s,
        queue_ptr=np.concatenate([[0], np.cumsum(np.bincount(queue, minlength=engine_input.legs.queues))]),
        entry_time_s=joined_s[order],
        entry_ride=first[order],
        return_departure_s=known_s,
        returns=_returns(journeys, back),
    )


def _in_order(queue: IntArray, joined_s: FloatArray, queues: int) -> IntArray:
    """Return rows sorted by queue, then by time of joining, then by row.

    Times are whole numbers of ticks, so that queue and time go into one whole number, which sorts several times as
    fast as both after each other (tests/unit/test_engine_day_start.py).
    """
    least_s = joined_s.min(initial=0.0)
    span = (joined_s.max(initial=0.0) - least_s) * TICKS_PER_S + 1.0
    if span * queues >= 2.0**62:
        return np.lexsort((joined_s, queue))
    key = queue * int(span) + ((joined_s - least_s) * TICKS_PER_S).astype(np.int64)
    order = np.argsort(key)
    same = np.diff(key[order]) == 0
    if same.any():
        # The sort leaves the order of equals open: those rows are put in their order once more.
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        group = np.cumsum(np.append(True, ~same))[tied]
        order[tied] = order[tied][np.lexsort((order[tied], group))]
    return order


def _walkers_return(
    departure_s: FloatArray, journeys: ChosenJourneys, back: ReturnLegs, after_walk: BoolArray
) -> FloatArray:
    """Return departures back of those who walk there, which are known beforehand; NaN for all others."""
    commuters = np.flatnonzero(after_walk)
    outward = back.outward[commuters]
    arrival_s = departure_s[outward] + quantize(journeys.egress_walk_s[outward])
    known_s = np.full(len(departure_s), np.nan)
    stay_from_s = np.maximum(arrival_s, quantize(back.not_before_s[commuters]))
    known_s[commuters] = stay_from_s + quantize(back.stay_s[commuters])
    return known_s


def _returns(journeys: ChosenJourneys, back: ReturnLegs) -> Returns:
    commuters = np.flatnonzero(back.outward >= 0)
    if not len(commuters):
        whole, none = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Returns(whole, whole, none, none, none)
    after_ride = np.full(len(journeys.leg), -1, dtype=np.int64)
    by_vehicle = commuters[journeys.rides[back.outward[commuters]]]
    after_ride[journeys.leg_ptr[back.outward[by_vehicle] + 1] - 1] = by_vehicle
    return Returns(
        after_ride=after_ride,
        first_ride=np.where(journeys.rides, journeys.leg_ptr[:-1], -1),
        egress_s=quantize(journeys.egress_walk_s)[back.outward],
        not_before_s=quantize(back.not_before_s),
        stay_s=quantize(back.stay_s),
    )
