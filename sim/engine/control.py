"""Control of vehicles at stops: how long one that is ready to leave is held back.

A rule of your own is any object with one method, given to ``sim.run(scenario, holding=...)``::

    @dataclass(frozen=True)
    class KeepTwoMinutes:
        def holding_s(self, situation: StopSituation) -> float:
            return max(0.0, 120.0 - (situation.headway_s or 120.0))

To run in several processes it has to be picklable, that is, defined in a module. A rule that looks at vehicles alone,
and never at how many are on board, may say so by ``depends_on_loads = False``: the bound on total cost is then exact
where vehicles run the same whatever people do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

from sim.engine.engine_input import EngineInput
from sim.engine.headways import Headways
from sim.engine.rules import Holding, HoldingKind
from sim.units import quantize_one


@dataclass(frozen=True, slots=True)
class StopSituation:
    """A vehicle that is ready to leave a control stop, as control sees it.

    Attributes
    ----------
    trip_id, line_id, stop_id : str
    stop_sequence : int
        Position of the stop in the trip, from 0.
    arrival_s, ready_s : float
        When the vehicle came and when its dwell is over, seconds after midnight.
    scheduled_departure_s : float
    headway_s : float or None
        From the arrival of the vehicle of the line and direction that came before to the
        arrival of this one; None for the first.
    departure_headway_s : float or None
        From the departure of the vehicle that left last to `ready_s`; None for the first.
    planned_headway_s : float or None
        By the schedule, to the trip before; to the trip behind for the first, None for an
        only trip.
    next_arrival_s : float or None
        When the trip behind is expected here: where it left last plus its scheduled time
        from there; None where there is none or it is in front already.
    load : int
        Persons on board.
    """

    trip_id: str
    line_id: str
    stop_id: str
    stop_sequence: int
    arrival_s: float
    ready_s: float
    scheduled_departure_s: float
    headway_s: float | None
    departure_headway_s: float | None
    planned_headway_s: float | None
    next_arrival_s: float | None
    load: int


class HoldingRule(Protocol):
    """What control has to be able to do."""

    def holding_s(self, situation: StopSituation) -> float:
        """Return how long to hold the vehicle beyond `ready_s`, in seconds."""
        ...


def depends_on_loads(rule: HoldingRule) -> bool:
    """Tell whether a rule may look at people, and not at vehicles alone; whatever does not say so may."""
    return bool(getattr(rule, "depends_on_loads", True))


@dataclass(frozen=True)
class NoHolding:
    """Vehicles leave when they are ready."""

    depends_on_loads: ClassVar[bool] = False

    def holding_s(self, situation: StopSituation) -> float:
        """Return 0."""
        del situation
        return 0.0


@dataclass(frozen=True)
class ScheduleHolding:
    """Nobody leaves before the schedule says so."""

    depends_on_loads: ClassVar[bool] = False

    def holding_s(self, situation: StopSituation) -> float:
        """Return what is missing to the scheduled departure, in seconds."""
        return max(0.0, situation.scheduled_departure_s - situation.ready_s)


@dataclass(frozen=True)
class ForwardHeadwayHolding:
    """Hold by the headway to the vehicle in front (Daganzo 2009).

    The holding is ``slack + (alpha + k) (H - h)`` with H the planned and h the actual headway
    of arrivals, and k the dwell that a unit of headway adds. A deviation e of vehicle m at
    stop n then becomes ``(1 - alpha) e[n, m] + alpha e[n, m - 1]`` at stop n + 1.

    Attributes
    ----------
    gain : float
        alpha + k: alpha is the share of a deviation that a control stop takes out.
    slack_s : float
        Holding in seconds at the planned headway.
    headway_s : float or None
        H in seconds; by the schedule where None.
    """

    depends_on_loads: ClassVar[bool] = False
    gain: float
    slack_s: float
    headway_s: float | None

    def holding_s(self, situation: StopSituation) -> float:
        """Return slack + (alpha + k) (H - h) in seconds; the slack for the first vehicle."""
        planned_s = self.headway_s if self.headway_s is not None else situation.planned_headway_s
        if planned_s is None or situation.headway_s is None:
            return self.slack_s
        return self.slack_s + self.gain * (planned_s - situation.headway_s)


@dataclass(frozen=True)
class EvenHeadwayHolding:
    """Hold until the headways in front and behind are equal (Prefol, Turnquist 1982)."""

    depends_on_loads: ClassVar[bool] = False

    def holding_s(self, situation: StopSituation) -> float:
        """Return half of what the headway behind is longer, in seconds."""
        if situation.next_arrival_s is None or situation.departure_headway_s is None:
            return 0.0
        behind_s = situation.next_arrival_s - situation.ready_s
        return max(0.0, (behind_s - situation.departure_headway_s) / 2.0)


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
    if holding.kind == HoldingKind.OWN:
        raise ValueError("the scenario was compiled for a holding rule of your own: give it to simulate too")
    if holding.kind == HoldingKind.SCHEDULE:
        return ScheduleHolding()
    if holding.kind == HoldingKind.FORWARD_HEADWAY:
        headway_s = None if math.isnan(holding.headway_s) else holding.headway_s
        return ForwardHeadwayHolding(holding.gain, holding.slack_s, headway_s)
    if holding.kind == HoldingKind.EVEN_HEADWAY:
        return EvenHeadwayHolding()
    return NoHolding()


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
        holding_s = self.rule.holding_s(situation)
        if not self.limits.allow_negative:
            holding_s = max(holding_s, 0.0)
        return quantize_one(min(holding_s, self.limits.most_s))
