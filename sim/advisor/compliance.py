"""The commuters who have the app, and those of the advised who follow.

Shares are drawn pro rata: evenly over pairs of stops and habitual windows, so that people who
follow differ from others by nothing but that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.model.parameters import AdvisorParameters
from sim.model.scenario import Scenario
from sim.population.commuters import Population
from sim.population.systematic_sampling import group_rows
from sim.population.variates import ChoiceVariates, EvenVariates, LastingVariates
from sim.population.windows import window_of


def app_users(
    population: Population, parameters: AdvisorParameters, lasting: LastingVariates, reachable: BoolArray | None = None
) -> BoolArray:
    """Choose the commuters who receive advice: exactly the penetration share, rounded to a person.

    Where classes of commuters differ in it, each has its own share, at most all of them. The
    choice is nested: whoever has the app at a low penetration has it at a higher one.

    Parameters
    ----------
    population : Population
    parameters : AdvisorParameters
    lasting : LastingVariates
    reachable : ndarray of bool, shape (commuters,) or None
        True for those who can have the app at all; everybody where None. Only journeys that begin by
        choice are advised.
    """
    able = population.is_first & (True if reachable is None else reachable)
    factor = population.traits.penetration_factor
    number = _persons(parameters.penetration_share, factor[able])
    order = StrataOrder.of(population, parameters.window_s, lasting.has_app)
    return _first(order.spread(population.is_first), factor, able, number)


def reachable_commuters(scenario: Scenario, population: Population) -> BoolArray:
    """Say which commuters can be reached: those to the stops that the advisor is limited to, if any.

    Parameters
    ----------
    scenario : Scenario
    population : Population
    """
    names = scenario.parameters.advisor.only_destinations
    if not names:
        return np.ones(len(population), dtype=np.bool_)
    rows = [scenario.network.stop_index[name] for name in names if name in scenario.network.stop_index]
    return np.isin(population.destination, rows)


@dataclass(frozen=True)
class Compliance:
    """How the commuters of a replication respond to advice.

    Attributes
    ----------
    population : Population
    parameters : AdvisorParameters
    lasting : LastingVariates
    """

    population: Population
    parameters: AdvisorParameters
    lasting: LastingVariates

    @cached_property
    def _order(self) -> StrataOrder:
        return StrataOrder.of(self.population, self.parameters.window_s, self.lasting.readiness)

    def compliers(self, plan: AdvicePlan, today: ChoiceVariates) -> BoolArray:
        """Choose the advised commuters who follow on a day.

        Under ``fixed_share`` exactly the share does, the same people every day as long as the
        same are advised; under ``independent`` a coin falls for each advised commuter and day;
        under ``falling`` everybody has their own readiness, and what is asked of them may pass it. Of all of them
        those do not who have gone back to their habit (lapsing).

        Parameters
        ----------
        plan : AdvicePlan
        today : ChoiceVariates

        Returns
        -------
        ndarray of bool, shape (commuters,)
        """
        return self._ready(plan, today) & ~self._has_lapsed(today.day)

    def readiness_for(self, plan: AdvicePlan) -> FloatArray:
        """Return the chance of each to follow a plan over the compliance share, shape (commuters,).

        Parameters
        ----------
        plan : AdvicePlan
        """
        factor = self.population.traits.compliance_factor
        if self.parameters.compliance_rule != "falling":
            return factor
        asked = np.exp2(-shift_asked_s(self.population, plan) / self.parameters.compliance_halving_s)
        return np.asarray(asked * factor, dtype=np.float64)

    def _has_lapsed(self, day: int) -> BoolArray:
        """Say who has gone back to their habit by a day: more from day to day, the same people from then on.

        Rehearsals know of nobody: the advisor has not seen what is still to come. Their day is before all advice
        (test_advisor_compliance_rules.py::test_rehearsals_know_of_nobody_who_goes_back).
        """
        parameters = self.parameters
        if parameters.lapsing_share == 0.0:
            return np.zeros(len(self.population), dtype=np.bool_)
        days = max(day - parameters.first_day, 0)
        gone = parameters.lapsing_share * (1.0 - np.exp2(-days / parameters.lapsing_days))
        return np.asarray(self.lasting.lapsing < gone, dtype=np.bool_)

    def _ready(self, plan: AdvicePlan, today: ChoiceVariates) -> BoolArray:
        """Choose those who would follow if nobody ever went back."""
        parameters, advised = self.parameters, plan.advised
        factor = self.population.traits.compliance_factor
        if parameters.compliance_rule == "falling":
            return advised & (self.lasting.readiness.uniform < parameters.compliance_share * self.readiness_for(plan))
        if parameters.compliance_rule == "independent":
            return advised & (today.follows < parameters.compliance_share * factor)
        number = _persons(parameters.compliance_share, factor[advised])
        able = advised & (factor > 0)
        # Where the share is met by all who can follow, nobody has to be chosen.
        return able if number >= int(able.sum()) else _first(self._order.spread(advised), factor, advised, number)


def shift_asked_s(population: Population, plan: AdvicePlan) -> FloatArray:
    """Return the distance from each habitual departure to the window advised, in seconds.

    0 for commuters who leave inside it by habit, and for those who are not advised.
    """
    habit_s = population.habitual_departure_s
    before = np.maximum(plan.start_s() - habit_s, 0.0)
    after = np.maximum(habit_s - plan.end_s(), 0.0)
    return np.where(plan.advised, before + after, 0.0)


def chance_to_follow(
    habit_s: FloatArray, factor: FloatArray, window: IntArray, parameters: AdvisorParameters
) -> FloatArray:
    """Return the chance of following advice of a window over the compliance share, shape (people, windows).

    Parameters
    ----------
    habit_s : ndarray of float, shape (people,)
        Habitual departures in seconds after midnight.
    factor : ndarray of float, shape (people,)
        Of the compliance of their classes.
    window : ndarray of int, shape (people, windows)
    parameters : AdvisorParameters
    """
    most = 1.0 / parameters.compliance_share if parameters.compliance_share > 0 else np.inf
    chance = np.broadcast_to(np.minimum(factor, most)[:, None], window.shape).astype(np.float64)
    if parameters.compliance_rule != "falling":
        return chance
    start_s = window * parameters.window_s
    before_s = np.maximum(start_s - habit_s[:, None], 0.0)
    after_s = np.maximum(habit_s[:, None] - start_s - parameters.window_s, 0.0)
    falling = np.exp2(-(before_s + after_s) / parameters.compliance_halving_s)
    return np.minimum(factor[:, None] * falling, most)


@dataclass(frozen=True)
class StrataOrder:
    """Commuters who set out, sorted by stratum and within it by a uniform number.

    A stratum is a pair of stops and a habitual window. Numbers that are spread evenly over the strata of any part of
    the commuters follow from it without sorting again.

    Attributes
    ----------
    row, stratum : ndarray of int, shape (journeys that begin by choice,)
    offset : ndarray of float, shape (commuters,)
        What each shifts the numbers of a group by whose first member they are.
    """

    row: IntArray
    stratum: IntArray
    offset: FloatArray

    @classmethod
    def of(cls, population: Population, window_s: float, variates: EvenVariates) -> StrataOrder:
        """Sort the commuters of a population; journeys that follow from others count in no stratum."""
        habit = window_of(population.habitual_departure_s, window_s)
        row = np.flatnonzero(population.is_first)
        stratum = group_rows(population.origin[row], population.destination[row], habit[row])
        order = np.lexsort((variates.uniform[row], stratum))
        return cls(row[order], stratum[order], variates.offset)

    def spread(self, part: BoolArray) -> FloatArray:
        """Return uniform numbers of a part of the commuters, spread evenly within strata.

        Parameters
        ----------
        part : ndarray of bool, shape (commuters,)

        Returns
        -------
        ndarray of float, shape (commuters,)
            1 for whoever is not of the part, and for journeys that follow from others.
        """
        inside = part[self.row]
        row, stratum = self.row[inside], self.stratum[inside]
        first = np.flatnonzero(np.diff(stratum, prepend=-1) != 0)
        size = np.diff(np.append(first, len(row)))
        rank = np.arange(len(row)) - np.repeat(first, size)
        spread = np.ones(len(part))
        spread[row] = (rank + np.repeat(self.offset[row[first]], size)) / np.repeat(size, size)
        return spread


def _first(spread: FloatArray, factor: FloatArray, able: BoolArray, number: int) -> BoolArray:
    """Choose so many of the able who come first, those of a class as much earlier as it is more likely to be chosen.

    Of equals the one in the earlier row comes first.
    """
    possible = able & (factor > 0)
    weighed = np.divide(spread, factor, out=np.full(len(spread), np.inf), where=possible)
    chosen = np.zeros(len(spread), dtype=np.bool_)
    if number <= 0:
        return chosen
    if number >= len(spread):
        return ~chosen
    limit = np.partition(weighed, number - 1)[number - 1]
    chosen[weighed < limit] = True
    chosen[np.flatnonzero(weighed == limit)[: number - int(chosen.sum())]] = True
    return chosen


def _persons(share: float, factor: FloatArray) -> int:
    """Return how many persons a share is, of whom each class has the share times its factor, at most all."""
    factors, counts = np.unique(factor, return_counts=True)
    return round(float((np.minimum(share * factors, 1.0) * counts).sum()))
