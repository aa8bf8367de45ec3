"""Legs of journeys from the nodes of ways on.

Where all vehicles that are boarded at a node are left at the same stop, and so on up to the destination, the legs are
those of a journey over named stops, shared by all destinations. Everywhere else they are legs of a strategy, whose rows
say what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import AS_PLANNED, AT_GOAL, LegTable
from sim.routing.hourly_nodes import NO_NODE, NodeTable
from sim.routing.patterns import PatternOffer
from sim.routing.ragged import pointers

CHOSEN = 0
WIDER = 1
ELSEWHERE = 2
"""Kinds of legs: those that journeys begin with or go on with, and those waited for after a full vehicle only."""


@dataclass(frozen=True)
class _Leg:
    """The rows of a leg, and its means.

    Columns are pattern, board, alight, from, until, whether attractive, next leg and next walk.
    """

    values: FloatArray
    wait_s: float
    ride_s: float
    free_ride_s: float


class LegBuilder:
    """Numbers the legs of one table of nodes after the other; legs that are the same share a number.

    Parameters
    ----------
    offers : sequence of PatternOffer
    wait_share : float
        Expected wait as a share of the headway.
    open_ended : bool
        Whether all legs are those of strategies, since nobody knows beforehand which vehicles are boarded.
    """

    def __init__(self, offers: Sequence[PatternOffer], wait_share: float, open_ended: bool = False) -> None:
        self.wait_share = wait_share
        self.open_ended = open_ended
        patterns = 1 + max((offer.pattern for offer in offers), default=-1)
        lengths = np.zeros(patterns, dtype=np.int64)
        for offer in offers:
            lengths[offer.pattern] = len(offer.stops)
        self._ptr = pointers(lengths)
        self._arrival_s, self._departure_s, self._free_s = (np.zeros(int(self._ptr[-1])) for _ in range(3))
        for offer in offers:
            part = slice(*self._ptr[offer.pattern : offer.pattern + 2].tolist())
            self._arrival_s[part], self._departure_s[part] = offer.arrival_s, offer.departure_s
            self._free_s[part] = offer.free_s
        self._known: dict[tuple[int, int, int, bytes], int] = {}
        self._board_stop: list[int] = []
        self._alight_stop: list[int] = []
        self._kind: list[int] = []
        self._legs: list[_Leg] = []
        self._fallbacks: dict[int, tuple[FloatArray, IntArray, FloatArray]] = {}

    def legs_of(self, nodes: NodeTable, destinations: IntArray, starts: IntArray) -> tuple[IntArray, IntArray]:
        """Return the leg of each node on journeys over named stops, and the one on strategies; -1 for none.

        Parameters
        ----------
        nodes : NodeTable
        destinations : ndarray of int, shape (destinations,)
        starts : ndarray of int
            Nodes where journeys begin.
        """
        owner = np.repeat(np.arange(len(nodes.stop)), np.diff(nodes.row_ptr))
        named = _named(nodes) & (not self.open_ended)
        is_named, is_open = (
            _reached(nodes, owner, starts[named[starts]]),
            _reached(nodes, owner, starts[~named[starts]]),
        )
        rows = _LegRows(self, nodes, destinations, owner)
        return rows.by_name(np.flatnonzero(is_named)), rows.by_strategy(np.flatnonzero(is_open))

    def legs_after_full(
        self, nodes: NodeTable, destinations: IntArray, starts: IntArray, kind: int, named: bool
    ) -> IntArray:
        """Return the legs that begin at some nodes for people whom a full vehicle left behind; -1 for other nodes.

        Parameters
        ----------
        nodes : NodeTable
        destinations : ndarray of int, shape (destinations,)
        starts : ndarray of int
            Nodes where these legs begin.
        kind : int
            `WIDER` or `ELSEWHERE`.
        named : bool
            Whether the journey says what follows.
        """
        owner = np.repeat(np.arange(len(nodes.stop)), np.diff(nodes.row_ptr))
        rows = _LegRows(self, nodes, destinations, owner)
        if named:
            return rows.by_name(starts, kind)
        return rows.by_strategy(np.flatnonzero(_reached(nodes, owner, starts)), starts, kind)

    def named_legs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return the legs of journeys over named stops, and where each begins and ends."""
        kind, first = np.array(self._kind, dtype=np.int64), [leg.values[0, 6] for leg in self._legs]
        rows = np.flatnonzero((kind == CHOSEN) & (np.array(first) == AS_PLANNED))
        return rows, np.array(self._board_stop, dtype=np.int64)[rows], np.array(self._alight_stop, dtype=np.int64)[rows]

    def same_rows(self, legs: IntArray, others: IntArray) -> BoolArray:
        """Tell which legs have the same rows as others; those that are -1 have none."""
        pairs = zip(legs.tolist(), others.tolist(), strict=True)
        return np.array(
            [leg < 0 or np.array_equal(self._legs[leg].values, self._legs[other].values) for leg, other in pairs],
            dtype=np.bool_,
        )

    def has_fallback(self, leg: int) -> bool:
        """Tell whether it is known what people do after a full vehicle."""
        return leg in self._fallbacks

    def set_fallback(self, leg: int, from_s: FloatArray, target: IntArray, walk_s: FloatArray) -> None:
        """Say what people do after a full vehicle; see `LegTable`."""
        self._fallbacks[leg] = (from_s, target, walk_s)

    def mean_ride_s(self, pattern: IntArray, board: IntArray, alight: IntArray) -> FloatArray:
        """Return the scheduled ride on patterns between two positions, averaged over their trips."""
        first = self._ptr[pattern]
        ride_s: FloatArray = self._arrival_s[first + alight] - self._departure_s[first + board]
        return ride_s

    def averages(self, nodes: NodeTable, ride_s: FloatArray, free_s: FloatArray) -> tuple[FloatArray, ...]:
        """Return the expected wait, the mean ride and the least ride at free running times of each node."""
        if not len(nodes.stop):
            return np.zeros(0), np.zeros(0), np.zeros(0)
        first = nodes.row_ptr[:-1]
        counted = nodes.vehicles * nodes.attractive
        vehicles = np.add.reduceat(counted, first)
        last_s = np.maximum.reduceat(np.where(nodes.attractive, nodes.last_due_s, -np.inf), first)
        span_s = last_s - np.minimum.reduceat(np.where(nodes.attractive, nodes.first_due_s, np.inf), first)
        wait_s = self.wait_share * span_s / np.maximum(vehicles - 1, 1)
        return wait_s, np.add.reduceat(counted * ride_s, first) / vehicles, np.minimum.reduceat(free_s, first)

    def ride_times(self, nodes: NodeTable) -> tuple[FloatArray, FloatArray]:
        """Return the scheduled ride of each row of nodes, and the ride at free running times."""
        board, alight = self._ptr[nodes.pattern] + nodes.board, self._ptr[nodes.pattern] + nodes.alight
        return self._arrival_s[alight] - self._departure_s[board], self._free_s[alight] - self._free_s[board]

    def number(self, stop: int, goal: int, kind: int, rows: bytes) -> tuple[int, bool]:
        """Return the number of a leg by the bytes of its rows, and whether it is new and to be added next.

        Parameters
        ----------
        stop, goal : int
        kind : int
        rows : bytes
        """
        known = len(self._known)
        number = self._known.setdefault((stop, goal, kind, rows), known)
        return number, number == known

    def add(self, stop: int, goal: int, kind: int, leg: _Leg) -> None:
        """Add the leg whose number was given out last."""
        self._board_stop.append(stop)
        self._alight_stop.append(goal)
        self._kind.append(kind)
        self._legs.append(leg)

    def table(self) -> LegTable:
        """Return all legs, with the vehicles that are worth boarding by what people know beforehand."""
        values, sizes = self._rows()
        kept = values[:, 5] > 0
        leg = np.repeat(np.arange(len(sizes)), sizes)
        return self._table(values[kept], np.bincount(leg[kept], minlength=len(sizes)))

    def table_of_every_vehicle(self) -> LegTable:
        """Return the same legs with all vehicles that lead to where they go."""
        return self._table(*self._rows())

    def _rows(self) -> tuple[FloatArray, IntArray]:
        """Return the rows of all legs one after the other, and how many each leg has."""
        rows = [leg.values for leg in self._legs]
        return np.concatenate([np.zeros((0, 8)), *rows]), np.array([len(part) for part in rows], dtype=np.int64)

    def _table(self, values: FloatArray, sizes: IntArray) -> LegTable:
        pattern, board, alight, following = (values[:, column].astype(np.int64) for column in (0, 1, 2, 6))
        nothing = (np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0))
        fallbacks = [self._fallbacks.get(leg, nothing) for leg in range(len(self._legs))]
        from_s, target, walk_s = (np.concatenate(column) for column in zip(nothing, *fallbacks, strict=True))
        return LegTable(
            board_stop=np.array(self._board_stop, dtype=np.int64),
            alight_stop=np.array(self._alight_stop, dtype=np.int64),
            set_ptr=pointers(sizes),
            pattern=pattern,
            board_sequence=board,
            alight_sequence=alight,
            from_s=values[:, 3].copy(),
            until_s=values[:, 4].copy(),
            wait_s=np.array([leg.wait_s for leg in self._legs], dtype=np.float64),
            ride_s=np.array([leg.ride_s for leg in self._legs], dtype=np.float64),
            free_ride_s=np.array([leg.free_ride_s for leg in self._legs], dtype=np.float64),
            next_leg=following,
            next_walk_s=values[:, 7].copy(),
            fallback_ptr=pointers(np.array([len(rows) for rows, _, _ in fallbacks], dtype=np.int64)),
            fallback_from_s=from_s,
            fallback_leg=target,
            fallback_walk_s=walk_s,
        )


