"""Days that people have lived through, and what they could have saved on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arrays import IntArray
from sim.population.traced_journeys import DayTraffic


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
    """

    foreseen_share: float = float("nan")
    hindsight_share: float = float("nan")
