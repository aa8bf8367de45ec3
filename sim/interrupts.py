"""Ctrl-C while a library is at work that makes something else of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupt_held() -> Iterator[None]:
    """Let Ctrl-C wait until the work in this context is done; a second one is not held.

    DuckDB looks for signals while it works, and raises errors of its own instead of `KeyboardInterrupt`. A command
    would say that its file cannot be written, though all that happened is that somebody stopped it.

    Raises
    ------
    KeyboardInterrupt
        At the end, where Ctrl-C was pressed.
    """
    decides = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(decides):
        yield  # in a thread, or where Ctrl-C is ignored: no handler of Python raises anything here
        return
    held: list[int] = []

    def hold(number: int, _frame: object) -> None:
        held.append(number)
        signal.signal(signal.SIGINT, decides)

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        # Invariant: whoever decided about Ctrl-C before decides again, and hears of what was held, exactly once, as
        # tests/unit/test_interrupts.py has it.
        if not held:
            signal.signal(signal.SIGINT, decides)
        # Asked anew: it may have been pressed since.
        if held:
            decides(held[0], None)
