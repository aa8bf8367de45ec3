"""Other people who are drawn from the same demand, for advisors who do not know everybody who travels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.rehearsal.known_people import known_people, moved_as_users, settled_as
from sim.advisor.rehearsal.stage import Stage
from sim.arrays import BoolArray, FloatArray
from sim.population.commuters import Population, draw_population
from sim.population.variates import LastingVariates
from sim.randomness import Streams

if TYPE_CHECKING:
    from sim.advisor.loop import ReplicationWorld


def stage_of_people_alike(
    create: Callable[[CompiledScenario, int], ReplicationWorld],
    compiled: CompiledScenario,
    streams: Streams,
    settle: Callable[[ReplicationWorld], ReplicationWorld] | None,
) -> Callable[[], Stage]:
    """Return what makes the stage of other people, drawn from the same demand, when it is first asked for.

    They must have come to when they leave as these people have: a plan for people by habit does harm to people who have
    settled (test_booking_harms_nobody_who_has_settled).

    What is returned must not hold the world of the people it is made for. A world that its own stage leads back to
    outlives its replication (test_memory_is_that_of_one_replication_where_the_run_is_kept).

    Parameters
    ----------
    create : callable
        Draws the people of a replication.
    compiled : CompiledScenario
    streams : Streams
        Of the replication.
    settle : callable or None
        As in `sim.advisor.loop.ReplicationWorld`.
    """

    @cache
    def stage() -> Stage:
        alike = create(compiled, streams.of_people_alike().replication)
        return (alike if settle is None else settle(alike)).stage

    return stage


@dataclass(frozen=True)
class OtherPeople:
    """People in the place of those whom an advisor does not know: as many of each flow, others by each number.

    Attributes
    ----------
    compiled : CompiledScenario
    streams : Streams
        Of the replication.
    knows : ndarray of bool, shape (commuters,)
        True for those who are known.
    by_habit, settled : Population
        The first others before and after they have settled; the same where people leave by habit.
    """

    compiled: CompiledScenario
    streams: Streams
    knows: BoolArray
    by_habit: Population
    settled: Population

    @classmethod
    def of(cls, world: ReplicationWorld, knows: BoolArray) -> OtherPeople:
        """Draw the first ones, who have come to when they leave as the people of a replication have.

        Parameters
        ----------
        world : ReplicationWorld
        knows : ndarray of bool, shape (commuters,)
        """
        compiled, streams = world.compiled, world.streams
        people = _drawn(compiled, streams, 0)
        if world.settle is None:
            return cls(compiled, streams, knows, people, people)
        alike = type(world)(
            compiled, streams.of_people_alike(), people, LastingVariates(streams.of_people_alike(), people.key)
        )
        return cls(compiled, streams, knows, people, world.settle(alike).population)

    def drawn(self, number: int) -> Population:
        """Return others by their number.

        Where people have settled, others than the first ones are taken to have moved as these have: to settle anew
        takes as long as a run.

        Parameters
        ----------
        number : int
        """
        if number == 0:
            return self.settled
        people = _drawn(self.compiled, self.streams, number)
        if self.settled is self.by_habit:
            return people
        return settled_as(people, self.by_habit, self.settled.habitual_departure_s)

    def among(self, population: Population, own_departure_s: FloatArray, number: int) -> tuple[Population, FloatArray]:
        """Return the known people among others by their number, and when all leave without advice as far as is known.

        Parameters
        ----------
        population : Population
            Of a rehearsal.
        own_departure_s : ndarray of float, shape (commuters,)
            When known people leave, seconds after midnight.
        number : int
        """
        people = known_people(self.compiled.options, population, self.knows, self.drawn(number))
        return people, moved_as_users(people, self.knows, own_departure_s)


def _drawn(compiled: CompiledScenario, streams: Streams, number: int) -> Population:
    others = streams.of_people_alike(number)
    return draw_population(compiled.scenario, compiled.options, others, compiled.usual, streams)
