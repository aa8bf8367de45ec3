"""Periods of a service: split where the frequency changes and nowhere else; first, last and rare vehicles are known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.routing.service_levels import levels_of, period_headways

HALF_HOUR_S = 1800.0


def test_periods_end_where_the_frequency_changes() -> None:
    gaps_s = np.repeat([600.0, 300.0, 900.0], [12, 20, 8])
    assert period_headways(gaps_s).tolist() == gaps_s.tolist()


def test_even_and_slightly_uneven_services_have_one_period() -> None:
    random = np.random.default_rng(1)
    for gaps_s in (np.full(50, 600.0), np.tile([180.0, 420.0], 40), random.uniform(240, 360, 100)):
        assert np.ptp(period_headways(gaps_s)) == 0


@pytest.mark.parametrize("vehicles", [30, 100, 300])
def test_vehicles_at_random_are_hardly_ever_split(vehicles: int) -> None:
    """Of 500 draws at most 3 % where 1 % is expected; with 5 % expected that is passed once in 50 times."""
    random = np.random.default_rng(vehicles)
    split = [np.ptp(period_headways(random.exponential(300.0, vehicles))) > 0 for _ in range(500)]
    assert np.mean(split) <= 0.03


def test_first_and_last_vehicles_and_rare_ones_are_known() -> None:
    due_s = np.array([0.0, 600.0, 1200.0, 1800.0, 9000.0, 12000.0, 12300.0, 12600.0])
    headway_s, latest_s = levels_of(due_s, HALF_HOUR_S)
    assert headway_s.tolist() == [0, 600, 600, 600, 0, 0, 300, 300]
    assert latest_s.tolist() == [0, 600, 600, 0, 0, 0, 300, 0]


def test_people_with_a_timetable_know_all_vehicles() -> None:
    headway_s, latest_s = levels_of(np.array([0.0, 60.0, 60.0, 120.0]), 0.0)
    assert not headway_s.any()
    assert not latest_s.any()
