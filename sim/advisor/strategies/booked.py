"""Windows given out one after the other, to people who ask in any order: what `sim.Advisor` does, for a whole morning.

The plan of the morning is made for people who are not there: drawn from the same demand, with other wishes. The advisor
so knows how many travel from where to where and when, as counts tell, and nobody's wish before they ask. Each request
is then answered against the places that the plan has left (`sim.advisor.booking`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np

from sim.advisor.booking.kept_share import expected_kept_share
from sim.advisor.booking.place_quotas import Choices, PlaceQuotas, answered, learned_prices_min
from sim.advisor.compliance import app_users, reachable_commuters
from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategy import AdvisorView, Fairness
from sim.arrays import BoolArray, IntArray
from sim.model.advice import AdvicePlan, no_advice
from sim.model.scenario import Scenario
from sim.population.commuters import Population, draw_population
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.randomness import Purpose, Streams

OTHER_PEOPLE = 1_000_000
"""Added to the number of a replication it gives that of people alike; no run has as many replications."""


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
        quotas = planned_quotas(*plan_for_people_alike(view))
        return view.plan(answered(choices_of(view), quotas, request_order(view))[0])


def plan_for_people_alike(view: AdvisorView) -> tuple[AdvisorView, AdvicePlan]:
    """Return the plan of the morning for people alike, and what it was made from.

    The days before had such a plan as well. What people did by it is in the traffic that was seen, and has to be taken
    out of it again by the plan of today.

    Parameters
    ----------
    view : AdvisorView
    """
    first = view.scenario.parameters.advisor.first_day
    plans: list[AdvicePlan] = []
    for day in range(view.day + 1):
        seen = replace(
            view,
            observations=view.observations[:day],
            kept_before=view.kept_before[:day],
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


def people_alike(view: AdvisorView) -> AdvisorView:
    """Return what the advisor would know if other people had been drawn from the same demand.

    They keep to what they are told as often as is expected of bookings. The forecast is that of the day, and so are the
    plans of the view: they must be for people alike already.

    Parameters
    ----------
    view : AdvisorView
    """
    made_from = (draw_population, view.population, view.app_user, view.forecaster)
    population, lasting, users = view.shared.once(made_from, partial(_drawn_alike, view))
    return AdvisorView(
        scenario=_with_expected_share(view),
        population=population,
        app_user=users,
        observations=view.observations,
        plans=view.plans,
        forecaster=view.forecaster,
        lasting=lasting,
        # The streams of the day itself, so that the forecast has the same errors.
        today=ChoiceVariates(view.streams, population.key, view.day),
        day=view.day,
    )


def _drawn_alike(view: AdvisorView) -> tuple[Population, LastingVariates, BoolArray]:
    """Draw people from the same demand, with whatever else about them depends on chance, and say who has the app."""
    scenario = view.scenario
    streams = Streams(view.streams.seed, view.streams.replication + OTHER_PEOPLE)
    population = draw_population(scenario, view.forecaster.options, streams)
    lasting = LastingVariates(streams, population.key)
    reachable = reachable_commuters(scenario, population)
    return population, lasting, app_users(population, scenario.parameters.advisor, lasting, reachable)


def _with_expected_share(view: AdvisorView) -> Scenario:
    """Return the scenario with the compliance that the advisor expects, instead of that which people have."""
    share = expected_kept_share(view.scenario.parameters.advisor.booking, view.kept_before)
    return view.scenario.with_advisor(compliance_share=share)


def planned_quotas(view: AdvisorView, plan: AdvicePlan) -> PlaceQuotas:
    """Return the places of a plan, with prices at which people use them as it does.

    Parameters
    ----------
    view : AdvisorView
        Of the people of the plan.
    plan : AdvicePlan
    """
    choices, users = choices_of(view), view.users
    column = plan.window[users] - view.candidates.window[:, 0]
    advised = plan.window[users] >= 0
    rows = np.flatnonzero(advised)
    parameters, forecast = view.scenario.parameters.advisor, view.forecast
    load, room = forecast.load.reshape(-1), parameters.target_load_factor * forecast.capacity.reshape(-1)
    planned = choices.use(view.candidates.case[rows, column[rows]])
    kept_share = parameters.compliance_share
    quotas = PlaceQuotas.of(planned, load, room, float(len(rows)), kept_share)
    order = request_order(view)
    order = order[advised[order]]
    return replace(quotas, price_min=learned_prices_min(choices, quotas, order))


def choices_of(view: AdvisorView) -> Choices:
    """Return the windows that users of a view may be answered."""
    costs, fair = view.costs, is_fair_to_ask(view)
    own_min = costs.own_min if fair is None else np.where(fair, costs.own_min, np.inf)
    forecast = costs.forecast
    return Choices(own_min, costs.candidates.case, forecast.others_cost_min, forecast.cells)


def request_order(view: AdvisorView) -> IntArray:
    """Return the users of a view in the order in which they ask: any, and another one each day."""
    coin = view.streams.uniform(Purpose.REQUEST_ORDER, view.population.key[view.users], view.day)
    return np.argsort(coin, kind="stable")


def declared() -> tuple[Booked]:
    """Return what this module adds to the registry."""
    return (Booked(),)
