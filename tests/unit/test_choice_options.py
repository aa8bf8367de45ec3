"""Several options of a pair of stops, how much they share, and how one is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

from sim.model.parameters import JourneyParameters
from sim.model.scenario import Scenario
from sim.population.route_choice import choose_options
from sim.randomness import Streams, entity_keys
from sim.routing import find_options

EVERY = [600.0 * number for number in range(12)]
FREE = {"wait_weight": 0, "walk_weight": 0, "transfer_penalty": 0, "in_vehicle_weight": 1}
LINES = [
    bus_line("D", "AXYZB", [600, 60, 60, 480], EVERY),
    bus_line("L", "AP", [600], EVERY),
    bus_line("M", "PB", [700], EVERY),
    bus_line("N", "AQ", [900], EVERY),
    bus_line("R", "QB", [900], EVERY),
    bus_line("E", "XW", [500], EVERY),
    bus_line("G", "WB", [400], EVERY),
]
"""From A to B: D in 1200 s, L and M in 1300, D, E and G over X and W in 1500, N and R in 1800."""


def scenario(**journeys: object) -> Scenario:
    return world(LINES, [flow("A", "B", 0, 3600, 1)], preferences=FREE, journeys=journeys)


def costs_s(**journeys: object) -> list[float]:
    return [pytest.approx(60 * cost) for cost in find_options(scenario(**journeys)).cost_min]


def test_the_cheapest_options_over_different_lines_in_order() -> None:
    assert costs_s(options=4, longest_detour=2) == [1200, 1300, 1500, 1800]
    assert costs_s(options=2, longest_detour=2) == [1200, 1300]


def test_options_much_dearer_than_the_cheapest_are_left_out() -> None:
    assert costs_s(options=4, longest_detour=1.25) == [1200, 1300, 1500]
    assert costs_s(options=4, longest_detour=1.24) == [1200, 1300]


def test_by_default_more_transfers_have_to_pay() -> None:
    assert costs_s() == [1200]


def test_options_are_different_sequences_of_lines() -> None:
    """Nobody changes from a line to itself, though that would cost nothing."""
    options = find_options(scenario(options=10, longest_detour=2))
    assert len(options.cost_min) == 4


def test_path_size_counts_what_is_shared() -> None:
    """D rides 600 s of 1200 together with the way over W, which rides the same 600 of 1500."""
    options = find_options(scenario(options=3, longest_detour=2, choice="path_size_logit"))
    assert options.path_size == pytest.approx([0.5 * 0.5 + 0.5, 1.0, (600 / 2 + 900) / 1500])


def test_draws_follow_the_path_size_logit() -> None:
    options = find_options(scenario(options=3, longest_detour=2, choice="path_size_logit"))
    parameters = JourneyParameters(choice="path_size_logit", logit_scale=0.1)
    people = 200_000
    keys = entity_keys(np.arange(people))
    chosen = choose_options(options, np.zeros(people, dtype=np.int64), parameters, Streams(1, 0), keys, np.ones(people))
    weight = options.path_size * np.exp(-0.1 * options.cost_min)
    assert np.bincount(chosen, minlength=3) / people == pytest.approx(weight / weight.sum(), abs=0.004)


def test_plain_logit_does_not_see_what_is_shared() -> None:
    options = find_options(scenario(options=3, longest_detour=2))
    assert options.path_size.tolist() == [1.0, 1.0, 1.0]
    shared = replace(options, path_size=np.array([0.1, 1.0, 0.1]))
    keys = entity_keys(np.arange(1000))
    draws = [
        choose_options(
            table,
            np.zeros(1000, dtype=np.int64),
            JourneyParameters(choice="logit"),
            Streams(1, 0),
            keys,
            np.ones(1000),
        )
        for table in (options, shared)
    ]
    assert (draws[0] == draws[1]).all()
