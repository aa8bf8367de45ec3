"""The people that advice is given to: people who keep to their habit, or people who have settled by themselves.

What advice is worth depends on what people would do without it. Habit is what was observed, and says nothing of what
people would learn where demand or service is another; adapted people have found by themselves what there is to find
(`sim.population.minutes`), so that what advice still saves them is the advisor's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.advisor.loop import ReplicationWorld
from sim.advisor.strategy import SharedCosts
from sim.arrays import FloatArray
from sim.engine import Departures, draw_variates, simulate
from sim.errors import UnknownNameError
from sim.population.minutes import MinuteLearners
from sim.population.observation import observe
from sim.population.traced_journeys import DayTraffic
from sim.population.variates import ChoiceVariates

FIRST_DAY = 1_000_000
"""Days on which people adapt are numbered from here: their chance is that of no day on which advice is tried."""

MOST_ADAPTING_DAYS = 60
"""Days after which people are taken as they are."""

LEAST_GAP_SHARE = 0.01
"""People have settled once the relative gap is at most this, on average over the days it was last measured on.

A day on which the better minute was the worse one counts by its size, or two days of chance would look like rest."""

MEASURED_EVERY, MEASURED_DAYS = 4, 3
"""Days from one measurement of the gap to the next, and how many measurements count."""


@dataclass(frozen=True)
class Settling:
    """How people came to where advice finds them.

    Attributes
    ----------
    days : int
        Days that they learned for.
    relative_gap_share : float
        What they could still save by leaving in another minute, over what they pay; NaN where they did not learn.
    departure_change_s : float
        By how much they leave at another time than by habit, on average.
    """

    days: int = 0
    relative_gap_share: float = float("nan")
    departure_change_s: float = 0.0


@dataclass(frozen=True)
class Baseline:
    """One kind of people that advice may be given to.

    Attributes
    ----------
    name, label, premise, sentence : str
    settle : callable or None
        Takes the world of a replication and returns that of these people, with how they came there; None where that
        is the world as it is.
    most_days : int
        Days simulated for it at most.
    """

    name: str
    label: str
    premise: str
    sentence: str
    settle: Callable[[ReplicationWorld], tuple[ReplicationWorld, Settling]] | None
    most_days: int = 0


@dataclass(frozen=True)
class BaselineFacts:
    """What a manifest says of a baseline."""

    name: str
    label: str
    premise: str
    sentence: str

    @classmethod
    def of(cls, baseline: Baseline) -> BaselineFacts:
        """Take them from its entry."""
        return cls(baseline.name, baseline.label, baseline.premise, baseline.sentence)


def _adapted(world: ReplicationWorld) -> tuple[ReplicationWorld, Settling]:
    """Let people learn until they have settled; what they then do is their habit, and chance is the same as before."""
    compiled, habit_s = world.compiled, world.population.habitual_departure_s
    parameters = compiled.scenario.parameters
    forecaster = compiled.forecaster
    people = MinuteLearners.of(world.population, compiled.options, forecaster.waiting, parameters.preferences)
    gaps: list[float] = []
    day = 0
    while day < MOST_ADAPTING_DAYS:
        chance = ChoiceVariates(world.streams, world.population.key, FIRST_DAY + day)
        today = people.seen(_lived(world, people.departures(chance.moment), FIRST_DAY + day), day)
        # The gap is measured before the day is remembered, since nobody who lives it knows it yet
        # (test_two_baselines.py::test_the_gap_is_what_others_could_not_foresee).
        if day % MEASURED_EVERY == MEASURED_EVERY - 1:
            gaps.append(people.relative_gap_share(today, chance))
            people.notice(gaps)
        day += 1
        if len(gaps) >= MEASURED_DAYS and np.mean(np.abs(gaps[-MEASURED_DAYS:])) <= LEAST_GAP_SHARE:
            break
        people.remember(today, day - 1)
        people.think_again(chance, day - 1)
    # Only when people leave may differ from the world by habit: the same people, wishes and chance, or the two
    # comparisons would not be of the same day (test_wishes_ways_and_chance_stay_as_they_were).
    departure_s = people.departures(world.lasting.place_in_window)
    change_s = float(np.abs(departure_s - habit_s)[people.able].mean()) if len(people.able) else 0.0
    gap_share = float(np.mean(gaps[-MEASURED_DAYS:])) if gaps else float("nan")
    return leaving_at(world, departure_s), Settling(day, gap_share, change_s)


def leaving_at(world: ReplicationWorld, departure_s: FloatArray) -> ReplicationWorld:
    """Return the world of a replication where people have other habits.

    Parameters
    ----------
    world : ReplicationWorld
    departure_s : ndarray of float, shape (commuters,)
        When each leaves from now on unless advised.
    """
    population = replace(world.population, habitual_departure_s=departure_s)
    return replace(world, population=population, before_advice={}, shared=SharedCosts())


def _lived(world: ReplicationWorld, departure_s: FloatArray, day: int) -> DayTraffic:
    """Simulate a day on which people learn."""
    compiled, population = world.compiled, world.population
    service, preferences = compiled.scenario.service, compiled.scenario.parameters.preferences
    variates = draw_variates(compiled.engine_input, world.streams, day)
    departures = Departures(departure_s, population.journeys, population.chain)
    records = simulate(compiled.engine_input, departures, variates, engine=compiled.engine, holding=compiled.holding)
    ((_, boardings),) = observe(service, compiled.points, records).days
    return DayTraffic.of(service, preferences, records, boardings)


BASELINES = (
    Baseline(
        "habit",
        "habit",
        "As long as people leave when they are used to",
        "People leave as they were observed to.",
        None,
    ),
    Baseline(
        "adapted",
        "adapted commuters",
        "Once people have found their best times by themselves",
        "People have learned day by day, without advice, until next to nothing was left to gain by leaving in another "
        "minute.",
        _adapted,
        MOST_ADAPTING_DAYS,
    ),
)
"""All of them, in the order of tables."""


def baseline_by_name(name: str) -> Baseline:
    """Return a baseline.

    Raises
    ------
    UnknownNameError
        When there is none of that name.
    """
    for baseline in BASELINES:
        if baseline.name == name:
            return baseline
    raise UnknownNameError(f"{name!r} is no baseline; there are {', '.join(entry.name for entry in BASELINES)}")
