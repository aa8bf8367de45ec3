"""What people with real time do at a stop: they know when vehicles will really leave.

When a vehicle opens its doors, everybody who waits compares it with the others that lead to where they go and have not
come yet. A vehicle is expected to leave as much later or earlier than it is due as it came to the last stop it has
reached; on time where its trip has not begun; and not before now. It is worth what waiting for it and going on in it
cost, where for the wait at the next stop the timetable holds from the moment at which one will really be there.
People board where no other vehicle is worth more. The kernel does the same operation by operation (real_time.h).
"""

from __future__ import annotations

from bisect import bisect_left

from sim.engine.day_state import DayState, compact_rows, compact_times
from sim.engine.engine_input import EngineInput
from sim.engine.queues import FOR_EVER, Queue

TIE_S = 1e-6
"""Difference of costs below which vehicles are alike, equivalent seconds; then people board what comes first."""


class RealTimeChoices:
    """Decides who boards a vehicle that comes.

    Parameters
    ----------
    engine_input : EngineInput
    state : DayState
    """

    def __init__(self, engine_input: EngineInput, state: DayState) -> None:
        known, timetable = engine_input.real_time, engine_input.timetable
        self.state = state
        self.number = {id(queue): number for number, queue in enumerate(state.queues)}
        self.ptr: list[int] = known.ptr.tolist()
        self.visit = compact_rows(known.visit)
        self.onward_s, self.ready_s = compact_times(known.onward_s), compact_times(known.ready_s)
        self.next_leg, self.least_s = compact_rows(known.next_leg), compact_times(known.least_s)
        self.wait_weight = known.wait_weight
        self.trip = compact_rows(timetable.visit_trip)
        self.planned_s = compact_times(timetable.scheduled_arrival_s)
        self.due_s = compact_times(timetable.scheduled_departure_s)
        self.row_due_s = compact_times(timetable.scheduled_departure_s[known.visit])
        self.cancelled: list[bool] = timetable.trip_cancelled.tolist()
        self.ends_broken: list[bool] = engine_input.ends_broken().tolist()
        self.chosen: dict[int, list[Queue]] = {}

    def reached(self, visit: int) -> None:
        """Note that a vehicle is at a visit."""
        self.state.trip_reached[self.trip[visit]] = visit

    def choose(self, visit: int, queues: list[Queue], time_s: float) -> None:
        """Decide which queues board a vehicle that opens its doors at a time.

        Parameters
        ----------
        visit : int
        queues : list of Queue
            Those that it serves by the timetable.
        time_s : float
            Seconds after midnight.
        """
        # A planned leg has a queue of its own, of the same number.
        self.chosen[visit] = [queue for queue in queues if self._is_best(self.number[id(queue)], visit, time_s)]

    def _is_best(self, leg: int, visit: int, time_s: float) -> bool:
        first, end = self.ptr[leg], self.ptr[leg + 1]
        if first == end:
            return True
        mine_s = least_s = FOR_EVER
        for row in range(first, end):
            if self.visit[row] == visit:
                mine_s = self._cost_s(row, time_s)
            elif self._comes(self.visit[row]):
                least_s = min(self._cost_s(row, time_s), least_s)
        return mine_s <= least_s + TIE_S

    def _comes(self, visit: int) -> bool:
        """Tell whether a vehicle is still to come to a visit, as far as people know."""
        trip = self.trip[visit]
        broken = self.state.trip_broken_visit[trip] >= 0 and self.ends_broken[trip]
        return self.state.trip_reached[trip] < visit and not self.cancelled[trip] and not broken

    def _cost_s(self, row: int, time_s: float) -> float:
        """Return what waiting from a time on for a vehicle and going on in it costs."""
        visit = self.visit[row]
        due_s, reached = self.due_s[visit], self.state.trip_reached[self.trip[visit]]
        late_s = self.state.visit_arrival_s[reached] - self.planned_s[reached] if reached >= 0 else 0.0
        leaves_s = max(due_s + late_s, time_s)
        cost_s = self.wait_weight * (leaves_s - time_s) + self.onward_s[row]
        if self.next_leg[row] >= 0:
            cost_s += self._waiting_s(self.next_leg[row], self.ready_s[row] + (leaves_s - due_s))
        return cost_s

    def _waiting_s(self, leg: int, time_s: float) -> float:
        """Return what waiting for a leg costs from a time on, where all are on time."""
        end = self.ptr[leg + 1]
        row = bisect_left(self.row_due_s, time_s, self.ptr[leg], end)
        return self.least_s[row] - self.wait_weight * time_s if row < end else FOR_EVER
