"""A sweep on the workers of a Dask cluster, which joblib hands the tasks to.

Joblib waits for ever for a worker that cannot import the package, so what can go wrong is tried first: whether
the scheduler answers, whether there are workers, whether each has the same program and libraries.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from sim.errors import ClusterError
from sim.experiments.pieces import program_digest

TIMEOUT_S = 15.0
"""How long the scheduler, the workers and their answers are waited for (assumed)."""


@contextmanager
def on_cluster(address: str, timeout_s: float = TIMEOUT_S) -> Iterator[int]:
    """Let joblib use the workers of a cluster meanwhile.

    Parameters
    ----------
    address : str
        Of the scheduler, as in ``tcp://10.0.0.1:8786``.
    timeout_s : float
        Seconds to wait for the scheduler, for a first worker, and for the answers of all.

    Yields
    ------
    int
        Threads of all workers, what `jobs` should be; at least 2, since a single job runs here.

    Raises
    ------
    ClusterError
        When the extra is not installed, nobody answers, or a worker has another program or other libraries.

    Examples
    --------
    >>> from distributed import LocalCluster
    >>> import sim
    >>> with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
    ...     with on_cluster(cluster.scheduler_address) as jobs:
    ...         sim.run("two_lines_lesson", replications=2, overrides={"days": 1}, jobs=jobs)
    <RunResult two_lines_lesson: none; 2 replications>
    """
    try:
        import distributed
    except ImportError as error:
        raise ClusterError("--cluster needs Dask: pip install 'peakshift[cluster]'") from error
    from joblib import parallel_config

    try:
        client: Any = distributed.Client(address, timeout=timeout_s)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"{address}: no scheduler of Dask answers: {error}") from error
    with client:
        _check_workers(client, address, timeout_s)
        with parallel_config(backend="dask"):
            yield max(2, sum(client.nthreads().values()))


def what_runs_here() -> dict[str, str]:
    """Return what has to be the same on all machines, so that all give the same bytes."""
    return {"python": platform.python_version(), "numpy": np.__version__, "peakshift": program_digest()[:12]}


def differences(here: Mapping[str, str], workers: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return a sentence for each thing that a worker has in another version.

    Parameters
    ----------
    here : mapping of str to str
        Of this process.
    workers : mapping of str to mapping
        By address.
    """
    return [
        f"worker {worker} has {name} {found.get(name, 'missing')}, here it is {version}"
        for worker, found in sorted(workers.items())
        for name, version in here.items()
        if found.get(name) != version
    ]


def _check_workers(client: Any, address: str, timeout_s: float) -> None:
    """Ask each worker what it runs; the question is a function of this package, so that it has to be imported."""
    asking = ThreadPoolExecutor(1)
    try:
        client.wait_for_workers(1, timeout=timeout_s)
        # Not a task: of a task that cannot be read on the worker nothing is heard. An answer may be an exception.
        found = asking.submit(client.run, what_runs_here, on_error="return").result(timeout=timeout_s)
    except TimeoutError as error:
        raise ClusterError(f"{address}: no worker, or not all of them, answer within {timeout_s:g} s") from error
    finally:
        asking.shutdown(wait=False)
    for worker, answer in found.items():
        if isinstance(answer, BaseException):
            raise ClusterError(
                f"{address}: worker {worker} cannot run peakshift: {answer}; install the same version on all machines"
            ) from answer
    wrong = differences(what_runs_here(), found)
    if wrong:
        raise ClusterError(f"{address}: {'; '.join(wrong)}: results would not be the same on all of them")
