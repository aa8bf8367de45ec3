"""The loop over days: advice, departures, a simulated day, and what it teaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sim.advisor.compliance import app_users, compliers
from sim.advisor.knowledge import Knowledge, Strategy
from sim.engine import Departures, Draws, HoldingRule, Plan, compile_plan, draw, simulate
from sim.model.advice import AdvicePlan, no_advice
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.population.commuters import Population, draw_population
from sim.population.cost import JourneyCosts, journey_costs
from sim.population.departures import follow, learn
from sim.population.expectation import Expecter
from sim.population.observation import Observation, ServicePoints, mean_observation, observe, service_points
from sim.population.windows import window_of
from sim.randomness import Streams
from sim.records.day import DayRecords
from sim.routing import find_options
from sim.units import BoolArray, FloatArray


@dataclass(frozen=True)
class CompiledScenario:
    """What all replications of a scenario share."""

    scenario: Scenario
    options: JourneyOptions
    plan: Plan
    points: ServicePoints
    expecter: Expecter


def compile_scenario(scenario: Scenario, holding: HoldingRule | None = None) -> CompiledScenario:
    """Find journey options and compile the plan of a scenario.

    Parameters
    ----------
    scenario : Scenario
    holding : HoldingRule or None
        Control of vehicles, instead of that of the scenario.
    """
    options = find_options(scenario)
    plan = compile_plan(scenario, options.legs, holding)
    points = service_points(plan.service, scenario.parameters.period_s)
    expecter = Expecter(options, points, scenario.parameters.preferences, scenario.parameters.advisor.window_s)
    return CompiledScenario(scenario, options, plan, points, expecter)


@dataclass
class ReplicationWorld:
    """One replication: its people, its chance, and the days that all strategies share.

    Attributes
    ----------
    compiled : CompiledScenario
    streams : Streams
    population : Population
    draws : dict of int to Draws
        Chance by day; strategies meet the same.
    """

    compiled: CompiledScenario
    streams: Streams
    population: Population
    draws: dict[int, Draws] = field(default_factory=dict)

    @classmethod
    def create(cls, compiled: CompiledScenario, replication: int) -> ReplicationWorld:
        """Draw the people of a replication."""
        streams = Streams(compiled.scenario.parameters.seed, replication)
        return cls(compiled, streams, draw_population(compiled.scenario, compiled.options, streams))

    def draws_of(self, day: int) -> Draws:
        """Return the chance of a day."""
        if day not in self.draws:
            self.draws[day] = draw(self.compiled.plan, self.streams, day)
        return self.draws[day]


@dataclass(frozen=True)
class DayResult:
    """One simulated day under a strategy.

    Attributes
    ----------
    day : int
    records : DayRecords
    costs : JourneyCosts
    plan : AdvicePlan
    complied : ndarray of bool, shape (commuters,)
        Advised and left inside the window.
    observation : Observation
    """

    day: int
    records: DayRecords
    costs: JourneyCosts
    plan: AdvicePlan
    complied: BoolArray
    observation: Observation


def simulate_days(world: ReplicationWorld, strategy: Strategy) -> Iterator[DayResult]:
    """Simulate the days of a replication under a strategy, one by one.

    Parameters
    ----------
    world : ReplicationWorld
    strategy : Strategy

    Yields
    ------
    DayResult
        In order of days.
    """
    parameters = world.compiled.scenario.parameters
    population = world.population
    app_user = app_users(population, parameters.advisor, world.streams)
    own_departure_s = population.habitual_departure_s
    observations: list[Observation] = []
    plans: list[AdvicePlan] = []
    experience: Observation | None = None
    for day in range(parameters.days):
        if experience is not None and parameters.behaviour.departure_choice == "logit":
            own_departure_s = _learned(world, own_departure_s, experience, day)
        plan = no_advice(len(population), parameters.advisor.window_s)
        if day >= parameters.advisor.first_day and app_user.any():
            plan = strategy.advise(_knowledge(world, app_user, observations, plans, day))
        result = _simulate_day(world, own_departure_s, plan, day)
        observations.append(result.observation)
        plans.append(plan)
        experience = _remember(experience, result.observation, parameters.behaviour.memory)
        yield result


def _knowledge(
    world: ReplicationWorld,
    app_user: BoolArray,
    observations: list[Observation],
    plans: list[AdvicePlan],
    day: int,
) -> Knowledge:
    return Knowledge(
        scenario=world.compiled.scenario,
        population=world.population,
        app_user=app_user,
        observations=tuple(observations),
        plans=tuple(plans),
        expecter=world.compiled.expecter,
        streams=world.streams,
        day=day,
    )


def _learned(world: ReplicationWorld, own_departure_s: FloatArray, experience: Observation, day: int) -> FloatArray:
    parameters = world.compiled.scenario.parameters
    everybody = np.ones(len(world.population), dtype=np.bool_)
    return learn(
        world.population,
        own_departure_s,
        everybody,
        experience,
        world.compiled.expecter,
        parameters.preferences,
        parameters.behaviour,
        world.streams,
        day,
    )


def _remember(experience: Observation | None, today: Observation, memory: float) -> Observation:
    if experience is None:
        return today
    return mean_observation([experience, today], [memory, 1.0 - memory])


def _simulate_day(world: ReplicationWorld, own_departure_s: FloatArray, plan: AdvicePlan, day: int) -> DayResult:
    compiled, population = world.compiled, world.population
    parameters = compiled.scenario.parameters
    follows = compliers(population, plan.advised, parameters.advisor, world.streams, day)
    departure_s = follow(population, own_departure_s, plan, follows, world.streams)
    records = simulate(compiled.plan, Departures(departure_s, population.journeys), world.draws_of(day))
    costs = journey_costs(compiled.plan.service, parameters.preferences, population, records)
    complied = plan.advised & (window_of(records.departure_s, plan.window_s) == plan.window)
    observation = observe(compiled.plan.service, compiled.points, records)
    return DayResult(day, records, costs, plan, complied, observation)
