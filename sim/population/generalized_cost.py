"""The generalized cost of journeys as they happened, and the least they could have cost."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.model.crowding import crowding_measure, curve_multipliers
from sim.model.outcome import Outcome
from sim.model.parameters import CrowdingParameters, PreferenceParameters
from sim.model.service import Service
from sim.population.commuters import Population
from sim.population.seating import sitting_from
from sim.records.day import DayRecords
from sim.records.day_facts import JourneyCosts


def crowding_multiplier(parameters: CrowdingParameters, load_factor: FloatArray) -> FloatArray:
    """Return the multiplier on time on board at a load factor (load over total capacity).

    Beyond the last point of a table the last slope goes on. Where riders sit and stand it is
    the table of what is expected before it is known who sits.

    Parameters
    ----------
    parameters : CrowdingParameters
    load_factor : ndarray of float
    """
    if parameters.kind == "none":
        return np.ones_like(load_factor)
    if parameters.kind == "linear":
        return 1.0 + parameters.slope * load_factor
    x, y = np.array(parameters.table).T
    slope = (y[-1] - y[-2]) / (x[-1] - x[-2])
    within = np.interp(load_factor, x, y)
    beyond = y[-1] + slope * (load_factor - x[-1])
    return np.asarray(np.where(load_factor > x[-1], beyond, within), dtype=np.float64)


def crowding_slope(parameters: CrowdingParameters, load_factor: FloatArray) -> FloatArray:
    """Return the growth of the multiplier per unit of load factor, from the right."""
    if parameters.kind == "none":
        return np.zeros_like(load_factor)
    if parameters.kind == "linear":
        return np.full_like(load_factor, parameters.slope)
    x, y = np.array(parameters.table).T
    slopes = np.concatenate([[0.0], np.diff(y) / np.diff(x)])
    slopes = np.append(slopes, slopes[-1])
    return slopes[np.searchsorted(x, load_factor, side="right")]


def crowded_ride_s(service: Service, crowding: CrowdingParameters, day: DayRecords) -> FloatArray:
    """Return time on board of each ride, weighted by the crowding the rider shared.

    The load at departure from a stop holds from the arrival there to the arrival at the
    next stop.

    Returns
    -------
    ndarray of float, shape (rides,)
        Seconds; 0 where the ride was not boarded.
    """
    if crowding.kind == "seated_standing":
        return _seated_standing_ride_s(service, crowding, day)
    capacity = service.trip_capacity[service.visit_trip]
    multiplier = crowding_multiplier(crowding, day.visit_load / capacity)
    weighted = _weighted_from_start_s(service, day, multiplier)
    board, alight = day.ride_board_visit, day.ride_alight_visit
    done = alight >= 0
    crowded = (
        weighted[alight]
        - weighted[board]
        - multiplier[board] * (day.ride_board_s - day.visit_arrival_s[board])
        + multiplier[alight - 1] * (day.ride_alight_s - day.visit_arrival_s[alight])
    )
    return np.where(done, crowded, 0.0)


def _weighted_from_start_s(service: Service, day: DayRecords, multiplier: FloatArray) -> FloatArray:
    """Cumulate times from arrival to arrival, weighted, shape (visits + 1,)."""
    to_next = np.zeros(len(multiplier))
    to_next[:-1] = np.diff(day.visit_arrival_s)
    to_next[service.run_ends] = 0.0
    return np.concatenate([[0.0], np.cumsum(np.nan_to_num(to_next * multiplier))])


def _seated_standing_ride_s(service: Service, crowding: CrowdingParameters, day: DayRecords) -> FloatArray:
    """Weight each ride by the multiplier of standing up to the visit from which its rider sits, then of sitting."""
    curve, trip = crowding.seated_standing(), service.visit_trip
    load = day.visit_load.astype(np.float64)
    seats, area_m2 = service.trip_seats[trip].astype(np.float64), service.trip_standing_area_m2[trip]
    seated, standing = curve_multipliers(curve, crowding_measure(curve.measure, load, seats, area_m2))
    seated_s, standing_s = (_weighted_from_start_s(service, day, multiplier) for multiplier in (seated, standing))
    board, alight, sits = day.ride_board_visit, day.ride_alight_visit, sitting_from(service, day)
    done = alight >= 0
    at_start = np.where(sits > board, standing[board], seated[board])
    at_end = np.where(sits >= alight, standing[alight - 1], seated[alight - 1])
    crowded = (
        seated_s[alight]
        - seated_s[sits]
        + standing_s[sits]
        - standing_s[board]
        - at_start * (day.ride_board_s - day.visit_arrival_s[board])
        + at_end * (day.ride_alight_s - day.visit_arrival_s[alight])
    )
    return np.where(done, crowded, 0.0)


def journey_costs(
    service: Service,
    preferences: PreferenceParameters,
    population: Population,
    day: DayRecords,
    fare_min: FloatArray | float = 0.0,
) -> JourneyCosts:
    """Cost every journey of a day.

    Parameters
    ----------
    service : Service
    preferences : PreferenceParameters
        Weights; the numeraire is a minute on board without crowding.
    population : Population
    day : DayRecords
    fare_min : ndarray of float, shape (commuters,), or float
        What the fare paid is worth in minutes.
    """
    commuters = len(population)
    arrived = day.outcome == Outcome.ARRIVED
    early = np.maximum(population.preferred_arrival_s - day.arrival_s, 0.0)
    late = np.maximum(day.arrival_s - population.preferred_arrival_s, 0.0)
    crowded = np.bincount(day.ride_commuter, crowded_ride_s(service, preferences.crowding, day), commuters)
    on_board = np.where(arrived, crowded, np.maximum(crowded, day.in_vehicle_s))
    travel_s = (
        preferences.in_vehicle_weight * on_board
        + preferences.walk_weight * day.walk_s
        + preferences.wait_weight * day.wait_s
        + preferences.transfer_penalty_s * day.transfers
    )
    traits = population.traits
    too_late_s = preferences.late_penalty * late + np.where(late > 0, preferences.late_fixed_penalty_s, 0.0)
    schedule_s = traits.early_factor * (preferences.early_penalty * early) + traits.late_factor * too_late_s
    cost_s = travel_s + np.where(arrived, schedule_s, preferences.unserved_penalty_s)
    return JourneyCosts(early, late, cost_s / 60.0 + fare_min)
