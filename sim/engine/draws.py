"""What the engine needs by chance, drawn before the run into arrays by entity.

The order of events therefore never decides who gets which number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from sim.engine.plan import Plan
from sim.model.service import HeadwayLaw
from sim.randomness import Purpose, Streams, UInt64Array, entity_keys
from sim.units import FloatArray, quantize


@dataclass(frozen=True)
class Draws:
    """The chance of one day.

    Attributes
    ----------
    dispatch_s : ndarray of float, shape (trips,)
        When each trip is due to leave its first stop.
    running_factor : ndarray of float, shape (visits,)
        Factor on the running time from each visit to the next, of mean 1.
    """

    dispatch_s: FloatArray
    running_factor: FloatArray


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
    return Draws(dispatch, _running_factors(plan, streams, day))


def least_running_s(plan: Plan, draws: Draws) -> FloatArray:
    """Return the shortest running time of each visit to its next stop, whenever it leaves.

    Parameters
    ----------
    plan : Plan
    draws : Draws
        Chance of the day.
    """
    shortest = quantize(plan.visit_running_s * draws.running_factor)
    times = plan.running_times
    if times is not None:
        rows = times.visit_hop >= 0
        least = times.table_s.min(axis=1)
        shortest[rows] = quantize(least[times.visit_hop[rows]] * draws.running_factor[rows])
    return shortest


def _headways(law: HeadwayLaw, uniform: FloatArray) -> FloatArray:
    """Turn uniform numbers into headways in seconds, by inversion of the law."""
    if law.distribution == "deterministic":
        return np.full(len(uniform), law.mean_s)
    if law.distribution == "exponential":
        return -law.mean_s * np.log1p(-uniform)
    if law.distribution == "gamma":
        shape = law.cv**-2
        return np.asarray(law.mean_s * special.gammaincinv(shape, uniform) / shape, dtype=np.float64)
    if law.distribution == "uniform":
        return np.asarray(law.mean_s * (1.0 + 3.0**0.5 * law.cv * (2.0 * uniform - 1.0)))
    return law.mean_s * (1.0 + law.cv * np.where(uniform < 0.5, -1.0, 1.0))


def _running_factors(plan: Plan, streams: Streams, day: int) -> FloatArray:
    noise = plan.parameters.running_time_noise
    visits = len(plan.visit_running_s)
    if noise.distribution == "none":
        return np.ones(visits)
    keys = _visit_keys(plan)
    if noise.distribution == "lognormal":
        sigma = np.sqrt(np.log1p(noise.cv**2))
        return np.asarray(np.exp(sigma * streams.normal(Purpose.RUNNING_TIME, keys, day) - sigma**2 / 2))
    return streams.gamma(Purpose.RUNNING_TIME, keys, noise.cv**-2, day)


def _visit_keys(plan: Plan) -> UInt64Array:
    return entity_keys(plan.trip_key[plan.service.visit_trip], plan.service.visit_sequence)
