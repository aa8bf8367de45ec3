"""How a late vehicle spoils a line, and what control does about it: closed forms.

Lateness e[n, m] of vehicle m at stop n; vehicle 0 is late by e when dispatched, others are on
time. k is the dwell that a unit of headway adds: rate of arrivals times boarding time.
"""

from __future__ import annotations

import math


def departure_lateness(share: float, stop: int, vehicle: int, late: float) -> float:
    """Return the lateness where those who come during the dwell board too (Newell and Potts 1964).

    ``(1 - k) e[n, m] = e[n - 1, m] - k e[n, m - 1]``, of departures.

    Parameters
    ----------
    share : float
        k.
    stop, vehicle : int
        n, m.
    late : float
        Lateness of vehicle 0 at dispatch, in the unit of the result.
    """
    ratio = -share / (1.0 - share)
    return late * (1.0 - share) ** -stop * ratio**vehicle * math.comb(stop + vehicle - 1, vehicle)


def arrival_lateness(share: float, stop: int, vehicle: int, late: float) -> float:
    """Return the lateness where only those present at arrival board.

    ``e[n + 1, m] = (1 + k) e[n, m] - k e[n, m - 1]``, of arrivals; parameters as of
    `departure_lateness`.
    """
    if vehicle > stop:
        return 0.0
    return late * math.comb(stop, vehicle) * (1.0 + share) ** (stop - vehicle) * (-share) ** vehicle


def controlled_lateness(alpha: float, stop: int, vehicle: int, late: float) -> float:
    """Return the lateness under forward headway control (Daganzo 2009).

    ``e[n + 1, m] = (1 - a) e[n, m] + a e[n, m - 1]``, of arrivals, with control at every stop.

    Parameters
    ----------
    alpha : float
        a.
    stop, vehicle : int
    late : float
    """
    if vehicle > stop:
        return 0.0
    return late * math.comb(stop, vehicle) * (1.0 - alpha) ** (stop - vehicle) * alpha**vehicle


def noise_variance(headway: float, rate: float, boarding: float, sigma: float) -> float:
    """Return S, the variance that each stop and link adds: sigma^2 + b^2 lambda H for Poisson passengers.

    Parameters
    ----------
    headway, boarding, sigma : float
        H, boarding time per passenger, standard deviation of a running time.
    rate : float
        Passengers per unit of time and stop.
    """
    return sigma**2 + boarding**2 * rate * headway


def headway_variance(noise: float, share: float, alpha: float | None, stop: int) -> float:
    """Return the variance of headways at a stop of a line that starts with even ones.

    Without control ``S / (k (1 + k)) [(1 + 2k)^n P_n(x) - 1]``, with it
    ``S / (a (1 - a)) [1 - (1 - 2a)^n P_n(x)]``, P_n being Legendre's polynomial.

    Parameters
    ----------
    noise : float
        S, see `noise_variance`.
    share : float
        k.
    alpha : float or None
        a; None for no control.
    stop : int
        n.
    """
    if alpha is None:
        growth = share * (1.0 + share)
        if growth == 0:
            return 2.0 * noise * stop
        return noise / growth * (_scaled_legendre(stop, 1.0 + 2.0 * share, 1.0 + 2.0 * growth) - 1.0)
    damping = alpha * (1.0 - alpha)
    return noise / damping * (1.0 - _scaled_legendre(stop, 1.0 - 2.0 * alpha, 1.0 - 2.0 * damping))


def _scaled_legendre(order: int, scale: float, value: float) -> float:
    """Return scale^n P_n(value / scale), a polynomial in both, also where the scale is 0."""
    low, high = (value - scale) / 2.0, (value + scale) / 2.0
    return sum(math.comb(order, place) ** 2 * low ** (order - place) * high**place for place in range(order + 1))
