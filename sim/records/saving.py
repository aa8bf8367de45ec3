"""What the cost of a day fell by against the same day without advice, in parts, and the columns that tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.arrays import FloatArray
from sim.records.column import Column, real


@dataclass(frozen=True)
class SavingParts:
    """What the cost of a day fell by against the same day under `none`; all of shape (commuters,), in minutes.

    Attributes
    ----------
    timing_min : ndarray of float
        By waiting less until a first vehicle comes, or by meeting one that takes them there at all.
    wish_min : ndarray of float
        By arriving nearer to the wish.
    avoided_min : ndarray of float
        By leaving when there is less congestion, which stays as it was.
    relieved_min : ndarray of float
        By what others changed.
    fare_min : ndarray of float
        By paying less.
    """

    timing_min: FloatArray
    wish_min: FloatArray
    avoided_min: FloatArray
    relieved_min: FloatArray
    fare_min: FloatArray

    @classmethod
    def alike(cls, commuters: int, saved_min: float) -> SavingParts:
        """Return the same for all: 0 under `none` itself, NaN for a day that is set beside no other."""
        return cls(*(np.full(commuters, saved_min) for _ in range(5)))


class _Day(Protocol):
    @property
    def saving(self) -> SavingParts: ...


SAVED: tuple[Column[_Day], ...] = (
    real(
        "saved_by_timing_min",
        "min",
        "fall of the cost against none by waiting less for a first vehicle, or meeting one at all, on the day as it "
        "was under none",
        lambda day: day.saving.timing_min,
    ),
    real(
        "saved_by_wish_min",
        "min",
        "the same by arriving nearer to the preferred arrival, on the day as it was",
        lambda day: day.saving.wish_min,
    ),
    real(
        "saved_by_avoiding_min",
        "min",
        "the same by all else that leaving at another time changes on the day as it was: crowding, full vehicles",
        lambda day: day.saving.avoided_min,
    ),
    real(
        "saved_by_relief_min",
        "min",
        "the same by what others changed: all that is saved, but for the fare, less the three before",
        lambda day: day.saving.relieved_min,
    ),
    real("saved_on_fare_min", "min", "the same by paying less", lambda day: day.saving.fare_min),
)
"""Columns of `journeys`."""
