"""Places of a plan: how many people advice may put on the vehicles of each stop, way on from there and period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class PlaceQuotas:
    """What a plan foresees at each place; arrays of shape (places,).

    Attributes
    ----------
    planned : ndarray of float
        People of the plan on the vehicles of each place.
    quota : ndarray of float
        People whom advice may put there: those of the plan, or more where there is room without them.
    """

    planned: FloatArray
    quota: FloatArray

    @classmethod
    def of(cls, planned: FloatArray, load: FloatArray, room: FloatArray, kept_share: float) -> PlaceQuotas:
        """Take what a plan uses.

        Parameters
        ----------
        planned : ndarray of float, shape (places,)
            Requests that the plan answers with each place.
        load, room : ndarray of float, shape (places,)
            Riders expected in all, those of the plan among them, and riders that vehicles are to have at most.
        kept_share : float
            Share of requests that come; more may be answered than there is room for where some do not.
        """
        free = (room - (load - planned * kept_share)) / kept_share
        return cls(planned, np.maximum(planned, np.maximum(free, 0.0)))


@dataclass(frozen=True)
class Choices:
    """Windows that people may be answered.

    Attributes
    ----------
    own_min : ndarray of float, shape (people, candidates)
        What each window costs each of them; infinite where it is none.
    case : ndarray of int, shape (people, candidates)
        Row of all below: cases of journey option and window.
    option, window : ndarray of int, shape (cases,)
    others_min : ndarray of float, shape (cases,)
        What one more person costs all others.
    places : sparse array, shape (cases, places)
        Places taken, with the chance that it is this one.
    """

    own_min: FloatArray
    case: IntArray
    option: IntArray
    window: IntArray
    others_min: FloatArray
    places: scipy.sparse.csr_array

    def use(self, case: IntArray) -> FloatArray:
        """Return how many take each place of those who leave by some cases."""
        used: FloatArray = np.asarray(np.bincount(case, minlength=self.places.shape[0]) @ self.places, dtype=np.float64)
        return used
