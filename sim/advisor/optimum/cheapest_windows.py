"""The cheapest window of each person at one set of prices after the other, looked for among few of them.

Prices never fall below what one rider alone costs, and whoever pays more for room pays no less for any window. So a
window costs at least what it costs at those prices, and whatever is dearer even then than something else costs now can
be left out. What people pay now is guessed by what they paid before; whoever pays more is looked at again. What is
found is the same, to the bit, as where all windows are looked at (test_what_is_cheapest_among_few_is_cheapest_of_all).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.advisor.optimum.window_costs import Columns, PricedWindows
from sim.arrays import FloatArray, IntArray
from sim.threads import Workers

SLACK = 1e-6
"""What rounding may make of sums of prices, as a share; so much is not left out."""

GUESS = 2.0
"""How much more than before people are first thought to pay at most, in mean changes from the last prices to those
before (by trial)."""


class CheapestWindows:
    """Finds what is cheapest for some people.

    Parameters
    ----------
    windows : PricedWindows
    least_price : sequence of ndarray of float, shape (visits,)
        Below which no price falls, one per draw.
    """

    def __init__(self, windows: PricedWindows, least_price: Sequence[FloatArray]) -> None:
        self.windows, self.least_price = windows, least_price
        self.least_min, self.before_min, self.change_min = np.zeros((0, 0), dtype=np.float32), np.zeros(0), 0.0

    def at(self, price: Sequence[FloatArray], workers: Workers) -> tuple[FloatArray, IntArray]:
        """Return what the cheapest choice costs on all draws together, and which it is, the first of equals.

        Parameters
        ----------
        price : sequence of ndarray of float, shape (visits,)
            One per draw, none below the least.
        workers : Workers

        Returns
        -------
        cost_min : ndarray of float, shape (people,)
            In minutes.
        chosen : ndarray of int, shape (people,)
            Window, counted from 1; 0 for leaving as without advice.
        """
        if not self.least_min.size:
            least_min, chosen = self.windows.costs(self.least_price, workers)
            self.before_min = _of(least_min, chosen)
            # In half of the room, and never above it: plans of a city have hundreds of millions of these.
            self.least_min = np.nextafter(least_min.astype(np.float32), np.float32(-np.inf))
        most_min = self.before_min + GUESS * self.change_min
        cost_min, chosen = self._up_to(most_min, price, workers)
        known_min = cost_min + SLACK * (1.0 + np.abs(cost_min))
        again = np.flatnonzero(known_min > most_min)
        if len(again):
            # What was left out may cost less than what was found, which is the most that they pay.
            once_more = self._up_to(np.where(known_min > most_min, known_min, -np.inf), price, workers)
            cost_min[again], chosen[again] = once_more[0][again], once_more[1][again]
        self.change_min = float(np.abs(cost_min - self.before_min).mean())
        self.before_min = cost_min
        return cost_min, chosen

    def _up_to(
        self, most_min: FloatArray, price: Sequence[FloatArray], workers: Workers
    ) -> tuple[FloatArray, IntArray]:
        """Return what is cheapest among all that may cost no more than that, and maybe some others."""
        columns = Columns.around(self.least_min <= most_min[:, None])
        cost_min, chosen = self.windows.costs(price, workers, columns)
        return _of(cost_min, chosen), chosen


def _of(cost_min: FloatArray, chosen: IntArray) -> FloatArray:
    found: FloatArray = cost_min[np.arange(len(chosen)), chosen]
    return found
