"""Traffic without the advisor's own users: what is left for them to use.

Loads lose the users as they are expected to have travelled. Queues are made anew as if the
users had not stood in them: at each service point commuters join as counted, and leave as
room passes, first come first served (the point queue of Vickrey 1969, in fluid form).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.population.met_waiting import MetWaiting, kept, table_of
from sim.population.observation import Observation
from sim.population.service_points import ServicePoints


@dataclass(frozen=True)
class Users:
    """What users add to traffic; arrays (points, periods).

    Attributes
    ----------
    load : ndarray of float
        Riders on the vehicles that depart in the period.
    joined : ndarray of float
        Users who join the queue in the period.
    """

    load: FloatArray
    joined: FloatArray


def without(observation: Observation, users: Users, points: ServicePoints) -> Observation:
    """Return the traffic of a day without some users.

    Parameters
    ----------
    observation : Observation
    users : Users
    points : ServicePoints
    """
    load = np.maximum(observation.load - users.load, 0.0)
    joined = np.maximum(observation.joined - users.joined, 0.0)
    through = np.maximum(observation.load - observation.boarded, 0.0)
    with_users = point_queue(observation.joined, observation.capacity - through, points)
    alone = point_queue(joined, observation.capacity - np.minimum(through, load), points)
    # The first groups are all vehicles of each service point.
    seen = observation.met.denied_share, observation.met.queue_s
    denied, queue_s = (table_of(column, points.points, points.periods) for column in seen)
    had_queue = ((denied > 0) | (queue_s > 0)).any(axis=1, keepdims=True)
    # The fluid queue with the users in it is not the queue that was seen; only the difference between the two fluid
    # queues is taken, in which what both get wrong cancels out.
    change_s = np.where(had_queue, alone.delay_s - with_users.delay_s, 0.0)
    queued = alone.delay_s > 0
    # Where nobody queues any more, one more commuter takes the first vehicle.
    first = had_queue & ~queued
    # Those who wait for some of the vehicles of a point stand in its queue as well.
    of = points.groups.point
    met = _Alone(observation.met, of, points.instants(), change_s, first, had_queue[:, 0], alone.clears_s)
    return replace(
        observation,
        load=np.where(had_queue, np.minimum(through, load) + alone.left, load),
        joined=joined,
        boarded=np.minimum(observation.boarded, load),
        met=kept(met, observation.groups, *met.instants.shape),
        days=tuple((weight, day.shifted(change_s[of], first[of])) for weight, day in observation.days),
    )


@dataclass(frozen=True)
class _Alone:
    """What people meet who wait without the users.

    Attributes
    ----------
    seen : MetWaiting
        With the users.
    point : ndarray of int, shape (groups,)
        Service point of each group.
    instants : ndarray of float, shape (periods, instants)
    change_s : ndarray of float, shape (points, periods)
        How much longer people wait for room.
    first : ndarray of bool, shape (points, periods)
        Where they take the first vehicle.
    had_queue : ndarray of bool, shape (points,)
    clears_s : ndarray of float, shape (points, periods)
        Until the queue has gone.
    """

    seen: MetWaiting
    point: IntArray
    instants: FloatArray
    change_s: FloatArray
    first: BoolArray
    had_queue: BoolArray
    clears_s: FloatArray

    def board_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when people board."""
        at = self.point[group], period
        board_s = np.maximum(self.seen.board_s(group, period) + self.change_s[at][:, None], self.instants[period])
        return np.where(self.first[at][:, None], self.seen.first_s(group, period), board_s)

    def first_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return when the first vehicle comes."""
        return self.seen.first_s(group, period)

    def wait_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the wait."""
        at = self.point[group], period
        to_first_s = (self.seen.first_s(group, period) - self.instants[period]).mean(axis=1)
        wait_s = np.maximum(self.seen.wait_s(group, period) + self.change_s[at], 0.0)
        return np.where(self.first[at], to_first_s, wait_s)

    def denied_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of being left behind by the first vehicle."""
        return np.where(self.first[self.point[group], period], 0.0, self.seen.denied_share(group, period))

    def queue_s(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return how long one more person in the queue is felt by others."""
        point = self.point[group]
        return np.where(self.had_queue[point], self.clears_s[point, period], self.seen.queue_s(group, period))

    def lost_share(self, group: IntArray, period: IntArray) -> FloatArray:
        """Return the chance of no vehicle."""
        return self.seen.lost_share(group, period)


@dataclass(frozen=True)
class PointQueue:
    """A fluid queue by period; arrays (points, periods).

    Attributes
    ----------
    delay_s : ndarray of float
        Wait for room of whoever joins in the middle of the period.
    clears_s : ndarray of float
        From then until the queue has gone.
    left : ndarray of float
        Commuters who leave the queue for a vehicle in the period.
    """

    delay_s: FloatArray
    clears_s: FloatArray
    left: FloatArray


TRICKLE = 1e-6
"""Persons per period who join besides all others."""

LEAST_DELAY_SHARE = 0.02
"""Delays shorter than this share of a period are none: rounding of loads to whole persons (assumed)."""


def point_queue(joined: FloatArray, room: FloatArray, points: ServicePoints) -> PointQueue:
    """Let commuters queue for room, period by period.

    Parameters
    ----------
    joined, room : ndarray of float, shape (points, periods)
    points : ServicePoints
    """
    # A trickle of people makes the curves invertible where nobody comes.
    come = np.concatenate([np.zeros((len(joined), 1)), np.cumsum(joined + TRICKLE, axis=1)], axis=1)
    gone = np.zeros_like(come)
    for period in range(joined.shape[1]):
        # Never more have gone than have come: what room nobody takes is lost, and does not serve those who come later.
        gone[:, period + 1] = np.minimum(gone[:, period] + np.maximum(room[:, period], 0.0), come[:, period + 1])
    edges_s = np.arange(come.shape[1]) * points.period_s
    middle_s = (edges_s[1:] + edges_s[:-1]) / 2.0
    delay_s, clears_s = np.zeros_like(joined), np.zeros_like(joined)
    for row in range(len(joined)):
        ahead = (come[row, 1:] + come[row, :-1]) / 2.0
        turn = np.minimum(np.searchsorted(gone[row, 1:], ahead), joined.shape[1] - 1)
        rate = np.maximum(room[row, turn], TRICKLE) / points.period_s
        delay_s[row] = np.maximum(edges_s[turn] + (ahead - gone[row, turn]) / rate - middle_s, 0.0)
        free = np.append(np.flatnonzero(come[row, 1:] - gone[row, 1:] < 1.0), joined.shape[1] - 1)
        first_free = free[np.searchsorted(free[:-1], np.arange(joined.shape[1]))]
        queued = first_free > np.arange(joined.shape[1])
        clears_s[row] = np.where(queued, edges_s[first_free + 1] - middle_s, 0.0)
    delay_s = np.where(delay_s > LEAST_DELAY_SHARE * points.period_s, delay_s, 0.0)
    return PointQueue(delay_s, clears_s, np.diff(gone, axis=1))
