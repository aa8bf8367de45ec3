"""Windows judged by arrivals as they occurred on single days, early and late.

With a random travel time the cheapest departure is not the one whose mean arrival is cheapest:
its traveller is late on beta / (beta + gamma) of days (Noland and Small 1995; Fosgerau and
Karlstrom 2010). The spread around the mean is taken together over neighbouring windows, as a
few days tell little of a single one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.observation import Observation
from sim.population.schedule_cost import schedule_cost_min
from sim.population.window_forecast import WindowForecaster
from sim.population.windows import WindowCosts

NEIGHBOURHOOD_S = 900.0
"""Windows that begin within this of each other are taken to have the same spread (assumed)."""

QUANTILES = (np.arange(20) + 0.5) / 20
"""Places of the distribution at which being early or late is costed."""


def with_spread(
    costs: WindowCosts,
    days: Sequence[Observation],
    population: Population,
    forecaster: WindowForecaster,
    preferences: PreferenceParameters,
) -> WindowCosts:
    """Cost being early or late by the spread of arrivals over single days.

    Parameters
    ----------
    costs : WindowCosts
        By the mean of days.
    days : sequence of Observation
        At least two.
    population : Population
    forecaster : WindowForecaster
    preferences : PreferenceParameters
    """
    candidates, mean = costs.candidates, costs.forecast
    arrival_s = np.array([forecaster.forecast(day, candidates.cases).arrival_s for day in days])
    middle_s = (candidates.unique_window + 0.5) * forecaster.window_s
    near = _neighbours(candidates.unique_option, round(NEIGHBOURHOOD_S / forecaster.window_s))
    took_s = arrival_s.mean(axis=0) - middle_s
    error_s = _shrunk(arrival_s - middle_s, near) - took_s
    spread_s = _spread_s(arrival_s, near) + (error_s + arrival_s.mean(axis=0) - mean.arrival_s)[:, None]
    preferred_s = population.preferred_arrival_s[candidates.commuter][:, None, None]
    traits = population.traits.take(candidates.commuter)
    factors = traits.early_factor[:, None, None], traits.late_factor[:, None, None]
    gives_up = mean.places.giving_up is not None
    arrive_share: FloatArray | float = mean.arrive_share()[candidates.case] if gives_up else 1.0

    def schedule_min(places_s: FloatArray) -> FloatArray:
        cost_min = schedule_cost_min(preferences, places_s[candidates.case], preferred_s, *factors)
        found: FloatArray = (cost_min * arrive_share).mean(axis=2)
        return found

    by_mean = schedule_min(mean.place_arrival_s)
    by_day = np.zeros_like(by_mean)
    for quantile_s in spread_s.T:
        by_day += schedule_min(mean.place_arrival_s + quantile_s[:, None])
    longer_min = preferences.in_vehicle_weight * error_s[candidates.case] / 60.0
    if gives_up:
        longer_min *= np.mean(arrive_share, axis=2)
    # What riders met on each day is no mean of days, and has their spread in it already.
    more_min = np.where(costs.by_day, 0.0, longer_min + by_day / spread_s.shape[1] - by_mean)
    return replace(costs, own_min=costs.own_min + more_min)


def _neighbours(option: IntArray, reach: int) -> IntArray:
    """Return the cases near each case, shape (cases, 2 reach + 1); the last one again beyond the ends.

    Cases of an option are consecutive, in order of their windows.
    """
    first = np.searchsorted(option, option, side="left")
    last = np.searchsorted(option, option, side="right") - 1
    near = np.arange(len(option))[:, None] + np.arange(-reach, reach + 1)
    inside: IntArray = np.clip(near, first[:, None], last[:, None]).astype(np.int64)
    return inside


def _shrunk(took_s: FloatArray, near: IntArray) -> FloatArray:
    """Draw the mean journey of each case towards that of its neighbours, as far as luck may have made it.

    The share is that of the sampling error in the differences between neighbours (empirical Bayes, Efron and
    Morris 1975). Without it the best window of many is one that was lucky on the days seen.
    """
    mean_s = took_s.mean(axis=0)
    luck = took_s.var(axis=0, ddof=1)[near].mean(axis=1) / len(took_s)
    around_s = mean_s[near].mean(axis=1)
    differ = mean_s[near].var(axis=1)
    share = np.divide(luck, np.maximum(differ, luck), out=np.zeros_like(luck), where=luck > 0)
    shrunk: FloatArray = mean_s + share * (around_s - mean_s)
    return shrunk


def _spread_s(arrival_s: FloatArray, near: IntArray) -> FloatArray:
    """Return quantiles of arrival around its mean in seconds, shape (cases, quantiles)."""
    days, cases = arrival_s.shape
    around_s = (arrival_s - arrival_s.mean(axis=0)) * np.sqrt(days / (days - 1.0))
    pooled = around_s[:, near].transpose(1, 0, 2).reshape(cases, -1)
    return np.asarray(np.quantile(pooled, QUANTILES, axis=1).T, dtype=np.float64)
