"""Quantiles of values that come in parts and are never all in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from sim.arrays import FloatArray

Parts = Callable[[], Iterable[FloatArray]]
"""Goes through the parts anew each time; finite values, shape (values,)."""


def quantiles_of_parts(parts: Parts, levels: Sequence[float], step: float) -> FloatArray:
    """Return quantiles of all parts together, those of `numpy.quantile` (linear between order statistics).

    Goes through the parts twice: first values are counted by step, then those that lie in the steps of
    the wanted order statistics are kept (`test_quantiles_of_parts_are_those_of_the_whole`).

    Parameters
    ----------
    parts : callable
    levels : sequence of float
        Between 0 and 1.
    step : float
        Width of a step: the narrower, the fewer values are kept and the more counts.

    Returns
    -------
    ndarray, shape (levels,)
        NaN without values.
    """
    counts: dict[int, int] = {}
    for values in parts():
        for number, count in zip(*_counted(values, step), strict=True):
            counts[number] = counts.get(number, 0) + count
    if not counts:
        return np.full(len(levels), np.nan)
    steps = np.array(sorted(counts), dtype=np.int64)
    ends = np.cumsum([counts[number] for number in steps.tolist()])
    total = int(ends[-1])
    place = np.asarray(levels, dtype=np.float64) * (total - 1)
    ranks = np.stack([np.floor(place), np.minimum(np.floor(place) + 1, total - 1)]).astype(np.int64)
    row = np.searchsorted(ends, ranks, side="right")
    wanted = np.unique(steps[row])
    kept = np.sort(np.concatenate([values[np.isin(_step_of(values, step), wanted)] for values in parts()]))
    # Of the values below a rank those are kept that lie in wanted steps.
    before = np.concatenate([[0], ends[:-1]])
    is_wanted = np.isin(steps, wanted)
    kept_before = np.concatenate([[0], np.cumsum(np.where(is_wanted, ends - before, 0))])[:-1]
    low, high = kept[ranks - before[row] + kept_before[row]]
    return np.array(
        [np.quantile(pair, share) for pair, share in zip(np.stack([low, high], 1), place % 1.0, strict=True)]
    )


def _step_of(values: FloatArray, step: float) -> FloatArray:
    steps: FloatArray = np.floor(values / step)
    return steps


def _counted(values: FloatArray, step: float) -> tuple[list[int], list[int]]:
    numbers, counts = np.unique(_step_of(values, step).astype(np.int64), return_counts=True)
    return numbers.tolist(), counts.tolist()
