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
from sim.model.parameters import PreferenceParameters
from sim.population.schedule_cost import schedule_cost_min
from sim.population.traced_journeys import DayTraffic, TracedRides
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
    """

    arrival_s: FloatArray
    travel_min: FloatArray

    @classmethod
    def of(
        cls,
        traffic: DayTraffic,
        preferences: PreferenceParameters,
        options: JourneyOptions,
        option: IntArray,
        ridden: TracedRides,
    ) -> RidersCosts:
        """Cost riders of a day.

        Parameters
        ----------
        traffic : DayTraffic
        preferences : PreferenceParameters
        options : JourneyOptions
        option : ndarray of int, shape (rows,)
            What those of each row ride by.
        ridden : TracedRides
            The moments of one row after those of another.
        """
        moments = len(ridden.arrival_s) // max(len(option), 1)
        fare_min = 0.0 if options.fare_min is None else np.repeat(options.fare_min[option], moments)
        travel_min = traffic.travel_min(preferences, ridden, fare_min)
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


def is_costed_by_riders(forecast: WindowForecast, ridden: TracedRides) -> BoolArray:
    """Tell which windows cost what riders of a day would have paid, shape (windows,).

    Those in which somebody changes vehicles, and those from which somebody may not get there, as no vehicle comes any
    more or they give up before.

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
    found: BoolArray = changes | stranded | (forecast.lost_share > 0.0)
    return found
