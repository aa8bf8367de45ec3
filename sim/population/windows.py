"""Departure windows: those that each commuter could accept, and what they may cost them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import loops
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.connections import SELDOM_S, Connections, Wishes
from sim.population.idle_windows import IdleWindows
from sim.population.journey_tree import TimedCases
from sim.population.moments import leaving_at
from sim.population.observation import Observation
from sim.population.route_choice import fare_beyond_min
from sim.population.schedule_cost import schedule_cost_min
from sim.population.window_forecast import PlaceArrivals, WindowForecast, WindowForecaster
from sim.units import TICKS_PER_S, quantize

Kept = Literal["windows", "queues", "all"]


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
    by_day : ndarray of bool, shape (rows, candidates)
        Where that is a mean over the days seen by what riders met on each, so that it holds how days differ.
    """

    candidates: CandidateWindows
    forecast: WindowForecast
    own_min: FloatArray
    by_day: BoolArray


def window_of(departure_s: FloatArray, window_s: float) -> IntArray:
    """Return the number of the window in which a departure lies."""
    return np.floor(departure_s / window_s).astype(np.int64)


def windows_within(
    earliest_s: FloatArray, latest_s: FloatArray, usual: IntArray, window_s: float
) -> tuple[IntArray, IntArray]:
    """Return the first and the last window that lies within the flexibility of people, or is their usual one.

    Parameters
    ----------
    earliest_s, latest_s : ndarray of float
        Between which they could leave, seconds after midnight.
    usual : ndarray of int
        Windows of their usual departures.
    window_s : float

    Returns
    -------
    tuple of ndarray of int
        Numbers of windows; below 0 where they could leave before midnight.
    """
    first = np.minimum(np.ceil(earliest_s / window_s - 1e-9).astype(np.int64), usual)
    last = np.maximum(np.floor(latest_s / window_s + 1e-9).astype(np.int64) - 1, usual)
    return first, last


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
    earliest_s, latest_s = population.earliest_departure_s[commuter], population.latest_departure_s[commuter]
    first, last = windows_within(earliest_s, latest_s, habit, window_s)
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
    chosen_departure_s: FloatArray | tuple[FloatArray, ...] | None = None,
    keep: Kept = "windows",
    moment_s: FloatArray | None = None,
) -> WindowCosts:
    """Cost the candidate windows of commuters under observed or forecast traffic.

    Whoever stays in their window leaves when they do now, and waits and arrives accordingly; in another window they may
    leave at any time of it, so wait and schedule delay are averaged over the window. A window after the last
    vehicle has no cost. Nor has one whose people all meet a vehicle that the people of the next window meet
    too, unless one would miss it there: leaving later costs them less (`sim.population.idle_windows`).

    Parameters
    ----------
    population : Population
    preferences : PreferenceParameters
    forecaster : WindowForecaster
    observation : Observation
    candidates : CandidateWindows
    chosen_departure_s : ndarray of float, shape (commuters,), tuple of these or None
        Departure of every commuter of the population as it is now, seconds after midnight; several where they have
        more than one moment of their own, as by habit and by now, of which the last counts in a window with two.
        None averages over all windows alike.
    keep : str
        What has a cost. With "queues", also a window where a first vehicle would leave one behind even if the vehicle
        that takes one also waits for the next window: of all windows in which nobody joins a queue only the last
        would remain, and all who want one of them would meet there. With "all", windows that are none too.
    moment_s : ndarray of float, shape (rows, candidates), or None
        When each would leave in each candidate, seconds after midnight, where that is known: then no cost is a mean
        over places in a window.
    """
    forecast = forecaster.forecast(observation, candidates.cases)
    traffic, everybody = (observation, forecast), (population, preferences)
    own, by_day = costs_of_places_min(*everybody, forecaster, traffic, candidates, follows=moment_s is None)
    idle = IdleWindows(candidates.window, candidates.acceptable, candidates.case, forecast, keep == "queues")
    found = np.ones(own.shape, dtype=np.bool_) if keep == "all" else idle.others()
    if moment_s is not None:
        found[idle.with_an_earlier_vehicle(forecaster, observation, found, moment_s)] = True
    departures = chosen_departure_s if isinstance(chosen_departure_s, tuple) else (chosen_departure_s,)
    moments = [_stays(candidates, each, forecaster.window_s) for each in departures if each is not None]
    if keep != "all":
        for own_moments in moments:
            found[idle.before_a_missed_vehicle(forecaster, observation, found, own_moments, moment_s)] = True
    own[~found] = np.inf
    if moment_s is not None:
        known = np.isfinite(own)
        for at, _ in moments:
            known[at] = True
        row, column = np.nonzero(known)
        moments = [((row, column), moment_s[row, column])]
    for at, leaves_s in moments:
        wish = _wishes(population, candidates.commuter[at[0]])
        own_min, by_day[at] = leaving_at(preferences, forecaster, traffic, candidates.case[at], leaves_s, wish)
        own[at] = np.where(np.isfinite(own_min), own_min, own[at]) if keep == "all" else own_min
    return WindowCosts(candidates, forecast, own + fares_by_class_min(population, candidates, forecaster), by_day)


