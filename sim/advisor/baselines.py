"""The people that advice is given to: people who keep to their habit, or people who have settled by themselves.

What advice is worth depends on what people would do without it. Habit is what was observed, and says nothing of what
people would learn where demand or service is another; adapted people have found by themselves what there is to find
(`sim.population.minutes`), so that what advice still saves them is the advisor's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

import numpy as np

from sim.advisor.loop import ReplicationWorld
from sim.advisor.rehearsal.stage import DaysWithoutAdvice
from sim.advisor.strategy import SharedCosts
from sim.arrays import FloatArray
from sim.engine import Departures, draw_variates, simulate
from sim.errors import UnknownNameError
from sim.population.days_alike import Gap, RememberedDay
from sim.population.minutes import DAYS_ALIKE, MinuteLearners
from sim.population.observation import boardings_of, held_by_themselves, visit_facts
from sim.population.traced_journeys import DayTraffic
from sim.population.variates import ChoiceVariates

FIRST_DAY = 1_000_000
"""Days on which people adapt are numbered from here: their chance is that of no day on which advice is tried."""

MOST_ADAPTING_DAYS = 60
"""Days after which people are taken as they are."""

LEAST_GAP_SHARE = 0.01
"""People have settled once the relative gap is at most this, on average over the times it was last measured; where
the minute that promised more was the worse one it counts as 0."""

MEASURED_EVERY, MEASURED_TIMES = 4, 3
"""Days from one measurement of the gap to the next, and how many measurements count."""

MEASURED_ON = 8
"""Days simulated to measure the gap on; an even number."""


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
    people = MinuteLearners.of(world.population, compiled.options, compiled.forecaster.waiting, parameters.preferences)
    numbers = count()
    gaps: list[Gap] = []
    calmest = people.minute
    for day in range(MOST_ADAPTING_DAYS if len(people.able) else 0):
        chance = ChoiceVariates(world.streams, world.population.key, FIRST_DAY + day)
        today = _days_alike(world, people, numbers, DAYS_ALIKE)
        people.live(today)
        if day % MEASURED_EVERY == MEASURED_EVERY - 1:
            more = _days_alike(world, people, numbers, MEASURED_ON - DAYS_ALIKE)
            gaps.append(people.gap([*today, *more], chance))
            people.notice(gaps[-1])
            # Where they had least to gain is where they end, even if they went on looking
            # (test_people_end_where_they_had_least_to_gain).
            if gaps[-1].hindsight_share <= min(gap.hindsight_share for gap in gaps):
                calmest = people.minute
            if _have_settled(gaps):
                calmest = people.minute
                break
        people.think_again(chance, day)
    people.minute = calmest
    # Only when people leave may differ from the world by habit: the same people, wishes and chance, or the two
    # comparisons would not be of the same day (test_wishes_ways_and_chance_stay_as_they_were).
    departure_s = people.departures(world.lasting.place_in_window)
    if not gaps:
        return leaving_at(world, departure_s, _settled), Settling()
    # Measured anew, as the least of several measurements is luck in part.
    chance = ChoiceVariates(world.streams, world.population.key, FIRST_DAY + MOST_ADAPTING_DAYS)
    left = people.gap(_days_alike(world, people, numbers, 2 * MEASURED_ON), chance)
    change_s = float(np.abs(departure_s - habit_s)[people.able].mean())
    return leaving_at(world, departure_s, _settled), Settling(day + 1, left.foreseen_share, change_s)


def _settled(world: ReplicationWorld) -> ReplicationWorld:
    return _adapted(world)[0]


def _have_settled(gaps: list[Gap]) -> bool:
    last = [max(gap.foreseen_share, 0.0) for gap in gaps[-MEASURED_TIMES:]]
    return len(last) == MEASURED_TIMES and float(np.mean(last)) <= LEAST_GAP_SHARE


def _days_alike(
    world: ReplicationWorld, people: MinuteLearners, numbers: Iterator[int], days: int
) -> list[RememberedDay]:
    """Simulate days on which people leave in the minutes that they have chosen, at other seconds each day."""
    alike = []
    for number in islice(numbers, days):
        moment = ChoiceVariates(world.streams, world.population.key, FIRST_DAY + number).moment
        alike.append(people.seen(*_lived(world, people.departures(moment), FIRST_DAY + number), number))
    return alike


def leaving_at(
    world: ReplicationWorld, departure_s: FloatArray, settle: Callable[[ReplicationWorld], ReplicationWorld]
) -> ReplicationWorld:
    """Return the world of a replication where people have other habits.

    Parameters
    ----------
    world : ReplicationWorld
    departure_s : ndarray of float, shape (commuters,)
        When each leaves from now on unless advised.
    settle : callable
        How they came to that, so that others can as well.
    """
    population = replace(world.population, habitual_departure_s=departure_s)
    return replace(
        world,
        population=population,
        before_advice={},
        shared=SharedCosts(),
        unadvised=DaysWithoutAdvice(),
        settle=settle,
    )


def _lived(world: ReplicationWorld, departure_s: FloatArray, day: int) -> tuple[DayTraffic, DayTraffic]:
    """Simulate a day on which people learn, as one more commuter would meet it and as the people of the day do."""
    compiled, population = world.compiled, world.population
    service, preferences = compiled.scenario.service, compiled.scenario.parameters.preferences
    variates = draw_variates(compiled.engine_input, world.streams, day)
    departures = Departures(departure_s, population.journeys, population.chain)
    records = simulate(compiled.engine_input, departures, variates, engine=compiled.engine, holding=compiled.holding)
    boardings = boardings_of(compiled.points, visit_facts(service, records))
    extra = DayTraffic.of(service, preferences, records, boardings)
    return extra, replace(extra, boardings=held_by_themselves(boardings, records.first_left_s()))


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
