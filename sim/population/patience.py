"""The chance that a vehicle takes people before their patience ends, and how long people wait whom it takes."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.population.boardings import Boardings


class TakenShare:
    """On what part of the days a vehicle takes people before they give up, and when they board on these.

    Parameters
    ----------
    joined_s : ndarray of float
        When people join the queue, seconds after midnight.

    Attributes
    ----------
    share : ndarray of float, shape of `joined_s`, or None
        Weight of these days; None where nobody ever gives up.
    """

    def __init__(self, joined_s: FloatArray) -> None:
        self._joined_s, self._total_s = joined_s, np.zeros(joined_s.shape)
        self.share: FloatArray | None = None

    def add(self, weight: float, day: Boardings, board_s: FloatArray) -> None:
        """Count a day.

        Parameters
        ----------
        weight : float
        day : Boardings
        board_s : ndarray of float, shape of `joined_s`
            When people would board who had the patience, seconds after midnight.
        """
        if day.patience_s == np.inf:
            return
        there = (board_s - self._joined_s <= day.patience_s) & (board_s < day.end_s)
        taken = weight * there.astype(np.float64)
        self._total_s += taken * board_s
        self.share = taken if self.share is None else self.share + taken

    def board_s(self, mean_s: FloatArray) -> FloatArray:
        """Return when people board on the days on which they do; the mean of all days where there is none.

        Parameters
        ----------
        mean_s : ndarray of float, shape of `joined_s`
            Mean over all days of when they would board who had the patience.
        """
        if self.share is None:
            return mean_s
        return np.where(self.share > 0.0, self._total_s / np.where(self.share > 0.0, self.share, 1.0), mean_s)


def wait_if_taken_s(wait_s: FloatArray, lost_share: FloatArray, patience_s: float) -> FloatArray:
    """Return the mean wait of those whom a vehicle takes, where that of all counts patience for whoever gives up.

    Parameters
    ----------
    wait_s, lost_share : ndarray of float
        Mean wait of all, and the chance of giving up.
    patience_s : float
    """
    taken = np.where(lost_share < 1.0, 1.0 - lost_share, 1.0)
    return np.clip((wait_s - lost_share * patience_s) / taken, 0.0, patience_s)


def mean_wait_s(wait_s: FloatArray, taken_share: FloatArray | None) -> FloatArray:
    """Return the mean wait over moments of joining, of those whom a vehicle takes, shape (rows,).

    Parameters
    ----------
    wait_s : ndarray of float, shape (rows, moments)
    taken_share : ndarray of float, shape (rows, moments), or None
        Chance that a vehicle takes them; None where nobody gives up. Where it takes nobody all count.
    """
    if taken_share is None:
        return wait_s.mean(axis=1)
    weight = np.where(taken_share.any(axis=1, keepdims=True), taken_share, 1.0)
    found: FloatArray = (wait_s * weight).sum(axis=1) / weight.sum(axis=1)
    return found
