"""Run a day in the compiled library: the same arrays in, the same arrays out as the SimPy engine."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np

from sim.arrays import members_of_ranges
from sim.engine.day_arrays import DayStart, DayTrace
from sim.engine.day_variates import DayVariates
from sim.engine.engine_input import EngineInput
from sim.engine.kernel.library import Kernel
from sim.engine.kernel.marshal import blank, declared, filled, structure

FAILURES: Final = {
    1: "there is not enough memory for this day",
    2: "the day is too large for the compiled engine: more than 2,000,000,000 rides, visits or other rows",
    3: "the compiled engine was given arrays that contradict each other",
}


def run_day(kernel: Kernel, engine_input: EngineInput, variates: DayVariates, start: DayStart) -> DayTrace:
    """Run a day.

    Parameters
    ----------
    kernel : Kernel
    engine_input : EngineInput
    variates : DayVariates
        Chance of the day.
    start : DayStart
        Rides of the day and who waits where from when.

    Raises
    ------
    MemoryError
        Where there is not enough memory, or more rows than the kernel can count.
    RuntimeError
        Where the arrays contradict each other.
    """
    kept: list[Any] = []
    given = _input(engine_input, variates, start, kept)
    day = ctypes.c_void_p()
    functions = kernel.functions
    code = functions.peakshift_day_run(ctypes.byref(given), ctypes.byref(day))
    if code:
        raise (RuntimeError if code == 3 else MemoryError)(FAILURES[code])
    try:
        rides, denials = ctypes.c_int64(), ctypes.c_int64()
        functions.peakshift_day_counts(day, ctypes.byref(rides), ctypes.byref(denials))
        arrays = blank(
            "DayTrace",
            {
                "ride": rides.value,
                "continued": rides.value - given.sizes.rides,
                "queue": engine_input.legs.queues,
                "visit": given.sizes.visits,
                "denied": denials.value,
                "trip": given.sizes.trips,
            },
        )
        into = filled("DayTrace", arrays, [])
        functions.peakshift_day_read(day, ctypes.byref(into))
    finally:
        functions.peakshift_day_free(day)
    return DayTrace(**arrays)


def _lasting(engine_input: EngineInput) -> ctypes.Structure:
    """Return what is handed over of a scenario on all its days, put together once.

    Its arrays must stay as they are meanwhile, as the structure points into them.
    """
    kept = engine_input.kept
    if kept.given is None:
        sources: dict[str, Any] = {
            "Sizes": _sizes(engine_input),
            "VehicleTypes": engine_input.vehicle_types,
            "Timetable": engine_input.timetable,
            "Positions": engine_input.positions,
            "RunningTimes": engine_input.running_times,
            "Signals": engine_input.signals,
            "StopRoom": engine_input.stops,
            "Breakdowns": engine_input.breakdowns,
            "Legs": engine_input.legs,
            "ServedQueues": _served_queues(engine_input),
            "RealTime": engine_input.real_time,
            "Holding": engine_input.holding,
            "Rules": engine_input.rules,
        }
        given, arrays = structure("Input")(), list[Any]()
        for field, kind, is_array in declared()["Input"]:
            if not is_array and kind in sources:
                setattr(given, field, filled(kind, sources[kind], arrays))
        needs = np.ascontiguousarray(engine_input.needs_departure())
        given.needs_departure = needs.ctypes.data
        # Threads may do this side by side: whichever structure is kept, its arrays are.
        kept.arrays += [*arrays, needs]
        kept.given = given
    return kept.given


VISITS_AT_ONCE = 8192
"""Visits whose queues are looked at together; bounds memory and changes nothing."""


def _served_queues(engine_input: EngineInput) -> dict[str, np.ndarray[Any, Any] | None]:
    """Return the queues that the vehicle of each visit is for by the timetable, as compressed rows of visits.

    What a vehicle finds must be what it would find by looking at all queues of its place, in their order
    (tests/unit/test_engine_kernel_run.py).
    """
    positions, timetable = engine_input.positions, engine_input.timetable
    from_s, until_s = positions.queue_from_s, positions.queue_until_s
    if len(engine_input.real_time.ptr) > 1 or not (np.isfinite(from_s) | np.isfinite(until_s)).any():
        return {"ptr": None, "queue": None}
    sizes, found = [np.zeros(1, dtype=np.int64)], [np.zeros(0, dtype=np.int32)]
    for start in range(0, len(timetable.visit_position), VISITS_AT_ONCE):
        place, due_s = (
            column[start : start + VISITS_AT_ONCE]
            for column in (timetable.visit_position, timetable.scheduled_departure_s)
        )
        visit, row = members_of_ranges(positions.queue_ptr[place], positions.queue_ptr[place + 1])
        inside = (from_s[row] <= due_s[visit]) & (due_s[visit] <= until_s[row])
        sizes.append(np.bincount(visit[inside], minlength=len(place)))
        found.append(positions.queue[row[inside]].astype(np.int32))
    return {"ptr": np.cumsum(np.concatenate(sizes)), "queue": np.concatenate(found)}


def _input(engine_input: EngineInput, variates: DayVariates, start: DayStart, kept: list[Any]) -> ctypes.Structure:
    given = structure("Input").from_buffer_copy(_lasting(engine_input))
    given.sizes.rides, given.sizes.entries = len(start.ride_leg), len(start.entry_ride)
    given.sizes.stays = len(start.stays.next_ride)
    today: dict[str, Any] = {"DayVariates": variates, "DayStart": start, "Stays": start.stays}
    for field, kind, is_array in declared()["Input"]:
        if not is_array and kind in today:
            setattr(given, field, filled(kind, today[kind], kept))
    return given


def _sizes(engine_input: EngineInput) -> dict[str, int]:
    """Return how long arrays are; those of a day come with the day."""
    timetable, times = engine_input.timetable, engine_input.running_times.table_s
    return {
        "vehicle_types": len(engine_input.vehicle_types.seats),
        "blocks": len(timetable.block_ptr) - 1,
        "trips": len(timetable.trip_vehicle_type),
        "visits": len(timetable.visit_trip),
        "positions": len(engine_input.positions.stop),
        "stops": len(engine_input.stops.berths),
        "lines": len(engine_input.stops.spacing_ptr) - 1,
        "hops": times.shape[0],
        "steps": times.shape[1],
        "breakdowns": len(engine_input.breakdowns.visit),
        "legs": len(engine_input.legs.queue),
        "rides": 0,
        "entries": 0,
        "stays": 0,
        "interrupted": len(engine_input.legs.interrupted_ptr) - 1,
        "known_legs": max(len(engine_input.real_time.ptr) - 1, 0),
    }
