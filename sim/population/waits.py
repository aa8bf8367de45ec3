"""What is met by people who wait for a set of lines at a stop, read off the traffic of a day."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.population.observation import SAMPLES_PER_PERIOD, Observation, ServicePoints


@dataclass(frozen=True)
class Waits:
    """What is met by people who wait for a set of lines at a stop; arrays (sets, periods) unless said.

    Attributes
    ----------
    board_s : ndarray of float, shape (sets, periods, SAMPLES_PER_PERIOD)
        When they board, seconds after midnight, by evenly spread instants of joining.
    wait_s : ndarray of float
    denied_share : ndarray of float
        Chance that a first vehicle leaves without them, on average over the lines of the set.
    queue_s : ndarray of float
        How long one more person in the queue is felt by others.
    lost_share : ndarray of float
        Chance that no vehicle takes them any more.
    """

    board_s: FloatArray
    wait_s: FloatArray
    denied_share: FloatArray
    queue_s: FloatArray
    lost_share: FloatArray


class WaitingSets:
    """The sets of lines that legs wait for. Legs that wait at the same points for the same lines share one.

    Parameters
    ----------
    points : ServicePoints
    set_ptr : ndarray of int, shape (legs + 1,)
        First row of the attractive set of each leg.
    set_point : ndarray of int, shape (rows,)
        Service point of each row; the first of a leg is that of the fastest pattern.

    Attributes
    ----------
    of_leg : ndarray of int, shape (legs,)
        Row of each leg in `Waits`.
    """

    def __init__(self, points: ServicePoints, set_ptr: IntArray, set_point: IntArray) -> None:
        self._points = points
        self.of_leg, self._set_ptr, self._set_point = _distinct_sets(set_ptr, set_point)

    def waits(self, observation: Observation) -> Waits:
        """Return what is met where people wait: the first vehicle of a set that takes one more."""
        first, size = self._set_ptr[:-1], np.diff(self._set_ptr)[:, None]
        if not len(first):
            met = (observation.board_s, observation.wait_s, *observation.met_waiting())
            return Waits(*(values[:0] for values in met))
        board_s = np.minimum.reduceat(observation.board_s[self._set_point], first, axis=0)
        fastest = self._set_point[first]
        earlier_s = (observation.board_s[fastest] - board_s).mean(axis=2)
        denied, queue_s, lost = (values[self._set_point] for values in observation.met_waiting())
        return Waits(
            board_s=board_s,
            wait_s=np.maximum(observation.wait_s[fastest] - earlier_s, 0.0),
            denied_share=np.add.reduceat(denied, first, axis=0) / size,
            queue_s=np.minimum.reduceat(queue_s, first, axis=0),
            lost_share=np.minimum.reduceat(lost, first, axis=0),
        )

    def board_s(self, waits: Waits, rows: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when people board who join a queue at a time.

        Read off on the straight line through the two nearest samples of the period, which is
        exact where one vehicle takes all of them and where vehicles come evenly.

        Parameters
        ----------
        waits : Waits
        rows : ndarray of int
            Rows of `waits`.
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        points = self._points
        time = joined_s / points.period_s
        period = np.clip(np.floor(time), 0, points.periods - 1).astype(np.int64)
        place = (time - period) * SAMPLES_PER_PERIOD - 0.5
        before = np.clip(np.floor(place), 0, SAMPLES_PER_PERIOD - 2).astype(np.int64)
        samples = waits.board_s.reshape(-1)
        row = (rows * points.periods + period) * SAMPLES_PER_PERIOD + before
        low, high = samples[row], samples[row + 1]
        found: FloatArray = np.maximum(low + (high - low) * (place - before), joined_s)
        return found


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
