"""Journeys back: whoever has arrived stays a while, and then leaves for where he came from."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.queues import Queue
from sim.engine.state import DayState, Return
from sim.model.journeys import ChosenJourneys, ReturnLegs
from sim.model.outcome import Cause, Outcome
from sim.units import quantize


def returns_by_ride(journeys: ChosenJourneys, back: ReturnLegs) -> dict[int, Return]:
    """Return, for the last ride of each journey there that has a journey back, what follows it.

    Parameters
    ----------
    journeys : ChosenJourneys
    back : ReturnLegs
    """
    commuters = np.flatnonzero(back.outward >= 0)
    commuters = commuters[np.diff(journeys.leg_ptr)[back.outward[commuters]] > 0]
    outward, first = back.outward[commuters], journeys.leg_ptr[commuters]
    found = (
        (journeys.leg_ptr[outward + 1] - 1).tolist(),
        commuters.tolist(),
        np.where(journeys.leg_ptr[commuters + 1] > first, first, -1).tolist(),
        quantize(journeys.egress_walk_s[outward]).tolist(),
        quantize(back.not_before_s[commuters]).tolist(),
        quantize(back.stay_s[commuters]).tolist(),
    )
    return {ride: Return(*facts) for ride, *facts in zip(*found, strict=True)}


def walkers_go_back(journeys: ChosenJourneys, back: ReturnLegs, departure_s: FloatArray, state: DayState) -> FloatArray:
    """Return departures in seconds where those who walk there leave for their way back; when is known beforehand.

    Parameters
    ----------
    journeys : ChosenJourneys
    back : ReturnLegs
    departure_s : ndarray of float, shape (commuters,)
    state : DayState
    """
    commuters = np.flatnonzero((back.outward >= 0) & journeys.walks[back.outward])
    outward = back.outward[commuters]
    arrival_s = departure_s[outward] + quantize(journeys.egress_walk_s[outward])
    leaves_s = np.maximum(arrival_s, quantize(back.not_before_s[commuters])) + quantize(back.stay_s[commuters])
    state.return_departure_s.update(zip(commuters.tolist(), leaves_s.tolist(), strict=True))
    return return_departures(departure_s, state)


def go_back_later(
    state: DayState, queues: list[Queue], ride: int, out_s: float, last_walk_s: float | None = None
) -> None:
    """Let a commuter whose journey has ended join the queue of his journey back, if he has one.

    Parameters
    ----------
    state : DayState
    queues : list of Queue
    ride : int
        The ride with which the journey ends.
    out_s : float
        When it ends, seconds after midnight.
    last_walk_s : float or None
        Walk to the destination that was decided on the way; that of the journey where None.
    """
    journeys = len(state.ride_leg) - len(state.root)
    back = state.returns.get(ride if ride < journeys else state.root[ride - journeys])
    if back is None:
        return
    arrival_s = out_s + (back.egress_s if last_walk_s is None else last_walk_s)
    departure_s = max(arrival_s, back.not_before_s) + back.stay_s
    state.return_departure_s[back.commuter] = departure_s
    if back.ride >= 0:
        joined_s = departure_s + state.ride_walk_s[back.ride]
        state.ride_wait_from_s[back.ride] = joined_s
        queues[state.ride_queue[back.ride]].join(joined_s, back.ride)


def return_departures(departure_s: FloatArray, state: DayState) -> FloatArray:
    """Return departures in seconds with those of journeys back as they came about."""
    actual_s = departure_s.copy()
    actual_s[list(state.return_departure_s)] = list(state.return_departure_s.values())
    return actual_s


def settle_returns(
    back: ReturnLegs, state: DayState, ends: tuple[FloatArray, IntArray, IntArray], cut_s: float | None
) -> None:
    """Give those who could not go back, or not yet, an outcome and a cause, in place.

    Parameters
    ----------
    back : ReturnLegs
    state : DayState
    ends : tuple of ndarray, shape (commuters,) each
        Departures, outcomes, causes.
    cut_s : float or None
        End of the horizon in seconds.
    """
    departure_s, outcome, cause = ends
    left: BoolArray = np.zeros(len(departure_s), dtype=np.bool_)
    left[list(state.return_departure_s)] = True
    never = np.flatnonzero((back.outward >= 0) & ~left)
    outcome[never] = outcome[back.outward[never]]
    cause[never] = Cause.OUTWARD_NOT_ENDED
    if cut_s is not None:
        later = left & (departure_s > cut_s)
        outcome[later] = Outcome.STILL_TRAVELLING
        cause[later] = Cause.HORIZON_BEFORE_RETURN
