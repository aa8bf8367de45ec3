"""Steps of prices, single ones and those of rooms that are alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.advisor.optimum import ascent
from sim.advisor.optimum.ascent import PriceSteps, alike_rooms
from sim.arrays import IntArray
from sim.compiled.loops import loops

VEHICLES, PEOPLE, PLACES, ROUNDS = 200, 400, 4, 150
LATE_MIN = np.arange(VEHICLES, dtype=np.float64)
LEAST_MIN = PLACES * LATE_MIN[: PEOPLE // PLACES].sum()
"""All would be in the first vehicle, and each later one costs a minute more: the first hundred are filled."""


def highest_bound(groups: Sequence[IntArray]) -> float:
    """Return the highest bound on what people pay together in one queue for hours."""
    steps = PriceSteps(np.zeros(VEHICLES), groups, ROUNDS)
    price, best = np.zeros(VEHICLES), -np.inf
    for _ in range(ROUNDS):
        cost = LATE_MIN + price
        best = max(best, PEOPLE * float(cost.min()) - PLACES * float(price.sum()))
        load = np.bincount([cost.argmin()], [PEOPLE], VEHICLES)
        price = steps.next(price, load - np.where(price > 0.0, PLACES, 0.0), (1.1 * LEAST_MIN - best) / PEOPLE)
        assert (price >= 0.0).all()
    return best


def test_prices_that_move_together_find_a_queue_of_hours_soon() -> None:
    """Single prices, a vehicle after the other, end below a tenth of the least cost in as many rounds."""
    link = np.zeros(VEHICLES, dtype=np.int64), np.ones(VEHICLES, dtype=np.int64)
    together = alike_rooms(*link, LATE_MIN * 60.0)
    assert highest_bound(together[:1]) < 0.1 * LEAST_MIN
    assert 0.5 * LEAST_MIN < highest_bound(together) <= LEAST_MIN


def test_rooms_are_alike_on_one_link_in_one_period() -> None:
    """A vehicle that never comes belongs to the first period, and a group of four hours holds those of one hour."""
    stop, next_stop = np.array([0, 0, 0, 0, 1]), np.array([1, 1, 1, 2, 0])
    starts_s = np.array([600.0, 1200.0, np.inf, 600.0, 600.0])
    single, quarter, half, *longer = alike_rooms(stop, next_stop, starts_s)
    assert single.tolist() == [0, 1, 2, 3, 4]
    assert quarter[0] == quarter[2] != quarter[1]
    assert half[0] == half[1] == half[2]
    for groups in (quarter, half, *longer):
        assert len({int(groups[0]), int(groups[3]), int(groups[4])}) == 3


@pytest.mark.parametrize("slope", [[-3.0, 5.0], [-3.0, 0.0]])
def test_a_price_at_its_least_draws_no_other_down(slope: list[float]) -> None:
    """Would catch free room of one vehicle that makes the full one of the same quarter of an hour cheaper."""
    steps = PriceSteps(np.zeros(2), (np.arange(2), np.zeros(2, dtype=np.int64)), 10)
    price = steps.next(np.array([0.0, 7.0]), np.array(slope), 10.0)
    assert price[1] >= 7.0


@pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or Python is preferred")
@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 6))
def test_steps_of_the_compiled_loop_have_the_bits_of_numpy(seed: int, rooms: int, kinds: int) -> None:
    """Groups of all sizes, prices at and above their least, and directions up and down, for some steps."""
    rng = np.random.default_rng(seed)
    groups = np.arange(rooms), np.unique(rng.integers(0, kinds, rooms), return_inverse=True)[1]
    least = rng.integers(0, 3, rooms).astype(float)
    compiled, plain = (PriceSteps(least, groups, 20) for _ in range(2))
    price = least + rng.integers(0, 2, rooms) * rng.uniform(0.0, 9.0, rooms)
    for _ in range(4):
        slope, left_min = rng.normal(size=rooms) * rng.integers(0, 2, rooms), float(rng.uniform(-1.0, 9.0))
        found = compiled.next(price, slope, left_min)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ascent, "loops", lambda: None)
            assert np.array_equal(found, plain.next(price, slope, left_min))
        assert np.array_equal(compiled.square, plain.square)
        price = found


@pytest.mark.parametrize(("rounds", "parts", "times"), [(50, 16, 1), (300, 1, 1), (300, 16, 2), (9600, 16, 16)])
def test_first_steps_are_longer_in_long_searches_that_look_at_some_people(rounds: int, parts: int, times: int) -> None:
    """With all people in each round long steps never settle; with some of them means of many rounds count anyway."""
    groups = (np.arange(3),)
    single, longer = PriceSteps(np.zeros(3), groups, 50), PriceSteps(np.zeros(3), groups, rounds, parts)
    slope = np.array([1.0, 2.0, 3.0])
    assert longer.next(np.zeros(3), slope, 1.0) == pytest.approx(times * single.next(np.zeros(3), slope, 1.0))
