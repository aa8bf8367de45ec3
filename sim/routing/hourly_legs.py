"""Legs of journeys from the nodes of ways on.

Where all vehicles that are boarded at a node are left at the same stop, and so on up to the destination, the legs are
those of a journey over named stops, shared by all destinations. Everywhere else they are legs of a strategy, whose rows
say what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import AS_PLANNED, AT_GOAL, NO_FALLBACK, LegTable
from sim.routing.hourly_nodes import NodeTable
from sim.routing.patterns import PatternOffer
from sim.routing.ragged import pointers


@dataclass(frozen=True)
class _Leg:
    """The rows of a leg, with columns pattern, board, alight, from, until, next leg and next walk; and its means."""

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
    """

    def __init__(self, offers: Sequence[PatternOffer], wait_share: float) -> None:
        self.wait_share = wait_share
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
        self._known: dict[tuple[int, int, bytes], int] = {}
        self._board_stop: list[int] = []
        self._alight_stop: list[int] = []
        self._legs: list[_Leg] = []

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
        named = _named(nodes)
        is_named, is_open = _reached(nodes, owner, starts, named)
        board, alight = self._ptr[nodes.pattern] + nodes.board, self._ptr[nodes.pattern] + nodes.alight
        ride_s = self._arrival_s[alight] - self._departure_s[board]
        free_s = self._free_s[alight] - self._free_s[board]
        order = np.lexsort((nodes.from_s, nodes.pattern, ride_s, owner))
        columns = (nodes.pattern, nodes.board, nodes.alight, nodes.from_s, nodes.until_s)
        boarded = np.stack([column[order].astype(np.float64) for column in columns], axis=1)
        averages = [column.tolist() for column in self._averages(nodes, ride_s, free_s)]
        bounds, stops = nodes.row_ptr.tolist(), nodes.stop.tolist()
        out_stop, column = nodes.out_stop[order], destinations[nodes.column]

        def number(node: int, goal: int, following: FloatArray) -> int:
            values = np.concatenate([boarded[bounds[node] : bounds[node + 1]], following], axis=1)
            return self._number(stops[node], goal, _Leg(values, *(average[node] for average in averages)))

        by_name, by_strategy = np.full(len(stops), -1, dtype=np.int64), np.full(len(stops), -1, dtype=np.int64)
        for node in np.flatnonzero(is_named).tolist():
            following = np.zeros((bounds[node + 1] - bounds[node], 2))
            following[:, 0] = AS_PLANNED
            by_name[node] = number(node, int(out_stop[bounds[node]]), following)
        onward, walk_s = nodes.next_node[order], nodes.next_walk_s[order]
        # Nodes that follow have fewer rides left, and so a lower number.
        for node in np.flatnonzero(is_open).tolist():
            part = slice(bounds[node], bounds[node + 1])
            leg = np.where(onward[part] >= 0, by_strategy[onward[part]], AT_GOAL)
            following = np.stack([leg.astype(np.float64), walk_s[part]], axis=1)
            by_strategy[node] = number(node, int(column[node]), following)
        return by_name, by_strategy

    def mean_ride_s(self, pattern: IntArray, board: IntArray, alight: IntArray) -> FloatArray:
        """Return the scheduled ride on patterns between two positions, averaged over their trips."""
        first = self._ptr[pattern]
        ride_s: FloatArray = self._arrival_s[first + alight] - self._departure_s[first + board]
        return ride_s

    def _averages(self, nodes: NodeTable, ride_s: FloatArray, free_s: FloatArray) -> tuple[FloatArray, ...]:
        """Return the expected wait, the mean ride and the least ride at free running times of each node."""
        if not len(nodes.stop):
            return np.zeros(0), np.zeros(0), np.zeros(0)
        first = nodes.row_ptr[:-1]
        vehicles = np.add.reduceat(nodes.vehicles, first)
        span_s = np.maximum.reduceat(nodes.last_due_s, first) - np.minimum.reduceat(nodes.first_due_s, first)
        wait_s = self.wait_share * span_s / np.maximum(vehicles - 1, 1)
        return wait_s, np.add.reduceat(nodes.vehicles * ride_s, first) / vehicles, np.minimum.reduceat(free_s, first)

    def _number(self, stop: int, goal: int, leg: _Leg) -> int:
        key = (stop, goal, leg.values.tobytes())
        number = self._known.setdefault(key, len(self._known))
        if number == len(self._legs):
            self._board_stop.append(stop)
            self._alight_stop.append(goal)
            self._legs.append(leg)
        return number

    def table(self) -> LegTable:
        """Return all legs."""
        values = np.concatenate([np.zeros((0, 7)), *(leg.values for leg in self._legs)])
        pattern, board, alight, following = (values[:, column].astype(np.int64) for column in (0, 1, 2, 5))
        legs = len(self._legs)
        return LegTable(
            board_stop=np.array(self._board_stop, dtype=np.int64),
            alight_stop=np.array(self._alight_stop, dtype=np.int64),
            set_ptr=pointers(np.array([len(leg.values) for leg in self._legs], dtype=np.int64)),
            pattern=pattern,
            board_sequence=board,
            alight_sequence=alight,
            from_s=values[:, 3].copy(),
            until_s=values[:, 4].copy(),
            wait_s=np.array([leg.wait_s for leg in self._legs], dtype=np.float64),
            ride_s=np.array([leg.ride_s for leg in self._legs], dtype=np.float64),
            free_ride_s=np.array([leg.free_ride_s for leg in self._legs], dtype=np.float64),
            next_leg=following,
            next_walk_s=values[:, 6].copy(),
            fallback_leg=np.full(legs, NO_FALLBACK, dtype=np.int64),
            fallback_walk_s=np.zeros(legs),
        )


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


def _reached(nodes: NodeTable, owner: IntArray, starts: IntArray, named: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Return which nodes people come to on journeys over named stops, and which on strategies."""
    is_named, is_open = np.zeros(len(named), dtype=np.bool_), np.zeros(len(named), dtype=np.bool_)
    is_named[starts[named[starts]]] = True
    is_open[starts[~named[starts]]] = True
    # What follows a leg of a strategy is one too, since only those say what to do where they end.
    for reached in (is_named, is_open):
        count = -1
        while count != reached.sum():
            count = int(reached.sum())
            onward = nodes.next_node[reached[owner]]
            reached[onward[onward >= 0]] = True
    return is_named, is_open
