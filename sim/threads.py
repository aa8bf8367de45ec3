"""Calls side by side in one process, on the cores that it may use.

Compiled loops and most of NumPy let other threads go on meanwhile, so that days simulated by the compiled engine run
side by side. Processes that work side by side already share the cores: each takes its part.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TypeVar

from sim.errors import EngineError

Value = TypeVar("Value")

THREADS = "PEAKSHIFT_THREADS"
"""Variable of the environment: threads of one process at most; as many as it has cores where it is not set."""


def usable_cores() -> int:
    """Return how many cores this process may run on, at least 1."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_cores(processes: int) -> None:
    """Leave to other processes what they need: this is one of so many that work at the same time.

    Parameters
    ----------
    processes : int
        At least 1.
    """
    os.environ.setdefault(THREADS, str(max(usable_cores() // processes, 1)))


def threads_here() -> int:
    """Return how many threads may work at the same time for whoever asks, at least 1.

    A thread that is one of several itself gets no others: those of a server or a Dask worker share the cores already.

    Raises
    ------
    EngineError
        Where `PEAKSHIFT_THREADS` is no whole number from 1.
    """
    asked = os.environ.get(THREADS, "").strip()
    if asked and not (asked.isdecimal() and int(asked) >= 1):
        raise EngineError(f"{THREADS} must be a whole number from 1, found {asked[:40]!r}")
    if threading.current_thread() is not threading.main_thread():
        return 1
    return int(asked) if asked else usable_cores()


class Workers:
    """Threads that stay for many rounds of calls, so that short calls are worth their while.

    Parameters
    ----------
    most : int
        Threads at the same time; with 1 calls are made by whoever asks, one after the other.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.pool = ThreadPoolExecutor(most) if most > 1 else None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            # After Ctrl-C or an error: what runs ends by itself within a day, what has not begun is not worth waiting
            # for.
            self.pool.shutdown(cancel_futures=True)

    def side_by_side(self, calls: Iterable[Callable[[], Value]]) -> list[Value]:
        """Return what calls return, in their order; as the function of this name."""
        if self.pool is None:
            return [call() for call in calls]
        return [future.result() for future in [self.pool.submit(call) for call in calls]]

    def parts(self, count: int) -> list[tuple[int, int]]:
        """Return where the part of each thread begins and ends, of so many things; no part is empty."""
        threads = max(min(self.most, count), 1)
        ends = [count * number // threads for number in range(threads + 1)]
        return [(begin, end) for begin, end in pairwise(ends) if begin < end]

    def in_turn(self, calls: Sequence[Callable[[], Value]]) -> list[Value]:
        """Return what short calls return that take about the same time each; as `side_by_side`.

        Each thread gets its part of them at once: handing over single ones would take as long as they do.
        """
        parts = [partial(_one_after_the_other, calls[begin:end]) for begin, end in self.parts(len(calls))]
        return [value for part in self.side_by_side(parts) for value in part]


def _one_after_the_other(calls: Iterable[Callable[[], Value]]) -> list[Value]:
    return [call() for call in calls]


def side_by_side(calls: Iterable[Callable[[], Value]], most: int) -> list[Value]:
    """Return what calls return, in their order.

    The calls must not change anything that they share: then the results are the same with any number of threads
    (tests/unit/test_threads.py, tests/functional/test_same_everywhere.py).

    Parameters
    ----------
    calls : iterable of callable
        Without arguments.
    most : int
        Threads at the same time; with 1 the calls are made here, one after the other.

    Raises
    ------
    Exception
        What the first call raised that failed; those that had not begun then are left out.
    """
    calls = list(calls)
    with Workers(min(most, len(calls))) as workers:
        return workers.side_by_side(calls)
