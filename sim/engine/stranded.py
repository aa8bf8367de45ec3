"""Passengers who get out where they did not want to, and wait there for a vehicle that goes on."""

from __future__ import annotations

import numpy as np

from sim.engine.exchange import Exchange
from sim.engine.plan import Plan
from sim.engine.queues import Queue
from sim.engine.state import DayState
from sim.model.outcome import Cause


class Stranded:
    """Makes rides that continue a ride which ended too early.

    They wait in queues of their own, one for each stop and goal, which every pattern serves
    that goes from the one to the other.

    Parameters
    ----------
    plan : Plan
    state : DayState
    exchange : Exchange
        Its tables of who boards where get further entries.
    """

    def __init__(self, plan: Plan, state: DayState, exchange: Exchange) -> None:
        self.plan = plan
        self.state = state
        self.exchange = exchange
        self.visit_stop: list[int] = plan.service.visit_stop.tolist()
        self.legs = _legs_of_strategies(plan)
        self.leg_goal: list[int] = plan.legs.alight_stop.tolist()

    def put_out(self, rides: list[int], cause: Cause, visit: int, time_s: float, step_s: float) -> float:
        """Let rides end at a visit and wait there again; return when the last one is out.

        Parameters
        ----------
        rides : list of int
        cause : Cause
            Why they end.
        visit : int
        time_s, step_s : float
            When the first one begins to get out, and how long each one takes, in seconds.
        """
        state, stop = self.state, self.visit_stop[visit]
        out_s = time_s
        for ride in rides:
            out_s += step_s
            state.ride_alight_s[ride] = out_s
            state.ride_alight_visit[ride] = visit
            leg, queue = self._leg(stop, self.leg_goal[state.ride_leg[ride]])
            new = state.continue_ride(ride, leg, queue, out_s)
            state.put_out_by[new] = int(cause)
            self.exchange.queues[queue].join(out_s, new)
        return out_s

    def _leg(self, stop: int, goal: int) -> tuple[int, int]:
        """Return leg and queue from a stop to a goal; they are made when first wanted."""
        if (stop, goal) in self.legs:
            return self.legs[stop, goal]
        exchange = self.exchange
        leg, number = len(self.leg_goal), len(exchange.queues)
        self.legs[stop, goal] = leg, number
        self.leg_goal.append(goal)
        queue = Queue([])
        exchange.queues.append(queue)
        for pattern, item in enumerate(self.plan.service.patterns):
            outs = [
                place
                for place, (at, lets_out) in enumerate(zip(item.reached_stops(), item.reached_alights(), strict=True))
                if at == goal and lets_out
            ]
            for board, at in enumerate(item.stops[:-1]):
                ahead = [place for place in outs if place > board]
                if at == stop and ahead and board not in item.no_boarding:
                    position = (pattern, board)
                    legs = exchange.position_legs.get(position, {})
                    exchange.position_legs[position] = {**legs, leg: ahead[0]}
                    exchange.position_queues.setdefault(position, []).append(queue)
        return leg, number


def _legs_of_strategies(plan: Plan) -> dict[tuple[int, int], tuple[int, int]]:
    """Return leg and queue from a stop to a goal where a strategy says what to do there."""
    legs = plan.legs
    rows = np.flatnonzero(legs.is_strategy())
    pairs = zip(legs.board_stop[rows].tolist(), legs.alight_stop[rows].tolist(), strict=True)
    places = zip(rows.tolist(), plan.leg_queue[rows].tolist(), strict=True)
    return dict(zip(pairs, places, strict=True))
