"""What a strategy may know, and the protocol it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar

import numpy as np

from sim.advisor.booking.kept_share import KeptAdvice
from sim.advisor.columns import checked_columns
from sim.advisor.compliance import chance_to_follow
from sim.advisor.experience import MetDay, RunningRegret, usual_cost_min
from sim.advisor.forecast import forecast_traffic
from sim.advisor.rehearsal.stage import Stage
from sim.arrays import BoolArray, FloatArray, IntArray, arrays_read_only
from sim.model.advice import AdvicePlan
from sim.model.scenario import Scenario
from sim.population.commuters import Population
from sim.population.observation import Observation
from sim.population.reliability import with_spread
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.population.window_forecast import WindowForecaster
from sim.population.windows import CandidateWindows, WindowCosts, candidate_windows, window_costs, window_of
from sim.randomness import Streams

Made = TypeVar("Made")


@dataclass
class SharedCosts:
    """Candidates and costs worked out first and last, for strategies that see the same.

    On the first day with advice all strategies have seen the same days before, and need the same costs: those are
    kept until the end. Whether two views see the same is asked of the very objects that costs are made from, and of
    nothing else (tests/unit/test_advisor_loop.py).

    Attributes
    ----------
    candidates : tuple or None
        The objects that were seen, and what was made of them.
    costs : list of tuple
        The same for costs, those of the first day with advice and those worked out last.
    others : list of tuple
        The same for whatever else strategies work out once, see `once`.
    """

    candidates: tuple[tuple[object, ...], CandidateWindows] | None = None
    costs: list[tuple[tuple[object, ...], WindowCosts]] = field(default_factory=list)
    others: list[tuple[tuple[object, ...], Any]] = field(default_factory=list)

    def once(self, made_from: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Return what was made before from the very same objects; else make it, and keep it to the end.

        Parameters
        ----------
        made_from : tuple
            All that the result depends on, the maker among it.
        make : callable
        """
        for known, made in self.others:
            if _same(known, made_from):
                result: Made = made
                return result
        result = make()
        self.others.append((made_from, result))
        return result

    def candidates_of(self, view: AdvisorView) -> CandidateWindows:
        """Return the candidate windows of the users of a view."""
        seen = (view.population, view.app_user, view.forecaster)
        if self.candidates is None or not _same(self.candidates[0], seen):
            found = candidate_windows(view.population, view.users, view.forecaster)
            arrays_read_only(found)
            self.candidates = seen, found
        return self.candidates[1]

    def costs_of(self, view: AdvisorView) -> WindowCosts:
        """Return the expected costs of a view's candidates, which nobody may change."""
        parameters = view.scenario.parameters
        made_from = view.candidates, view.today, parameters.preferences, parameters.advisor.forecast, view.changed_s
        seen = (*made_from, *view.observations)
        for known, costs in self.costs:
            if _same(known, seen):
                return costs
        # Let the last ones go before others are worked out: each takes as much memory as a day.
        del self.costs[1:]
        costs = _expected_costs(view)
        arrays_read_only(costs, costs.forecast, costs.forecast.places)
        self.costs.append((seen, costs))
        return costs


def _same(ones: tuple[object, ...], others: tuple[object, ...]) -> bool:
    """Tell whether two rows hold the same objects."""
    return len(ones) == len(others) and all(one is other for one, other in zip(ones, others, strict=True))


def _expected_costs(view: AdvisorView) -> WindowCosts:
    """Cost every candidate window for its user under the forecast."""
    preferences = view.scenario.parameters.preferences
    costs = view.costs_under(view.forecast)
    days = view.single_days
    return with_spread(costs, days, view.population, view.forecaster, preferences) if len(days) > 1 else costs


