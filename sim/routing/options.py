"""Journey options of every pair of stops with demand: direct, with transfers, with walks.

By default the cheapest journey for each number of transfers up to the limit, an option only
where it costs less than every one with fewer, so ties go to fewer transfers; or the cheapest
few that use different lines. Where walks are short enough, walking all the way is an option
too, without legs and after all others.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import IntArray
from sim.model.demand import both_ways
from sim.model.journeys import JourneyOptions
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.model.scenario import Scenario
from sim.routing.legs import DirectLeg, Ride, all_rides, attractive_set
from sim.routing.option_fares import with_fares
from sim.routing.option_table import OptionTable
from sim.routing.path_size import PathSizes
from sim.routing.patterns import PatternOffer, pattern_offers
from sim.routing.rerouting import WalksOn, add_fallbacks
from sim.routing.search import Edges, JourneysFrom, Path, Search
from sim.routing.strategy_options import strategy_options
from sim.routing.timetable_options import timetable_options
from sim.routing.walks import Walks, find_walks

COST_TOLERANCE_S = 1e-6
"""Costs that differ by less are a tie, which fewer transfers win."""

NO_LINES = -1
"""Hash of the lines of a walk; those of rides are never negative."""


def find_options(scenario: Scenario) -> JourneyOptions:
    """Find the journey options of all pairs of stops with demand.

    Parameters
    ----------
    scenario : Scenario
        Network, service, demand, and the weights of its cost.
    """
    value_of_time = scenario.parameters.fares.value_of_time
    return with_fares(_options(scenario), scenario.tariff, value_of_time)


def _options(scenario: Scenario) -> JourneyOptions:
    parameters = scenario.parameters
    demand = both_ways(scenario.demand, parameters.demand.return_leg)
    offers = pattern_offers(scenario.network, scenario.service)
    walks = find_walks(scenario.network, parameters.journeys)
    if parameters.journeys.routing == "timetable":
        return timetable_options(scenario, demand, offers, walks)
    if parameters.journeys.routing == "strategy":
        return strategy_options(scenario, offers, walks, demand.pairs())
    rides = all_rides(offers)
    legs = {pair: attractive_set(found, parameters.journeys, parameters.preferences) for pair, found in rides.items()}
    finder = _FrequencyOptions(scenario, rides, legs, offers, walks)
    return finder.find(demand.pairs())


class _FrequencyOptions:
    """Turns what a search finds into options."""

    def __init__(
        self,
        scenario: Scenario,
        rides: dict[tuple[int, int], list[Ride]],
        legs: dict[tuple[int, int], DirectLeg],
        offers: list[PatternOffer],
        walks: Walks,
    ) -> None:
        self.scenario = scenario
        self.all_rides = rides
        self.by_pair = legs
        self.walks = walks
        self.journeys: JourneyParameters = scenario.parameters.journeys
        self.on_foot_s = walks.all_the_way(self.journeys)
        self.stops = len(scenario.network.stop_id)
        # In order of where they lead, then of where they start, so that ties go to the lower row.
        self.pairs = sorted(legs, key=lambda pair: (pair[1], pair[0]))
        self.legs = [legs[pair] for pair in self.pairs]
        self.sizes = PathSizes(offers)
        preferences: PreferenceParameters = scenario.parameters.preferences
        self.search = Search(
            stops=self.stops,
            rides=self._rides(),
            ends=walks.ends,
            transfers=walks.transfers,
            walk_weight=preferences.walk_weight,
            transfer_penalty_s=preferences.transfer_penalty_s,
            max_transfers=self.journeys.max_transfers,
            labels=self.journeys.options or 1,
        )

    def _rides(self) -> Edges:
        ends = np.array(self.pairs, dtype=np.int64).reshape(-1, 2)
        numbers: dict[frozenset[int], int] = {}
        lines = [numbers.setdefault(frozenset(r.pattern for r in leg.rides), 1 + len(numbers)) for leg in self.legs]
        cost_s = np.array([leg.cost_s for leg in self.legs], dtype=np.float64)
        return Edges(ends[:, 0], ends[:, 1], cost_s, np.array(lines, dtype=np.uint64))

    def find(self, pairs: IntArray) -> JourneyOptions:
        """Return the options of pairs of stops, sorted by origin."""
        table = OptionTable()
        bounds = np.searchsorted(pairs[:, 0], np.arange(self.stops + 1))
        for origin in range(self.stops):
            mine = pairs[bounds[origin] : bounds[origin + 1], 1]
            if len(mine):
                found = self.search.journeys_from(origin)
                for destination in mine.tolist():
                    self._add_pair(table, found, destination)
        if self.scenario.parameters.behaviour.on_denied == "reconsider":
            preferences = self.scenario.parameters.preferences
            walks = WalksOn(self.walks, preferences.walk_weight)
            add_fallbacks(table, self.all_rides, self.by_pair, walks, self.journeys, preferences)
        return table.finish(pairs)

    def _add_pair(self, table: OptionTable, found: JourneysFrom, destination: int) -> None:
        paths = self._paths(found, destination)
        legs = [[self.legs[ride] for ride in path.rides] for path in paths]
        sizes = self.sizes.of_pair(legs) if self.journeys.choice == "path_size_logit" else np.ones(len(paths))
        table.start_pair()
        for path, mine, size in zip(paths, legs, sizes.tolist(), strict=True):
            table.add_option(path.cost_s, path.egress_s, size)
            for ride, leg, walk_s in zip(path.rides, mine, path.walks_s, strict=True):
                table.add_leg(table.number_leg(self.pairs[ride], leg), walk_s)

    def _paths(self, found: JourneysFrom, destination: int) -> list[Path]:
        walk_s = self.on_foot_s.get((found.origin, destination))
        on_foot = [] if walk_s is None else [Path((), (), walk_s, self.search.walk_weight * walk_s, NO_LINES)]
        if self.journeys.options is not None:
            return self._cheapest(found, destination, self.journeys.options, on_foot)
        kept: list[Path] = []
        for transfers in range(self.journeys.max_transfers + 1):
            path = found.best_to(destination, transfers)
            if path is not None and (not kept or path.cost_s < kept[-1].cost_s - COST_TOLERANCE_S):
                kept.append(path)
        return kept + on_foot

    def _cheapest(self, found: JourneysFrom, destination: int, most: int, on_foot: list[Path]) -> list[Path]:
        """Return the cheapest journeys that use different lines, walking among them, the cheapest first."""
        candidates: list[Path] = list(on_foot)
        for transfers in range(self.journeys.max_transfers + 1):
            candidates += found.paths_to(destination, transfers, most * 2)
        candidates.sort(key=lambda path: (path.cost_s, not path.rides, len(path.rides)))
        kept: dict[int, Path] = {}
        for path in candidates:
            if len(kept) < most and path.cost_s <= self.journeys.longest_detour * candidates[0].cost_s:
                kept.setdefault(path.lines, path)
        return list(kept.values())
