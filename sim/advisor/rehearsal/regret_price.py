"""A price on what people lose beyond the bound on regret, so that plans are looked for that spare them.

Whoever stays as usual can lose as well, since others stand before them, and no window that is closed to them helps
against that. So plans are compared by what all pay, and what somebody would have lost beyond the bound after the day to
come is paid once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray

PRICE = 1.0
"""What a minute beyond the bound costs besides itself (by trial, docs/what-was-tried.md)."""


@dataclass(frozen=True)
class RegretPrice:
    """What each user may pay on the day to come before the bound on their regret is passed.

    Attributes
    ----------
    free_min : ndarray of float, shape (users,)
        Generalized cost, in minutes, at which the mean of what a user has lost over all days with advice, the one to
        come among them, is as large as the bound.
    users : ndarray of int, shape (users,)
        Rows of commuters.
    """

    free_min: FloatArray
    users: IntArray

    @classmethod
    def of(cls, view: AdvisorView) -> RegretPrice | None:
        """Read it off what users have lost so far; None where there is no bound, or where nothing is rehearsed.

        Parameters
        ----------
        view : AdvisorView
        """
        most_s, usual_min = view.scenario.parameters.advisor.fairness.max_regret_s, view.usual_min
        if most_s is None or usual_min is None:
            return None
        known = view.running_regret
        days, lost_min = (0, 0.0) if known is None else (known.days, known.sum_min)
        # What was lost is owed back in full on the next day: a user in debt counts twice until the mean has come down
        # to the bound, and one who has gained may be asked for more than it on a day
        # (test_whoever_has_lost_counts_twice_until_it_is_made_good).
        free_min = usual_min[view.users] + most_s / 60.0 * (days + 1) - lost_min
        # Whoever never travels by vehicle has no cost.
        return cls(np.where(np.isfinite(free_min), free_min, np.inf), view.users)

    def mean_min(self, cost_min: Sequence[FloatArray]) -> float:
        """Return the price of days under a plan, per commuter, in minutes.

        Parameters
        ----------
        cost_min : sequence of ndarray of float, shape (commuters,)
            What everybody pays on each day; the mean over days counts, since chance is nobody's fault.
        """
        mean_min: FloatArray = np.mean(cost_min, axis=0)
        return float(self._beyond_min(mean_min[self.users], self.free_min).sum()) / max(len(mean_min), 1)

    def of_windows_min(self, own_min: FloatArray, rows: slice) -> FloatArray:
        """Return what windows cost besides because of the price, shape (rows, candidates).

        Parameters
        ----------
        own_min : ndarray of float, shape (rows, candidates)
            What they cost their users.
        rows : slice
            Of users.
        """
        return self._beyond_min(own_min, self.free_min[rows, None])

    @staticmethod
    def _beyond_min(cost_min: FloatArray, free_min: FloatArray) -> FloatArray:
        # A window that leads to no vehicle is none anyhow.
        price_min: FloatArray = PRICE * np.where(np.isfinite(cost_min), np.maximum(cost_min - free_min, 0.0), 0.0)
        return price_min
