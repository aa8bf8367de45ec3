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


@contextmanager
def workers(jobs: int | Literal["auto"], cluster: str | None) -> Iterator[int | Literal["auto"]]:
    """Start processes here, or use those of a cluster.

    Parameters
    ----------
    jobs : int or "auto"
    cluster : str or None
        Address of a scheduler of Dask.

    Yields
    ------
    int or "auto"
        What to hand over as `jobs`.
    """
    if cluster is None:
        with quiet_workers(jobs):
            yield jobs
        return
    from sim.experiments.cluster import on_cluster

    with on_cluster(cluster) as threads:
        yield threads


def ignore_interrupts() -> None:
    """Make the process deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
