"""Points of a plane that are near each other, against all pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.routing.walks import _near


@given(
    arrays(np.float64, st.tuples(st.integers(1, 25), st.just(2)), elements=st.integers(-12, 12).map(float)),
    st.sampled_from([0.5, 1.0, 2.5, 40.0]),
)
def test_near_points_are_those_of_all_pairs_within_reach(plane, reach) -> None:
    first, second = np.triu_indices(len(plane), 1)
    apart = np.hypot(*(plane[first] - plane[second]).T)
    expected = {(int(a), int(b)) for a, b in zip(first[apart <= reach], second[apart <= reach], strict=True)}
    found = [tuple(sorted(pair)) for pair in _near(plane, reach).tolist()]
    assert len(found) == len(set(found))
    assert set(found) == expected
