"""A stop where vehicles with few free places call: queues with bulk service.

Fixed headway: M/D^[c]/1 (Bailey 1954, JRSS-B 16:80-87). Vehicles at random: M/M^[c]/1
(bulk service, Kleinrock 1975, Queueing Systems 1, section 4.6). c free places a vehicle, a passengers per
headway on average, first come first served. Times are in headways.

What is left behind by the n-th vehicle follows L' = max(L + A - c, 0) with A the passengers
who come between two vehicles.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import linalg, optimize, sparse, special
from scipy.sparse import linalg as sparse_linalg

from sim.arrays import FloatArray, IntArray

_TAIL = 1e-13
_LEAST_MEAN = 1e-9
_ROOT_STEPS = 100_000


def bailey_roots(arrivals: float, capacity: int) -> np.ndarray:
    """Return the roots z of z^c = exp(a (z - 1)) inside the unit circle, shape (capacity - 1,).

    Parameters
    ----------
    arrivals : float
        Passengers per headway, less than the capacity.
    capacity : int
        Free places of a vehicle.
    """
    turn = np.exp(2j * np.pi * np.arange(1, capacity) / capacity)
    roots = np.zeros(capacity - 1, dtype=np.complex128)
    for _ in range(_ROOT_STEPS):
        following = turn * np.exp(arrivals * (roots - 1.0) / capacity)
        if not len(roots) or np.abs(following - roots).max() < 1e-15:
            break
        roots = following
    return roots


def mean_left(arrivals: float, capacity: int) -> float:
    """Return the mean number a vehicle leaves behind under a fixed headway (Bailey 1954)."""
    roots = bailey_roots(arrivals, capacity)
    whole = (capacity * (capacity - 1) - arrivals**2) / (2.0 * (capacity - arrivals))
    return float((1.0 / (1.0 - roots)).sum().real - whole)


def nobody_left_share(arrivals: float, capacity: int) -> float:
    """Return the share of vehicles that leave nobody behind under a fixed headway (Bailey 1954)."""
    roots = bailey_roots(arrivals, capacity)
    logarithm = arrivals + np.log(np.abs(roots / (roots - 1.0))).sum()
    return float((capacity - arrivals) * math.exp(logarithm))


def mean_wait(arrivals: float, capacity: int) -> float:
    """Return the mean wait in headways under a fixed headway: half of one, and one per vehicle missed."""
    return 0.5 + mean_left(arrivals, capacity) / arrivals


def left_law(arrivals: float, capacity: int) -> FloatArray:
    """Return the law of the number left behind under a fixed headway: P(L = 0), P(L = 1), ...

    The stationary equations are solved numerically; the tail that is cut off weighs less than
    1e-12.
    """
    chain = _chain(arrivals, capacity)
    size = len(chain)
    law: FloatArray = linalg.solve((np.eye(size) - chain + 1.0).T, np.ones(size))
    return law


def full_share(arrivals: float, capacity: int) -> float:
    """Return the share of vehicles that leave full under a fixed headway, P(L + A >= c)."""
    law = left_law(arrivals, capacity)
    few = np.arange(min(capacity, len(law)))
    not_full = law[few] @ special.pdtr(capacity - 1 - few, arrivals)
    return float(1.0 - not_full)


def denied_first_share(arrivals: float, capacity: int) -> float:
    """Return the share of passengers for whom the first vehicle has no place, under a fixed headway.

    First come first served: of the A who come before a vehicle, min(A, max(L + A - c, 0)) are
    left behind by it.
    """
    law = left_law(arrivals, capacity)
    most = int(arrivals + 12.0 * math.sqrt(arrivals) + 40.0)
    came = np.arange(most + 1)
    left = np.maximum(np.arange(len(law))[:, None] + came - capacity, 0)
    return float(law @ np.minimum(came, left) @ _poisson(came, arrivals) / arrivals)


def random_vehicles_root(arrivals: float, capacity: int) -> float:
    """Return r with a = r + r^2 + ... + r^c: the queue when a vehicle comes at random is geometric in r."""
    powers = np.arange(1, capacity + 1)
    return float(optimize.brentq(lambda r: (r**powers).sum() - arrivals, 0.0, 1.0, xtol=1e-15, rtol=1e-14))


def random_vehicles_mean_wait(arrivals: float, capacity: int) -> float:
    """Return the mean wait in mean headways where vehicles come at random, M/M^[c]/1."""
    root = random_vehicles_root(arrivals, capacity)
    return root / (1.0 - root) / arrivals


def relaxation_headways(variance: float, arrivals: float, capacity: int) -> float:
    """Return the time in headways in which a start without a queue is forgotten by a factor e.

    That of a reflected Brownian motion with the drift and the variance of the queue, twice
    variance over drift squared. Says how much of a run to leave out.

    Parameters
    ----------
    variance : float
        Variance of the passengers per headway.
    arrivals : float
        Passengers per headway.
    capacity : int
    """
    return 2.0 * variance / (capacity - arrivals) ** 2


def states_needed(arrivals: float, capacity: int) -> int:
    """Return how many values of the number left behind weigh more than the tail that is cut off."""
    low, high = 1.0 + 1e-12, 2.0
    while arrivals * (high - 1.0) < capacity * math.log(high):
        high *= 2.0
    root = optimize.brentq(lambda z: arrivals * (z - 1.0) - capacity * math.log(z), low, high)
    return math.ceil(-math.log(_TAIL) / math.log(root)) + 2


def relative_variance(arrivals: float, capacity: int, value: FloatArray) -> float:
    """Return the variance of the mean of a value of L over vehicles, over its square; n vehicles have an n-th.

    From the Poisson equation of the chain under a fixed headway (Kemeny and Snell 1960). Says
    how long a run must be; no part of the theory that is tested. Infinite where the mean is lost
    in rounding.

    Parameters
    ----------
    arrivals : float
    capacity : int
    value : ndarray of float
        Value at L = 0, 1, ..., one for each of `states_needed`.
    """
    chain = _chain(arrivals, capacity)
    law = left_law(arrivals, capacity)
    mean = law @ value
    if mean < _LEAST_MEAN:
        return math.inf
    deviation = value - mean
    potential = linalg.solve(np.eye(len(chain)) - chain + law, deviation)
    return float(law @ (2.0 * deviation * potential - deviation**2) / mean**2)


def random_vehicles_relative_variance(
    arrivals: float,
    capacity: int,
    value: Callable[[FloatArray], FloatArray] = lambda queue: queue,
    *,
    sampled: bool = False,
) -> float:
    """Return the variance of the mean of a value over one mean headway, over its square, in M/M^[c]/1.

    From the Poisson equation of the queue in continuous time; as `relative_variance`.

    Parameters
    ----------
    arrivals : float
    capacity : int
    value : callable
        Of the number in the queue; the number itself where missing.
    sampled : bool
        The mean is one over vehicles, which come at random, and not one over time.
    """
    root = random_vehicles_root(arrivals, capacity)
    size = math.ceil(math.log(_TAIL) / math.log(root)) + capacity
    law = (1.0 - root) * root ** np.arange(size)
    after = np.maximum(np.arange(size) - capacity, 0)
    rows = np.arange(size)
    leave = sparse.csr_matrix((np.ones(size), (rows, after)), (size, size))
    come = sparse.csr_matrix((np.ones(size), (rows, np.minimum(rows + 1, size - 1))), (size, size))
    generator = leave + arrivals * come - (1.0 + arrivals) * sparse.identity(size)
    seen = value(rows.astype(np.float64))
    mean = law @ seen
    if mean < _LEAST_MEAN:
        return math.inf
    deviation = seen - mean
    system = sparse.lil_matrix(-generator)
    system[0, :] = 0.0
    system[0, 0] = 1.0
    known = deviation.copy()
    known[0] = 0.0
    potential = sparse_linalg.spsolve(system.tocsc(), known)
    potential -= law @ potential
    own = law @ deviation**2 if sampled else 0.0
    return float((2.0 * (law @ (deviation * potential)) + own) / mean**2)


def _poisson(count: IntArray, mean: float) -> FloatArray:
    share: FloatArray = np.exp(count * math.log(mean) - mean - special.gammaln(count + 1.0))
    return share


def _chain(arrivals: float, capacity: int) -> FloatArray:
    """Return the chances to go from L to L', shape (states, states); what goes beyond stays at the end."""
    size = states_needed(arrivals, capacity)
    state = np.arange(size)
    came = state[None, :] + capacity - state[:, None]
    chain = np.where(came >= 0, _poisson(np.maximum(came, 0), arrivals), 0.0)
    chain[:, 0] = np.where(state <= capacity, special.pdtr(np.maximum(capacity - state, 0), arrivals), 0.0)
    chain[:, -1] += 1.0 - chain.sum(axis=1)
    return chain