@dataclass(frozen=True)
class AdvisorView:
    """What the advisor knows on the morning of a day.

    Attributes
    ----------
    scenario : Scenario
    population : Population
        Wishes of the app's users; a strategy must not look at others.
    app_user : ndarray of bool, shape (commuters,)
        True for those who can be advised: the penetration share.
    observations : tuple of Observation
        Traffic of all days so far, oldest first.
    plans : tuple of AdvicePlan
        Advice of all days so far, oldest first.
    forecaster : WindowForecaster
        Turns traffic into expected journeys.
    lasting : LastingVariates
    today : ChoiceVariates
        Chance of the replication and of the day, common to all strategies.
    day : int
        The day to advise for.
    shared : SharedCosts
        What strategies of the replication that see the same work out once.
    kept_before : tuple of KeptAdvice
        How many kept to the advice of the days before that the advisor has seen, oldest first.
    stage : Stage or None
        Where plans can be rehearsed, with people as far as the advisor knows them (`sim.advisor.sight`); None where
        there are others besides them.
    usual_departure_s : ndarray of float, shape (commuters,), or None
        When each would have left without advice on the newest day that is known, as far as the advisor knows, seconds
        after midnight; as by habit where None.
    met_before : tuple of MetDay
        What people met on all days so far, oldest first, as the app's users tell it; a strategy must not look at
        others.
    """

    scenario: Scenario
    population: Population
    app_user: BoolArray
    observations: tuple[Observation, ...]
    plans: tuple[AdvicePlan, ...]
    forecaster: WindowForecaster
    lasting: LastingVariates
    today: ChoiceVariates
    day: int
    shared: SharedCosts = field(default_factory=SharedCosts, repr=False)
    kept_before: tuple[KeptAdvice, ...] = ()
    stage: Stage | None = field(default=None, repr=False)
    usual_departure_s: FloatArray | None = field(default=None, repr=False)
    met_before: tuple[MetDay, ...] = field(default=(), repr=False)

    @property
    def own_departure_s(self) -> FloatArray:
        """When each leaves without advice, as far as the advisor knows, shape (commuters,)."""
        return self.population.habitual_departure_s if self.usual_departure_s is None else self.usual_departure_s

    @cached_property
    def changed_s(self) -> FloatArray | None:
        """When each leaves without advice where anybody has changed by themselves; None where all leave as by habit."""
        own_s, habit_s = self.own_departure_s, self.population.habitual_departure_s
        return None if own_s is habit_s or np.array_equal(own_s, habit_s) else own_s

    @cached_property
    def usual_column(self) -> IntArray:
        """Candidate column in which each user leaves without advice, by habit or as learned, shape (users,).

        That of habit where the window is none of the candidates: where a plan begins in windows wider than those that
        people choose, one that holds their moment may not be within their flexibility as a whole.
        """
        first, people = self.candidates.window[:, 0], self.population
        habit = window_of(people.habitual_departure_s[self.users], self.window_s) - first
        column = window_of(self.own_departure_s[self.users], self.window_s) - first
        last = self.candidates.window.shape[1] - 1
        inside = (column >= 0) & (column <= last)
        accepted = self.candidates.acceptable[np.arange(len(first)), np.clip(column, 0, last)]
        return np.where(inside & accepted, column, habit)

    @property
    def streams(self) -> Streams:
        """Random numbers of the replication by purpose, for a strategy that needs some of its own."""
        return self.lasting.streams

    @property
    def rehearsing(self) -> Stage | None:
        """Where plans are to be rehearsed; None also where the scenario asks for plans by the forecast alone."""
        return None if self.scenario.parameters.advisor.rehearsal.draws == 0 else self.stage

    @property
    def window_s(self) -> float:
        """Width of departure windows in seconds."""
        return self.scenario.parameters.advisor.window_s

    @cached_property
    def users(self) -> IntArray:
        """Rows of the app's users who have a journey by vehicle."""
        return np.flatnonzero(self.app_user & self.population.journeys.rides)

    @cached_property
    def forecast(self) -> Observation:
        """Traffic expected on the day, through the dials of the scenario."""
        parameters = self.scenario.parameters.advisor.forecast
        return forecast_traffic(self.observations, parameters, self.forecaster.points, self.today)

    @cached_property
    def candidates(self) -> CandidateWindows:
        """Windows that each user could accept, one row per user."""
        return self.shared.candidates_of(self)

    @cached_property
    def costs(self) -> WindowCosts:
        """Expected cost of every candidate window for its user under the forecast."""
        return self.shared.costs_of(self)

    def costs_under(self, traffic: Observation) -> WindowCosts:
        """Return what candidates cost their users under some traffic.

        In the window of their habit people leave when they do by habit, and in the one in which they leave by now at
        that moment; in others anywhere.

        Parameters
        ----------
        traffic : Observation
        """
        preferences, habit_s = self.scenario.parameters.preferences, self.population.habitual_departure_s
        # On the mean of the window that they have changed to people seem to miss vehicles that they meet, and are sent
        # away from them (test_people_who_learn_stay_where_it_is_best_for_them).
        own_s = habit_s if self.changed_s is None else (habit_s, self.changed_s)
        return window_costs(self.population, preferences, self.forecaster, traffic, self.candidates, own_s)

    @cached_property
    def chance(self) -> FloatArray:
        """Chance that a user follows who is advised a candidate, over the compliance share, shape (users, candidates).

        1 unless classes differ in it, or it falls with the shift asked.
        """
        return chance_to_follow(
            self.population.habitual_departure_s[self.users],
            self.population.traits.compliance_factor[self.users],
            self.candidates.window,
            self.scenario.parameters.advisor,
        )

    @cached_property
    def usual_min(self) -> FloatArray | None:
        """What each commuter pays without advice, shape (commuters,); None where nothing tells.

        It is what rehearsed days without advice say, and where nothing can be rehearsed the days before any.
        """
        if self.stage is not None:
            return self.stage.usual_min(self.own_departure_s)
        return usual_cost_min(self.plans, self._met_by_now)

    @cached_property
    def running_regret(self) -> RunningRegret | None:
        """What users lost so far against what they pay without advice; None where the one or the other is not known."""
        met = self._met_by_now
        if not any(plan.advised.any() for plan in self.plans[: len(met)]) or self.usual_min is None:
            return None
        return RunningRegret.of(self.users, self.plans, met, self.usual_min)

    @property
    def _met_by_now(self) -> tuple[MetDay, ...]:
        known = max(len(self.met_before) - self.scenario.parameters.advisor.forecast.staleness_days, 0)
        return tuple(self.met_before[:known])

    @property
    def single_days(self) -> tuple[Observation, ...]:
        """Days whose journey times are looked at one by one, oldest first."""
        parameters = self.scenario.parameters.advisor.forecast
        known = len(self.observations) - parameters.staleness_days
        return self.observations[max(known - parameters.spread_days, 0) : max(known, 0)]

    def plan(self, place: IntArray) -> AdvicePlan:
        """Make the plan that advises each user the candidate in the given column.

        A strategy that is to advise windows beyond what people could accept makes an `AdvicePlan` itself.

        Parameters
        ----------
        place : ndarray of int, shape (users,)
            Column of `candidates`; -1 gives no advice. A number alone is the column of all users.

        Raises
        ------
        StrategyError
            When there is not one column for each user, or one of them is none that the user could accept.
        """
        place = checked_columns(place, self.candidates.acceptable)
        window = np.full(len(self.population), -1, dtype=np.int64)
        chosen = self.candidates.window[np.arange(len(self.users)), np.clip(place, 0, None)]
        window[self.users] = np.where(place >= 0, chosen, -1)
        as_now = (window >= 0) & (window == window_of(self.own_departure_s, self.window_s))
        return AdvicePlan(window=window, window_s=self.window_s, as_now=as_now)


