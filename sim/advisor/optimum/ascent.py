"""Steps in which prices are made better, where a bound that they give is to become higher."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.compiled.loops import loops
from sim.population.systematic_sampling import group_rows

PERIODS_MIN = (15.0, 30.0, 60.0, 120.0, 240.0)
"""Rooms of one link are moved together that vehicles offer within such a period (assumed)."""

STEP_SHARE, NEWEST_WEIGHT = 6.0, 0.1
"""First steps of prices, as a share of what is left to find for each person, and the weight of the newest direction
(both by trial)."""

ROUNDS_PER_STEP = 150
"""First steps are as many times longer as there are rounds for them to become short in, up to the number of parts
that people are looked at in (by trial: on Xiamen at 8 times the demand, in 16 parts, 400 rounds with longer steps find
as much as 1,600 with single ones; where all 600 people of a bottleneck are looked at each time, they find half)."""

SEEN_BEFORE, SEEN_ELSEWHERE = 30.0, 0.1
"""How often the first direction of prices counts as seen, and the mean of all as part of it: first steps are short
(by trial)."""


def alike_rooms(stop: IntArray, next_stop: IntArray, starts_s: FloatArray) -> tuple[IntArray, ...]:
    """Return groups of rooms whose prices are moved together, from single rooms to those of four hours.

    What a place is worth hangs on the queue before it, and queues last for hours and over many vehicles. Steps of
    single prices find that only vehicle by vehicle; steps for all vehicles of a period find it at once, and those of
    shorter periods what is different within it (Bramble, Pasciak and Xu 1990, Math. Comput. 55:1-22, solve equations
    so).

    Parameters
    ----------
    stop, next_stop : ndarray of int, shape (rooms,)
        Between which the room is.
    starts_s : ndarray of float, shape (rooms,)
        When the vehicle is there, seconds after midnight; may be infinite.

    Returns
    -------
    tuple of ndarray of int, shape (rooms,)
        The number of the group of each room, one array for each length of period.
    """
    starts_min = np.where(np.isfinite(starts_s), starts_s, 0.0) / 60.0
    periods = (np.floor(starts_min / length).astype(np.int64) for length in PERIODS_MIN)
    return np.arange(len(stop)), *(group_rows(stop, next_stop, period) for period in periods)


class PriceSteps:
    """Moves prices, by steps of their own and together with prices of rooms that are alike.

    Parameters
    ----------
    least : ndarray of float, shape (rooms,)
        What one rider alone costs: below it a price only lowers the bound.
    groups : sequence of ndarray of int, shape (rooms,)
        As `alike_rooms` returns them.
    rounds : int
        In which the steps become shorter, down to none.
    parts : int
        In which people are looked at, one in each round.
    """

    def __init__(self, least: FloatArray, groups: Sequence[IntArray], rounds: int, parts: int = 1) -> None:
        self.least, self.groups, self.rounds, self.done = least, groups, rounds, 0
        self.first_share = STEP_SHARE * float(np.clip(rounds / ROUNDS_PER_STEP, 1.0, max(parts, 1)))
        sizes = [np.bincount(group) for group in groups]
        self.size = np.concatenate(sizes)
        self.group_ptr = np.concatenate([[0], np.cumsum([len(size) for size in sizes])]).astype(np.int64)
        self.mean, self.square = np.zeros(len(self.size)), np.zeros(0)

    def next(self, price: FloatArray, slope: FloatArray, left_min: float) -> FloatArray:
        """Return prices with a bound that is higher, or will be after some steps.

        Parameters
        ----------
        price : ndarray of float, shape (rooms,)
        slope : ndarray of float, shape (rooms,)
            A direction in which the bound rises.
        left_min : float
            What is left to find at most, in minutes for each person.
        """
        if not len(self.square):
            self.mean = self._of_groups(price, slope)
            self.square = np.concatenate(
                [
                    SEEN_BEFORE * (mean**2 + SEEN_ELSEWHERE * float((mean**2).mean())) + 1e-12
                    for mean in (self.mean[level] for level in self._levels())
                ]
            )
        # Steps that end at nothing let prices come to rest; the bound holds for whatever prices there are.
        fall = 0.5 * (1.0 + np.cos(np.pi * min(self.done / self.rounds, 1.0)))
        step_min = self.first_share * fall * max(left_min, 0.0) / len(self.groups)
        self.done += 1
        library, found = loops(), np.empty(len(price))
        if library is None:
            return self.next_by_numpy(price, slope, step_min)
        library.peakshift_prices_step(
            *(len(price), len(self.groups), self._all_groups, self.group_ptr, self.size, self.least, price, slope),
            *(float(step_min), NEWEST_WEIGHT, self.mean, self.square),
            *(np.empty(len(self.mean)), np.empty(len(price)), found),
        )
        return found

    def next_by_numpy(self, price: FloatArray, slope: FloatArray, step_min: float) -> FloatArray:
        """Return what `next` does, without the compiled loop, for the length of a step.

        The compiled loop does the same operation by operation
        (test_steps_of_the_compiled_loop_have_the_bits_of_numpy).
        """
        newest, moved = self._of_groups(price, slope), np.zeros(len(price))
        # A single direction has all people of a kind on one vehicle; the mean of the last ones has them on several, as
        # a plan does (the volume algorithm, Barahona and Anbil 2000, Math. Program. 87:385-399).
        self.mean[:] = (1.0 - NEWEST_WEIGHT) * self.mean + NEWEST_WEIGHT * newest
        # Each price has a step of its own, smaller the more its direction has been (Duchi, Hazan and Singer 2011, JMLR
        # 12:2121-2159): places before which people wait for hours are dear, and most are free.
        self.square += newest**2
        step = step_min * self.mean / np.sqrt(self.square)
        for group, level in zip(self.groups, self._levels(), strict=True):
            moved += step[level][group]
        found: FloatArray = np.maximum(price + moved, self.least)
        return found

    def _of_groups(self, price: FloatArray, slope: FloatArray) -> FloatArray:
        """Return the mean direction of each group, those of all levels one after the other."""
        # A price at its least that should fall stays there, and may not draw others of its group down.
        slope = np.where((price <= self.least) & (slope < 0.0), 0.0, slope)
        return np.concatenate([np.bincount(group, slope) for group in self.groups]) / self.size

    def _levels(self) -> list[slice]:
        return [slice(begin, end) for begin, end in pairwise(self.group_ptr.tolist())]

    @cached_property
    def _all_groups(self) -> IntArray:
        return np.ascontiguousarray(np.stack(self.groups), dtype=np.int64)