def costs_of_places_min(
    population: Population,
    preferences: PreferenceParameters,
    forecaster: WindowForecaster,
    traffic: tuple[Observation, WindowForecast],
    candidates: CandidateWindows,
    *,
    follows: bool = True,
) -> tuple[FloatArray, BoolArray]:
    """Return what `costs_anywhere_min` does, but by riders of the days seen where people wait long for a connection.

    Parameters
    ----------
    population : Population
    preferences : PreferenceParameters
    forecaster : WindowForecaster
    traffic : tuple of (Observation, WindowForecast)
        What was seen, and what it means for the cases of the candidates.
    candidates : CandidateWindows
    follows : bool
        False for means alone, where nothing comes of them.

    Returns
    -------
    own_min : ndarray of float, shape (rows, candidates)
    by_day : ndarray of bool, shape (rows, candidates)
        Where it is by riders: on each day they arrive from all places.
    """
    forecast = traffic[1]
    found = costs_anywhere_min(population, preferences, forecast, candidates)
    by_day = np.zeros(found.shape, dtype=np.bool_)
    if not follows or forecast.places.giving_up is not None or not forecaster.transfers.any():
        return found, by_day
    cases = np.arange(len(forecast.option))
    changing_s = forecast.wait_s - forecast.first_wait_s(cases)
    seldom = np.flatnonzero((forecaster.transfers[forecast.path.cases.followed] > 0.0) & (changing_s >= SELDOM_S))
    number = np.full(len(cases), -1, dtype=np.int64)
    number[seldom] = np.arange(len(seldom))
    at = np.nonzero((number[candidates.case] >= 0) & candidates.acceptable)
    which, wish = number[candidates.case[at]], _wishes(population, candidates.commuter[at[0]])
    places, riders_min = len(forecaster.places_s), np.zeros(len(which))
    leaves_s = ((forecast.window[seldom] + 0.5) * forecaster.window_s)[:, None] + forecaster.places_s
    met = Connections.of(preferences, forecaster, traffic, np.repeat(seldom, places), leaves_s.ravel())
    for place in range(places):
        riders_min += met.cost_min(preferences, wish, which * places + place) / places
    by_day[at] = np.isfinite(riders_min)
    found[at] = np.where(by_day[at], riders_min, found[at])
    return found, by_day


def _wishes(population: Population, who: IntArray) -> Wishes:
    traits = population.traits
    return population.preferred_arrival_s[who], traits.early_factor[who], traits.late_factor[who]


def fares_by_class_min(
    population: Population, candidates: CandidateWindows, forecaster: WindowForecaster
) -> FloatArray:
    """Return what fares are worth to people beyond others, in minutes, alike in all windows, shape (commuters, 1)."""
    # Without it savings would be shares of something else than people pay (tests/functional/test_expected_is_paid.py).
    who = candidates.commuter
    option, worth = population.journeys.option[who], population.traits.value_of_time_factor[who]
    return fare_beyond_min(forecaster.options, option, worth)[:, None]


def costs_anywhere_min(
    population: Population,
    preferences: PreferenceParameters,
    forecast: WindowForecast,
    candidates: CandidateWindows,
) -> FloatArray:
    """Return what candidate windows cost commuters on average over places in them, in minutes.

    Windows that are none are among them, such as one from which everybody waits for the vehicle of the next.
    """
    wish = _wishes(population, candidates.commuter)
    return anywhere_min(preferences, forecast.places, forecast.travel_cost_min, candidates.case, *wish)


