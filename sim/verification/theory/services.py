"""Timetabled services with crowding (de Palma, Lindsey and Monchambert 2017, JUE 101:106-122).

The cost of service k is delta_k + lam n_k / s for each of its n_k riders; n sums to N. All
functions take and return loads and costs in these units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from sim.arrays import FloatArray

MOST_DAYS = 200
"""Longest approach to a cycle of daily advice that is looked for."""


@dataclass(frozen=True)
class Services:
    """Parameters of a world of services.

    Attributes
    ----------
    delta : ndarray of float, shape (services,)
        Cost of an empty service.
    riders : float
        All riders, N.
    slope : float
        Growth of the cost per rider, lam / s.
    """

    delta: FloatArray
    riders: float
    slope: float

    def cost(self, load: FloatArray) -> FloatArray:
        """Return the cost of a rider of each service."""
        return self.delta + self.slope * load

    def total(self, load: FloatArray) -> float:
        """Return the cost of all riders."""
        return float(load @ self.cost(load))

    def equilibrium(self, fixed: FloatArray | None = None) -> FloatArray:
        """Return the loads at which nobody who may choose gains by another service.

        Parameters
        ----------
        fixed : ndarray of float or None
            Riders of each service who do not choose.
        """
        return self._filled(self.slope, fixed)

    def optimum(self, fixed: FloatArray | None = None) -> FloatArray:
        """Return the loads of least total cost, given riders who do not choose."""
        return self._filled(2.0 * self.slope, fixed)

    def _filled(self, slope: float, fixed: FloatArray | None) -> FloatArray:
        """Pour N riders into the services: n_k = max(fixed_k, (level - delta_k) / slope), sum n_k = N."""
        floor = np.zeros(len(self.delta)) if fixed is None else fixed
        start = self.delta + slope * floor
        order = np.argsort(start, kind="stable")
        outside = float(floor.sum())
        pooled = level = 0.0
        for place, service in enumerate(order):
            outside -= float(floor[service])
            pooled += float(self.delta[service])
            level = (slope * (self.riders - outside) + pooled) / (place + 1)
            if place + 1 == len(order) or level <= start[order[place + 1]]:
                break
        load: FloatArray = np.maximum(floor, (level - self.delta) / slope)
        return load

    def naive(self, share: float, load: FloatArray, service: int) -> FloatArray:
        """Return the loads when a share of the riders of every service moves to one."""
        moved = (1.0 - share) * load
        moved[service] += share * self.riders
        return moved

    def naive_threshold(self) -> float:
        """Return the share beyond which naive advice does harm: (S2 - N n_j) / (N^2 - 2 N n_j + S2)."""
        load = self.equilibrium()
        least, square = float(load.min()), float(load @ load)
        return (square - self.riders * least) / (self.riders**2 - 2.0 * self.riders * least + square)

    def daily_cycle(self, share: float) -> tuple[int, list[FloatArray]]:
        """Return the days before the cycle of daily naive advice and the loads of its days.

        Every day the share is advised the service that carried the least the day before, the
        first one on a tie; the others keep to their equilibrium.
        """
        habit = self.equilibrium()
        loads, advised = [habit], [-1]
        while len(loads) < MOST_DAYS:
            service = int(np.argmin(np.round(loads[-1], 9)))
            if service in advised:
                # The load of a day follows from the service advised alone.
                first = advised.index(service)
                return first, loads[first:]
            advised.append(service)
            loads.append(self.naive(share, habit, service))
        raise ArithmeticError("no cycle of daily advice was found")

    def logit_load(self, theta: float) -> float:
        """Return the load of the first of two services at the fixed point of logit choice."""
        low, high = 0.0, self.riders
        for _ in range(200):
            middle = (low + high) / 2.0
            first, second = self.cost(np.array([middle, self.riders - middle]))
            low, high = (middle, high) if self.riders * _logit(theta * (second - first)) > middle else (low, middle)
        return (low + high) / 2.0

    def logit_loads(self, theta: float) -> FloatArray:
        """Return the loads of any number of services at the fixed point of logit choice.

        ``n_k = C exp(-theta (delta_k + slope n_k))``, so that theta slope n_k is Wright's omega of
        ln(theta slope C) - theta delta_k; C makes the sum N.
        """
        factor = theta * self.slope

        def loads(level: float) -> FloatArray:
            found: FloatArray = np.real(special.wrightomega(level - theta * self.delta)) / factor
            return found

        most = factor * self.riders + math.log(max(factor * self.riders, 1.0)) + theta * float(self.delta.max()) + 1.0
        level = optimize.brentq(lambda z: loads(z).sum() - self.riders, -most - 700.0, most, xtol=1e-13, rtol=1e-14)
        return loads(level)

    def logit_responses(self, theta: float) -> FloatArray:
        """Return how strongly logit choice answers a change of costs near its fixed point.

        Eigenvalues of theta slope N (diag(P) - P P^T), but for the one of a change of all costs
        alike, which is 0.
        """
        share = self.logit_loads(theta) / self.riders
        spread = np.linalg.eigvalsh(np.diag(share) - np.outer(share, share))
        found: FloatArray = np.asarray(theta * self.slope * self.riders * spread[1:], dtype=np.float64)
        return found

    def critical_share(self, theta: float) -> float:
        """Return the daily share of two services' riders up to which logit choice settles."""
        share = self.logit_load(theta) / self.riders
        return 2.0 / (1.0 + 2.0 * theta * self.slope * self.riders * share * (1.0 - share))


def _logit(utility: float) -> float:
    return 1.0 / (1.0 + math.exp(-utility)) if utility >= 0 else math.exp(utility) / (1.0 + math.exp(utility))
