"""Answers one after the other, at prices of windows that move with what was given out, while places are left."""

from __future__ import annotations

import numpy as np

from sim.advisor.booking.place_quotas import Choices, PlaceQuotas
from sim.advisor.booking.window_prices import WindowPrices
from sim.arrays import FloatArray, IntArray

PACE_MIN = 1.0
"""Price of a window that is ahead of the plan by the root of the people foreseen there, in minutes (assumed)."""

MOST_AHEAD = 9.0
"""Being further ahead counts no more; prices then only say that the window is taken (assumed)."""

ROUNDING = 1e-9
"""Sums of chances that pass a quota by less do not pass it."""


def pace_min(booked: FloatArray, foreseen: FloatArray, asked_share: float) -> FloatArray:
    """Return what windows that are ahead of the plan cost more for that, in minutes; below 0 for those behind it.

    Parameters
    ----------
    booked, foreseen : ndarray of float, shape (windows,)
        People who were given each window of an option so far, and those who are to have it in the end.
    asked_share : float
        Part of the people of this option who have asked by now. How many of others have says nothing of how many are
        still to come here.
    """
    weight_min = PACE_MIN / np.sqrt(np.maximum(foreseen, 1.0))
    ahead_min = weight_min * (booked - min(asked_share, 1.0) * foreseen)
    found: FloatArray = np.minimum(np.maximum(ahead_min, -MOST_AHEAD * PACE_MIN), MOST_AHEAD * PACE_MIN)
    return found


class _Pace:
    """How far what was given out is ahead of what was foreseen by now, for each window of each option."""

    def __init__(self, prices: WindowPrices) -> None:
        # The last cell stands for options that the plan knows nothing of: no price, and no pace to keep.
        options, option_of = np.unique(prices.option, return_inverse=True)
        self.option_of = np.append(option_of, len(options)).tolist()
        self.people = np.append(np.bincount(option_of, weights=prices.foreseen, minlength=len(options)), 0.0).tolist()
        self.foreseen = np.append(prices.foreseen, 0.0)
        self.booked = np.zeros(len(self.foreseen))
        self.asked = [0] * len(self.people)

    def price_min(self, cell: IntArray) -> FloatArray:
        """Return what being ahead adds to the prices of some cells of one option."""
        option = self.option_of[cell[0]]
        share = self.asked[option] / self.people[option] if self.people[option] > 0.0 else 1.0
        return pace_min(self.booked[cell], self.foreseen[cell], share)

    def count(self, cell: int) -> None:
        """Count an answer."""
        self.booked[cell] += 1.0
        self.asked[self.option_of[cell]] += 1


def answered(
    choices: Choices, quotas: PlaceQuotas, prices: WindowPrices, order: IntArray
) -> tuple[IntArray, FloatArray]:
    """Answer people one after the other: the least of own cost, cost to others and price where a place is left.

    Where no window has a place left it is the least of all.

    Parameters
    ----------
    choices : Choices
        Of those who ask.
    quotas : PlaceQuotas
    prices : WindowPrices
    order : ndarray of int, shape (people,)
        In which they ask.

    Returns
    -------
    column : ndarray of int, shape (people,)
        Of `choices.case`.
    placed : ndarray of float, shape (places,)
        Places given out, of the quota.
    """
    column, placed, pace = np.zeros(len(order), dtype=np.int64), np.zeros(len(quotas.planned)), _Pace(prices)
    first, place_of, chance = choices.places.indptr, choices.places.indices, choices.places.data
    cell_of = prices.cells_of(choices.option, choices.window)
    total = choices.others_min + np.append(prices.price_min, 0.0)[cell_of]
    cost_min = choices.own_min + total[choices.case]
    for person in order.tolist():
        case = choices.case[person]
        cell = cell_of[case]
        cost = cost_min[person] + pace.price_min(cell)
        best = found = int(cost.argmin())
        while np.isfinite(cost[found]):
            rows = slice(first[case[found]], first[case[found] + 1])
            # Every place on the way must be left, not only the first one, so that no quota is passed in whatever order
            # people ask (test_booking_quotas.py::test_quotas_are_never_exceeded).
            if (placed[place_of[rows]] + chance[rows] <= quotas.quota[place_of[rows]] + ROUNDING).all():
                placed[place_of[rows]] += chance[rows]
                break
            cost[found] = np.inf
            found = int(cost.argmin())
        else:
            found = best
        pace.count(int(cell[found]))
        column[person] = found
    return column, placed
