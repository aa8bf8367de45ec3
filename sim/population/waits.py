"""What is met by people who wait for a set of vehicles at a stop, read off the traffic of a day."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.population.distinct_codes import distinct_codes
from sim.population.met_waiting import Column
from sim.population.observation import Observation
from sim.population.patience import TakenShare
from sim.population.service_points import ServicePoints


@dataclass(frozen=True)
class Waits:
    """What is met by people who wait for sets of lines from some period on; worked out where somebody asks.

    Attributes
    ----------
    observation : Observation
    first : ndarray of int, shape (rows + 1,)
        First entry of each row: one for each member of its set.
    group : ndarray of int, shape (entries,)
        Vehicles of each member, those of the fastest pattern first.
    period : ndarray of int, shape (rows,)
        In which they join.
    """

    observation: Observation
    first: IntArray
    group: IntArray
    period: IntArray

    @cached_property
    def _alone(self) -> bool:
        """Whether each set has one member, so that nothing is to be compared."""
        return len(self.group) == len(self.period)

    @cached_property
    def _of_row(self) -> IntArray:
        return np.repeat(np.arange(len(self.period)), np.diff(self.first))

    @cached_property
    def _distinct(self) -> tuple[IntArray, IntArray, IntArray]:
        """The vehicles and periods that are looked at, and which of them each entry is."""
        periods = self.observation.load.shape[1]
        codes, of_entry = distinct_codes(self.group * periods + self.period[self._of_row])
        return codes // periods, codes % periods, of_entry

    def _of_members(self, column: Column) -> FloatArray:
        """Return what holds for the vehicles of each member when people join."""
        group, period, of_entry = self._distinct
        found: FloatArray = column(group, period)[of_entry]
        return found

    @cached_property
    def _boards_s(self) -> FloatArray:
        return self._of_members(self.observation.met.board_s)

    def _least(self, of_members: FloatArray) -> FloatArray:
        if self._alone:
            return of_members
        least: FloatArray = np.minimum.reduceat(of_members, self.first[:-1], axis=0) if len(self.period) else of_members
        return least

    def wait_s(self) -> FloatArray:
        """Return the expected wait until a vehicle takes them or they give up, shape (rows,)."""
        fastest = self.first[:-1]
        earlier_s = (self._boards_s[fastest] - self._least(self._boards_s)).mean(axis=1)
        wait_s: FloatArray = np.maximum(self.observation.met.wait_s(self.group[fastest], self.period) - earlier_s, 0.0)
        return wait_s

    def denied_share(self) -> FloatArray:
        """Return the chance that the first vehicle leaves without them, shape (rows,)."""
        met = self.observation.met
        denied = self._share_of(self._of_members(met.first_s)) * self._of_members(met.denied_share)
        share: FloatArray = np.add.reduceat(denied, self.first[:-1]) if len(self.period) else denied
        return share

    def queue_s(self) -> FloatArray:
        """Return how long one more person in the queue is felt by others, shape (rows,)."""
        comes_s = self._of_members(self.observation.met.first_s)
        # The queue has gone when one of the vehicles that serve it leaves nobody behind.
        later_s = (comes_s - self._least(comes_s)[self._of_row]).mean(axis=1)
        return self._least(self._of_members(self.observation.met.queue_s) + later_s)

    def lost_share(self) -> FloatArray:
        """Return the chance that no vehicle takes them any more, or that they give up before, shape (rows,)."""
        return self._least(self._of_members(self.observation.met.lost_share))

    def boards_share(self) -> FloatArray:
        """Return the chance of boarding by each member, shape (entries,)."""
        return self._share_of(self._boards_s)

    def _share_of(self, member_s: FloatArray) -> FloatArray:
        """Return for each member the share of instants at which it is the one of its set."""
        if self._alone:
            return np.ones(len(self.period))
        of_row = self._of_row
        is_it = (member_s == self._least(member_s)[of_row]).astype(np.float64)
        among = np.add.reduceat(is_it, self.first[:-1], axis=0)
        share: FloatArray = (is_it / among[of_row]).mean(axis=1)
        return share


@dataclass(frozen=True)
class Boarded:
    """When and by which member of a set people board, on average over the days seen.

    Attributes
    ----------
    board_s : ndarray of float, shape (rows, times)
        Seconds after midnight. Of people who may give up, over the days on which they do not, if there are any.
    taken_share : ndarray of float, shape (rows, times), or None
        Weight of the days on which a vehicle takes them before they give up; None where nobody ever does.
    ptr : ndarray of int, shape (rows + 1,)
        First entry of each row in `share`: one for each member of its set.
    share : ndarray of float
        Chance of boarding by it, over the times.
    """

    board_s: FloatArray
    taken_share: FloatArray | None
    ptr: IntArray
    share: FloatArray


class WaitingSets:
    """The sets of vehicles that legs wait for, at one stop each. Legs with the same set share it.

    Parameters
    ----------
    points : ServicePoints
    set_ptr : ndarray of int, shape (legs + 1,)
        First row of the attractive set of each leg.
    set_group : ndarray of int, shape (rows,)
        Group of vehicles of each row (`sim.population.boarding_groups`); the first of a leg is that of the fastest
        pattern. One group may be there for several patterns.

    Attributes
    ----------
    of_leg : ndarray of int, shape (legs,)
        Row of each leg among the sets.
    member_ptr : ndarray of int, shape (sets + 1,)
        First member of each set.
    member_group : ndarray of int, shape (members,)
        Vehicles of each member, those of the fastest pattern first.
    member_point : ndarray of int, shape (members,)
        Service point of each member.
    leg_ptr : ndarray of int, shape (legs + 1,)
        First entry of each leg in `leg_row`; a leg has as many as its set has members.
    leg_row : ndarray of int
        For each member of the set of a leg, the first of the rows of the leg that board there.
    visit_block : ndarray of int, shape (visits,)
        Row of the block of each visit (`sim.population.service_points`).
    """

    def __init__(self, points: ServicePoints, set_ptr: IntArray, set_group: IntArray) -> None:
        row = np.arange(len(set_group))
        leg = np.repeat(np.arange(len(set_ptr) - 1), np.diff(set_ptr))
        _, first = np.unique(leg * max(len(points.groups), 1) + set_group, return_index=True)
        self.leg_row = row[np.sort(first)]
        self.leg_ptr = np.concatenate([[0], np.cumsum(np.bincount(leg[self.leg_row], minlength=len(set_ptr) - 1))])
        self.of_leg, self.member_ptr, self.member_group = _distinct_sets(self.leg_ptr, set_group[self.leg_row])
        self.member_point = points.groups.point[self.member_group]
        self.visit_block = points.visit_block

    def waits(self, observation: Observation, sets: IntArray, period: IntArray) -> Waits:
        """Return what is met where people wait: the first vehicle of a set that takes one more.

        Parameters
        ----------
        observation : Observation
        sets, period : ndarray of int, shape (rows,)
            What people wait for, and when they join.
        """
        first, member = rows_of(self.member_ptr, sets)
        return Waits(observation, first, self.member_group[member], period)

    def boarded(self, observation: Observation, sets: IntArray, joined_s: FloatArray) -> Boarded:
        """Return when and by which member people board who join the queues of sets at some times.

        Parameters
        ----------
        observation : Observation
        sets : ndarray of int, shape (rows,)
        joined_s : ndarray of float, shape (rows, times)
            Seconds after midnight.
        """
        first, member = rows_of(self.member_ptr, sets)
        of_row = np.repeat(np.arange(len(sets)), np.diff(first))
        group, joins_s = self.member_group[member][:, None], joined_s[of_row]
        board_s, share, taken = np.zeros(joined_s.shape), np.zeros(len(member)), TakenShare(joined_s)
        for weight, day in observation.days if len(sets) else ():
            member_s = day.board_s(group, joins_s)
            if len(member) == len(sets):
                # Nothing is to be compared: the sums are those below (test_a_set_of_one_is_met_as_any_other).
                board_s += weight * member_s
                share += weight
                taken.add(weight, day, member_s)
                continue
            set_s = np.minimum.reduceat(member_s, first[:-1], axis=0)
            is_it = (member_s == set_s[of_row]).astype(np.float64)
            among = np.add.reduceat(is_it, first[:-1], axis=0)
            board_s += weight * set_s
            share += weight * (is_it / among[of_row]).mean(axis=1)
            taken.add(weight, day, set_s)
        return Boarded(taken.board_s(board_s), taken.share, first, share)

    def lost_share(self, observation: Observation, sets: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return the chance that no vehicle takes people who join at some times, or that they give up, shape (rows,).

        Parameters as for `boarded`.
        """
        first, member = rows_of(self.member_ptr, sets)
        group, joins_s = self.member_group[member][:, None], joined_s[np.repeat(np.arange(len(sets)), np.diff(first))]
        lost_share = np.zeros(len(sets))
        for weight, day in observation.days if len(sets) else ():
            is_lost = np.logical_and.reduceat(day.is_lost(group, joins_s), first[:-1], axis=0)
            lost_share += weight * is_lost.mean(axis=1)
        return lost_share


def _distinct_sets(set_ptr: IntArray, group: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the set of groups of each leg, and the distinct sets as compressed rows.

    The order of groups counts, since the first one is that of the fastest pattern.
    """
    number: dict[bytes, int] = {}
    bounds = set_ptr.tolist()
    rows = np.ascontiguousarray(group, dtype=np.int64)
    of_leg = [number.setdefault(rows[start:end].tobytes(), len(number)) for start, end in itertools.pairwise(bounds)]
    sets = [np.frombuffer(text, dtype=np.int64) for text in number]
    ptr = np.concatenate([[0], np.cumsum([len(members) for members in sets])]).astype(np.int64)
    return np.array(of_leg, dtype=np.int64), ptr, np.concatenate([*sets, np.zeros(0, dtype=np.int64)])


def rows_of(ptr: IntArray, groups: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows of some groups of a compressed table, one group after the other, and where each begins.

    Parameters
    ----------
    ptr : ndarray of int
        First row of each group, and one more.
    groups : ndarray of int
    """
    sizes = ptr[groups + 1] - ptr[groups]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows = np.arange(int(first[-1])) + np.repeat(ptr[groups] - first[:-1], sizes)
    return first, rows
