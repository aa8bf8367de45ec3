"""The discrete-event engine: vehicles as SimPy processes, commuters as arrays.

It is given a scenario as arrays (`engine_input`), departures and journeys, and the chance of the
day (`day_variates`); it leaves a trace (`day_arrays`), which `outcomes` turns into records. It knows no
advice.

Tie rules, for events in the same instant of the clock:

- of all vehicles that are to act, the one with the least (time, row of its block) acts first. It
  acts until it has to wait, for the clock or for another vehicle. A vehicle that is woken, by a
  berth that is given up or by the vehicle in front that leaves, is to act at the time at which it
  is woken, and takes its place by its block like all others. A block's row follows the
  scheduled departure of its first trip;
- commuters who join a queue in the instant in which a vehicle arrives are present; if they
  change from another vehicle that arrives in the same instant, then only if that one acts first;
- where people board while vehicles stand, whoever joins is offered those with open doors in the order in which they
  came: the first with room is boarded, and each one before it was full for them (a denied boarding). Whoever
  reconsiders keeps the time of joining and is not denied anew by a vehicle that stood there before;
- in a queue, people board in order of joining; of those who joined in the same instant the
  lower commuter number, across all queues that a vehicle serves at the stop;
- nothing happens after the end of the horizon, and no vehicle acts at it. A vehicle that stands at a stop then is
  recorded as leaving at the end of the horizon, held for no time; people who would be out of it later are on board.
"""

from __future__ import annotations

from sim.engine.compile_input import compile_input, vehicle_types
from sim.engine.day_variates import DayVariates, draw_variates, least_running_s
from sim.engine.dwell import dwells_s
from sim.engine.engine_input import EngineInput
from sim.engine.put_out import patterns_cut_short, trips_ended_broken
from sim.engine.rules import DwellKind, VehicleTypes
from sim.engine.simulate import Departures, EngineChoice, asks_python, choose_engine, simulate
from sim.model.holding import HoldingRule, StopSituation, depends_on_loads
from sim.model.holding_rules.none import NoHolding

__all__ = [
    "DayVariates",
    "Departures",
    "DwellKind",
    "EngineChoice",
    "EngineInput",
    "HoldingRule",
    "NoHolding",
    "StopSituation",
    "VehicleTypes",
    "asks_python",
    "choose_engine",
    "compile_input",
    "depends_on_loads",
    "draw_variates",
    "dwells_s",
    "least_running_s",
    "patterns_cut_short",
    "simulate",
    "trips_ended_broken",
    "vehicle_types",
]
