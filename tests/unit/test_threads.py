"""Calls side by side: what they return, in their order, and on how many threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sim.errors import EngineError
from sim.threads import THREADS, Workers, share_cores, side_by_side, threads_here, usable_cores


def test_calls_run_at_the_same_time_and_answers_keep_their_order():
    # Each waits for the other: one after the other they would never both be there.
    both = threading.Barrier(2, timeout=30)

    def meets(number: int) -> Callable[[], int]:
        return lambda: both.wait() * 0 + number

    assert side_by_side([meets(number) for number in range(6)], most=2) == list(range(6))


def test_one_thread_is_the_one_that_asks():
    assert set(side_by_side([threading.current_thread] * 3, most=1)) == {threading.current_thread()}


def test_the_first_that_fails_is_told_and_those_not_begun_are_left_out():
    begun: list[int] = []
    waits = threading.Event()

    def call(number: int) -> Callable[[], None]:
        def do() -> None:
            begun.append(number)
            if number == 0:
                raise ValueError("the first")
            waits.wait(0.2)

        return do

    with pytest.raises(ValueError, match="the first"):
        side_by_side([call(number) for number in range(200)], most=2)
    assert len(begun) < 200


def test_workers_stay_for_many_rounds_of_calls():
    """Two threads in all, though each round has work for both at a time: none is begun anew."""
    seen: set[threading.Thread] = set()
    with Workers(2) as workers:
        for _ in range(5):
            both = threading.Barrier(2, timeout=30)
            met = workers.side_by_side([lambda both=both: (both.wait(), threading.current_thread())[1]] * 2)
            seen |= set(met)
    assert len(seen) == 2
    assert threading.current_thread() not in seen
    assert not any(thread.is_alive() for thread in seen)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_short_calls_keep_their_order_and_each_thread_gets_its_part_at_once(threads):
    """Would catch answers in the order of threads, and a call that is left out or made twice."""
    made: list[int] = []

    def call(number: int) -> Callable[[], int]:
        return lambda: made.append(number) or number

    with Workers(threads) as workers:
        for count in (0, 1, 2, 7):
            made.clear()
            assert workers.in_turn([call(number) for number in range(count)]) == list(range(count))
            assert sorted(made) == list(range(count))


def test_one_worker_is_the_one_that_asks():
    with Workers(1) as workers:
        assert set(workers.side_by_side([threading.current_thread] * 3)) == {threading.current_thread()}


def test_processes_share_the_cores(monkeypatch):
    monkeypatch.setenv(THREADS, "")
    assert threads_here() == usable_cores()
    monkeypatch.delenv(THREADS)
    share_cores(usable_cores())
    assert threads_here() == 1


def test_what_the_environment_says_counts_for_workers_too(monkeypatch):
    monkeypatch.setenv(THREADS, "5")
    share_cores(2)
    assert threads_here() == 5


def test_a_thread_among_several_gets_no_others(monkeypatch):
    monkeypatch.setenv(THREADS, "4")
    assert side_by_side([threads_here] * 2, most=2) == [1, 1]
    assert threads_here() == 4


@pytest.mark.parametrize("text", ["0", "two", "-1", "1.5"])
def test_a_number_of_threads_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv(THREADS, text)
    with pytest.raises(EngineError, match=f"{THREADS} must be a whole number from 1"):
        threads_here()
