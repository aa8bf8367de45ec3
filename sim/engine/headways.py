"""Which vehicle follows which at the stops of a line and direction, and how far apart they are."""

from __future__ import annotations

from sim.engine.day_state import compact_rows, compact_times
from sim.engine.engine_input import EngineInput


class Headways:
    """Headways of one day; without effect where no rule looks at them.

    Parameters
    ----------
    engine_input : EngineInput
    dispatch_s : list of float
        When each trip is due to leave its first stop, seconds after midnight.
    """

    def __init__(self, engine_input: EngineInput, dispatch_s: list[float]) -> None:
        timetable = engine_input.timetable
        self.known = engine_input.rules.keeps_headways
        self.point = compact_rows(engine_input.positions.point[timetable.visit_position])
        self.before = compact_rows(timetable.visit_before)
        self.after = compact_rows(timetable.visit_after)
        self.scheduled_s = compact_times(timetable.scheduled_departure_s)
        self.scheduled_arrival_s = compact_times(timetable.scheduled_arrival_s)
        self.visit_trip = compact_rows(timetable.visit_trip)
        self.first: list[int] = timetable.visit_ptr.tolist()
        self.cancelled: list[bool] = timetable.trip_cancelled.tolist()
        self.dispatch_s = dispatch_s
        self.last_arrival_s: dict[int, float] = {}
        self.last_departure_s: dict[int, float] = {}
        self.left_last: dict[int, tuple[int, float]] = {}

    def arrived(self, visit: int, time_s: float) -> float | None:
        """Note an arrival; return the headway to the one before in seconds, None for the first."""
        if not self.known:
            return None
        point = self.point[visit]
        before_s = self.last_arrival_s.get(point)
        self.last_arrival_s[point] = time_s
        return None if before_s is None else time_s - before_s

    def departed(self, visit: int, time_s: float) -> None:
        """Note a departure."""
        if self.known:
            self.last_departure_s[self.point[visit]] = time_s
            self.left_last[self.visit_trip[visit]] = (visit, time_s)

    def loading_headway_s(self, visit: int, headway_s: float, arrival_s: float) -> float:
        """Return the time in seconds from the departure before to an arrival; 0 where that vehicle still stands.

        Parameters
        ----------
        visit : int
        headway_s : float
            From the arrival before to this one.
        arrival_s : float
        """
        departure_s = self.last_departure_s.get(self.point[visit])
        if departure_s is None or departure_s < arrival_s - headway_s:
            return 0.0
        return arrival_s - departure_s

    def departure_headway_s(self, visit: int, time_s: float) -> float | None:
        """Return the time in seconds since the last departure; None before the first."""
        departure_s = self.last_departure_s.get(self.point[visit])
        return None if departure_s is None else time_s - departure_s

    def planned_headway_s(self, visit: int) -> float | None:
        """Return the scheduled headway in seconds to the trip before, or else to the one behind."""
        before, after = self.before[visit], self.after[visit]
        if before >= 0:
            return self.scheduled_s[visit] - self.scheduled_s[before]
        return self.scheduled_s[after] - self.scheduled_s[visit] if after >= 0 else None

    def next_arrival_s(self, visit: int) -> float | None:
        """Return when the trip behind is expected at a visit's stop; None where none is behind."""
        behind = self.after[visit]
        while behind >= 0 and self.cancelled[self.visit_trip[behind]]:
            behind = self.after[behind]
        if behind < 0:
            return None
        trip = self.visit_trip[behind]
        last, time_s = self.left_last.get(trip, (self.first[trip], self.dispatch_s[trip]))
        if last >= behind and trip in self.left_last:
            return None
        return time_s + self.scheduled_arrival_s[behind] - self.scheduled_s[last]
