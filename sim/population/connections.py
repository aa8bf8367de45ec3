"""What people pay who change vehicles, as riders of the days seen would have paid.

A forecast takes for the wait at a change the mean over the period in which people come there. Whoever leaves at a
moment of their own comes there at one time, and meets one vehicle: where trains connect they wait less than anybody
expects of the period, or more. Their mean is right for people of whom nobody knows when they leave, and wrong for each
of those who stay as they are: costed by it, who meets a connection is sent away from it, and who just misses one is
left there (test_whoever_meets_a_connection_is_not_sent_away_from_it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.observation import Observation
from sim.population.schedule_cost import schedule_cost_min
from sim.population.traced_journeys import traced_rides
from sim.population.window_forecast import WindowForecast, WindowForecaster

SELDOM_S: Final = 300.0
"""Mean wait at changes of vehicles, in seconds, from which windows are followed as well as single moments (assumed):
where vehicles come every few minutes it is much the same from all places of a window."""

RIDES_AT_ONCE: Final = 65536
"""Journeys that are followed together, so that what is worked on stays small."""

Wishes = tuple[FloatArray, FloatArray, FloatArray]
"""Preferred arrival in seconds after midnight, and multiples of the penalties for being early and late."""


@dataclass(frozen=True)
class Connections:
    """Journeys with changes, followed vehicle by vehicle.

    Attributes
    ----------
    weight : ndarray of float, shape (days,)
        They sum to 1.
    arrival_s : ndarray of float, shape (days, journeys)
        At the destination, seconds after midnight; NaN where no vehicle takes them there.
    travel_min : ndarray of float, shape (journeys,)
        Generalized cost without schedule delay, mean over the days; NaN where they do not arrive on one of them.
        Crowding is that of the case.
    """

    weight: FloatArray
    arrival_s: FloatArray
    travel_min: FloatArray

    @classmethod
    def of(
        cls,
        preferences: PreferenceParameters,
        forecaster: WindowForecaster,
        traffic: tuple[Observation, WindowForecast],
        case: IntArray,
        leaves_s: FloatArray,
    ) -> Connections:
        """Follow journeys over the vehicles of the days seen.

        Parameters
        ----------
        preferences : PreferenceParameters
        forecaster : WindowForecaster
        traffic : tuple of (Observation, WindowForecast)
            What was seen, and what it means for windows.
        case : ndarray of int, shape (journeys,)
            Rows of the forecast: the option of each, and the window of the moment.
        leaves_s : ndarray of float, shape (journeys,)
            Seconds after midnight.
        """
        observation, forecast = traffic
        weight = np.array([share for share, _ in observation.days])
        arrival_s, cost_s = np.empty((len(weight), len(case))), np.zeros(len(case))
        cases, options = forecast.path.cases, forecaster.options
        followed = cases.followed[case]
        for number, (share, day) in enumerate(observation.days):
            for start in range(0, len(case), RIDES_AT_ONCE):
                rows = slice(start, start + RIDES_AT_ONCE)
                people = options, forecaster.waiting, day, day.visit_arrival_s, followed[rows], leaves_s[rows]
                rides = traced_rides(*people, looks=False)
                arrival_s[number, rows] = rides.arrival_s
                cost_s[rows] += share * (
                    preferences.in_vehicle_weight * rides.by_person(rides.alight_s - rides.board_s)
                    + preferences.wait_weight * rides.by_person(rides.board_s - rides.joined_s)
                    + preferences.walk_weight * rides.walk_s
                    + preferences.transfer_penalty_s * rides.transfers()
                )
        mean_s = (
            preferences.in_vehicle_weight * forecast.ride_s
            + preferences.wait_weight * forecast.wait_s
            + preferences.walk_weight * (cases.walk_s + options.egress_walk_s[cases.followed])
            + preferences.transfer_penalty_s * forecaster.transfers[cases.followed]
            + preferences.unserved_penalty_s * forecast.lost_share
        )[case]
        travel_min = forecast.travel_cost_min[case] + (cost_s - mean_s) / 60.0
        travel_min[~np.isfinite(arrival_s).all(axis=0)] = np.nan
        return cls(weight, arrival_s, travel_min)

    def cost_min(self, preferences: PreferenceParameters, wish: Wishes, row: IntArray | None = None) -> FloatArray:
        """Return what people pay, in minutes, shape (people,); NaN where they do not arrive on every day.

        Parameters
        ----------
        preferences : PreferenceParameters
        wish : tuple of ndarray of float, shape (people,) each
        row : ndarray of int, shape (people,), or None
            The journey of each; None where everybody has the row of their own.
        """
        row = np.arange(len(self.travel_min)) if row is None else row
        total = self.travel_min[row]
        for share, arrival_s in zip(self.weight.tolist(), self.arrival_s, strict=True):
            total = total + share * schedule_cost_min(preferences, arrival_s[row], *wish)
        return total
