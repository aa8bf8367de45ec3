"""Windows that were given out, beside those of a plan: what they cost so that the plan comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from sim.advisor.booking.answers import pace_min
from sim.advisor.booking.window_prices import ELASTICITY_BY_FORECAST_MIN, WindowPrices
from sim.arrays import FloatArray, IntArray
from sim.experiments.departures_by_wish import MOMENTS
from sim.experiments.plan_followers import PlanFollowers
from sim.model.scenario import Scenario
from sim.population.observation import VisitFacts


class WindowLedger:
    """What has been given out by pair of stops and window, and the prices at which it stays near to a plan.

    Prices of a pair are worked out when somebody first asks for it.

    Parameters
    ----------
    scenario : Scenario
    followers : PlanFollowers
        Of the plan.
    days : sequence of VisitFacts
        On which they followed.
    elasticity_min : float or None
        How far prices give way, see `learned_prices`; as `elasticity_of` has it where None.
    """

    def __init__(
        self,
        scenario: Scenario,
        followers: PlanFollowers,
        days: Sequence[VisitFacts],
        elasticity_min: float | None = None,
    ) -> None:
        self._scenario, self._followers, self._days = scenario, followers, days
        self._elasticity_min = elasticity_of(days) if elasticity_min is None else elasticity_min
        self._prices: dict[tuple[int, int], WindowPrices | None] = {}
        self._booked: dict[tuple[int, int], Counter[int]] = {}
        self._came: dict[tuple[int, int], Counter[int]] = {}

    def clear(self) -> None:
        """Forget all bookings."""
        self._booked.clear()
        self._came.clear()

    def take(
        self,
        told: tuple[int, int, int] | None,
        sign: int = 1,
        moments: Mapping[int, int] | None = None,
        *,
        came: bool = False,
    ) -> None:
        """Count a booking, or with a sign of -1 give it back.

        Parameters
        ----------
        told : tuple of int, or None
            Rows of the stops where the journey begins and ends, and number of the window; nothing is counted where
            None.
        sign : int
        moments : mapping of int to int, or None
            Of somebody who leaves as usual at a moment that is not known: how many of the `MOMENTS` of habit lie in
            each window. Counted in the window around their middle alone they would make it dear for others who are not
            crowded there (test_whoever_leaves_as_usual_counts_in_all_windows_of_habit).
        came : bool
            Whether it is known to be kept.
        """
        if told is None:
            return
        # Whole numbers, so that nothing is left of a booking that was given back.
        booked = (self._came if came else self._booked).setdefault(told[:2], Counter())
        for window, count in ({told[2]: MOMENTS} if moments is None else moments).items():
            booked[window] += sign * count

    def price_min(self, ends: tuple[int, int], windows: IntArray, kept_share: float) -> FloatArray:
        """Return what the plan adds to the cost of windows of a pair, in minutes; below 0 where it wants people.

        Without it the first who ask all take what is best while the plan is not yet used up, and the last are left with
        what nobody wants (test_a_day_of_requests_comes_near_to_the_plan).

        Parameters
        ----------
        ends : tuple of int
            Rows of the stops where the journey begins and ends.
        windows : ndarray of int
        kept_share : float
            Share of bookings that is kept.
        """
        if ends not in self._prices:
            of_pair = self._followers.of_pair(*ends)
            self._prices[ends] = of_pair.window_prices(self._scenario, self._days, self._elasticity_min)
        prices = self._prices[ends]
        if prices is None:
            return np.zeros(len(windows))
        booked = np.zeros(len(prices.window))
        for given, share in ((self._booked, kept_share), (self._came, 1.0)):
            counted = given.get(ends, Counter())
            told, count = (np.array(list(some), dtype=np.int64) for some in (counted.keys(), counted.values()))
            booked += np.bincount(_cells(prices, told), count * (share / MOMENTS), len(prices.window))
        people = float(prices.foreseen.sum())
        ahead_min = pace_min(booked, prices.foreseen, booked.sum() / people if people > 0.0 else 1.0)
        found: FloatArray = (prices.price_min + ahead_min)[_cells(prices, windows)]
        return found


MANY_DENIED = 0.1
"""Boardings denied per ride on days of a plan from which on queues last (assumed: two hundredths and less where prices
had better give way, a sixth and more where not; docs/design-notes.md)."""

ELASTICITY_IN_QUEUES_MIN = 1000.0
"""Elasticity of prices where queues last, in minutes (by trial)."""


def elasticity_of(days: Sequence[VisitFacts]) -> float:
    """Return how far prices give way on days like those of a plan, in minutes.

    Where vehicles leave people behind again and again it counts how many come when. Elsewhere the counts of few people
    are chance, and prices that force them on others cost more than queues do.

    Parameters
    ----------
    days : sequence of VisitFacts
    """
    denied, rides = sum(int(day.denied.sum()) for day in days), sum(len(day.boarding_visit) for day in days)
    return ELASTICITY_IN_QUEUES_MIN if denied > MANY_DENIED * rides else ELASTICITY_BY_FORECAST_MIN


def _cells(prices: WindowPrices, windows: IntArray) -> IntArray:
    return prices.cells_of(np.zeros(len(windows), dtype=np.int64), windows)
