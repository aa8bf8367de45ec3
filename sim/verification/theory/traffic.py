"""Traffic on links and in an area: closed forms."""

from __future__ import annotations

import math


def bpr(saturation: float) -> float:
    """Return running time over that at free flow, 1 + 0.15 x^4 (Bureau of Public Roads 1964)."""
    return 1.0 + 0.15 * saturation**4


def most_outflow(free_speed: float, jam: float, length: float) -> float:
    """Return the largest outflow of a reservoir, Vf nj / (4 L), with V = Vf (1 - n / nj) (Greenshields 1935)."""
    return free_speed * jam / (4.0 * length)


def steady_speed(inflow: float, free_speed: float, jam: float, length: float) -> float:
    """Return the speed at which outflow equals a constant inflow, Vf / 2 (1 + sqrt(1 - q / Gmax))."""
    return free_speed / 2.0 * (1.0 + math.sqrt(1.0 - inflow / most_outflow(free_speed, jam, length)))
