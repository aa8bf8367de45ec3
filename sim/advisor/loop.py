"""The loop over days: advice, departures, a simulated day, and what it teaches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sim.advisor.booking.kept_share import KeptAdvice, expected_compliance_share, kept_seen
from sim.advisor.checks import advised_by
from sim.advisor.compiled_scenario import CompiledJourneys, CompiledScenario
from sim.advisor.compliance import Compliance, app_users, reachable_commuters
from sim.advisor.day_result import DayResult
from sim.advisor.experience import MetDay
from sim.advisor.people_alike import OtherPeople, stage_of_people_alike
from sim.advisor.rehearsal.known_people import known_people
from sim.advisor.rehearsal.stage import DaysWithoutAdvice, RehearsalDraw, Stage
from sim.advisor.sight import Sight
from sim.advisor.strategy import AdvisorView, SharedCosts, Strategy, StrategyFacts
from sim.advisor.window_width import WIDTHS_S, choose_width, with_width
from sim.arrays import BoolArray, FloatArray, arrays_read_only
from sim.engine import (
    DayVariates,
    Departures,
    HoldingRule,
    asks_python,
    choose_engine,
    compile_input,
    draw_variates,
    simulate,
)
from sim.model.advice import AdvicePlan, no_advice
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.population.commuters import Population, draw_population, options_of_commuters
from sim.population.following import follow, last_of_even
from sim.population.generalized_cost import fares_paid, journey_costs
from sim.population.learning import Learners, remembered
from sim.population.observation import Observation, observe
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.randomness import Streams


def compile_scenario(
    scenario: Scenario, holding: HoldingRule | None = None, usual: JourneyOptions | None = None
) -> CompiledScenario:
    """Find journey options and compile the input of the engine.

    Parameters
    ----------
    scenario : Scenario
    holding : HoldingRule or None
        Control of vehicles, instead of that of the scenario.
    usual : JourneyOptions or None
        Options of `scenario.wishes_of`, where somebody has found them already.
    """
    scenario = with_chosen_width(scenario, holding)
    options = options_of_commuters(scenario)
    engine_input = compile_input(scenario, options.legs, holding)
    journeys = CompiledJourneys.of(scenario, options)
    in_python = asks_python(scenario.parameters.service.holding.rule, holding is not None)
    engine = choose_engine(scenario.parameters.engine, in_python).name
    if usual is None and scenario.wishes_of is not None:
        usual = options_of_commuters(scenario.wishes_of)
    return CompiledScenario(**vars(journeys), engine_input=engine_input, holding=holding, engine=engine, usual=usual)


def compile_journeys(scenario: Scenario) -> CompiledJourneys:
    """Find journey options and where they are observed, for forecasts on days that were simulated before.

    Parameters
    ----------
    scenario : Scenario
    """
    scenario = with_chosen_width(scenario)
    return CompiledJourneys.of(scenario, options_of_commuters(scenario))


def with_chosen_width(scenario: Scenario, holding: HoldingRule | None = None) -> Scenario:
    """Return the scenario with the width of windows that the advisor chooses, where that is left to it.

    Parameters
    ----------
    scenario : Scenario
    holding : HoldingRule or None
    """
    if not scenario.parameters.advisor.chooses_width:
        return scenario
    # The same width in all replications and under all strategies, or windows of a table would not be comparable
    # (test_all_replications_have_the_chosen_width).
    choice = choose_width(ReplicationWorld.create(compile_scenario(with_width(scenario, WIDTHS_S[-1]), holding), 0))
    return with_width(scenario, choice.window_s, choice)


@dataclass
class ReplicationWorld:
    """One replication: its people, its chance, and the days that all strategies share.

    Attributes
    ----------
    compiled : CompiledScenario
    streams : Streams
    population : Population
    lasting : LastingVariates
        Chance of people that stays the same on all days.
    variates : dict of int to DayVariates
        Chance of the service by day; strategies meet the same.
    choices : dict of int to ChoiceVariates
        Chance in what people choose and the advisor sees, by day.
    before_advice : dict of int to DayResult
        Days on which nobody is advised yet: the same under all strategies, and simulated once.
    shared : SharedCosts
        What strategies that saw the same days work out once.
    draws, unadvised : dict of int to RehearsalDraw, DaysWithoutAdvice
        Chance of rehearsals by the number of the draw, and rehearsed days on which nobody is advised.
    settle : callable or None
        How the people came to when they leave, where not by habit: takes a world of people by habit, and returns one
        of people who have settled.
    """

    compiled: CompiledScenario
    streams: Streams
    population: Population
    lasting: LastingVariates
    variates: dict[int, DayVariates] = field(default_factory=dict)
    choices: dict[int, ChoiceVariates] = field(default_factory=dict)
    before_advice: dict[int, DayResult] = field(default_factory=dict)
    shared: SharedCosts = field(default_factory=SharedCosts)
    draws: dict[int, RehearsalDraw] = field(default_factory=dict)
    unadvised: DaysWithoutAdvice = field(default_factory=DaysWithoutAdvice)
    settle: Callable[[ReplicationWorld], ReplicationWorld] | None = None

    @classmethod
    def create(cls, compiled: CompiledScenario, replication: int) -> ReplicationWorld:
        """Draw the people of a replication."""
        streams = Streams(compiled.scenario.parameters.seed, replication)
        population = draw_population(compiled.scenario, compiled.options, streams, compiled.usual)
        return cls(compiled, streams, population, LastingVariates(streams, population.key))

    def under(self, scenario: Scenario) -> ReplicationWorld:
        """Return the same people, chance and days before advice where the advisor does otherwise.

        Parameters
        ----------
        scenario : Scenario
            It differs in nothing that counts where nobody is advised.
        """
        return replace(self, compiled=replace(self.compiled, scenario=scenario), shared=SharedCosts())

    @cached_property
    def app_user(self) -> BoolArray:
        """True for commuters with the app, shape (commuters,)."""
        scenario, people = self.compiled.scenario, self.population
        return app_users(people, scenario.parameters.advisor, self.lasting, reachable_commuters(scenario, people))

    @cached_property
    def compliance(self) -> Compliance:
        """How people respond to advice."""
        return Compliance(self.population, self.compiled.scenario.parameters.advisor, self.lasting)

    @cached_property
    def stage(self) -> Stage:
        """Where plans are rehearsed."""
        compiled = self.compiled
        return Stage(
            scenario=compiled.scenario,
            engine_input=compiled.engine_input,
            points=compiled.points,
            population=self.population,
            streams=self.streams,
            engine=compiled.engine,
            holding=compiled.holding,
            draws=self.draws,
            unadvised=self.unadvised,
            people_alike=stage_of_people_alike(type(self).create, compiled, self.streams, self.settle),
        )

    @cached_property
    def stage_of_users(self) -> Stage:
        """Where an advisor rehearses who knows the app's users, and of all others no more than the demand.

        Nothing that it finds may hang on when the others of this replication travel
        (test_rehearsals_of_users_know_nothing_of_others).
        """
        knows = self.app_user
        if knows[self.population.is_first].all():
            return self.stage.of_people(self.population)
        others = OtherPeople.of(self, knows)
        people = known_people(self.compiled.options, self.population, knows, others.drawn(0))
        return replace(self.stage.of_people(people), others=others)

    def choices_of(self, day: int) -> ChoiceVariates:
        """Return the chance of a day in what people choose and the advisor sees."""
        if day not in self.choices:
            self.choices[day] = ChoiceVariates(self.streams, self.population.key, day)
        return self.choices[day]

    def variates_of(self, day: int) -> DayVariates:
        """Return the chance of the service on a day."""
        if day not in self.variates:
            self.variates[day] = draw_variates(self.compiled.engine_input, self.streams, day)
        return self.variates[day]


def simulate_days(world: ReplicationWorld, strategy: Strategy) -> Iterator[DayResult]:
    """Simulate the days of a replication under a strategy, one by one.

    Where people have settled by the stop rule of the scenario, the days left before those that are kept are skipped.

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
    first_kept = parameters.days - parameters.days_kept
    course = _DayLoop(world, strategy)
    day = 0
    while day < parameters.days:
        yield course.simulate(day)
        day = max(day + 1, first_kept) if course.settled() else day + 1


