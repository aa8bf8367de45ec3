"""Departure windows and the advice of one day.

Windows are half-open stretches of equal width on a grid, which starts at midnight unless said;
a window is known by its number, window ``w`` being ``[start + w * width, start + (w + 1) * width)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.notes import Note, note


@dataclass(frozen=True)
class PlanRehearsal:
    """What came of a plan when it was rehearsed beside no advice.

    Attributes
    ----------
    change_min : float
        Mean generalized cost of all commuters less that without advice, in minutes.
    half_width_min : float
        Of its 95 % interval over the draws.
    draws : int
        Draws on which both were simulated; none of them served to make the plan.
    """

    change_min: float
    half_width_min: float
    draws: int

    @property
    def gains(self) -> bool:
        """Whether the interval lies below no change as a whole."""
        return self.change_min + self.half_width_min < 0.0


@dataclass(frozen=True)
class WidthChoice:
    """How wide the advisor makes windows, and why.

    Attributes
    ----------
    window_s : float
        The width taken, in seconds.
    tried : tuple of (float, float)
        Each width that was compared, in seconds, with what people were to pay in windows of it on days that did not
        serve to choose them, in minutes of generalized cost.
    spread_min : float
        How far vehicles leave stops from when they do so on average, as a standard deviation over days.
    """

    window_s: float
    tried: tuple[tuple[float, float], ...]
    spread_min: float

    def note(self) -> Note:
        """Say why it is that width."""
        width = f"{self.window_s / 60.0:g}"
        if not self.tried:
            return note("width_for_nobody", width=width)
        costs = [note("width_cost", width=f"{wide / 60.0:g}", cost=f"{cost:.1f}") for wide, cost in self.tried]
        return note("width_chosen", width=width, spread=f"{self.spread_min:.1f}", costs=costs)


@dataclass(frozen=True)
class AdvicePlan:
    """All advice of one day, one row per commuter.

    Attributes
    ----------
    window : ndarray of int, shape (commuters,)
        Number of the recommended window; -1 where the commuter is not advised.
    window_s : float
        Width of the windows in seconds.
    grid_start_s : float
        Start of window 0, seconds after midnight.
    discount_group : ndarray of int, shape (commuters,), or None
        Group of each commuter for the boundaries of fare discounts, which then are in force for
        all, advised or not; None where there are none.
    as_now : ndarray of bool, shape (commuters,), or None
        Whether the window advised is that of when they would leave without advice, chosen for that moment; nobody
        where None. An app that names minutes names them one next to it (`advisor.placement: even`).
    part : ndarray of float, shape (commuters, 2), or None
        Begin and end of the part of the window that is meant, as shares of it; all of it where None. Those who
        leave inside the window but not in the part move into it.
    rehearsal : PlanRehearsal or None
        Why the plan was given out, or, where nobody is advised, why not; None where it was not rehearsed.
    """

    window: IntArray
    window_s: float
    grid_start_s: float = 0.0
    discount_group: IntArray | None = None
    as_now: BoolArray | None = None
    part: FloatArray | None = None
    rehearsal: PlanRehearsal | None = None

    @property
    def advised(self) -> BoolArray:
        """Whether each commuter is advised, shape (commuters,)."""
        return self.window >= 0

    def contains(self, departure_s: FloatArray) -> BoolArray:
        """Tell whether each departure lies in the window advised; False where none is, shape (commuters,)."""
        number = np.floor((departure_s - self.grid_start_s) / self.window_s)
        inside: BoolArray = self.advised & (number == self.window)
        return inside

    def contains_in_part(self, departure_s: FloatArray) -> BoolArray:
        """Tell whether each departure lies in the part that is meant of the window advised, shape (commuters,)."""
        inside = self.contains(departure_s)
        if self.part is None:
            return inside
        place = (departure_s - self.grid_start_s) / self.window_s - self.window
        return inside & (place >= self.part[:, 0]) & (place < self.part[:, 1])

    def in_part(self, place: FloatArray) -> FloatArray:
        """Return places in the window, as shares of it, moved into the part that is meant, shape (commuters,)."""
        if self.part is None:
            return place
        return self.part[:, 0] + place * (self.part[:, 1] - self.part[:, 0])

    def start_s(self) -> FloatArray:
        """Start of each recommended window; NaN where none, shape (commuters,)."""
        return np.where(self.advised, self.grid_start_s + self.window * self.window_s, np.nan)

    def end_s(self) -> FloatArray:
        """End of each recommended window; NaN where none, shape (commuters,)."""
        return np.where(self.advised, self.grid_start_s + (self.window + 1) * self.window_s, np.nan)


def no_advice(commuters: int, window_s: float) -> AdvicePlan:
    """Return the plan in which nobody is advised."""
    return AdvicePlan(window=np.full(commuters, -1, dtype=np.int64), window_s=window_s)
