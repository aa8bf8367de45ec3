"""The greatest convex function below a cost, against SciPy's isotonic regression, bit for bit."""

from __future__ import annotations

import numpy as np
import scipy
from hypothesis import given
from hypothesis import strategies as st

from sim.advisor.optimum.convex import convex_below

SLOPES = st.lists(st.one_of(st.floats(-10.0, 10.0), st.sampled_from([0.0, 0.1, 0.3, 1.0])), min_size=1, max_size=60)


@given(SLOPES)
def test_slopes_are_those_of_the_isotonic_regression(slopes):
    cost = np.append(0.0, np.cumsum(slopes))
    expected = np.append(0.0, np.cumsum(scipy.optimize.isotonic_regression(np.diff(cost)).x))
    assert convex_below(cost).tolist() == expected.tolist()


def test_a_dent_is_filled_and_nothing_else():
    assert convex_below(np.array([0.0, 1.0, 3.0, 4.0, 6.0])).tolist() == [0.0, 1.0, 2.5, 4.0, 6.0]


def test_long_costs_of_all_shapes():
    """Would catch: sums that go wrong where several pools become one, which short lists hardly ever reach."""
    draws = np.random.default_rng(1)
    for _ in range(200):
        cost = np.append(0.0, np.cumsum(draws.normal(size=60)))
        expected = np.append(0.0, np.cumsum(scipy.optimize.isotonic_regression(np.diff(cost)).x))
        assert convex_below(cost).tolist() == expected.tolist()
