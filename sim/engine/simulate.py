"""One simulated day: from departures and journeys to records."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import simpy

from sim.arrays import FloatArray
from sim.engine.choice import AUTO, COMPILED, choose_engine, kernel
from sim.engine.day_start import DayStart, start_of_day
from sim.engine.day_state import DayState
from sim.engine.day_trace import DayTrace
from sim.engine.day_variates import DayVariates
from sim.engine.engine_input import EngineInput
from sim.engine.kernel.run import run_day
from sim.engine.outcomes import settle
from sim.engine.rules import HoldingKind
from sim.engine.vehicle import Vehicles
from sim.model.holding import HoldingRule
from sim.model.journeys import ChosenJourneys, ReturnLegs
from sim.records.day import DayRecords


@dataclass(frozen=True)
class Departures:
    """When every commuter leaves and which way.

    Attributes
    ----------
    departure_s : ndarray of float, shape (commuters,)
        Leaving the origin, seconds after midnight; of journeys back, as planned.
    journeys : ChosenJourneys
    back : ReturnLegs or None
        Which journeys begin only after others have ended; None for none.
    """

    departure_s: FloatArray
    journeys: ChosenJourneys
    back: ReturnLegs | None = None


def simulate(
    engine_input: EngineInput,
    departures: Departures,
    variates: DayVariates,
    *,
    engine: str = AUTO,
    holding: HoldingRule | None = None,
) -> DayRecords:
    """Simulate one day.

    Parameters
    ----------
    engine_input : EngineInput
        The compiled scenario.
    departures : Departures
        What the commuters have decided.
    variates : DayVariates
        The chance of the day.
    engine : str
        simpy, compiled or auto; the records are the same.
    holding : HoldingRule or None
        The rule of your own with which the input was compiled; the SimPy engine asks it.

    Raises
    ------
    EngineError
        When the engine cannot be used.
    """
    journeys = departures.journeys
    back = departures.back if departures.back is not None else ReturnLegs.none(len(departures.departure_s))
    start = start_of_day(engine_input, departures.departure_s, journeys, back)
    own = holding is not None or engine_input.holding.kind == HoldingKind.OWN
    if choose_engine(engine, own).name == COMPILED:
        trace = run_day(kernel(), engine_input, variates, start)
    else:
        trace = run_simpy(engine_input, variates, start, holding)
    return settle(engine_input, journeys, back, start, trace)


def run_simpy(
    engine_input: EngineInput, variates: DayVariates, start: DayStart, holding: HoldingRule | None = None
) -> DayTrace:
    """Run one day with SimPy, a process per vehicle block.

    Parameters
    ----------
    engine_input : EngineInput
    variates : DayVariates
    start : DayStart
    holding : HoldingRule or None
    """
    state = DayState.at_start(engine_input, start)
    env = simpy.Environment()
    Vehicles(env, engine_input, variates, start, state, holding).start_all()
    end_s = engine_input.rules.end_s
    with _collector_off():
        env.run(until=end_s if end_s < float("inf") else None)
    return state.trace()


@contextmanager
def _collector_off() -> Iterator[None]:
    """Run without the cyclic garbage collector, which costs 10 to 30 % and finds nothing here."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
