"""Windows given out one after the other, to people who ask in any order.

The plan of the morning is made for people who are not there: drawn from the same demand, with other wishes. The advisor
so knows how many travel from where to where and when, as counts tell, and nobody's wish before they ask. Each request
is then answered at prices at which windows are used as in the plan, against the places that it has left
(`sim.advisor.booking`).

Where days can be rehearsed the plan is made on rehearsals of these people, and what windows cost is read from
rehearsals of the plan. How far prices give way is chosen by answering other people one after the other, and nothing is
given out unless answering still others is better than no advice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np

from sim.advisor.booking.answers import answered
from sim.advisor.booking.kept_share import expected_kept_share, kept_seen
from sim.advisor.booking.learned_by_now import learned_by_now
from sim.advisor.booking.place_quotas import Choices, PlaceQuotas
from sim.advisor.booking.window_prices import ELASTICITY_BY_FORECAST_MIN, WindowPrices, learned_prices
from sim.advisor.compliance import app_users, reachable_commuters
from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.rehearsal.draws import plan_draws, proof_draws
from sim.advisor.rehearsal.improvement import Improvement
from sim.advisor.rehearsal.issue import proved
from sim.advisor.rehearsal.stage import SeenRehearsal, Stage
from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategy import AdvisorView, Fairness
from sim.arrays import BoolArray, IntArray
from sim.model.advice import AdvicePlan, PlanRehearsal, no_advice
from sim.model.scenario import Scenario
from sim.population.commuters import Population, draw_population
from sim.population.observation import Observation, mean_observation
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.randomness import Purpose

ELASTICITIES_MIN = (10.0, 100.0, 1000.0, math.inf)
"""Elasticities of prices that are tried by rehearsal, in minutes (by trial)."""


@dataclass(frozen=True)
class Booked:
    """Answer users one after the other, against the places that a coordinated plan for people alike has left."""

    name: ClassVar[str] = "booked"
    label: ClassVar[str] = "Booked"
    colour: ClassVar[str] = "#2f6f4f"
    sentence: ClassVar[str] = (
        "answers one user after the other, in any order, against the places that a coordinated plan has left; the plan "
        "knows how many people travel, and nobody's wish before they ask."
    )
    fairness: ClassVar[Fairness] = "heeded"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the windows booked."""
        if not len(view.users):
            return view.plan(np.zeros(0, dtype=np.int64))
        alike, plan = plan_for_people_alike(view)
        if alike.rehearsing is None:
            return _by_forecast(view, alike, plan)
        if plan.rehearsal is None or not plan.rehearsal.gains:
            # Without a rehearsal nobody had another window to be told
            # (test_where_nobody_can_move_nothing_is_rehearsed).
            return plan_for_nobody(view, plan.rehearsal)
        morning = view.shared.once((alike.population, plan), partial(rehearsed_morning, alike, plan, view.observations))
        if not morning.proof.gains:
            return plan_for_nobody(view, morning.proof)
        answers = booked_plan(view, morning.choices_of(view), morning.quotas, morning.prices)
        return replace(answers, rehearsal=morning.proof)


def plan_for_nobody(view: AdvisorView, proof: PlanRehearsal | None) -> AdvicePlan:
    """Return no advice, as rehearsals show no gain or there is nothing to rehearse."""
    return replace(no_advice(len(view.population), view.window_s), rehearsal=proof)


def booked_plan(view: AdvisorView, choices: Choices, quotas: PlaceQuotas, prices: WindowPrices) -> AdvicePlan:
    """Return the plan that comes of answering the users of a view one after the other."""
    return view.plan(answered(choices, quotas, prices, request_order(view))[0])


def _by_forecast(view: AdvisorView, alike: AdvisorView, plan: AdvicePlan) -> AdvicePlan:
    """Return the answers to the users of a view where nothing can be rehearsed."""
    planned = choices_of(alike)
    prices = planned_prices(alike, plan, planned, ELASTICITY_BY_FORECAST_MIN)
    return booked_plan(view, choices_of(view), planned_quotas(alike, plan, planned), prices)


@dataclass(frozen=True)
class RehearsedMorning:
    """What a plan for people alike leaves to those who ask.

    Attributes
    ----------
    stage : Stage
        Of the people of the plan.
    days : tuple of SeenRehearsal
        Rehearsals of the plan: by them it is told what windows cost.
    traffic : Observation
        Their mean.
    quotas : PlaceQuotas
    prices : WindowPrices
        Of the elasticity that was best for other people who were answered one after the other.
    proof : PlanRehearsal
        What came of answering still other people, on other draws, beside no advice.
    """

    stage: Stage
    days: tuple[SeenRehearsal, ...]
    traffic: Observation
    quotas: PlaceQuotas
    prices: WindowPrices
    proof: PlanRehearsal

    def choices_of(self, view: AdvisorView) -> Choices:
        """Return the windows that users of a view may be answered, as they are on rehearsals of the plan."""
        return _choices_on(view, self.stage, self.days, self.traffic)


