"""What riders meet on board: crowding, and sitting or standing in it."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.crowding import crowding_measure, curve_multipliers
from sim.model.parameters import CrowdingParameters
from sim.model.service import Service
from sim.records.day import DayRecords

_EVERY: Final = slice(None)


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
    next stop. Whoever is still on board has been there up to the end of the day.

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
    board = day.ride_board_visit
    reached, before, beyond_s = _ends_of_rides(service, day)
    crowded = (
        weighted[reached]
        - weighted[board]
        - multiplier[board] * (day.ride_board_s - day.visit_arrival_s[board])
        + multiplier[before] * beyond_s
    )
    return np.where(board >= 0, crowded, 0.0)


def _ends_of_rides(service: Service, day: DayRecords) -> tuple[IntArray, IntArray, FloatArray]:
    """Return how far each ride led.

    Returns
    -------
    reached : ndarray of int, shape (rides,)
        Last visit to which the rider came.
    before : ndarray of int, shape (rides,)
        Visit whose departing load they shared from there on: the one before for whoever gets out there, and that one
        for whoever is still on board for a further stop (test_who_is_still_on_board_has_met_crowding).
    beyond_s : ndarray of float, shape (rides,)
        How long they were on board from that arrival on.
    """
    board, alight = day.ride_board_visit, day.ride_alight_visit
    done = alight >= 0
    # The last visit of each run that a vehicle came to.
    came = np.where(np.isfinite(day.visit_arrival_s), np.arange(len(day.visit_arrival_s)), -1)
    starts = np.append(0, service.runs.ends[:-1] + 1)
    last = np.maximum.reduceat(came, starts) if len(came) else came
    ridden_s = np.where(done, day.ride_alight_s - day.ride_board_s, 0.0)
    ended_s = np.bincount(day.ride_commuter[done], ridden_s[done], len(day.in_vehicle_s))
    # Where no end of the day cuts it off, a ride that does not end has no time on board either.
    still_s = np.maximum((day.in_vehicle_s - ended_s)[day.ride_commuter], 0.0)
    run = np.searchsorted(service.runs.ends, board)
    reached = np.where(done, alight, np.where(still_s > 0.0, last[run], board)) if len(board) else alight
    end_s = np.where(done, day.ride_alight_s, day.ride_board_s + still_s)
    gets_out = (service.visit_stop[reached] == day.ride_planned_alight_stop) | (reached == service.runs.ends[run])
    gets_out |= done
    before = np.where(gets_out & (reached > board), reached - 1, reached)
    return reached, before, end_s - day.visit_arrival_s[reached]


def _weighted_from_start_s(service: Service, day: DayRecords, multiplier: FloatArray) -> FloatArray:
    """Cumulate times from arrival to arrival, weighted, shape (visits + 1,)."""
    return np.concatenate([[0.0], np.cumsum(_to_next_s(service, day, multiplier))])


def _to_next_s(service: Service, day: DayRecords, multiplier: FloatArray) -> FloatArray:
    """Return times from arrival to arrival, weighted; 0 after the last stop of a run, shape (visits,)."""
    to_next = np.zeros(len(multiplier))
    to_next[:-1] = np.diff(day.visit_arrival_s)
    to_next[service.runs.ends] = 0.0
    return np.nan_to_num(to_next * multiplier)


def _seated_standing_ride_s(service: Service, crowding: CrowdingParameters, day: DayRecords) -> FloatArray:
    """Weight each ride by the multiplier of standing up to the visit from which its rider sits, then of sitting."""
    curve, trip = crowding.seated_standing(), service.visit_trip
    load = day.visit_load.astype(np.float64)
    seats, area_m2 = service.trip_seats[trip].astype(np.float64), service.trip_standing_area_m2[trip]
    seated, standing = curve_multipliers(curve, crowding_measure(curve.measure, load, seats, area_m2))
    seated_s, standing_s = (_weighted_from_start_s(service, day, multiplier) for multiplier in (seated, standing))
    board, sits = day.ride_board_visit, sitting_from(service, day)
    reached, before, beyond_s = _ends_of_rides(service, day)
    at_start = np.where(sits > board, standing[board], seated[board])
    at_end = np.where(sits > before, standing[before], seated[before])
    sits = np.minimum(sits, reached)
    crowded = (
        seated_s[reached]
        - seated_s[sits]
        + standing_s[sits]
        - standing_s[board]
        - at_start * (day.ride_board_s - day.visit_arrival_s[board])
        + at_end * beyond_s
    )
    return np.where(board >= 0, crowded, 0.0)


def mean_ride_s(service: Service, crowding: CrowdingParameters, day: DayRecords) -> FloatArray:
    """Return time on board from the start of all runs to each visit, weighted by the crowding that riders shared.

    What a ride from one visit to another is worth is the difference of the two. Where some sit and others stand it is
    the mean over those on board, since nobody knows which of the two one more rider would do.

    Returns
    -------
    ndarray of float, shape (visits + 1,)
        Seconds; the last entry belongs to no visit.
    """
    return _weighted_from_start_s(service, day, mean_multiplier(service, crowding, day.visit_load))


def own_crowding_s(service: Service, crowding: CrowdingParameters, day: DayRecords) -> FloatArray:
    """Return what one more rider adds to the crowding that they meet themselves, from each visit to the next.

    Returns
    -------
    ndarray of float, shape (visits,)
        Weighted seconds on board: what `mean_ride_s` would be above itself there with one person more on board.
    """
    more = mean_multiplier(service, crowding, day.visit_load + 1)
    more -= mean_multiplier(service, crowding, day.visit_load)
    return _to_next_s(service, day, more)


def mean_multiplier(
    service: Service, crowding: CrowdingParameters, visit_load: IntArray, visit: IntArray | slice = _EVERY
) -> FloatArray:
    """Return the mean multiplier over those on board after visits, shape of `visit_load`.

    Parameters
    ----------
    service : Service
    crowding : CrowdingParameters
    visit_load : ndarray of int
        People on board when a vehicle left.
    visit : ndarray of int or slice
        Of which visits; of all, unless said.
    """
    trip, load = service.visit_trip[visit], visit_load.astype(np.float64)
    if crowding.kind != "seated_standing":
        return crowding_multiplier(crowding, load / service.trip_capacity[trip])
    curve, seats = crowding.seated_standing(), service.trip_seats[trip].astype(np.float64)
    measure = crowding_measure(curve.measure, load, seats, service.trip_standing_area_m2[trip])
    seated, standing = curve_multipliers(curve, measure)
    stands = np.maximum(load - seats, 0.0) / np.maximum(load, 1.0)
    mean: FloatArray = (1.0 - stands) * seated + stands * standing
    return mean


def sitting_from(service: Service, day: DayRecords) -> IntArray:
    """Return the visit from which each rider sits, shape (rides,).

    The visit of boarding for riders who sit at once, that of alighting for those who stand all the way;
    -1 where the ride was not boarded.

    Seats go to those who boarded first; a seat that becomes free is taken by whoever stands and boarded first.
    Those who sit are therefore always the first on board, in order of boarding, and nobody who sits ever stands
    again (test_choice_seating.py).

    Parameters
    ----------
    service : Service
    day : DayRecords
    """
    sits = day.ride_board_visit.copy()
    seats = service.trip_seats
    full = np.zeros(len(seats), dtype=np.bool_)
    standing = np.flatnonzero(day.visit_load > seats[service.visit_trip])
    full[service.runs.of_visit[standing]] = True
    boarded = np.flatnonzero(day.ride_board_visit >= 0)
    rides = boarded[full[service.runs.of_visit[day.ride_board_visit[boarded]]]]
    # In one visit, people board in the order in which they had joined the queues of the stop.
    order = rides[np.lexsort((rides, day.ride_wait_from_s[rides], day.ride_board_visit[rides]))]
    board = day.ride_board_visit[order]
    last = service.runs.ends[np.searchsorted(service.runs.ends, board)]
    leaves = np.where(day.ride_alight_visit[order] >= 0, day.ride_alight_visit[order], last)
    run = service.runs.of_visit[board]
    first = _group_starts(run)
    sits[order] = _seats_taken(board - board[first], leaves - board[first], first, seats[run]) + board[first]
    return sits


def _seats_taken(board: IntArray, leaves: IntArray, first: IntArray, seats: IntArray) -> IntArray:
    """Return when riders sit, as `board` and `leaves` are counted; `leaves` for those who stand all the way.

    At each stop the first on board have the seats, as many as there are.

    Parameters
    ----------
    board, leaves : ndarray of int, shape (riders,)
        Visit of boarding and of alighting, counted from the first of the vehicle; in order of vehicles and of boarding.
    first : ndarray of int, shape (riders,)
        Row of the first rider of the vehicle.
    seats : ndarray of int, shape (riders,)
        Of the vehicle.
    """
    sits = leaves.copy()
    stands = np.ones(len(board), dtype=np.bool_)
    for visit in range(int(leaves.max(initial=0))):
        on = np.flatnonzero((board <= visit) & (leaves > visit))
        before = np.arange(len(on)) - _group_starts(first[on])
        now = on[(before < seats[on]) & stands[on]]
        sits[now] = visit
        stands[now] = False
    return sits


def _group_starts(group: IntArray) -> IntArray:
    """Return for each row the first row of its group, the rows of which stand together; shape (rows,)."""
    begins = np.diff(group, prepend=-1) != 0
    starts: IntArray = np.maximum.accumulate(np.where(begins, np.arange(len(group)), 0))
    return starts


def standing_s(service: Service, day: DayRecords) -> FloatArray:
    """Return how long each rider stood while the vehicle ran from stop to stop, in seconds, shape (rides,).

    Summed over riders it is what vehicles carried beyond their seats; 0 where the ride was not
    boarded, and up to where the vehicle got to for riders still on board.

    Parameters
    ----------
    service : Service
    day : DayRecords
    """
    to_next_s = np.append(day.visit_arrival_s[1:], np.nan) - day.visit_departure_s
    to_next_s[service.visit_ptr[1:] - 1] = 0.0
    run_s = np.concatenate([[0.0], np.cumsum(np.nan_to_num(to_next_s))])
    board, sits = np.maximum(day.ride_board_visit, 0), np.maximum(sitting_from(service, day), 0)
    return np.where(day.ride_board_visit >= 0, run_s[sits] - run_s[board], 0.0)
