"""The cheapest journeys over different lines, of all pairs of stops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.arrays import IntArray
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.routing.direct_legs import DirectLegs
from sim.routing.legs import DirectLeg
from sim.routing.line_search import Edges, JourneysFrom, Search, cheapest_paths
from sim.routing.line_sets import LineSets
from sim.routing.option_table import OptionTable
from sim.routing.path_size import PathSizes, fastest
from sim.routing.patterns import PatternOffer
from sim.routing.rerouting import WalksOn, add_fallbacks
from sim.routing.walks import Walks


def over_different_lines(
    scenario: Scenario, legs: DirectLegs, offers: list[PatternOffer], walks: Walks, pairs: IntArray
) -> JourneyOptions:
    """Return the cheapest options of pairs of stops that use different lines, walking all the way among them.

    Parameters
    ----------
    scenario : Scenario
        With `journeys.options`, the most of them.
    legs : DirectLegs
    offers : list of PatternOffer
    walks : Walks
    pairs : ndarray of int, shape (pairs, 2)
        Origins and destinations, sorted.
    """
    journeys, preferences = scenario.parameters.journeys, scenario.parameters.preferences
    options = _LineOptions(scenario, legs, offers, walks)
    stops = len(scenario.network.stop_id)
    bounds = np.searchsorted(pairs[:, 0], np.arange(stops + 1))
    for origin in range(stops):
        mine = pairs[bounds[origin] : bounds[origin + 1], 1]
        if len(mine):
            found = options.search.journeys_from(origin)
            for destination in mine.tolist():
                options.add_pair(found, destination)
    if scenario.parameters.behaviour.on_denied == "reconsider":
        add_fallbacks(options.table, legs, WalksOn(walks, preferences.walk_weight), journeys, preferences)
    return options.table.finish(pairs)


class _LineOptions:
    """Turns what a search finds into options."""

    def __init__(self, scenario: Scenario, legs: DirectLegs, offers: list[PatternOffer], walks: Walks) -> None:
        self.journeys = scenario.parameters.journeys
        self.direct = legs
        self.known: dict[int, DirectLeg] = {}
        self.on_foot_s = walks.all_the_way(self.journeys)
        self.sizes = PathSizes(offers)
        self.table = OptionTable()
        preferences = scenario.parameters.preferences
        sets, lines = LineSets.of(_line_sets(legs))
        self.search = Search(
            stops=len(scenario.network.stop_id),
            rides=Edges(legs.start, legs.goal, legs.cost_s, lines, np.zeros(len(legs))),
            sets=sets,
            walks=walks,
            walk_weight=preferences.walk_weight,
            transfer_penalty_s=preferences.transfer_penalty_s,
            max_transfers=self.journeys.max_transfers,
            labels=self.journeys.options or 1,
        )

    def add_pair(self, found: JourneysFrom, destination: int) -> None:
        """Add the options to a destination."""
        walk_s = self.on_foot_s.get((found.origin, destination))
        paths = cheapest_paths(found, destination, walk_s, self.journeys)
        legs = [[self._leg(ride) for ride in path.rides] for path in paths]
        sizes = np.ones(len(paths))
        if self.journeys.choice == "path_size_logit":
            sizes = self.sizes.of_pair([[fastest(leg) for leg in mine] for mine in legs])
        self.table.start_pair()
        for path, mine, size in zip(paths, legs, sizes.tolist(), strict=True):
            self.table.add_option(path.cost_s, path.egress_s, size)
            for ride, leg, walk_s in zip(path.rides, mine, path.walks_s, strict=True):
                ends = (int(self.direct.start[ride]), int(self.direct.goal[ride]))
                self.table.add_leg(self.table.number_leg(ends, leg), walk_s)

    def _leg(self, ride: int) -> DirectLeg:
        if ride not in self.known:
            self.known[ride] = self.direct.leg(ride)
        return self.known[ride]


def _line_sets(legs: DirectLegs) -> Iterator[frozenset[int]]:
    """Return the set of lines of each leg, in the order of legs."""
    patterns, ptr = legs.pattern.tolist(), legs.ride_ptr.tolist()
    for first, count in zip(ptr[:-1], legs.chosen.tolist(), strict=True):
        yield frozenset(patterns[first : first + count])
