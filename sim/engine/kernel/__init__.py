"""The compiled engine: its sources in C, and the library that an installation makes of them where it can."""

from __future__ import annotations

from sim.engine.kernel.library import Kernel, load

__all__ = ["Kernel", "load"]
