"""What cases cost, put together by the compiled loops and by NumPy."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.compiled.loops import loops
from sim.model.parameters import PreferenceParameters
from sim.population.case_costs import AtGoals, case_costs, case_costs_by_numpy


def drawn(random: Random, size: int, *values: float) -> Any:
    return np.array([random.choice(values) for _ in range(size)], dtype=np.float64)


def below(random: Random, size: int, most: int) -> Any:
    return np.array([random.randrange(most) for _ in range(size)], dtype=np.int64)


@pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or are not wanted")
@given(st.integers(0, 6), st.integers(0, 4), st.booleans(), st.randoms(use_true_random=False))
def test_compiled_costs_of_cases_are_those_of_numpy(cases: int, goals: int, has_fares: bool, random: Random) -> None:
    """Also of people who only walk, are lost or never arrive; to the bit."""
    weights = {"in_vehicle_weight": 1.1, "wait_weight": 1.7, "walk_weight": 2.3, "transfer_penalty": 130.0}
    preferences = PreferenceParameters.model_validate(weights)
    legs = [random.randrange(4) for _ in range(3)]
    options: Any = SimpleNamespace(
        leg_ptr=np.concatenate([[0], np.cumsum(legs)]).astype(np.int64),
        egress_walk_s=drawn(random, 3, 0.0, 1 / 3, 77.7),
        fare_min=drawn(random, 3, 0.0, 1 / 7, 5.1) if has_fares else None,
    )
    timed: Any = SimpleNamespace(
        option=below(random, cases, 3),
        followed=below(random, cases, 3),
        window=below(random, cases, 90),
        last_goal=below(random, cases, goals + 1),
        first_stand=below(random, cases, 3),
        walk_s=drawn(random, cases, 0.0, 1 / 3, 61.5),
    )
    at_goals = (np.append(drawn(random, goals, 1 / 3, 30_000.7, np.inf), 0.0) for _ in range(3))
    met = AtGoals(*at_goals, lost_share=drawn(random, 3, 0.0, 1 / 3, 1.0))
    compiled, by_numpy = (way(preferences, options, timed, 61.0, met) for way in (case_costs, case_costs_by_numpy))
    for name in ("arrival_s", "travel_cost_min", "lost_share"):
        assert getattr(compiled, name).tobytes() == getattr(by_numpy, name).tobytes()


def test_costs_of_a_case_are_those_worked_out_by_hand() -> None:
    """One change: 600 s on board, 120 of waiting, 60 + 30 of walking, a penalty of 300; lost on a tenth of days."""
    weights = {"in_vehicle_weight": 1.0, "wait_weight": 2.0, "walk_weight": 3.0, "transfer_penalty": 300.0}
    preferences = PreferenceParameters.model_validate({**weights, "unserved_penalty": 6000.0})
    options: Any = SimpleNamespace(
        leg_ptr=np.array([0, 2, 2]), egress_walk_s=np.array([30.0, 900.0]), fare_min=np.array([1.5, 0.0])
    )
    timed: Any = SimpleNamespace(
        option=np.array([0, 1]),
        followed=np.array([0, 1]),
        window=np.array([100, 100]),
        last_goal=np.array([0, 1]),
        first_stand=np.array([0, 1]),
        walk_s=np.array([60.0, 0.0]),
    )
    met = AtGoals(np.array([7000.0, 0.0]), np.array([600.0, 0.0]), np.array([120.0, 0.0]), np.array([0.1, 0.0]))
    for way in (case_costs, case_costs_by_numpy):
        found = way(preferences, options, timed, 60.0, met)
        np.testing.assert_allclose(found.arrival_s, [7030.0, 100.5 * 60 + 900])
        by_way = (600 + 2 * 120 + 3 * 90 + 300 + 0.1 * 6000) / 60 + 1.5
        np.testing.assert_allclose(found.travel_cost_min, [by_way, 3 * 900 / 60])
