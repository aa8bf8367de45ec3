"""Who has the app, and who of the advised follows.

Shares are drawn pro rata: evenly over pairs of stops and habitual windows, so that people who
follow differ from others by nothing but that.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.model.parameters import AdvisorParameters
from sim.model.scenario import Scenario
from sim.population.commuters import Population
from sim.population.systematic_sampling import even_uniform, group_rows
from sim.population.windows import window_of
from sim.randomness import Purpose, Streams


def app_users(
    population: Population, parameters: AdvisorParameters, streams: Streams, reachable: BoolArray | None = None
) -> BoolArray:
    """Choose who receives advice: exactly the penetration share, rounded to a person.

    Where classes of commuters differ in it, each has its own share, at most all of them. The
    choice is nested: whoever has the app at a low penetration has it at a higher one.

    Parameters
    ----------
    population : Population
    parameters : AdvisorParameters
    streams : Streams
    reachable : ndarray of bool, shape (commuters,) or None
        Who can have the app at all; everybody where None. Journeys back are never advised.
    """
    able = population.back.is_outward & (True if reachable is None else reachable)
    factor = population.traits.penetration_factor
    number = _persons(parameters.penetration_share, factor[able])
    spread = _spread(population, streams, Purpose.APP_USER, _strata(population, parameters))
    return _lowest(_weighed(spread, factor, able), number)


def reachable_commuters(scenario: Scenario, population: Population) -> BoolArray:
    """Say who can be reached: commuters to the stops that the advisor is limited to, if any.

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


def compliers(
    population: Population, plan: AdvicePlan, parameters: AdvisorParameters, streams: Streams, day: int
) -> BoolArray:
    """Choose who of the advised follows on a day.

    Under ``fixed_share`` exactly the share does, the same people every day as long as the
    same are advised; under ``independent`` a coin falls for each advised commuter and day;
    under ``falling`` everybody has a readiness of his own, and what is asked of him may pass it.

    Parameters
    ----------
    population : Population
    plan : AdvicePlan
    parameters : AdvisorParameters
    streams : Streams
    day : int
    """
    advised, factor = plan.advised, population.traits.compliance_factor
    if parameters.compliance_rule == "falling":
        readiness = streams.uniform(Purpose.COMPLIANCE, population.key)
        asked = np.exp2(-shift_asked_s(population, plan) / parameters.compliance_halving_s)
        return advised & (readiness < parameters.compliance_share * asked * factor)
    if parameters.compliance_rule == "independent":
        coin = streams.uniform(Purpose.COMPLIANCE, population.key, day)
        return advised & (coin < parameters.compliance_share * factor)
    group = group_rows(advised, _strata(population, parameters))
    spread = _spread(population, streams, Purpose.COMPLIANCE, group)
    return _lowest(_weighed(spread, factor, advised), _persons(parameters.compliance_share, factor[advised]))


def shift_asked_s(population: Population, plan: AdvicePlan) -> FloatArray:
    """Return the distance from each habitual departure to the window advised, in seconds.

    0 for who leaves inside it by habit, and for who is not advised.
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


def _strata(population: Population, parameters: AdvisorParameters) -> IntArray:
    habit = window_of(population.habitual_departure_s, parameters.window_s)
    return group_rows(population.origin, population.destination, habit)


def _spread(population: Population, streams: Streams, purpose: Purpose, group: IntArray) -> FloatArray:
    """Draw numbers that are spread evenly within groups; 1 for journeys back, which count in no group."""
    there = population.back.is_outward
    spread = np.ones(len(population))
    spread[there] = even_uniform(streams, purpose, population.key[there], group_rows(group[there]))
    return spread


def _weighed(spread: FloatArray, factor: FloatArray, able: BoolArray) -> FloatArray:
    """Put those of a class first as much as it is more likely to be chosen; infinite for who cannot be."""
    possible = able & (factor > 0)
    weighed: FloatArray = np.divide(spread, factor, out=np.full(len(spread), np.inf), where=possible)
    return weighed


def _persons(share: float, factor: FloatArray) -> int:
    """Return how many persons a share is, of whom each class has the share times its factor, at most all."""
    factors, counts = np.unique(factor, return_counts=True)
    return round(float((np.minimum(share * factors, 1.0) * counts).sum()))


def _lowest(values: FloatArray, number: int) -> BoolArray:
    chosen = np.zeros(len(values), dtype=np.bool_)
    chosen[np.argsort(values, kind="stable")[:number]] = True
    return chosen
