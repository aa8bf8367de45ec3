"""Open a compiled library, or say in one sentence why there is none."""

from __future__ import annotations

import ctypes

from sim.compiled.build import Library

PREFERENCE = "PEAKSHIFT_ENGINE"
"""Variable of the environment: `simpy` for programs in Python wherever peakshift would choose, else `compiled`."""


class NoLibraryError(Exception):
    """A compiled library cannot be used here; the message says why and what helps."""


def opened(library: Library) -> ctypes.CDLL:
    """Open a library.

    Parameters
    ----------
    library : Library

    Raises
    ------
    NoLibraryError
        Where it was not compiled when peakshift was installed, is of another machine, or was made of other sources.
    """
    path = library.path()
    if not path.is_file():
        raise NoLibraryError(
            "it was not compiled when peakshift was installed; with a C compiler on the machine, install peakshift anew"
        )
    try:
        functions = ctypes.CDLL(str(path))
        functions.peakshift_source.restype = ctypes.c_uint64
        functions.peakshift_source.argtypes = ()
        made_of = int(functions.peakshift_source())
    except (OSError, AttributeError) as error:
        raise NoLibraryError(
            f"its library cannot be opened on this machine ({error}); install peakshift anew"
        ) from None
    # Before anything else is looked up: a library of other sources may lack a function that these sources have.
    if made_of != library.source_number():
        raise NoLibraryError("its library was compiled from other sources than those installed; install peakshift anew")
    return functions