class _LegRows:
    """The rows of the legs of a table of nodes.

    Parameters
    ----------
    builder : LegBuilder
    nodes : NodeTable
    destinations : ndarray of int, shape (destinations,)
    owner : ndarray of int, shape (rows,)
        Node of each row.
    """

    def __init__(self, builder: LegBuilder, nodes: NodeTable, destinations: IntArray, owner: IntArray) -> None:
        self.builder = builder
        ride_s, free_s = builder.ride_times(nodes)
        order = np.lexsort((nodes.from_s, nodes.pattern, ride_s, owner))
        columns = (nodes.pattern, nodes.board, nodes.alight, nodes.from_s, nodes.until_s, nodes.attractive)
        self.rows = np.empty((len(order), len(columns) + 2))
        for place, column in enumerate(columns):
            self.rows[:, place] = column[order]
        self.averages = [column.tolist() for column in builder.averages(nodes, ride_s, free_s)]
        self.row_ptr = nodes.row_ptr
        self.stops: list[int] = nodes.stop.tolist()
        self.out_stop = nodes.out_stop[order]
        self.goal = destinations[nodes.column]
        self.onward, self.walk_s = nodes.next_node[order], nodes.next_walk_s[order]
        # Nodes that follow have fewer rides left: of each number of rides, where their nodes begin.
        self.rounds: list[int] = pointers(np.array([np.count_nonzero(it != NO_NODE) for it in nodes.number])).tolist()

    def by_name(self, nodes: IntArray, kind: int = CHOSEN) -> IntArray:
        """Return the legs of some nodes on journeys over named stops; -1 for other nodes."""
        found = np.full(len(self.stops), -1, dtype=np.int64)
        self.rows[:, 6], self.rows[:, 7] = AS_PLANNED, 0.0
        goals = self.out_stop[self.row_ptr[nodes]]
        found[nodes] = self._numbers(nodes, goals, np.full(len(nodes), kind))
        return found

    def by_strategy(self, nodes: IntArray, starts: IntArray | None = None, kind: int = CHOSEN) -> IntArray:
        """Return the legs of some nodes on strategies; -1 for other nodes. Starts are of a kind of their own."""
        found = np.full(len(self.stops), -1, dtype=np.int64)
        kinds = np.full(len(self.stops), CHOSEN)
        kinds[nodes[:0] if starts is None else starts] = kind
        self.rows[:, 7] = self.walk_s
        for first, end in pairwise(self.rounds):
            part = slice(*self.row_ptr[[first, end]].tolist())
            onward = self.onward[part]
            self.rows[part, 6] = np.where(onward >= 0, found[onward], AT_GOAL)
            mine = nodes[(nodes >= first) & (nodes < end)]
            found[mine] = self._numbers(mine, self.goal[mine], kinds[mine])
        return found

    def _numbers(self, nodes: IntArray, goals: IntArray, kinds: IntArray) -> list[int]:
        """Return the legs of some nodes, whose rows are complete."""
        first, end = self.row_ptr[nodes].tolist(), self.row_ptr[nodes + 1].tolist()
        builder, stops, found = self.builder, self.stops, []
        # One piece of bytes for all rows between the first node and the last; rows of other nodes lie between as well.
        begin = min(first, default=0)
        piece, width = self.rows[begin : max(end, default=0)].tobytes(), self.rows.strides[0]
        of_node = zip(nodes.tolist(), goals.tolist(), kinds.tolist(), first, end, strict=True)
        for node, goal, kind, low, high in of_node:
            stop = stops[node]
            number, is_new = builder.number(stop, goal, kind, piece[(low - begin) * width : (high - begin) * width])
            if is_new:
                leg = _Leg(self.rows[low:high].copy(), *(average[node] for average in self.averages))
                builder.add(stop, goal, kind, leg)
            found.append(number)
        return found


def _named(nodes: NodeTable) -> BoolArray:
    """Tell from which nodes all goes over the same stops up to the destination, shape (nodes,)."""
    first = nodes.row_ptr[:-1]
    same = np.ones(len(nodes.stop), dtype=np.bool_)
    if len(same):
        for column in (nodes.out_stop, nodes.next_node, nodes.next_walk_s):
            same &= np.minimum.reduceat(column, first) == np.maximum.reduceat(column, first)
    onward = nodes.next_node[first]
    found: BoolArray = same
    while True:
        further = same & np.where(onward >= 0, found[onward], True)
        if np.array_equal(further, found):
            return found
        found = further


def _reached(nodes: NodeTable, owner: IntArray, starts: IntArray) -> BoolArray:
    """Return which nodes people come to from some starts, shape (nodes,)."""
    # What follows a leg of a strategy is one too, since only those say what to do where they end.
    reached = np.zeros(len(nodes.stop), dtype=np.bool_)
    reached[starts] = True
    count = -1
    while count != reached.sum():
        count = int(reached.sum())
        onward = nodes.next_node[reached[owner]]
        reached[onward[onward >= 0]] = True
    return reached
