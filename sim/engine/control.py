"""Control of vehicles at stops: asks the holding rule (`sim.model.holding`), and keeps it within its limits."""

from __future__ import annotations

import math

from sim.engine.engine_input import EngineInput
from sim.engine.headways import Headways
from sim.engine.rules import Holding
from sim.model.holding import HoldingNumbers, HoldingRule, StopSituation, declared_holding_rules
from sim.units import quantize_one


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
        holding_s = self.rule.holding_s(situation)
        if not self.limits.allow_negative:
            holding_s = max(holding_s, 0.0)
        return quantize_one(min(holding_s, self.limits.most_s))
