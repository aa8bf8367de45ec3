"""What people pay by when they leave for a queue: steps, one at each vehicle, less the wait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class PaidByLeaving:
    """What people pay by when they leave: steps, less the weight of the wait times the time of joining.

    Attributes
    ----------
    begins_s : ndarray of float, shape (people, steps + 1)
        When each step begins, and when the last one ends; each holds its end and not its beginning.
    level_min : ndarray of float, shape (people, steps)
    ride : ndarray of int, shape (people, steps)
        The cheapest ride; -1 for none.
    weight : float
        Of waiting, per second.
    walk_s : ndarray of float, shape (people,)
        From leaving to joining.
    unserved_min : float
        What is paid after the last step.
    """

    begins_s: FloatArray
    level_min: FloatArray
    ride: IntArray
    weight: float
    walk_s: FloatArray
    unserved_min: float

    def at(self, leave_s: FloatArray) -> FloatArray:
        """Return the cost of leaving at some times, shape (people, times)."""
        joined_s = leave_s + self.walk_s[:, None]
        level = np.column_stack([self.level_min, np.zeros(len(joined_s))])
        step = self._step(joined_s)
        paid = np.take_along_axis(level, step, axis=1) - self.weight * joined_s
        return np.where(step == self.level_min.shape[1], self.unserved_min, paid)

    def ride_at(self, leave_s: FloatArray) -> IntArray:
        """Return the ride of leaving at some time, -1 for none, shape (people,)."""
        ride = np.column_stack([self.ride, np.full(len(leave_s), -1, dtype=np.int64)])
        found: IntArray = np.take_along_axis(ride, self._step((leave_s + self.walk_s)[:, None]), axis=1)[:, 0]
        return found

    def mean(self, start_s: FloatArray, width_s: float) -> FloatArray:
        """Return the mean cost over windows by their starts, shape (people, windows)."""
        from_s, to_s = start_s + self.walk_s[:, None], start_s + width_s + self.walk_s[:, None]
        first, last = self._step(from_s), self._step(to_s)
        level, ends_s = np.column_stack([self.level_min, np.zeros(len(from_s))]), self.begins_s[0, 1:]
        # One step of all windows after the other: what a window costs does not hang on which others are asked for.
        paid_min, since_s = np.zeros(from_s.shape), from_s
        for number in range(int((last - first).max(initial=0))):
            step = np.minimum(first + number, len(ends_s) - 1)
            passed_min = np.take_along_axis(level, step, axis=1) * (ends_s[step] - since_s)
            is_inside = first + number < last
            paid_min = np.where(is_inside, paid_min + passed_min, paid_min)
            since_s = np.where(is_inside, ends_s[step], since_s)
        inside_min = np.take_along_axis(level, last, axis=1) * (to_s - since_s)
        # After the last vehicle nobody waits: the wait that is taken off below is given back.
        after_min = self.unserved_min * (to_s - since_s)
        given_back_min = self.weight * (to_s * to_s - since_s * since_s) / 2.0
        is_after = last == self.level_min.shape[1]
        paid_min = np.where(is_after, paid_min + after_min + given_back_min, paid_min + inside_min)
        found: FloatArray = paid_min / (to_s - from_s) - self.weight * (from_s + to_s) / 2.0
        return found

    def _step(self, joined_s: FloatArray) -> IntArray:
        """Return the step in which people join, shape (people, times)."""
        if not len(joined_s):
            return np.zeros(joined_s.shape, dtype=np.int64)
        # All have the same steps but for when the first begins.
        step: IntArray = np.searchsorted(self.begins_s[0, 1:], joined_s, side="left").astype(np.int64)
        return step


def least_from_here(cost: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the least of each value and those after it along rows, and where it stands."""
    backwards = cost[:, ::-1]
    least = np.minimum.accumulate(backwards, axis=1)
    is_new = np.concatenate([np.ones((len(cost), 1), dtype=np.bool_), least[:, 1:] < least[:, :-1]], axis=1)
    place = np.maximum.accumulate(np.where(is_new, np.arange(cost.shape[1]), 0), axis=1)
    which: IntArray = cost.shape[1] - 1 - place[:, ::-1]
    return least[:, ::-1], which


def least_up_to(cost: FloatArray, is_last: BoolArray) -> tuple[FloatArray, IntArray]:
    """Return the least of each value and those after it up to the next last one along rows, and where it stands.

    Parameters
    ----------
    cost : ndarray of float, shape (rows, columns)
    is_last : ndarray of bool, shape (columns,)
        Columns that nothing behind them counts for.
    """
    ends = np.flatnonzero(is_last[:-1]) + 1
    parts = [least_from_here(part) for part in np.split(cost, ends, axis=1)]
    which = [place + first for (_, place), first in zip(parts, [0, *ends.tolist()], strict=True)]
    return np.concatenate([least for least, _ in parts], axis=1), np.concatenate(which, axis=1)
