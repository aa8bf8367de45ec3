"""The discrete-event engine: vehicles as SimPy processes, commuters as arrays.

Tie rules, for events in the same instant of the clock:

- a commuter who joins a queue in the instant in which a vehicle arrives is present; if he
  changes from another vehicle that arrives in the same instant, then only if that one is
  handled first;
- vehicles are handled in the order of their blocks, lower row first; a block's row follows
  the scheduled departure of its first trip;
- in a queue, who joined first boards first; of those who joined in the same instant the
  lower commuter number, across all queues that a vehicle serves at the stop.

The engine knows no advice: it is given departures and journeys and returns what happened.
"""

from __future__ import annotations

from sim.engine.control import HoldingRule, NoHolding, StopSituation, depends_on_loads
from sim.engine.draws import Draws, draw, least_running_s
from sim.engine.plan import Plan, compile_plan
from sim.engine.simulate import Departures, simulate

__all__ = [
    "Departures",
    "Draws",
    "HoldingRule",
    "NoHolding",
    "Plan",
    "StopSituation",
    "compile_plan",
    "depends_on_loads",
    "draw",
    "least_running_s",
    "simulate",
]
