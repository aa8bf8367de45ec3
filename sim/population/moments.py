"""What it costs to leave at a moment of one's own, and not at any time of a window."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.observation import Observation
from sim.population.window_forecast import WindowForecast, WindowForecaster, schedule_cost_min


def leaving_at_min(
    preferences: PreferenceParameters,
    forecaster: WindowForecaster,
    traffic: tuple[Observation, WindowForecast],
    case: IntArray,
    leaves_s: FloatArray,
    wish: tuple[FloatArray, FloatArray, FloatArray],
) -> FloatArray:
    """Return what people pay who leave at a moment of their own, in minutes, shape (people,).

    Parameters
    ----------
    preferences : PreferenceParameters
    forecaster : WindowForecaster
    traffic : tuple of (Observation, WindowForecast)
        What was seen, and what it means for windows.
    case : ndarray of int, shape (people,)
        Rows of the forecast: the option of each, and the window of the moment.
    leaves_s : ndarray of float, shape (people,)
        Seconds after midnight.
    wish : tuple of ndarray of float, shape (people,) each
        Preferred arrival in seconds after midnight, and multiples of the penalties for being early and late.
    """
    arrival_s, wait_s = leaving_at_s(forecaster, traffic, case, leaves_s)
    preferred_s, early_factor, late_factor = wish
    travel_min = traffic[1].travel_cost_min[case] + preferences.wait_weight * wait_s / 60.0
    return travel_min + schedule_cost_min(preferences, arrival_s, preferred_s, early_factor, late_factor)


def leaving_at_s(
    forecaster: WindowForecaster, traffic: tuple[Observation, WindowForecast], case: IntArray, leaves_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return when people arrive who leave at a moment of their own, and how much longer than in the window they wait.

    Parameters
    ----------
    forecaster, traffic, case, leaves_s
        As for `leaving_at_min`.

    Returns
    -------
    tuple of ndarray of float, shape (people,) each
        Arrival in seconds after midnight, infinite where no vehicle takes them any more, and seconds at the first stop
        beyond the mean over the window.
    """
    observation, forecast = traffic
    option, window = forecast.option[case], forecast.window[case]
    joined_s = leaves_s + forecaster.walk_first_s(option)
    waits_for = forecaster.waiting.of_leg[forecaster.first_leg(option)]
    boards_s = forecaster.waiting.boarded(observation, waits_for, joined_s[:, None]).board_s[:, 0]
    # Both from the mean over the window to their own moment: the vehicle boarded, and how long they wait for it.
    middle_s = np.asarray((window + 0.5) * forecaster.window_s, dtype=np.float64)
    first_wait_s = forecast.first_wait_s(case)
    shift_s = boards_s - (middle_s + joined_s - leaves_s + first_wait_s)
    return forecast.arrival_s[case] + shift_s, boards_s - joined_s - first_wait_s
