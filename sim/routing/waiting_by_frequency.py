"""What waiting costs at stops where people know some lines by their frequency."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.routing.departures import StopDepartures
from sim.routing.ragged import pointers

NEVER_S: Final = 1e12
"""Cost where there is no way; finite, so that differences are numbers."""

TIE_S: Final = 1e-6
"""Costs that differ by less are equal."""


class WaitingByFrequency:
    """The cost of waiting at stops where people know some lines by their frequency.

    Backwards in time, for all stops together: first the last departures of all of them, then those before. Between two
    departures the cost changes as it must for people who expect each line with its rate and board it where that costs
    less than waiting. A vehicle that came earlier than it is due would cost as much more or less from there on as the
    one before it does, in proportion. Stops with more departures come first, so that those still looked at are always
    the first ones.

    Parameters
    ----------
    departures : StopDepartures
    by_frequency : ndarray of bool, shape (stops,)
    row_before : ndarray of int, shape (departures,)
        The departure before of the same pattern and position; itself for the first.
    per_gap : ndarray of float, shape (departures,)
        One over the time between the two; 0 for the first.
    weight, known_weight : float
        Of waiting for any of several vehicles, and of waiting for one whose time is known.
    """

    def __init__(
        self,
        departures: StopDepartures,
        by_frequency: BoolArray,
        row_before: IntArray,
        per_gap: FloatArray,
        weight: float,
        known_weight: float,
    ) -> None:
        self.departures = departures
        self.row_before, self.per_gap = row_before, per_gap
        self.weight, self.known_weight = weight, known_weight
        stops = np.flatnonzero(by_frequency)
        count = np.diff(departures.stop_ptr)[stops]
        order = np.argsort(-count, kind="stable")
        self.stops, count = stops[order], count[order]
        self.still: list[int] = (
            len(count) - np.searchsorted(count[::-1], np.arange(count.max(initial=0) + 1), "right")
        ).tolist()
        self.last_row: IntArray = departures.stop_ptr[self.stops + 1] - 1
        kinds = departures.kinds[self.stops]
        self.kind_ptr = pointers(kinds)
        self.stop_of_kind = np.repeat(np.arange(len(self.stops)), kinds)
        # The stops with a first kind, those with a second one, and so on: sums are taken in this order.
        self.having = [np.flatnonzero(kinds > number) for number in range(int(kinds.max(initial=0)))]

    def fill(self, onward_s: FloatArray, before_s: FloatArray, after_s: FloatArray) -> None:
        """Fill in the cost of waiting just before and just after the departures from the stops.

        Parameters
        ----------
        onward_s, before_s, after_s : ndarray of float, shape (departures, destinations)
        """
        departures, weight = self.departures, self.weight
        rate = np.zeros((len(self.stop_of_kind), 1))
        coming_s, slope = np.full((len(rate), onward_s.shape[1]), NEVER_S), np.zeros((len(rate), onward_s.shape[1]))
        cost_s = np.full((len(self.stops), onward_s.shape[1]), NEVER_S)
        for step, (still, more) in enumerate(pairwise(self.still)):
            row = self.last_row[:still] - step
            onward = onward_s[row]
            after_s[row] = cost_s[:still]
            np.minimum(cost_s[:still], onward + weight * departures.latest_s[row, None], out=cost_s[:still])
            before_s[row] = cost_s[:still]
            kind = self.kind_ptr[:still] + departures.kind[row]
            rate[kind, 0], coming_s[kind] = departures.rate_per_s[row], onward
            rise_s = onward - onward_s[self.row_before[row]]
            # From a vehicle that leads to the destination to one that does not there is no way in between.
            rise_s[np.abs(rise_s) > NEVER_S / 2] = 0.0
            slope[kind] = rise_s * self.per_gap[row, None]
            row = row[:more]
            span_s = departures.due_s[row] - departures.due_s[row - 1]
            self._earlier(cost_s[:more], span_s, rate, coming_s, slope)

    def _earlier(
        self, cost_s: FloatArray, span_s: FloatArray, rate: FloatArray, coming_s: FloatArray, slope: FloatArray
    ) -> None:
        """Put in what waiting and the vehicles to come cost some time earlier.

        With the rates r and the costs c of lines worth boarding, waiting costs v where v' = sum of r (v - c) - weight;
        over a span in which c changes evenly that is solved by a line and an exponential.
        """
        if not len(cost_s):
            return
        kinds = int(self.kind_ptr[len(cost_s)])
        stop, span = self.stop_of_kind[:kinds], span_s[:, None]
        worth = np.where(coming_s[:kinds] < cost_s[stop], rate[:kinds], 0.0)
        joint = self._sums(worth, cost_s.shape)
        level_s = self._sums(worth * coming_s[:kinds], cost_s.shape)
        falls = self._sums(worth * slope[:kinds], cost_s.shape)
        waits = joint == 0.0
        joint[waits] = 1.0
        falls /= joint
        level_s = (level_s + self.weight + falls) / joint
        went = level_s - falls * span + (cost_s - level_s) * exponential(-joint * span)
        cost_s[:] = np.where(waits, cost_s + self.known_weight * span, went)
        coming_s[:kinds] -= slope[:kinds] * span_s[stop, None]

    def _sums(self, values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
        """Return the sums over the kinds of each stop, one kind after the other."""
        total = np.zeros(shape)
        for number, having in enumerate(self.having):
            stops = having[: np.searchsorted(having, len(total))]
            total[stops] += values[self.kind_ptr[stops] + number]
        return total


_INVERSE_FACTORIAL: Final = [
    *(1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0),
    *(1.0 / 362880.0, 1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0),
]


def exponential(exponent: FloatArray) -> FloatArray:
    """Return e to the power of numbers that are not positive, to some units of the last place.

    By additions and products alone, in the order in which the compiled loops do them, so that both give the same bits
    on any machine; the exponential of NumPy rounds as the processor's own instructions do. After Cody and Waite (1980):
    powers of two apart, a Taylor series of what is left.

    Parameters
    ----------
    exponent : ndarray of float
    """
    x = np.maximum(exponent, -700.0)
    twos = np.floor(x * 1.4426950408889634 + 0.5)
    rest = (x - twos * 6.93147180369123816490e-01) - twos * 1.90821492927058770002e-10
    total = np.full(x.shape, _INVERSE_FACTORIAL[-1])
    for factor in _INVERSE_FACTORIAL[-2::-1]:
        total = total * rest + factor
    return np.where(exponent < -700.0, 0.0, np.ldexp(total, twos.astype(np.int32)))
