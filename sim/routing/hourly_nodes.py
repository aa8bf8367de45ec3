"""Ways on cut down to what people need: which vehicles of which patterns they board at each stop on their way.

A node is a stop where people wait with so many rides left to a destination. Its rows say for each pattern between which
times it is boarded, where it is left, and which node follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.routing.profile_search import ProfileSearch, WaysOn
from sim.routing.waiting_by_frequency import NEVER_S

NO_NODE = -1

MOST_CHANGES = 1 << 12
"""Walks from a stop to others, at most, in the code of what to do with a vehicle."""


@dataclass(frozen=True)
class NodeTable:
    """Nodes in order of rides left, fewest first, and their rows.

    Attributes
    ----------
    stop, column : ndarray of int, shape (nodes,)
        Stop, and place of the destination among those searched.
    row_ptr : ndarray of int, shape (nodes + 1,)
    pattern, board, alight : ndarray of int, shape (rows,)
        Pattern and positions.
    from_s, until_s : ndarray of float, shape (rows,)
        When vehicles that are boarded are due, seconds after midnight; infinite where no earlier or later one is not.
    vehicles : ndarray of int, shape (rows,)
        How many those are.
    first_due_s, last_due_s : ndarray of float, shape (rows,)
        When the first and the last of them are due.
    out_stop : ndarray of int, shape (rows,)
        Stop of getting out.
    next_node : ndarray of int, shape (rows,)
        Always fewer rides left; -1 where the destination is a walk away.
    next_walk_s : ndarray of float, shape (rows,)
        Walk to the stop of that node, or to the destination.
    onward_s : ndarray of float, shape (rows,)
        What going on with the first of the vehicles costs, equivalent seconds.
    attractive : ndarray of bool, shape (rows,)
        Whether the vehicles are boarded where all goes by what people know beforehand; all are, but with real time.
    number : list of ndarray of int, shape (stops, destinations)
        By rides left less one, the node at each stop, -1 for none.
    """

    stop: IntArray
    column: IntArray
    row_ptr: IntArray
    pattern: IntArray
    board: IntArray
    alight: IntArray
    from_s: FloatArray
    until_s: FloatArray
    vehicles: IntArray
    first_due_s: FloatArray
    last_due_s: FloatArray
    out_stop: IntArray
    next_node: IntArray
    next_walk_s: FloatArray
    onward_s: FloatArray
    attractive: BoolArray
    number: list[IntArray]


@dataclass(frozen=True)
class _NodeRows:
    """Rows of the nodes of a round; all arrays of shape (rows,).

    `first` and `last` are the first and the last departure of each, `goal` the stop of the node that follows, -1 where
    the destination is a walk away.
    """

    node: IntArray
    first: IntArray
    last: IntArray
    alight: IntArray
    out: IntArray
    goal: IntArray
    walk_s: FloatArray
    onward_s: FloatArray
    attractive: BoolArray

    @classmethod
    def joined(cls, parts: Sequence[_NodeRows]) -> _NodeRows:
        """Put parts one after the other."""
        return cls(*(np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(cls)))


@dataclass(frozen=True)
class _Round:
    """The nodes with so many rides left, by stop and column, and their rows."""

    stop: IntArray
    column: IntArray
    rows: _NodeRows


class NodeFinder:
    """Finds the nodes that people may come to, and their rows, from ways on.

    Parameters
    ----------
    search : ProfileSearch
    every_vehicle : bool
        Whether there are rows for all vehicles that lead to the destination, also those not worth boarding.
    """

    def __init__(self, search: ProfileSearch, every_vehicle: bool = False) -> None:
        self.search = search
        self.every_vehicle = every_vehicle
        departures = search.departures
        stop = np.repeat(np.arange(search.stops), np.diff(departures.stop_ptr))
        self.by_kind: IntArray = np.lexsort((np.arange(len(stop)), departures.kind, stop))
        new = np.ones(len(stop), dtype=np.bool_)
        new[1:] = (np.diff(departures.kind[self.by_kind]) != 0) | (np.diff(stop[self.by_kind]) != 0)
        self.place: IntArray = np.empty(len(stop), dtype=np.int64)
        self.place[self.by_kind] = np.arange(len(stop))
        self.begins_kind: BoolArray = np.zeros(len(stop), dtype=np.bool_)
        self.begins_kind[self.by_kind] = new
        self.ends_kind: BoolArray = np.zeros(len(stop), dtype=np.bool_)
        self.ends_kind[self.by_kind] = np.append(new[1:], True)
        self.first_visit: IntArray = departures.visit - departures.sequence
        ends = search.walks.ends
        code = ends.start * search.stops + ends.goal
        self._end_order = np.argsort(code)
        self._end_code = code[self._end_order]

    def nodes(
        self, ways_on: Sequence[WaysOn], destinations: IntArray, wanted: list[BoolArray], only_with_rows: bool = False
    ) -> NodeTable:
        """Return the nodes that people may come to.

        Parameters
        ----------
        ways_on : sequence of WaysOn
            By rides left.
        destinations : ndarray of int, shape (destinations,)
        wanted : list of ndarray of bool, shape (stops, destinations)
            By rides left, where they begin.
        only_with_rows : bool
            Whether some of the wanted ones may lead nowhere; those are left out.
        """
        wanted = [mask.copy() for mask in wanted]
        if only_with_rows:
            for mask, ways in zip(wanted, ways_on, strict=True):
                self._leave_out_dead_ends(mask, ways)
        rounds: list[_Round] = []
        for rides in range(len(ways_on) - 1, -1, -1):
            found = self._round(ways_on[rides], wanted[rides], destinations)
            goes_on = np.flatnonzero(found.rows.goal >= 0)
            if rides:
                wanted[rides - 1][found.rows.goal[goes_on], found.column[found.rows.node[goes_on]]] = True
            rounds.append(found)
        return self._table(rounds[::-1], (self.search.stops, len(destinations)))

    def _leave_out_dead_ends(self, wanted: BoolArray, ways_on: WaysOn) -> None:
        ptr = self.search.departures.stop_ptr
        for stop in np.flatnonzero(wanted.any(axis=1)).tolist():
            wanted[stop] &= ways_on.boards[ptr[stop] : ptr[stop + 1]].any(axis=0)

    def _round(self, ways_on: WaysOn, wanted: BoolArray, destinations: IntArray) -> _Round:
        stops, columns = np.nonzero(wanted)
        whole = np.zeros(0, dtype=np.int64)
        empty = np.zeros(0)
        parts = [_NodeRows(whole, whole, whole, whole, whole, whole, empty, empty, empty.astype(np.bool_))]
        for first, end in pairwise([*np.flatnonzero(np.diff(stops, prepend=-1)).tolist(), len(stops)]):
            parts.append(self._rows_at(ways_on, int(stops[first]), columns[first:end], first, destinations))
        return _Round(stops, columns, _NodeRows.joined(parts))

    def _rows_at(
        self, ways_on: WaysOn, stop: int, columns: IntArray, first_node: int, destinations: IntArray
    ) -> _NodeRows:
        """Return the rows of the nodes at a stop: stretches of departures of a pattern with which the same is done."""
        departures, changes = self.search.departures, self.search.changes
        order = self.by_kind[departures.stop_ptr[stop] : departures.stop_ptr[stop + 1]]
        alight = ways_on.alight[np.ix_(order, columns)].astype(np.int64)
        change = ways_on.change[self.first_visit[order][:, None] + alight, columns].astype(np.int64)
        attractive = ways_on.boards[np.ix_(order, columns)]
        leads = ways_on.onward_s[np.ix_(order, columns)] < NEVER_S / 2 if self.every_vehicle else attractive
        code = np.where(leads, (alight * MOST_CHANGES + change + 1) * 2 + attractive, -1)
        begins = self.begins_kind[order]
        # Two vehicles of a pattern due at the same time are told apart by nobody: what holds for the first one holds.
        same = ~begins & (np.diff(departures.due_s[order], prepend=-1.0) == 0)
        for place in np.flatnonzero(same).tolist():
            code[place] = code[place - 1]
        starts = begins[:, None] | (np.diff(code, axis=0, prepend=-2) != 0)
        column, place = np.nonzero(starts.T)
        last = np.append((column * len(order) + place)[1:], len(columns) * len(order)) - 1 - column * len(order)
        kept = np.flatnonzero(code[place, column] >= 0)
        column, place, last = column[kept], place[kept], last[kept]
        code_kept = code[place, column]
        alighted, target = code_kept // 2 // MOST_CHANGES, code_kept // 2 % MOST_CHANGES - 1
        out = self.search.service.visit_stop[self.first_visit[order[place]] + alighted]
        edge = np.where(target >= 0, changes.ptr[out] + target, 0)
        end = np.searchsorted(self._end_code, out * self.search.stops + destinations[columns[column]])
        end_walk_s = self.search.walks.ends.walk_s[self._end_order[np.minimum(end, len(self._end_code) - 1)]]
        return _NodeRows(
            node=first_node + column,
            first=order[place],
            last=order[last],
            alight=alighted,
            out=out,
            goal=np.where(target >= 0, changes.goal[edge], -1),
            walk_s=np.where(target >= 0, changes.walk_s[edge], end_walk_s),
            onward_s=ways_on.onward_s[order[place], columns[column]],
            attractive=code_kept % 2 > 0,
        )

    def _table(self, rounds: Sequence[_Round], shape: tuple[int, int]) -> NodeTable:
        number: list[IntArray] = []
        offset, parts = 0, []
        for found in rounds:
            rows, onward = found.rows, np.full(len(found.rows.node), NO_NODE, dtype=np.int64)
            there = np.flatnonzero(rows.goal >= 0)
            if len(there):
                onward[there] = number[-1][rows.goal[there], found.column[rows.node[there]]]
            parts.append((replace(rows, node=rows.node + offset), onward))
            number.append(np.full(shape, NO_NODE, dtype=np.int64))
            number[-1][found.stop, found.column] = offset + np.arange(len(found.stop))
            offset += len(found.stop)
        rows = _NodeRows.joined([part for part, _ in parts])
        departures = self.search.departures
        return NodeTable(
            stop=np.concatenate([found.stop for found in rounds]),
            column=np.concatenate([found.column for found in rounds]),
            row_ptr=np.searchsorted(rows.node, np.arange(offset + 1)).astype(np.int64),
            pattern=departures.pattern[rows.first],
            board=departures.sequence[rows.first],
            alight=rows.alight,
            from_s=np.where(self.begins_kind[rows.first], -np.inf, departures.due_s[rows.first]),
            until_s=np.where(self.ends_kind[rows.last], np.inf, departures.due_s[rows.last]),
            vehicles=self.place[rows.last] - self.place[rows.first] + 1,
            first_due_s=departures.due_s[rows.first],
            last_due_s=departures.due_s[rows.last],
            out_stop=rows.out,
            next_node=np.concatenate([onward for _, onward in parts]),
            next_walk_s=rows.walk_s,
            onward_s=rows.onward_s,
            attractive=rows.attractive,
            number=number,
        )
