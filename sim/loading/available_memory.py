"""What memory there is for the work, before the work."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PER_VISIT: Final = 300
"""Bytes a visit of a vehicle to a stop takes at least; measured: 450 at two million."""


def available_memory() -> float:
    """Return the bytes that this process can still have: of the machine, of its group, by its own limit."""
    import psutil

    return min(float(psutil.virtual_memory().available), *_limits())


def _limits() -> Iterator[float]:
    """Yield what is left under limits that the machine's own figure does not know."""
    import psutil

    yield math.inf
    group = Path("/sys/fs/cgroup")
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            texts = [(group / name).read_text().strip() for name in (limit, used)]
        except OSError:
            continue
        if all(re.fullmatch(r"\d+", text) for text in texts):
            yield float(texts[0]) - float(texts[1])
    process = psutil.Process()
    if hasattr(process, "rlimit"):
        most = process.rlimit(psutil.RLIMIT_AS)[0]
        if most not in (psutil.RLIM_INFINITY, -1):
            yield float(most) - float(process.memory_info().vms)


def gigabytes(size: float) -> str:
    """Write bytes for the user."""
    return f"{size / 1e9:,.1f} GB"
