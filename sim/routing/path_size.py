"""How much of a journey option is its own: the size of paths that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray
from sim.model.journeys import JourneyOptions
from sim.routing.legs import DirectLeg
from sim.routing.patterns import PatternOffer

Hop = tuple[int, int]
"""Two consecutive stops of a ride."""

Ridden = tuple[int, int, int]
"""A ride that stands for a leg: pattern, and positions of boarding and alighting."""


class PathSizes:
    """Measures overlap by time on board between consecutive stops.

    Parameters
    ----------
    offers : sequence of PatternOffer
    """

    def __init__(self, offers: Sequence[PatternOffer]) -> None:
        self.offers = {offer.pattern: offer for offer in offers}
        self.known: dict[Ridden, dict[Hop, float]] = {}

    def of_pair(self, options: Sequence[Sequence[Ridden]]) -> FloatArray:
        """Return the size of each option of a pair of stops.

        The size is ``sum over hops a of (time of a / time of the option) / (number of options
        that have a)``: 1 for an option that shares nothing, 1/n for n equal ones (Ben-Akiva
        and Bierlaire 1999, Discrete choice methods and their applications to short-term
        travel decisions).

        Parameters
        ----------
        options : sequence of sequence of (int, int, int)
            For each option one ride for each of its legs.
        """
        if len(options) < 2:
            return np.ones(len(options))
        hops = [self._hops(rides) for rides in options]
        shared: dict[Hop, int] = {}
        for mine in hops:
            for hop in mine:
                shared[hop] = shared.get(hop, 0) + 1
        sizes = []
        for mine in hops:
            total_s = sum(mine.values())
            size = sum(time_s / shared[hop] for hop, time_s in mine.items()) / total_s if total_s > 0 else 1.0
            sizes.append(size)
        return np.array(sizes)

    def of_options(self, options: JourneyOptions, legs: Sequence[DirectLeg]) -> FloatArray:
        """Return the size of each option of all pairs of stops.

        Parameters
        ----------
        options : JourneyOptions
        legs : sequence of DirectLeg
            Those of the table of the options, in its order.
        """
        sizes = np.ones(len(options.cost_min))
        several = np.flatnonzero(np.diff(options.option_ptr) > 1)
        leg_ptr, leg = options.leg_ptr.tolist(), options.leg.tolist()
        for first, last in zip(
            options.option_ptr[several].tolist(), options.option_ptr[several + 1].tolist(), strict=True
        ):
            mine = [[fastest(legs[row]) for row in leg[leg_ptr[one] : leg_ptr[one + 1]]] for one in range(first, last)]
            sizes[first:last] = self.of_pair(mine)
        return sizes

    def _hops(self, rides: Sequence[Ridden]) -> dict[Hop, float]:
        total: dict[Hop, float] = {}
        for ride in rides:
            for hop, time_s in self._ride_hops(ride).items():
                total[hop] = total.get(hop, 0.0) + time_s
        return total

    def _ride_hops(self, ride: Ridden) -> dict[Hop, float]:
        if ride not in self.known:
            pattern, board, alight = ride
            offer = self.offers[pattern]
            part = slice(board, alight + 1)
            reached_s = offer.arrival_s[part].copy()
            reached_s[0] = offer.departure_s[board]
            hops: dict[Hop, float] = {}
            for hop, time_s in zip(pairwise(offer.stops[part].tolist()), np.diff(reached_s).tolist(), strict=True):
                hops[hop] = hops.get(hop, 0.0) + time_s
            self.known[ride] = hops
        return self.known[ride]


def fastest(leg: DirectLeg) -> Ridden:
    """Return the ride that stands for an attractive set: the fastest one."""
    ride = leg.rides[0]
    return ride.pattern, ride.board_sequence, ride.alight_sequence
