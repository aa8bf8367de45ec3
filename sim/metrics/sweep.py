"""What a sweep shows: means and intervals by point, and how cost changes along each key."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.metrics.registry import metrics_told
from sim.metrics.statistics import Estimate, estimate
from sim.metrics.summary import ReplicationValues, changes_between, summarise_values

CURVE_METRIC = metrics_told("verdict")[0].name
"""Metric by which a strategy is said to help or to backfire."""


@dataclass(frozen=True)
class SweepValues:
    """Everything that a sweep measured.

    Attributes
    ----------
    vary : mapping of str to sequence
        Values by key path.
    strategies : sequence of str
    points : sequence of mapping
        Values of the keys at each point.
    values : sequence of dict
        Strategy, then metric, then one value per replication, for each point.
    """

    vary: Mapping[str, Sequence[Any]]
    strategies: Sequence[str]
    points: Sequence[Mapping[str, Any]]
    values: Sequence[ReplicationValues]


def sweep_summary(sweep: SweepValues) -> dict[str, Any]:
    """Return the summary of a sweep.

    ``{"vary": {key: [values]}, "strategies": [...], "points": [{"values", "strategies": as in a
    comparison, "changes": {strategy: {metric: {"change", "change_half_width"}}}}], "curves": [...]}``; changes are
    against the same strategy at the first point, paired by replication; `curve_of` says what a curve holds.

    Parameters
    ----------
    sweep : SweepValues
    """
    points = [
        {
            "values": dict(place),
            "strategies": summarise_values(values),
            "changes": changes_between(values, sweep.values[0]),
        }
        for place, values in zip(sweep.points, sweep.values, strict=True)
    ]
    return {
        "vary": {key: list(values) for key, values in sweep.vary.items()},
        "strategies": list(sweep.strategies),
        "points": points,
        "curves": list(_curves(sweep)),
    }


def curve_of(x: FloatArray, differences: FloatArray) -> dict[str, Any]:
    """Say how the difference against `none` runs along a key.

    Parameters
    ----------
    x : ndarray of float, shape (points,)
        Values of the key, rising.
    differences : ndarray of float, shape (points, replications)
        Metric less that of `none` in the same replication.

    Returns
    -------
    dict
        ``difference`` and ``half_width`` by point; ``best_at``, the value at which the mean is lowest,
        None where no interval lies below 0; ``backfires_from``, the lowest value whose interval lies
        above 0, None where there is none; ``crosses_zero_at``, where the mean, drawn straight between
        points, last turns from gain to loss before that; ``rises_at``, values at which the step from
        the value before is a rise beyond its interval.
    """
    estimates = [estimate(row) for row in differences]
    steps = [estimate(step) for step in np.diff(differences, axis=0)]
    worse = [place for place, value in enumerate(estimates) if _lies_above(value)]
    better = [place for place, value in enumerate(estimates) if value.mean + value.half_width < 0]
    best = min(better, key=lambda place: estimates[place].mean, default=None)
    means = np.array([value.mean for value in estimates])
    return {
        "difference": [_known(value.mean) for value in estimates],
        "half_width": [_known(value.half_width) for value in estimates],
        "best_at": None if best is None else float(x[best]),
        "backfires_from": float(x[worse[0]]) if worse else None,
        "crosses_zero_at": _crossing(x, means, worse[0]) if worse else None,
        "rises_at": [float(x[place + 1]) for place, step in enumerate(steps) if _lies_above(step)],
    }


def _curves(sweep: SweepValues) -> Iterator[dict[str, Any]]:
    for key, along in sweep.vary.items():
        if len(along) < 2 or not all(_is_number(value) for value in along):
            continue
        for fixed, places in _lines(sweep, key):
            places.sort(key=lambda place: float(sweep.points[place][key]))
            x = np.array([float(sweep.points[place][key]) for place in places])
            for strategy in sweep.strategies:
                if strategy == BASELINE:
                    continue
                differences = np.array(
                    [
                        sweep.values[place][strategy][CURVE_METRIC] - sweep.values[place][BASELINE][CURVE_METRIC]
                        for place in places
                    ]
                )
                yield {
                    "strategy": strategy,
                    "along": key,
                    "fixed": fixed,
                    "metric": CURVE_METRIC,
                    "x": x.tolist(),
                    **curve_of(x, differences),
                }


def _lines(sweep: SweepValues, key: str) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Yield the values of the other keys, and the points that share them."""
    groups: dict[str, list[int]] = {}
    for place, values in enumerate(sweep.points):
        others = {name: value for name, value in values.items() if name != key}
        groups.setdefault(json.dumps(others, sort_keys=True), []).append(place)
    for text, places in groups.items():
        yield json.loads(text), places


def _crossing(x: FloatArray, means: FloatArray, worse: int) -> float | None:
    for place in range(worse, 0, -1):
        before, after = means[place - 1], means[place]
        if before <= 0 < after:
            return float(x[place - 1] + (x[place] - x[place - 1]) * (-before) / (after - before))
    return None


def _lies_above(value: Estimate) -> bool:
    """Tell whether an interval lies above 0; without one nothing is known."""
    return value.mean - value.half_width > 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
