"""What is met by people who wait for a set of lines at a stop, read off the traffic of a day."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.population.observation import Observation
from sim.population.service_points import ServicePoints


@dataclass(frozen=True)
class Waits:
    """What is met by people who wait for a set of lines at a stop; arrays (sets, periods) unless said.

    Attributes
    ----------
    board_s : ndarray of float, shape (sets, periods, SAMPLES_PER_PERIOD)
        When they board, seconds after midnight, by evenly spread instants of joining.
    wait_s : ndarray of float
    denied_share : ndarray of float
        Chance that the first vehicle leaves without them.
    queue_s : ndarray of float
        How long one more person in the queue is felt by others.
    lost_share : ndarray of float
        Chance that no vehicle takes them any more.
    boards_share : ndarray of float, shape (members, periods)
        Chance that it is this member of its set that they board.
    """

    board_s: FloatArray
    wait_s: FloatArray
    denied_share: FloatArray
    queue_s: FloatArray
    lost_share: FloatArray
    boards_share: FloatArray


@dataclass(frozen=True)
class Boarded:
    """When and by which member of a set people board, on average over the days seen.

    Attributes
    ----------
    board_s : ndarray of float, shape (rows, times)
        Seconds after midnight.
    ptr : ndarray of int, shape (rows + 1,)
        First entry of each row in `share`: one for each member of its set.
    share : ndarray of float
        Chance of boarding by it, over the times.
    """

    board_s: FloatArray
    ptr: IntArray
    share: FloatArray


class WaitingSets:
    """The sets of service points that legs wait at, of one stop each. Legs with the same set share it.

    Parameters
    ----------
    points : ServicePoints
    set_ptr : ndarray of int, shape (legs + 1,)
        First row of the attractive set of each leg.
    set_point : ndarray of int, shape (rows,)
        Service point of each row; the first of a leg is that of the fastest pattern. One point may be there for
        several patterns.

    Attributes
    ----------
    of_leg : ndarray of int, shape (legs,)
        Row of each leg in `Waits`.
    member_ptr : ndarray of int, shape (sets + 1,)
        First member of each set.
    member_point : ndarray of int, shape (members,)
        Service point of each member, that of the fastest pattern first.
    leg_ptr : ndarray of int, shape (legs + 1,)
        First entry of each leg in `leg_row`; a leg has as many as its set has members.
    leg_row : ndarray of int
        For each member of the set of a leg, the first of the rows of the leg that board there.
    """

    def __init__(self, points: ServicePoints, set_ptr: IntArray, set_point: IntArray) -> None:
        row = np.arange(len(set_point))
        leg = np.repeat(np.arange(len(set_ptr) - 1), np.diff(set_ptr))
        _, first = np.unique(leg * max(points.points, 1) + set_point, return_index=True)
        self.leg_row = row[np.sort(first)]
        self.leg_ptr = np.concatenate([[0], np.cumsum(np.bincount(leg[self.leg_row], minlength=len(set_ptr) - 1))])
        self.of_leg, self.member_ptr, self.member_point = _distinct_sets(self.leg_ptr, set_point[self.leg_row])
        self.member_set = np.repeat(np.arange(len(self.member_ptr) - 1), np.diff(self.member_ptr))

    def waits(self, observation: Observation) -> Waits:
        """Return what is met where people wait: the first vehicle of a set that takes one more."""
        first, of_set = self.member_ptr[:-1], self.member_set
        if not len(first):
            met = (observation.board_s, observation.wait_s, *observation.met_waiting(), observation.wait_s)
            return Waits(*(values[:0] for values in met))
        boards_s, comes_s = observation.board_s[self.member_point], observation.first_s[self.member_point]
        board_s, first_s = (np.minimum.reduceat(times, first, axis=0) for times in (boards_s, comes_s))
        fastest = self.member_point[first]
        earlier_s = (observation.board_s[fastest] - board_s).mean(axis=2)
        denied, queue_s, lost = (values[self.member_point] for values in observation.met_waiting())
        # The queue has gone when one of the vehicles that serve it leaves nobody behind.
        later_s = (comes_s - first_s[of_set]).mean(axis=2)
        return Waits(
            board_s=board_s,
            wait_s=np.maximum(observation.wait_s[fastest] - earlier_s, 0.0),
            denied_share=np.add.reduceat(self._share_of(comes_s, first_s) * denied, first, axis=0),
            queue_s=np.minimum.reduceat(queue_s + later_s, first, axis=0),
            lost_share=np.minimum.reduceat(lost, first, axis=0),
            boards_share=self._share_of(boards_s, board_s),
        )

    def _share_of(self, member_s: FloatArray, set_s: FloatArray) -> FloatArray:
        """Return for each member the share of instants at which it is the one of its set, shape (members, periods)."""
        is_it = (member_s == set_s[self.member_set]).astype(np.float64)
        among = np.add.reduceat(is_it, self.member_ptr[:-1], axis=0)
        share: FloatArray = (is_it / among[self.member_set]).mean(axis=2)
        return share

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
        point, joins_s = self.member_point[member][:, None], joined_s[of_row]
        board_s, share = np.zeros(joined_s.shape), np.zeros(len(member))
        for weight, day in observation.days if len(sets) else ():
            member_s = day.board_s(point, joins_s)
            set_s = np.minimum.reduceat(member_s, first[:-1], axis=0)
            is_it = (member_s == set_s[of_row]).astype(np.float64)
            among = np.add.reduceat(is_it, first[:-1], axis=0)
            board_s += weight * set_s
            share += weight * (is_it / among[of_row]).mean(axis=1)
        return Boarded(board_s, first, share)


def _distinct_sets(set_ptr: IntArray, point: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the set of points of each leg, and the distinct sets as compressed rows.

    The order of points counts, since the first one is that of the fastest pattern.
    """
    number: dict[bytes, int] = {}
    bounds = set_ptr.tolist()
    rows = np.ascontiguousarray(point, dtype=np.int64)
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
