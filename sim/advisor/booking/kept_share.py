"""How many of those who were given a window keep to it: what is assumed, and what days have shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sim.arrays import FloatArray
from sim.model.advice import AdvicePlan
from sim.model.parameters import AdvisorParameters, BookingParameters

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
    ready : float or None
        Those asked, each counted by their chance to follow over the compliance share; all count alike where None.
    """

    asked: int
    kept: int
    ready: float | None = None

    @classmethod
    def of(
        cls, plan: AdvicePlan, own_departure_s: FloatArray, departure_s: FloatArray, ready: FloatArray | None = None
    ) -> KeptAdvice:
        """Count them by when each would have left without advice, and when they did.

        Parameters
        ----------
        plan : AdvicePlan
        own_departure_s, departure_s : ndarray of float, shape (commuters,)
            Seconds after midnight.
        ready : ndarray of float, shape (commuters,), or None
            Chance of each to follow over the compliance share; 1 where None.
        """
        asked = plan.advised & ~plan.contains(own_departure_s)
        counted = None if ready is None else float(ready[asked].sum())
        return cls(int(asked.sum()), int((asked & plan.contains(departure_s)).sum()), counted)


def kept_seen(parameters: AdvisorParameters, kept: Sequence[KeptAdvice], day: int) -> tuple[KeptAdvice, ...]:
    """Return what became of advice on the days that the advisor has seen before it plans a day, oldest first.

    Parameters
    ----------
    parameters : AdvisorParameters
    kept : sequence of KeptAdvice
        Of the days before, whether it has seen them or not.
    day : int
        Number of the day, from 0.
    """
    return tuple(kept[: max(day - parameters.forecast.staleness_days, 0)])


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


def expected_compliance_share(parameters: AdvisorParameters, days: Sequence[KeptAdvice]) -> float:
    """Return the share of the advised who are expected to follow, from what is assumed and the days seen last.

    As many days count as are averaged into the forecast, of those on which anybody was asked: people who go back to
    their habit follow less often than they once did.

    Parameters
    ----------
    parameters : AdvisorParameters
    days : sequence of KeptAdvice
        Those that the advisor knows, oldest first.
    """
    assumed = parameters.expected_compliance_share
    assumed = parameters.compliance_share if assumed is None else assumed
    if not parameters.learns_compliance:
        return assumed
    last = [day for day in days if day.asked > 0][-parameters.forecast.smoothing_days :]
    ready = sum(float(day.asked) if day.ready is None else day.ready for day in last)
    kept = ASSUMED_BOOKINGS * assumed + sum(day.kept for day in last)
    return min(kept / (ASSUMED_BOOKINGS + ready), 1.0)
