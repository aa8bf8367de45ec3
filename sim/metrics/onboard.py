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
    board, alight = visits_of_rides(stop_visits, legs)
    length = alight - board
    leg = np.repeat(np.arange(len(legs)), length)
    first = np.repeat(np.cumsum(length) - length, length)
    return leg, np.repeat(board, length) + np.arange(len(leg)) - first


def visits_of_rides(stop_visits: Table, legs: Table) -> tuple[IntArray, IntArray]:
    """Find where each ride begins and ends.

    Parameters
    ----------
    stop_visits, legs : Table
        Sorted as their schemas say.

    Returns
    -------
    board, alight : ndarray of int, shape (legs,)
        Rows of `stop_visits`; for riders still on board the row after the last of the vehicle.

    Raises
    ------
    ValueError
        When a ride boarded where no vehicle was.
    """
    board = visits_of_boardings(stop_visits, legs)
    if (board < 0).any():
        raise ValueError("legs: a ride boarded a vehicle that is not in stop_visits")
    return board, _alighting_visits(stop_visits, legs, board)


def loads_of_rides(board: IntArray, alight: IntArray, visits: int) -> IntArray:
    """Count how many of some rides leave each stop on board, shape (visits,).

    Parameters
    ----------
    board, alight : ndarray of int, shape (rides,)
        As `visits_of_rides` finds them.
    visits : int
        Rows of `stop_visits`.
    """
    change = np.bincount(board, minlength=visits + 1) - np.bincount(alight, minlength=visits + 1)
    loads: IntArray = np.cumsum(change)[:visits]
    return loads


def _alighting_visits(stop_visits: Table, legs: Table, board: IntArray) -> IntArray:
    """Find the visit at which each ride ended; the one after the trip's last for riders still on board."""
    following = _is_followed(stop_visits)
    names = stop_visits.categories["stop_id"]
    places = {name: code for code, name in enumerate(names)}
    translation = np.array([places.get(name, -1) for name in legs.categories["alight_stop_id"]] or [-1], dtype=np.int64)
    wanted = translation[legs["alight_stop_id"]]
    alight_s = np.where(np.isnan(legs["alight_s"]), -np.inf, legs["alight_s"])
    stop, arrival_s = stop_visits["stop_id"], stop_visits["arrival_s"]
    visit = board.copy()
    riding = np.arange(len(legs))
    while len(riding):
        at = visit[riding]
        visit[riding] = at + 1
        # Riders that stay on board beyond the last row of the vehicle point past it, and ride no more.
        riding, at = riding[following[at]], at[following[at]] + 1
        riding = riding[(stop[at] != wanted[riding]) | (arrival_s[at] > alight_s[riding])]
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
