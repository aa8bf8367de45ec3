"""The smallest shift that is worth it: what one would ask of people who do not like to be asked much.

Compliance falls with the shift asked, and most of what a user can gain often lies in the next window or two: the
cheapest window of all is then far away for little more. Each user gets the window nearest to their habit whose forecast
cost is below that of the habit by a stated share, and no advice where there is none; with people who learn, what they
have learned is in the place of their habit. Users who could gain little are left alone, so that fewer people are moved
into the same cheap window than by `individual`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.model.advice import AdvicePlan


@dataclass(frozen=True)
class EarliestRelief:
    """Advise each user the window nearest to their habit that is cheaper by a share of what the habit costs.

    Attributes
    ----------
    least_saving_share : float
        A tenth where nothing else is said: a journey of half an hour has to become 3 minutes cheaper, beyond what
        forecasts are usually wrong by (assumed).
    """

    least_saving_share: float = 0.1

    name: ClassVar[str] = "earliest_relief"
    label: ClassVar[str] = "Earliest relief"
    colour: ClassVar[str] = "#7a5195"
    sentence: ClassVar[str] = "asks for the smallest shift that saves a user a tenth of the cost of their habit."

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the nearest window of each user that saves enough, the earlier of two; none where there is none."""
        own_min, usual = view.costs.own_min, view.usual_column
        columns = np.arange(own_min.shape[1])
        usual_min = own_min[np.arange(len(usual)), usual][:, None]
        enough = np.isfinite(own_min) & (own_min <= (1.0 - self.least_saving_share) * usual_min)
        shift = np.where(enough, np.abs(columns - usual[:, None]), len(columns))
        return view.plan(np.where(enough.any(axis=1), shift.argmin(axis=1), -1))


def declared() -> tuple[EarliestRelief]:
    """Return what this module adds to the registry."""
    return (EarliestRelief(),)
