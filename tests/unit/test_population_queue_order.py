"""How people in a queue come earlier or later together, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.population.queue_order import minutes_later

ALIKE = np.zeros(3, dtype=np.int64)
PAID_MIN = np.array([10.0, 10.0, 20.0])
WAITED_MIN, EARLY_MIN = np.full(3, 30.0), np.full(3, -5.0)


def later(coin: float, paid_min=PAID_MIN, met=(WAITED_MIN, EARLY_MIN), alike=ALIKE, weight: float = 1.0) -> list[int]:
    return minutes_later(paid_min, met, alike, weight, np.full(len(paid_min), coin)).tolist()


def test_whoever_pays_more_leaves_later_and_whoever_pays_less_earlier():
    """Usual are 10,000 / 600 min: two thirds of a minute earlier for two of them, a third of one later for the other.

    Would catch a plain mean, of which the third pays 6.7 min too much and not 3.3.
    """
    assert later(0.66) == [-1, -1, 0]
    assert later(0.68) == [0, 0, 1]
    assert later(0.64) == [-1, -1, 0]


def test_a_minute_of_waiting_that_costs_more_moves_people_less():
    assert later(0.5, weight=0.1) == [-7, -7, 3]
    assert later(0.99, weight=10.0) == [0, 0, 1]
    assert later(0.5, weight=0.0) == [0, 0, 0]


def test_whoever_has_nobody_alike_stays():
    assert later(0.999, alike=np.arange(3)) == [0, 0, 0]
    assert later(0.001, alike=np.arange(3)) == [0, 0, 0]


def test_what_differs_by_less_than_a_per_cent_moves_nobody():
    paid_min = np.array([100.0, 100.0, 101.0])
    assert later(0.999, paid_min, weight=0.005) == [0, 0, 0]
    assert later(0.5, paid_min + np.array([0.0, 0.0, 2.0]), weight=0.005)[2] == 39


@pytest.mark.parametrize(("wait_min", "minutes"), [(30.0, 3), (4.0, 2), (1.0, 1)])
def test_nobody_who_is_late_leaves_later_by_more_than_half_their_wait(wait_min, minutes):
    met = np.full(3, wait_min), np.full(3, 5.0)
    assert later(0.5, met=met, weight=0.1)[2] == minutes


def test_behind_the_queue_people_leave_earlier():
    """Nobody waits there: those who are late left late. Those who come early leave later, queue or not."""
    nowhere = np.zeros(3)
    assert later(0.5, met=(nowhere, np.full(3, 5.0)), weight=0.1)[2] == -3
    assert later(0.5, met=(nowhere, EARLY_MIN), weight=0.1)[2] == 3


def test_people_who_pay_nothing_stay():
    assert later(0.5, paid_min=np.zeros(3)) == [0, 0, 0]