class Strategy(Protocol):
    """A way to choose windows. It sees an `AdvisorView` and answers a plan, and touches nothing else.

    Only `name` and `advise` are asked for. What else a strategy may say of itself, as attributes, is listed in
    `StrategyFacts`; what it leaves out has a default there.
    """

    @property
    def name(self) -> str:
        """Name in tables and on the command line."""
        ...

    def advise(self, view: AdvisorView, /) -> AdvicePlan:
        """Choose a window for each user of the app, or none.

        Parameters
        ----------
        view : AdvisorView
        """
        ...


Sight = Literal["nothing", "released", "unperturbed"]
Fairness = Literal["ignored", "heeded", "bounded", "turns"]


@dataclass(frozen=True)
class StrategyFacts:
    """What a strategy declares of itself: all that anybody who runs or reports it needs to know.

    Attributes
    ----------
    name : str
        In tables and on the command line.
    label : str
        In figures and reports; the name where none is given.
    colour : str
        Of its curves, as ``#rrggbb``; empty leaves the choice to the report.
    sentence : str
        What it does, as a sentence that goes on after its name; may be empty.
    sees : str
        nothing: it advises nobody; released: traffic as the scenario lets it be seen, with noise and from the
        vehicles that count; unperturbed: counts without noise from every vehicle, whatever the scenario says.
    fairness : str
        ignored: `advisor.fairness` says nothing to it; heeded: it keeps to what the scenario says there; bounded and
        turns: it keeps to that rule whatever the scenario says.
    offers_discounts : bool
        Whether `advisor.incentive` is in force under it.
    variant_of : str
        Name of the strategy that it is a variant of; empty for none.
    """

    name: str
    label: str
    colour: str = ""
    sentence: str = ""
    sees: Sight = "released"
    fairness: Fairness = "ignored"
    offers_discounts: bool = False
    variant_of: str = ""

    @classmethod
    def of(cls, strategy: Strategy) -> StrategyFacts:
        """Read what a strategy says of itself; a user's own may say no more than its name."""
        given = {item.name: getattr(strategy, item.name) for item in fields(cls) if hasattr(strategy, item.name)}
        return cls(**{"label": strategy.name, **given})

    @property
    def advises_nobody(self) -> bool:
        """Tell whether a run under it is one without advice."""
        return self.sees == "nothing"
