"""What the engine needs by chance, drawn before the run into arrays by entity.

The order of events therefore never decides who gets which number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import BoolArray, FloatArray
from sim.engine.plan import Plan
from sim.model.service import HeadwayLaw
from sim.randomness import Purpose, Streams, UInt64Array, entity_keys
from sim.units import quantize


@dataclass(frozen=True)
class Draws:
    """The chance of one day.

    Attributes
    ----------
    dispatch_s : ndarray of float, shape (trips,)
        When each trip is due to leave its first stop.
    running_factor : ndarray of float, shape (visits,)
        Factor on the running time from each visit to the next, of mean 1.
    running_added_s : ndarray of float, shape (visits,), or None
        Seconds added to the running time, of mean 0; None for nothing.
    """

    dispatch_s: FloatArray
    running_factor: FloatArray
    running_added_s: FloatArray | None = None

    def running_s(self, usual_s: FloatArray, visits: BoolArray | None = None) -> FloatArray:
        """Return running times in seconds with the chance of the day.

        Parameters
        ----------
        usual_s : ndarray of float
            Running times without it.
        visits : ndarray of bool, shape (visits,), or None
            Visits that they belong to; None for all.
        """
        rows = slice(None) if visits is None else visits
        running_s = usual_s * self.running_factor[rows]
        if self.running_added_s is not None:
            running_s = np.maximum(running_s + self.running_added_s[rows], 0.0)
        return quantize(running_s)


def draw(plan: Plan, streams: Streams, day: int) -> Draws:
    """Draw the chance of one day of one replication.

    Parameters
    ----------
    plan : Plan
    streams : Streams
        Random numbers of the replication.
    day : int
        Simulated day, part of the key.
    """
    dispatch = plan.scheduled_dispatch_s.copy()
    for law in plan.headway_laws:
        headways = _headways(law, streams.uniform(Purpose.DISPATCH, plan.trip_key[law.trips], day))
        dispatch[law.trips] = quantize(law.first_s + np.cumsum(headways))
    noise = plan.parameters.running_time_noise
    if noise.distribution == "normal":
        added_s = noise.sigma_s * _normals(plan, streams, day)
        return Draws(dispatch, np.ones(len(added_s)), added_s)
    return Draws(dispatch, _running_factors(plan, streams, day))


def least_running_s(plan: Plan, draws: Draws) -> FloatArray:
    """Return the shortest running time of each visit to its next stop, whenever it leaves.

    Parameters
    ----------
    plan : Plan
    draws : Draws
        Chance of the day.
    """
    shortest = draws.running_s(plan.visit_running_s)
    times = plan.running_times
    if times is not None:
        rows = times.visit_hop >= 0
        least = times.table_s.min(axis=1)
        shortest[rows] = draws.running_s(least[times.visit_hop[rows]], rows)
    return shortest


def _headways(law: HeadwayLaw, uniform: FloatArray) -> FloatArray:
    """Turn uniform numbers into headways in seconds, by inversion of the law."""
    if law.distribution == "deterministic":
        return np.full(len(uniform), law.mean_s)
    if law.distribution == "exponential":
        return -law.mean_s * np.log1p(-uniform)
    if law.distribution == "gamma":
        shape = law.cv**-2
        return np.asarray(law.mean_s * scipy.special.gammaincinv(shape, uniform) / shape, dtype=np.float64)
    if law.distribution == "uniform":
        return np.asarray(law.mean_s * (1.0 + 3.0**0.5 * law.cv * (2.0 * uniform - 1.0)))
    return law.mean_s * (1.0 + law.cv * np.where(uniform < 0.5, -1.0, 1.0))


def _running_factors(plan: Plan, streams: Streams, day: int) -> FloatArray:
    noise = plan.parameters.running_time_noise
    visits = len(plan.visit_running_s)
    if noise.distribution == "none":
        return np.ones(visits)
    if noise.distribution == "lognormal":
        sigma = np.sqrt(np.log1p(noise.cv**2))
        return np.asarray(np.exp(sigma * _normals(plan, streams, day) - sigma**2 / 2))
    shape = noise.cv**-2
    if noise.correlation == 0:
        return streams.gamma(Purpose.RUNNING_TIME, _visit_keys(plan), shape, day)
    drawn = scipy.special.gammaincinv(shape, scipy.special.ndtr(_normals(plan, streams, day)))
    return np.asarray(drawn / shape, dtype=np.float64)


def _normals(plan: Plan, streams: Streams, day: int) -> FloatArray:
    """Draw a standard normal number for each visit, part of which the whole day has in common."""
    own = streams.normal(Purpose.RUNNING_TIME, _visit_keys(plan), day)
    common = plan.parameters.running_time_noise.correlation
    if common == 0:
        return own
    of_day = streams.normal(Purpose.RUNNING_TIME, np.zeros(1, dtype=np.uint64), day, 1)
    return np.asarray(common**0.5 * of_day + (1.0 - common) ** 0.5 * own, dtype=np.float64)


def _visit_keys(plan: Plan) -> UInt64Array:
    return entity_keys(plan.trip_key[plan.service.visit_trip], plan.service.visit_sequence)
