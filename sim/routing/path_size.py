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


class PathSizes:
    """Measures overlap by time on board between consecutive stops.

    Parameters
    ----------
    offers : sequence of PatternOffer
    """

    def __init__(self, offers: Sequence[PatternOffer]) -> None:
        self.offers = {offer.pattern: offer for offer in offers}
        self.known: dict[int, dict[Hop, float]] = {}

    def of_pair(self, options: Sequence[Sequence[DirectLeg]]) -> FloatArray:
        """Return the size of each option of a pair of stops.

        The size is ``sum over hops a of (time of a / time of the option) / (number of options
        that have a)``: 1 for an option that shares nothing, 1/n for n equal ones (Ben-Akiva
        and Bierlaire 1999, Discrete choice methods and their applications to short-term
        travel decisions). A leg counts as its fastest ride.

        Parameters
        ----------
        options : sequence of sequence of DirectLeg
        """
        if len(options) < 2:
            return np.ones(len(options))
        hops = [self._hops(legs) for legs in options]
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
            mine = [[legs[row] for row in leg[leg_ptr[one] : leg_ptr[one + 1]]] for one in range(first, last)]
            sizes[first:last] = self.of_pair(mine)
        return sizes

    def _hops(self, legs: Sequence[DirectLeg]) -> dict[Hop, float]:
        total: dict[Hop, float] = {}
        for leg in legs:
            for hop, time_s in self._leg_hops(leg).items():
                total[hop] = total.get(hop, 0.0) + time_s
        return total

    def _leg_hops(self, leg: DirectLeg) -> dict[Hop, float]:
        if id(leg) not in self.known:
            ride = leg.rides[0]
            offer = self.offers[ride.pattern]
            part = slice(ride.board_sequence, ride.alight_sequence + 1)
            reached_s = offer.arrival_s[part].copy()
            reached_s[0] = offer.departure_s[ride.board_sequence]
            hops: dict[Hop, float] = {}
            for hop, time_s in zip(pairwise(offer.stops[part].tolist()), np.diff(reached_s).tolist(), strict=True):
                hops[hop] = hops.get(hop, 0.0) + time_s
            self.known[id(leg)] = hops
        return self.known[id(leg)]
