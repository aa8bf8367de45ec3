"""Queues with one server: M/M/1 and M/G/1 (Pollaczek 1930, Khinchine 1932)."""

from __future__ import annotations


def mean_wait(service: float, load: float, squared_cv: float) -> float:
    """Return the mean wait before service in M/G/1, rho (1 + cv^2) / (2 (1 - rho)) service times.

    Parameters
    ----------
    service : float
        Mean service time, in the unit of the result.
    load : float
        rho, arrivals per mean service time, less than 1.
    squared_cv : float
        Square of the coefficient of variation of service: 0 for M/D/1, 1 for M/M/1.
    """
    return service * load * (1.0 + squared_cv) / (2.0 * (1.0 - load))


def relative_variance(load: float, squared_cv: float) -> float:
    """Return about the variance of the mean wait of n customers over its square, times n.

    2 (1 + rho) / (1 - rho)^2 for the number in M/M/1 (Whitt 1989, Management Science
    35:1341-1366), in proportion to 1 + cv^2 as in heavy traffic, and over rho, as few wait where it
    is small. Says how long a run must be; no part of what is tested.
    """
    return (1.0 + squared_cv) * (1.0 + load) / (1.0 - load) ** 2 / load
