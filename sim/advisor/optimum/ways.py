"""All ways that an option leaves open, as a graph of queues: what people may do from each queue on.

A queue is where people wait for one leg of a journey. From it each line of the set leads to another queue, after a
walk, or to the destination. Queues of strategies are shared by all who come to them; a queue of a leg that a journey
names goes on as that journey does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy

from sim.advisor.optimum.vehicles import VehicleRuns
from sim.arrays import BoolArray, FloatArray, IntArray, members_of_ranges
from sim.model.journeys import AS_PLANNED, AT_GOAL, JourneyOptions, LegTable
from sim.model.service import Service

NO_QUEUE = -1
"""Of a line that leads to the destination."""


@dataclass(frozen=True)
class OptionQueues:
    """The queues of some options.

    Attributes
    ----------
    ptr : ndarray of int, shape (queues + 1,)
        First row of each queue in the three columns below.
    leg_row : ndarray of int, shape (rows,)
        Line of the set, as a row of the columns of `LegTable`.
    next_queue : ndarray of int, shape (rows,)
        The queue that follows, of a lower number; `NO_QUEUE` where the walk leads to the destination.
    walk_s : ndarray of float, shape (rows,)
        Walk to it.
    option : ndarray of int, shape (options,)
        Rising.
    option_ptr : ndarray of int, shape (options + 1,)
        First entry of each option in `queue`.
    queue : ndarray of int, shape (entries,)
        Queues that an option may lead to, rising: its first one comes last.
    """

    ptr: IntArray
    leg_row: IntArray
    next_queue: IntArray
    walk_s: FloatArray
    option: IntArray
    option_ptr: IntArray
    queue: IntArray


@dataclass
class _Queues:
    """Queues found so far."""

    options: JourneyOptions
    rows: list[list[tuple[int, int, float]]] = field(default_factory=list)
    known: dict[tuple[int, int, float], int] = field(default_factory=dict)
    reached: list[frozenset[int]] = field(default_factory=list)

    def of(self, leg: int, next_queue: int, walk_s: float) -> int:
        """Return the queue of a leg after which a journey goes on as said, where the leg does not say itself."""
        legs = self.options.legs
        span = range(int(legs.set_ptr[leg]), int(legs.set_ptr[leg + 1]))
        key = (leg, next_queue, walk_s) if int(legs.next_leg[span[0]]) == AS_PLANNED else (leg, NO_QUEUE, 0.0)
        if key not in self.known:
            rows = [self._row(row, next_queue, walk_s) for row in span]
            # A queue is numbered after those that follow, so that costs are known from the last to the first.
            self.known[key] = len(self.rows)
            following = {number for _, number, _ in rows if number != NO_QUEUE}
            self.reached.append(frozenset([len(self.rows)]).union(*(self.reached[number] for number in following)))
            self.rows.append(rows)
        return self.known[key]

    def _row(self, row: int, next_queue: int, walk_s: float) -> tuple[int, int, float]:
        following = int(self.options.legs.next_leg[row])
        if following == AS_PLANNED:
            return row, next_queue, walk_s
        own_walk_s = float(self.options.legs.next_walk_s[row])
        return row, NO_QUEUE if following == AT_GOAL else self.of(following, NO_QUEUE, 0.0), own_walk_s


def ways_of(options: JourneyOptions, wanted: IntArray) -> OptionQueues:
    """Return the queues of options.

    Parameters
    ----------
    options : JourneyOptions
    wanted : ndarray of int
        Options, rising, each of one leg at least.
    """
    queues, members = _Queues(options), []
    is_strategy = options.is_strategy()
    for option in wanted.tolist():
        rows = range(int(options.leg_ptr[option]), int(options.leg_ptr[option + 1]))
        if is_strategy[option]:
            first = queues.of(int(options.leg[rows[0]]), NO_QUEUE, 0.0)
        else:
            first, walk_s = NO_QUEUE, float(options.egress_walk_s[option])
            for row in reversed(rows):
                first, walk_s = queues.of(int(options.leg[row]), first, walk_s), float(options.walk_before_s[row])
        members.append(sorted(queues.reached[first]))
    rows_of = [row for rows in queues.rows for row in rows]
    leg_row, next_queue, walks_s = zip(*rows_of, strict=True) if rows_of else ((), (), ())
    return OptionQueues(
        ptr=np.cumsum([0, *(len(rows) for rows in queues.rows)]),
        leg_row=np.array(leg_row, dtype=np.int64),
        next_queue=np.array(next_queue, dtype=np.int64),
        walk_s=np.array(walks_s, dtype=np.float64),
        option=wanted,
        option_ptr=np.cumsum([0, *(len(found) for found in members)]),
        queue=np.array([number for found in members for number in found], dtype=np.int64),
    )


def plain_options(service: Service, options: JourneyOptions, reconsiders: bool) -> BoolArray:
    """Tell in which options people wait for vehicles of known sets and ride in trips that end, shape (options,).

    Not so where they know real times, walk all the way, stay on board of a trip that goes on as another, come back to
    where they waited, or may look for another way after a full vehicle.

    Parameters
    ----------
    service : Service
    options : JourneyOptions
    reconsiders : bool
        Whether people whom a full vehicle leaves behind look for another way.
    """
    legs, has_legs = options.legs, options.has_legs()
    if legs.known_vehicles is not None or not len(legs):
        return np.zeros(len(has_legs), dtype=np.bool_)
    stops = np.array([len(pattern.stops) for pattern in service.patterns], dtype=np.int64)
    goes_on = np.add.reduceat(legs.alight_sequence >= stops[legs.pattern], legs.set_ptr[:-1]) > 0
    spoilt = goes_on | _go_round(legs)
    if reconsiders:
        spoilt |= ~legs.waits_on()
    while True:
        # A leg is spoilt by each that may follow it.
        follows = np.where(legs.next_leg >= 0, spoilt[np.maximum(legs.next_leg, 0)], False)
        more = spoilt | (np.add.reduceat(follows, legs.set_ptr[:-1]) > 0)
        if (more == spoilt).all():
            break
        spoilt = more
    of_option = np.repeat(np.arange(len(has_legs)), np.diff(options.leg_ptr))
    found: BoolArray = has_legs & (np.bincount(of_option, spoilt[options.leg], len(has_legs)) == 0)
    return found


def _go_round(legs: LegTable) -> BoolArray:
    """Tell which legs may lead to themselves again, as service differs by the hour, shape (legs,)."""
    leg = np.repeat(np.arange(len(legs)), np.diff(legs.set_ptr))
    follows = legs.next_leg >= 0
    pairs = leg[follows], legs.next_leg[follows]
    graph = scipy.sparse.csr_array((np.ones(len(pairs[0])), pairs), shape=(len(legs), len(legs)))
    _, part = scipy.sparse.csgraph.connected_components(graph, connection="strong")
    found: BoolArray = np.bincount(part)[part] > 1
    found[pairs[0][pairs[0] == pairs[1]]] = True
    return found


@dataclass(frozen=True)
class WayRides:
    """The rides that vehicles of a day offer to those who wait in queues.

    Attributes
    ----------
    ptr : ndarray of int, shape (queues + 1,)
        First ride of each queue; its rides are in the order in which they leave.
    board, alight : ndarray of int, shape (rides,)
        Visits.
    until_s, comes_s : ndarray of float, shape (rides,)
        Until when people may join, and when the vehicle comes.
    ready_s : ndarray of float, shape (rides,)
        When those who ride are in the next queue, or at the destination.
    next_queue : ndarray of int, shape (rides,)
        The next queue, or `NO_QUEUE`.
    place : ndarray of int, shape (rides,)
        First ride of the next queue that they are in time for, counted from its first; 0 at the destination.
    walk_s : ndarray of float, shape (rides,)
        Walk after the ride.
    gone_s : ndarray of float, shape (queues,)
        Who is not served waits up to then at least; minus infinity where there is no ride.
    """

    ptr: IntArray
    board: IntArray
    alight: IntArray
    until_s: FloatArray
    comes_s: FloatArray
    ready_s: FloatArray
    next_queue: IntArray
    place: IntArray
    walk_s: FloatArray
    gone_s: FloatArray


def way_rides(service: Service, legs: LegTable, ways: OptionQueues, vehicles: VehicleRuns) -> WayRides:
    """List the rides from the queues of some options.

    Parameters
    ----------
    service : Service
    legs : LegTable
        Of these options.
    ways : OptionQueues
    vehicles : VehicleRuns
    """
    by_pattern = np.argsort(service.trip_pattern, kind="stable")
    ends = np.searchsorted(service.trip_pattern[by_pattern], np.arange(len(service.patterns) + 1))
    pattern = legs.pattern[ways.leg_row]
    row, at = members_of_ranges(ends[pattern], ends[pattern + 1])
    trip, leg_row = by_pattern[at], ways.leg_row[row]
    board = service.visit_ptr[trip] + legs.board_sequence[leg_row]
    due_s = service.scheduled_departure_s[board]
    taken = vehicles.runs[trip] & (due_s >= legs.from_s[leg_row]) & (due_s <= legs.until_s[leg_row])
    row, board, alight = row[taken], board[taken], (service.visit_ptr[trip] + legs.alight_sequence[leg_row])[taken]
    queue = np.repeat(np.arange(len(ways.ptr) - 1), np.diff(ways.ptr))[row]
    until_s = vehicles.latest_s[board]
    # A vehicle that is under way when the day ends takes nobody beyond where it is by then; whoever is in it has waited
    # until it came (test_who_gets_out_before_the_day_ends).
    arrives = np.isfinite(vehicles.arrival_s[alight])
    gone_s = np.full(len(ways.ptr) - 1, -np.inf)
    np.maximum.at(gone_s, queue[arrives], until_s[arrives])
    np.minimum.at(gone_s, queue[~arrives], until_s[~arrives])
    kept = np.flatnonzero(arrives)
    order = kept[np.lexsort((until_s[kept], queue[kept]))]
    row, board, alight, queue, until_s = row[order], board[order], alight[order], queue[order], until_s[order]
    ready_s, next_queue = vehicles.arrival_s[alight] + ways.walk_s[row], ways.next_queue[row]
    ptr = np.searchsorted(queue, np.arange(len(ways.ptr)))
    return WayRides(
        ptr=ptr,
        board=board,
        alight=alight,
        until_s=until_s,
        comes_s=vehicles.arrival_s[board],
        ready_s=ready_s,
        next_queue=next_queue,
        place=_places(ptr, until_s, next_queue, ready_s),
        walk_s=ways.walk_s[row],
        gone_s=gone_s,
    )


def _places(ptr: IntArray, until_s: FloatArray, next_queue: IntArray, ready_s: FloatArray) -> IntArray:
    """Return the first ride of the next queue that leaves when people are there, or later."""
    found = np.zeros(len(next_queue), dtype=np.int64)
    order = np.argsort(next_queue, kind="stable")
    first = np.searchsorted(next_queue[order], np.arange(len(ptr)))
    for queue, (start, end) in enumerate(zip(first[:-1].tolist(), first[1:].tolist(), strict=True)):
        if end > start:
            rides = order[start:end]
            found[rides] = np.searchsorted(until_s[ptr[queue] : ptr[queue + 1]], ready_s[rides], side="left")
    return found
