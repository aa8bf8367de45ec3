"""Common lines, optimal strategies and crowding: simulation beside theory, also with other parameters."""

import pytest

from sim.verification import run_cases
from sim.verification.theory.common_lines import four_lines, wait_for_even_lines, wait_for_random_lines


def test_printed_values_of_theory():
    assert wait_for_even_lines(10, 20) == pytest.approx(4.166667, abs=1e-6)
    assert wait_for_even_lines(10, 10) == pytest.approx(3.333333, abs=1e-6)
    assert wait_for_random_lines([10, 20]) == pytest.approx(20 / 3)
    assert four_lines([6, 6, 15, 3]) == pytest.approx({"A": 27.75, "X": 19.0714, "Y": 11.5}, abs=1e-4)


@pytest.mark.parametrize(
    ("case", "overrides"),
    [
        ("common.even_wait", ()),
        ("common.even_wait", ("headways=[7, 13]",)),
        ("common.poisson_wait", ()),
        ("common.poisson_wait", ("headways=[4, 9]",)),
        ("strategy.four_lines", ()),
        ("strategy.four_lines", ("headways=[10, 4, 8, 6]", "origin=A")),
        ("crowd.horcher", ()),
        ("crowd.horcher", ("density=2.5", "standing=true")),
    ],
)
def test_simulation_agrees_with_theory(case, overrides):
    rows = run_cases([case], overrides)
    assert [row["reason"] for row in rows] == [""] * len(rows)
