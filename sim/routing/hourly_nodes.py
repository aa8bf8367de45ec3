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
from sim.compiled.loops import Loops, loops
from sim.routing.profile_search import ProfileSearch, WaysOn
from sim.routing.ragged import pointers
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
        # A service built in Python may count whole seconds in integers.
        self._due_s = np.ascontiguousarray(departures.due_s, np.float64)
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
        stops, columns = (np.ascontiguousarray(places) for places in np.nonzero(wanted))
        node, first, last, code = self._stretches(ways_on, stops, columns)
        changes, ends = self.search.changes, self.search.walks.ends
        column, alight, target = columns[node], code // 2 // MOST_CHANGES, code // 2 % MOST_CHANGES - 1
        out = self.search.service.visit_stop[self.first_visit[first] + alight]
        edge = np.where(target >= 0, changes.ptr[out] + target, 0)
        end = np.searchsorted(self._end_code, out * self.search.stops + destinations[column])
        end_walk_s = ends.walk_s[self._end_order[np.minimum(end, len(self._end_code) - 1)]]
        rows = _NodeRows(
            node=node,
            first=first,
            last=last,
            alight=alight,
            out=out,
            goal=np.where(target >= 0, changes.goal[edge], -1),
            walk_s=np.where(target >= 0, changes.walk_s[edge], end_walk_s),
            onward_s=ways_on.onward_s[first, column],
            attractive=code % 2 > 0,
        )
        return _Round(stops, columns, rows)

    def _stretches(self, ways_on: WaysOn, stops: IntArray, columns: IntArray) -> tuple[IntArray, ...]:
        """Return the rows of nodes: stretches of departures of a pattern with which the same is done.

        Parameters
        ----------
        ways_on : WaysOn
        stops, columns : ndarray of int, shape (nodes,)
            Sorted by stop, then by column.

        Returns
        -------
        node, first, last, code : ndarray of int, shape (rows,)
            Node, first and last departure, and what is done with those from the first to the last.
        """
        node_ptr = np.append(np.flatnonzero(np.diff(stops, prepend=-1)), len(stops)).astype(np.int64)
        library = loops()
        if library is not None:
            return self._compiled_stretches(library, ways_on, stops, columns, node_ptr)
        parts = [(np.zeros(0, dtype=np.int64),) * 4]
        for begin, end in pairwise(node_ptr.tolist()):
            node, first, last, code = self._stretches_at(ways_on, int(stops[begin]), columns[begin:end])
            parts.append((node + begin, first, last, code))
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    def _compiled_stretches(
        self, library: Loops, ways_on: WaysOn, stops: IntArray, columns: IntArray, node_ptr: IntArray
    ) -> tuple[IntArray, ...]:
        departures, nodes = self.search.departures, len(stops)
        given = (
            *(ways_on.boards.shape[1], len(node_ptr) - 1, nodes, node_ptr, stops, columns),
            *(departures.stop_ptr, self.by_kind, self.begins_kind, self._due_s, self.first_visit),
            *(ways_on.alight, ways_on.change, ways_on.boards, ways_on.onward_s, int(self.every_vehicle)),
        )
        sizes, state = np.zeros(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
        nothing = np.zeros(0, dtype=np.int64)
        library.peakshift_nodes_stretches(*given, 0, state, sizes, nothing, nothing, nothing)
        ptr = pointers(sizes)
        first, last, code = (np.empty(ptr[-1], dtype=np.int64) for _ in range(3))
        library.peakshift_nodes_stretches(*given, 1, state, ptr[:-1].copy(), first, last, code)
        return np.repeat(np.arange(nodes), sizes), first, last, code

    def _stretches_at(self, ways_on: WaysOn, stop: int, columns: IntArray) -> tuple[IntArray, ...]:
        """Return the rows of the nodes at a stop."""
        departures = self.search.departures
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
        return column, order[place], order[last], code[place, column]

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
