"""One simulated day: from departures and journeys to records."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import simpy

from sim.arrays import FloatArray, IntArray
from sim.engine.draws import Draws
from sim.engine.operated import OperatedVehicles
from sim.engine.outcomes import settle
from sim.engine.plan import Plan
from sim.engine.queues import Queue
from sim.engine.returns import returns_by_ride, walkers_go_back
from sim.engine.state import NAN, DayState
from sim.engine.vehicle import Vehicles
from sim.model.journeys import ChosenJourneys, ReturnLegs
from sim.records.day import DayRecords
from sim.units import quantize


@dataclass(frozen=True)
class Departures:
    """When every commuter leaves and which way.

    Attributes
    ----------
    departure_s : ndarray of float, shape (commuters,)
        Leaving the origin, seconds after midnight; of journeys back, as planned.
    journeys : ChosenJourneys
    back : ReturnLegs or None
        Which journeys begin only after others have ended; None for none.
    """

    departure_s: FloatArray
    journeys: ChosenJourneys
    back: ReturnLegs | None = None


def simulate(plan: Plan, departures: Departures, draws: Draws) -> DayRecords:
    """Simulate one day.

    Parameters
    ----------
    plan : Plan
        The compiled scenario.
    departures : Departures
        What the commuters have decided.
    draws : Draws
        The chance of the day.
    """
    departure_s = quantize(departures.departure_s)
    journeys = departures.journeys
    back = departures.back if departures.back is not None else ReturnLegs.none(len(departure_s))
    walk_s = quantize(journeys.walk_before_s)
    state = _initial_state(plan, journeys, walk_s)
    state.returns = returns_by_ride(journeys, back)
    departure_s = walkers_go_back(journeys, back, departure_s, state)
    after_walk = (back.outward >= 0) & journeys.walks[back.outward]
    first_of = np.flatnonzero(journeys.rides & (back.is_outward | after_walk))
    queues = _initial_queues(plan, journeys, first_of, (departure_s, walk_s), state)
    env = simpy.Environment()
    kind = OperatedVehicles if plan.operations.needed else Vehicles
    kind(env, plan, draws, state, queues).start_all()
    with _collector_off():
        env.run(until=plan.end_s)
    return settle(plan, journeys, departure_s, state, queues, back)


def _initial_state(plan: Plan, journeys: ChosenJourneys, walk_s: FloatArray) -> DayState:
    rides, visits = len(journeys.leg), len(plan.visit_running_s)
    following = np.arange(1, rides + 1)
    following[journeys.leg_ptr[1:][np.diff(journeys.leg_ptr) > 0] - 1] = -1
    return DayState(
        ride_leg=journeys.leg.tolist(),
        ride_queue=plan.leg_queue[journeys.leg].tolist(),
        ride_walk_s=walk_s.tolist(),
        ride_following=following.tolist(),
        ride_wait_from_s=[NAN] * rides,
        ride_board_s=[NAN] * rides,
        ride_alight_s=[NAN] * rides,
        ride_board_visit=[-1] * rides,
        ride_alight_visit=[-1] * rides,
        visit_arrival_s=[NAN] * visits,
        visit_departure_s=[NAN] * visits,
        visit_boardings=[0] * visits,
        visit_alightings=[0] * visits,
        visit_denied=[0] * visits,
        visit_load=[0] * visits,
        visit_holding_s=[0.0] * visits,
    )


def _initial_queues(
    plan: Plan,
    journeys: ChosenJourneys,
    commuter: IntArray,
    times_s: tuple[FloatArray, FloatArray],
    state: DayState,
) -> list[Queue]:
    """Fill the queues with the first ride of some commuters, sorted by time of joining."""
    first: IntArray = journeys.leg_ptr[commuter]
    departure_s, walk_s = times_s
    joined_s = departure_s[commuter] + walk_s[first]
    queue = plan.leg_queue[journeys.leg[first]]
    order = np.lexsort((first, joined_s, queue))
    for ride, time_s in zip(first.tolist(), joined_s.tolist(), strict=True):
        state.ride_wait_from_s[ride] = time_s
    bounds = np.searchsorted(queue[order], np.arange(plan.queues + 1))
    times, rides = joined_s[order].tolist(), first[order].tolist()
    return [
        Queue(list(zip(times[start:end], rides[start:end], strict=True)))
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]


@contextmanager
def _collector_off() -> Iterator[None]:
    """Run without the cyclic garbage collector, which costs 10 to 30 % and finds nothing here."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
