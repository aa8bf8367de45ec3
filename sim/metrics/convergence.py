"""How far people have settled from day to day, from the table of all simulated days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import ratio
from sim.records.table import Table

_MIN = 60.0


@dataclass(frozen=True)
class Convergence:
    """What happened from day to day under one strategy, mean over replications; arrays (days,).

    Attributes
    ----------
    day : ndarray of int
        Days that at least one replication simulated.
    mean_cost_min, departure_change_min, relative_gap_share : ndarray of float
        Of the replications that simulated the day; NaN where none of them has a value.
    """

    day: IntArray
    mean_cost_min: FloatArray
    departure_change_min: FloatArray
    relative_gap_share: FloatArray


def convergence_by_strategy(days: Table) -> dict[str, Convergence]:
    """Return what happened from day to day under every strategy.

    Parameters
    ----------
    days : Table
        Of any number of strategies and replications.
    """
    return {name: _convergence(days.where(days.equals("strategy", name))) for name in days.categories["strategy"]}


def _convergence(days: Table) -> Convergence:
    day, row = np.unique(days["day"], return_inverse=True)

    def mean(values: FloatArray) -> FloatArray:
        known = np.isfinite(values)
        total = np.bincount(row[known], values[known], len(day)).astype(np.float64)
        return ratio(total, np.bincount(row[known], minlength=len(day)))

    return Convergence(
        day=day,
        mean_cost_min=mean(days["mean_generalized_cost_min"]),
        departure_change_min=mean(days["departure_change_s"]) / _MIN,
        relative_gap_share=mean(days["relative_gap_share"]),
    )
