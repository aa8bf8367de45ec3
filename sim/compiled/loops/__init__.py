"""Inner loops in C, for which there is always a twin in NumPy that gives the same bits."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.compiled.build import LOOPS
from sim.compiled.library import PREFERENCE, NoLibraryError, opened


class Loops(SimpleNamespace):
    """The functions of the library by their names, each of which is a `Loop`."""


@cache
def loops() -> Loops | None:
    """Return the library of inner loops; None where it cannot be used, or Python is preferred to compiled programs."""
    if os.environ.get(PREFERENCE) == "simpy":
        return None
    try:
        functions = opened(LOOPS)
    except NoLibraryError:
        return None
    return Loops(**{name: Loop(getattr(functions, name), takes) for name, takes in _arguments().items()})


@dataclass(frozen=True)
class _Array:
    """An argument that is an array of one type, in one piece."""

    dtype: np.dtype[Any]

    def address(self, given: Any) -> int:
        """Return where the numbers of an array begin.

        Raises
        ------
        TypeError
            Where it is no array of this type in one piece; a library in C would read something else.
        """
        if not (isinstance(given, np.ndarray) and given.dtype == self.dtype and given.flags.c_contiguous):
            raise TypeError(f"expected an array of {self.dtype} in one piece")
        return given.ctypes.data


class Loop:
    """A function of the library: takes numbers and arrays, and fills arrays in place.

    Parameters
    ----------
    function : callable
        As ctypes has it.
    takes : tuple
        What its arguments are.
    """

    def __init__(self, function: Any, takes: tuple[Any, ...]) -> None:
        # Invariant: nothing of Python runs while ctypes converts arguments, so that Ctrl-C always arrives as
        # KeyboardInterrupt. ctypes makes an ArgumentError of whatever a conversion in Python raises, and the command
        # would end as though it had a fault. tests/unit/test_compiled_libraries.py interrupts a conversion.
        self.function, self.takes = function, takes
        function.argtypes = [ctypes.c_void_p if isinstance(kind, _Array) else kind for kind in takes]
        function.restype = None

    def __call__(self, *given: Any) -> None:
        """Run it; raises TypeError for too few or too many arguments, and for an array of another type."""
        if len(given) != len(self.takes):
            raise TypeError(f"expected {len(self.takes)} arguments, got {len(given)}")
        self.function(*self._handed(given, self.takes))

    def prepared(self, *first: Any) -> Callable[..., None]:
        """Return the function with its first arguments given, which are looked at once for many calls.

        Their arrays must stay the same; what is in them may change from call to call
        (tests/unit/test_compiled_libraries.py).
        """
        # The arrays themselves are kept as well: addresses alone would not keep them alive.
        handed, kept, left = self._handed(first, self.takes[: len(first)]), first, self.takes[len(first) :]

        def call(*rest: Any) -> None:
            if len(rest) != len(left):
                raise TypeError(f"expected {len(left)} arguments after the first {len(kept)}, got {len(rest)}")
            self.function(*handed, *self._handed(rest, left))

        return call

    @staticmethod
    def _handed(given: Sequence[Any], takes: Sequence[Any]) -> list[Any]:
        """Return what ctypes is given for arguments."""
        return [kind.address(one) if isinstance(kind, _Array) else one for one, kind in zip(given, takes, strict=True)]


def _arguments() -> dict[str, tuple[Any, ...]]:
    """Return what the functions of the library take, so that arrays of other types are refused."""
    whole, real = ctypes.c_int64, ctypes.c_double
    wholes, shorts, reals, truths = (_Array(np.dtype(dtype)) for dtype in (np.int64, np.int16, np.float64, np.bool_))
    sizes = whole, whole
    joined = *sizes, wholes, reals, wholes, reals, real, real
    queues, work = (wholes, *(real,) * 7, whole, whole, whole), (*sizes, reals, wholes)
    people = whole, wholes, wholes, wholes, reals, reals, reals, reals, reals, reals, reals, reals
    return {
        "peakshift_boardings_next": (*joined, wholes),
        "peakshift_boardings_time": (*joined, reals, wholes, reals),
        "peakshift_boardings_sort": (*sizes, wholes, wholes, wholes, wholes, wholes, wholes),
        "peakshift_boardings_until": (
            *(whole, wholes, wholes, reals, reals, truths, real, real),
            *(reals, reals, reals),
        ),
        "peakshift_foresight_loads": (*queues, whole, *people, reals, real, *work, wholes, whole, reals),
        "peakshift_foresight_windows": (
            *(*queues, whole, *people, truths, real),
            *(*work, truths, wholes, wholes, reals, wholes),
        ),
        "peakshift_nodes_stretches": (
            *(*sizes, whole, wholes, wholes, wholes, wholes, wholes, truths, reals, wholes),
            *(shorts, shorts, truths, reals, whole, whole),
            *(wholes, wholes, wholes, wholes, wholes),
        ),
        "peakshift_prices_step": (*sizes, wholes, wholes, wholes, reals, reals, reals, real, real, *(reals,) * 5),
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
        "peakshift_rides_cheapest": (whole, wholes, reals, wholes, reals, reals, wholes),
        "peakshift_rooms_least": (whole, wholes, reals, wholes, reals, reals, reals, wholes, reals),
        "peakshift_stretches_follow": (
            *(*sizes, whole, real, real, reals, wholes, wholes, wholes, wholes, wholes, reals),
            *(wholes, wholes, wholes, wholes, wholes, wholes, wholes, wholes, wholes, reals, wholes, wholes),
        ),
        "peakshift_stretches_sums": (whole, wholes, wholes, reals, reals),
        "peakshift_stretches_highest": (whole, wholes, wholes, reals, reals),
        "peakshift_stretches_riders": (whole, wholes, wholes, wholes, reals, whole, reals),
        "peakshift_windows_anywhere": (
            *(*sizes, whole, wholes, reals, wholes, reals, reals, reals, reals, reals),
            *(real, real, real, reals),
        ),
        "peakshift_windows_best": (*sizes, reals, reals, wholes, whole, wholes, reals, truths, wholes),
        "peakshift_windows_move": (whole, wholes, reals, wholes, wholes, reals, reals, reals, truths),
        "peakshift_windows_travel": (
            *(*sizes, wholes, wholes, wholes, wholes, reals, real, reals, reals, reals, reals),
            *(reals, reals, reals, real, real, real, real, real, reals, reals, reals),
        ),
    }
