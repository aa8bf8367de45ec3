"""What traffic does to speed: volume-delay functions of links, and a reservoir of cars."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import AreaParameters, TrafficParameters

FINEST_STEP_S = 15.0
"""Longest step of the integration, far below the minutes in which a reservoir changes."""

LEAST_SPEED_SHARE = 0.01
"""Speed of buses in gridlock as a share of the free one, so that a run ends (assumed)."""

CONICAL_ALPHA = 8.0
"""How sharply delay sets in under the function of Spiess 1990, Transportation Science 24:153-158 (value assumed)."""


def delay_factor(parameters: TrafficParameters, saturation: FloatArray) -> FloatArray:
    """Return the running time on links over that at free flow, for functions that are factors on it.

    BPR (Bureau of Public Roads 1964): ``1 + alpha x^beta``. Conical (Spiess 1990):
    ``2 + sqrt(a^2 (1 - x)^2 + b^2) - a (1 - x) - b`` with ``b = (2a - 1) / (2a - 2)``.

    Parameters
    ----------
    parameters : TrafficParameters
    saturation : ndarray of float
        x, volume over capacity.
    """
    if parameters.delay == "bpr":
        return np.asarray(1.0 + parameters.bpr_alpha * saturation**parameters.bpr_beta, dtype=np.float64)
    if parameters.delay == "conical":
        steep = CONICAL_ALPHA
        shift = (2.0 * steep - 1.0) / (2.0 * steep - 2.0)
        room = steep * (1.0 - saturation)
        return np.asarray(2.0 + np.sqrt(room**2 + shift**2) - room - shift, dtype=np.float64)
    return np.ones_like(saturation)


def running_s(
    parameters: TrafficParameters, free_s: float, capacity_per_s: float, volume_per_s: FloatArray
) -> FloatArray:
    """Return the running times on a link in seconds.

    Akcelik (1991, Australian Road Research 21(3):49-59) adds to the free time t0:
    ``t0 + T / 4 ((x - 1) + sqrt((x - 1)^2 + 8 J x / (c T)))``. The others are factors on it.

    Parameters
    ----------
    parameters : TrafficParameters
    free_s : float
        Running time of the empty link in seconds.
    capacity_per_s : float
        c, cars per second.
    volume_per_s : ndarray of float
        Cars per second.
    """
    saturation = volume_per_s / capacity_per_s
    if parameters.delay != "akcelik":
        return np.asarray(free_s * delay_factor(parameters, saturation), dtype=np.float64)
    period_s, over = parameters.akcelik_period_s, saturation - 1.0
    chance = 8.0 * parameters.akcelik_delay * saturation / (capacity_per_s * period_s)
    return np.asarray(free_s + period_s / 4.0 * (over + np.sqrt(over**2 + chance)), dtype=np.float64)


def reservoir_speed_shares(area: AreaParameters, standing_cars: FloatArray, step_s: float) -> FloatArray:
    """Return the speed in an area at the start of each time step, as a share of the free one.

    The number of cars n obeys ``n' = inflow - n V(n) / L`` with ``V(n) = Vf (1 - n / nj)``
    (Greenshields 1935; reservoir of Daganzo 2007). Buses take up room like cars but do not
    flow out of the balance: they are added to n in V.

    Parameters
    ----------
    area : AreaParameters
    standing_cars : ndarray of float, shape (steps,)
        Buses in the area as cars, by step; the first step starts at midnight.
    step_s : float
        Width of a step in seconds.
    """
    parts = int(np.ceil(step_s / FINEST_STEP_S))
    inflow = _inflow_per_s(area, len(standing_cars) * parts, step_s / parts)
    rate = area.free_speed_km_h / 3.6 / area.trip_length_m
    cars, dt = 0.0, step_s / parts
    shares = np.empty(len(standing_cars))
    for step, standing in enumerate(standing_cars.tolist()):
        shares[step] = max(1.0 - (cars + standing) / area.jam_cars, LEAST_SPEED_SHARE)
        for part in range(parts):
            cars = _next_cars(cars, inflow[step * parts + part], standing, rate, area.jam_cars, dt)
    return shares


def _next_cars(cars: float, inflow: float, standing: float, rate: float, jam: float, dt: float) -> float:
    """Take one step of the balance of cars (Runge-Kutta of order 4)."""

    def growth(number: float) -> float:
        return inflow - rate * number * max(1.0 - (number + standing) / jam, 0.0)

    first = growth(cars)
    second = growth(cars + dt / 2.0 * first)
    third = growth(cars + dt / 2.0 * second)
    fourth = growth(cars + dt * third)
    return min(max(cars + dt / 6.0 * (first + 2.0 * second + 2.0 * third + fourth), 0.0), jam)


def _inflow_per_s(area: AreaParameters, steps: int, step_s: float) -> list[float]:
    """Return the cars per second that start in each step, counted by the share of the step covered."""
    edges = np.arange(steps + 1) * step_s
    total = np.zeros(steps)
    for piece in area.inflow:
        covered = np.clip(edges, piece.start_s, piece.end_s)
        total += np.diff(covered) / step_s * piece.inflow_per_s
    return total.tolist()
