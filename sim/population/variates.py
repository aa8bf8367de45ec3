"""The chance of people and of the advisor, drawn by name and common to all strategies.

Whoever decides takes one of these two objects as an input and draws nothing: the same input gives the same answer,
in whatever order strategies, days and people are worked out. Each array is made from its own stream when it is first
asked for, and kept, so that the strategies of a replication share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sim.arrays import FloatArray, IntArray
from sim.population.systematic_sampling import OFFSETS, spread_evenly
from sim.randomness import Purpose, Streams, UInt64Array, text_keys


@dataclass(frozen=True)
class EvenVariates:
    """Uniform numbers of people, and what spreads them evenly within groups.

    Attributes
    ----------
    uniform : ndarray of float, shape (commuters,)
    offset : ndarray of float, shape (commuters,)
        What each would shift a group by whose first member they are.
    """

    uniform: FloatArray
    offset: FloatArray

    @classmethod
    def draw(cls, streams: Streams, purpose: Purpose, key: UInt64Array, *day: int) -> EvenVariates:
        """Draw both by commuter, so that they do not depend on how groups are numbered."""
        return cls(streams.uniform(purpose, key, *day), streams.uniform(purpose, key, *day, OFFSETS))

    def within(self, group: IntArray, rows: IntArray) -> FloatArray:
        """Return uniform numbers of some commuters, spread evenly within groups (systematic sampling).

        Parameters
        ----------
        group : ndarray of int, shape of `rows`
            Numbered from 0 without gaps, in any order.
        rows : ndarray of int
            Commuters.
        """
        return spread_evenly(self.uniform[rows], group, self.offset[rows])


@dataclass(frozen=True)
class LastingVariates:
    """What chance has made of people for all days of a replication.

    Attributes
    ----------
    streams : Streams
    key : ndarray of uint64, shape (commuters,)
        Keys of the commuters.
    """

    streams: Streams
    key: UInt64Array

    @cached_property
    def has_app(self) -> EvenVariates:
        """The order in which people get the app."""
        return EvenVariates.draw(self.streams, Purpose.APP_USER, self.key)

    @cached_property
    def readiness(self) -> EvenVariates:
        """The order in which people come to follow advice, the same every day."""
        return EvenVariates.draw(self.streams, Purpose.COMPLIANCE, self.key)

    @cached_property
    def lapsing(self) -> FloatArray:
        """The order in which people who follow go back to their habit, shape (commuters,)."""
        return self.streams.uniform(Purpose.LAPSING, self.key)

    @cached_property
    def place_in_window(self) -> FloatArray:
        """Where in a window each leaves who moves there, as a share of it, shape (commuters,)."""
        return self.streams.uniform(Purpose.WINDOW_PLACEMENT, self.key)

    @cached_property
    def tie(self) -> EvenVariates:
        """How windows are dealt out to people who are alike."""
        return EvenVariates.draw(self.streams, Purpose.ADVICE_TIES, self.key)

    def has_counter(self, block_id: Sequence[str]) -> FloatArray:
        """Which vehicles come first to have a counter, shape (blocks,)."""
        return self.streams.uniform(Purpose.COUNTERS, text_keys(block_id))


@dataclass(frozen=True)
class ChoiceVariates:
    """The chance of one day in what people choose and what the advisor sees.

    Attributes
    ----------
    streams : Streams
    key : ndarray of uint64, shape (commuters,)
        Keys of the commuters.
    day : int
    """

    streams: Streams
    key: UInt64Array
    day: int

    @cached_property
    def follows(self) -> FloatArray:
        """The coin of each commuter who is advised, shape (commuters,)."""
        return self.streams.uniform(Purpose.COMPLIANCE, self.key, self.day)

    @cached_property
    def reconsiders(self) -> EvenVariates:
        """The order in which people come to think again today."""
        return EvenVariates.draw(self.streams, Purpose.RECONSIDER, self.key, self.day)

    @cached_property
    def departure(self) -> EvenVariates:
        """The choice of people who draw their departure."""
        return EvenVariates.draw(self.streams, Purpose.DEPARTURE_CHOICE, self.key, self.day)

    @cached_property
    def moment(self) -> FloatArray:
        """Where in their minute each leaves today who chooses minutes, as a share of it, shape (commuters,)."""
        return self.streams.uniform(Purpose.WINDOW_PLACEMENT, self.key, self.day)

    @cached_property
    def rounding(self) -> float:
        """Where shares of people are cut into whole persons, one number for the day."""
        return float(self.streams.generator(Purpose.DEPARTURE_CHOICE, self.day).uniform())

    def forecast_error(self, cell: UInt64Array) -> FloatArray:
        """Return a standard normal number for each forecast load, from keys of the same shape."""
        return self.streams.normal(Purpose.FORECAST_NOISE, cell, self.day)

    def privacy_coin(self, cell: UInt64Array) -> FloatArray:
        """Return a uniform number for each count that is released, from keys of the same shape."""
        return self.streams.uniform(Purpose.PRIVACY_NOISE, cell, self.day)
