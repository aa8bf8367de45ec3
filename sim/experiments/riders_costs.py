"""What windows cost as riders of the days observed would have paid, where means by period say little.

A forecast takes for the wait at a change of vehicles the mean over the period in which people come there, as it knows
no vehicle by name: where vehicles meet to the minute nobody waits as long as that, or everybody longer. And it takes
the chance that no vehicle comes any more for that of the whole period, and such people to wait until the last period
ends: near the last vehicle no window is like the others of its period. There one more rider is followed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.parameters import CrowdingParameters, PreferenceParameters
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.population.crowding import mean_multiplier
from sim.population.observation import VisitFacts
from sim.population.schedule_cost import schedule_cost_min
from sim.population.traced_journeys import TracedRides, journeys_cost_min, visits_ridden
from sim.population.window_forecast import WindowForecast


@dataclass(frozen=True)
class RidersCosts:
    """What riders of a day arrive at and pay; arrays of shape (rows, moments).

    Attributes
    ----------
    arrival_s : ndarray of float
        At the destination, seconds after midnight; NaN where no vehicle takes them there.
    travel_min : ndarray of float
        Generalized cost without schedule delay. Whoever does not arrive pays the penalty of that on top of what they
        had paid so far, as on the day (test_whoever_misses_the_last_bus_is_told_what_they_pay).
        NaN for whoever is on board when the observed day ends.
    """

    arrival_s: FloatArray
    travel_min: FloatArray

    @classmethod
    def of(
        cls, scenario: Scenario, facts: VisitFacts, options: JourneyOptions, option: IntArray, ridden: TracedRides
    ) -> RidersCosts:
        """Cost riders of a day.

        Parameters
        ----------
        scenario : Scenario
        facts : VisitFacts
            Of the day.
        options : JourneyOptions
        option : ndarray of int, shape (rows,)
            What those of each row ride by.
        ridden : TracedRides
            The moments of one row after those of another.
        """
        preferences, moments = scenario.parameters.preferences, len(ridden.arrival_s) // max(len(option), 1)
        fare_min = 0.0 if options.fare_min is None else np.repeat(options.fare_min[option], moments)
        crowded_s = _crowded_s(scenario.service, preferences.crowding, facts, ridden)
        travel_min = journeys_cost_min(preferences, ridden, crowded_s, fare_min)
        return cls(ridden.arrival_s.reshape(-1, moments), travel_min.reshape(-1, moments))

    def cost_min(self, preferences: PreferenceParameters, preferred_arrival_s: FloatArray) -> FloatArray:
        """Return the mean cost over the moments of each row for people with some wishes.

        Whoever does not arrive is neither early nor late.

        Parameters
        ----------
        preferences : PreferenceParameters
        preferred_arrival_s : ndarray of float
            Seconds after midnight; broadcasts with the rows.
        """
        schedule_min = schedule_cost_min(preferences, self.arrival_s, preferred_arrival_s[..., None])
        return (self.travel_min + np.nan_to_num(schedule_min)).mean(axis=-1)


def _crowded_s(service: Service, crowding: CrowdingParameters, facts: VisitFacts, ridden: TracedRides) -> FloatArray:
    """Return time on board of each ride, weighted by the crowding that riders shared on average, shape (rides,).

    Visit by visit, as those who ask ride past few of all: sums over the whole service would be made for each of them.
    """
    ride, visit = visits_ridden(ridden.board, ridden.alight)
    weight = mean_multiplier(service, crowding, facts.load[visit], visit)
    first = visit == ridden.board[ride]
    weight[first] *= ridden.first_share[ride[first]]
    crowded_s: FloatArray = np.bincount(
        ride, weight * (facts.arrival_s[visit + 1] - facts.arrival_s[visit]), len(ridden.board)
    )
    return crowded_s


def is_costed_by_riders(forecast: WindowForecast, ridden: TracedRides) -> BoolArray:
    """Tell which windows cost what riders of a day would have paid, shape (windows,).

    Those in which somebody changes vehicles, and those from which somebody may not get there, as no vehicle comes any
    more or they give up before. None where somebody is on board when the observed day ends: the cost of a window is
    that of a journey that goes on (test_whoever_rides_when_the_day_ends_is_told_of_means).

    Parameters
    ----------
    forecast : WindowForecast
        Of that day.
    ridden : TracedRides
        Riders of that day from all places of each window, windows one after the other.
    """
    shape = len(forecast.option), forecast.places.shift_s.shape[1]
    changes = ridden.transfers().reshape(shape).any(axis=1)
    stranded = np.isnan(ridden.arrival_s).reshape(shape).any(axis=1)
    on_board = ridden.by_person(np.isnan(ridden.alight_s)).reshape(shape).any(axis=1)
    found: BoolArray = (changes | stranded | (forecast.lost_share > 0.0)) & ~on_board
    return found
