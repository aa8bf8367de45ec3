"""Runs: what passengers ride without getting out, one trip or several that continue each other (through services).

Rows of the trips of a run follow each other, and so do the rows of its visits. Between two trips a vehicle has two
visits at one stop: it comes as the one trip and leaves as the other. Whatever depends on that order of rows is worked
out here; other rooms read arrays in which a run of one trip is a run like any other, and none asks whether there are
through services (tests/functional/test_through_services.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, IntArray


@dataclass(frozen=True, eq=False)
class TripRuns:
    """The runs of a service.

    Attributes
    ----------
    visit_ptr : ndarray of int, shape (trips + 1,)
    continued : ndarray of bool, shape (trips,)
        Whether the trip of the next row continues each trip.
    """

    visit_ptr: IntArray
    continued: BoolArray

    @classmethod
    def of(cls, visit_ptr: IntArray, continues: BoolArray | None) -> TripRuns:
        """Take which trips continue that of the row before; none where None."""
        if continues is None:
            return cls(visit_ptr, np.zeros(len(visit_ptr) - 1, dtype=np.bool_))
        return cls(visit_ptr, np.append(continues[1:], False))

    @cached_property
    def continued_trips(self) -> list[int]:
        """Trips that the one of the next row continues, rising."""
        return np.flatnonzero(self.continued).tolist()

    @cached_property
    def of_trip(self) -> IntArray:
        """First trip of the run of each trip, shape (trips,)."""
        rows = np.arange(len(self.continued))
        return np.maximum.accumulate(np.where(np.append(False, self.continued[:-1]), 0, rows))

    @cached_property
    def of_visit(self) -> IntArray:
        """First trip of the run of each visit, shape (visits,)."""
        return np.repeat(self.of_trip, np.diff(self.visit_ptr))

    @cached_property
    def ends(self) -> IntArray:
        """Last visit of each run, where everybody gets out; rising."""
        return (self.visit_ptr[1:] - 1)[~self.continued]

    @cached_property
    def comes_as(self) -> IntArray:
        """Visit as which the vehicle comes to the stop of each visit, shape (visits,); mostly the visit itself."""
        visits = np.arange(self.visit_ptr[-1])
        visits[self.visit_ptr[1:][self.continued]] -= 1
        return visits

    @cached_property
    def last_reached(self) -> IntArray:
        """Last visit that people who board each trip may ride to: that of the trip that continues it, if one does."""
        last: IntArray = self.visit_ptr[1:][np.arange(len(self.continued)) + self.continued] - 1
        return last

    def end_early(self, cancelled: BoolArray) -> BoolArray:
        """Tell which trips the one that would continue them does not, as it is cancelled, shape (trips,)."""
        early: BoolArray = self.continued & np.append(cancelled[1:], False)
        return early

    def one_row_each(self, departed: BoolArray) -> tuple[IntArray, IntArray]:
        """Return the visits that departed, with one row for the two that a vehicle has between two trips.

        Parameters
        ----------
        departed : ndarray of bool, shape (visits,)

        Returns
        -------
        rows : ndarray of int, shape (rows,)
            Visits as which vehicles left, rising.
        came : ndarray of int, shape (rows,)
            Visits as which they came; the same where the trip before was not run to its end.
        """
        visits = np.flatnonzero(departed)
        came = np.where(departed[self.comes_as[visits]], self.comes_as[visits], visits)
        # Exactly one row for the two visits (`test_through_services`).
        kept = ~np.isin(visits, came[came < visits])
        return visits[kept], came[kept]

    def next_pattern(self, trip_pattern: IntArray, patterns: int) -> list[int]:
        """Return the pattern of the trips that most often continue those of each pattern; -1 where none does.

        Parameters
        ----------
        trip_pattern : ndarray of int, shape (trips,)
        patterns : int
        """
        found = [-1] * patterns
        trips = np.flatnonzero(self.continued)
        for pattern in np.unique(trip_pattern[trips]).tolist():
            mine = trips[trip_pattern[trips] == pattern]
            found[pattern] = int(np.bincount(trip_pattern[mine + 1]).argmax())
        return found

    def first_broken(self, begins: Sequence[bool], reaches_end: Sequence[bool]) -> int | None:
        """Return the first trip whose passengers can no longer stay on board for the next one, or None.

        Parameters
        ----------
        begins, reaches_end : sequence of bool, shape (trips,)
            Whether each trip runs at all, and to its last stop.
        """
        return next((row for row in self.continued_trips if not (begins[row + 1] and reaches_end[row])), None)
