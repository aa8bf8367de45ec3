"""The arrays of a day: what an engine is told of its people, and what it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.engine.engine_input import EngineInput
from sim.model.journeys import ChosenJourneys, JourneyChain
from sim.units import TICKS_PER_S, quantize


@dataclass(frozen=True)
class Stays:
    """Journeys that begin a stay after others have ended, by the ride with which those are planned to end.

    The departure is ``max(out + egress, not_before) + stay``, with out the time at which the journey before ended,
    and the queue is joined the walk of the next ride later. Without rows where no journey waits for another.

    Attributes
    ----------
    next_ride : ndarray of int, shape (rides,), or (0,)
        First ride of the journey that begins afterwards; -1 where there is none.
    egress_s : ndarray of float, shape (rides,), or (0,)
        Walk at the end of the journey before, which a walk that a strategy decided on the way replaces.
    not_before_s, stay_s : ndarray of float, shape (rides,), or (0,)
        When the stay begins at the earliest, which may be minus infinity, and how long it is.
    """

    next_ride: IntArray
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
        Leaving the origin; of journeys that wait for another one as planned, or after one on foot as it will be.
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
    stays : Stays
    """

    departure_s: FloatArray
    ride_leg: IntArray
    ride_walk_s: FloatArray
    ride_following: IntArray
    ride_wait_from_s: FloatArray
    queue_ptr: IntArray
    entry_time_s: FloatArray
    entry_ride: IntArray
    stays: Stays


def start_of_day(
    engine_input: EngineInput, departure_s: FloatArray, journeys: ChosenJourneys, chain: JourneyChain
) -> DayStart:
    """Lay out the rides of a day and fill the queues with those who will come from home.

    Parameters
    ----------
    engine_input : EngineInput
    departure_s : ndarray of float, shape (commuters,)
        Leaving the origin, seconds after midnight; of journeys that wait for another one, as planned.
    journeys : ChosenJourneys
    chain : JourneyChain
    """
    walk_s, departure_s = journeys.walk_before_ticks_s, quantize(departure_s)
    sets_out = journeys.rides
    if not chain.is_empty:
        # Journeys on foot end when they end, whatever happens on the day: what begins after them joins its queue from
        # home.
        on_foot_s = np.where(journeys.walks, departure_s + quantize(journeys.egress_walk_s), np.nan)
        departure_s = chain.departure_s(departure_s, on_foot_s)
        sets_out = journeys.rides & (chain.is_first | journeys.walks[chain.after])
    commuter = np.flatnonzero(sets_out)
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
        ride_leg=journeys.leg.astype(np.int64, copy=False),
        ride_walk_s=walk_s,
        ride_following=following,
        ride_wait_from_s=wait_from_s,
        queue_ptr=np.concatenate([[0], np.cumsum(np.bincount(queue, minlength=engine_input.legs.queues))]),
        entry_time_s=joined_s[order],
        entry_ride=first[order],
        stays=_stays(journeys, chain),
    )


def _in_order(queue: IntArray, joined_s: FloatArray, queues: int) -> IntArray:
    """Return rows sorted by queue, then by time of joining, then by row.

    Times are whole numbers of ticks, so that queue and time go into one whole number, which sorts several times as
    fast as both after each other; where the row finds room in it as well, it is the number itself that is sorted
    (tests/unit/test_engine_day_start.py).
    """
    least_s = joined_s.min(initial=0.0)
    most = (joined_s.max(initial=0.0) - least_s) * TICKS_PER_S
    if most * queues >= 2.0**62:
        return np.lexsort((joined_s, queue))
    # A whole number: a double would lose the 1 beyond 2^53 ticks, and the last of a queue meet the first of the next.
    span = int(most) + 1
    key = queue * span + ((joined_s - least_s) * TICKS_PER_S).astype(np.int64)
    bits = len(key).bit_length()
    if span * queues < 2 ** (62 - bits):
        key <<= bits
        key |= np.arange(len(key))
        key.sort()
        key &= (1 << bits) - 1
        return key
    order = np.argsort(key)
    same = np.diff(key[order]) == 0
    if same.any():
        # The sort leaves the order of equals open: those rows are put in their order once more.
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        group = np.cumsum(np.append(True, ~same))[tied]
        order[tied] = order[tied][np.lexsort((order[tied], group))]
    return order


