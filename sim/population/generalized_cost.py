"""The generalized cost of journeys as they happened: time, crowding, schedule delay and fares."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.outcome import Outcome
from sim.model.parameters import DiscountParameters, IncentiveParameters, PreferenceParameters
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.model.tariffs import PaidRides
from sim.population.commuters import Population
from sim.population.crowding import crowded_ride_s
from sim.records.day import DayRecords
from sim.records.day_facts import FaresPaid, JourneyCosts


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
