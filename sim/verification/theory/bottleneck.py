"""A bottleneck with a common wish: Vickrey 1969, AER 59; Arnott, de Palma and Lindsey 1990, JUE 27:111-130.

Hours, commuters per hour, and costs per hour; all is exact for a fluid of commuters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray

PARTICLES = 200_000
"""Parts of the fluid where the queue has to be followed in time."""


@dataclass(frozen=True)
class Bottleneck:
    """Commuters N, capacity s, costs alpha of waiting, beta of early and gamma of late, wished time t*."""

    commuters: float
    capacity: float
    alpha: float
    beta: float
    gamma: float
    wished: float

    @property
    def delta(self) -> float:
        """Joint cost of time away from the wish, beta gamma / (beta + gamma)."""
        return self.beta * self.gamma / (self.beta + self.gamma)

    @property
    def length(self) -> float:
        """Length of the peak, N / s."""
        return self.commuters / self.capacity

    @property
    def opens(self) -> float:
        """First departure of the equilibrium, t_q."""
        return self.wished - self.gamma / (self.beta + self.gamma) * self.length

    @property
    def closes(self) -> float:
        """Last departure of the equilibrium, t_q'."""
        return self.opens + self.length

    @property
    def on_time(self) -> float:
        """Departure of the commuter who is on time, t_n."""
        return self.wished - self.delta * self.length / self.alpha

    @property
    def rates(self) -> tuple[float, float]:
        """Rates of departure of the equilibrium before and after t_n."""
        return (
            self.capacity * self.alpha / (self.alpha - self.beta),
            self.capacity * self.alpha / (self.alpha + self.gamma),
        )

    @property
    def optimum(self) -> float:
        """Least total cost, all of it for being early or late."""
        return self.delta * self.commuters**2 / (2.0 * self.capacity)

    @property
    def equilibrium(self) -> float:
        """Total cost of the equilibrium."""
        return 2.0 * self.optimum

    @property
    def longest_wait(self) -> float:
        """Wait of the commuter who is on time."""
        return self.delta * self.length / self.alpha

    @property
    def longest_queue(self) -> float:
        """Commuters in the queue that this commuter joins."""
        return self.longest_wait * self.capacity

    def departed(self, time: FloatArray) -> FloatArray:
        """Return the cumulative departures of the equilibrium."""
        first, second = self.rates
        before = np.clip(time, self.opens, self.on_time) - self.opens
        after = np.clip(time, self.on_time, self.closes) - self.on_time
        result: FloatArray = first * before + second * after
        return result

    def coordinated(self, share: float) -> float:
        """Return the least total cost with a share at the outer times and the others in their equilibrium."""
        return self.optimum * (1.0 + (1.0 - share) ** 2)

    def spread(self, share: float) -> float:
        """Return total cost when a share is spread over the whole peak, the others by habit."""
        return self.optimum * (2.0 - share)

    def window(self, share: float, start: float, width: float) -> float:
        """Return total cost when a share leaves evenly in a window, the others by habit.

        Closed form as long as capacity is never idle within the peak: TC_e + alpha p N (mUE - m). Otherwise the
        queue is followed in time.
        """
        if self._never_idle(share, start, width):
            middle = start + width / 2.0 - self.opens
            mean_departure = self.length / 2.0 * (1.0 - self.delta / self.alpha)
            return self.equilibrium + self.alpha * share * self.commuters * (mean_departure - middle)
        return self._followed(share, start, width)

    def _never_idle(self, share: float, start: float, width: float) -> bool:
        time = np.linspace(self.opens, self.closes, 20_001)
        out = (1.0 - share) * self.departed(time) + share * self.commuters * _uniform(time, start, width)
        return bool((out >= self.capacity * (time - self.opens) - 1e-7 * self.commuters).all())

    def _followed(self, share: float, start: float, width: float) -> float:
        """Follow the fluid in parts: first come, first served at the rate of the capacity."""
        habit = math.ceil((1.0 - share) * PARTICLES)
        rank = (np.arange(PARTICLES) + 0.5) * self.commuters / PARTICLES
        first, second = self.rates
        early = first * (self.on_time - self.opens)
        leaves = np.where(rank < early, self.opens + rank / first, self.on_time + (rank - early) / second)
        chosen = leaves[np.floor((np.arange(habit) + 0.5) * PARTICLES / max(habit, 1)).astype(np.int64)]
        advised = start + width * (np.arange(PARTICLES - habit) + 0.5) / max(PARTICLES - habit, 1)
        joins = np.sort(np.concatenate([chosen, advised]))
        step = self.length / PARTICLES
        number = np.arange(PARTICLES)
        exits = np.maximum.accumulate(joins - number * step) + number * step
        late = exits - self.wished
        cost = self.alpha * (exits - joins) + np.where(late > 0, self.gamma * late, -self.beta * late)
        return float(cost.mean()) * self.commuters


def _uniform(time: FloatArray, start: float, width: float) -> FloatArray:
    """Return the share of those who have left by a time who leave evenly in a window."""
    gone = (time - start) / width if width > 0 else np.where(time >= start, 1.0, 0.0)
    share: FloatArray = np.clip(gone, 0.0, 1.0)
    return share
