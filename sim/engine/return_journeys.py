"""Journeys back: commuters who have arrived stay a while, and then leave for where they came from."""

from __future__ import annotations

from sim.engine.day_start import Returns
from sim.engine.day_state import DayState


class ReturnJourneys:
    """Lets commuters leave for their way back once they have arrived.

    Parameters
    ----------
    returns : Returns
    state : DayState
    """

    def __init__(self, returns: Returns, state: DayState) -> None:
        self.state = state
        self.after_ride: list[int] = returns.after_ride.tolist()
        self.first_ride: list[int] = returns.first_ride.tolist()
        self.egress_s: list[float] = returns.egress_s.tolist()
        self.not_before_s: list[float] = returns.not_before_s.tolist()
        self.stay_s: list[float] = returns.stay_s.tolist()

    def journey_ends(self, ride: int, out_s: float, last_walk_s: float | None = None) -> None:
        """Let a commuter whose journey has ended join the queue of their journey back, if they have one.

        Parameters
        ----------
        ride : int
            The ride with which the journey ends.
        out_s : float
            When it ends, seconds after midnight.
        last_walk_s : float or None
            Walk to the destination that was decided on the way; that of the journey where None.
        """
        if not self.after_ride:
            return
        state = self.state
        commuter = self.after_ride[state.root(ride)]
        if commuter < 0:
            return
        arrival_s = out_s + (self.egress_s[commuter] if last_walk_s is None else last_walk_s)
        departure_s = max(arrival_s, self.not_before_s[commuter]) + self.stay_s[commuter]
        state.return_departure_s[commuter] = departure_s
        first = self.first_ride[commuter]
        if first >= 0:
            state.join(first, departure_s + state.ride_walk_s[first])
