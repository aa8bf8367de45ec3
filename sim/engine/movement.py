"""How vehicles move from stop to stop: running times and the order on the road."""

from __future__ import annotations

from sim.engine.draws import Draws
from sim.engine.plan import Plan
from sim.units import TICKS_PER_S, quantize_one

_TICK_S = 1.0 / TICKS_PER_S


class Movement:
    """Running times of one day, and who is in front of whom.

    Parameters
    ----------
    plan : Plan
    draws : Draws
    """

    def __init__(self, plan: Plan, draws: Draws) -> None:
        self.scheduled_s: list[float] = draws.running_s(plan.visit_running_s).tolist()
        times = plan.running_times
        self.hop: list[int] = times.visit_hop.tolist() if times is not None else []
        self.step_s = times.step_s if times is not None else 1.0
        self.table_s: list[list[float]] = times.table_s.tolist() if times is not None else []
        self.factor: list[float] = draws.running_factor.tolist()
        self.added_s: list[float] = draws.running_added_s.tolist() if draws.running_added_s is not None else []
        self.keep_order = not plan.parameters.overtaking
        self.passing: list[int] = plan.visit_passing.tolist()
        self.last_departure_s: dict[int, float] = {}
        self.last_arrival_s: dict[int, float] = {}
        self.standing_until_s: dict[int, dict[int, float]] = {}

    def running_s(self, visit: int, departure_s: float) -> float:
        """Return the running time in seconds to the next stop when leaving at a time."""
        if self.hop:
            hop = self.hop[visit]
            if hop >= 0:
                row = self.table_s[hop]
                step = min(int(departure_s // self.step_s), len(row) - 1)
                if self.added_s:
                    return quantize_one(max(row[step] * self.factor[visit] + self.added_s[visit], 0.0))
                return quantize_one(row[step] * self.factor[visit])
        return self.scheduled_s[visit]

    def stand(self, visit: int, until_s: float) -> float:
        """Note until when a vehicle means to stand; return when it can leave at the earliest.

        Where order is kept that is not before those that came before it and go the same way.
        """
        if not self.keep_order:
            return until_s
        standing = self.standing_until_s.setdefault(self.passing[visit], {})
        standing.setdefault(visit, until_s)
        for other, other_until_s in standing.items():
            if other == visit:
                break
            until_s = max(until_s, other_until_s + _TICK_S)
        standing[visit] = until_s
        return until_s

    def leave(self, visit: int, departure_s: float) -> tuple[float, float]:
        """Settle departure and next arrival; a tick behind the vehicle in front where order is kept."""
        if not self.keep_order:
            return departure_s, departure_s + self.running_s(visit, departure_s)
        pair = self.passing[visit]
        self.standing_until_s.get(pair, {}).pop(visit, None)
        departure_s = max(departure_s, self.last_departure_s.get(pair, departure_s))
        next_s = departure_s + self.running_s(visit, departure_s)
        if pair in self.last_arrival_s:
            next_s = max(next_s, self.last_arrival_s[pair] + _TICK_S)
        self.last_departure_s[pair] = departure_s
        self.last_arrival_s[pair] = next_s
        return departure_s, next_s
