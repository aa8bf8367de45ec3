"""Processes of --jobs that leave Ctrl-C to the one that started them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal


@contextmanager
def quiet_workers(jobs: int | Literal["auto"]) -> Iterator[None]:
    """Let processes that joblib starts meanwhile ignore Ctrl-C; they end with the command, without a traceback.

    Parameters
    ----------
    jobs : int or "auto"
        Processes; for a single one joblib is not even loaded.
    """
    if jobs == 1:
        yield
        return
    from joblib import parallel_config

    with parallel_config(backend="loky", initializer=ignore_interrupts):
        yield


def ignore_interrupts() -> None:
    """Make the process deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
