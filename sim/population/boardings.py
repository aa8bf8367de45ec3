"""Boarding by the time of joining a queue: a step at every vehicle."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Boardings:
    """The vehicles of a day by service point, in order, and until when each of them took those who had joined.

    Queues are first come, first served: a commuter who joins at time t boards the first vehicle whose last boarding had
    joined at t or later, or that left nobody behind. No sample stands between, so that the step is where the vehicle is
    (test_boarding_is_a_step_at_each_vehicle).

    Attributes
    ----------
    ptr : ndarray of int, shape (points + 1,)
        First vehicle of each service point.
    visit : ndarray of int, shape (vehicles,)
        Row of the visit.
    arrival_s, until_s : ndarray of float, shape (vehicles,)
        When a vehicle comes; the latest time of joining of those whom it or an earlier one takes.
    period_s, end_s : float
        Width of the periods of `delay_s`, and the time that stands for no vehicle any more.
    delay_s : ndarray of float, shape (points, periods), or None
        How much later one boards than seen, where the queue is expected to be another one.
    direct : ndarray of bool, shape (points, periods), or None
        Where the first vehicle that comes takes one, as nobody is expected to queue.
    """

    ptr: IntArray
    visit: IntArray
    arrival_s: FloatArray
    until_s: FloatArray
    period_s: float
    end_s: float
    delay_s: FloatArray | None = None
    direct: BoolArray | None = None

    def board_s(self, point: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when people board who join at service points, seconds after midnight.

        Parameters
        ----------
        point : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        found = self._next_s(self.until_s, point, joined_s)
        if self.delay_s is not None:
            period = np.clip(joined_s // self.period_s, 0, self.delay_s.shape[1] - 1).astype(np.int64)
            found = np.maximum(found + self.delay_s[point, period], joined_s)
            if self.direct is not None:
                found = np.where(self.direct[point, period], self._next_s(self.arrival_s, point, joined_s), found)
        return found

    def shifted(self, delay_s: FloatArray, direct: BoolArray | None = None) -> Boardings:
        """Return what is met where queues are expected to be other than seen.

        Parameters
        ----------
        delay_s : ndarray of float, shape (points, periods)
        direct : ndarray of bool, shape (points, periods), or None
        """
        return replace(self, delay_s=delay_s, direct=direct)

    def boarded_visit(self, point: IntArray, joined_s: FloatArray) -> IntArray:
        """Return the visit at which people board who join as seen, -1 for none.

        Parameters
        ----------
        point : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        place = self._next(self.until_s, point, joined_s)
        visit: IntArray = np.where(place < self.ptr[point + 1], np.append(self.visit, -1)[place], -1)
        return visit

    def _next_s(self, takes_until_s: FloatArray, point: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when the first vehicle of each point comes that takes those who join at a time."""
        place = self._next(takes_until_s, point, joined_s)
        comes_s = np.append(self.arrival_s, self.end_s)[place]
        found: FloatArray = np.maximum(np.where(place < self.ptr[point + 1], comes_s, self.end_s), joined_s)
        return found

    def _next(self, takes_until_s: FloatArray, point: IntArray, joined_s: FloatArray) -> IntArray:
        """Return the row of that vehicle, or one beyond those of the point."""
        # One sorted column for all points: a power of two apart, so that times stay exact.
        apart_s = 2.0 ** np.ceil(np.log2(self.end_s + 2.0))
        of_vehicle = np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr))
        column = of_vehicle * apart_s + np.maximum(takes_until_s, -1.0)
        place: IntArray = np.searchsorted(column, point * apart_s + np.minimum(joined_s, self.end_s)).astype(np.int64)
        return place


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
