"""What people do who are left behind by a full vehicle and do not just wait on."""

from __future__ import annotations

from sim.engine.plan import Plan
from sim.engine.queues import Queue
from sim.engine.returns import go_back_later
from sim.engine.state import DayState
from sim.model.journeys import ON_FOOT


class Reaction:
    """Moves people to other lines, to other stops, or on foot to where the leg leads.

    What everybody would do is worked out before the run, leg by leg; a leg without entry is
    waited for on.

    Parameters
    ----------
    plan : Plan
    state : DayState
    queues : list of Queue
        All queues.
    """

    def __init__(self, plan: Plan, state: DayState, queues: list[Queue]) -> None:
        self.state = state
        self.queues = queues
        self.fallbacks = plan.fallbacks
        self.leg_queue: list[int] = plan.leg_queue.tolist()
        self.board_stop: list[int] = plan.legs.board_stop.tolist()

    def react(self, queues: list[Queue], time_s: float) -> None:
        """Let everybody reconsider who has joined one of some queues by a time and was left behind.

        Parameters
        ----------
        queues : list of Queue
        time_s : float
            When the vehicle closed its doors.
        """
        moves: list[tuple[float, int]] = []
        for queue in queues:
            end = queue.waiting_until(time_s)
            present = queue.entries[queue.head : end]
            kept = [entry for entry in present if self.state.ride_leg[entry[1]] not in self.fallbacks]
            if len(kept) < len(present):
                moves += [entry for entry in present if self.state.ride_leg[entry[1]] in self.fallbacks]
                queue.entries[queue.head : end] = kept
        for joined_s, ride in sorted(moves):
            self._move(ride, joined_s, time_s)

    def _move(self, ride: int, joined_s: float, time_s: float) -> None:
        state = self.state
        leg, walk_s = self.fallbacks[state.ride_leg[ride]]
        if leg == ON_FOOT:
            self._walk_on(ride, max(time_s, joined_s), walk_s)
        elif self.board_stop[leg] == self.board_stop[state.ride_leg[ride]]:
            state.ride_leg[ride] = leg
            state.ride_queue[ride] = self.leg_queue[leg]
            self.queues[self.leg_queue[leg]].join(joined_s, ride)
        else:
            left_s = max(time_s, joined_s)
            state.left_s[ride] = left_s
            new = state.continue_ride(ride, leg, self.leg_queue[leg], left_s + walk_s, walk_s, put_out=False)
            self.queues[self.leg_queue[leg]].join(left_s + walk_s, new)

    def _walk_on(self, ride: int, left_s: float, walk_s: float) -> None:
        """Walk to where the leg leads; the journey goes on from there as if ridden."""
        state = self.state
        state.left_s[ride] = left_s
        state.ride_walk_s[ride] += walk_s
        state.ride_alight_s[ride] = left_s + walk_s
        following = state.ride_following[ride]
        if following >= 0:
            joined_s = left_s + walk_s + state.ride_walk_s[following]
            state.ride_wait_from_s[following] = joined_s
            self.queues[state.ride_queue[following]].join(joined_s, following)
        else:
            go_back_later(state, self.queues, ride, left_s + walk_s)
