"""When somebody who asks usually leaves: as they say, or else as people with their wish do by habit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import PairForecasts, WindowCases
from sim.experiments.window_fares import discounts_at_min

MOMENTS: Final = 12
"""Moments that stand for all at which people with a wish leave by habit (assumed)."""


def expected_usual_s(pair: PairForecasts, request: JourneyRequest) -> float | None:
    """Return when somebody usually leaves, seconds after midnight: as they say, else as people with their wish do.

    Habit keeps `population.preferred_arrival_slack` in hand beyond the scheduled journey, see
    `sim.population.commuters`. It is taken to do so also where flows give a preferred arrival, or people have adapted,
    though others with that wish may then leave at other times. None where no arrival is wished.

    Parameters
    ----------
    pair : PairForecasts
    request : JourneyRequest
    """
    if request.usual_s is not None or request.arrive_by_s is None:
        return request.usual_s
    slack_s = pair.compiled.scenario.parameters.population.preferred_arrival_slack_s
    return request.arrive_by_s - pair.scheduled_s() - slack_s


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


def habit_hours_s(pair: PairForecasts, request: JourneyRequest) -> tuple[float, float] | None:
    """Return from when to when people with a wish leave by habit, as far as that is still to come.

    Seconds after midnight. Habit is spread evenly over `population.preferred_arrival_spread` around what a wish makes
    one expect. None where the usual departure is known, no arrival is wished, or all of it is past.

    Parameters
    ----------
    pair : PairForecasts
    request : JourneyRequest
    """
    middle_s = expected_usual_s(pair, request)
    if request.usual_s is not None or middle_s is None:
        return None
    spread_s = pair.compiled.scenario.parameters.population.preferred_arrival_spread_s
    first_s = max(middle_s - spread_s, 0.0 if request.asked_at_s is None else request.asked_at_s)
    return (first_s, middle_s + spread_s) if first_s <= middle_s + spread_s else None


def habit_windows(pair: PairForecasts, between_s: tuple[float, float]) -> IntArray:
    """Return the windows in which people leave between two times.

    Parameters
    ----------
    pair : PairForecasts
    between_s : tuple of float
        Seconds after midnight.
    """
    windows: IntArray = np.unique(np.floor(_moments_s(between_s) / pair.window_s).astype(np.int64))
    return windows


def _moments_s(between_s: tuple[float, float]) -> FloatArray:
    """Return moments evenly spread between two times."""
    first_s, last_s = between_s
    moments_s: FloatArray = first_s + (last_s - first_s) * (np.arange(MOMENTS) + 0.5) / MOMENTS
    return moments_s


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
    between_s : tuple of float
        First and last time of these people, seconds after midnight.
    own_min : float
        What it costs whoever asks, mean over moments and days observed; equivalent minutes on board.
    """

    cases: WindowCases
    row: IntArray
    between_s: tuple[float, float]
    own_min: float

    @classmethod
    def of(cls, cases: WindowCases, request: JourneyRequest, between_s: tuple[float, float]) -> Self | None:
        """Lay the habit of people with a wish beside the days observed.

        Parameters
        ----------
        cases : WindowCases
            Those of `habit_windows` in which a vehicle comes.
        request : JourneyRequest
        between_s : tuple of float
            As of `habit_hours_s`.

        Returns
        -------
        HabitDeparture or None
            None where no vehicle comes at some of these moments.
        """
        moments_s = _moments_s(between_s)
        window = np.floor(moments_s / cases.pair.window_s).astype(np.int64)
        if request.arrive_by_s is None or not np.isin(window, cases.windows).all():
            return None
        row = np.searchsorted(cases.windows, window)
        cost_min = cases.costs_min(np.full(len(moments_s), request.arrive_by_s), moments_s)
        own_min = cost_min[np.arange(len(row)), row] - discounts_at_min(cases, row, moments_s)
        return cls(cases, row, between_s, float(own_min.mean()))

    @property
    def middle_s(self) -> float:
        """In the middle between the first and the last time, seconds after midnight."""
        return sum(self.between_s) / 2.0

    def mean(self, of_windows: FloatArray) -> float:
        """Return the mean over moments of what each of the windows has.

        Parameters
        ----------
        of_windows : ndarray of float, shape (windows,)
        """
        return float(of_windows[self.row].mean())

    @cached_property
    def moments(self) -> dict[int, int]:
        """How many of the moments lie in each window, by its number; windows that only wait count for the next one."""
        windows, count = np.unique(self.cases.windows[self.row], return_counts=True)
        return dict(zip(windows.tolist(), count.tolist(), strict=True))

    @cached_property
    def places(self) -> dict[int, float]:
        """Places on vehicles that it takes, with the chance that it is this one."""
        share = np.bincount(self.row, minlength=len(self.cases)) / len(self.row)
        total = scipy.sparse.coo_array(scipy.sparse.csr_array(share[None, :]) @ self.cases.places)
        return dict(zip(total.coords[-1].tolist(), total.data.tolist(), strict=True))
