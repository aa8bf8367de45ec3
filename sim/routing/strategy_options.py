"""Optimal strategies as journey options: legs whose next leg is decided where people get out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.arrays import IntArray
from sim.model.journeys import AT_GOAL, ON_FOOT, JourneyOptions
from sim.model.scenario import Scenario
from sim.routing.hyperpath import AttractiveLine, Hyperpath, HyperpathSearch, NextStep, StopStrategy
from sim.routing.legs import DirectLeg, Ride
from sim.routing.option_table import OptionTable
from sim.routing.patterns import PatternOffer
from sim.routing.rerouting import ELSEWHERE, WIDER, WalksOn, wider_set
from sim.routing.walks import Walks


def strategy_options(
    scenario: Scenario, offers: Sequence[PatternOffer], walks: Walks, pairs: IntArray
) -> JourneyOptions:
    """Return one option for each pair of stops, its optimal strategy, and a walk where it is short enough.

    The legs of an option are those over the cheapest lines of the strategy; whoever boards
    another line goes on with the leg that follows there.

    Parameters
    ----------
    scenario : Scenario
    offers : sequence of PatternOffer
    walks : Walks
    pairs : ndarray of int, shape (pairs, 2)
        Origins and destinations, sorted.
    """
    stops = len(scenario.network.stop_id)
    parameters = scenario.parameters
    world = HyperpathSearch(offers, walks, parameters.journeys, parameters.preferences, stops)
    table = OptionTable()
    reconsider = parameters.behaviour.on_denied == "reconsider"
    on_foot = WalksOn(walks, parameters.preferences.walk_weight) if reconsider else None
    ways: list[tuple[float, float, list[tuple[int, float]], float] | None] = [None] * len(pairs)
    for destination in np.unique(pairs[:, 1]).tolist():
        way = _Way(world, world.to(destination), table, on_foot)
        for row in np.flatnonzero(pairs[:, 1] == destination).tolist():
            ways[row] = way.from_origin(int(pairs[row, 0]))
    on_foot_s = walks.all_the_way(parameters.journeys)
    for pair, found in zip(pairs.tolist(), ways, strict=True):
        table.start_pair()
        if found is not None:
            cost_s, access_s, legs, egress_s = found
            table.add_option(cost_s, egress_s, 1.0)
            for place, (number, walk_s) in enumerate(legs):
                table.add_leg(number, walk_s if place else access_s)
        if tuple(pair) in on_foot_s:
            table.add_walk(on_foot_s[tuple(pair)], parameters.preferences.walk_weight)
    return table.finish(pairs)


class _Way:
    """Numbers the legs of the strategy to one destination."""

    def __init__(self, world: HyperpathSearch, strategy: Hyperpath, table: OptionTable, walks: WalksOn | None) -> None:
        self.world = world
        self.strategy = strategy
        self.table = table
        self.walks = walks
        self.pending: list[int] = []

    def from_origin(self, origin: int) -> tuple[float, float, list[tuple[int, float]], float] | None:
        """Return cost, access walk, legs over the cheapest lines with the walk before each, and last walk."""
        start = self.strategy.start(origin)
        if start is None:
            return None
        cost_s, step = start
        legs: list[tuple[int, float]] = []
        access_s = step.walk_s
        while step.stop != AT_GOAL:
            legs.append((self._leg(step.stop), step.walk_s))
            step = self._steps(self.strategy.at(step.stop).boardings)[0]
        while self.pending:
            self._add_fallback(self.pending.pop())
        return cost_s, access_s, legs, step.walk_s

    def _steps(self, boardings: Sequence[AttractiveLine]) -> list[NextStep]:
        """Return what follows each line boarded."""
        offers, strategy = self.world.offers, self.strategy
        return [
            strategy.next_step[int(offers[boarding.offer].stops[boarding.alight_sequence])] for boarding in boardings
        ]

    def _leg(self, stop: int) -> int:
        """Return the number of the leg from a stop; legs that may follow are numbered with it."""
        known = self.table.number.get((stop, self.strategy.destination, 0))
        if known is not None:
            return known
        number = self._new_leg(stop, self.strategy.at(stop))
        if self.walks is not None:
            self.pending.append(number)
        return number

    def _new_leg(self, stop: int, here: StopStrategy, variant: int = 0) -> int:
        pair = (stop, self.strategy.destination)
        if (*pair, variant) in self.table.number:
            return self.table.number[*pair, variant]
        number = self.table.number_leg(pair, self._direct_leg(here), variant)
        self.table.legs[number].following = [
            (AT_GOAL if step.stop == AT_GOAL else self._leg(step.stop), step.walk_s)
            for step in self._steps(here.boardings)
        ]
        return number

    def _add_fallback(self, number: int) -> None:
        """Say what people at a stop do after a full vehicle has left them behind."""
        if self.walks is None:
            return
        draft, strategy, world = self.table.legs[number], self.strategy, self.world
        stop = draft.board_stop
        own = strategy.at(stop).boardings
        lines = sorted(strategy.boarding(position) for position in strategy.positions_from(stop))
        wide_s, chosen = wider_set(lines, own, world.journeys, world.preferences)
        cost_at = {other: strategy.waiting_s[other] for other, _ in self.walks.to_stops.get(stop, ())}
        walk_cost_s, goal, walk_s = self.walks.best(stop, strategy.destination, cost_at)
        if walk_cost_s < wide_s:
            target = goal if goal == ON_FOOT else self._new_leg(goal, strategy.at(goal), ELSEWHERE)
            draft.fallback = (target, walk_s)
        elif len(chosen) > len(own):
            wide = StopStrategy(wide_s, tuple(chosen))
            draft.fallback = (self._new_leg(stop, wide, WIDER), 0.0)

    def _direct_leg(self, here: StopStrategy) -> DirectLeg:
        rides = []
        for boarding in here.boardings:
            offer = self.world.offers[boarding.offer]
            ride_s = offer.arrival_s[boarding.alight_sequence] - offer.departure_s[boarding.board_sequence]
            free_s = offer.free_s[boarding.alight_sequence] - offer.free_s[boarding.board_sequence]
            ends = (boarding.board_sequence, boarding.alight_sequence)
            rides.append(Ride(float(ride_s), offer.pattern, *ends, offer.headway_s, float(free_s)))
        frequency = np.array([1.0 / ride.headway_s for ride in rides])
        share = frequency / frequency.sum()
        return DirectLeg(
            rides=tuple(rides),
            wait_s=float(self.world.wait_share / frequency.sum()),
            ride_s=float(share @ np.array([ride.ride_s for ride in rides])),
            free_ride_s=rides[0].free_ride_s,
            cost_s=here.cost_s,
        )
