"""Where the work of --jobs and --cluster is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal


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
        yield jobs
        return
    from sim.experiments.cluster import on_cluster

    with on_cluster(cluster) as threads:
        yield threads
