"""What a user's choice of a window costs themselves and everybody else, averaged over rehearsed days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor.assignment.frank_wolfe import OVERFULL_MIN
from sim.arrays import FloatArray, IntArray
from sim.population.observation import Observation
from sim.population.windows import WindowCosts

NEWEST_WEIGHT = 0.4
"""Weight of the day rehearsed last in the costs that moves are decided by (assumed): what one draw has by chance is
averaged out over rounds."""

USERS_AT_ONCE = 16384
"""Users whose windows are compared together: matrices of all of them would be the largest of a plan (assumed)."""


@dataclass(frozen=True)
class MarginalCosts:
    """What windows cost their users and others.

    What they cost others is the same for all users of a case of option and window, and is kept by case: there are
    several times as many pairs of user and window where people are many.

    Attributes
    ----------
    case : ndarray of int, shape (users, candidates)
    own_min : ndarray of float, shape (users, candidates)
    crowding_min, queue_min : ndarray of float, shape (cases,)
    """

    case: IntArray
    own_min: FloatArray
    crowding_min: FloatArray
    queue_min: FloatArray

    @classmethod
    def of(cls, costs: WindowCosts, traffic: Observation, target: float) -> MarginalCosts:
        """Read what windows cost on a day.

        Parameters
        ----------
        costs : WindowCosts
        traffic : Observation
            Of the day.
        target : float
            Load factor above which what vehicles carry is charged for.
        """
        forecast = costs.forecast
        others_min = forecast.crowding_cost_min
        if target < 1.0:
            # Plans are compared by a price for each person too many (`Improvement.tried`). To the riders of a vehicle
            # it is told in proportion to how many these are: at the full price all of them would leave it at once.
            over = np.maximum(traffic.load - target * traffic.capacity, 0.0).reshape(-1)
            share = np.divide(over, traffic.capacity.reshape(-1), out=np.zeros_like(over), where=over > 0.0)
            toll_min = forecast.path.sums_at_goals(2.0 * OVERFULL_MIN * share)
            others_min = others_min + toll_min[forecast.path.last_goal]
        return cls(costs.candidates.case, costs.own_min, others_min, forecast.queue_cost_min)

    def averaged(self, newest: MarginalCosts) -> MarginalCosts:
        """Lay newer costs to these; those of windows that were none on one of the days are the newer ones.

        Parameters
        ----------
        newest : MarginalCosts
        """
        old, new = 1.0 - NEWEST_WEIGHT, NEWEST_WEIGHT
        own_min = np.empty_like(newest.own_min)
        for start in range(0, len(own_min), USERS_AT_ONCE):
            rows = slice(start, start + USERS_AT_ONCE)
            with np.errstate(invalid="ignore"):
                mean_min = old * self.own_min[rows] + new * newest.own_min[rows]
            own_min[rows] = np.where(np.isfinite(mean_min), mean_min, newest.own_min[rows])
        crowding_min = old * self.crowding_min + new * newest.crowding_min
        return MarginalCosts(self.case, own_min, crowding_min, old * self.queue_min + new * newest.queue_min)

    def total(self, queue_share: float, rows: slice) -> FloatArray:
        """Return what all pay together for a user's choice, with a part of what they cost those behind in queues.

        Parameters
        ----------
        queue_share : float
        rows : slice
            Of users.
        """
        case = self.case[rows]
        return self.own_min[rows] + self.crowding_min[case] + queue_share * self.queue_min[case]
