"""The cheapest journey for each number of transfers, of all pairs of stops, put together in arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.routing.direct_legs import DirectLegs
from sim.routing.legs import leg_table
from sim.routing.option_table import OptionTable
from sim.routing.path_size import PathSizes
from sim.routing.patterns import PatternOffer
from sim.routing.ragged import pointers
from sim.routing.rerouting import WalksOn, add_fallbacks
from sim.routing.round_search import RoundSearch
from sim.routing.walks import Walks, WalkTable

COST_TOLERANCE_S = 1e-6
"""Costs that differ by less are a tie, which fewer transfers win."""


def cheapest_by_transfers(
    scenario: Scenario, legs: DirectLegs, offers: list[PatternOffer], walks: Walks, pairs: IntArray
) -> JourneyOptions:
    """Return the options of pairs of stops: the cheapest journeys by number of transfers, then walking all the way.

    Parameters
    ----------
    scenario : Scenario
    legs : DirectLegs
    offers : list of PatternOffer
    walks : Walks
    pairs : ndarray of int, shape (pairs, 2)
        Origins and destinations, sorted.
    """
    found = _with_walks(_search(scenario, legs, walks, pairs), scenario, walks, pairs)
    used, first, leg = np.unique(found.leg, return_index=True, return_inverse=True)
    # Legs are numbered in the order of their first use.
    order = np.argsort(first)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    options = JourneyOptions(
        pairs=pairs,
        period=np.zeros(len(pairs), dtype=np.int64),
        period_s=float("inf"),
        option_ptr=pointers(np.bincount(found.pair, minlength=len(pairs))),
        leg_ptr=pointers(found.sizes),
        leg=number[leg.reshape(-1)],
        walk_before_s=found.walk_s,
        egress_walk_s=found.egress_s,
        cost_min=found.cost_s / 60.0,
        path_size=np.ones(len(found.pair)),
        legs=legs.table(used[order]),
    )
    return _completed(options, scenario, legs, offers, walks, used[order])


@dataclass(frozen=True)
class _FoundJourneys:
    """Journeys of all pairs in order; walks all the way have no legs.

    Attributes
    ----------
    pair : ndarray of int, shape (journeys,)
    cost_s, egress_s : ndarray of float, shape (journeys,)
    sizes : ndarray of int, shape (journeys,)
        Number of legs.
    leg : ndarray of int, shape (rows,)
    walk_s : ndarray of float, shape (rows,)
        Walk before each leg.
    """

    pair: IntArray
    cost_s: FloatArray
    egress_s: FloatArray
    sizes: IntArray
    leg: IntArray
    walk_s: FloatArray


def _search(scenario: Scenario, legs: DirectLegs, walks: Walks, pairs: IntArray) -> _FoundJourneys:
    journeys, preferences = scenario.parameters.journeys, scenario.parameters.preferences
    search = RoundSearch(
        len(scenario.network.stop_id),
        legs,
        walks,
        preferences.walk_weight,
        preferences.transfer_penalty_s,
        journeys.max_transfers,
        COST_TOLERANCE_S,
    )
    origins = pairs[:, 0]
    bounds = [*np.flatnonzero(np.diff(origins, prepend=-1)).tolist(), len(pairs)]
    parts = []
    for first, last in pairwise(bounds):
        part = search.journeys(int(origins[first]), pairs[first:last, 1])
        parts.append((first + part.destination, part))
    whole, real = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    return _FoundJourneys(
        pair=np.concatenate([*(pair for pair, _ in parts), *whole]),
        cost_s=np.concatenate([*(part.cost_s for _, part in parts), *real]),
        egress_s=np.concatenate([*(part.egress_s for _, part in parts), *real]),
        sizes=np.concatenate([*(np.diff(part.leg_ptr) for _, part in parts), *whole]),
        leg=np.concatenate([*(part.leg for _, part in parts), *whole]),
        walk_s=np.concatenate([*(part.walk_s for _, part in parts), *real]),
    )


def _with_walks(found: _FoundJourneys, scenario: Scenario, walks: Walks, pairs: IntArray) -> _FoundJourneys:
    """Return journeys with walking all the way after the others of a pair, where it is short enough."""
    if not scenario.parameters.journeys.walk_all_the_way:
        return found
    pair, walk_s = _walks_between(walks.ends, pairs)
    order = np.argsort(np.concatenate([found.pair, pair]), kind="stable")
    weight = scenario.parameters.preferences.walk_weight
    return _FoundJourneys(
        pair=np.concatenate([found.pair, pair])[order],
        cost_s=np.concatenate([found.cost_s, weight * walk_s])[order],
        egress_s=np.concatenate([found.egress_s, walk_s])[order],
        sizes=np.concatenate([found.sizes, np.zeros(len(pair), dtype=np.int64)])[order],
        leg=found.leg,
        walk_s=found.walk_s,
    )


def _walks_between(table: WalkTable, pairs: IntArray) -> tuple[IntArray, FloatArray]:
    """Return which pairs of different stops have a walk, and its time in seconds."""
    stops = int(max(table.start.max(initial=0), pairs.max(initial=0))) + 1
    code = table.start * stops + table.goal
    order = np.argsort(code)
    wanted = pairs[:, 0] * stops + pairs[:, 1]
    place = np.minimum(np.searchsorted(code[order], wanted), len(order) - 1)
    there = np.flatnonzero((code[order][place] == wanted) & (pairs[:, 0] != pairs[:, 1]))
    return there, table.walk_s[order[place[there]]]


def _completed(
    options: JourneyOptions,
    scenario: Scenario,
    legs: DirectLegs,
    offers: list[PatternOffer],
    walks: Walks,
    used: IntArray,
) -> JourneyOptions:
    """Return options with path sizes and with what people do after a full vehicle, as far as a scenario asks."""
    parameters = scenario.parameters
    if parameters.journeys.choice == "path_size_logit":
        drafts = [legs.leg(leg) for leg in used.tolist()]
        options = replace(options, path_size=PathSizes(offers).of_options(options, drafts))
    if parameters.behaviour.on_denied == "reconsider":
        table = OptionTable()
        for leg in used.tolist():
            table.number_leg((int(legs.start[leg]), int(legs.goal[leg])), legs.leg(leg))
        on_foot = WalksOn(walks, parameters.preferences.walk_weight)
        add_fallbacks(table, legs, on_foot, parameters.journeys, parameters.preferences)
        options = replace(options, legs=leg_table(table.legs))
    return options
