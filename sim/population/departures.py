"""When commuters leave: by habit, by what they have learned, or as advised."""

from __future__ import annotations

import numpy as np

from sim.model.advice import AdvicePlan
from sim.model.parameters import BehaviourParameters, PreferenceParameters
from sim.population.commuters import Population
from sim.population.expectation import Expecter
from sim.population.journeys import logit_shares
from sim.population.observation import Observation
from sim.population.windows import candidate_windows, window_costs, window_of
from sim.randomness import Purpose, Streams
from sim.units import TICKS_PER_S, BoolArray, FloatArray, IntArray, quantize


def move_into(
    population: Population, departure_s: FloatArray, window: IntArray, window_s: float, streams: Streams
) -> FloatArray:
    """Move departures into windows; who already leaves inside his window stays as he is.

    Each commuter has a place within a window that is his on every day.

    Parameters
    ----------
    population : Population
    departure_s : ndarray of float, shape (commuters,)
    window : ndarray of int, shape (commuters,)
        Number of the window; -1 leaves a departure alone.
    window_s : float
        Width of windows in seconds.
    streams : Streams
    """
    place = streams.uniform(Purpose.WINDOW_PLACEMENT, population.key)
    moved = quantize(np.asarray((window + place) * window_s, dtype=np.float64))
    last = quantize(np.asarray((window + 1) * window_s, dtype=np.float64)) - 1.0 / TICKS_PER_S
    moved = np.minimum(moved, last)
    stays = (window < 0) | (window_of(departure_s, window_s) == window)
    return np.where(stays, departure_s, moved)


def learn(
    population: Population,
    current_s: FloatArray,
    learner: BoolArray,
    experience: Observation,
    expecter: Expecter,
    preferences: PreferenceParameters,
    behaviour: BehaviourParameters,
    streams: Streams,
    day: int,
) -> FloatArray:
    """Let a share of the learners reconsider their departure by logit over experienced costs.

    Parameters
    ----------
    population : Population
    current_s : ndarray of float, shape (commuters,)
        Departure of the day before.
    learner : ndarray of bool, shape (commuters,)
        Who may reconsider.
    experience : Observation
        Traffic as experienced so far.
    expecter : Expecter
    preferences : PreferenceParameters
    behaviour : BehaviourParameters
        Share who reconsider and logit scale.
    streams : Streams
    day : int

    Returns
    -------
    ndarray of float, shape (commuters,)
        New departures in seconds after midnight.
    """
    reconsiders = streams.uniform(Purpose.RECONSIDER, population.key, day) < behaviour.reconsider_share
    who = np.flatnonzero(learner & reconsiders & (population.journeys.option >= 0))
    if not len(who):
        return current_s
    candidates = candidate_windows(population, who, expecter.window_s)
    costs = window_costs(population, preferences, expecter, experience, candidates, current_s)
    cumulative = np.cumsum(logit_shares(costs.own_min, behaviour.logit_scale), axis=1)
    coin = streams.uniform(Purpose.DEPARTURE_CHOICE, population.key, day)[who]
    place = np.minimum((coin[:, None] > cumulative).sum(axis=1), candidates.window.shape[1] - 1)
    window = np.full(len(population), -1, dtype=np.int64)
    window[who] = candidates.window[np.arange(len(who)), place]
    return move_into(population, current_s, window, expecter.window_s, streams)


def follow(
    population: Population, departure_s: FloatArray, plan: AdvicePlan, complier: BoolArray, streams: Streams
) -> FloatArray:
    """Let those who comply leave in the window they were advised.

    Parameters
    ----------
    population : Population
    departure_s : ndarray of float, shape (commuters,)
        What each would do without advice.
    plan : AdvicePlan
    complier : ndarray of bool, shape (commuters,)
    streams : Streams
    """
    window = np.where(complier & plan.advised, plan.window, -1)
    return move_into(population, departure_s, window, plan.window_s, streams)
