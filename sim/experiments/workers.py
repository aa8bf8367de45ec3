"""Processes that share one input, say what they have done, and end with the process that started them."""

from __future__ import annotations

import mmap
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

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


@lru_cache(maxsize=1)
def end_with_parent() -> None:
    """End this process soon after the one that started it, whatever ended that; once per process is enough.

    A killed process tells nobody, and its workers would wait for work for ever.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
