"""What the engine needs by chance, drawn before the run into arrays by entity.

The order of events therefore never decides who gets which number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import BoolArray, FloatArray
from sim.engine.engine_input import EngineInput
from sim.engine.rules import ChanceLaws, DispatchNoise, HeadwayDistribution, NoiseDistribution
from sim.randomness import Purpose, Streams, UInt64Array, entity_keys
from sim.units import quantize


@dataclass(frozen=True)
class DayVariates:
    """The chance of one day.

    Attributes
    ----------
    dispatch_s : ndarray of float, shape (trips,)
        When each trip leaves its first stop, if its vehicle is there by then.
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


def draw_variates(engine_input: EngineInput, streams: Streams, day: int) -> DayVariates:
    """Draw the chance of one day of one replication.

    Parameters
    ----------
    engine_input : EngineInput
    streams : Streams
        Random numbers of the replication.
    day : int
        Simulated day, part of the key.
    """
    chance, dispatch_s = engine_input.chance, engine_input.timetable.scheduled_dispatch_s.copy()
    for law in range(len(chance.law_mean_s)):
        trips = chance.law_trip[chance.law_ptr[law] : chance.law_ptr[law + 1]]
        headways_s = _headways_s(chance, law, streams.uniform(Purpose.DISPATCH, chance.trip_key[trips], day))
        # Headways are added up before they are rounded: rounding each would shift a trip by what all before it were
        # rounded by.
        dispatch_s[trips] = quantize(chance.law_first_s[law] + np.cumsum(headways_s))
    if chance.dispatch_noise != DispatchNoise.NONE:
        # Numbers of their own: the headways of a law stay what they were without noise
        # (test_noise_is_added_to_headways_at_random).
        dispatch_s = quantize(np.maximum(dispatch_s + _off_time_s(chance, streams, day), 0.0))
    if chance.noise == NoiseDistribution.NORMAL:
        added_s = chance.noise_sigma_s * _normals(engine_input, streams, day)
        return DayVariates(dispatch_s, np.ones(len(added_s)), added_s)
    return DayVariates(dispatch_s, _running_factors(engine_input, streams, day))


def least_running_s(engine_input: EngineInput, variates: DayVariates) -> FloatArray:
    """Return the shortest running time of each visit to its next stop, whenever it leaves.

    Parameters
    ----------
    engine_input : EngineInput
    variates : DayVariates
        Chance of the day.
    """
    shortest = variates.running_s(engine_input.timetable.visit_running_s)
    hop = engine_input.positions.hop[engine_input.timetable.visit_position]
    rows = hop >= 0
    if rows.any():
        least = engine_input.running_times.table_s.min(axis=1)
        shortest[rows] = variates.running_s(least[hop[rows]], rows)
    return shortest * _least_slowing(engine_input)[engine_input.timetable.visit_position]


def _least_slowing(engine_input: EngineInput) -> FloatArray:
    """Return the least factor on running times that links and ways round bring about, shape (positions,).

    It is 0 from a stop that may be missed, since the run to it is then that to the stop after it.
    """
    positions = engine_input.positions
    least = np.ones(len(positions.stop))
    owner = np.repeat(np.arange(len(least)), np.diff(positions.slowing_ptr))
    np.minimum.at(least, owner, positions.slowing_factor)
    for place, missed in zip(owner.tolist(), positions.slowing_missed.tolist(), strict=True):
        least[place + 1 : place + 1 + max(missed, 0)] = 0.0
    return least


def _headways_s(chance: ChanceLaws, law: int, uniform: FloatArray) -> FloatArray:
    """Turn uniform numbers into headways in seconds, by inversion of the law."""
    kind, mean_s, cv = chance.law_distribution[law], float(chance.law_mean_s[law]), float(chance.law_cv[law])
    if kind == HeadwayDistribution.DETERMINISTIC:
        return np.full(len(uniform), mean_s)
    if kind == HeadwayDistribution.EXPONENTIAL:
        return -mean_s * np.log1p(-uniform)
    if kind == HeadwayDistribution.GAMMA:
        shape = cv**-2
        return np.asarray(mean_s * scipy.special.gammaincinv(shape, uniform) / shape, dtype=np.float64)
    if kind == HeadwayDistribution.UNIFORM:
        return np.asarray(mean_s * (1.0 + 3.0**0.5 * cv * (2.0 * uniform - 1.0)))
    return mean_s * (1.0 + cv * np.where(uniform < 0.5, -1.0, 1.0))


def _off_time_s(chance: ChanceLaws, streams: Streams, day: int) -> FloatArray:
    """Draw how much later than due each trip leaves its first stop, earlier where negative, shape (trips,)."""
    # By the name of the trip: one that is added moves nobody else's numbers (test_engine_draws.py).
    if chance.dispatch_noise == DispatchNoise.NORMAL:
        return chance.dispatch_sigma_s * streams.normal(Purpose.DISPATCH, chance.trip_key, day, 1)
    return -chance.dispatch_sigma_s * np.log1p(-streams.uniform(Purpose.DISPATCH, chance.trip_key, day, 1))


def _running_factors(engine_input: EngineInput, streams: Streams, day: int) -> FloatArray:
    noise, cv = engine_input.chance.noise, engine_input.chance.noise_cv
    if noise == NoiseDistribution.NONE:
        return np.ones(len(engine_input.timetable.visit_trip))
    if noise == NoiseDistribution.LOGNORMAL:
        sigma = np.sqrt(np.log1p(cv**2))
        return np.asarray(np.exp(sigma * _normals(engine_input, streams, day) - sigma**2 / 2))
    shape = cv**-2
    if engine_input.chance.noise_correlation == 0:
        return streams.gamma(Purpose.RUNNING_TIME, _visit_keys(engine_input), shape, day)
    drawn = scipy.special.gammaincinv(shape, scipy.special.ndtr(_normals(engine_input, streams, day)))
    return np.asarray(drawn / shape, dtype=np.float64)


def _normals(engine_input: EngineInput, streams: Streams, day: int) -> FloatArray:
    """Draw a standard normal number for each visit, part of which the whole day has in common."""
    own = streams.normal(Purpose.RUNNING_TIME, _visit_keys(engine_input), day)
    common = engine_input.chance.noise_correlation
    if common == 0:
        return own
    # Shares of the variance, so that the spread of a single running time is the declared one whatever days have in
    # common (test_a_day_has_its_share_of_the_variance_in_common).
    of_day = streams.normal(Purpose.RUNNING_TIME, np.zeros(1, dtype=np.uint64), day, 1)
    return np.asarray(common**0.5 * of_day + (1.0 - common) ** 0.5 * own, dtype=np.float64)


def _visit_keys(engine_input: EngineInput) -> UInt64Array:
    # By trip and place in it, not by row: a trip that is added moves nobody else's numbers (test_engine_draws.py).
    timetable = engine_input.timetable
    sequence = engine_input.positions.sequence[timetable.visit_position]
    return entity_keys(engine_input.chance.trip_key[timetable.visit_trip], sequence)
