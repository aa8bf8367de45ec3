"""What people with real time do at a stop: they know when vehicles will really leave.

When a vehicle opens its doors, everybody who waits compares it with the others that lead to where they go and have not
come yet. A vehicle is expected to leave as much later or earlier than it is due as it came to the last stop it has
reached; on time where its trip has not begun; and not before now. It is worth what waiting for it and going on in it
cost, where for the wait at the next stop the timetable holds from the moment at which one will really be there.
People board where no other vehicle is worth more. The kernel does the same operation by operation (real_time.h).

Most vehicles of a day need not be compared. One that has come does not come again. No vehicle leaves earlier than it is
due by more than any vehicle has been early so far, and no wait costs less than nothing. `RealTime.floor_s` is the least
of what is left over all later vehicles; where that is above what the vehicle at hand is worth the search ends
(test_real_time.py::test_vehicles_that_nobody_looks_at_would_change_nothing, ..._twice_the_comparisons).
"""

from __future__ import annotations

from bisect import bisect_left

from sim.engine.day_state import DayState, compact_rows, compact_times
from sim.engine.engine_input import EngineInput
from sim.engine.queues import FOR_EVER, Queue

TIE_S = 1e-6
"""Difference of costs below which vehicles are alike, equivalent seconds; then people board what comes first."""

SPARE_S = 0.01
"""By how much a vehicle may seem too dear to be compared, equivalent seconds; far more than rounding."""


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
        self.floor_s = compact_times(known.floor_s)
        self.wait_weight = known.wait_weight
        self.trip = compact_rows(timetable.visit_trip)
        self.planned_s = compact_times(timetable.scheduled_arrival_s)
        self.due_s = compact_times(timetable.scheduled_departure_s)
        self.row_due_s = compact_times(timetable.scheduled_departure_s[known.visit])
        self.cancelled: list[bool] = timetable.trip_cancelled.tolist()
        self.ends_broken: list[bool] = engine_input.ends_broken().tolist()
        self.coming_row = list(range(len(known.visit)))
        self.least_late_s = 0.0
        self.chosen: dict[int, list[Queue]] = {}

    def reached(self, visit: int) -> None:
        """Note that a vehicle is at a visit."""
        self.state.trip_reached[self.trip[visit]] = visit
        self.least_late_s = min(self.state.visit_arrival_s[visit] - self.planned_s[visit], self.least_late_s)

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
        mine = self._row_of(leg, visit)
        mine_s = FOR_EVER if mine is None else self._cost_s(mine, time_s)
        most_s = mine_s + SPARE_S + self.wait_weight * (time_s - self.least_late_s)
        row = self._next_coming(first, end)
        while row < end and self.floor_s[row] <= most_s:
            self.state.queue_compared[leg] += 1
            if mine_s > self._cost_s(row, time_s) + TIE_S:
                return False
            row = self._next_coming(row + 1, end)
        return True

    def _row_of(self, leg: int, visit: int) -> int | None:
        """Return the last row of a leg with a visit."""
        due_s, found = self.due_s[visit], None
        for row in range(bisect_left(self.row_due_s, due_s, self.ptr[leg], self.ptr[leg + 1]), self.ptr[leg + 1]):
            if self.row_due_s[row] != due_s:
                break
            if self.visit[row] == visit:
                found = row
        return found

    def _next_coming(self, row: int, end: int) -> int:
        """Return the first row of a leg from one on whose vehicle still comes; `end` where there is none.

        A vehicle that has come does not come again: rows are passed over once, and from then on in one step.
        """
        coming_row, found = self.coming_row, row
        while found < end:
            if coming_row[found] == found:
                if self._comes(self.visit[found]):
                    break
                coming_row[found] = found + 1
            found = coming_row[found]
        while row < found:
            coming_row[row], row = found, coming_row[row]
        return found

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
