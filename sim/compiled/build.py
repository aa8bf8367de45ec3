"""What the build of the libraries and their loader have to agree on; setup.py reads this file by itself.

Nothing but the standard library is imported here, since at a build nothing else is there.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SUFFIX = ".dll" if sys.platform == "win32" else ".so"


@dataclass(frozen=True)
class Library:
    """A library made of the sources of one folder.

    Attributes
    ----------
    module : str
        Dotted name of the library, in the folder of its sources.
    main : str
        The file that includes all others.
    exported : tuple of str
        Functions that the library offers.
    """

    module: str
    main: str
    exported: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where the sources are."""
        return ROOT.joinpath(*self.module.split(".")[:-1])

    def sources(self) -> list[Path]:
        """Return the files in C, in order of their names."""
        return sorted([*self.folder.glob("*.c"), *self.folder.glob("*.h")])

    def path(self) -> Path:
        """Return where the compiled library is, or would be."""
        return self.folder / (self.module.split(".")[-1] + SUFFIX)

    def source_number(self) -> int:
        """Return a number of 64 bits that another text of the sources would hardly have.

        The library keeps the number of the sources that it was made of, so that one left over from an older state
        is told apart.
        """
        texts = hashlib.sha256()
        for path in self.sources():
            texts.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
        return int.from_bytes(texts.digest()[:8], "big")


ENGINE = Library(
    "sim.engine.kernel._kernel",
    "kernel.c",
    (
        "peakshift_day_counts",
        "peakshift_day_free",
        "peakshift_day_read",
        "peakshift_day_run",
        "peakshift_source",
    ),
)
"""The compiled engine."""

LOOPS = Library(
    "sim.compiled.loops._loops",
    "loops.c",
    (
        "peakshift_boardings_next",
        "peakshift_boardings_sort",
        "peakshift_boardings_time",
        "peakshift_boardings_until",
        "peakshift_foresight_loads",
        "peakshift_foresight_windows",
        "peakshift_nodes_stretches",
        "peakshift_prices_step",
        "peakshift_profile_board",
        "peakshift_profile_get_out",
        "peakshift_profile_ride",
        "peakshift_profile_wait",
        "peakshift_rides_cheapest",
        "peakshift_rooms_least",
        "peakshift_source",
        "peakshift_stretches_follow",
        "peakshift_stretches_highest",
        "peakshift_stretches_riders",
        "peakshift_stretches_sums",
        "peakshift_windows_anywhere",
        "peakshift_windows_best",
        "peakshift_windows_move",
        "peakshift_windows_travel",
    ),
)
"""Inner loops of everything else; what calls one can do without it."""

LIBRARIES = (ENGINE, LOOPS)
