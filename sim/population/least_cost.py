"""What a journey costs at least in the world of a replication and day.

Used as a proven lower bound on total cost: a relaxation in which nobody waits, nobody is
crowded and everybody arrives as wished. What remains is riding, walking and transfers, at the
shortest running times that any vehicle has on that day.
"""

from __future__ import annotations

import numpy as np

from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.population.journeys import pair_rows
from sim.units import FloatArray, IntArray


def least_costs_min(
    service: Service,
    least_running_s: FloatArray,
    options: JourneyOptions,
    preferences: PreferenceParameters,
    origin: IntArray,
    destination: IntArray,
) -> FloatArray:
    """Return a lower bound on each commuter's generalized cost, in minutes.

    Parameters
    ----------
    service : Service
    least_running_s : ndarray of float, shape (visits,)
        Shortest time in which each vehicle could run to its next stop on the day.
    options : JourneyOptions
        Every journey that anybody considers.
    preferences : PreferenceParameters
    origin, destination : ndarray of int, shape (commuters,)
        Rows of stops.

    Returns
    -------
    ndarray of float, shape (commuters,)
        0 where there is no journey.
    """
    ride_s = _least_rides_s(service, least_running_s, options)
    per_leg = preferences.in_vehicle_weight * ride_s[options.leg] + preferences.walk_weight * options.walk_before_s
    totals = np.concatenate([[0.0], np.cumsum(per_leg)])
    transfers = np.diff(options.leg_ptr) - 1
    option_s = (
        totals[options.leg_ptr[1:]]
        - totals[options.leg_ptr[:-1]]
        + preferences.walk_weight * options.egress_walk_s
        + preferences.transfer_penalty_s * transfers
    )
    if not len(option_s):
        return np.zeros(len(origin))
    first = np.minimum(options.option_ptr[:-1], len(option_s) - 1)
    least = np.where(np.diff(options.option_ptr) > 0, np.minimum.reduceat(option_s, first), 0.0)
    return least[pair_rows(options, origin, destination)] / 60.0


def _least_rides_s(service: Service, least_running_s: FloatArray, options: JourneyOptions) -> FloatArray:
    """Return the shortest ride of each leg over all trips of its attractive set, in seconds."""
    legs = options.legs
    reached = np.concatenate([[0.0], np.cumsum(least_running_s)])
    trips_of = [np.flatnonzero(service.trip_pattern == number) for number in range(len(service.patterns))]
    rides = np.full(len(legs), np.inf)
    for leg in range(len(legs)):
        for row in range(int(legs.set_ptr[leg]), int(legs.set_ptr[leg + 1])):
            start = service.visit_ptr[trips_of[int(legs.pattern[row])]]
            ride = reached[start + legs.alight_sequence[row]] - reached[start + legs.board_sequence[row]]
            rides[leg] = min(rides[leg], float(ride.min()))
    return rides
