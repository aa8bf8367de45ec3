"""Days that people have lived through, and what they could have saved on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arrays import IntArray
from sim.population.traced_journeys import DayTraffic

FAR_SHARE = 0.3
"""People go by the trend of costs once the gap was above this when it was measured (assumed), and some are left behind.
Where they settle by the mean it never is (docs/design-notes.md)."""

QUEUE_SHARE = 0.1
"""Of people, more than how many must be left behind for the gap to be that of a queue (assumed). Where a bus comes once
an hour a habit that is far off leaves as large a gap, and by the trend, which looks near by, people do not get to the
bus (test_people_find_a_bus_that_comes_once_an_hour)."""


@dataclass
class JourneysOfDay:
    """Journeys of a day that somebody has asked for.

    Attributes
    ----------
    traffic : DayTraffic
    arrival_s, travel_min : ndarray of float32, shape (cases,)
        When leaving in a minute by an option, and the cost without schedule delay; NaN where nobody has asked.
    """

    traffic: DayTraffic
    arrival_s: NDArray[np.float32]
    travel_min: NDArray[np.float32]

    @classmethod
    def unknown(cls, traffic: DayTraffic, cases: int) -> JourneysOfDay:
        """Return a day of which nobody has asked anything."""
        return cls(traffic, *(np.full(cases, np.nan, dtype=np.float32) for _ in range(2)))


@dataclass
class RememberedDay:
    """A day, and what journeys on it would have cost that somebody has asked for.

    Attributes
    ----------
    place : float
        Where in every minute journeys are looked up, as a share of it.
    minute : ndarray of int, shape (commuters,)
        In which each left.
    extra, held : JourneysOfDay
        As one more commuter would meet the day, and as the people of the day do, who hold their own place.
    """

    place: float
    minute: IntArray
    extra: JourneysOfDay
    held: JourneysOfDay


@dataclass(frozen=True)
class Gap:
    """What people could save by leaving in another minute, over what they pay; NaN where nobody can tell.

    Where every day is like the one before both are the relative gap of equilibrium assignment (Sheffi 1985).

    Attributes
    ----------
    foreseen_share : float
        By the minute that was cheapest on other days that were alike.
    hindsight_share : float
        By the minute that was cheapest on the days themselves: never below 0, and luck in part.
    left_behind_share : float
        Of these people, how many a full vehicle leaves behind, on average over the days.
    """

    foreseen_share: float = float("nan")
    hindsight_share: float = float("nan")
    left_behind_share: float = float("nan")

    @property
    def is_of_a_queue(self) -> bool:
        """Whether people swing in a queue, which by the mean of days they would go on doing."""
        return self.foreseen_share > FAR_SHARE and self.left_behind_share > QUEUE_SHARE
