"""Departure windows: those that each commuter could accept, what they may cost them, and leaving in one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.journey_tree import TimedCases
from sim.population.observation import Observation
from sim.population.systematic_sampling import group_rows, spread_evenly
from sim.population.window_forecast import WindowForecast, WindowForecaster, schedule_cost_min
from sim.units import TICKS_PER_S, quantize


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
        Row of `unique_option` and `unique_window`; consecutive windows of a row that are no clipped ones have
        consecutive cases.
    cases : TimedCases
        Distinct cases of option and window, so that each is worked out once.
    """

    commuter: IntArray
    window: IntArray
    acceptable: BoolArray
    case: IntArray
    cases: TimedCases

    @property
    def unique_option(self) -> IntArray:
        """Option of each distinct case, shape (cases,)."""
        return self.cases.option

    @property
    def unique_window(self) -> IntArray:
        """Window of each distinct case, shape (cases,)."""
        return self.cases.window


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


def candidate_windows(population: Population, commuter: IntArray, forecaster: WindowForecaster) -> CandidateWindows:
    """List the windows within the flexibility of commuters who have a journey.

    The window of the habitual departure is always among them.

    Parameters
    ----------
    population : Population
    commuter : ndarray of int, shape (rows,)
        Rows of the population, each with a journey option.
    forecaster : WindowForecaster
        Knows the width of windows, and prepares the cases.
    """
    window_s = forecaster.window_s
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
        cases=forecaster.cases(distinct // span, distinct % span),
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

    Whoever stays in their window leaves when they do now, and waits and arrives accordingly; in another window they may
    leave at any time of it, so wait and schedule delay are averaged over the window. A window after the last
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
        Keep a window where a first vehicle would leave one behind even if the vehicle that takes one
        also waits for the next window: of all windows in which nobody joins a queue only the last
        would remain, and all who want one of them would meet there.
    """
    forecast = forecaster.forecast(observation, candidates.cases)
    own = _mean_schedule_min(population, preferences, forecast, candidates)
    own += np.take(forecast.travel_cost_min, candidates.case)
    own[~_is_window(forecast, candidates, keep_queues)] = np.inf
    if current_s is not None:
        at = _stays(candidates, current_s, forecaster.window_s)
        own[at] = _as_now_min(population, preferences, forecaster, (observation, forecast), candidates, current_s, at)
    return WindowCosts(candidates, forecast, own)


ROWS_AT_ONCE = 8192
"""Commuters who are costed together, so that what is worked on stays in the processor's cache."""


def _mean_schedule_min(
    population: Population,
    preferences: PreferenceParameters,
    forecast: WindowForecast,
    candidates: CandidateWindows,
) -> FloatArray:
    """Return the cost of being early or late in each candidate, on average over places in it, in minutes."""
    who = candidates.commuter
    preferred_s = population.preferred_arrival_s[who][:, None]
    traits = population.traits
    early, late = traits.early_factor[who][:, None], traits.late_factor[who][:, None]
    by_place = np.ascontiguousarray(forecast.place_arrival_s.T)
    mean_min = np.empty(candidates.case.shape)
    for start in range(0, len(who), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        case, wish = candidates.case[rows], (preferred_s[rows], early[rows], late[rows])
        total = np.zeros(case.shape)
        for arrival_s in by_place:
            total += schedule_cost_min(preferences, np.take(arrival_s, case), *wish)
        mean_min[rows] = total / len(by_place)
    return mean_min


def _stays(candidates: CandidateWindows, current_s: FloatArray, window_s: float) -> tuple[IntArray, IntArray]:
    """Return rows and columns of the candidates in which commuters leave now; rows without one are left out."""
    column = window_of(current_s[candidates.commuter], window_s) - candidates.window[:, 0]
    inside = (column >= 0) & (column < candidates.window.shape[1])
    row = np.flatnonzero(inside)
    row = row[candidates.acceptable[row, column[row]]]
    return row, column[row]


def _as_now_min(
    population: Population,
    preferences: PreferenceParameters,
    forecaster: WindowForecaster,
    traffic: tuple[Observation, WindowForecast],
    candidates: CandidateWindows,
    current_s: FloatArray,
    at: tuple[IntArray, IntArray],
) -> FloatArray:
    """Return what commuters who stay pay: they leave at their own moment, and not at any time of the window."""
    observation, forecast = traffic
    who, stay = candidates.commuter[at[0]], candidates.case[at]
    option = forecast.option[stay]
    joined_s = current_s[who] + forecaster.walk_first_s(option)
    waits_for = forecaster.waiting.of_leg[forecaster.first_leg(option)]
    boards_s = forecaster.waiting.boarded(observation, waits_for, joined_s[:, None]).board_s[:, 0]
    # Both from the mean over the window to their own moment: the vehicle boarded, and how long they wait for it.
    middle_s = (candidates.window[at] + 0.5) * forecaster.window_s
    shift_s = boards_s - (middle_s + joined_s - current_s[who] + forecast.first_wait_s[stay])
    wait_s = boards_s - joined_s - forecast.first_wait_s[stay]
    arrival_s = forecast.arrival_s[stay] + shift_s
    preferred_s, traits = population.preferred_arrival_s[who], population.traits
    factors = traits.early_factor[who], traits.late_factor[who]
    travel_min = forecast.travel_cost_min[stay] + preferences.wait_weight * wait_s / 60.0
    return travel_min + schedule_cost_min(preferences, arrival_s, preferred_s, *factors)


def _is_window(forecast: WindowForecast, candidates: CandidateWindows, keep_queues: bool) -> BoolArray:
    """Say which acceptable windows lead to a vehicle that the next window does not lead to as well, or to a queue."""
    first, last = forecast.place_arrival_s[:, 0], forecast.place_arrival_s[:, -1]
    reaches = forecast.lost_share < 1.0
    # Cases are sorted by option and window: the next one is the next window of the same option, where there is one.
    same = reaches[1:] & (np.abs(last[1:] - first[:-1]) < SAME_VEHICLE_S)
    if keep_queues:
        same &= forecast.denied_share[:-1] == 0.0
    idle = np.append(same, False)
    found = candidates.acceptable & np.take(reaches, candidates.case)
    found[:, :-1] &= ~(np.take(idle, candidates.case[:, :-1]) & candidates.acceptable[:, 1:])
    return found


SAME_VEHICLE_S = 1e-3
"""Arrivals that differ by less are by the same vehicle."""


def move_into(departure_s: FloatArray, window: IntArray, window_s: float, place: FloatArray) -> FloatArray:
    """Move departures into windows; commuters who already leave inside their window stay as they are.

    Parameters
    ----------
    departure_s : ndarray of float, shape (commuters,)
    window : ndarray of int, shape (commuters,)
        Number of the window; -1 leaves a departure alone.
    window_s : float
        Width of windows in seconds.
    place : ndarray of float, shape (commuters,)
        Place of each commuter in a window, as a share of it; the same on every day.
    """
    return _move(departure_s, AdvicePlan(window, window_s), place, keeps_inside=True)


def follow(
    departure_s: FloatArray, plan: AdvicePlan, complier: BoolArray, place: FloatArray, evenly: bool = False
) -> FloatArray:
    """Let those who comply leave in the window they were advised.

    Parameters
    ----------
    departure_s : ndarray of float, shape (commuters,)
        What each would do without advice.
    plan : AdvicePlan
    complier : ndarray of bool, shape (commuters,)
    place : ndarray of float, shape (commuters,)
        Place of each commuter in a window, as a share of it; the same on every day.
    evenly : bool
        Spread those who comply with a window evenly over it, also those who would leave inside
        it anyway; otherwise each commuter who has to move takes their own place.
    """
    window = np.where(complier & plan.advised, plan.window, -1)
    if evenly:
        group = group_rows(window)
        place = spread_evenly(place, group, np.full(len(group), 0.5))
    return _move(departure_s, AdvicePlan(window, plan.window_s, plan.grid_start_s), place, keeps_inside=not evenly)


def _move(departure_s: FloatArray, plan: AdvicePlan, place: FloatArray, keeps_inside: bool) -> FloatArray:
    """Put everybody who has a window at their place in it, as shares of the window."""
    moved = quantize(np.asarray(plan.grid_start_s + (plan.window + place) * plan.window_s, dtype=np.float64))
    end = quantize(np.asarray(plan.grid_start_s + (plan.window + 1) * plan.window_s, dtype=np.float64))
    moved = np.minimum(moved, end - 1.0 / TICKS_PER_S)
    stays = ~plan.advised | plan.contains(departure_s) if keeps_inside else ~plan.advised
    return np.where(stays, departure_s, moved)
