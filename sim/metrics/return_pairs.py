"""Journeys there and back of the same person on a day."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.grouping import combine
from sim.records.table import Table


def leads_there(journeys: Table) -> BoolArray:
    """Tell which journeys do not lead back from another one, shape (rows,)."""
    there: BoolArray = journeys["outward_commuter_id"] < 0
    return there


def outward_rows(journeys: Table) -> IntArray:
    """Return the row of the journey there for each journey back, and for all others their own row.

    Parameters
    ----------
    journeys : Table
        Of any runs and days, rows in any order.
    """
    rows = np.arange(len(journeys), dtype=np.int64)
    back = np.flatnonzero(~leads_there(journeys))
    if not len(back):
        return rows
    run = [(journeys[name], 1 + int(journeys[name].max())) for name in ("strategy", "replication", "day")]
    persons = 1 + int(journeys["commuter_id"].max())
    key = combine(*run, (journeys["commuter_id"], persons))
    wanted = combine(*((codes[back], count) for codes, count in run), (journeys["outward_commuter_id"][back], persons))
    order = np.argsort(key, kind="stable")
    place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    found = order[place]
    rows[back] = np.where(key[found] == wanted, found, back)
    return rows


def of_persons(values: FloatArray, journeys: Table) -> tuple[IntArray, FloatArray]:
    """Sum values over the journeys of a person and day.

    Parameters
    ----------
    values : ndarray of float, shape (rows,)
        Of each journey.
    journeys : Table

    Returns
    -------
    rows : ndarray of int, shape (persons,)
        Rows of the journeys there.
    sums : ndarray of float, shape (persons,)
    """
    outward = outward_rows(journeys)
    rows = np.flatnonzero(outward == np.arange(len(outward))).astype(np.int64)
    sums = np.bincount(outward, values, len(values)).astype(np.float64)
    return rows, sums[rows]
