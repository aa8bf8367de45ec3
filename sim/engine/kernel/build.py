"""What the build of the library and its loader have to agree on; setup.py reads this file by itself.

Nothing but the standard library is imported here, since at a build nothing else is there.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
EXPORTED = (
    "peakshift_day_counts",
    "peakshift_day_free",
    "peakshift_day_read",
    "peakshift_day_run",
    "peakshift_source",
)
"""Functions that the library offers."""


def sources() -> list[Path]:
    """Return the files in C, in order of their names."""
    return sorted([*FOLDER.glob("*.c"), *FOLDER.glob("*.h")])


def library() -> Path:
    """Return where the compiled library is, or would be."""
    return FOLDER / ("_kernel.dll" if sys.platform == "win32" else "_kernel.so")


def source_number() -> int:
    """Return a number of 64 bits that another text of the sources would hardly have.

    The library keeps the number of the sources that it was made of, so that one left over from an older state
    is told apart.
    """
    texts = hashlib.sha256()
    for path in sources():
        texts.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return int.from_bytes(texts.digest()[:8], "big")
