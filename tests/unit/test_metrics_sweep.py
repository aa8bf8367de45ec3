"""What a sweep says along a key."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.metrics.registry import METRICS
from sim.metrics.sweep import CURVE_METRIC, SweepValues, curve_of, sweep_summary

X = np.array([0.0, 0.25, 0.5, 1.0])


def around(means, spread=0.01):
    return np.array([[mean - spread, mean, mean + spread] for mean in means])


def test_a_curve_that_helps_and_then_backfires():
    curve = curve_of(X, around([0.0, -1.0, 1.0, 3.0]))
    assert curve["best_at"] == 0.25
    assert curve["backfires_from"] == 0.5
    assert curve["crosses_zero_at"] == pytest.approx(0.375)
    assert curve["rises_at"] == [0.5, 1.0]
    assert curve["difference"] == pytest.approx([0.0, -1.0, 1.0, 3.0])


def test_a_curve_that_falls_all_the_way():
    curve = curve_of(X, around([0.0, -1.0, -1.5, -1.5]))
    assert (curve["best_at"], curve["backfires_from"], curve["crosses_zero_at"]) == (0.5, None, None)
    assert curve["rises_at"] == []


def test_nothing_is_said_within_the_intervals():
    noise = np.array([[0.0, 0.0, 0.0], [3.0, -3.0, 0.0], [-3.0, 3.0, 0.0], [3.0, -3.0, 0.0]])
    curve = curve_of(X, np.array([[0.0], [-1.0], [1.0], [0.5]]) + noise)
    assert (curve["best_at"], curve["backfires_from"], curve["rises_at"]) == (None, None, [])


def test_steps_are_paired_by_replication():
    # each replication rises by 0.1 at every step, though their levels lie far apart
    differences = np.array([[-9.0, -5.0, -1.0]] * 4) + 0.1 * np.arange(4)[:, None]
    assert curve_of(X, differences)["rises_at"] == [0.25, 0.5, 1.0]


def test_one_replication_claims_nothing():
    curve = curve_of(X, np.array([[0.0], [-1.0], [1.0], [2.0]]))
    assert (curve["best_at"], curve["backfires_from"], curve["rises_at"]) == (None, None, [])
    assert curve["half_width"] == [None] * 4


@pytest.mark.parametrize("curves", [1, 3])
def test_at_most_one_sweep_in_twenty_claims_what_is_not_there(curves):
    """Curves of strategies that change nothing, at four points; without the correction every fifth sweep claims."""
    rng = np.random.default_rng(5)
    wrong = uncorrected = 0
    for _ in range(200):
        drawn = rng.normal(size=(curves, 4, 5))
        found = [curve_of(X, differences, curves) for differences in drawn]
        wrong += any(curve["best_at"] is not None or curve["backfires_from"] is not None for curve in found)
        uncorrected += any(
            abs(mean) > half_width
            for curve in found
            for mean, half_width in zip(curve["difference"], curve["half_width"], strict=True)
        )
    # 5 % and twice its standard error at 200 draws.
    assert wrong / 200 <= 0.05 + 2 * (0.05 * 0.95 / 200) ** 0.5
    assert uncorrected > 2 * wrong


def values(mean):
    return {metric.name: np.array([mean - 0.1, mean + 0.1]) for metric in METRICS}


def test_a_grid_has_a_curve_for_every_line_through_it():
    vary: dict[str, list[Any]] = {"a": [2, 1], "b": [0.5, 0.1], "c": ["x"]}
    points = [{"a": a, "b": b, "c": "x"} for a in vary["a"] for b in vary["b"]]
    measured = [{"none": values(5.0), "mine": values(5.0 + 10 * point["a"] + point["b"])} for point in points]
    summary = sweep_summary(SweepValues(vary, ["none", "mine"], points, measured))
    assert [point["values"] for point in summary["points"]] == points
    assert summary["points"][0]["strategies"]["mine"][CURVE_METRIC]["difference"] == pytest.approx(20.5)
    along_a = [curve for curve in summary["curves"] if curve["along"] == "a"]
    assert [curve["fixed"] for curve in along_a] == [{"b": 0.5, "c": "x"}, {"b": 0.1, "c": "x"}]
    assert along_a[0]["x"] == [1.0, 2.0]  # sorted, whatever the order given
    assert along_a[0]["difference"] == pytest.approx([10.5, 20.5])
    assert {curve["along"] for curve in summary["curves"]} == {"a", "b"}
    assert {curve["strategy"] for curve in summary["curves"]} == {"mine"}
