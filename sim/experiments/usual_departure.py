"""Leaving as usual, beside the windows that somebody could leave in instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import PairForecasts, WindowCases
from sim.experiments.window_fares import discounts_at_min
from sim.population.windows import window_of


def row_around(cases: WindowCases, usual_s: float, first: int) -> int | None:
    """Return the row of the window in which a moment counts; None where no window that fits is such a one.

    Windows that only wait for the vehicle of a later one are not among those that fit: whoever leaves in them counts
    for that one.

    Parameters
    ----------
    cases : WindowCases
        Windows that fit a request.
    usual_s : float
        Seconds after midnight.
    first : int
        Number of the first window that was looked at. Whoever leaves before it counts for none of these; whoever leaves
        after it, but before all that fit, waits for the vehicle of the first one
        (test_whoever_leaves_before_the_first_vehicle_counts_for_it).
    """
    own = int(usual_s // cases.pair.window_s)
    row = int(np.searchsorted(cases.windows, own))
    return None if own < first or row == len(cases) else row


def habit_windows(pair: PairForecasts, moments_s: FloatArray) -> IntArray:
    """Return the windows in which some moments lie.

    Parameters
    ----------
    pair : PairForecasts
    moments_s : ndarray of float, shape (moments,)
        Seconds after midnight.
    """
    windows: IntArray = np.unique(window_of(moments_s, pair.window_s))
    return windows


@dataclass(frozen=True)
class HabitDeparture:
    """Leaving by habit at a moment that is not known: the mean over those at which people with that wish leave.

    Whoever goes on leaving as usual keeps their moment. The mean over the window around it is not what that costs: it
    sent people to other windows for a minute less who lost more by leaving at any time of them
    (test_whoever_does_not_say_when_they_leave_is_not_moved_for_nothing).

    Attributes
    ----------
    cases : WindowCases
        Windows of these moments.
    row : ndarray of int, shape (moments,)
        The window of each among them.
    moments_s : ndarray of float, shape (moments,)
        Seconds after midnight, in order.
    moment_min : ndarray of float, shape (moments,)
        What leaving at each costs whoever asks, mean over days observed; equivalent minutes on board.
    """

    cases: WindowCases
    row: IntArray
    moments_s: FloatArray
    moment_min: FloatArray

    @classmethod
    def of(cls, cases: WindowCases, request: JourneyRequest, moments_s: FloatArray) -> Self | None:
        """Lay the habit of people with a wish beside the days observed.

        Parameters
        ----------
        cases : WindowCases
            Those of `habit_windows` in which a vehicle comes.
        request : JourneyRequest
        moments_s : ndarray of float, shape (moments,)
            As of `DeparturesByWish.moments_s`.

        Returns
        -------
        HabitDeparture or None
            None where no vehicle comes at some of these moments.
        """
        window = window_of(moments_s, cases.pair.window_s)
        if request.arrive_by_s is None or not np.isin(window, cases.windows).all():
            return None
        row = np.searchsorted(cases.windows, window)
        cost_min = cases.costs_min(np.full(len(moments_s), request.arrive_by_s), moments_s)
        moment_min = cost_min[np.arange(len(row)), row] - discounts_at_min(cases, row, moments_s)
        return cls(cases, row, moments_s, moment_min)

    @property
    def middle_s(self) -> float:
        """Before which half of these people leave, seconds after midnight."""
        return float(np.median(self.moments_s))

    @property
    def between_s(self) -> tuple[float, float]:
        """First and last of the moments, seconds after midnight."""
        return float(self.moments_s[0]), float(self.moments_s[-1])

    @property
    def window(self) -> IntArray:
        """Number of the window of each moment; those that only wait count for the next one."""
        return self.cases.windows[self.row]

    def can_move_to(self, window: IntArray, reach_s: tuple[float, float]) -> BoolArray:
        """Tell for each moment whether whoever usually leaves then could leave in a window that is not their own.

        Parameters
        ----------
        window : ndarray of int, shape (windows, 1)
            Numbers.
        reach_s : tuple of float
            How much earlier and later than usual one could leave, in seconds.

        Returns
        -------
        ndarray of bool, shape (windows, moments)
        """
        width_s, (earlier_s, later_s) = self.cases.pair.window_s, reach_s
        inside = (window * width_s >= self.moments_s - earlier_s) & ((window + 1) * width_s <= self.moments_s + later_s)
        found: BoolArray = inside & (window != self.window)
        return found

    def moments(self, kept: BoolArray) -> dict[int, int]:
        """Return how many moments lie in each window, by its number.

        Parameters
        ----------
        kept : ndarray of bool, shape (moments,)
            Which of them count.
        """
        windows, count = np.unique(self.window[kept], return_counts=True)
        return dict(zip(windows.tolist(), count.tolist(), strict=True))

    def places(self, kept: BoolArray) -> dict[int, float]:
        """Return the places on vehicles that leaving at some of the moments takes, with the chance that it is this one.

        Parameters
        ----------
        kept : ndarray of bool, shape (moments,)
            Which of them count; at the others nobody leaves.
        """
        share = np.bincount(self.row[kept], minlength=len(self.cases)) / len(self.row)
        total = scipy.sparse.coo_array(scipy.sparse.csr_array(share[None, :]) @ self.cases.places)
        return dict(zip(total.coords[-1].tolist(), total.data.tolist(), strict=True))


def moments_between(moments_s: FloatArray, kept: BoolArray) -> tuple[tuple[float, float], ...]:
    """Return from when to when moments are kept: halfway to the next that is not, half a minute beyond the outer ones.

    In whole minutes whoever comes a minute after their vehicle would be told to keep to that.

    Parameters
    ----------
    moments_s : ndarray of float, shape (moments,)
        In order, seconds after midnight.
    kept : ndarray of bool, shape (moments,)
    """
    middle_s = (moments_s[1:] + moments_s[:-1]) / 2.0
    from_s, until_s = np.append(moments_s[0] - 30.0, middle_s), np.append(middle_s, moments_s[-1] + 30.0)
    begins = kept & ~np.append([False], kept[:-1])
    ends = kept & ~np.append(kept[1:], [False])
    return tuple(zip(from_s[begins].tolist(), until_s[ends].tolist(), strict=True))