def rehearsed_morning(
    alike: AdvisorView, plan: AdvicePlan, days_so_far: Sequence[Observation] = ()
) -> RehearsedMorning:
    """Rehearse the plan of a morning, and answering other people by it one after the other.

    Parameters
    ----------
    alike : AdvisorView
        Of the people of the plan, with a stage.
    plan : AdvicePlan
    days_so_far : sequence of Observation
        Their traffic, oldest first, from which people have learned.
    """
    stage = alike.stage
    assert stage is not None
    share = alike.scenario.parameters.advisor.compliance_share
    draws = [(number, share) for number in range(plan_draws(alike))]
    # What windows cost must be told by days on which the plan is followed: on those before it the queues stand where
    # the plan empties them, and at 8 times the demand a third of the saving was lost
    # (test_regret_of_answering_on_line).
    days = tuple(stage.on_draws(plan, alike.own_departure_s, draws, stage.seen))
    traffic = mean_observation([stage.observed(day) for day in days], [1.0] * len(days))
    choices = _choices_on(alike, stage, days, traffic)
    quotas = planned_quotas(replace(alike, observations=(traffic,)), plan, choices)
    others = _still_others(alike, days_so_far)
    assert others.stage is not None
    improvement, theirs = Improvement(others, others.stage), _choices_on(others, stage, days, traffic)
    order, least_min, prices = request_order(others), np.inf, None
    for elasticity_min in ELASTICITIES_MIN:
        tried = planned_prices(alike, plan, choices, elasticity_min)
        mean_min = improvement.tried(answered(theirs, quotas, tried, order)[0]).mean_min
        if mean_min < least_min:
            least_min, prices = mean_min, tried
    assert prices is not None
    # No booking may be given out where answering one after the other does harm. Prices fit the people of the plan, and
    # their elasticity those it was chosen on, so that others have to be asked, on draws that were not looked at
    # (test_nothing_is_given_out_where_still_others_would_lose_by_it).
    last = _still_others(others, days_so_far)
    assert last.stage is not None
    booked = booked_plan(last, _choices_on(last, stage, days, traffic), quotas, prices)
    proof = proved(last, last.stage, booked, proof_draws(last))
    return RehearsedMorning(stage, days, traffic, quotas, prices, proof)


def _still_others(view: AdvisorView, days: Sequence[Observation]) -> AdvisorView:
    """Return people alike to those of a view of people alike."""
    return replace(people_alike(view, days), scenario=view.scenario)


def _choices_on(view: AdvisorView, stage: Stage, days: Sequence[SeenRehearsal], traffic: Observation) -> Choices:
    """Return the windows that users of a view may be answered, by what they cost on rehearsed days."""
    planned = choices_of(replace(view, observations=(traffic,)))
    open_to = view.candidates.acceptable & (True if (fair := is_fair_to_ask(view)) is None else fair)
    own_min = np.where(open_to, Improvement(view, stage).own_min(days), np.inf)
    return replace(planned, own_min=own_min)


def plan_for_people_alike(view: AdvisorView) -> tuple[AdvisorView, AdvicePlan]:
    """Return the plan of the morning for people alike, and what it was made from.

    Where nothing can be rehearsed, the days before had such a plan as well. What people did by it is in the traffic
    that was seen, and has to be taken out of it again by the plan of today.

    Parameters
    ----------
    view : AdvisorView
    """
    alike = people_alike(view)
    if alike.stage is not None:
        return alike, Coordinated().advise(alike)
    first = view.scenario.parameters.advisor.first_day
    plans: list[AdvicePlan] = []
    for day in range(view.day + 1):
        seen = replace(
            view,
            observations=view.observations[:day],
            kept_before=kept_seen(view.scenario.parameters.advisor, view.kept_before, day),
            plans=tuple(plans),
            day=day,
            today=ChoiceVariates(view.streams, view.population.key, day),
        )
        alike = people_alike(seen)
        if day < first:
            plans.append(no_advice(len(alike.population), view.window_s))
            continue
        made_from = (Coordinated, view.population, view.app_user, view.forecaster, *seen.observations)
        plans.append(view.shared.once(made_from, partial(Coordinated().advise, alike)))
    return alike, plans[-1]


