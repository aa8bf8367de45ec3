"""Passengers who have to get out before their stop, and wait there for a vehicle that goes on."""

from __future__ import annotations

from sim.engine.day_state import DayState
from sim.engine.engine_input import Legs
from sim.model.outcome import Cause


class InterruptedJourneys:
    """Makes rides that continue a ride which ended too early.

    They wait in queues of their own, one for each stop and goal, which every pattern serves
    that goes from the one to the other; or in that of a strategy which says what to do there.

    Parameters
    ----------
    legs : Legs
    state : DayState
    """

    def __init__(self, legs: Legs, state: DayState) -> None:
        self.state = state
        self.goal: list[int] = legs.goal.tolist()
        stops = [
            stop
            for stop, (first, end) in enumerate(zip(legs.interrupted_ptr[:-1], legs.interrupted_ptr[1:], strict=True))
            for _ in range(first, end)
        ]
        pairs = zip(stops, legs.interrupted_goal.tolist(), strict=True)
        self.leg = dict(zip(pairs, legs.interrupted_leg.tolist(), strict=True))

    def put_out(self, rides: list[int], cause: Cause, where: tuple[int, int], time_s: float, step_s: float) -> float:
        """Let rides end at a visit and wait there again; return when the last one is out.

        Parameters
        ----------
        rides : list of int
        cause : Cause
            Why they end.
        where : tuple of (int, int)
            Visit and its stop.
        time_s, step_s : float
            When the first one begins to get out, and how long each one takes, in seconds.
        """
        state, (visit, stop) = self.state, where
        out_s = time_s
        for ride in rides:
            out_s += step_s
            state.ride_alight_s[ride] = out_s
            state.ride_alight_visit[ride] = visit
            leg = self.leg[stop, self.goal[state.ride_leg[ride]]]
            new = state.continue_ride(ride, leg, out_s, cause=cause)
            state.join(new, out_s)
        return out_s
