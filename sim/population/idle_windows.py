"""Departure windows from which people only wait longer for the vehicle of the next window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.population.moments import leaving_at_s, lost_share_at
from sim.population.observation import Observation
from sim.population.window_forecast import PLACES_IN_WINDOW, WindowForecast, WindowForecaster

SAME_VEHICLE_S = 1e-3
"""Arrivals that differ by less are by the same vehicle."""


def is_after_all_places(leaves_s: FloatArray, window: IntArray, window_s: float) -> BoolArray:
    """Tell whether people leave after the last of the places in their window for which costs are worked out.

    They may miss a vehicle that all of these lead to.

    Parameters
    ----------
    leaves_s : ndarray of float
        Seconds after midnight.
    window : ndarray of int
        In which they leave; shapes that broadcast.
    window_s : float
    """
    is_after: BoolArray = leaves_s > (window + PLACES_IN_WINDOW[-1]) * window_s
    return is_after


@dataclass(frozen=True)
class IdleWindows:
    """Candidate windows of some commuters, of which the idle ones are left out.

    Attributes
    ----------
    window, case : ndarray of int, shape (rows, candidates)
    acceptable : ndarray of bool, shape (rows, candidates)
        All three as in `sim.population.windows.CandidateWindows`.
    forecast : WindowForecast
        Of the cases.
    keep_queues : bool
        Whether a window is kept whose vehicle leaves people behind.
    """

    window: IntArray
    acceptable: BoolArray
    case: IntArray
    forecast: WindowForecast
    keep_queues: bool

    def others(self) -> BoolArray:
        """Say which acceptable windows lead to a vehicle that the next one does not lead to as well, or to a queue."""
        forecast = self.forecast
        first, last = forecast.places.at(0), forecast.places.at(-1)
        reaches = forecast.lost_share < 1.0
        # Cases are sorted by option and window: the next one is the next window of the same option, where there is one.
        same = reaches[1:] & (np.abs(last[1:] - first[:-1]) < SAME_VEHICLE_S)
        if self.keep_queues:
            same &= forecast.denied_share[:-1] == 0.0
        idle = np.append(same, False)
        found = self.acceptable & np.take(reaches, self.case)
        found[:, :-1] &= ~(np.take(idle, self.case[:, :-1]) & self.acceptable[:, 1:])
        return found

    def with_an_earlier_vehicle(
        self, forecaster: WindowForecaster, observation: Observation, found: BoolArray, moment_s: FloatArray
    ) -> tuple[IntArray, IntArray]:
        """Return rows and columns of windows left out in which one's own moment meets a vehicle gone for others.

        It may leave before all places of the window
        (test_whoever_leaves_before_all_places_of_a_window_may_meet_an_earlier_vehicle), or be the last one of the day
        (test_the_gap_is_that_of_moments_of_ones_own).

        Parameters
        ----------
        forecaster, observation, moment_s
            As for `sim.population.windows.window_costs`.
        found : ndarray of bool, shape (rows, candidates)
            Those that are not left out.
        """
        first_s = np.asarray((self.window + PLACES_IN_WINDOW[0]) * forecaster.window_s, dtype=np.float64)
        too_late = (self.forecast.lost_share >= 1.0)[self.case]
        row, column = np.nonzero(self.acceptable & ~found & (too_late | (moment_s < first_s)))
        case, traffic = self.case[row, column], (observation, self.forecast)
        leaves_s = moment_s[row, column]
        arrival_s = leaving_at_s(forecaster, traffic, case, leaves_s)
        lost_share = lost_share_at(forecaster, observation, self.forecast.option[case], leaves_s)
        earlier = arrival_s < self.forecast.places.at(0)[case] - SAME_VEHICLE_S
        meets = (lost_share < 1.0) & (too_late[row, column] | earlier)
        return row[meets], column[meets]

    def before_a_missed_vehicle(
        self,
        forecaster: WindowForecaster,
        observation: Observation,
        found: BoolArray,
        own: tuple[tuple[IntArray, IntArray], FloatArray],
        moment_s: FloatArray | None,
    ) -> tuple[IntArray, IntArray]:
        """Return rows and columns of windows left out for a vehicle that one would miss in the next window.

        Invariant: a window is left out for the next one only where its person meets the same vehicle there. Whoever
        leaves after the last place of a window may not, though all its places do
        (test_whoever_would_miss_the_bus_in_the_next_window_takes_the_one_before).

        Parameters
        ----------
        forecaster, observation, moment_s
            As for `sim.population.windows.window_costs`.
        found : ndarray of bool, shape (rows, candidates)
            Those that are not left out.
        own : tuple
            Rows and columns of the windows in which people leave now, and when.
        """
        (row, following), leaves_s = own
        if moment_s is not None:
            row, column = np.nonzero(self.acceptable[:, :-1] & self.acceptable[:, 1:] & ~found[:, :-1])
            following, leaves_s = column + 1, moment_s[row, column + 1]
        before, left_out = np.maximum(following - 1, 0), self.acceptable & ~found
        asked = (
            is_after_all_places(leaves_s, self.window[row, following], forecaster.window_s)
            & (following > 0)
            & left_out[row, before]
        )
        asked &= self.forecast.lost_share[self.case[row, before]] < 1.0
        row, following, before, leaves_s = row[asked], following[asked], before[asked], leaves_s[asked]
        case = self.case[row, following]
        arrival_s = leaving_at_s(forecaster, (observation, self.forecast), case, leaves_s)
        misses = arrival_s > self.forecast.places.at(-1)[case] + SAME_VEHICLE_S
        return row[misses], before[misses]
