"""What commuters pay on a day, and the discounts that they get."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import DiscountParameters, IncentiveParameters
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.model.tariffs import PaidRides
from sim.population.commuters import Population
from sim.records.day import DayRecords
from sim.records.day_facts import FaresPaid


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
        incentive = scenario.parameters.advisor.incentive
        discounts, applies_at = incentive.offered()
        at_entry = applies_at == "entry"
        stop = population.origin if at_entry else population.destination
        time_s = day.departure_s if at_entry else day.arrival_s
        for discount in discounts:
            start_s, end_s = discount_bounds(discount, incentive, group)
            here = discount_stops(discount, scenario.network.stop_index, stop)
            inside = here & (time_s >= start_s) & (time_s < end_s)
            share = np.maximum(share, np.where(inside, discount.discount_share, 0.0))
    fare = full * (1.0 - share)
    worth = scenario.parameters.fares.value_of_time
    per_hour = np.inf if worth is None else worth * population.traits.value_of_time_factor
    return FaresPaid(fare, full * share, fare / per_hour * 60.0)


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
    until = np.append(service.run_ends, 0)[np.searchsorted(service.run_ends, service.visit_ptr[:-1])] + 1
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
