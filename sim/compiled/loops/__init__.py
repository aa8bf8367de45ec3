"""Inner loops in C, for which there is always a twin in NumPy that gives the same bits."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

import numpy as np
from numpy.ctypeslib import ndpointer

from sim.compiled.build import LOOPS
from sim.compiled.library import PREFERENCE, NoLibraryError, opened


@cache
def loops() -> ctypes.CDLL | None:
    """Return the library of inner loops; None where it cannot be used, or Python is preferred to compiled programs."""
    if os.environ.get(PREFERENCE) == "simpy":
        return None
    try:
        functions = opened(LOOPS)
    except NoLibraryError:
        return None
    for name, arguments in _arguments().items():
        function = getattr(functions, name)
        function.argtypes, function.restype = arguments, None
    return functions


def _arguments() -> dict[str, tuple[Any, ...]]:
    """Return what the functions of the library take, so that arrays of other types are refused."""
    whole, real = ctypes.c_int64, ctypes.c_double
    wholes, halves, shorts, reals, truths = (
        ndpointer(dtype=dtype, flags="C_CONTIGUOUS") for dtype in (np.int64, np.int32, np.int16, np.float64, np.bool_)
    )
    sizes = whole, whole
    joined = *sizes, wholes, reals, wholes, reals, real, real
    return {
        "peakshift_boardings_next": (*joined, wholes),
        "peakshift_boardings_time": (*joined, reals, wholes, reals),
        "peakshift_boardings_sort": (*sizes, wholes, wholes, wholes, wholes, wholes, wholes),
        "peakshift_boardings_until": (
            *(whole, wholes, wholes, reals, reals, truths, real, real),
            *(reals, reals, reals),
        ),
        "peakshift_profile_get_out": (
            *(*sizes, wholes, reals, wholes, wholes, reals, reals, truths, reals),
            *(reals, reals, real, reals, shorts),
        ),
        "peakshift_profile_ride": (
            *(*sizes, wholes, wholes, wholes, truths, reals, reals, real, reals),
            *(reals, shorts, reals, shorts),
        ),
        "peakshift_profile_wait": (
            *(*sizes, wholes, truths, wholes, reals, wholes, reals, reals, wholes, reals, real, real, reals),
            *(reals, reals, reals),
        ),
        "peakshift_profile_board": (*sizes, wholes, reals, reals, real, reals, reals, reals, truths),
        "peakshift_stretches_hop": (
            *(*sizes, *sizes, real, real, reals, wholes, reals, wholes, wholes, reals),
            *(wholes, halves, wholes, wholes, wholes, reals, wholes),
        ),
        "peakshift_stretches_sums": (whole, wholes, wholes, reals, reals),
        "peakshift_stretches_highest": (whole, wholes, wholes, reals, reals),
        "peakshift_stretches_riders": (whole, wholes, wholes, wholes, reals, whole, reals),
        "peakshift_windows_best": (*sizes, reals, reals, wholes, whole, wholes, reals, truths, wholes),
        "peakshift_windows_move": (whole, wholes, reals, wholes, wholes, reals, reals, reals, truths),
        "peakshift_windows_schedule": (
            *(*sizes, *sizes, wholes, reals, reals, reals, reals),
            *(real, real, real, reals),
        ),
    }
