"""The forecast: traffic of the days before, seen through the dials of the scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.model.parameters import ForecastParameters
from sim.population.observation import Observation, mean_observation
from sim.population.service_points import ServicePoints
from sim.population.variates import ChoiceVariates


def observed_days(days: int, parameters: ForecastParameters) -> range:
    """Return the days that enter a forecast made after a number of days.

    Staleness hides the newest days; the first day is always known.

    Parameters
    ----------
    days : int
        Days simulated so far.
    parameters : ForecastParameters
    """
    newest = max(days - 1 - parameters.staleness_days, 0)
    return range(max(newest - parameters.smoothing_days + 1, 0), newest + 1)


def forecast_traffic(
    observations: tuple[Observation, ...],
    parameters: ForecastParameters,
    points: ServicePoints,
    today: ChoiceVariates,
) -> Observation:
    """Forecast the traffic of a day as the mean of observed days, with declared errors.

    Parameters
    ----------
    observations : tuple of Observation
        All days so far, oldest first.
    parameters : ForecastParameters
        Smoothing, staleness, bias and noise.
    points : ServicePoints
        What the loads are of.
    today : ChoiceVariates
        Chance of the day forecast for, which the noise comes from.
    """
    known = [observations[past] for past in observed_days(len(observations), parameters)]
    mean = mean_observation(known, [1.0] * len(known))
    error = np.full(mean.load.shape, parameters.bias_share)
    if parameters.noise_share > 0:
        error = error + parameters.noise_share * today.forecast_error(points.cell_keys())
    return replace(mean, load=np.maximum(mean.load * (1.0 + error), 0.0))
