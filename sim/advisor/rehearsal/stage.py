"""Where plans are rehearsed: the scenario with chance of its own, and people who may or may not follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sim.advisor.compliance import Compliance
from sim.advisor.rehearsal.queue_cost import LastBoarders, with_queue_costs
from sim.arrays import FloatArray
from sim.engine import DayVariates, Departures, EngineInput, HoldingRule, draw_variates, simulate
from sim.model.advice import AdvicePlan, no_advice
from sim.model.parameters import AdvisorParameters
from sim.model.scenario import Scenario
from sim.population.commuters import Population
from sim.population.following import follow, last_of_even
from sim.population.generalized_cost import fares_paid, journey_costs
from sim.population.observation import Observation, VisitSums, observe_sums, visit_facts
from sim.population.service_points import ServicePoints
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.randomness import Streams
from sim.records.day import DayRecords
from sim.threads import side_by_side, threads_here

if TYPE_CHECKING:
    from sim.advisor.people_alike import OtherPeople

USUAL_DRAWS = 8
"""Rehearsed days without advice over which what each usually pays is averaged (assumed)."""

Read = TypeVar("Read")


@dataclass(frozen=True)
class RehearsedDay:
    """A plan simulated on one draw.

    Attributes
    ----------
    records : DayRecords
    cost_min, fare_min : ndarray of float, shape (commuters,)
        Generalized cost of everybody, and the fare in it.
    """

    records: DayRecords
    cost_min: FloatArray
    fare_min: FloatArray

    @property
    def mean_min(self) -> float:
        """Mean over all commuters, those who are not advised included."""
        return float(self.cost_min.mean()) if len(self.cost_min) else 0.0


@dataclass(frozen=True)
class SeenRehearsal:
    """What is kept of a rehearsed day to compare and improve plans by; nothing in it has a row for each ride.

    A day of a city is gigabytes, of which a plan needs what its vehicles were like
    (test_no_rehearsed_day_is_held_while_another_is_tried).

    Attributes
    ----------
    mean_min : float
        Mean generalized cost over all commuters.
    visits : VisitSums
    boarded_last : LastBoarders
    departure_s, cost_min : ndarray of float, shape (commuters,), or None
        When everybody left and their generalized cost, where somebody asked for them.
    """

    mean_min: float
    visits: VisitSums
    boarded_last: LastBoarders
    departure_s: FloatArray | None = None
    cost_min: FloatArray | None = None


@dataclass(frozen=True)
class DayWithoutAdvice:
    """What is kept of a rehearsed day on which nobody is advised.

    Attributes
    ----------
    mean_min : float
        Mean generalized cost over all commuters.
    denied_boardings : int
        How often anybody was left behind.
    """

    mean_min: float
    denied_boardings: int

    @classmethod
    def of(cls, day: RehearsedDay) -> DayWithoutAdvice:
        """Read them off a day."""
        return cls(day.mean_min, int(day.records.denied_boardings.sum(dtype=np.int64)))


@dataclass
class DaysWithoutAdvice:
    """Rehearsed days on which nobody is advised, for all plans that are set beside them.

    Attributes
    ----------
    own_departure_s : ndarray of float, shape (commuters,), or None
        When people leave on them, seconds after midnight; None where none is known.
    days : dict of int to DayWithoutAdvice
        By the number of the draw.
    usual_min : ndarray of float, shape (commuters,), or None
        What everybody pays on the first of them on average, once somebody has asked for it.
    """

    own_departure_s: FloatArray | None = None
    days: dict[int, DayWithoutAdvice] = field(default_factory=dict)
    usual_min: FloatArray | None = None

    def known(self, own_departure_s: FloatArray) -> dict[int, DayWithoutAdvice]:
        """Return what is known of days on which people leave so; days of other departures are forgotten."""
        if self.own_departure_s is None or not np.array_equal(self.own_departure_s, own_departure_s):
            self.own_departure_s, self.days, self.usual_min = own_departure_s, {}, None
        return self.days


@dataclass(frozen=True)
class RehearsalDraw:
    """The chance of one rehearsal: of the service, of compliance, and of places in windows.

    Attributes
    ----------
    variates : DayVariates
    lasting : LastingVariates
    today : ChoiceVariates
    """

    variates: DayVariates
    lasting: LastingVariates
    today: ChoiceVariates


@dataclass
class Stage:
    """The world of a replication as its advisor can rehearse it.

    It knows the service with its laws of chance, and when and why people travel, but no draw of a day that is
    evaluated.

    Attributes
    ----------
    scenario : Scenario
    engine_input : EngineInput
    points : ServicePoints
    population : Population
    streams : Streams
        Of the replication.
    engine : str
        The engine that is asked, simpy or compiled; the answers are the same.
    holding : HoldingRule or None
    draws : dict of int to RehearsalDraw
        Made when they are first asked for.
    unadvised : DaysWithoutAdvice
        Days on which nobody is advised, once they have been rehearsed.
    kept : list of tuple
        Plans found last, with what they were made from.
    people_alike : callable or None
        Returns the stage of other people who are drawn from the same demand: for advisors who know how many travel,
        and nobody's wish.
    others : OtherPeople or None
        People who may be there in the place of those whom the advisor does not know; None where it knows everybody.
    """

    scenario: Scenario
    engine_input: EngineInput
    points: ServicePoints
    population: Population
    streams: Streams
    engine: str
    holding: HoldingRule | None = None
    draws: dict[int, RehearsalDraw] = field(default_factory=dict)
    unadvised: DaysWithoutAdvice = field(default_factory=DaysWithoutAdvice)
    kept: list[tuple[tuple[object, ...], AdvisorParameters, AdvicePlan]] = field(default_factory=list)
    people_alike: Callable[[], Stage] | None = None
    others: OtherPeople | None = None
    _compliance: dict[tuple[int, float], Compliance] = field(default_factory=dict)

    def draw(self, number: int) -> RehearsalDraw:
        """Return a draw by its number."""
        if number not in self.draws:
            # None of these numbers may be one of an evaluated day: a plan that has seen the day it is measured on looks
            # better than it is (test_advisor_rehearsal.py::test_rehearsals_share_no_number_with_days).
            streams = self.streams.rehearsing(number)
            key = self.population.key
            variates = draw_variates(self.engine_input, streams, 0)
            self.draws[number] = RehearsalDraw(variates, LastingVariates(streams, key), ChoiceVariates(streams, key, 0))
        return self.draws[number]

    def of_people(self, population: Population) -> Stage:
        """Return the same service and chance with other people in the rows, of whom nothing has been rehearsed yet."""
        return replace(self, population=population, unadvised=DaysWithoutAdvice(), kept=[], _compliance={})

    def among_others(self, own_departure_s: FloatArray, number: int) -> tuple[Stage, FloatArray]:
        """Return the stage with other people in the place of those who are not known, and when all leave there.

        Parameters
        ----------
        own_departure_s : ndarray of float, shape (commuters,)
            As for `rehearse`.
        number : int
            Others by each number, those of this stage by 0.
        """
        if self.others is None:
            return self, own_departure_s
        population, leaves_s = self.others.among(self.population, own_departure_s, number)
        return self.of_people(population), leaves_s

    def departures(self, plan: AdvicePlan, own_departure_s: FloatArray, number: int, share: float) -> FloatArray:
        """Return when everybody leaves under a plan on a draw, if a share of the advised follows; as `rehearse`."""
        draw, last_s = self.draw(number), last_of_even(self.scenario, self.population)
        follows = self._followers(number, share).compliers(plan, draw.today)
        place = self._places(own_departure_s, draw)
        habit_s = self.population.habitual_departure_s
        return follow(own_departure_s, plan, follows, place, last_s, habit_s)

    def _places(self, own_departure_s: FloatArray, draw: RehearsalDraw) -> FloatArray:
        """Return where in a window people leave who follow, as far as it is known: by chance of a draw otherwise."""
        if self.scenario.parameters.behaviour.departure_choice == "habitual":
            return draw.lasting.place_in_window
        # Whoever has changed by themselves leaves at their place in the window, and has chosen the window for it. By
        # other places each window but theirs looks better than it is to them
        # (test_who_has_changed_is_rehearsed_at_their_own_place_in_windows).
        changed = own_departure_s != self.population.habitual_departure_s
        # In windows as people choose them: plans may begin in wider ones.
        place = own_departure_s / self.scenario.parameters.advisor.window_s % 1.0
        return np.where(changed, place, draw.lasting.place_in_window)

    def _followers(self, number: int, share: float) -> Compliance:
        """Return how people respond on a draw where a share of the advised follows."""
        if (number, share) not in self._compliance:
            here = self.scenario.parameters.advisor.model_copy(update={"compliance_share": share})
            self._compliance[number, share] = Compliance(self.population, here, self.draw(number).lasting)
        return self._compliance[number, share]

    def on_draws(
        self,
        plan: AdvicePlan,
        own_departure_s: FloatArray,
        draws: Iterable[tuple[int, float]],
        reading: Callable[[RehearsedDay], Read],
    ) -> list[Read]:
        """Simulate a plan on draws, side by side where there are cores for it, and return what is read of each.

        Parameters
        ----------
        plan : AdvicePlan
        own_departure_s : ndarray of float, shape (commuters,)
            As for `rehearse`.
        draws : iterable of (int, float)
            Number of each draw, and the share of the advised who follow on it.
        reading : callable
            Given each day; nothing else of it is kept.
        """
        draws = list(draws)
        for number, share in draws:
            # Drawn here, one after the other: threads must find what they share, and change nothing of it.
            self._followers(number, share)

        def read(number: int, share: float) -> Read:
            return reading(self.rehearse(plan, own_departure_s, number, share))

        return side_by_side([partial(read, number, share) for number, share in draws], self.threads)

    def without_advice(self, own_departure_s: FloatArray, numbers: Sequence[int]) -> list[DayWithoutAdvice]:
        """Return what days are like on which nobody is advised, each simulated once.

        They must depend on nothing in the advisor, as stages of one replication share them whatever its penetration
        (test_days_without_advice_are_rehearsed_once_for_all_plans).

        Parameters
        ----------
        own_departure_s : ndarray of float, shape (commuters,)
            As for `rehearse`.
        numbers : sequence of int
            Of the draws.
        """
        known = self.unadvised.known(own_departure_s)
        missing = [number for number in numbers if number not in known]
        known.update(zip(missing, self._on_unadvised(own_departure_s, missing, DayWithoutAdvice.of), strict=True))
        return [known[number] for number in numbers]

    def usual_min(self, own_departure_s: FloatArray) -> FloatArray:
        """Return what everybody pays without advice on average over draws, shape (commuters,), in minutes.

        Parameters
        ----------
        own_departure_s : ndarray of float, shape (commuters,)
            As for `rehearse`.
        """
        known, draws = self.unadvised.known(own_departure_s), range(USUAL_DRAWS)
        if self.unadvised.usual_min is None:
            read = self._on_unadvised(own_departure_s, draws, lambda day: (DayWithoutAdvice.of(day), day.cost_min))
            known.update(zip(draws, (day for day, _ in read), strict=True))
            self.unadvised.usual_min = np.mean([cost_min for _, cost_min in read], axis=0)
        return self.unadvised.usual_min

    def _on_unadvised(
        self, own_departure_s: FloatArray, numbers: Sequence[int], reading: Callable[[RehearsedDay], Read]
    ) -> list[Read]:
        nobody = no_advice(len(self.population), self.scenario.parameters.advisor.window_s)
        return self.on_draws(nobody, own_departure_s, [(number, 0.0) for number in numbers], reading)

    @property
    def threads(self) -> int:
        """Days that are simulated side by side; one after the other where the engine is in Python."""
        return threads_here() if self.engine == "compiled" else 1

    def simulated(self, plan: AdvicePlan, own_departure_s: FloatArray, number: int, share: float) -> DayRecords:
        """Simulate a plan on a draw, and return what happened; parameters as for `rehearse`."""
        population, variates = self.population, self.draw(number).variates
        departure_s = self.departures(plan, own_departure_s, number, share)
        departures = Departures(departure_s, population.journeys, population.chain)
        return simulate(self.engine_input, departures, variates, engine=self.engine, holding=self.holding)

    def rehearse(self, plan: AdvicePlan, own_departure_s: FloatArray, number: int, share: float) -> RehearsedDay:
        """Simulate a plan on a draw.

        Parameters
        ----------
        plan : AdvicePlan
        own_departure_s : ndarray of float, shape (commuters,)
            When each would leave without advice, seconds after midnight.
        number : int
            Of the draw.
        share : float
            Of the advised who follow.
        """
        scenario, population = self.scenario, self.population
        records = self.simulated(plan, own_departure_s, number, share)
        fares = fares_paid(scenario, scenario.service, population, records, plan.discount_group)
        weights = scenario.parameters.preferences
        costs = journey_costs(scenario.service, weights, population, records, fares.fare_min)
        return RehearsedDay(records, costs.generalized_cost_min, fares.fare_min)

    def seen(self, day: RehearsedDay, with_people: bool = False) -> SeenRehearsal:
        """Return what is kept of a rehearsed day.

        Parameters
        ----------
        day : RehearsedDay
        with_people : bool
            Keep what has a row for each commuter as well.
        """
        visits = VisitSums.of(self.points, visit_facts(self.scenario.service, day.records))
        boarded_last = LastBoarders.of(day.records, visits.last_joined_s)
        people = (day.records.departure_s, day.cost_min) if with_people else (None, None)
        return SeenRehearsal(day.mean_min, visits, boarded_last, *people)

    def observed(self, seen: SeenRehearsal) -> Observation:
        """Return what was seen of a rehearsed day, with what one more person in a queue costs those behind."""
        traffic = observe_sums(self.points, seen.visits)
        weights = self.scenario.parameters.preferences
        return with_queue_costs(traffic, self.points, weights, self.population, seen.visits, seen.boarded_last)


def plausible_shares(share: float, range_share: float, number: int) -> tuple[float, ...]:
    """Return shares of compliance spread evenly over what is plausible, with the declared one as their mean.

    Parameters
    ----------
    share : float
        Declared.
    range_share : float
        How far from it the true one may be, as a share of it; never beyond nobody or everybody, and as far to
        either side, so that the mean stays.
    number : int
        How many.
    """
    reach = min(share * range_share, 1.0 - share)
    return tuple((share + reach * ((2.0 * place + 1.0) / number - 1.0)) for place in range(number))
