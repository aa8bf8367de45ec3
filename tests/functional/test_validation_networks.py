"""Loads and matrices that the program is not told: what comes out is compared, and the page says the same."""

from __future__ import annotations

import pytest

from sim.api.count_fit import fit_counts
from studies import network_validation
from studies.network_validation import DAYS, FASTEST, athens_counts, athens_loads, athens_run, held_out


def test_loads_of_athens_by_the_fastest_way(shared_data, tmp_path):
    """Catches any other choice of ways: with waits and changes counted 9 links differ, by up to 4,900 persons.

    `network fit` counts the same persons by stop, line and direction.
    """
    result = athens_run(FASTEST)
    loads = athens_loads(shared_data, result)
    assert loads.same >= 48
    assert loads.off_share < 0.005
    (tmp_path / "counts.csv").write_text(athens_counts(shared_data), encoding="utf-8")
    fit = fit_counts(result.write(tmp_path / "run"), tmp_path / "counts.csv")
    assert fit.counts.persons.tolist() == loads.observed.tolist()
    assert fit.simulated.tolist() == loads.simulated.tolist()


@pytest.mark.parametrize(("known", "wanted"), DAYS)
def test_matrices_of_bart_that_were_held_out(shared_data, known, wanted):
    """A fitted matrix is nearer than a scaled one, and less than half as wrong as entries and exits alone."""
    off = held_out(shared_data, known, wanted)
    assert off.fitted < off.scaled < off.sums_only
    assert off.fitted < 0.5 * off.sums_only
    same_kind, a_year_later = known[1] == wanted[1], wanted[0] == "2019-10"
    assert off.fitted < (0.07 if same_kind and a_year_later else 0.12)


def test_the_page_is_the_one_that_the_data_give(shared_data):
    assert network_validation.PAGE.read_text(encoding="utf-8") == network_validation.page(shared_data)