class _DayLoop:
    """The days of a replication under a strategy, and what carries over from one to the next."""

    def __init__(self, world: ReplicationWorld, strategy: Strategy) -> None:
        self.world = world
        self.strategy = strategy
        self.facts = StrategyFacts.of(strategy)
        self.parameters = world.compiled.scenario.parameters
        preferences, behaviour = self.parameters.preferences, self.parameters.behaviour
        self.learners = Learners(world.population, world.compiled.forecaster, preferences, behaviour, world.lasting)
        self.own_departure_s = world.population.habitual_departure_s
        # As old as the newest day that the advisor knows, oldest first.
        self.own_departures = deque([self.own_departure_s], self.parameters.advisor.forecast.staleness_days + 1)
        self.observations: list[Observation] = []
        self.sight = Sight(world, self.facts)
        self.plans: list[AdvicePlan] = []
        self.kept: list[KeptAdvice] = []
        self.met: list[MetDay] = []
        self.experience: Observation | None = None
        self.departure_s: FloatArray | None = None
        self.changes_s: list[float] = []
        self.gaps_share: list[float] = []

    def simulate(self, day: int) -> DayResult:
        """Simulate the next day."""
        expected_share = self._expected_share()
        usual_s, plan, today = self.own_departures[0], self._advice(day, expected_share), self.world.choices_of(day)
        follows = self.world.compliance.compliers(plan, today)
        decides = ~follows & self.world.population.is_first
        if self.experience is not None:
            # Whoever follows must go on learning what they would do by themselves, as all people look at each day. Else
            # no advice is as bad for ever as it was on the first day, and a plan is kept that costs more than what
            # people would have found (test_people_who_learn_are_not_kept_from_what_they_would_find).
            self.own_departure_s = self.learners.next_departures(self.own_departure_s, self.experience, today)
        self.own_departures.append(self.own_departure_s)
        people, place = self.world.population, self.world.lasting.place_in_window
        last_vehicle_s = last_of_even(self.world.compiled.scenario, people)
        departure_s = follow(self.own_departure_s, plan, follows, place, last_vehicle_s, people.habitual_departure_s)
        number = max(int(people.is_first.sum()), 1)
        last_s, self.departure_s = self.departure_s, departure_s
        change_s = float("nan") if last_s is None else float(np.abs(departure_s - last_s).sum()) / number
        result = self._result(departure_s, plan, day)
        gap_share = self.learners.relative_gap_share(self.own_departure_s, decides, result.observation)
        if day > self.parameters.advisor.first_day:
            self.changes_s.append(change_s)
            self.gaps_share.append(gap_share)
        kept = KeptAdvice.of(plan, self.own_departure_s, departure_s, self.world.compliance.readiness_for(plan))
        result = replace(
            result,
            own_departure_s=self.own_departure_s,
            usual_departure_s=usual_s if self.sight.knows_everybody else None,
            departure_change_s=change_s,
            relative_gap_share=gap_share,
            kept=kept,
            expected_compliance_share=expected_share,
        )
        self.observations.append(self.sight.seen(result, self.observations))
        self.plans.append(plan)
        self.kept.append(kept)
        self.met.append(MetDay(result.costs.generalized_cost_min, result.complied))
        behaviour = self.parameters.behaviour
        self.experience = remembered(behaviour, self.experience, result.observation, len(self.observations))
        return result

    def _result(self, departure_s: FloatArray, plan: AdvicePlan, day: int) -> DayResult:
        """Simulate a day; one before all advice only for the first strategy.

        Days before advice must be the same under every strategy: their departures follow from habit and from what
        people learned on such days alone (tests/unit/test_advisor_loop.py simulates each strategy alone as well).
        """
        if day >= self.parameters.advisor.first_day:
            return _simulate_day(self.world, departure_s, plan, day)
        kept = self.world.before_advice
        if day not in kept:
            kept[day] = _simulate_day(self.world, departure_s, plan, day)
        return kept[day]

    def settled(self) -> bool:
        """Say whether people have been calm for as many days as the stop rule wants."""
        rule = self.parameters.behaviour.stop
        measures = ((rule.least_change_s, self.changes_s), (rule.least_gap_share, self.gaps_share))
        asked = [(least, values[-rule.days_in_row :]) for least, values in measures if least is not None]
        return bool(asked) and all(
            len(last) == rule.days_in_row and all(value <= least for value in last) for least, last in asked
        )

    def _expected_share(self) -> float:
        """Return the share of the advised who the advisor expects to follow today, from the days that it knows."""
        return expected_compliance_share(self.parameters.advisor, self._kept_known())

    def _kept_known(self) -> tuple[KeptAdvice, ...]:
        """Return what became of advice on the days that the advisor has seen, oldest first."""
        return kept_seen(self.parameters.advisor, self.kept, len(self.kept))

    def _advice(self, day: int, expected_share: float) -> AdvicePlan:
        """Ask the strategy, and look at its answer before anybody gets it.

        Where nobody has the app the strategy must not be asked: with penetration 0 every strategy is the same run, bit
        for bit (test_nobody_advised_is_as_without_an_advisor).
        """
        if not self.parameters.advisor.gives_advice(day) or not self.world.app_user.any():
            return no_advice(len(self.world.population), self.parameters.advisor.window_s)
        scenario = self.world.compiled.scenario
        if expected_share != self.parameters.advisor.compliance_share:
            # A strategy must plan for those who it thinks will follow: how many really do only the days tell
            # (test_the_plan_of_later_days_is_made_for_those_who_were_seen_to_follow).
            scenario = scenario.with_advisor(compliance_share=expected_share)
        stage, usual_departure_s = self.sight.known(self.own_departures[0])
        view = AdvisorView(
            scenario=scenario,
            population=self.world.population,
            app_user=self.world.app_user,
            observations=tuple(self.observations),
            plans=tuple(self.plans),
            forecaster=self.world.compiled.forecaster,
            lasting=self.world.lasting,
            today=self.world.choices_of(day),
            day=day,
            shared=self.world.shared,
            kept_before=self._kept_known(),
            met_before=tuple(self.met),
            stage=stage,
            usual_departure_s=usual_departure_s,
        )
        # All strategies are shown the same arrays: one that changes them would change what comes of the others
        # (test_a_strategy_cannot_change_what_others_meet).
        people = self.world.population
        arrays_read_only(people, people.traits, view.app_user, usual_departure_s, *self.observations)
        return advised_by(self.strategy, view, f"strategy {self.facts.name}, day {day}")


def _simulate_day(world: ReplicationWorld, departure_s: FloatArray, plan: AdvicePlan, day: int) -> DayResult:
    compiled, population = world.compiled, world.population
    parameters = compiled.scenario.parameters
    departures = Departures(departure_s, population.journeys, population.chain)
    variates, engine, holding = world.variates_of(day), compiled.engine, compiled.holding
    records = simulate(compiled.engine_input, departures, variates, engine=engine, holding=holding)
    fares = fares_paid(compiled.scenario, compiled.scenario.service, population, records, plan.discount_group)
    costs = journey_costs(compiled.scenario.service, parameters.preferences, population, records, fares.fare_min)
    observation = observe(compiled.scenario.service, compiled.points, records)
    return DayResult(day, records, costs, fares, plan, plan.contains(records.departure_s), observation)
