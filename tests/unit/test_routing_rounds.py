"""The search in rounds against a plain one that follows every edge in every round."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.arrays import FloatArray
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.routing.direct_legs import DirectLegs, direct_legs
from sim.routing.patterns import PatternOffer
from sim.routing.round_search import RoundSearch
from sim.routing.walks import Walks, WalkTable

STOPS = 7
TOLERANCE_S = 1e-6

Edge = tuple[int, int, float]
Path = tuple[float, tuple[int, ...], tuple[float, ...], float]
"""Cost, legs, walks before them, and walk at the end."""


def legs_of(edges: dict[tuple[int, int], float]) -> DirectLegs:
    """Return legs with one ride each, of which only ends and costs count."""
    order = sorted(edges, key=lambda pair: (pair[1], pair[0]))
    ends = np.array(order, dtype=np.int64).reshape(-1, 2)
    cost_s = np.array([edges[pair] for pair in order])
    whole, real = np.zeros(len(order), dtype=np.int64), np.zeros(len(order))
    return DirectLegs(
        start=ends[:, 0],
        goal=ends[:, 1],
        ride_ptr=np.arange(len(order) + 1),
        pattern=whole,
        board=whole,
        alight=whole,
        ride_s=real,
        headway_s=real,
        free_ride_s=real,
        chosen=whole + 1,
        wait_s=real,
        mean_ride_s=real,
        least_free_s=real,
        cost_s=cost_s,
    )


def least(before_s: list[float], edges: list[Edge], goal: int) -> tuple[float, int]:
    """Return the least cost of a stop and the first edge that gives it."""
    costs = [before_s[start] + cost_s if end == goal else np.inf for start, end, cost_s in edges]
    best = min(costs, default=np.inf)
    return best, costs.index(best) if np.isfinite(best) else -1


def plain_journeys(
    legs: DirectLegs, walks: Walks, weight: float, penalty_s: float, transfers: int, origin: int, goal: int
) -> list[Path]:
    """Return the journeys that are kept, by following every edge in every round."""
    rides = list(zip(legs.start.tolist(), legs.goal.tolist(), legs.cost_s.tolist(), strict=True))
    table, ends = walks.transfers, walks.ends
    changes = [
        (start, end, penalty_s + weight * walk_s)
        for start, end, walk_s in zip(table.start.tolist(), table.goal.tolist(), table.walk_s.tolist(), strict=True)
    ]
    last = [
        (start, end, weight * walk_s)
        for start, end, walk_s in zip(ends.start.tolist(), ends.goal.tolist(), ends.walk_s.tolist(), strict=True)
    ]
    levels = [[0.0 if stop == origin else np.inf for stop in range(STOPS)]]
    by: list[list[int]] = []
    kept: list[Path] = []
    for count in range(transfers + 1):
        for edges in (last if count == 0 else changes, rides):
            found = [least(levels[-1], edges, stop) for stop in range(STOPS)]
            levels.append([cost_s for cost_s, _ in found])
            by.append([edge for _, edge in found])
        cost_s, walk = least(levels[-1], last, goal)
        if np.isfinite(cost_s) and (not kept or cost_s < kept[-1][0] - TOLERANCE_S):
            at, ridden, walked_s = last[walk][0], [], []
            for level in range(len(by) - 1, -1, -2):
                ridden.append(by[level][at])
                at = rides[ridden[-1]][0]
                edge = by[level - 1][at]
                walked_s.append(float((table if level > 1 else ends).walk_s[edge]))
                at = (changes if level > 1 else last)[edge][0]
            kept.append((cost_s, tuple(ridden[::-1]), tuple(walked_s[::-1]), float(ends.walk_s[walk])))
    return kept


@st.composite
def edges(draw: st.DrawFn, most: int, values: st.SearchStrategy[float]) -> dict[tuple[int, int], float]:
    stop = st.integers(0, STOPS - 1)
    pairs = draw(st.lists(st.tuples(stop, stop).filter(lambda pair: pair[0] != pair[1]), max_size=most, unique=True))
    return {pair: draw(values) for pair in pairs}


# Whole costs make ties, others make sums that are rounded.
COSTS = st.one_of(st.integers(1, 4).map(float), st.floats(0.1, 3.0))


@given(
    edges(24, COSTS),
    edges(6, COSTS),
    edges(6, COSTS),
    st.sampled_from([0.0, 1.0, 1.65]),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.integers(0, 4),
)
def test_the_rounds_find_what_following_every_edge_finds(ridden, changes, access, weight, penalty_s, transfers) -> None:
    stay = {(stop, stop): 0.0 for stop in range(STOPS)}
    legs, walks = legs_of(ridden), Walks(WalkTable.of({**access, **stay}), WalkTable.of({**changes, **stay}))
    search = RoundSearch(STOPS, legs, walks, weight, penalty_s, transfers, TOLERANCE_S)
    for origin in (0, 1):
        goals = np.array([stop for stop in range(STOPS) if stop != origin])
        found = search.journeys(origin, goals)
        mine: dict[int, list[Path]] = {int(goal): [] for goal in goals}
        for row, (first, end) in enumerate(pairwise(found.leg_ptr.tolist())):
            mine[int(goals[found.destination[row]])].append(
                (
                    float(found.cost_s[row]),
                    tuple(found.leg[first:end].tolist()),
                    tuple(found.walk_s[first:end].tolist()),
                    float(found.egress_s[row]),
                )
            )
        for goal, paths in mine.items():
            assert paths == plain_journeys(legs, walks, weight, penalty_s, transfers, origin, goal)


def offer(pattern: int, stops: list[int], times_s: FloatArray, headway_s: float) -> PatternOffer:
    some = np.ones(len(stops), dtype=np.bool_)
    return PatternOffer(pattern, np.array(stops), headway_s, times_s, times_s, times_s, some, some)


def test_a_pattern_that_passes_a_stop_twice_offers_its_shortest_ride_once() -> None:
    loop = offer(0, [0, 1, 2, 0, 2], np.array([0.0, 60.0, 300.0, 400.0, 450.0]), 600.0)
    other = offer(1, [0, 2], np.array([0.0, 200.0]), 600.0)
    preferences = PreferenceParameters(wait_weight=1)
    legs = direct_legs([loop, other], JourneyParameters(), preferences)
    rides = legs.rides(legs.between(0, 2))
    assert [(ride.pattern, ride.board_sequence, ride.alight_sequence, ride.ride_s) for ride in rides] == [
        (0, 3, 4, 50.0),
        (1, 0, 1, 200.0),
    ]
    leg = legs.leg(legs.between(0, 2))
    assert (leg.wait_s, leg.ride_s, leg.cost_s) == pytest.approx((150.0, 125.0, 275.0))
    assert legs.costs_to(2) == pytest.approx({0: 275.0, 1: 540.0})
