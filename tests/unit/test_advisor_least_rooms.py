"""The least that rooms cost at prices: at which load, by NumPy and by the compiled loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.advisor.optimum.capacity import VehicleCapacity
from sim.arrays import FloatArray
from sim.compiled.loops import loops


def rooms(seed: int, number: int, kinds: int) -> tuple[VehicleCapacity, FloatArray]:
    """Return rooms whose cost rises ever faster with the load, some without a ride, and prices; some are 0."""
    rng = np.random.default_rng(seed)
    most = rng.integers(1, 30, kinds)
    # Steps in whole numbers, and prices that are multiples of them, so that ties come up.
    cost = tuple(np.concatenate([[0.0], np.cumsum(np.sort(rng.integers(1, 5, top)))]).astype(float) for top in most)
    kind = rng.integers(0, kinds, number)
    ride_min = rng.integers(0, 3, number) * 0.5
    nowhere = np.zeros(number, dtype=np.int64)
    found = VehicleCapacity(most[kind].astype(float), ride_min, kind, cost, True, nowhere, nowhere, np.zeros(number))
    price: FloatArray = rng.integers(0, 12, number) * 0.25
    return found, price


@given(st.integers(0, 2**31), st.integers(0, 30), st.integers(1, 3))
def test_no_other_load_costs_less(seed: int, number: int, kinds: int) -> None:
    """Would catch a load that is off by one, costs of another vehicle type, and room that is free but counted."""
    found, price = rooms(seed, number, kinds)
    least_min, load = found.least(price)
    for room in range(number):
        paid = found.ride_min[room] * found.cost[found.kind[room]] - price[room] * np.arange(found.capacity[room] + 1)
        assert least_min[room] == paid.min() == paid[load[room]]


@pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or Python is preferred")
@given(st.integers(0, 2**31), st.integers(0, 30), st.integers(1, 3))
def test_the_compiled_loop_gives_the_bits_of_numpy(seed: int, number: int, kinds: int) -> None:
    found, price = rooms(seed, number, kinds)
    for compiled, plain in zip(found.least(price), found.least_by_numpy(price), strict=True):
        assert compiled.dtype == plain.dtype
        assert np.array_equal(compiled, plain)
