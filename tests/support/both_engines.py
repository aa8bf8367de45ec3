"""One day by both engines, compared array by array."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from sim.engine.day_arrays import DayStart, DayTrace
from sim.engine.day_variates import DayVariates
from sim.engine.engine_input import EngineInput
from sim.engine.kernel.run import run_day
from sim.engine.simulate import kernel, run_simpy


def differences(one: DayTrace, other: DayTrace) -> list[str]:
    """Say where two traces differ, in a bit, a type or a length."""
    found = []
    for column in fields(DayTrace):
        a, b = getattr(one, column.name), getattr(other, column.name)
        if a.dtype != b.dtype or a.shape != b.shape:
            found.append(f"{column.name}: {a.dtype}{a.shape} and {b.dtype}{b.shape}")
        elif _bits(a).tobytes() != _bits(b).tobytes():
            rows = np.flatnonzero(_bits(a).view(np.int64) != _bits(b).view(np.int64))
            found.append(f"{column.name}: rows {rows[:5].tolist()} are {a[rows[:5]]} and {b[rows[:5]]}")
    return found


def compare_engines(engine_input: EngineInput, variates: DayVariates, start: DayStart) -> DayTrace:
    """Run a day by both engines, require the same bits, and return what happened."""
    by_simpy = run_simpy(engine_input, variates, start)
    problems = differences(by_simpy, run_day(kernel(), engine_input, variates, start))
    assert not problems, "SimPy and compiled: " + "; ".join(problems)
    return by_simpy


def _bits(values: np.ndarray) -> np.ndarray:
    """Return values of 64 bits with one and the same bit pattern for every "not a number"."""
    if values.dtype.kind != "f":
        return values
    return np.where(np.isnan(values), np.nan, values)
