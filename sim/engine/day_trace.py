"""What an engine leaves behind at the end of a day: raw arrays, read by `sim.engine.outcomes`."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class DayTrace:
    """One day as it was run.

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
    visit_arrival_s, visit_departure_s : ndarray of float, shape (visits,)
        NaN where it did not happen.
    visit_boardings, visit_alightings, visit_denied, visit_load : ndarray of int, shape (visits,)
        `visit_load` is the departing load; 0 where the doors did not close.
    visit_holding_s : ndarray of float, shape (visits,)
    visit_disruption : ndarray of int, shape (visits,)
        The highest of what hindered the vehicle; values of `sim.model.outcome.Disruption`.
    denied_ride, denied_visit : ndarray of int, shape (denials,)
        Rides that found no place, in order of the doors closing; at one visit by queue, and in a
        queue by joining time and ride. The time is the later of joining and arrival.
    trip_broken_visit : ndarray of int, shape (trips,)
        Visit at which the vehicle broke down; -1 for none.
    trip_reopened_s : ndarray of float, shape (trips,)
        When a vehicle that had broken down let people in again; NaN for all others.
    return_departure_s : ndarray of float, shape (commuters,)
        Departures on journeys back that came about or were settled; NaN for all others.
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
    visit_arrival_s: FloatArray
    visit_departure_s: FloatArray
    visit_boardings: IntArray
    visit_alightings: IntArray
    visit_denied: IntArray
    visit_load: IntArray
    visit_holding_s: FloatArray
    visit_disruption: IntArray
    denied_ride: IntArray
    denied_visit: IntArray
    trip_broken_visit: IntArray
    trip_reopened_s: FloatArray
    return_departure_s: FloatArray
