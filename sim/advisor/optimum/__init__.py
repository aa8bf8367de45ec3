"""The system optimum of a day, or a proven lower bound on it: what advice could save at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.demand_classes import MANY_PAIRS, MOST_PAIRS, LookedAt, demand_classes
from sim.advisor.optimum.lagrangian import least_total
from sim.advisor.optimum.vehicles import direct_rides, people_stay_on_board, ride_directly, vehicle_runs
from sim.arrays import FloatArray
from sim.engine import DayVariates, EngineInput
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.population.commuters import Population
from sim.records.day import DayRecords

__all__ = ["DayOptimum", "optimum_of_day"]


@dataclass(frozen=True)
class DayOptimum:
    """The least total cost of a day.

    Attributes
    ----------
    cost_min : ndarray of float, shape (commuters,)
        Part of each; the sum is the bound.
    exact : bool
        Whether the sum is the optimum itself, which a plan reaches.
    """

    cost_min: FloatArray
    exact: bool


def optimum_of_day(
    scenario: Scenario,
    engine_input: EngineInput,
    options: JourneyOptions,
    population: Population,
    variates: DayVariates,
    records: DayRecords,
    least_cost_min: FloatArray,
    paid_min: FloatArray | None = None,
) -> DayOptimum:
    """Bound what the journeys of a day cost together, whenever within their flexibility people leave.

    Parameters
    ----------
    scenario : Scenario
    engine_input : EngineInput
    options : JourneyOptions
    population : Population
    variates : DayVariates
        Chance of the day.
    records : DayRecords
        Of the day, under any strategy.
    least_cost_min : ndarray of float, shape (commuters,)
        The least that each pays whatever the others do; counts for people who change vehicles, or may be put out.
    paid_min : ndarray of float, shape (commuters,), or None
        What each pays on the day under a good plan. Where it is given, more rides are looked at, and prices are looked
        for until they come near to it, which may take some seconds.
    """
    service, preferences = scenario.service, scenario.parameters.preferences
    unserved_min = preferences.unserved_penalty_s / 60.0
    option = population.journeys.option
    cost_min = np.where(option >= 0, np.minimum(least_cost_min, unserved_min), unserved_min)
    if not people_stay_on_board(engine_input) or not len(options.leg_ptr[1:]):
        return DayOptimum(cost_min, False)
    people = np.flatnonzero(ride_directly(engine_input, service, options, population))
    if not len(people):
        return DayOptimum(cost_min, False)
    vehicles = vehicle_runs(engine_input, variates, records)
    room = VehicleCapacity.of(service, vehicles, preferences, len(people))
    rides = direct_rides(service, options, np.unique(option[people]), vehicles)
    ends_s = -np.inf if scenario.parameters.behaviour.patience_s is not None else engine_input.rules.end_s
    looked_at = LookedAt(MOST_PAIRS if paid_min is None else MANY_PAIRS, ends_s)
    demand = demand_classes(people, population, options, rides, vehicles, preferences, room, looked_at)
    found = least_total(demand, room, None if paid_min is None else float(paid_min[people].sum()))
    cost_min[people] = found.cost_min[demand.of_person]
    everybody = len(people) == int((option >= 0).sum())
    # Whoever a vehicle has not brought anywhere when the day ends pays for the wait as well: then it is a bound.
    ended = bool(np.isfinite(vehicles.arrival_s[vehicles.runs[service.visit_trip]]).all())
    return DayOptimum(cost_min, found.exact and vehicles.fixed and everybody and ended)
