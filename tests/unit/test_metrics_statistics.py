from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from sim.metrics.statistics import Estimate, estimate, largest, p_value, paired_difference, t_quantile

VALUES = st.floats(-1e6, 1e6, allow_subnormal=False)


def pairs(smallest: int) -> st.SearchStrategy[np.ndarray]:
    return st.integers(smallest, 30).flatmap(lambda n: hnp.arrays(np.float64, (2, n), elements=VALUES))


@pytest.mark.parametrize(
    ("replications", "value"), [(2, 12.7062), (5, 2.7764), (10, 2.2622), (20, 2.0930), (30, 2.0452)]
)
def test_quantiles_of_the_textbook(replications: int, value: float) -> None:
    assert t_quantile(replications) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_quantiles_are_those_of_scipy_stats(confidence: float) -> None:
    for replications in (2, 3, 17, 400):
        expected = stats.t.ppf(0.5 + confidence / 2, replications - 1)
        assert t_quantile(replications, confidence) == pytest.approx(expected, rel=1e-10)


def test_interval_of_one_replication_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 replications"):
        t_quantile(1)


def test_estimate_by_hand() -> None:
    # mean 3, s**2 = (4 + 1 + 0 + 1 + 4) / 4 = 2.5, half-width 2.7764 sqrt(2.5 / 5)
    found = estimate(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert found.mean == 3.0
    assert found.half_width == pytest.approx(2.7764451 * math.sqrt(0.5), rel=1e-6)


def test_replications_that_say_nothing_are_left_out() -> None:
    assert estimate(np.array([1.0, np.nan, 2.0, 3.0])) == estimate(np.array([1.0, 2.0, 3.0]))


def test_no_interval_from_one_value_and_no_mean_from_none() -> None:
    assert estimate(np.array([4.0])).mean == 4.0
    assert math.isnan(estimate(np.array([4.0])).half_width)
    assert math.isnan(estimate(np.array([np.nan])).mean)
    assert math.isnan(estimate(np.array([])).half_width)


def test_skewed_values_have_a_wider_interval_by_hand() -> None:
    """Of 0, 0, 0, 0 and 5: mean 1, s^2 = 5, m2 = 4, m3 = 12, G1 = 1.5 sqrt(20) / 3 = sqrt(5)."""
    t = 2.7764451
    expected = t * math.sqrt(5.0 / 5.0) + math.sqrt(5.0) * math.sqrt(5.0) * (1 + 2 * t**2) / 30.0
    assert estimate(np.array([0.0, 0.0, 0.0, 0.0, 5.0])).half_width == pytest.approx(expected, rel=1e-6)


def test_intervals_of_five_skewed_values_hold_as_often_as_they_say() -> None:
    """Lognormal values of skewness 1.75; Student's t holds 91.5 % of the time and fails here."""
    values = np.random.default_rng(5).lognormal(0.0, 0.5, (6000, 5))
    found = [estimate(row) for row in values]
    held = np.mean([abs(item.mean - math.exp(0.125)) <= item.half_width for item in found])
    assert abs(held - 0.95) < 0.012


def test_the_largest_has_no_interval() -> None:
    assert largest(np.array([1.0, np.nan, 3.0])).mean == 3.0
    assert math.isnan(largest(np.array([1.0, 3.0])).half_width)
    assert math.isnan(largest(np.array([np.nan])).mean)


def test_equal_values_have_no_width() -> None:
    assert estimate(np.array([7.0, 7.0, 7.0])) == Estimate(7.0, 0.0)


def standard_width(x: np.ndarray) -> float:
    """Return the half-width of values in standard deviations, by SciPy's skewness and quantile."""
    n, quantile = len(x), stats.t.ppf(0.975, len(x) - 1)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are all but the same
        skewness = np.nan_to_num(stats.skew(x, bias=False)) if n > 2 else 0.0
    return float(quantile / math.sqrt(n) + abs(skewness) * (1 + 2 * quantile**2) / (6 * n))


@given(pairs(2))
def test_estimate_is_the_interval_of_scipy_stats_and_what_skewness_adds(values: np.ndarray) -> None:
    x = values[0]
    found = estimate(x)
    scale = float(np.abs(x).max()) + 1.0
    assert found.mean == pytest.approx(float(np.mean(x)), abs=1e-12 * scale)
    assert found.half_width == pytest.approx(np.std(x, ddof=1) * standard_width(x), rel=1e-6, abs=1e-7 * scale)


@given(pairs(2))
def test_variance_of_a_difference_loses_twice_the_covariance(values: np.ndarray) -> None:
    x, y = values
    found = paired_difference(x, y)
    variance = np.var(x, ddof=1) + np.var(y, ddof=1) - 2.0 * np.cov(x, y)[0, 1]
    scale = float(np.abs(values).max()) + 1.0
    assert found.mean == pytest.approx(float(x.mean() - y.mean()), abs=1e-9 * scale)
    assert (found.half_width / standard_width(x - y)) ** 2 == pytest.approx(variance, rel=1e-6, abs=1e-9 * scale**2)


@given(pairs(2), st.floats(-1e3, 1e3))
def test_common_shift_cancels_and_sign_turns(values: np.ndarray, shift: float) -> None:
    x, y = values
    there, back = paired_difference(x, y), paired_difference(y, x)
    assert (back.mean, back.half_width) == (-there.mean, there.half_width)
    moved = paired_difference(x + shift, y + shift)
    scale = float(np.abs(values).max()) + abs(shift) + 1.0
    assert moved.mean == pytest.approx(there.mean, abs=1e-9 * scale)
    assert moved.half_width == pytest.approx(there.half_width, abs=1e-7 * scale)


def test_gain_of_common_random_numbers() -> None:
    # correlation r of equal variances: Var(D) = 2 V (1 - r), so r = 0.8 leaves a fifth of separate draws
    rng = np.random.default_rng(5)
    common, own = rng.standard_normal(20_000), rng.standard_normal((2, 20_000))
    x, y = math.sqrt(0.8) * common + math.sqrt(0.2) * own
    z = rng.permutation(y)
    gain = (paired_difference(x, z).half_width / paired_difference(x, y).half_width) ** 2
    assert gain == pytest.approx(5.0, rel=0.05)


def test_intervals_of_values_without_skewness_hold_a_little_more_often_than_they_say() -> None:
    draws = np.random.default_rng(11).normal(3.0, 2.0, size=(4_000, 5))
    found = [estimate(row) for row in draws]
    covered = np.mean([abs(e.mean - 3.0) <= e.half_width for e in found])
    assert 0.965 <= covered <= 0.985


def test_unequal_numbers_are_not_paired() -> None:
    with pytest.raises(ValueError, match="2 replications cannot be paired with 3"):
        paired_difference(np.zeros(2), np.zeros(3))


@pytest.mark.parametrize("replications", [*range(2, 34), 1000])
def test_quantiles_at_hand_cut_off_a_fortieth_of_the_law(replications):
    """By the incomplete beta function; SciPy's own quantiles were off in the 11th digit before 1.15."""
    quantile, freedom = t_quantile(replications), replications - 1
    beyond = 0.5 * scipy.special.betainc(freedom / 2, 0.5, freedom / (freedom + quantile**2))
    assert beyond == pytest.approx(0.025, rel=1e-13)


def test_another_confidence_takes_another_quantile():
    assert t_quantile(5, 0.9) == pytest.approx(2.1318, abs=5e-5)


@pytest.mark.parametrize("count", range(2, 10))
def test_chance_of_values_without_skewness_is_that_of_the_t_test(count):
    """Would catch a sum of odd degrees of freedom where those of even ones are wanted, and terms out of step."""
    values = np.linspace(-1.0, 3.0, count)
    assert p_value(values) == pytest.approx(stats.ttest_1samp(values, 0.0).pvalue, rel=1e-9)


def test_chance_is_where_the_interval_of_skewed_values_ends_at_nothing():
    values = np.array([0.2, 0.3, 0.4, 0.5, 4.0])
    quantile, skewness = stats.t.isf(p_value(values) / 2.0, 4), abs(stats.skew(values, bias=False))
    wide, steep, flat = skewness / 15.0, 1.0 / math.sqrt(5.0), skewness / 30.0
    reach = (wide * quantile**2 + steep * quantile + flat) * values.std(ddof=1)
    assert reach == pytest.approx(values.mean(), rel=1e-9)
