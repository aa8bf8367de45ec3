"""Processes that share one input, say what they have done, and end with the process that started them."""

from __future__ import annotations

import mmap
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from sim.interrupts import interrupt_held
from sim.threads import share_cores

Value = TypeVar("Value")

Progress = Callable[[int, int], None]
"""Called with (finished, total) units of work."""

_ALIGNMENT = 64
_POLL_S = 0.2


class SharedInput(Generic[Value]):
    """A value that processes on this machine read from one file, whose arrays they share in memory.

    Parameters
    ----------
    value
        Of classes that other processes can import; arrays in it are read-only there.
    path : Path
        File to write; it has to stay while processes use it.
    """

    def __init__(self, value: Value, path: Path) -> None:
        self._value: Value | None = value
        self._path = path
        _write_shared(value, path)

    def __getstate__(self) -> Path:
        """Send the name of the file alone."""
        return self._path

    def __setstate__(self, path: Path) -> None:
        """Know the name of the file."""
        self._path = path
        self._value = None

    def get(self) -> Value:
        """Return the value, read once in each process."""
        if self._value is None:
            self._value = _read_shared(self._path)
        return self._value


def _write_shared(value: Any, path: Path) -> None:
    """Write a pickle whose arrays lie behind it, each at a multiple of 64 bytes."""
    buffers: list[pickle.PickleBuffer] = []
    text = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    head = pickle.dumps((len(text), [view.nbytes for view in views]))
    with path.open("wb") as out:
        out.write(len(head).to_bytes(8, "little"))
        out.write(head)
        out.write(text)
        for view in views:
            out.write(bytes(-out.tell() % _ALIGNMENT))
            out.write(view)


@lru_cache(maxsize=1)
def _read_shared(path: Path) -> Any:
    with path.open("rb") as source:
        memory = memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))
    start = 8 + int.from_bytes(memory[:8], "little")
    size, lengths = pickle.loads(memory[8:start])
    text, at = memory[start : start + size], start + size
    buffers = []
    for length in lengths:
        at += -at % _ALIGNMENT
        buffers.append(memory[at : at + length])
        at += length
    return pickle.loads(text, buffers=buffers)


class DayCount:
    """Simulated days of all processes: each adds a byte to a file for every day.

    Parameters
    ----------
    path : Path or None
        None where one process counts for itself.
    told : callable or None
        Told the number of days counted in this process; not sent to others.
    """

    def __init__(self, path: Path | None = None, told: Callable[[int], None] | None = None) -> None:
        self._path = path
        self._told = told
        self._days = 0

    def __getstate__(self) -> Path | None:
        """Send the name of the file alone."""
        return self._path

    def __setstate__(self, path: Path | None) -> None:
        """Know the name of the file."""
        self._path, self._told, self._days = path, None, 0

    def add(self, days: int) -> None:
        """Count days."""
        if not days:
            return
        self._days += days
        if self._told is not None:
            self._told(self._days)
        elif self._path is not None:
            # Written at once and at the end, so that bytes of several processes never mix.
            with self._path.open("ab", buffering=0) as out:
                out.write(bytes(days))

    @contextmanager
    def watched(self, told: Callable[[int], None]) -> Iterator[None]:
        """Tell the number of days counted by all processes meanwhile, a few times a second."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_POLL_S):
                if self._path is not None and self._path.exists():
                    told(self._path.stat().st_size)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def in_processes(count: int, work: Iterable[Any], *, ordered: bool = True) -> Iterator[Any]:
    """Do work in processes that end with this one, and yield what each piece returns.

    Parameters
    ----------
    count : int
        Processes at the same time.
    work : iterable
        Calls as `joblib.delayed` makes them; taken as they are needed.
    ordered : bool
        Whether results come in the order of the work, or as they are done.
    """
    import joblib

    returned = "generator" if ordered else "generator_unordered"
    starts = _starts(count)
    # Held, since joblib would leave a worker that waits for work for ever if Ctrl-C fell into the start of it.
    with interrupt_held(), _interrupt_kept_from_new_processes() if starts else nullcontext():
        results = joblib.Parallel(n_jobs=count, return_as=returned, pre_dispatch="2*n_jobs", **starts)(work)
    yield from results


@contextmanager
def _interrupt_kept_from_new_processes() -> Iterator[None]:
    """Let processes that start meanwhile begin with Ctrl-C blocked.

    A terminal sends Ctrl-C to workers too. Until `end_with_parent` they would each answer with a traceback, and they
    are seconds in importing on a busy machine. tests/unit/test_experiments_workers.py reads what they have blocked.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as tracker_of_loky

    # Both unblock Ctrl-C when they start something themselves.
    resource_tracker.ensure_running()
    tracker_of_loky.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _starts(count: int) -> dict[str, Any]:
    """Return what new processes on this machine begin with; workers of a cluster are not ours to end."""
    from joblib.parallel import LokyBackend, get_active_backend

    backend, _ = get_active_backend()
    if not isinstance(backend, LokyBackend):
        return {}
    return {"backend": "loky", "initializer": _begin, "initargs": (os.getpid(), count)}


def _begin(parent: int, count: int) -> None:
    share_cores(count)
    end_with_parent(parent)


def end_with_parent(parent: int) -> None:
    """End this process soon after the one that started it, whatever ended that, and leave Ctrl-C to that one.

    A killed process tells nobody, and its workers would wait for work for ever.

    Parameters
    ----------
    parent : int
        The process that started this one; where that is gone already, this one ends at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    # The number is not asked for here: if the parent has gone since, the system would name who adopted this process.
    # PR_SET_PDEATHSIG of Linux would end a worker with the thread that started it, while its process goes on.
    # tests/faults kills parents at any moment and finds no worker left.
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
