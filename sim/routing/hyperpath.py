"""Optimal strategies: which lines to board at every stop on the way to a destination.

Spiess and Florian 1989 (Transportation Research B 23:83-102): a strategy names for every stop
the lines worth boarding and for every line the stop to get out at; whichever line comes first
is boarded, and the next decision is taken where the passenger gets out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from sim.arrays import IntArray
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.routing.patterns import PatternOffer
from sim.routing.walks import Walks

INFINITE = float("inf")


@dataclass(frozen=True)
class NextStep:
    """What follows getting out: a walk to a stop where vehicles are waited for, or to the destination.

    Attributes
    ----------
    stop : int
        Stop of the next boarding; -1 where the destination is reached.
    walk_s : float
    """

    stop: int
    walk_s: float


@dataclass(frozen=True, order=True)
class AttractiveLine:
    """A line worth boarding: what it costs from there on, where to board and where to get out.

    Attributes
    ----------
    cost_s : float
        Expected cost from boarding to the destination, equivalent seconds.
    offer : int
        Place of the pattern among the offers.
    board_sequence, alight_sequence : int
    headway_s : float
        Mean time between two vehicles of the pattern.
    """

    cost_s: float
    offer: int
    board_sequence: int
    alight_sequence: int
    headway_s: float


@dataclass(frozen=True)
class StopStrategy:
    """What to do at a stop.

    Attributes
    ----------
    cost_s : float
        Expected cost from joining the queue to the destination.
    boardings : tuple of AttractiveLine
        Lines worth boarding, the cheapest first.
    """

    cost_s: float
    boardings: tuple[AttractiveLine, ...]


class HyperpathSearch:
    """Finds optimal strategies to one destination after the other.

    Parameters
    ----------
    offers : sequence of PatternOffer
    walks : Walks
    journeys : JourneyParameters
    preferences : PreferenceParameters
    stops : int
        Number of stops.
    """

    def __init__(
        self,
        offers: Sequence[PatternOffer],
        walks: Walks,
        journeys: JourneyParameters,
        preferences: PreferenceParameters,
        stops: int,
    ) -> None:
        self.offers = offers
        self.stops = stops
        self.walks = walks
        self.journeys = journeys
        self.preferences = preferences
        self.wait_share = journeys.headway_wait_share
        self.wait_cost_s = preferences.wait_weight * self.wait_share
        first = np.concatenate([[0], np.cumsum([len(offer.stops) for offer in offers])]).astype(np.int64)
        self.first: list[int] = first.tolist()
        self.offer_of: list[int] = np.repeat(np.arange(len(offers)), np.diff(first)).tolist()
        empty: list[IntArray] = [np.zeros(0, dtype=np.int64)]
        self.stop_of: list[int] = np.concatenate([*(offer.stops for offer in offers), *empty]).tolist()
        self.frequency = [1.0 / offer.headway_s for offer in offers]
        weight = preferences.in_vehicle_weight
        self.ride_s: list[float] = []
        self.dwell_s: list[float] = []
        for offer in offers:
            self.ride_s += [*(weight * (offer.arrival_s[1:] - offer.departure_s[:-1])).tolist(), INFINITE]
            self.dwell_s += (weight * (offer.departure_s - offer.arrival_s)).tolist()
        self.boards: list[bool] = np.concatenate([*(offer.boards for offer in offers), *empty]).astype(bool).tolist()
        alights: list[bool] = np.concatenate([*(offer.alights for offer in offers), *empty]).astype(bool).tolist()
        self.boards_at: list[list[int]] = [[] for _ in range(stops)]
        self.alights_at: list[list[int]] = [[] for _ in range(stops)]
        for position, stop in enumerate(self.stop_of):
            if self.boards[position]:
                self.boards_at[stop].append(position)
            if alights[position]:
                self.alights_at[stop].append(position)
        self.changes_to: list[list[tuple[int, float, float]]] = [[] for _ in range(stops)]
        rows = zip(walks.transfers.start.tolist(), walks.transfers.goal.tolist(), walks.transfers.walk_s, strict=True)
        for start, goal, walk_s in rows:
            cost_s = preferences.transfer_penalty_s + preferences.walk_weight * float(walk_s)
            self.changes_to[goal].append((start, cost_s, float(walk_s)))
        self.ends_bounds = np.searchsorted(walks.ends.goal, np.arange(stops + 1))

    def to(self, destination: int) -> Hyperpath:
        """Find the optimal strategy to a destination.

        Labels are set in order of their cost, as in the algorithm of Dijkstra: for vehicles
        that arrive at a stop, vehicles that leave it, people who have got out and people who
        wait; a line joins those worth boarding as long as it costs less than waiting for
        those before it.
        """
        strategy = Hyperpath(self, destination)
        strategy.search()
        return strategy


class Hyperpath:
    """The optimal strategy to one destination."""

    def __init__(self, world: HyperpathSearch, destination: int) -> None:
        positions = len(world.stop_of)
        self.world = world
        self.destination = destination
        self.out_s = [INFINITE] * world.stops
        self.waiting_s = [INFINITE] * world.stops
        self.arriving_s = [INFINITE] * positions
        self.leaving_s = [INFINITE] * positions
        self.next_step: dict[int, NextStep] = {}
        self.gets_out = [False] * positions
        self.frequency = [0.0] * world.stops
        self.weighted_s = [0.0] * world.stops
        self.lines: dict[int, list[int]] = {}
        self.heap: list[tuple[float, int, int]] = []

    def search(self) -> None:
        """Set all labels."""
        world = self.world
        bounds, ends = world.ends_bounds, world.walks.ends
        for row in range(int(bounds[self.destination]), int(bounds[self.destination + 1])):
            stop, walk_s = int(ends.start[row]), float(ends.walk_s[row])
            self._set_out(stop, world.preferences.walk_weight * walk_s, NextStep(-1, walk_s))
        settle = (self._settle_out, self._settle_arriving, self._settle_leaving, self._settle_waiting)
        labels = (self.out_s, self.arriving_s, self.leaving_s, self.waiting_s)
        while self.heap:
            cost_s, kind, node = heappop(self.heap)
            # A label that was lowered since it was put in stands in the heap twice; only its last value counts.
            if cost_s == labels[kind][node]:
                settle[kind](node, cost_s)

    def _set_out(self, stop: int, cost_s: float, step: NextStep) -> None:
        if cost_s < self.out_s[stop]:
            self.out_s[stop] = cost_s
            self.next_step[stop] = step
            heappush(self.heap, (cost_s, 0, stop))

    def _settle_out(self, stop: int, cost_s: float) -> None:
        for position in self.world.alights_at[stop]:
            if cost_s < self.arriving_s[position]:
                self.arriving_s[position] = cost_s
                self.gets_out[position] = True
                heappush(self.heap, (cost_s, 1, position))

    def _settle_arriving(self, position: int, cost_s: float) -> None:
        if position == self.world.first[self.world.offer_of[position]]:
            return
        leaving_s = cost_s + self.world.ride_s[position - 1]
        if leaving_s < self.leaving_s[position - 1]:
            self.leaving_s[position - 1] = leaving_s
            heappush(self.heap, (leaving_s, 2, position - 1))

    def _settle_leaving(self, position: int, cost_s: float) -> None:
        world = self.world
        staying_s = cost_s + world.dwell_s[position]
        if staying_s < self.arriving_s[position]:
            self.arriving_s[position] = staying_s
            self.gets_out[position] = False
            heappush(self.heap, (staying_s, 1, position))
        stop = world.stop_of[position]
        if cost_s >= self.waiting_s[stop] or not world.boards[position]:
            return
        frequency = world.frequency[world.offer_of[position]]
        # Lines come in order of their cost, and a line is taken while it costs less than the wait so far. Then adding
        # it lowers the expected cost, and no line that comes later can push it out again (Spiess and Florian 1989).
        self.frequency[stop] += frequency
        self.weighted_s[stop] += frequency * cost_s
        self.lines.setdefault(stop, []).append(position)
        self.waiting_s[stop] = (world.wait_cost_s + self.weighted_s[stop]) / self.frequency[stop]
        heappush(self.heap, (self.waiting_s[stop], 3, stop))

    def _settle_waiting(self, stop: int, cost_s: float) -> None:
        for start, change_s, walk_s in self.world.changes_to[stop]:
            self._set_out(start, cost_s + change_s, NextStep(stop, walk_s))

    def at(self, stop: int) -> StopStrategy:
        """Return what to do at a stop from which the destination can be reached."""
        boardings = tuple(self.boarding(position) for position in self.lines[stop])
        return StopStrategy(self.waiting_s[stop], boardings)

    def boarding(self, position: int) -> AttractiveLine:
        """Return where people that board at a position get out."""
        offer = self.world.offer_of[position]
        first = self.world.first[offer]
        alight = position + 1
        while not self.gets_out[alight]:
            alight += 1
        headway_s = self.world.offers[offer].headway_s
        return AttractiveLine(self.leaving_s[position], offer, position - first, alight - first, headway_s)

    def positions_from(self, stop: int) -> list[int]:
        """Return the positions of patterns at a stop where one may board to reach the destination."""
        return [position for position in self.world.boards_at[stop] if self.leaving_s[position] < INFINITE]

    def start(self, origin: int) -> tuple[float, NextStep] | None:
        """Return the expected cost from an origin and the walk to the first stop; None for no way."""
        ends = self.world.walks.ends
        rows = np.flatnonzero(ends.start == origin)
        options = [
            (self.world.preferences.walk_weight * walk_s + self.waiting_s[stop], walk_s, stop)
            for stop, walk_s in zip(ends.goal[rows].tolist(), ends.walk_s[rows].tolist(), strict=True)
        ]
        cost_s, walk_s, stop = min(options)
        return None if cost_s == INFINITE else (cost_s, NextStep(stop, walk_s))
