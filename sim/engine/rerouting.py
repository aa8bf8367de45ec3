"""What people do after a full vehicle has left them behind, if they do not just wait on."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from sim.engine.day_state import DayState
from sim.engine.leg_arrays import Legs
from sim.engine.queues import Queue
from sim.model.journeys import NO_FALLBACK, ON_FOOT


class Rerouting:
    """Moves people to other lines, to other stops, or on foot to where the leg leads.

    What everybody would do is worked out before the run, leg by leg, by when the full vehicle was due; a leg without
    fallback is waited for on.

    Parameters
    ----------
    legs : Legs
    state : DayState
    """

    def __init__(self, legs: Legs, state: DayState) -> None:
        self.state = state
        self.first: list[int] = legs.fallback_ptr.tolist()
        self.from_s: list[float] = legs.fallback_from_s.tolist()
        self.fallback: list[int] = legs.fallback.tolist()
        self.fallback_walk_s: list[float] = legs.fallback_walk_s.tolist()
        self.board_stop: list[int] = legs.board_stop.tolist()

    def reconsider(self, queues: list[Queue], time_s: float, due_s: float) -> None:
        """Let all people reconsider that have joined one of some queues by a time and were left behind.

        Parameters
        ----------
        queues : list of Queue
        time_s : float
            When the vehicle closed its doors.
        due_s : float
            When it was due to leave.
        """
        moves: list[tuple[float, int]] = []
        for queue in queues:
            head, end = queue.head, queue.waiting_until(time_s)
            present = list(zip(queue.times_s[head:end], queue.rides[head:end], strict=True))
            stay = [entry for entry in present if self._fallback(entry[1], due_s) == NO_FALLBACK]
            if len(stay) < len(present):
                moves += [entry for entry in present if self._fallback(entry[1], due_s) != NO_FALLBACK]
                queue.times_s[head:end] = array("d", [joined_s for joined_s, _ in stay])
                queue.rides[head:end] = array("i", [ride for _, ride in stay])
        for joined_s, ride in sorted(moves):
            self._move(ride, joined_s, time_s, due_s)

    def _row(self, leg: int, due_s: float) -> int:
        """Return the row of what people do on a leg; -1 for waiting on."""
        first = self.first[leg]
        row = bisect_right(self.from_s, due_s, first, self.first[leg + 1]) - 1
        return row if row >= first else -1

    def _fallback(self, ride: int, due_s: float) -> int:
        row = self._row(self.state.ride_leg[ride], due_s)
        return self.fallback[row] if row >= 0 else NO_FALLBACK

    def _move(self, ride: int, joined_s: float, time_s: float, due_s: float) -> None:
        state, before = self.state, self.state.ride_leg[ride]
        row = self._row(before, due_s)
        leg, walk_s = self.fallback[row], self.fallback_walk_s[row]
        left_s = max(time_s, joined_s)
        if leg == ON_FOOT:
            self._walk_on(ride, left_s, walk_s)
        elif self.board_stop[leg] == self.board_stop[before]:
            # They keep their place: a move at the same stop counts from when they came, not from now.
            state.change_leg(ride, leg)
            state.join(ride, joined_s)
        else:
            state.ride_left_s[ride] = left_s
            new = state.continue_ride(ride, leg, left_s + walk_s, walk_s)
            state.join(new, left_s + walk_s)

    def _walk_on(self, ride: int, left_s: float, walk_s: float) -> None:
        """Walk to where the leg leads; the journey goes on from there as if ridden."""
        state = self.state
        state.ride_left_s[ride] = left_s
        state.ride_walk_s[ride] += walk_s
        state.ride_alight_s[ride] = left_s + walk_s
        following = state.ride_following[ride]
        if following >= 0:
            state.join(following, left_s + walk_s + state.ride_walk_s[following])
        else:
            state.end_journey(ride, left_s + walk_s)
