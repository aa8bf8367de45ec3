"""The departure windows that each commuter could accept, and what they may cost him."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.observation import Observation
from sim.population.systematic_sampling import group_rows
from sim.population.window_forecast import PLACES_IN_WINDOW, WindowForecast, WindowForecaster, schedule_cost_min


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
    forecast : WindowForecast
        One row per distinct case.
    own_min : ndarray of float, shape (rows, candidates)
        Generalized cost of each commuter in each window; infinite where not acceptable.
    """

    candidates: CandidateWindows
    forecast: WindowForecast
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
    used = np.zeros(int(code.max(initial=-1)) + 1, dtype=np.bool_)
    used[code] = True
    distinct = np.flatnonzero(used)
    return CandidateWindows(
        commuter=commuter,
        window=window,
        acceptable=acceptable,
        case=(np.cumsum(used) - 1)[code],
        unique_option=distinct // span,
        unique_window=distinct % span,
    )


def window_costs(
    population: Population,
    preferences: PreferenceParameters,
    forecaster: WindowForecaster,
    observation: Observation,
    candidates: CandidateWindows,
    current_s: FloatArray | None = None,
    keep_queues: bool = False,
) -> WindowCosts:
    """Cost the candidate windows of commuters under observed or forecast traffic.

    Whoever stays in his window leaves when he does now; in another window he may leave at
    any time of it, so schedule delay is averaged over the window. A window after the last
    vehicle is none, and neither is one from which everybody meets the very vehicle that also
    waits for all who leave in the next window.

    Parameters
    ----------
    population : Population
    preferences : PreferenceParameters
    forecaster : WindowForecaster
    observation : Observation
    candidates : CandidateWindows
    current_s : ndarray of float, shape (commuters,) or None
        Departure of every commuter of the population as it is now, seconds after midnight;
        None averages over all windows alike.
    keep_queues : bool
        Keep a window where a first vehicle would leave without him even if the one that takes him
        also waits for the next window: of all windows in which nobody joins a queue only the last
        would remain, and all who want one of them would meet there.
    """
    forecast = forecaster.forecast(observation, candidates.unique_option, candidates.unique_window)
    preferred = population.preferred_arrival_s[candidates.commuter]
    traits = population.traits
    early, late = traits.early_factor[candidates.commuter], traits.late_factor[candidates.commuter]
    # Whoever is alike pays alike, which is worked out once.
    like = _alike(candidates, preferred, early, late)
    case, acceptable = candidates.case[like.first], candidates.acceptable[like.first]
    wish, *factors = (column[like.first, None, None] for column in (preferred, early, late))
    schedule_min = schedule_cost_min(preferences, forecast.place_arrival_s[case], wish, *factors).mean(axis=2)
    own = (forecast.travel_cost_min[case] + schedule_min)[like.of_row]
    useful = _useful(forecast, case, acceptable, keep_queues)[like.of_row]
    if current_s is not None:
        stays = window_of(current_s[candidates.commuter], forecaster.window_s)[:, None] == candidates.window
        row, column = np.nonzero(stays)
        stay = candidates.case[row, column]
        now_s = current_s[candidates.commuter[row]]
        leg, waits = forecaster.first_leg(forecast.option[stay]), forecaster.waits(observation)
        _, walk_s = forecaster.first_stop(forecast.option[stay])
        middle_s = (candidates.window[row, column] + 0.5) * forecaster.window_s
        shift_s = forecaster.board_s(waits, leg, now_s + walk_s) - forecaster.board_s(waits, leg, middle_s + walk_s)
        arrival_s = forecast.place_arrival_s[stay, MIDDLE] + shift_s
        as_now = schedule_cost_min(preferences, arrival_s, preferred[row], early[row], late[row])
        own[row, column] = forecast.travel_cost_min[stay] + as_now
        useful |= stays
    return WindowCosts(candidates, forecast, np.where(candidates.acceptable & useful, own, np.inf))


@dataclass(frozen=True)
class _Alike:
    """Rows that are the same: the first of each kind, and the kind of each row."""

    first: IntArray
    of_row: IntArray


def _alike(candidates: CandidateWindows, *columns: FloatArray) -> _Alike:
    codes = (np.unique(column, return_inverse=True)[1].reshape(-1) for column in columns)
    of_row = group_rows(candidates.case[:, 0], candidates.window[:, 0], candidates.acceptable.sum(axis=1), *codes)
    return _Alike(np.unique(of_row, return_index=True)[1].astype(np.int64), of_row)


MIDDLE = len(PLACES_IN_WINDOW) // 2
"""Column of the middle of a window among the places in it."""


def _useful(forecast: WindowForecast, case: IntArray, acceptable: BoolArray, keep_queues: bool) -> BoolArray:
    """Say which windows lead to a vehicle that the next window does not lead to as well, or to a queue."""
    first, last = forecast.place_arrival_s[:, 0], forecast.place_arrival_s[:, -1]
    useful = forecast.lost_share[case] < 1.0
    same = np.abs(last[case[:, 1:]] - first[case[:, :-1]]) < SAME_VEHICLE_S
    if keep_queues:
        same &= forecast.denied_share[case[:, :-1]] == 0.0
    useful[:, :-1] &= ~(same & useful[:, 1:] & acceptable[:, 1:])
    return useful


SAME_VEHICLE_S = 1e-3
"""Arrivals that differ by less are by the same vehicle."""
