"""What people ride and wait for, as arrays of `sim.engine.engine_input`, whose conventions hold here."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Legs:
    """Legs that people ride, and the queues in which they wait for them.

    Legs of the scenario (`sim.model.journeys.LegTable`) come first, `planned` of them, and keep
    their rows. Then come those of people who are put out of a vehicle too early: one for each
    stop and goal for which that can happen, each with a queue of its own.

    Attributes
    ----------
    planned : int
    queues : int
        Legs with the same stop and attractive set share a queue.
    queue, board_stop : ndarray of int, shape (legs,)
    goal : ndarray of int, shape (legs,)
        Stop where the leg ends, of a strategy the destination.
    row_ptr : ndarray of int, shape (legs + 1,)
    position : ndarray of int, shape (rows,)
        Where the leg may be boarded, rising in each leg.
    from_s, until_s : ndarray of float, shape (rows,)
        By which vehicles: those due to leave between these times of the timetable, both included. Rows of a leg at
        one position rise and do not overlap.
    alight : ndarray of int, shape (rows,)
        Where it is left when boarded there: visits after the first visit of the trip boarded.
        Up to `trip_last_reached` of that trip.
    next_leg : ndarray of int, shape (rows,)
        Leg that follows there: `AS_PLANNED` where the ride that follows is that of the journey,
        `AT_GOAL` where only a walk of `next_walk_s` to the destination is left.
    next_walk_s : ndarray of float, shape (rows,)
    fallback_ptr : ndarray of int, shape (legs + 1,)
        First row of each leg in the three columns below; a leg without rows is waited for on, as is every leg where
        people do not reconsider.
    fallback_from_s : ndarray of float, shape (fallbacks,)
        From when on a row holds, by when the vehicle that left full was due; rising in each leg.
    fallback : ndarray of int, shape (fallbacks,)
        Leg to wait for after a full vehicle has left; `NO_FALLBACK` to wait on, `ON_FOOT` to
        walk to where the leg leads.
    fallback_walk_s : ndarray of float, shape (fallbacks,)
    interrupted_ptr : ndarray of int, shape (stops + 1,)
        By the stop where people are put out.
    interrupted_goal, interrupted_leg : ndarray of int
        Goals, rising at each stop, and the leg from the stop to the goal.
    """

    planned: int
    queues: int
    queue: IntArray
    board_stop: IntArray
    goal: IntArray
    row_ptr: IntArray
    position: IntArray
    from_s: FloatArray
    until_s: FloatArray
    alight: IntArray
    next_leg: IntArray
    next_walk_s: FloatArray
    fallback_ptr: IntArray
    fallback_from_s: FloatArray
    fallback: IntArray
    fallback_walk_s: FloatArray
    interrupted_ptr: IntArray
    interrupted_goal: IntArray
    interrupted_leg: IntArray


@dataclass(frozen=True)
class RealTime:
    """Vehicles from which people with real time choose; `sim.engine.real_time` says how.

    Without rows where nobody has it. Else every planned leg has a queue of its own, of the same number; vehicles let in
    the people that `Legs` says, and of these queues those for which the vehicle is the best one.

    Attributes
    ----------
    ptr : ndarray of int, shape (legs + 1,), or (0,)
        First row of each leg in the columns below; legs of people who are put out early have none, and take what comes.
    visit : ndarray of int, shape (rows,)
        Where vehicles are boarded, in order of when they are due.
    onward_s : ndarray of float, shape (rows,)
        What going on costs, but for the wait at the next stop, equivalent seconds.
    ready_s : ndarray of float, shape (rows,)
        When people are at the next stop where the vehicle is on time.
    next_leg : ndarray of int, shape (rows,)
        Leg that follows, negative for none.
    least_s : ndarray of float, shape (rows,)
        See `sim.model.journeys.KnownVehicles`.
    floor_s : ndarray of float, shape (rows,)
        Least of `wait_weight` times when a vehicle is due and `onward_s`, over this one and all later ones of its leg.
    wait_weight : float
    """

    ptr: IntArray
    visit: IntArray
    onward_s: FloatArray
    ready_s: FloatArray
    next_leg: IntArray
    least_s: FloatArray
    floor_s: FloatArray
    wait_weight: float
