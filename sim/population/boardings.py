"""Boarding by the time of joining a queue: a step at every vehicle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.population.boarding_search import Turns


@dataclass(frozen=True)
class Boardings:
    """The vehicles of a day by group that people wait for, in order, and until when each took those who had joined.

    Queues are first come, first served: a commuter who joins at time t boards the first vehicle whose last boarding had
    joined at t or later, or that left nobody behind and still had a place. No sample stands between, so that the step
    is where the vehicle is (test_boarding_is_a_step_at_each_vehicle).

    Attributes
    ----------
    ptr : ndarray of int, shape (groups + 1,)
        First vehicle of each group (`sim.population.boarding_groups`).
    visit : ndarray of int, shape (vehicles,)
        Row of the visit.
    arrival_s, until_s : ndarray of float, shape (vehicles,)
        When a vehicle comes; the latest time of joining of those whom it or an earlier one takes.
    clears_s : ndarray of float, shape (vehicles,)
        When a vehicle comes, this one or a later one, that leaves nobody behind.
    closes_s : ndarray of float, shape (vehicles,)
        Until when whoever joins meets this vehicle or one before it: when it comes, or leaves where people board while
        it stands. Rising within a group.
    period_s, end_s : float
        Width of the periods of `delay_s`, and the time that stands for no vehicle any more.
    delay_s : ndarray of float, shape (groups, periods), or None
        How much later one boards than seen, where the queue is expected to be another one.
    direct : ndarray of bool, shape (groups, periods), or None
        Where the first vehicle that comes takes one, as nobody is expected to queue.
    patience_s : float
        How long people wait before they give up; infinite for ever.
    visit_arrival_s : ndarray of float, shape (visits,)
        When each vehicle came to each of its stops; NaN where it did not.
    """

    ptr: IntArray
    visit: IntArray
    arrival_s: FloatArray
    until_s: FloatArray
    clears_s: FloatArray
    period_s: float
    end_s: float
    closes_s: FloatArray
    delay_s: FloatArray | None = None
    direct: BoolArray | None = None
    patience_s: float = np.inf
    visit_arrival_s: FloatArray = field(default_factory=lambda: np.zeros(0))

    def board_s(self, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when people board who wait for groups of vehicles, seconds after midnight, had they the patience.

        Parameters
        ----------
        group : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        found = self._next_s(self.until_s, group, joined_s)
        if self.delay_s is not None:
            period = np.clip(joined_s // self.period_s, 0, self.delay_s.shape[1] - 1).astype(np.int64)
            found = np.maximum(found + self.delay_s[group, period], joined_s)
            if self.direct is not None:
                found = np.where(self.direct[group, period], self._next_s(self.closes_s, group, joined_s), found)
        return found

    def shifted(self, delay_s: FloatArray, direct: BoolArray | None = None) -> Boardings:
        """Return what is met where queues are expected to be other than seen.

        Parameters
        ----------
        delay_s : ndarray of float, shape (groups, periods)
        direct : ndarray of bool, shape (groups, periods), or None
        """
        return replace(self, delay_s=delay_s, direct=direct)

    def comes_s(self, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when the first vehicle comes, full or not, to people who join at service points.

        Parameters
        ----------
        group : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        return self._next_s(self.closes_s, group, joined_s)

    def is_denied(self, group: IntArray, joined_s: FloatArray) -> BoolArray:
        """Tell whether the first vehicle leaves without people who join as seen.

        Parameters
        ----------
        group : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        found: BoolArray = self._next(self.until_s, group, joined_s) > self._next(self.closes_s, group, joined_s)
        if self.patience_s == np.inf:
            return found
        return found & (self.comes_s(group, joined_s) - joined_s <= self.patience_s)

    def is_lost(self, group: IntArray, joined_s: FloatArray) -> BoolArray:
        """Tell whether no vehicle takes people any more who join as seen; parameters as for `is_denied`.

        Whoever boards in the very moment at which their patience ends still boards, as in the engine
        (test_whoever_gives_up_is_not_followed_onto_a_later_vehicle).
        """
        over = self._turns(self.until_s).are_over(group, joined_s)
        if self.patience_s == np.inf:
            return over
        return over | (self.board_s(group, joined_s) - joined_s > self.patience_s)

    def in_vain_s(self, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return how long people wait whom no vehicle takes: until they give up or the last one has come.

        Parameters as for `is_denied`.
        """
        last_s = np.where(
            self.ptr[group] < self.ptr[group + 1], np.append(self.arrival_s, 0.0)[self.ptr[group + 1] - 1], 0.0
        )
        return np.minimum(np.maximum(last_s - joined_s, 0.0), self.patience_s)

    def queue_s(self, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return the time from the first vehicle to one that leaves nobody behind; parameters as for `is_denied`."""
        place = self._next(self.closes_s, group, joined_s)
        comes = place < self.ptr[group + 1]
        gone_s, comes_s = (_at(times, place, self.end_s) for times in (self.clears_s, self.arrival_s))
        return np.where(comes, np.maximum(gone_s - comes_s, 0.0), 0.0)

    def passed_on(self, group: IntArray, from_s: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Return how long people wait in all since one more takes the next vehicle, and whether one is not taken.

        Whoever takes the last place leaves the last behind who boards there, who takes the place of the last who boards
        the next vehicle, and so on up to one with room, or to somebody whose patience ends before
        (test_whoever_is_left_behind_may_give_up). Where no vehicle has room any more the last of them waits for none.

        Parameters
        ----------
        group : ndarray of int
        from_s : ndarray of float
            When that vehicle comes, seconds after midnight; shapes that broadcast.

        Returns
        -------
        waits_s : ndarray of float
            From `from_s` on, the wait for that vehicle included where it has not come yet.
        lost : ndarray of bool
        """
        place = self._next(self.closes_s, group, from_s)
        comes = place < self.ptr[group + 1]
        if not len(self.arrival_s):
            return np.zeros(place.shape), ~comes
        chain = self._by_vehicle
        first = np.minimum(place, len(self.arrival_s) - 1)
        end = chain.end[first]
        waits_s = np.maximum(self.arrival_s[first] - from_s, 0.0)
        waits_s += chain.waited_s[end] - chain.waited_s[first] + chain.in_vain_s[end]
        return np.where(comes, waits_s, 0.0), ~comes | chain.lost[end]

    @cached_property
    def _by_vehicle(self) -> _PassedOn:
        vehicles = np.arange(len(self.arrival_s))
        group = np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr))
        boards_s = np.maximum(self.arrival_s, self.until_s)
        full, next_s = self.clears_s > self.arrival_s, np.append(self.arrival_s[1:], np.inf)
        is_last = np.append(group[1:] != group[:-1], True)
        gives_up = full & ~is_last & (next_s - self.until_s > self.patience_s)
        ends = np.where(~full | is_last | gives_up, vehicles, len(vehicles))
        end = np.minimum.accumulate(ends[::-1])[::-1]
        waits_s = np.where(full & ~is_last & ~gives_up, next_s - boards_s, 0.0)
        waited_s = np.append(0.0, np.cumsum(waits_s))[:-1]
        in_vain_s = np.where(gives_up, self.until_s + self.patience_s - boards_s, 0.0)
        return _PassedOn(end, waited_s, in_vain_s, full & (is_last | gives_up))

    def boarded_visit(self, group: IntArray, joined_s: FloatArray) -> IntArray:
        """Return the visit at which people board, -1 for none and for whoever gives up before.

        Where the queue is expected to be another one than seen they board the first vehicle that comes when they are
        expected to board, or after it.

        Parameters
        ----------
        group : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        place = self._next(self.until_s, group, joined_s)
        if self.delay_s is not None:
            place = self._next(self.arrival_s, group, self.board_s(group, joined_s))
        visit: IntArray = np.where(place < self.ptr[group + 1], np.append(self.visit, -1)[place], -1)
        if self.patience_s == np.inf:
            return visit
        return np.where(np.append(self.arrival_s, np.inf)[place] - joined_s <= self.patience_s, visit, -1)

    def first_to_meet(self, group: IntArray, joined_s: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the visit of the first vehicle that comes, full or not, and until when it is met; -1 where none comes.

        Parameters
        ----------
        group : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        place = self._next(self.closes_s, group, joined_s)
        comes = place < self.ptr[group + 1]
        return np.where(comes, np.append(self.visit, -1)[place], -1), _at(self.closes_s, place, self.end_s)

    def _next_s(self, takes_until_s: FloatArray, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when the first vehicle of each group comes that takes those who join at a time."""
        return self._turns(takes_until_s).times(self.arrival_s, group, joined_s)

    def _next(self, takes_until_s: FloatArray, group: IntArray, joined_s: FloatArray) -> IntArray:
        """Return the row of that vehicle, or one beyond those of the group."""
        return self._turns(takes_until_s).places(group, joined_s)

    def _turns(self, takes_until_s: FloatArray) -> Turns:
        return Turns(self.ptr, takes_until_s, apart_s(self.end_s), self.end_s)


@dataclass(frozen=True)
class _PassedOn:
    """How those whom one more person displaces follow each other, by vehicle; arrays of shape (vehicles,).

    Attributes
    ----------
    end : ndarray of int
        The vehicle on which nobody is displaced any more, or after which whoever is takes none.
    waited_s : ndarray of float
        Waits from vehicle to vehicle, summed over all before each.
    in_vain_s : ndarray of float
        How long whoever is displaced from it waits for none.
    lost : ndarray of bool
        Whether whoever is displaced from it takes none.
    """

    end: IntArray
    waited_s: FloatArray
    in_vain_s: FloatArray
    lost: BoolArray


def apart_s(end_s: float) -> float:
    """Return how far groups lie apart in one column of all: a power of two, so that times stay exact.

    Parameters
    ----------
    end_s : float
        Later than all times.
    """
    return float(2.0 ** np.ceil(np.log2(end_s + 2.0)))


def _at(values: FloatArray | IntArray, place: IntArray, otherwise: float) -> FloatArray:
    """Return the values at some places, and another one where a place is behind the last."""
    if not len(values):
        return np.full(place.shape, otherwise)
    return np.where(place < len(values), values[np.minimum(place, len(values) - 1)], otherwise)


MOST_DAYS = 10
"""Of a long experience the newest days stand for all (assumed)."""

SeenDays = tuple[tuple[float, Boardings], ...]
"""Days that were seen, oldest first, each with its weight; weights sum to 1."""


def mean_days(parts: list[SeenDays], weights: list[float]) -> SeenDays:
    """Lay the days of several observations together.

    Parameters
    ----------
    parts : list of SeenDays
    weights : list of float
        Weight of each; they need not sum to 1.
    """
    days = [(weight * share, day) for weight, part in zip(weights, parts, strict=True) for share, day in part]
    newest = [(share, day) for share, day in days if share > 0.0][-MOST_DAYS:]
    total = sum(share for share, _ in newest)
    return tuple((share / total, day) for share, day in newest)
