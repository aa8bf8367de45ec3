"""Traffic on links and in an area: further closed forms beside those of `sim.verification.theory.traffic`."""

from __future__ import annotations

import math

from sim.verification.theory.traffic import most_outflow


def conical(saturation: float, alpha: float) -> float:
    """Return running time over that at free flow (Spiess 1990, Transportation Science 24:153-158)."""
    beta = (2.0 * alpha - 1.0) / (2.0 * alpha - 2.0)
    room = 1.0 - saturation
    return 2.0 + math.hypot(alpha * room, beta) - alpha * room - beta


def akcelik(free: float, saturation: float, capacity: float, period: float, delay: float) -> float:
    """Return the running time on a link (Akcelik 1991, Australian Road Research 21(3):49-59).

    Parameters
    ----------
    free, period : float
        t0 and T, in the same unit.
    saturation : float
        x, volume over capacity.
    capacity : float
        c, cars per unit of time.
    delay : float
        J.
    """
    root = math.hypot(saturation - 1.0, math.sqrt(8.0 * delay * saturation / (capacity * period)))
    return free + 0.25 * period * (saturation - 1.0 + root)


def stop_lost_s(speed_km_h: float, acceleration: float, deceleration: float) -> float:
    """Return the seconds lost at a stop against constant speed, v / 2 (1 / acc + 1 / dec), with m/s2."""
    return speed_km_h / 7.2 * (1.0 / acceleration + 1.0 / deceleration)


def steady_cars(inflow: float, free_speed: float, jam: float, length: float) -> float:
    """Return the cars at which outflow equals a constant inflow, nj / 2 (1 - sqrt(1 - q / Gmax))."""
    return jam / 2.0 * (1.0 - math.sqrt(1.0 - inflow / most_outflow(free_speed, jam, length)))


def hours_to_jam(inflow: float, free_speed: float, jam: float, length: float) -> float:
    """Return how long an empty reservoir takes to fill with more inflow than it can let out.

    ``n' = a ((n - nj / 2)^2 + w^2)`` with a = Vf / (L nj) and w = nj / 2 sqrt(q / Gmax - 1), so that
    the time from 0 to nj is ``2 atan(nj / (2 w)) / (a w)``.
    """
    width = jam / 2.0 * math.sqrt(inflow / most_outflow(free_speed, jam, length) - 1.0)
    return 2.0 * math.atan(jam / (2.0 * width)) * length * jam / (free_speed * width)


def filling_cars(time: float, inflow: float, free_speed: float, jam: float, length: float) -> float:
    """Return the cars in a reservoir that was empty at time 0 (the Riccati equation solved).

    ``n' = q - n Vf (1 - n / nj) / L`` has two equilibria n1 < n2, and
    ``(n1 - n) / (n2 - n)`` falls from ``n1 / n2`` as ``exp(-Vf (n2 - n1) t / (L nj))``.

    Parameters
    ----------
    time, inflow, free_speed, length : float
        In hours, cars per hour, km/h, km.
    jam : float
        nj.
    """
    root = math.sqrt(1.0 - inflow / most_outflow(free_speed, jam, length))
    low, high = jam / 2.0 * (1.0 - root), jam / 2.0 * (1.0 + root)
    ratio = low / high * math.exp(-free_speed * (high - low) * time / (length * jam))
    return (low - ratio * high) / (1.0 - ratio)
