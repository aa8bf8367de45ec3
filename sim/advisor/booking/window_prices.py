"""Prices of windows at which people who ask one after the other are told what a plan made for all at once has for them.

A plan tells so many people of each journey option (where from, where to, by which ways) to leave in each window.
Whoever the people are, vehicles and queues are then as the plan has them: what a plan achieves hangs on these counts,
and little on who is behind them. Of all ways to deal the same windows out, the one of least own cost is found by
prices: each takes the least of own cost and the price of the window, with prices at which windows are used as often
as planned (the dual of a transportation problem; learned from people who are alike, as in Agrawal, Wang and Ye 2014,
doi 10.1287/opre.2014.1289).

Where few people of an option travel their counts are chance, and prices that force them on other people cost more
than queues do. So a price gives way: it answers to how far the use of a window is from the plan, by an elasticity that
rehearsals choose (`sim.advisor.strategies.booked`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor.booking.place_quotas import Choices
from sim.arrays import FloatArray, IntArray

FIRST_BLUR_MIN, LEAST_BLUR_MIN, ROUNDS_TO_HALF, ROUNDS = 32.0, 1.0, 8, 80
"""How blurred choices are at first and at last while prices are learned, in minutes, in how many rounds it halves, and
rounds in all (by trial)."""

OVERSTEP = 1.7
"""How far prices move beyond what would do if those of all other windows stayed; below 2 they come to rest. With 1 it
takes twice the rounds."""

PEOPLE_AT_ONCE = 10_000
"""People who are looked at together; it bounds memory."""

FEW = 0.3
"""People beyond those of the plan in each window, so that an empty one has a price as well (by trial)."""


ELASTICITY_BY_FORECAST_MIN = 100.0
"""Elasticity of prices where none can be chosen by rehearsal, in minutes (by trial)."""


@dataclass(frozen=True)
class WindowPrices:
    """Prices of the windows of each option that people of a plan may leave in; arrays of shape (cells,).

    Attributes
    ----------
    option, window : ndarray of int
        Of each cell, in the order of options and then windows.
    price_min : ndarray of float
        In equivalent minutes; below 0 where people have to be drawn there.
    foreseen : ndarray of float
        People of the plan who take the window at these prices.
    """

    option: IntArray
    window: IntArray
    price_min: FloatArray
    foreseen: FloatArray

    def cells_of(self, option: IntArray, window: IntArray) -> IntArray:
        """Return the cells of some options and windows, shape (cases,); -1 where nobody of the plan has the option.

        A window that nobody of the plan could take counts as the nearest one that somebody could.

        Parameters
        ----------
        option, window : ndarray of int, shape (cases,)
        """
        if not len(self.option):
            return np.full(len(option), -1, dtype=np.int64)
        lowest = min(int(self.window.min()), int(window.min(initial=self.window.min())))
        span = max(int(self.window.max()), int(window.max(initial=self.window.max()))) - lowest + 1
        asked = option * span + window - lowest
        known = self.option * span + self.window - lowest
        after = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        before = np.maximum(np.searchsorted(known, asked, side="right") - 1, 0)
        far = np.iinfo(np.int64).max
        to_after, to_before = (
            np.where(self.option[cell] == option, np.abs(self.window[cell] - window), far) for cell in (after, before)
        )
        nearest = np.where(to_after < to_before, after, before)
        return np.where(np.minimum(to_after, to_before) < far, nearest, -1)


def learned_prices(choices: Choices, advised: IntArray, column: IntArray, elasticity_min: float) -> WindowPrices:
    """Learn the prices at which people of a plan who choose for themselves use windows as it does.

    Choices are blurred less and less (logit), and prices move by the logarithm of use over plan. At rest each price is
    the elasticity times that logarithm, or use is as planned where the elasticity is infinite.

    Parameters
    ----------
    choices : Choices
        Of the people of the plan.
    advised : ndarray of int, shape (advised,)
        Rows of those who are advised.
    column : ndarray of int, shape (advised,)
        The windows they are advised, as columns of `choices.case`.
    elasticity_min : float
        May be infinite.
    """
    code, cell_of_case = np.unique(np.stack([choices.option, choices.window]), axis=1, return_inverse=True)
    cell = cell_of_case.reshape(-1)[choices.case[advised]]
    cost_min = choices.own_min[advised] + choices.others_min[choices.case[advised]]
    # No cost is infinite, so that nothing below is infinite less infinite.
    cost_min = np.where(np.isfinite(cost_min), cost_min, NEVER_MIN)
    planned = np.bincount(cell[np.arange(len(advised)), column], minlength=code.shape[1]).astype(np.float64)
    price, foreseen = np.zeros(code.shape[1]), planned
    for number in range(ROUNDS if len(advised) else 0):
        blur = max(min(FIRST_BLUR_MIN, elasticity_min / 2.0) * 0.5 ** (number // ROUNDS_TO_HALF), LEAST_BLUR_MIN)
        foreseen = np.zeros(len(price))
        for first in range(0, len(advised), PEOPLE_AT_ONCE):
            some = slice(first, first + PEOPLE_AT_ONCE)
            share = -(cost_min[some] + price[cell[some]]) / blur
            share -= share.max(axis=1, keepdims=True)
            np.exp(share, out=share)
            share /= share.sum(axis=1, keepdims=True)
            foreseen += np.bincount(cell[some].ravel(), weights=share.ravel(), minlength=len(price))
        price += OVERSTEP * blur * (np.log((foreseen + FEW) / (planned + FEW)) - price / elasticity_min)
    return WindowPrices(code[0], code[1], price, foreseen)


NEVER_MIN = 1e6
"""Stands for an infinite cost."""
