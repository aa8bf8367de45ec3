"""Journeys of the same person on a day: one that begins by choice, and perhaps one back that follows from it.

No other module of the metrics asks which journey leads back, but those of the way back themselves (`return_metrics`).
"""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.grouping import combine
from sim.records.table import Table


def is_first(journeys: Table) -> BoolArray:
    """Tell which journeys follow from no other one, shape (rows,)."""
    first: BoolArray = journeys["outward_commuter_id"] < 0
    return first


def first_rows(journeys: Table) -> IntArray:
    """Return the row of the first journey of the person for each journey, mostly its own.

    Parameters
    ----------
    journeys : Table
        Of any runs and days, rows in any order.
    """
    rows = np.arange(len(journeys), dtype=np.int64)
    back = np.flatnonzero(~is_first(journeys))
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


def later_rows(journeys: Table) -> IntArray:
    """Return for each row the row of the journey that follows from it; -1 where none does.

    Parameters
    ----------
    journeys : Table
        Of any runs and days, rows in any order.
    """
    first = first_rows(journeys)
    later = np.flatnonzero(first != np.arange(len(first)))
    rows = np.full(len(first), -1, dtype=np.int64)
    rows[first[later]] = later
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
        Rows of the first journeys.
    sums : ndarray of float, shape (persons,)
    """
    first = first_rows(journeys)
    rows = np.flatnonzero(first == np.arange(len(first))).astype(np.int64)
    sums = np.bincount(first, values, len(values)).astype(np.float64)
    return rows, sums[rows]
