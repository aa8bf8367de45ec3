"""The system optimum of a day, or a proven lower bound on it: what advice could save at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.demand_classes import demand_classes
from sim.advisor.optimum.lagrangian import least_total
from sim.advisor.optimum.vehicles import direct_rides, people_stay_on_board, takes_one_vehicle, vehicle_runs
from sim.arrays import FloatArray
from sim.engine import Draws, Plan
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
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
    plan: Plan,
    options: JourneyOptions,
    preferences: PreferenceParameters,
    population: Population,
    draws: Draws,
    records: DayRecords,
    least_cost_min: FloatArray,
) -> DayOptimum:
    """Bound what the journeys of a day cost together, whenever within their flexibility people leave.

    Parameters
    ----------
    plan : Plan
    options : JourneyOptions
    preferences : PreferenceParameters
    population : Population
    draws : Draws
        Chance of the day.
    records : DayRecords
        Of the day, under any strategy.
    least_cost_min : ndarray of float, shape (commuters,)
        What nobody goes below by himself; counts for those who change vehicles, or may be put out of one.
    """
    unserved_min = preferences.unserved_penalty_s / 60.0
    option = population.journeys.option
    cost_min = np.where(option >= 0, np.minimum(least_cost_min, unserved_min), unserved_min)
    if not people_stay_on_board(plan) or not len(options.leg_ptr[1:]):
        return DayOptimum(cost_min, False)
    direct = (option >= 0) & population.back.is_outward & np.append(takes_one_vehicle(plan, options), False)[option]
    people = np.flatnonzero(direct)
    if not len(people):
        return DayOptimum(cost_min, False)
    vehicles = vehicle_runs(plan, draws, records)
    room = VehicleCapacity.of(plan.service, vehicles, preferences, len(people))
    rides = direct_rides(plan, options, np.unique(option[people]), vehicles)
    demand = demand_classes(people, population, options, rides, vehicles, preferences, room)
    found = least_total(demand, room)
    cost_min[people] = found.cost_min[demand.of_person]
    everybody = len(people) == int((option >= 0).sum())
    return DayOptimum(cost_min, found.exact and vehicles.fixed and everybody)
