"""Find and open the library of the compiled engine."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache

from sim.compiled import opened
from sim.compiled.build import ENGINE


@dataclass(frozen=True)
class Kernel:
    """The open library.

    Attributes
    ----------
    functions : ctypes.CDLL
    """

    functions: ctypes.CDLL


@cache
def load() -> Kernel:
    """Open the library, once in a process.

    Raises
    ------
    NoLibraryError
        Where it cannot be used here.
    """
    functions = opened(ENGINE)
    functions.peakshift_day_run.restype = ctypes.c_int
    for name in ENGINE.exported:
        if name not in ("peakshift_source", "peakshift_day_run"):
            getattr(functions, name).restype = None
    return Kernel(functions)
