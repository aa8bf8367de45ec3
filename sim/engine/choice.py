"""Which of the two engines runs a day: both give the same records, bit for bit."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sim.engine.kernel.library import Kernel, NoKernelError, load
from sim.engine.rules import HoldingKind
from sim.errors import EngineError

AUTO, SIMPY, COMPILED = "auto", "simpy", "compiled"
PREFERENCE = "PEAKSHIFT_ENGINE"
"""Variable of the environment: the engine wherever `auto` would choose between the two."""


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
    except NoKernelError as error:
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
    except NoKernelError as error:
        raise EngineError(f"the compiled engine cannot be used: {error}") from None
