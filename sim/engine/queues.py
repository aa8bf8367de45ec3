"""Queues at stops: who waits for which attractive set, in order of joining.

A queue is a sorted list of (time of joining, ride). Those who will come from home are in it
from the start, with a time in the future; those who change vehicles are put in when they
alight. Whoever has joined by the time a vehicle is there is found by bisection, so waiting
costs nothing until a vehicle comes.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from heapq import heapify, heappop, heapreplace

from sim.engine.state import DayState

Entry = tuple[float, int]
"""Time of joining in seconds and row of the ride."""


class Queue:
    """Commuters of one stop and attractive set."""

    __slots__ = ("entries", "head", "last_visit_s")

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.head = 0
        self.last_visit_s = float("-inf")

    def join(self, time_s: float, ride: int) -> None:
        """Put in a commuter who changes vehicles and is at the stop at a time in seconds."""
        insort(self.entries, (time_s, ride), lo=self.head)

    def waiting_until(self, time_s: float) -> int:
        """Return the end of the slice of entries that have joined by a time in seconds."""
        return bisect_right(self.entries, (time_s, _LAST_RIDE), lo=self.head)


_LAST_RIDE = 2**62


def drop_impatient(queue: Queue, end: int, time_s: float, patience_s: float) -> int:
    """Take out those who have given up before a time; return the new end of the slice.

    They are not recorded here: who never boards and has waited out his patience is known at
    the end of the day, with the same result and without an event per commuter.
    """
    kept = [entry for entry in queue.entries[queue.head : end] if entry[0] + patience_s >= time_s]
    dropped = end - queue.head - len(kept)
    if dropped:
        queue.head += dropped
        queue.entries[queue.head : end] = kept
    return end


def take(queues: list[Queue], time_s: float, room: int, patience_s: float | None) -> tuple[list[Entry], bool]:
    """Let those present board, first come first served, up to the room there is.

    Parameters
    ----------
    queues : list of Queue
        All queues of the stop that the vehicle serves.
    time_s : float
        Who has joined by this time is present; seconds after midnight.
    room : int
        Free places.
    patience_s : float or None
        Who has waited longer has gone.

    Returns
    -------
    list of (float, int)
        Entries that board, in order.
    bool
        Whether somebody present was left behind.
    """
    present: list[tuple[Queue, int]] = []
    waiting = 0
    for queue in queues:
        queue.last_visit_s = time_s
        end = queue.waiting_until(time_s)
        if patience_s is not None:
            end = drop_impatient(queue, end, time_s, patience_s)
        if end > queue.head:
            present.append((queue, end))
            waiting += end - queue.head
    if waiting <= room:
        boarded: list[Entry] = []
        for queue, end in present:
            boarded += queue.entries[queue.head : end]
            queue.head = end
        if len(present) > 1:
            boarded.sort()
        return boarded, False
    if len(present) == 1:
        queue = present[0][0]
        boarded = queue.entries[queue.head : queue.head + room]
        queue.head += room
        return boarded, True
    return _merge(present, room), True


def _merge(present: list[tuple[Queue, int]], room: int) -> list[Entry]:
    """Take the first of several queues; they are sorted, so only their heads compete."""
    heads = [(queue.entries[queue.head], number) for number, (queue, _) in enumerate(present)]
    heapify(heads)
    boarded: list[Entry] = []
    while len(boarded) < room:
        entry, number = heads[0]
        boarded.append(entry)
        queue, end = present[number]
        queue.head += 1
        if queue.head < end:
            heapreplace(heads, (queue.entries[queue.head], number))
        else:
            heappop(heads)
    return boarded


def record_denied(queues: list[Queue], time_s: float, visit: int, state: DayState) -> int:
    """Record everybody who is still waiting when a full vehicle leaves; return their number."""
    arrival_s = state.visit_arrival_s[visit]
    count = 0
    for queue in queues:
        for joined_s, ride in queue.entries[queue.head : queue.waiting_until(time_s)]:
            state.denied_ride.append(ride)
            state.denied_visit.append(visit)
            state.denied_time_s.append(max(joined_s, arrival_s))
            count += 1
    return count
