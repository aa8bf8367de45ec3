"""Lower bounds on what people pay on some draws: under any plan, and under plans of windows on vehicles as they ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.advisor.optimum import optimum_of_day
from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.foresight import ForesightBound
from sim.advisor.optimum.place_prices import place_prices_min
from sim.advisor.optimum.priced_queues import Draw
from sim.advisor.optimum.vehicles import (
    VehicleRuns,
    hops_s,
    known_arrival_s,
    people_leave_vehicles_alone,
    people_stay_on_board,
    takes_one_vehicle,
)
from sim.advisor.optimum.ways import plain_options, way_rides, ways_of
from sim.advisor.optimum.window_costs import WindowChoices
from sim.advisor.rehearsal.stage import RehearsedDay, Stage
from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine import DayVariates, EngineInput, least_running_s
from sim.engine.rules import BoardingRule
from sim.model.journeys import JourneyOptions
from sim.model.service import Service
from sim.population.commuters import Population
from sim.population.least_cost import least_costs_min
from sim.population.windows import window_of
from sim.records.day import DayRecords

if TYPE_CHECKING:
    from sim.advisor.loop import ReplicationWorld

QUEUE_PRICE_SHARE = 0.3
"""Part of what queues say that places are worth from which prices start (assumed)."""


@dataclass(frozen=True)
class Bounds:
    """Lower bounds on the mean cost of all commuters over some draws, in minutes.

    Attributes
    ----------
    any_plan_min : float
        Below every plan, with whatever vehicles do under it: proven.
    same_vehicles_min : float
        Below every plan of windows if vehicles run as they did under the best plan found; NaN where it is not known.
    vehicles_fixed : bool
        Whether they run the same under every plan, so that the second holds for any plan of windows as well.
    """

    any_plan_min: float
    same_vehicles_min: float
    vehicles_fixed: bool

    @property
    def proven_min(self) -> float:
        """The higher of what is proven."""
        if self.vehicles_fixed and self.same_vehicles_min > self.any_plan_min:
            return self.same_vehicles_min
        return self.any_plan_min


def bounds_on(
    world: ReplicationWorld,
    view: AdvisorView,
    draws: Sequence[int],
    days: Sequence[RehearsedDay],
    rounds: int | None = None,
) -> Bounds:
    """Bound what plans cost on some draws.

    Parameters
    ----------
    world : ReplicationWorld
    view : AdvisorView
    draws : sequence of int
    days : sequence of RehearsedDay
        The same draws under the best plan known.
    rounds : int or None
        As `bound_rounds` of a search.
    """
    stage = view.stage
    assert stage is not None
    least = [least_costs_of(world, stage.draw(draw).variates) for draw in draws]
    anything = []
    for draw, day, alone_min in zip(draws, days, least, strict=True):
        variates = stage.draw(draw).variates
        compiled = world.compiled
        found = optimum_of_day(
            compiled.scenario,
            compiled.engine_input,
            compiled.options,
            world.population,
            variates,
            day.records,
            alone_min,
            day.cost_min,
        )
        anything.append(float(found.cost_min.mean()))
    same = _same_vehicles_min(view, stage, days, least, rounds)
    fixed = people_leave_vehicles_alone(world.compiled.engine_input)
    return Bounds(float(np.mean(anything)), same, fixed)


def _same_vehicles_min(
    view: AdvisorView,
    stage: Stage,
    days: Sequence[RehearsedDay],
    least_min: Sequence[FloatArray],
    rounds: int | None,
) -> float:
    """Bound plans of windows on the vehicles of some days; NaN where no such bound is known."""
    found = foresight_of(view, stage, [DayForBound.of(stage, day) for day in days], least_min)
    if found is None:
        return float("nan")
    total_min = found.others_min
    if found.bound is not None:
        total_min += float(found.bound.highest(found.start, found.reached_min, rounds).sum())
    return total_min / len(view.population)


@dataclass(frozen=True)
class DayForBound:
    """What the bound on plans of windows needs of a day; nothing in it has a row for each ride.

    Attributes
    ----------
    vehicles : VehicleRuns
        As they ran.
    load : ndarray of float, shape (visits,)
        On board to the next stop.
    queue_price_min : ndarray of float, shape (visits,)
        What queues say that a place is worth.
    left_behind : ndarray of bool, shape (visits,)
        Whether anybody was.
    cost_min : ndarray of float, shape (commuters,)
    """

    vehicles: VehicleRuns
    load: FloatArray
    queue_price_min: FloatArray
    left_behind: BoolArray
    cost_min: FloatArray

    @classmethod
    def of(cls, stage: Stage, day: RehearsedDay) -> DayForBound:
        """Read it off a day."""
        service, preferences = stage.scenario.service, stage.scenario.parameters.preferences
        return cls(
            _as_they_ran(stage.engine_input, day.records),
            day.records.visit_load.astype(np.float64),
            place_prices_min(service, preferences, stage.population, day.records),
            day.records.visit_denied > 0,
            day.cost_min,
        )


@dataclass(frozen=True)
class Foresight:
    """The bound on plans of windows on the vehicles of some days, before prices are looked for.

    Attributes
    ----------
    people : ndarray of int
        Whose ways are known.
    bound : ForesightBound or None
        Of these; None where there is nobody.
    start : list of ndarray of float, shape (visits,)
        Prices to begin with, one for each day.
    reached_min : float
        What these people paid together, mean over the days.
    others_min : float
        What all others pay together at least.
    """

    people: IntArray
    bound: ForesightBound | None
    start: list[FloatArray]
    reached_min: float
    others_min: float


def foresight_of(
    view: AdvisorView,
    stage: Stage,
    days: Sequence[DayForBound],
    least_min: Sequence[FloatArray],
    queues_as_they_were: bool = False,
    open_to: BoolArray | None = None,
) -> Foresight | None:
    """Return the bound on plans of windows on the vehicles of some days; None where there is none.

    Parameters
    ----------
    view : AdvisorView
    stage : Stage
        On which the people of the view were rehearsed.
    days : sequence of DayForBound
    least_min : sequence of ndarray of float, shape (commuters,)
        As `least_costs_of`, one for each day.
    queues_as_they_were : bool
        Let everybody take the first vehicle that comes where nobody was left behind. It is then no bound for other
        plans, and tells better what to change in the plan of these days.
    open_to : ndarray of bool, shape (users, candidates), or None
        Windows that each user may be told; all that they can accept where None.
    """
    scenario, population, options = view.scenario, view.population, view.forecaster.options
    engine_input, service, preferences = stage.engine_input, scenario.service, scenario.parameters.preferences
    if not people_stay_on_board(engine_input) or not len(options.leg_ptr[1:]):
        return None
    # The proof counts on places that are drawn evenly and whatever the plan is. Even placement names people a place by
    # who else is in the window, their own moment among them (test_even_placement_has_no_bound_on_the_same_vehicles).
    if scenario.parameters.advisor.placement == "even":
        return None
    option = population.journeys.option
    plain = _have_plain_ways(engine_input, service, options, population)
    people = np.flatnonzero(plain)
    unserved_min = preferences.unserved_penalty_s / 60.0
    # What somebody pays is at most the penalty on each draw, not in their mean alone, or the bound would not be one.
    capped_min = np.mean([np.minimum(of_draw, unserved_min) for of_draw in least_min], axis=0)
    others_min = float(np.where(option >= 0, capped_min, unserved_min)[~plain].sum())
    if not len(people):
        return Foresight(people, None, [], 0.0, others_min)
    ways = ways_of(options, np.unique(option[people]))
    parts = []
    for day in days:
        room = VehicleCapacity.of(service, day.vehicles, preferences, len(people))
        rides = way_rides(service, options.legs, ways, day.vehicles)
        parts.append(Draw.of(rides, room, day.left_behind if queues_as_they_were else None))
    give_up = scenario.parameters.behaviour.patience_s is not None
    bound = ForesightBound(
        people, ways, population, options, preferences, _choices(view, people, open_to), parts, give_up
    )
    # Queues tell what places are worth, but more of it than there is: those who wait longest put up every price.
    start = [
        part.room.price(day.load) + QUEUE_PRICE_SHARE * day.queue_price_min
        for part, day in zip(parts, [*days[1:], *days[:1]], strict=True)
    ]
    reached_min = float(np.mean([day.cost_min[people].sum() for day in days]))
    return Foresight(people, bound, start, reached_min, others_min)


def _have_plain_ways(
    engine_input: EngineInput, service: Service, options: JourneyOptions, population: Population
) -> BoolArray:
    """Tell who begins by choice and has ways that `ways_of` knows, shape (commuters,)."""
    reconsiders = engine_input.rules.reconsiders
    plain = plain_options(service, options, reconsiders) | takes_one_vehicle(service, options, reconsiders)
    option = population.journeys.option
    found: BoolArray = (option >= 0) & population.is_first & np.append(plain, False)[option]
    return found


def _as_they_ran(engine_input: EngineInput, records: DayRecords) -> VehicleRuns:
    """Return the vehicles of a day as they ran; people may board up to the arrival, or to the departure."""
    arrival_s = known_arrival_s(records)
    waits = engine_input.rules.boarding_rule != BoardingRule.PRESENT_AT_ARRIVAL
    latest_s = np.where(np.isfinite(records.visit_departure_s), records.visit_departure_s, arrival_s)
    to_next_s = hops_s(records.visit_arrival_s, engine_input.timetable.visit_ptr[1:] - 1)
    runs = ~engine_input.timetable.trip_cancelled
    return VehicleRuns(arrival_s, np.maximum(latest_s, arrival_s) if waits else arrival_s, to_next_s, runs, True)


def _choices(view: AdvisorView, people: IntArray, open_to_users: BoolArray | None = None) -> WindowChoices:
    """Return what some people may be told, and when they then leave."""
    advisor, candidates = view.scenario.parameters.advisor, view.candidates
    shape = (len(view.population), candidates.window.shape[1])
    start_s, follows, open_to = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    start_s[view.users] = candidates.window * view.window_s
    open_to[view.users] = candidates.acceptable if open_to_users is None else open_to_users
    own_s = view.own_departure_s
    follows[view.users] = np.minimum(advisor.compliance_share * view.chance, 1.0)
    # Whoever leaves in the window anyway keeps their moment (`sim.population.windows.follow`).
    follows[window_of(own_s, view.window_s)[:, None] * view.window_s == start_s] = 0.0
    return WindowChoices(own_s[people], start_s[people], view.window_s, open_to[people], follows[people])


def least_costs_of(world: ReplicationWorld, variates: DayVariates) -> FloatArray:
    """Return the least that each pays on a day whatever the others do, shape (commuters,); 0 without a journey.

    Parameters
    ----------
    world : ReplicationWorld
    variates : DayVariates
        Chance of the day.
    """
    compiled, population = world.compiled, world.population
    found = least_costs_min(
        compiled.scenario.service,
        least_running_s(compiled.engine_input, variates),
        compiled.options,
        compiled.scenario.parameters.preferences,
        population.origin,
        population.destination,
        population.habitual_departure_s,
    )
    return np.where(population.journeys.option >= 0, found, 0.0)
