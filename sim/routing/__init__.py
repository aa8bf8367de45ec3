"""Journey options: which legs lead from where to where, and which are worth considering."""

from __future__ import annotations

from sim.routing.options import find_options

__all__ = ["find_options"]
