"""Waits for further vehicles as they are met, in the place of means over the period in which people come there.

A forecast takes for the wait at a change of vehicles the mean over the period in which people come to it, as it knows
no vehicle by name. Where vehicles meet to the minute nobody waits as long as that, or everybody longer.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.arrays import BoolArray
from sim.population.traced_journeys import TracedRides
from sim.population.window_forecast import PlaceArrivals, WindowForecast


def with_met_connections(forecast: WindowForecast, ridden: TracedRides) -> WindowForecast:
    """Return a forecast in which whoever changes vehicles waits, and arrives, as riders of that day would have.

    Windows from which somebody does not get there keep their means, and all do where people may give up: what is
    expected of those who do not arrive is made of these means.

    Parameters
    ----------
    forecast : WindowForecast
        Of one day.
    ridden : TracedRides
        Riders of that day from all places of each case, cases one after the other.
    """
    rows = change_and_arrive(forecast, ridden)
    if not rows.any():
        # As it is, with all that is expected of people who give up: without, they would be told of a journey not made
        # (test_where_people_may_give_up_connections_keep_their_means).
        return forecast
    places = forecast.places
    shape = places.shift_s.shape[1]
    arrival_s = np.where(rows[:, None], ridden.arrival_s.reshape(-1, shape), forecast.place_arrival_s)
    waited_s = ridden.by_person(ridden.board_s - ridden.joined_s).reshape(-1, shape).mean(axis=1)
    longer_s = np.where(rows, waited_s - forecast.wait_s, 0.0)
    middle_s = np.where(rows, arrival_s.mean(axis=1), places.middle_s)
    return replace(
        forecast,
        arrival_s=np.where(rows, middle_s, forecast.arrival_s),
        places=PlaceArrivals(middle_s, np.arange(len(rows)), arrival_s - middle_s[:, None]),
        waits_first_s=forecast.waits_first_s[places.first],
        travel_cost_min=forecast.travel_cost_min + forecast.wait_weight * longer_s / 60.0,
    )


def change_and_arrive(forecast: WindowForecast, ridden: TracedRides) -> BoolArray:
    """Return the cases in which somebody changes vehicles, and all get there, shape (cases,).

    Parameters
    ----------
    forecast, ridden
        As for `with_met_connections`.
    """
    if forecast.places.giving_up is not None:
        return np.zeros(len(forecast.option), dtype=np.bool_)
    shape = len(forecast.option), forecast.places.shift_s.shape[1]
    changes = ridden.transfers().reshape(shape).any(axis=1)
    found: BoolArray = changes & np.isfinite(ridden.arrival_s).reshape(shape).all(axis=1)
    return found
