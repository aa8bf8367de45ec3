"""What waits where: in order of queues, times and rows, whatever sorts them."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from sim.engine.day_arrays import _in_order
from sim.units import TICKS_PER_S

JOINS = st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 40)), max_size=60)


def expected(queue, joined_s):
    return sorted(range(len(queue)), key=lambda row: (queue[row], joined_s[row], row))


@given(JOINS)
def test_rows_are_sorted_by_queue_then_time_then_row(joins):
    queue = np.array([queue for queue, _ in joins], dtype=np.int64)
    joined_s = np.array([tick for _, tick in joins], dtype=np.float64) / TICKS_PER_S
    assert _in_order(queue, joined_s, 5).tolist() == expected(queue, joined_s)


@given(JOINS)
def test_times_too_large_for_one_number_are_sorted_all_the_same(joins):
    queue = np.array([queue for queue, _ in joins], dtype=np.int64)
    joined_s = np.array([2.0**40 * abs(time) for _, time in joins], dtype=np.float64)
    assert _in_order(queue, joined_s, 5).tolist() == expected(queue, joined_s)


@given(JOINS)
@example([(1, 0), (0, 1)])
def test_rows_that_find_no_room_in_the_number_are_sorted_all_the_same(joins):
    """Queue and time go into one number, and the row does not: equals are put in order of rows afterwards."""
    queue = np.array([queue for queue, _ in joins], dtype=np.int64)
    joined_s = np.array([2.0**37 * (time > 0) + time for _, time in joins], dtype=np.float64)
    assert _in_order(queue, joined_s, 5).tolist() == expected(queue, joined_s)
