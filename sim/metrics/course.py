"""How far people have settled from day to day, from the table of all simulated days."""

from __future__ import annotations

from sim.metrics.blocks import RunKey, split_by_run
from sim.records.table import Table
from sim.units import FloatArray, IntArray

_MIN = 60.0


def course_metrics(days: Table) -> dict[str, float]:
    """Return the convergence measures of the last day of one run.

    Parameters
    ----------
    days : Table
        Of one strategy and one replication.

    Returns
    -------
    dict of str to float
        By the names of the registry.
    """
    last = int(days["day"].argmax())
    return {
        "days_simulated": float(len(days)),
        "departure_change_min": float(days["departure_change_s"][last]) / _MIN,
        "relative_gap_share": float(days["relative_gap_share"][last]),
    }


def courses(days: Table, name: str) -> dict[RunKey, tuple[IntArray, FloatArray]]:
    """Return a column of the table day by day, by strategy and replication.

    Parameters
    ----------
    days : Table
    name : str
        A column of `sim.records.schema.DAYS`.
    """
    return {key: (part["day"], part[name]) for key, part in split_by_run(days).items()}
