"""The departure windows that each commuter could accept, and what they may cost him."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.expectation import Expectation, Expecter, schedule_cost_min
from sim.population.observation import Observation
from sim.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class CandidateWindows:
    """Candidate windows of some commuters; a matrix row per commuter.

    Attributes
    ----------
    commuter : ndarray of int, shape (rows,)
        Rows of the population.
    window : ndarray of int, shape (rows, candidates)
        Numbers of windows, consecutive from the earliest one.
    acceptable : ndarray of bool, shape (rows, candidates)
        False beyond the commuter's flexibility.
    case : ndarray of int, shape (rows, candidates)
        Row of `unique_option` and `unique_window`.
    unique_option, unique_window : ndarray of int, shape (cases,)
        Distinct cases, so that each is worked out once.
    """

    commuter: IntArray
    window: IntArray
    acceptable: BoolArray
    case: IntArray
    unique_option: IntArray
    unique_window: IntArray


@dataclass(frozen=True)
class WindowCosts:
    """Expected costs of candidate windows.

    Attributes
    ----------
    candidates : CandidateWindows
    expectation : Expectation
        One row per distinct case.
    own_min : ndarray of float, shape (rows, candidates)
        Generalized cost of each commuter in each window; infinite where not acceptable.
    """

    candidates: CandidateWindows
    expectation: Expectation
    own_min: FloatArray


def window_of(departure_s: FloatArray, window_s: float) -> IntArray:
    """Return the number of the window in which a departure lies."""
    return np.floor(departure_s / window_s).astype(np.int64)


def candidate_windows(population: Population, commuter: IntArray, window_s: float) -> CandidateWindows:
    """List the windows within the flexibility of commuters who have a journey.

    The window of the habitual departure is always among them.

    Parameters
    ----------
    population : Population
    commuter : ndarray of int, shape (rows,)
        Rows of the population, each with a journey option.
    window_s : float
        Width of windows in seconds.
    """
    option = population.journeys.option[commuter]
    habit = window_of(population.habitual_departure_s[commuter], window_s)
    earliest, latest = population.earliest_departure_s[commuter], population.latest_departure_s[commuter]
    first = np.minimum(np.ceil(earliest / window_s - 1e-9).astype(np.int64), habit)
    last = np.maximum(np.floor(latest / window_s + 1e-9).astype(np.int64) - 1, habit)
    width = int((last - first).max(initial=0)) + 1
    window = first[:, None] + np.arange(width)
    acceptable = (window <= last[:, None]) & (window >= 0)
    span = int(window.max(initial=0)) + 2
    code = option[:, None] * span + np.clip(window, 0, None)
    distinct, case = np.unique(code, return_inverse=True)
    return CandidateWindows(
        commuter=commuter,
        window=window,
        acceptable=acceptable,
        case=case.reshape(window.shape),
        unique_option=distinct // span,
        unique_window=distinct % span,
    )


PLACES_IN_WINDOW = (np.arange(5) + 0.5) / 5
"""Evenly spread places within a window over which schedule delay is averaged, as shares of it."""


def window_costs(
    population: Population,
    preferences: PreferenceParameters,
    expecter: Expecter,
    observation: Observation,
    candidates: CandidateWindows,
    current_s: FloatArray,
) -> WindowCosts:
    """Cost the candidate windows of commuters under observed or forecast traffic.

    Whoever stays in his window leaves when he does now; in another window he may leave at
    any time of it, so schedule delay is averaged over the window.

    Parameters
    ----------
    population : Population
    preferences : PreferenceParameters
    expecter : Expecter
    observation : Observation
    candidates : CandidateWindows
    current_s : ndarray of float, shape (commuters,)
        Departure of every commuter of the population as it is now, seconds after midnight.
    """
    expectation = expecter.expect(observation, candidates.unique_option, candidates.unique_window)
    preferred = population.preferred_arrival_s[candidates.commuter][:, None]
    arrival = expectation.arrival_s[candidates.case]
    middle = (candidates.window + 0.5) * expecter.window_s
    now = current_s[candidates.commuter][:, None]
    stays = np.floor(now / expecter.window_s) == candidates.window
    offsets = (PLACES_IN_WINDOW - 0.5) * expecter.window_s
    anywhere = sum(schedule_cost_min(preferences, arrival + offset, preferred) for offset in offsets) / len(offsets)
    as_now = schedule_cost_min(preferences, arrival + now - middle, preferred)
    own = expectation.travel_cost_min[candidates.case] + np.where(stays, as_now, anywhere)
    return WindowCosts(candidates, expectation, np.where(candidates.acceptable, own, np.inf))
