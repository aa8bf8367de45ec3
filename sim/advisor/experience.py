"""What users of the app met on the days so far, and what that was beyond what they pay without advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class MetDay:
    """What became of everybody on a day; of those without the app the advisor must not know it.

    Attributes
    ----------
    cost_min : ndarray of float, shape (commuters,)
        Generalized cost paid.
    followed : ndarray of bool, shape (commuters,)
        Advised, and left inside the window.
    """

    cost_min: FloatArray
    followed: BoolArray


@dataclass(frozen=True)
class RunningRegret:
    """What users lost over the days with advice so far, against what they pay without advice.

    Attributes
    ----------
    days : int
        Days with advice that are known.
    sum_min : ndarray of float, shape (users,)
        Cost paid less what they pay without advice, over these days.
    window : ndarray of int, shape (days, users)
        Window in which each was, as advised; -1 where they followed no advice.
    of_day_min : ndarray of float, shape (days, users)
    """

    days: int
    sum_min: FloatArray
    window: IntArray
    of_day_min: FloatArray

    @classmethod
    def of(
        cls, users: IntArray, plans: Sequence[AdvicePlan], met: Sequence[MetDay], usual_min: FloatArray
    ) -> RunningRegret:
        """Add up the days from the first with advice on.

        Parameters
        ----------
        users : ndarray of int, shape (users,)
            Rows of commuters.
        plans : sequence of AdvicePlan
            Of all days so far, oldest first.
        met : sequence of MetDay
            The days of these that are known, oldest first.
        usual_min : ndarray of float, shape (commuters,)
            What each pays without advice.
        """
        known = range(min(_first_advised(plans), len(met)), len(met))
        of_day_min = np.zeros((len(known), len(users)))
        window = np.full((len(known), len(users)), -1, dtype=np.int64)
        for row, day in enumerate(known):
            # Whoever never travels by vehicle has no cost, and cannot be advised either.
            of_day_min[row] = np.nan_to_num(met[day].cost_min[users] - usual_min[users])
            window[row] = np.where(met[day].followed[users], plans[day].window[users], -1)
        return cls(len(known), of_day_min.sum(axis=0), window, of_day_min)

    def met_min(self, first_window: IntArray, columns: int) -> FloatArray:
        """Return the mean regret that users met in each of their windows, -inf where never, shape (users, columns).

        Parameters
        ----------
        first_window : ndarray of int, shape (users,)
            Number of the window in column 0.
        columns : int
        """
        total, count = np.zeros((2, len(first_window), columns))
        for window, regret_min in zip(self.window, self.of_day_min, strict=True):
            column = window - first_window
            rows = np.flatnonzero((window >= 0) & (column >= 0) & (column < columns))
            total[rows, column[rows]] += regret_min[rows]
            count[rows, column[rows]] += 1.0
        mean_min: FloatArray = np.divide(total, count, out=np.full(total.shape, -np.inf), where=count > 0.0)
        return mean_min


def usual_cost_min(plans: Sequence[AdvicePlan], met: Sequence[MetDay]) -> FloatArray | None:
    """Return what each paid before any advice, shape (commuters,), mean over days; None where there was no such day.

    Parameters
    ----------
    plans, met : sequence
        As for `RunningRegret.of`.
    """
    days = [day.cost_min for day in met[: _first_advised(plans)]]
    usual_min: FloatArray | None = np.array(days).mean(axis=0) if days else None
    return usual_min


def _first_advised(plans: Sequence[AdvicePlan]) -> int:
    """Return the first day on which anybody was advised; the number of days where none was."""
    return next((day for day, plan in enumerate(plans) if plan.advised.any()), len(plans))
