"""Cheapest journeys from one origin over different lines, by number of transfers, over direct legs and walks.

One round is a min-plus product over the table of direct legs, another one over the walks
between vehicles; both tables are sorted by where they lead, so that the least of each group
is one reduction. Of each stop and round the cheapest labels are kept that use different lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import JourneyParameters
from sim.randomness import UInt64Array, mix
from sim.routing.line_sets import LineSets
from sim.routing.walks import Walks

NOWHERE = -1


@dataclass(frozen=True)
class Edges:
    """Ways from stop to stop, sorted by where they lead, that are the same at any time.

    Attributes
    ----------
    start, goal : ndarray of int, shape (edges,)
    cost_s : ndarray of float, shape (edges,)
        Equivalent seconds.
    lines : ndarray of uint64, shape (edges,)
        Number of the set of lines ridden; 0 for a walk.
    took_s : ndarray of float, shape (edges,)
        Time taken in seconds; 0 where time does not count.
    """

    start: IntArray
    goal: IntArray
    cost_s: FloatArray
    lines: UInt64Array
    took_s: FloatArray

    def follow(self, edge: IntArray, time_s: FloatArray) -> Followed:
        """Return what it costs to go on over some edges from labels, at the times at which they are reached.

        Parameters
        ----------
        edge : ndarray of int, shape (edges,)
        time_s : ndarray of float, shape (edges, labels)
            Seconds after midnight.
        """
        return Followed(self.cost_s[edge, None], self.lines[edge, None], time_s + self.took_s[edge, None])


@dataclass(frozen=True)
class Followed:
    """Edges followed from labels; arrays that broadcast to (edges, labels).

    Attributes
    ----------
    cost_s : ndarray of float
        Infinite where nothing goes any more.
    lines : ndarray of uint64
    time_s : ndarray of float
        When one is there, seconds after midnight.
    """

    cost_s: FloatArray
    lines: UInt64Array
    time_s: FloatArray


class RideEdges(Protocol):
    """Rides from stop to stop, sorted by where they lead; see `Edges`."""

    @property
    def start(self) -> IntArray:
        """Stop of boarding, shape (edges,)."""

    @property
    def goal(self) -> IntArray:
        """Stop of alighting, shape (edges,)."""

    def follow(self, edge: IntArray, time_s: FloatArray) -> Followed:
        """Return what rides cost, by which lines they go and when they end."""


@dataclass(frozen=True)
class Labels:
    """The cheapest ways to be at each stop in one round; arrays (stops, labels).

    Attributes
    ----------
    cost_s : ndarray of float
        Infinite where there is no way.
    before : ndarray of int
        Flat number of the label of the round before.
    edge : ndarray of int
        Edge from there to here.
    lines : ndarray of uint64
        Hash of the sets of lines ridden so far.
    ridden : ndarray of uint64
        Set of lines ridden last.
    time_s : ndarray of float
        When one is there, seconds after midnight.
    """

    cost_s: FloatArray
    before: IntArray
    edge: IntArray
    lines: UInt64Array
    ridden: UInt64Array
    time_s: FloatArray


@dataclass(frozen=True)
class Path:
    """A journey: numbers of ride edges, the walk before each one, and the walk at the end.

    Attributes
    ----------
    rides : tuple of int
    walks_s : tuple of float
    egress_s : float
    cost_s : float
    lines : int
        Hash of the sets of lines ridden, in order.
    """

    rides: tuple[int, ...]
    walks_s: tuple[float, ...]
    egress_s: float
    cost_s: float
    lines: int


class JourneyEnd(NamedTuple):
    """Where a journey ends, before anybody asks for its way.

    Attributes
    ----------
    cost_s : float
    rides : int
        0 for a walk all the way.
    lines : int
        Hash of the sets of lines ridden, in order.
    place : int
        Flat number of the last walk and the label it goes on from.
    """

    cost_s: float
    rides: int
    lines: int
    place: int


class Search:
    """Searches journeys from one origin after the other.

    Parameters
    ----------
    stops : int
    rides : RideEdges
        Direct legs.
    sets : LineSets
        Of the lines of these.
    walks : Walks
    walk_weight : float
    transfer_penalty_s : float
    max_transfers : int
    labels : int
        Labels kept of each stop and round.
    """

    def __init__(
        self,
        stops: int,
        rides: RideEdges,
        sets: LineSets,
        walks: Walks,
        walk_weight: float,
        transfer_penalty_s: float,
        max_transfers: int,
        labels: int,
    ) -> None:
        self.stops = stops
        self.rides = rides
        self.sets = sets
        self.ends, self.transfers = ends, transfers = walks.ends, walks.transfers
        self.walk_weight = walk_weight
        self.max_transfers = max_transfers
        self.labels = labels
        self.changes = Edges(
            transfers.start,
            transfers.goal,
            transfer_penalty_s + walk_weight * transfers.walk_s,
            np.zeros(len(transfers.goal), dtype=np.uint64),
            transfers.walk_s,
        )
        self.ends_bounds = np.searchsorted(ends.goal, np.arange(stops + 1))
        self.from_origin = np.argsort(ends.start, kind="stable")
        self.origin_bounds = np.searchsorted(ends.start[self.from_origin], np.arange(stops + 1))

    def journeys_from(self, origin: int, leave_s: float = 0.0) -> JourneysFrom:
        """Search the cheapest ways from a stop to all others.

        Parameters
        ----------
        origin : int
        leave_s : float
            Seconds after midnight; counts where rides differ by time.
        """
        boards = [self._access(origin, leave_s)]
        alights = [self._step(boards[0], self.rides)]
        for _ in range(self.max_transfers):
            boards.append(self._step(alights[-1], self.changes))
            alights.append(self._step(boards[-1], self.rides))
        return JourneysFrom(self, origin, boards, alights)

    def _blank(self) -> Labels:
        shape = (self.stops, self.labels)
        return Labels(
            cost_s=np.full(shape, np.inf),
            before=np.full(shape, NOWHERE, dtype=np.int64),
            edge=np.full(shape, NOWHERE, dtype=np.int64),
            lines=np.zeros(shape, dtype=np.uint64),
            ridden=np.zeros(shape, dtype=np.uint64),
            time_s=np.zeros(shape),
        )

    def _access(self, origin: int, leave_s: float) -> Labels:
        labels = self._blank()
        rows = self.from_origin[self.origin_bounds[origin] : self.origin_bounds[origin + 1]]
        goal = self.ends.goal[rows]
        labels.cost_s[goal, 0] = self.walk_weight * self.ends.walk_s[rows]
        labels.edge[goal, 0] = rows
        labels.time_s[goal, 0] = leave_s + self.ends.walk_s[rows]
        return labels

    def _step(self, before: Labels, edges: RideEdges) -> Labels:
        """Follow edges from the labels of a round and keep the cheapest ways to each stop."""
        found = self._blank()
        # The first label of a stop is the cheapest: where it is infinite there is none.
        live = np.flatnonzero(np.isfinite(before.cost_s[edges.start, 0]))
        if not len(live):
            return found
        kept, start, goal = self.labels, edges.start[live], edges.goal[live]
        onward = edges.follow(live, before.time_s[start])
        cost = before.cost_s[start] + onward.cost_s
        time_s = np.broadcast_to(onward.time_s, cost.shape)
        lines, ridden = before.lines[start], before.ridden[start]
        if kept > 1 and edges is self.rides:
            # Invariant: nobody leaves a vehicle to board the next one of its line. Such a journey costs little more
            # than to stay, and would pass for one over other lines (tests/functional/test_changes_of_line.py).
            cost[self.sets.have_common(before.ridden, start, onward.lines)] = np.inf
            ridden = np.broadcast_to(onward.lines, cost.shape)
            lines = mix(lines + onward.lines)
        starts = np.flatnonzero(np.diff(goal, prepend=NOWHERE))
        group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(goal))) * kept)
        stop = goal[starts]
        flat, flat_lines = cost.reshape(-1), lines.reshape(-1)
        for place in range(kept):
            least = np.minimum.reduceat(flat, starts * kept)
            first = _first_hits((flat == least[group]) & np.isfinite(flat), group)
            at = stop[group[first]]
            found.cost_s[at, place] = flat[first]
            found.before[at, place] = start[first // kept] * kept + first % kept
            found.edge[at, place] = live[first // kept]
            found.time_s[at, place] = time_s.reshape(-1)[first]
            found.lines[at, place] = flat_lines[first]
            found.ridden[at, place] = ridden.reshape(-1)[first]
            if place + 1 < kept:
                taken = np.zeros(len(starts), dtype=np.uint64)
                taken[group[first]] = flat_lines[first]
                flat[flat_lines == taken[group]] = np.inf
        return found


def _first_hits(hit: BoolArray, group: IntArray) -> NDArray[np.intp]:
    """Return the first hit of each group that has one."""
    rows = np.flatnonzero(hit)
    return rows[np.diff(group[rows], prepend=NOWHERE) > 0]


class JourneysFrom:
    """What was found from one origin."""

    def __init__(self, search: Search, origin: int, boards: list[Labels], alights: list[Labels]) -> None:
        self.search = search
        self.origin = origin
        self.boards = boards
        self.alights = alights

    def ends_at(self, destination: int, transfers: int, most: int) -> list[JourneyEnd]:
        """Return ends of journeys with a number of transfers, the cheapest first; ties go to the shortest last walk."""
        search, labels = self.search, self.alights[transfers]
        rows = self._last_walks(destination)
        start = search.ends.start[rows]
        flat = (labels.cost_s[start] + search.walk_weight * search.ends.walk_s[rows, None]).reshape(-1)
        order = flat.argsort(kind="stable")[:most]
        order = order[np.isfinite(flat[order])]
        lines = labels.lines[start[order // search.labels], order % search.labels]
        place = rows.start * search.labels + order
        columns = zip(flat[order].tolist(), lines.tolist(), place.tolist(), strict=True)
        return [JourneyEnd(cost_s, transfers + 1, lines, place) for cost_s, lines, place in columns]

    def _last_walks(self, destination: int) -> slice:
        bounds = self.search.ends_bounds
        return slice(int(bounds[destination]), int(bounds[destination + 1]))

    def path(self, end: JourneyEnd) -> Path:
        """Return the journey that ends there, followed back to its origin."""
        search = self.search
        last_walk, label = divmod(end.place, search.labels)
        at = int(search.ends.start[last_walk]) * search.labels + label
        rides: list[int] = []
        walks_s: list[float] = []
        for round_ in range(end.rides - 1, -1, -1):
            alight, board = self.alights[round_], self.boards[round_]
            rides.append(int(alight.edge.flat[at]))
            at = int(alight.before.flat[at])
            walk = int(board.edge.flat[at])
            walks_s.append(float((search.transfers if round_ else search.ends).walk_s[walk]))
            at = int(board.before.flat[at])
        egress_s = float(search.ends.walk_s[last_walk])
        return Path(tuple(rides[::-1]), tuple(walks_s[::-1]), egress_s, end.cost_s, end.lines)


NO_LINES = -1
"""Hash of the lines of a walk; those of rides are never negative."""


def cheapest_paths(
    found: JourneysFrom, destination: int, walk_s: float | None, journeys: JourneyParameters
) -> list[Path]:
    """Return the cheapest journeys that use different lines, walking among them, the cheapest first.

    Parameters
    ----------
    found : JourneysFrom
    destination : int
    walk_s : float or None
        The walk all the way in seconds; None where there is none.
    journeys : JourneyParameters
        Most options, most transfers and the longest detour.
    """
    most = journeys.options or 1
    ends: list[JourneyEnd] = []
    if walk_s is not None:
        ends.append(JourneyEnd(found.search.walk_weight * walk_s, 0, NO_LINES, 0))
    for transfers in range(journeys.max_transfers + 1):
        ends += found.ends_at(destination, transfers, most * 2)
    ends.sort(key=lambda end: (end.cost_s, not end.rides, end.rides))
    kept: dict[int, JourneyEnd] = {}
    for end in ends:
        if len(kept) < most and end.cost_s <= journeys.longest_detour * ends[0].cost_s:
            kept.setdefault(end.lines, end)
    return [
        found.path(end) if end.rides else Path((), (), walk_s or 0.0, end.cost_s, NO_LINES) for end in kept.values()
    ]
