"""How far vehicles of a line and direction are apart at its stops, and how long a holding rule holds them for it."""

from __future__ import annotations

import math

from sim.engine.day_state import compact_rows, compact_times
from sim.engine.engine_input import EngineInput
from sim.engine.rules import Holding
from sim.errors import StrategyError
from sim.model.holding import HoldingNumbers, HoldingRule, StopSituation, declared_holding_rules, holding_time_problem
from sim.units import quantize_one


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
        self.held_until_s: dict[int, float] = {}
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
        # The last to leave came before the vehicle that arrived last, which therefore still stands: nobody has
        # gathered.
        if departure_s is None or departure_s < arrival_s - headway_s:
            return 0.0
        return arrival_s - departure_s

    def held(self, visit: int, until_s: float) -> None:
        """Note until when control holds a vehicle."""
        point = self.point[visit]
        self.held_until_s[point] = max(until_s, self.held_until_s.get(point, until_s))

    def departure_headway_s(self, visit: int, time_s: float) -> float | None:
        """Return the time in seconds since the vehicle in front leaves; None before the first, negative if it is held.

        Invariant: a vehicle that is still held is in front too, as it leaves first. If only those that have left were
        in front, two that stand at once would leave together
        (test_a_threshold_keeps_vehicles_apart_that_stand_at_once).

        Parameters
        ----------
        visit : int
        time_s : float
        """
        point = self.point[visit]
        departure_s = max(self.last_departure_s.get(point, -math.inf), self.held_until_s.get(point, -math.inf))
        return None if math.isinf(departure_s) else time_s - departure_s

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
        # It has left this stop already, so it has passed in front: nothing can be waited for.
        if last >= behind and trip in self.left_last:
            return None
        return time_s + self.scheduled_arrival_s[behind] - self.scheduled_s[last]


def holding_rule(holding: Holding) -> HoldingRule:
    """Return the rule of a scenario.

    Parameters
    ----------
    holding : Holding

    Raises
    ------
    ValueError
        When the rule is one that a user has to give.
    """
    if not holding.rule:
        raise ValueError("the scenario was compiled for a holding rule of your own: give it to simulate too")
    headway_s = None if math.isnan(holding.headway_s) else holding.headway_s
    return declared_holding_rules()[holding.rule].of(HoldingNumbers(holding.gain, holding.slack_s, headway_s))


class Control:
    """Asks the holding rule, and keeps it within its limits.

    Parameters
    ----------
    engine_input : EngineInput
    headways : Headways
    rule : HoldingRule or None
        A rule of a user; that of the scenario where None.
    """

    def __init__(self, engine_input: EngineInput, headways: Headways, rule: HoldingRule | None) -> None:
        self.rule = rule if rule is not None else holding_rule(engine_input.holding)
        self.limits = engine_input.holding
        self.headways = headways
        self.positions = engine_input.positions
        self.visit_trip = engine_input.timetable.visit_trip
        self.visit_position = engine_input.timetable.visit_position
        self.names = engine_input.names

    def holding_s(self, visit: int, times_s: tuple[float, float], headway_s: float | None, load: int) -> float:
        """Return how long a vehicle is held beyond the time at which it is ready, in seconds.

        Parameters
        ----------
        visit : int
        times_s : tuple of (float, float)
            Arrival, and when it is ready to leave.
        headway_s : float or None
            Since the arrival before.
        load : int
        """
        arrival_s, ready_s = times_s
        position, headways = self.visit_position[visit], self.headways
        situation = StopSituation(
            trip_id=self.names.trip_id[self.visit_trip[visit]],
            line_id=self.names.line_id[self.positions.line[position]],
            stop_id=self.names.stop_id[self.positions.stop[position]],
            stop_sequence=int(self.positions.sequence[position]),
            arrival_s=arrival_s,
            ready_s=ready_s,
            scheduled_departure_s=headways.scheduled_s[visit],
            headway_s=headway_s,
            departure_headway_s=headways.departure_headway_s(visit, ready_s),
            planned_headway_s=headways.planned_headway_s(visit),
            next_arrival_s=headways.next_arrival_s(visit),
            load=load,
        )
        holding_s = self._asked(situation)
        if not self.limits.allow_negative:
            holding_s = max(holding_s, 0.0)
        return quantize_one(min(holding_s, self.limits.most_s))

    def _asked(self, situation: StopSituation) -> float:
        """Ask the rule; one that a user wrote may fail, or answer what is no time."""
        where = f"trip {situation.trip_id} at stop {situation.stop_id}"
        try:
            answer = self.rule.holding_s(situation)
        except Exception as error:
            # SimPy raises a copy of it, which a note would be lost from.
            what = f"{type(error).__name__}: {error}"
            raise StrategyError(f"holding: holding_s failed for {where}: {what}") from error
        problem = holding_time_problem(answer, where)
        if problem:
            raise StrategyError(f"holding: {problem}")
        return float(answer)