def people_alike(view: AdvisorView, days: Sequence[Observation] | None = None) -> AdvisorView:
    """Return what the advisor would know if other people had been drawn from the same demand.

    They keep to what they are told as often as is expected of bookings. Where people learn, these have learned
    from the days so far. Where days can be rehearsed nobody has advised them yet, and the forecast is that of days
    before all advice. Otherwise it is that of the day, and so are
    the plans of the view: they must be for people alike already.

    Parameters
    ----------
    view : AdvisorView
    days : sequence of Observation or None
        Traffic of all days so far, oldest first, from which people have learned; that of the view where None.
    """
    made_from = (_others, view.population, view.app_user, view.forecaster)
    stage, population, lasting, users = view.shared.once(made_from, partial(_others, view))
    first = view.scenario.parameters.advisor.first_day
    return AdvisorView(
        scenario=_as_expected(view),
        population=population,
        app_user=users,
        observations=view.observations if stage is None else view.observations[:first],
        plans=view.plans if stage is None else (no_advice(len(population), view.window_s),) * first,
        forecaster=view.forecaster,
        lasting=lasting,
        # The streams of the day itself, so that the forecast has the same errors.
        today=ChoiceVariates(view.streams, population.key, view.day),
        day=view.day,
        stage=stage,
        usual_departure_s=learned_by_now(view, view.observations if days is None else days, population, lasting),
    )


def _others(view: AdvisorView) -> tuple[Stage | None, Population, LastingVariates, BoolArray]:
    """Draw people from the same demand, with whatever else about them depends on chance, and say who has the app."""
    scenario = view.scenario
    streams, stage = view.streams.of_people_alike(), None
    if view.rehearsing is None or view.rehearsing.people_alike is None:
        population = draw_population(scenario, view.forecaster.options, streams)
    else:
        stage = view.rehearsing.people_alike()
        population = stage.population
    lasting = LastingVariates(streams, population.key)
    reachable = reachable_commuters(scenario, population)
    return stage, population, lasting, app_users(population, scenario.parameters.advisor, lasting, reachable)


def _as_expected(view: AdvisorView) -> Scenario:
    """Return the scenario with the compliance that the advisor expects."""
    share = expected_kept_share(view.scenario.parameters.advisor.booking, view.kept_before)
    return view.scenario.with_advisor(compliance_share=share)


def planned_quotas(view: AdvisorView, plan: AdvicePlan, choices: Choices) -> PlaceQuotas:
    """Return the places of a plan.

    Parameters
    ----------
    view : AdvisorView
        Of the people of the plan.
    plan : AdvicePlan
    choices : Choices
        Of these people.
    """
    advised, column = _advised(view, plan)
    parameters, forecast = view.scenario.parameters.advisor, view.forecast
    load, room = forecast.load.reshape(-1), parameters.target_load_factor * forecast.capacity.reshape(-1)
    return PlaceQuotas.of(choices.use(choices.case[advised, column]), load, room, parameters.compliance_share)


def planned_prices(view: AdvisorView, plan: AdvicePlan, choices: Choices, elasticity_min: float) -> WindowPrices:
    """Return prices at which people of a plan use windows as it does; as `planned_quotas`.

    Parameters
    ----------
    view, plan, choices
        As for `planned_quotas`.
    elasticity_min : float
        As for `learned_prices`.
    """
    return learned_prices(choices, *_advised(view, plan), elasticity_min)


def _advised(view: AdvisorView, plan: AdvicePlan) -> tuple[IntArray, IntArray]:
    """Return the rows of the users who are advised, and their candidate columns."""
    window = plan.window[view.users]
    advised = np.flatnonzero(window >= 0)
    return advised, window[advised] - view.candidates.window[advised, 0]


def choices_of(view: AdvisorView) -> Choices:
    """Return the windows that users of a view may be answered."""
    costs, fair = view.costs, is_fair_to_ask(view)
    own_min = costs.own_min if fair is None else np.where(fair, costs.own_min, np.inf)
    forecast = costs.forecast
    cases = costs.candidates.cases
    return Choices(own_min, costs.candidates.case, cases.option, cases.window, forecast.others_cost_min, forecast.cells)


def request_order(view: AdvisorView) -> IntArray:
    """Return the users of a view in the order in which they ask: any, and another one each day."""
    coin = view.streams.uniform(Purpose.REQUEST_ORDER, view.population.key[view.users], view.day)
    return np.argsort(coin, kind="stable")


def declared() -> tuple[Booked]:
    """Return what this module adds to the registry."""
    return (Booked(),)
