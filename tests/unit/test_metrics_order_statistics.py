from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics.order_statistics import quantiles_of_parts

VALUES = st.lists(st.lists(st.floats(-1e4, 1e4) | st.integers(-5, 5).map(float), max_size=20), max_size=5)


@given(VALUES, st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4), st.sampled_from([0.05, 1.0, 60.0]))
def test_quantiles_of_parts_are_those_of_the_whole(parts: list[list[float]], levels: list[float], step: float) -> None:
    arrays = [np.array(part, dtype=np.float64) for part in parts]
    whole = np.concatenate([*arrays, np.zeros(0)])
    found = quantiles_of_parts(lambda: iter(arrays), levels, step)
    if len(whole):
        np.testing.assert_allclose(found, np.quantile(whole, levels), rtol=1e-12, atol=1e-12)
    else:
        assert np.isnan(found).all()
