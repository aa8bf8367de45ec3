"""Journey options put together one by one, with the legs they use numbered on the way."""

from __future__ import annotations

import numpy as np

from sim.arrays import IntArray
from sim.model.journeys import JourneyOptions
from sim.routing.legs import DirectLeg, LegDraft, leg_table

LegKey = tuple[int, int, int]
"""Stops of boarding and alighting, and a number that tells legs between the same stops apart."""


class OptionTable:
    """Options in the order of pairs."""

    def __init__(self) -> None:
        self.number: dict[LegKey, int] = {}
        self.legs: list[LegDraft] = []
        self.options_per_pair: list[int] = []
        self.legs_per_option: list[int] = []
        self.leg: list[int] = []
        self.walk_before_s: list[float] = []
        self.egress_walk_s: list[float] = []
        self.cost_min: list[float] = []
        self.path_size: list[float] = []

    def start_pair(self) -> None:
        """Begin the next pair of stops."""
        self.options_per_pair.append(0)

    def add_option(self, cost_s: float, egress_walk_s: float, path_size: float) -> None:
        """Begin an option of the pair.

        Parameters
        ----------
        cost_s : float
            Expected generalized cost in equivalent seconds.
        egress_walk_s : float
        path_size : float
        """
        self.options_per_pair[-1] += 1
        self.legs_per_option.append(0)
        self.cost_min.append(cost_s / 60.0)
        self.egress_walk_s.append(egress_walk_s)
        self.path_size.append(path_size)

    def add_walk(self, walk_s: float, walk_weight: float) -> None:
        """Add walking all the way, in seconds, as an option of the pair; it has no legs and shares nothing."""
        self.add_option(walk_weight * walk_s, walk_s, 1.0)

    def number_leg(self, pair: tuple[int, int], leg: DirectLeg, variant: int = 0) -> int:
        """Return the number of a leg, a new one where it is not known yet.

        Parameters
        ----------
        pair : (int, int)
            Stops of boarding and alighting.
        leg : DirectLeg
        variant : int
            Tells legs between the same stops apart.
        """
        key = (*pair, variant)
        if key not in self.number:
            self.number[key] = len(self.number)
            self.legs.append(LegDraft(*pair, leg))
        return self.number[key]

    def add_leg(self, number: int, walk_before_s: float) -> None:
        """Add a leg by its number to the option, and the walk before it in seconds."""
        self.legs_per_option[-1] += 1
        self.leg.append(number)
        self.walk_before_s.append(walk_before_s)

    def finish(self, pairs: IntArray, period: IntArray | None = None, period_s: float = float("inf")) -> JourneyOptions:
        """Return all options as compressed tables.

        Parameters
        ----------
        pairs : ndarray of int, shape (pairs, 2)
        period : ndarray of int, shape (pairs,), or None
            Period of departure of each row; None where options hold all day.
        period_s : float
            Width of a period in seconds.
        """

        def pointer(sizes: list[int]) -> IntArray:
            return np.concatenate([[0], np.cumsum(np.array(sizes, dtype=np.int64))]).astype(np.int64)

        return JourneyOptions(
            pairs=pairs,
            period=np.zeros(len(pairs), dtype=np.int64) if period is None else period,
            period_s=period_s,
            option_ptr=pointer(self.options_per_pair),
            leg_ptr=pointer(self.legs_per_option),
            leg=np.array(self.leg, dtype=np.int64),
            walk_before_s=np.array(self.walk_before_s, dtype=np.float64),
            egress_walk_s=np.array(self.egress_walk_s, dtype=np.float64),
            cost_min=np.array(self.cost_min, dtype=np.float64),
            path_size=np.array(self.path_size, dtype=np.float64),
            legs=leg_table(self.legs),
        )
