"""Riders on board of each vehicle between stops."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, IntArray
from sim.metrics.periods import visits_of_boardings
from sim.records.table import Table


def riders_of_visits(stop_visits: Table, legs: Table) -> tuple[IntArray, IntArray]:
    """List the riders that leave each stop on board: one entry per ride and stop visit.

    Parameters
    ----------
    stop_visits, legs : Table
        Sorted as their schemas say.

    Returns
    -------
    leg, visit : ndarray of int, shape (entries,)
        Rows of the two tables. Counting a visit gives its departing load.

    Raises
    ------
    ValueError
        When a ride boarded where no vehicle was.
    """
    board = visits_of_boardings(stop_visits, legs)
    if (board < 0).any():
        raise ValueError("legs: a ride boarded a vehicle that is not in stop_visits")
    length = _alighting_visits(stop_visits, legs, board) - board
    leg = np.repeat(np.arange(len(legs)), length)
    first = np.repeat(np.cumsum(length) - length, length)
    return leg, np.repeat(board, length) + np.arange(len(leg)) - first


def _alighting_visits(stop_visits: Table, legs: Table, board: IntArray) -> IntArray:
    """Find the visit at which each ride ended; the one after the trip's last for riders still on board."""
    following = _is_followed(stop_visits)
    names = stop_visits.categories["stop_id"]
    places = {name: code for code, name in enumerate(names)}
    translation = np.array([places.get(name, -1) for name in legs.categories["alight_stop_id"]] or [-1], dtype=np.int64)
    wanted = translation[legs["alight_stop_id"]]
    alight_s = np.where(np.isnan(legs["alight_s"]), -np.inf, legs["alight_s"])
    visit = board.copy()
    riding = np.ones(len(legs), dtype=np.bool_)
    while riding.any():
        # Riders that stayed on board beyond the last row point past it, and ride no more.
        goes_on = riding & following[np.minimum(visit, len(stop_visits) - 1)]
        visit[riding & ~goes_on] += 1
        visit[goes_on] += 1
        riding = goes_on
        here = np.minimum(visit, len(stop_visits) - 1)
        riding = riding & ~((stop_visits["stop_id"][here] == wanted) & (stop_visits["arrival_s"][here] <= alight_s))
    return visit


def _is_followed(stop_visits: Table) -> BoolArray:
    """Tell for each visit whether the next row is the same vehicle at its next stop."""
    same = np.zeros(len(stop_visits), dtype=np.bool_)
    if len(stop_visits) > 1:
        same[:-1] = True
        for name in ("trip_id", "day", "replication", "strategy"):
            column = stop_visits[name]
            same[:-1] &= column[1:] == column[:-1]
    return same
