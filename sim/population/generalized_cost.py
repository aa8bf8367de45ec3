"""The generalized cost of journeys as they happened: fares, sitting or standing, time and schedule delay."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.crowding import crowding_measure, curve_multipliers
from sim.model.outcome import Outcome
from sim.model.parameters import CrowdingParameters, DiscountParameters, IncentiveParameters, PreferenceParameters
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.model.tariffs import PaidRides
from sim.population.commuters import Population
from sim.records.day import DayRecords
from sim.records.day_facts import FaresPaid, JourneyCosts


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
    to_next = np.zeros(len(multiplier))
    to_next[:-1] = np.diff(day.visit_arrival_s)
    to_next[service.runs.ends] = 0.0
    return np.concatenate([[0.0], np.cumsum(np.nan_to_num(to_next * multiplier))])


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
    trip, load = service.visit_trip, day.visit_load.astype(np.float64)
    if crowding.kind == "seated_standing":
        curve, seats = crowding.seated_standing(), service.trip_seats[trip].astype(np.float64)
        measure = crowding_measure(curve.measure, load, seats, service.trip_standing_area_m2[trip])
        seated, standing = curve_multipliers(curve, measure)
        stands = np.maximum(load - seats, 0.0) / np.maximum(load, 1.0)
        multiplier = (1.0 - stands) * seated + stands * standing
    else:
        multiplier = crowding_multiplier(crowding, load / service.trip_capacity[trip])
    return _weighted_from_start_s(service, day, multiplier)


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
    on_board = np.bincount(day.ride_commuter, crowded_ride_s(service, preferences.crowding, day), commuters)
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


def fares_paid(
    scenario: Scenario, service: Service, population: Population, day: DayRecords, group: IntArray | None
) -> FaresPaid:
    """Charge every commuter for the rides of a day.

    Whoever is still on board pays for the way so far. Discounts go by the stops where the journey
    starts and ends, and by when it does.

    Parameters
    ----------
    scenario : Scenario
    service : Service
    population : Population
    day : DayRecords
    group : ndarray of int, shape (commuters,), or None
        Group of each commuter for the boundaries of discounts; None where none is in force.
    """
    commuters = len(population)
    if scenario.tariff is None:
        unknown = np.full(commuters, np.nan)
        return FaresPaid(unknown, unknown, np.zeros(commuters))
    full = scenario.tariff.charge(_paid_rides(service, day, commuters))
    share = np.zeros(commuters)
    if group is not None:
        ends, times_s = (population.origin, population.destination), (day.departure_s, day.arrival_s)
        share = discount_shares(scenario, ends, times_s, group)
    fare = full * (1.0 - share)
    worth = scenario.parameters.fares.value_of_time
    per_hour = np.inf if worth is None else worth * population.traits.value_of_time_factor
    return FaresPaid(fare, full * share, fare / per_hour * 60.0)


def discount_shares(
    scenario: Scenario, ends: tuple[IntArray, IntArray], times_s: tuple[FloatArray, FloatArray], group: IntArray
) -> FloatArray:
    """Return the part of the fare that is let off for each journey, the largest one where discounts overlap.

    Parameters
    ----------
    scenario : Scenario
    ends : tuple of ndarray of int, shape (journeys,)
        Stops where they start and where they end, as rows.
    times_s : tuple of ndarray of float, shape (journeys,)
        When they start and when they end, seconds after midnight.
    group : ndarray of int, shape (journeys,)
        For the boundaries of discounts.
    """
    incentive = scenario.parameters.advisor.incentive
    discounts, applies_at = incentive.offered()
    place = 0 if applies_at == "entry" else 1
    stop, time_s = ends[place], times_s[place]
    share = np.zeros(len(stop))
    for discount in discounts:
        start_s, end_s = discount_bounds(discount, incentive, group)
        here = discount_stops(discount, scenario.network.stop_index, stop)
        inside = here & (time_s >= start_s) & (time_s < end_s)
        share = np.maximum(share, np.where(inside, discount.discount_share, 0.0))
    return share


def discount_bounds(
    discount: DiscountParameters, incentive: IncentiveParameters, group: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return when a discount starts and ends for people of each group, seconds after midnight.

    Parameters
    ----------
    discount : DiscountParameters
    incentive : IncentiveParameters
    group : ndarray of int, shape (people,)
    """
    shift_s = group * incentive.stagger_s
    start_s, end_s = np.full(len(group), discount.start_s), np.full(len(group), discount.end_s)
    if incentive.stagger_edge == "end":
        return start_s, np.maximum(end_s - shift_s, start_s)
    return np.minimum(start_s + shift_s, end_s), end_s


def discount_stops(discount: DiscountParameters, index: dict[str, int], stop: IntArray) -> BoolArray:
    """Tell who starts, or ends, where a discount counts.

    Parameters
    ----------
    discount : DiscountParameters
    index : dict of str to int
        Rows of stops by id.
    stop : ndarray of int, shape (people,)
    """
    if not discount.stops:
        return np.ones(len(stop), dtype=np.bool_)
    return np.isin(stop, [index[name] for name in discount.stops if name in index])


def _paid_rides(service: Service, day: DayRecords, commuters: int) -> PaidRides:
    rows = np.flatnonzero(day.ride_board_visit >= 0)
    board, alight = day.ride_board_visit[rows], day.ride_alight_visit[rows]
    trip = service.visit_trip[board]
    came = np.concatenate([[0], np.cumsum(np.isfinite(day.visit_arrival_s))])
    until = np.append(service.runs.ends, 0)[np.searchsorted(service.runs.ends, service.visit_ptr[:-1])] + 1
    last = service.visit_ptr[:-1] + came[until] - came[service.visit_ptr[:-1]] - 1
    alight = np.where(alight >= 0, alight, np.maximum(last[trip], board))
    return PaidRides(
        journeys=commuters,
        journey=day.ride_commuter[rows],
        pattern=service.trip_pattern[trip],
        board=service.visit_sequence[board],
        alight=alight - service.visit_ptr[trip],
        board_s=day.ride_board_s[rows],
    )
