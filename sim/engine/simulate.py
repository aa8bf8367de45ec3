"""One simulated day: from departures and journeys to records, by one of two engines that agree bit for bit."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sim.arrays import FloatArray
from sim.compiled import PREFERENCE, NoLibraryError
from sim.engine.day_arrays import DayStart, DayTrace, start_of_day
from sim.engine.day_state import DayState
from sim.engine.day_variates import DayVariates
from sim.engine.engine_input import EngineInput
from sim.engine.kernel.library import Kernel, load
from sim.engine.kernel.run import run_day
from sim.engine.outcomes import settle
from sim.engine.rules import HoldingKind
from sim.errors import EngineError
from sim.model.holding import HoldingRule
from sim.model.journeys import ChosenJourneys, JourneyChain
from sim.records.day import DayRecords

AUTO, SIMPY, COMPILED = "auto", "simpy", "compiled"


@dataclass(frozen=True)
class EngineChoice:
    """An engine and why it is that one.

    Attributes
    ----------
    name : str
        simpy or compiled.
    reason : str
        A sentence for the manifest.
    """

    name: str
    reason: str


def choose_engine(wanted: str, own_holding: bool = False) -> EngineChoice:
    """Choose the engine for a scenario.

    Parameters
    ----------
    wanted : str
        simpy, compiled, or auto: compiled where that can be.
    own_holding : bool
        Whether the holding rule is in Python, so that only the SimPy engine can ask it; see `asks_python`.

    Raises
    ------
    EngineError
        When the compiled engine is wanted and cannot be used, or there is no engine of that name.
    """
    if wanted == SIMPY:
        return EngineChoice(SIMPY, "asked for")
    if wanted not in (AUTO, COMPILED):
        raise EngineError(f"there is no engine {wanted}; there are auto, simpy and compiled")
    preferred = os.environ.get(PREFERENCE, AUTO) if wanted == AUTO else wanted
    if preferred == SIMPY:
        return EngineChoice(SIMPY, f"preferred by {PREFERENCE}")
    if own_holding:
        if wanted == COMPILED:
            raise EngineError("the compiled engine cannot ask a holding rule in Python; use auto or simpy")
        return EngineChoice(SIMPY, "the holding rule is in Python")
    try:
        load()
    except NoLibraryError as error:
        if preferred == COMPILED:
            raise EngineError(f"the compiled engine cannot be used: {error}") from None
        return EngineChoice(SIMPY, f"the compiled engine cannot be used: {error}")
    return EngineChoice(COMPILED, "asked for" if wanted == COMPILED else "all rules are those of a scenario file")


def asks_python(rule: str, own_holding: bool) -> bool:
    """Tell whether the holding rule is one that only the SimPy engine can ask.

    Parameters
    ----------
    rule : str
        Name of that of the scenario.
    own_holding : bool
        Whether a user gives one in Python instead.
    """
    return own_holding or rule.upper() not in HoldingKind.__members__


def kernel() -> Kernel:
    """Return the library of the compiled engine.

    Raises
    ------
    EngineError
        When it cannot be used here.
    """
    try:
        return load()
    except NoLibraryError as error:
        raise EngineError(f"the compiled engine cannot be used: {error}") from None


@dataclass(frozen=True)
class Departures:
    """When every commuter leaves and which way.

    Attributes
    ----------
    departure_s : ndarray of float, shape (commuters,)
        Leaving the origin, seconds after midnight; of journeys that wait for another one, as planned.
    journeys : ChosenJourneys
    chain : JourneyChain or None
        Which journeys begin only after others have ended; None for none.
    """

    departure_s: FloatArray
    journeys: ChosenJourneys
    chain: JourneyChain | None = None


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
    chain = departures.chain if departures.chain is not None else JourneyChain.none(len(departures.departure_s))
    start = start_of_day(engine_input, departures.departure_s, journeys, chain)
    own = holding is not None or engine_input.holding.kind == HoldingKind.OWN
    if choose_engine(engine, own).name == COMPILED:
        trace = run_day(kernel(), engine_input, variates, start)
    else:
        trace = run_simpy(engine_input, variates, start, holding)
    return settle(engine_input, journeys, chain, start, trace)


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
    # The compiled engine, and commands that only look at a scenario, do without SimPy.
    import simpy

    from sim.engine.vehicle import Vehicles

    state = DayState.at_start(engine_input, start)
    env = simpy.Environment()
    Vehicles(env, engine_input, variates, state, holding).start_all()
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
