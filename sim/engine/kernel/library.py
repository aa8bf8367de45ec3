"""Find and open the compiled library, or say in one sentence why there is none."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache

from sim.engine.kernel import build


class NoKernelError(Exception):
    """The compiled engine cannot be used here; the message says why and what helps."""


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
    """Open the library as `opened` does, once in a process."""
    return opened()


def opened() -> Kernel:
    """Open the library.

    Raises
    ------
    NoKernelError
        Where it was not compiled when peakshift was installed, is of another machine, or was made of other sources.
    """
    path = build.library()
    if not path.is_file():
        raise NoKernelError(
            "it was not compiled when peakshift was installed; with a C compiler on the machine, install peakshift anew"
        )
    try:
        functions = ctypes.CDLL(str(path))
        functions.peakshift_source.restype = ctypes.c_uint64
        functions.peakshift_source.argtypes = ()
        made_of = int(functions.peakshift_source())
    except (OSError, AttributeError) as error:
        raise NoKernelError(f"its library cannot be opened on this machine ({error}); install peakshift anew") from None
    # Before anything else is looked up: a library of other sources may lack a function that these sources have.
    if made_of != build.source_number():
        raise NoKernelError("its library was compiled from other sources than those installed; install peakshift anew")
    functions.peakshift_day_run.restype = ctypes.c_int
    for name in build.EXPORTED:
        if name not in ("peakshift_source", "peakshift_day_run"):
            getattr(functions, name).restype = None
    return Kernel(functions)