def _stays(journeys: ChosenJourneys, chain: JourneyChain) -> Stays:
    commuters = np.flatnonzero(~chain.is_first & journeys.rides)
    commuters = commuters[journeys.rides[chain.after[commuters]]]
    if not len(commuters):
        none = np.zeros(0)
        return Stays(np.zeros(0, dtype=np.int64), none, none, none)
    before = chain.after[commuters]
    last = journeys.leg_ptr[before + 1] - 1
    next_ride = np.full(len(journeys.leg), -1, dtype=np.int64)
    next_ride[last] = journeys.leg_ptr[commuters]
    seconds = [np.zeros(len(journeys.leg)) for _ in range(3)]
    given = journeys.egress_walk_s[before], chain.not_before_s[commuters], chain.stay_s[commuters]
    for column, values in zip(seconds, given, strict=True):
        column[last] = quantize(values)
    return Stays(next_ride, *seconds)


@dataclass(frozen=True)
class DayTrace:
    """One day as it was run: raw arrays, read by `sim.engine.outcomes`.

    Rides come in two parts: those of the journeys (`DayStart`) in their rows, and behind them
    in order of creation those that continue a ride: because people had to get out too early,
    went to another stop after a full vehicle, or have a strategy that names the next leg where
    they get out.

    Attributes
    ----------
    ride_leg : ndarray of int, shape (rides,)
        Leg waited for or ridden at the end; it changes where people reconsider at the same stop.
    ride_walk_s : ndarray of float, shape (rides,)
        Walk before the ride, and on foot instead of it.
    ride_wait_from_s, ride_alight_s : ndarray of float, shape (rides,)
        Joining the queue, and being out of the vehicle or, for those who walk on, being there; NaN
        where it did not happen. The time of boarding is not kept: it is the later of joining and of
        the arrival at `ride_board_visit`, or of `trip_reopened_s` if the vehicle had broken down there.
    ride_board_visit, ride_alight_visit : ndarray of int, shape (rides,)
        -1 where it did not happen.
    ride_left_s : ndarray of float, shape (rides,)
        When somebody left a queue without boarding; NaN for all others.
    ride_last_walk_s : ndarray of float, shape (rides,)
        Walk to the destination that a strategy decided where the ride ended; NaN for all others.
    continued_root : ndarray of int, shape (rides - rides of the journeys,)
        Ride of the journeys that is continued, over however many rides.
    continued_cause : ndarray of int, shape (rides - rides of the journeys,)
        Why a ride had to be continued that ended too early, values of `sim.model.outcome.Cause`;
        `Cause.NONE` for all others.
    queue_last_visit_s : ndarray of float, shape (queues,)
        When a vehicle last let people in from the queue, or would have; minus infinity for never.
    queue_compared : ndarray of int, shape (queues,)
        With how many vehicles that were still to come people who wait there have compared those that came; 0 where they
        do not know when these will really leave.
    visit_arrival_s, visit_departure_s : ndarray of float, shape (visits,)
        NaN where it did not happen.
    visit_boardings, visit_alightings, visit_denied, visit_load : ndarray of int, shape (visits,)
        `visit_load` is the departing load; 0 where the doors did not close.
    visit_holding_s : ndarray of float, shape (visits,)
    visit_berth_wait_s : ndarray of float, shape (visits,)
        Between coming to the stop and having a berth there; 0 where the vehicle found one, or has none yet.
    visit_disruption : ndarray of int, shape (visits,)
        The highest of what hindered the vehicle; values of `sim.model.outcome.Disruption`.
    denied_ride, denied_visit : ndarray of int, shape (denials,)
        Rides that found no place, in order of the doors closing; at one visit by queue, and in a
        queue by joining time and ride. The time is the later of joining and arrival.
    trip_broken_visit : ndarray of int, shape (trips,)
        Visit at which the vehicle broke down; -1 for none.
    trip_reopened_s : ndarray of float, shape (trips,)
        When a vehicle that had broken down let people in again; NaN for all others.
    """

    ride_leg: IntArray
    ride_walk_s: FloatArray
    ride_wait_from_s: FloatArray
    ride_alight_s: FloatArray
    ride_board_visit: IntArray
    ride_alight_visit: IntArray
    ride_left_s: FloatArray
    ride_last_walk_s: FloatArray
    continued_root: IntArray
    continued_cause: IntArray
    queue_last_visit_s: FloatArray
    queue_compared: IntArray
    visit_arrival_s: FloatArray
    visit_departure_s: FloatArray
    visit_boardings: IntArray
    visit_alightings: IntArray
    visit_denied: IntArray
    visit_load: IntArray
    visit_holding_s: FloatArray
    visit_berth_wait_s: FloatArray
    visit_disruption: IntArray
    denied_ride: IntArray
    denied_visit: IntArray
    trip_broken_visit: IntArray
    trip_reopened_s: FloatArray
