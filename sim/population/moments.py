"""What it costs to leave at a moment of one's own, and not at any time of a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.connections import Connections, Wishes
from sim.population.observation import Observation
from sim.population.schedule_cost import schedule_cost_min
from sim.population.window_forecast import WindowForecast, WindowForecaster


def leaving_at(
    preferences: PreferenceParameters,
    forecaster: WindowForecaster,
    traffic: tuple[Observation, WindowForecast],
    case: IntArray,
    leaves_s: FloatArray,
    wish: Wishes,
) -> tuple[FloatArray, BoolArray]:
    """Return what people pay who leave at a moment of their own, in minutes, and for whom it is by riders.

    Whoever changes vehicles pays what riders of the days seen would have paid (`sim.population.connections`), if they
    arrive on all of them and nobody gives up.

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

    Returns
    -------
    tuple of ndarray, shape (people,) each
    """
    found, by_riders = np.empty(len(case)), np.zeros(len(case), dtype=np.bool_)
    changes = np.flatnonzero(forecaster.transfers[traffic[1].path.cases.followed[case]] > 0.0)
    if len(changes) and traffic[1].places.giving_up is None:
        met = Connections.of(preferences, forecaster, traffic, case[changes], leaves_s[changes])
        found[changes] = met.cost_min(preferences, _of_some(wish, changes))
        by_riders[changes] = np.isfinite(found[changes])
    others = np.flatnonzero(~by_riders)
    moments = case[others], leaves_s[others]
    found[others] = _by_means_min(preferences, forecaster, traffic, moments, _of_some(wish, others))
    return found, by_riders


def _of_some(wish: Wishes, rows: IntArray) -> Wishes:
    preferred_s, early_factor, late_factor = (one[rows] for one in wish)
    return preferred_s, early_factor, late_factor


def leaving_at_min(
    preferences: PreferenceParameters,
    forecaster: WindowForecaster,
    traffic: tuple[Observation, WindowForecast],
    case: IntArray,
    leaves_s: FloatArray,
    wish: Wishes,
) -> FloatArray:
    """Return what people pay who leave at a moment of their own, in minutes; parameters as for `leaving_at`."""
    return leaving_at(preferences, forecaster, traffic, case, leaves_s, wish)[0]


def _by_means_min(
    preferences: PreferenceParameters,
    forecaster: WindowForecaster,
    traffic: tuple[Observation, WindowForecast],
    moments: tuple[IntArray, FloatArray],
    wish: Wishes,
) -> FloatArray:
    """Return what moments cost with the mean wait at changes of vehicles, in minutes."""
    case, leaves_s = moments
    moment = _moment(forecaster, traffic, case, leaves_s)
    longer_min = preferences.wait_weight * moment.longer_s / 60.0
    schedule_min = schedule_cost_min(preferences, moment.arrival_s, *wish)
    gone = traffic[1].places.giving_up
    if gone is None or moment.taken_share is None:
        # Whoever catches the last vehicle at their moment does not stand for others of the window, who miss it.
        lost_share = lost_share_at(forecaster, traffic[0], traffic[1].option[case], leaves_s)
        lost_s = preferences.unserved_penalty_s * (lost_share - traffic[1].lost_share[case])
        return traffic[1].travel_cost_min[case] + lost_s / 60.0 + longer_min + schedule_min
    return gone.leaving_at_min(case, moment.taken_share, longer_min + schedule_min)


def leaving_at_s(
    forecaster: WindowForecaster, traffic: tuple[Observation, WindowForecast], case: IntArray, leaves_s: FloatArray
) -> FloatArray:
    """Return when people arrive who leave at a moment of their own, shape (people,).

    Seconds after midnight; infinite where no vehicle takes them any more. Of people who may give up, on the days on
    which they do not.

    Parameters
    ----------
    forecaster, traffic, case, leaves_s
        As for `leaving_at`.
    """
    return _moment(forecaster, traffic, case, leaves_s).arrival_s


@dataclass(frozen=True)
class _Moment:
    """Leaving at moments; arrays of shape (people,).

    Attributes
    ----------
    arrival_s : ndarray of float
        Seconds after midnight, infinite where no vehicle takes them any more.
    longer_s : ndarray of float
        How much longer they wait at the first stop than on average over the window.
    taken_share : ndarray of float or None
        Chance that a vehicle takes them there before they give up; None where nobody does.
    """

    arrival_s: FloatArray
    longer_s: FloatArray
    taken_share: FloatArray | None


def _moment(
    forecaster: WindowForecaster, traffic: tuple[Observation, WindowForecast], case: IntArray, leaves_s: FloatArray
) -> _Moment:
    observation, forecast = traffic
    option, window = forecast.option[case], forecast.window[case]
    joined_s, waits_for = _joining(forecaster, option, leaves_s)
    boarded = forecaster.waiting.boarded(observation, waits_for, joined_s[:, None])
    boards_s, taken_share = boarded.board_s[:, 0], boarded.taken_share
    # Both from the mean over the window to their own moment: the vehicle boarded, and how long they wait for it.
    middle_s = np.asarray((window + 0.5) * forecaster.window_s, dtype=np.float64)
    first_wait_s = forecast.first_wait_s(case)
    shift_s = boards_s - (middle_s + joined_s - leaves_s + first_wait_s)
    return _Moment(
        arrival_s=forecast.arrival_s[case] + shift_s,
        longer_s=boards_s - joined_s - first_wait_s,
        taken_share=None if taken_share is None else taken_share[:, 0],
    )


def lost_share_at(
    forecaster: WindowForecaster, observation: Observation, option: IntArray, leaves_s: FloatArray
) -> FloatArray:
    """Return the chance that no vehicle takes people who leave at a moment of their own, or that they give up.

    Parameters
    ----------
    forecaster : WindowForecaster
    observation : Observation
    option : ndarray of int, shape (people,)
        Each with a first leg.
    leaves_s : ndarray of float, shape (people,)
        Seconds after midnight.

    Returns
    -------
    ndarray of float, shape (people,)
    """
    joined_s, waits_for = _joining(forecaster, option, leaves_s)
    return forecaster.waiting.lost_share(observation, waits_for, joined_s[:, None])


def _joining(forecaster: WindowForecaster, option: IntArray, leaves_s: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return when people join their first queue, and the set of vehicles that they wait for there."""
    return leaves_s + forecaster.walk_first_s(option), forecaster.waiting.of_leg[forecaster.first_leg(option)]