ROWS_AT_ONCE = 8192
"""Commuters who are costed together, so that what is worked on stays in the processor's cache."""


def anywhere_min(
    preferences: PreferenceParameters,
    arrivals: PlaceArrivals,
    travel_cost_min: FloatArray,
    case: IntArray,
    preferred_s: FloatArray,
    early_factor: FloatArray,
    late_factor: FloatArray,
) -> FloatArray:
    """Return the mean cost of travelling and of being early or late over places in windows, in minutes.

    Whoever gives up is neither early nor late. The compiled loops, which know of nobody who does, do the same operation
    by operation, and give the same bits (tests/unit/test_population_windows.py).

    Parameters
    ----------
    preferences : PreferenceParameters
    arrivals : PlaceArrivals
        Of the cases.
    travel_cost_min : ndarray of float, shape (cases,)
        Generalized cost without schedule delay.
    case : ndarray of int, shape (rows, candidates)
    preferred_s, early_factor, late_factor : ndarray of float, shape (rows,)
        As for `schedule_cost_min`.

    Returns
    -------
    ndarray of float, shape (rows, candidates)
    """
    library = loops()
    if library is None or arrivals.giving_up is not None:
        return anywhere_by_numpy(preferences, arrivals, travel_cost_min, case, preferred_s, early_factor, late_factor)
    mean_min = np.empty(case.shape)
    library.peakshift_windows_anywhere(
        *(*case.shape, arrivals.shift_s.shape[1], np.ascontiguousarray(case), arrivals.middle_s, arrivals.first),
        *(np.ascontiguousarray(arrivals.shift_s), travel_cost_min, preferred_s),
        *(early_factor, late_factor, preferences.early_penalty, preferences.late_penalty),
        *(preferences.late_fixed_penalty_s, mean_min),
    )
    return mean_min


def anywhere_by_numpy(
    preferences: PreferenceParameters,
    arrivals: PlaceArrivals,
    travel_cost_min: FloatArray,
    case: IntArray,
    preferred_s: FloatArray,
    early_factor: FloatArray,
    late_factor: FloatArray,
) -> FloatArray:
    """Return what `anywhere_min` does; parameters as there."""
    mean_min, places, gone = np.empty(case.shape), arrivals.shift_s.shape[1], arrivals.giving_up
    for start in range(0, len(case), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        wish = preferred_s[rows, None], early_factor[rows, None], late_factor[rows, None]
        total = np.zeros(case[rows].shape)
        for place in range(places):
            schedule_min = schedule_cost_min(preferences, np.take(arrivals.at(place), case[rows]), *wish)
            if gone is not None:
                schedule_min *= np.take(gone.arrive_share(place), case[rows])
            total += schedule_min
        mean_min[rows] = total / places + np.take(travel_cost_min, case[rows])
    return mean_min


def _stays(
    candidates: CandidateWindows, departure_s: FloatArray, window_s: float
) -> tuple[tuple[IntArray, IntArray], FloatArray]:
    """Return rows and columns of the candidates in which commuters leave, and when; rows without one are left out."""
    column = window_of(departure_s[candidates.commuter], window_s) - candidates.window[:, 0]
    inside = (column >= 0) & (column < candidates.window.shape[1])
    row = np.flatnonzero(inside)
    row = row[candidates.acceptable[row, column[row]]]
    return (row, column[row]), departure_s[candidates.commuter[row]]


def in_window(window: IntArray, window_s: float, place: FloatArray) -> FloatArray:
    """Return the moment at a place in a window, seconds after midnight.

    Parameters
    ----------
    window : ndarray of int
        Number of the window.
    window_s : float
        Width of windows in seconds.
    place : ndarray of float
        Share of a window that lies before it; shapes that broadcast.
    """
    moment_s = quantize(np.asarray((window + place) * window_s, dtype=np.float64))
    end_s = quantize(np.asarray((window + 1) * window_s, dtype=np.float64))
    return np.minimum(moment_s, end_s - 1.0 / TICKS_PER_S)
