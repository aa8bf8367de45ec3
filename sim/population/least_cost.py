"""What a journey costs at least in the world of a replication and day.

Used as a proven lower bound on total cost: a relaxation in which nobody waits, nobody is
crowded and everybody arrives as wished. What remains is riding, walking and transfers, at the
shortest running times that any vehicle has on that day. Where a curve of crowding makes a minute on
board cheaper than in an empty vehicle, it counts for the least that it may.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.crowding import least_multiplier
from sim.model.journeys import NO_FALLBACK, JourneyOptions, LegTable
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.population.route_choice import pair_rows


def least_costs_min(
    service: Service,
    least_running_s: FloatArray,
    options: JourneyOptions,
    preferences: PreferenceParameters,
    origin: IntArray,
    destination: IntArray,
    departure_s: FloatArray,
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
    departure_s : ndarray of float, shape (commuters,)
        Habitual departures, which decide on the options where these differ by time.

    Returns
    -------
    ndarray of float, shape (commuters,)
        0 where there is no journey.
    """
    legs = options.legs
    row_s = _least_rides_s(service, least_running_s, legs)
    leg_s = _least_legs_s(legs, row_s, preferences)
    walk_s = preferences.walk_weight * options.walk_before_s
    per_leg = leg_s[options.leg] + walk_s
    totals = np.concatenate([[0.0], np.cumsum(per_leg)])
    transfers = np.maximum(np.diff(options.leg_ptr) - 1, 0)
    option_s = (
        totals[options.leg_ptr[1:]]
        - totals[options.leg_ptr[:-1]]
        + preferences.walk_weight * options.egress_walk_s
        + preferences.transfer_penalty_s * transfers
    )
    if len(per_leg):
        first = np.minimum(options.leg_ptr[:-1], len(per_leg) - 1)
        option_s = np.where(options.is_strategy(), per_leg[first], option_s)
    if not len(option_s):
        return np.zeros(len(origin))
    first = np.minimum(options.option_ptr[:-1], len(option_s) - 1)
    least = np.where(np.diff(options.option_ptr) > 0, np.minimum.reduceat(option_s, first), 0.0)
    return least[pair_rows(options, origin, destination, departure_s)] / 60.0


def _least_rides_s(service: Service, least_running_s: FloatArray, legs: LegTable) -> FloatArray:
    """Return the shortest ride of each row of the attractive sets over all trips, in seconds."""
    reached = np.concatenate([[0.0], np.cumsum(least_running_s)])
    # Many legs share a ride: each is looked for once, on the trips of its pattern.
    positions = int(legs.alight_sequence.max(initial=0)) + 1
    code = (legs.pattern * positions + legs.board_sequence) * positions + legs.alight_sequence
    rides, of_row = np.unique(code, return_inverse=True)
    pattern, board, alight = rides // positions**2, rides // positions % positions, rides % positions
    by_pattern = np.argsort(service.trip_pattern, kind="stable")
    trips = np.searchsorted(service.trip_pattern[by_pattern], np.arange(len(service.patterns) + 1))
    bounds = np.searchsorted(pattern, np.arange(len(service.patterns) + 1))
    least_s = np.full(len(rides), np.inf)
    for number in np.unique(pattern).tolist():
        mine = slice(*bounds[number : number + 2].tolist())
        start = service.visit_ptr[by_pattern[trips[number] : trips[number + 1]]][:, None]
        least_s[mine] = (reached[start + alight[mine]] - reached[start + board[mine]]).min(axis=0)
    found: FloatArray = least_s[of_row.reshape(-1)]
    return found


def _least_legs_s(legs: LegTable, row_s: FloatArray, preferences: PreferenceParameters) -> FloatArray:
    """Return the least cost of each leg in equivalent seconds; of a strategy up to the destination.

    What people may do instead who are left behind counts as well.
    """
    if not len(legs):
        return np.zeros(0)
    crowding = preferences.crowding
    # Nobody may pay less on board than counts here, or the bound is none: by one published curve those who sit where
    # seats are free pay 0.86 (test_nobody_pays_less_on_board_than_the_least_cost_counts).
    least = least_multiplier(crowding.seated_standing()) if crowding.kind == "seated_standing" else 1.0
    cost_s = preferences.in_vehicle_weight * least * row_s + preferences.walk_weight * legs.next_walk_s
    leg_of_row = np.repeat(np.arange(len(legs)), np.diff(legs.set_ptr))
    back_s = preferences.walk_weight * legs.fallback_walk_s
    leg_of_fallback = np.repeat(np.arange(len(legs)), np.diff(legs.fallback_ptr))
    # Shortest paths, since ways out may lead back to where they began: as many rounds as the longest way has legs.
    least_s = np.full(len(legs), np.inf)
    while True:
        onward_s = np.where(
            legs.next_leg >= 0, preferences.transfer_penalty_s + least_s[np.maximum(legs.next_leg, 0)], 0.0
        )
        instead_s = np.where(legs.fallback_leg >= 0, back_s + least_s[np.maximum(legs.fallback_leg, 0)], back_s)
        found_s = np.full(len(legs), np.inf)
        np.minimum.at(found_s, leg_of_fallback, np.where(legs.fallback_leg == NO_FALLBACK, np.inf, instead_s))
        np.minimum.at(found_s, leg_of_row, cost_s + onward_s)
        if np.array_equal(found_s, least_s):
            return least_s
        least_s = found_s
