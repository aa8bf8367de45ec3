"""What a verdict claims where nothing is there to be claimed: corrected for how many differences it looks at."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.stats

from sim.metrics.registry import METRICS, metrics_told
from sim.metrics.statistics import estimate, holm, p_value
from sim.metrics.summary import summarise_values
from sim.report.verdict import verdict

NAMES = ("none", "same_for_all", "individual", "coordinated")
COST = metrics_told("verdict")[0].name
CLAIMS = ("Advice helps", "Advice backfires", "What improves", "The price")


def drawn_summary(rng: np.random.Generator, saved_min: float, replications: int = 5) -> dict[str, Any]:
    """Return the summary of strategies that change nothing, but for what coordinated advice saves."""
    looked_at = {metric.name for telling in ("verdict", "consequence") for metric in metrics_told(telling)}
    values = {}
    for strategy in NAMES:
        values[strategy] = {metric.name: np.full(replications, math.nan) for metric in METRICS}
        for name in sorted(looked_at):
            values[strategy][name] = 30.0 + rng.normal(size=replications)
    values["coordinated"][COST] = values["none"][COST] - saved_min + 0.001 * rng.normal(size=replications)
    if not saved_min:
        values["coordinated"][COST] = 30.0 + rng.normal(size=replications)
    return {"strategies": summarise_values(values)}


def false_claims(summary: dict[str, Any], true_start: str) -> int:
    """Count sentences of the verdict that claim what is not there."""
    claims = [sentence for sentence in verdict(summary) if sentence.startswith(CLAIMS)]
    # Several strategies are claimed in one sentence.
    return sum(not sentence.startswith(true_start) or "and by" in sentence for sentence in claims)


@pytest.mark.parametrize(
    ("saved_min", "true_start"),
    [(0.0, "nothing"), (5.0, "Advice helps: the mean generalized cost per commuter falls by 5.00")],
)
def test_at_most_one_verdict_in_twenty_claims_what_is_not_there(saved_min, true_start):
    """With seed 1 and 120 draws; without the correction more than twice as many do."""
    rng = np.random.default_rng(1)
    wrong = uncorrected = 0
    for _ in range(120):
        summary = drawn_summary(rng, saved_min)
        wrong += false_claims(summary, true_start) > 0
        for metrics in summary["strategies"].values():
            for entry in metrics.values():
                entry.pop("adjusted_p_value", None)
        uncorrected += false_claims(summary, true_start) > 0
    # 5 % and twice its standard error at 120 draws.
    assert wrong / 120 <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 120)
    assert uncorrected > 2 * wrong


def test_a_difference_that_is_clear_alone_and_not_among_several_is_said_to_be_so():
    for seed in range(200):
        said = verdict(drawn_summary(np.random.default_rng(seed), 0.0))
        if any(sentence.startswith("Looked at alone") for sentence in said):
            assert not any(sentence.startswith(CLAIMS[:2]) for sentence in said)
            return
    pytest.fail("no draw was clear alone")


@pytest.mark.parametrize("count", [2, 3, 5, 6, 11, 31])
def test_p_values_are_those_at_which_the_interval_ends_at_0(count):
    rng = np.random.default_rng(count)
    for _ in range(20):
        values = rng.exponential(size=count) * rng.choice([0.1, 1, 10]) - rng.choice([0.0, 0.5])
        found = p_value(values)
        if 1e-9 < found < 1.0:
            there = estimate(values, confidence=1.0 - found)
            assert there.half_width == pytest.approx(abs(there.mean), rel=1e-5)


def test_p_values_of_even_values_are_those_of_the_t_test():
    values = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
    assert p_value(values) == pytest.approx(scipy.stats.ttest_1samp(values, 0.0).pvalue)
    assert p_value(np.array([2.0, 2.0, 2.0])) == 0.0
    assert p_value(np.zeros(3)) == 1.0
    assert math.isnan(p_value(np.array([1.0, math.nan])))


def test_holm_by_hand():
    """Three differences: the least counts three times, the next twice; none is below one that is less."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    found = holm([0.02, math.nan, 0.01])
    assert found[0] == pytest.approx(0.02)
    assert found[2] == pytest.approx(0.02)
    assert math.isnan(found[1])
    assert holm([]) == []
    rising = holm(sorted(np.random.default_rng(3).uniform(size=9).tolist()))
    assert all(one <= two for one, two in pairwise(rising))
