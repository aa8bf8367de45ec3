"""Journey options of every pair of stops with demand: direct, or with transfers.

For each number of transfers up to the limit the cheapest journey is found by one round of
min-plus products over the matrix of direct legs; a journey with more transfers is an option
only where it costs less than every one with fewer, so ties go to fewer transfers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.routing.legs import DirectLeg, direct_legs, leg_table
from sim.routing.patterns import pattern_offers
from sim.units import FloatArray, IntArray


@dataclass(frozen=True)
class _Rounds:
    """Costs and paths from one origin, one row per number of transfers."""

    cost_s: FloatArray
    """Shape (transfers + 1, stops)."""
    before: IntArray
    """Stop of the last transfer, shape (transfers + 1, stops)."""


def find_options(scenario: Scenario) -> JourneyOptions:
    """Find the journey options of all pairs of stops with demand.

    Parameters
    ----------
    scenario : Scenario
        Network, service, demand, and the weights of its cost.
    """
    parameters = scenario.parameters
    pairs = scenario.demand.pairs()
    legs = direct_legs(pattern_offers(scenario.network, scenario.service), parameters.journeys, parameters.preferences)
    matrix = np.full((len(scenario.network.stop_id),) * 2, np.inf)
    for (board, alight), leg in legs.items():
        matrix[board, alight] = leg.cost_s
    transfer_s = (
        parameters.preferences.transfer_penalty_s
        + parameters.preferences.walk_weight * parameters.journeys.transfer_walk_s
    )
    builder = _Builder(legs, parameters.journeys.transfer_walk_s)
    bounds = np.searchsorted(pairs[:, 0], np.arange(len(matrix) + 1))
    for origin in range(len(matrix)):
        mine = pairs[bounds[origin] : bounds[origin + 1], 1]
        if len(mine):
            rounds = _rounds(matrix, origin, parameters.journeys.max_transfers, transfer_s)
            for destination in mine.tolist():
                builder.add_pair(origin, destination, rounds)
    return builder.finish(pairs)


def _rounds(matrix: FloatArray, origin: int, max_transfers: int, transfer_s: float) -> _Rounds:
    cost = np.full((max_transfers + 1, len(matrix)), np.inf)
    before = np.full((max_transfers + 1, len(matrix)), -1, dtype=np.int64)
    cost[0] = matrix[origin]
    for transfers in range(1, max_transfers + 1):
        through = cost[transfers - 1][:, None] + transfer_s + matrix
        before[transfers] = through.argmin(axis=0)
        cost[transfers] = through[before[transfers], np.arange(len(matrix))]
    return _Rounds(cost, before)


class _Builder:
    """Collects options pair by pair and numbers the legs they use."""

    def __init__(self, legs: dict[tuple[int, int], DirectLeg], transfer_walk_s: float) -> None:
        self.legs = legs
        self.transfer_walk_s = transfer_walk_s
        self.number: dict[tuple[int, int], int] = {}
        self.options_per_pair: list[int] = []
        self.legs_per_option: list[int] = []
        self.leg: list[int] = []
        self.walk_before_s: list[float] = []
        self.cost_min: list[float] = []

    def add_pair(self, origin: int, destination: int, rounds: _Rounds) -> None:
        """Add the options of one pair."""
        best = np.inf
        count = 0
        for transfers in range(len(rounds.cost_s)):
            cost = float(rounds.cost_s[transfers, destination])
            if cost >= best - COST_TOLERANCE_S or not np.isfinite(cost):
                continue
            best = cost
            count += 1
            self._add_option(_path(origin, destination, transfers, rounds), cost)
        self.options_per_pair.append(count)

    def _add_option(self, stops: list[int], cost_s: float) -> None:
        self.legs_per_option.append(len(stops) - 1)
        self.cost_min.append(cost_s / 60.0)
        for place, pair in enumerate(pairwise(stops)):
            self.leg.append(self.number.setdefault(pair, len(self.number)))
            self.walk_before_s.append(self.transfer_walk_s if place else 0.0)

    def finish(self, pairs: IntArray) -> JourneyOptions:
        """Return all options as compressed tables."""

        def pointer(sizes: list[int]) -> IntArray:
            return np.concatenate([[0], np.cumsum(np.array(sizes, dtype=np.int64))]).astype(np.int64)

        return JourneyOptions(
            pairs=pairs,
            option_ptr=pointer(self.options_per_pair),
            leg_ptr=pointer(self.legs_per_option),
            leg=np.array(self.leg, dtype=np.int64),
            walk_before_s=np.array(self.walk_before_s, dtype=np.float64),
            egress_walk_s=np.zeros(len(self.cost_min)),
            cost_min=np.array(self.cost_min, dtype=np.float64),
            legs=leg_table([(pair, self.legs[pair]) for pair in self.number]),
        )


COST_TOLERANCE_S = 1e-6
"""Costs that differ by less are a tie, which fewer transfers win."""


def _path(origin: int, destination: int, transfers: int, rounds: _Rounds) -> list[int]:
    stops = [destination]
    for round_ in range(transfers, 0, -1):
        stops.append(int(rounds.before[round_, stops[-1]]))
    stops.append(origin)
    return stops[::-1]
