"""Waits that no traveller would accept: longer than a multiple of the headway in reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.passing import passed
from sim.records.table import Table

HEADWAYS: Final = 3.0
"""Waits of more headways than this are beyond reason; assumed."""
LONG_WAIT_S: Final = 3600.0
"""Wait before the first vehicle of the day that is beyond reason; assumed."""
SHORT_WAIT_S: Final = 900.0
"""Waits up to this length are accepted whatever the headway; assumed."""

FULL, EARLY, PASSED, CLOSED = range(4)
"""Reasons: vehicles were full; one came before the first of the day; others came too late, or were let pass; they
passed a stop that was closed, or missed it."""


@dataclass(frozen=True)
class LongWaits:
    """Waits beyond reason of one run, one row each.

    Attributes
    ----------
    leg : ndarray of int
        Row of `legs`.
    headway_s : ndarray of float
        Headway in reach; NaN before the first vehicle of the day.
    reason : ndarray of int
    """

    leg: IntArray
    headway_s: FloatArray
    reason: IntArray


def long_waits(journeys: Table, legs: Table, visits: Table) -> LongWaits:
    """Find the waits beyond reason of a run.

    The headway in reach is the time between the two departures around the moment of joining, by the timetable, of
    vehicles that go from the stop of boarding to that of alighting.

    Parameters
    ----------
    journeys, legs, visits : Table
        Of one strategy and replication.
    """
    wait_s = legs["board_s"] - legs["wait_from_s"]
    row: IntArray = np.flatnonzero(wait_s > SHORT_WAIT_S)
    headway_s = np.full(len(row), np.inf)
    if len(row):
        reach = Reach(visits)
        ends = np.stack([legs.text("board_stop_id")[row], legs.text("alight_stop_id")[row]], axis=1).astype(str)
        pairs, of_pair = np.unique(ends, axis=0, return_inverse=True)
        for number, (board, alight) in enumerate(pairs.tolist()):
            mine = np.flatnonzero(of_pair.reshape(-1) == number)
            headway_s[mine] = reach.headways_s(board, alight, legs["wait_from_s"][row[mine]])
    early = np.isnan(headway_s)
    beyond: BoolArray = wait_s[row] > np.where(early, LONG_WAIT_S, HEADWAYS * headway_s)
    row, headway_s, early = row[beyond], headway_s[beyond], early[beyond]
    full = np.isin(_person(legs)[row], _person(journeys)[journeys["denied_boardings"] > 0])
    reason = np.where(early, EARLY, np.where(full, FULL, PASSED))
    reason[_waits_past(legs, row, visits.where(passed(visits)))] = CLOSED
    return LongWaits(row, headway_s, reason)


def _waits_past(legs: Table, row: IntArray, passing: Table) -> BoolArray:
    """Tell during which waits a vehicle passed the stop, shape (rows,)."""
    place = {name: code for code, name in enumerate(passing.categories["stop_id"])}
    of_leg = np.array([place.get(name, -1) for name in legs.categories["board_stop_id"]] or [-1], dtype=np.int64)
    found = np.zeros(len(row), dtype=np.bool_)
    stop, day = of_leg[legs["board_stop_id"][row]], legs["day"][row]
    since_s, until_s = legs["wait_from_s"][row], legs["board_s"][row]
    for key in set(zip(passing["stop_id"].tolist(), passing["day"].tolist(), strict=True)):
        mine = (stop == key[0]) & (day == key[1])
        times_s = np.sort(passing["arrival_s"][(passing["stop_id"] == key[0]) & (passing["day"] == key[1])])
        found[mine] = np.searchsorted(times_s, until_s[mine]) > np.searchsorted(times_s, since_s[mine])
    return found


def _person(table: Table) -> IntArray:
    code: IntArray = table["day"] * (1 << 40) + table["commuter_id"]
    return code


class Reach:
    """The departures of a day that go from one stop to another."""

    def __init__(self, visits: Table) -> None:
        day = visits.where(visits["day"] == visits["day"].min()) if len(visits) else visits
        self.stops = {name: code for code, name in enumerate(day.categories["stop_id"])}
        self.trip, self.sequence = day["trip_id"], day["stop_sequence"]
        self.due_s = day["scheduled_departure_s"]
        stop = day["stop_id"]
        self.order = np.argsort(stop, kind="stable")
        self.ptr = np.searchsorted(stop[self.order], np.arange(len(self.stops) + 1))

    def headways_s(self, board: str, alight: str, time_s: FloatArray) -> FloatArray:
        """Return the time between the departures around some times; NaN before the first, infinite without two.

        Parameters
        ----------
        board, alight : str
            Stops.
        time_s : ndarray of float
        """
        start, end = self._at(board), self._at(alight)
        last = dict(zip(self.trip[end].tolist(), self.sequence[end].tolist(), strict=True))
        goes = [last.get(trip, -1) > at for trip, at in zip(self.trip[start], self.sequence[start], strict=True)]
        due_s = np.unique(self.due_s[start[np.array(goes, dtype=np.bool_)]])
        if len(due_s) < 2:
            return np.full(len(time_s), np.inf)
        place = np.searchsorted(due_s, time_s)
        found: FloatArray = np.diff(due_s)[np.clip(place - 1, 0, len(due_s) - 2)]
        return np.where(place == 0, np.nan, found)

    def _at(self, stop: str) -> IntArray:
        code = self.stops.get(stop)
        return self.order[:0] if code is None else self.order[self.ptr[code] : self.ptr[code + 1]]
