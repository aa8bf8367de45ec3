"""How many of those who were given a window keep to it: what is assumed, and what days have shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sim.arrays import FloatArray
from sim.model.advice import AdvicePlan
from sim.model.parameters import BookingParameters

ASSUMED_BOOKINGS: Final = 20.0
"""How many bookings the expectation counts as, beside those seen on the days before; assumed."""
LEAST_KEPT_SHARE: Final = 0.5
"""Least share of bookings that is ever expected to be kept; assumed. It bounds over-booking, at most its inverse times
the places there are."""


@dataclass(frozen=True)
class KeptAdvice:
    """What became of the advice of a day, as counts.

    Attributes
    ----------
    asked : int
        People who were asked to leave in another window than by habit.
    kept : int
        Those of them who did.
    """

    asked: int
    kept: int

    @classmethod
    def of(cls, plan: AdvicePlan, own_departure_s: FloatArray, departure_s: FloatArray) -> KeptAdvice:
        """Count them by when each would have left without advice, and when they did."""
        asked = plan.advised & ~plan.contains(own_departure_s)
        return cls(int(asked.sum()), int((asked & plan.contains(departure_s)).sum()))


def expected_kept_share(parameters: BookingParameters, days: Sequence[KeptAdvice]) -> float:
    """Return the share of bookings that is expected to be kept, from an assumption and all days seen.

    The assumption counts as some bookings do (the mean of a beta distribution that has seen them).

    Parameters
    ----------
    parameters : BookingParameters
    days : sequence of KeptAdvice
    """
    kept = ASSUMED_BOOKINGS * parameters.kept_share + sum(day.kept for day in days)
    asked = ASSUMED_BOOKINGS + sum(day.asked for day in days)
    return max(kept / asked, LEAST_KEPT_SHARE)
