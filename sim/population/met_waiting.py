"""What one more commuter would meet who waits for a group of vehicles, from some period on.

Hours of service make many groups of vehicles (`sim.population.boarding_groups`), of which few are waited for in any one
period. What is met is therefore worked out from the vehicles of the days where somebody asks, and only where there are
few groups is it kept as tables: of a day that was seen each from when it is first asked for, of a mean of days at once.
All give the same numbers (tests/unit/test_population_met_waiting.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.population.boardings import Boardings

MOST_NUMBERS = 2_000_000
"""Groups times sample instants of which tables are kept (assumed): about 40 MB for each day."""


class MetWaiting(Protocol):
    """What people meet by group of vehicles and period of joining; sampled at the instants of the period."""

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when they board or give up, seconds after midnight, shape (rows, instants)."""
        ...

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes, full or not, shape (rows, instants)."""
        ...

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait until a vehicle leaves with them or they give up, shape (rows,)."""
        ...

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance that the first vehicle leaves without them, shape (rows,)."""
        ...

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return how long one more person in the queue is felt by others, shape (rows,)."""
        ...

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance that no vehicle takes them any more, or that they give up before, shape (rows,)."""
        ...


Column = Callable[[IntArray, IntArray], FloatArray]


@dataclass(frozen=True)
class SeenWaiting:
    """What is met on a day that was seen.

    Attributes
    ----------
    day : Boardings
    instants : ndarray of float, shape (periods, instants)
        Sample instants of joining, seconds after midnight.
    """

    day: Boardings
    instants: FloatArray

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when people board or give up."""
        joins_s = self.instants[period]
        board_s = self.day.board_s(group[:, None], joins_s)
        return board_s if self.day.patience_s == np.inf else np.minimum(board_s, joins_s + self.day.patience_s)

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes."""
        return self.day.comes_s(group[:, None], self.instants[period])

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait."""
        wait_s: FloatArray = (self.board_s(group, period) - self.instants[period]).mean(axis=1)
        return wait_s

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of being left behind by the first vehicle."""
        return self.day.is_denied(group[:, None], self.instants[period]).mean(axis=1)

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the time from the first vehicle to one that leaves nobody behind."""
        return self.day.queue_s(group[:, None], self.instants[period]).mean(axis=1)

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of no vehicle."""
        return self.day.is_lost(group[:, None], self.instants[period]).mean(axis=1)


@dataclass(frozen=True)
class MeanWaiting:
    """The mean of several days.

    Attributes
    ----------
    parts : sequence of MetWaiting
    weights : sequence of float
        Their sum is 1.
    """

    parts: Sequence[MetWaiting]
    weights: Sequence[float]

    def _mean(self, columns: Sequence[Column], group: IntArray, period: IntArray) -> FloatArray:
        pairs = zip(self.weights, columns, strict=True)
        first, *others = (weight * column(group, period) for weight, column in pairs)
        for values in others:
            first += values
        return first

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when people board."""
        return self._mean([part.board_s for part in self.parts], group, period)

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes."""
        return self._mean([part.first_s for part in self.parts], group, period)

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait."""
        return self._mean([part.wait_s for part in self.parts], group, period)

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of being left behind by the first vehicle."""
        return self._mean([part.denied_share for part in self.parts], group, period)

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return how long one more person in the queue is felt by others."""
        return self._mean([part.queue_s for part in self.parts], group, period)

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of no vehicle."""
        return self._mean([part.lost_share for part in self.parts], group, period)


@dataclass(frozen=True)
class TabledWaiting:
    """Tables of what is met; arrays (groups, periods), and (groups, periods, instants) for times.

    Attributes
    ----------
    board, first : ndarray of float, shape (groups, periods, instants)
    wait, denied, queue, lost : ndarray of float, shape (groups, periods)
    """

    board: FloatArray
    first: FloatArray
    wait: FloatArray
    denied: FloatArray
    queue: FloatArray
    lost: FloatArray

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when people board."""
        return _read(self.board, group, period)

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes."""
        return _read(self.first, group, period)

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait."""
        return _read(self.wait, group, period)

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of being left behind by the first vehicle."""
        return _read(self.denied, group, period)

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return how long one more person in the queue is felt by others."""
        return _read(self.queue, group, period)

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of no vehicle."""
        return _read(self.lost, group, period)


@dataclass(frozen=True)
class TablesOnDemand:
    """Tables of what is met, each made when it is first asked for.

    Of many days nothing but the vehicles is looked at, of others a few columns.

    Attributes
    ----------
    met : MetWaiting
    groups, periods : int
    """

    met: MetWaiting
    groups: int
    periods: int

    def _table(self, column: Column) -> FloatArray:
        return table_of(column, self.groups, self.periods)

    @cached_property
    def _board(self) -> FloatArray:
        return self._table(self.met.board_s)

    @cached_property
    def _first(self) -> FloatArray:
        return self._table(self.met.first_s)

    @cached_property
    def _wait(self) -> FloatArray:
        return self._table(self.met.wait_s)

    @cached_property
    def _denied(self) -> FloatArray:
        return self._table(self.met.denied_share)

    @cached_property
    def _queue(self) -> FloatArray:
        return self._table(self.met.queue_s)

    @cached_property
    def _lost(self) -> FloatArray:
        return self._table(self.met.lost_share)

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when people board."""
        return _read(self._board, group, period)

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes."""
        return _read(self._first, group, period)

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait."""
        return _read(self._wait, group, period)

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of being left behind by the first vehicle."""
        return _read(self._denied, group, period)

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return how long one more person in the queue is felt by others."""
        return _read(self._queue, group, period)

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of no vehicle."""
        return _read(self._lost, group, period)


def _read(table: FloatArray, group: IntArray, period: IntArray) -> FloatArray:
    found: FloatArray = table[group, period]
    return found


def table_of(column: Column, groups: int, periods: int) -> FloatArray:
    """Return what is met by all groups in all periods, shape (groups, periods) and that of a row.

    Parameters
    ----------
    column : callable
        One of `MetWaiting`.
    groups, periods : int
    """
    values = column(np.repeat(np.arange(groups), periods), np.tile(np.arange(periods), groups))
    table: FloatArray = values.reshape(groups, periods, *values.shape[1:])
    return table


def on_demand(met: MetWaiting, groups: int, periods: int, instants: int) -> MetWaiting:
    """Return tables of what is met, made when they are asked for, where there are few groups; else what works it out.

    Parameters
    ----------
    met : MetWaiting
        Stays in memory as long as the tables.
    groups, periods, instants : int
        Of each period so many instants.
    """
    return met if groups * periods * instants > MOST_NUMBERS else TablesOnDemand(met, groups, periods)


def kept(met: MetWaiting, groups: int, periods: int, instants: int) -> MetWaiting:
    """Return tables of what is met where there are few groups, made at once; else what works it out.

    Parameters
    ----------
    met : MetWaiting
    groups, periods, instants : int
        Of each period so many instants.
    """
    if groups * periods * instants > MOST_NUMBERS:
        return met
    columns = met.board_s, met.first_s, met.wait_s, met.denied_share, met.queue_s, met.lost_share
    return TabledWaiting(*(table_of(column, groups, periods) for column in columns))
