"""Which vehicle takes whoever joins a queue, for many people at once; compiled where that can be.

The compiled loops do the same operation by operation, and give the same bits
(tests/unit/test_population_boarding_search.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import Loops, loops
from sim.population.boarding_groups import BoardingGroups


@dataclass(frozen=True)
class Turns:
    """The vehicles of groups in order, and until when each takes those who have joined.

    Attributes
    ----------
    ptr : ndarray of int, shape (groups + 1,)
        First vehicle of each group.
    until_s : ndarray of float, shape (vehicles,)
        Rising within a group.
    apart_s : float
        More than from the first to the last time of a group.
    end_s : float
        Times of joining count as this one at most, and whoever gets no vehicle stands here.
    """

    ptr: IntArray
    until_s: FloatArray
    apart_s: float
    end_s: float

    def places(self, group: IntArray, joined_s: FloatArray) -> IntArray:
        """Return the first vehicle that takes each, or the row behind those of the group.

        Parameters
        ----------
        group : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        library = loops()
        return self.places_by_numpy(group, joined_s) if library is None else self.places_by(library, group, joined_s)

    def times(self, arrival_s: FloatArray, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when the first vehicle that takes each comes, not before they join; `end_s` where none does.

        Parameters
        ----------
        arrival_s : ndarray of float, shape (vehicles,)
            When each vehicle comes.
        group : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        library = loops()
        if library is None:
            return self.times_by_numpy(arrival_s, group, joined_s)
        return self.times_by(library, arrival_s, group, joined_s)

    def are_over(self, group: IntArray, joined_s: FloatArray) -> BoolArray:
        """Tell whether no vehicle takes each; parameters as for `places`."""
        if not len(self.until_s):
            return np.ones(np.broadcast_shapes(np.shape(group), np.shape(joined_s)), dtype=np.bool_)
        # Times rise within a group: whoever comes after the last one is taken by none. The same sums as in `places`, so
        # that rounding decides alike.
        last, start_s = self.ptr[group + 1] - 1, group * self.apart_s
        until_s = start_s + np.maximum(self.until_s[last], -1.0)
        over: BoolArray = (until_s < start_s + np.minimum(joined_s, self.end_s)) | (last < self.ptr[group])
        return over

    def places_by_numpy(self, group: IntArray, joined_s: FloatArray) -> IntArray:
        """Return what `places` does."""
        # One sorted column for all groups, so far apart that none reaches into the next.
        of_vehicle = np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr))
        column = of_vehicle * self.apart_s + np.maximum(self.until_s, -1.0)
        keys = group * self.apart_s + np.minimum(joined_s, self.end_s)
        place: IntArray = np.searchsorted(column, keys).astype(np.int64)
        return place

    def times_by_numpy(self, arrival_s: FloatArray, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return what `times` does."""
        place = self.places_by_numpy(group, joined_s)
        comes_s = np.append(arrival_s, self.end_s)[place]
        found: FloatArray = np.maximum(np.where(place < self.ptr[group + 1], comes_s, self.end_s), joined_s)
        return found

    def places_by(self, library: Loops, group: IntArray, joined_s: FloatArray) -> IntArray:
        """Return what `places` does, by the compiled loops."""
        rows, joins_s, shape = _rows(group, joined_s)
        place = np.empty(shape, dtype=np.int64)
        library.peakshift_boardings_next(*self._given(rows, joins_s), place)
        return place

    def times_by(self, library: Loops, arrival_s: FloatArray, group: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return what `times` does, by the compiled loops."""
        rows, joins_s, shape = _rows(group, joined_s)
        found, places_of_row = np.empty(shape), np.empty(max(joins_s.size // max(len(rows), 1), 1), dtype=np.int64)
        library.peakshift_boardings_time(*self._given(rows, joins_s), arrival_s, places_of_row, found)
        return found

    def _given(self, rows: IntArray, joins_s: FloatArray) -> tuple[int, int, IntArray, FloatArray, *tuple[object, ...]]:
        times = joins_s.size // max(len(rows), 1)
        return len(rows), times, rows, joins_s, self.ptr, self.until_s, self.apart_s, self.end_s


def _rows(group: IntArray, joined_s: FloatArray) -> tuple[IntArray, FloatArray, tuple[int, ...]]:
    """Return the group of each row and the times of all rows, as the compiled loops want them, and the shape of both.

    Where each row of times is of one group, that is looked at once.
    """
    shape = np.broadcast_shapes(np.shape(group), np.shape(joined_s))
    of_rows = len(shape) == 2 and np.shape(group)[-1:] == (1,) and np.ndim(group) == 2 and len(group) == shape[0]
    rows = np.reshape(group, -1) if of_rows else np.broadcast_to(group, shape).reshape(-1)
    joins_s = np.ascontiguousarray(np.broadcast_to(joined_s, shape), dtype=np.float64)
    return np.ascontiguousarray(rows, dtype=np.int64), joins_s, shape


@dataclass(frozen=True)
class DayTurns:
    """The vehicles of a day by group, in order; arrays of shape (vehicles,) but for the first one.

    Attributes
    ----------
    ptr : ndarray of int, shape (groups + 1,)
    visit : ndarray of int
    arrival_s : ndarray of float
        When a vehicle comes.
    until_s : ndarray of float
        The latest time of joining of those whom it or an earlier one takes.
    clears_s : ndarray of float
        When a vehicle comes, this one or a later one, that leaves nobody behind.
    """

    ptr: IntArray
    visit: IntArray
    arrival_s: FloatArray
    until_s: FloatArray
    clears_s: FloatArray


@dataclass(frozen=True)
class DayVisits:
    """What one day tells of visits, arrays of shape (visits,).

    Attributes
    ----------
    runs : ndarray of bool
        Whether a vehicle went on from here.
    arrival_s, takes_until_s : ndarray of float
        When it came; the latest time of joining of those whom it took.
    full : ndarray of bool
        Whether it left, or would have left, one more behind.
    block : ndarray of int
        Row of its block: of vehicles in the same instant the one with the least acts first.
    """

    runs: BoolArray
    arrival_s: FloatArray
    takes_until_s: FloatArray
    full: BoolArray
    block: IntArray

    def by_group(self, groups: BoardingGroups, apart_s: float, end_s: float) -> DayTurns:
        """Return the vehicles of each group in the order in which they came.

        Parameters
        ----------
        groups : BoardingGroups
        apart_s, end_s : float
            As in `Turns`.
        """
        library = loops()
        if library is None:
            return self.by_group_by_numpy(groups, apart_s, end_s)
        return self.by_group_by(library, groups, apart_s, end_s)

    def by_group_by_numpy(self, groups: BoardingGroups, apart_s: float, end_s: float) -> DayTurns:
        """Return what `by_group` does."""
        entry = np.flatnonzero(self.runs[groups.visit])
        visit = groups.visit[entry]
        entry = entry[np.lexsort((self.block[visit], self.arrival_s[visit], groups.group[entry]))]
        order, of_entry = groups.visit[entry], groups.group[entry]
        ptr = np.searchsorted(of_entry, np.arange(len(groups) + 1)).astype(np.int64)
        # Running maxima of all groups at once.
        starts_s = of_entry * apart_s
        until_s = np.maximum.accumulate(starts_s + np.maximum(self.takes_until_s[order], -1.0)) - starts_s
        free = np.where(self.full[order], len(order), np.arange(len(order)))
        clear = np.minimum(np.minimum.accumulate(free[::-1])[::-1], ptr[of_entry + 1])
        arrival_s = self.arrival_s[order]
        clears_s = np.where(clear < ptr[of_entry + 1], np.append(arrival_s, end_s)[clear], end_s)
        return DayTurns(ptr, order, arrival_s, until_s, clears_s)

    def by_group_by(self, library: Loops, groups: BoardingGroups, apart_s: float, end_s: float) -> DayTurns:
        """Return what `by_group` does, by the compiled loops: visits in order of arrival are dealt out to groups."""
        running = np.flatnonzero(self.runs)
        by_arrival = running[np.lexsort((self.block[running], self.arrival_s[running]))]
        entry_ptr, entry_group = groups.of_visits
        entries = int(np.diff(entry_ptr)[running].sum())
        ptr, visit = np.empty(len(groups) + 1, dtype=np.int64), np.empty(entries, dtype=np.int64)
        library.peakshift_boardings_sort(
            *(len(by_arrival), len(groups), by_arrival, entry_ptr, entry_group, ptr),
            *(np.empty(len(groups), dtype=np.int64), visit),
        )
        arrival_s, until_s, clears_s = np.empty(entries), np.empty(entries), np.empty(entries)
        library.peakshift_boardings_until(
            *(len(groups), ptr, visit, np.ascontiguousarray(self.arrival_s), self.takes_until_s, self.full),
            *(apart_s, end_s, arrival_s, until_s, clears_s),
        )
        return DayTurns(ptr, visit, arrival_s, until_s, clears_s)
