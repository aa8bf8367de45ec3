"""Queues at stops: the rides that wait for an attractive set, in order of joining.

A queue is a sorted list of times of joining, and beside it the rides. Those who will come from
home are in it from the start, with a time in the future; those who change vehicles are put in
when they get out. All that have joined by the time a vehicle is there are found by bisection, so
waiting costs nothing until a vehicle comes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from heapq import heapify, heappop, heapreplace


class Queue:
    """Rides of one stop and attractive set.

    From `head` on, `times_s` rises, and among equal times `rides` rises: first come first served, and of those who
    come in the same instant the lower ride, which is the lower commuter. Rides that have left the queue lie before
    `head`. `take` and the merge of several queues count on it (test_engine_queues.py).
    """

    __slots__ = ("head", "last_visit_s", "rides", "times_s")

    def __init__(self, times_s: array[float], rides: array[int]) -> None:
        self.times_s = times_s
        self.rides = rides
        self.head = 0
        self.last_visit_s = float("-inf")

    def join(self, time_s: float, ride: int) -> None:
        """Put in a ride that is at the stop at a time in seconds."""
        times_s, rides = self.times_s, self.rides
        place = bisect_right(times_s, time_s, self.head)
        while place > self.head and times_s[place - 1] == time_s and rides[place - 1] > ride:
            place -= 1
        times_s.insert(place, time_s)
        rides.insert(place, ride)

    def waiting_until(self, time_s: float) -> int:
        """Return the end of those who have joined by a time in seconds."""
        return bisect_right(self.times_s, time_s, self.head)

    def drop_impatient(self, end: int, time_s: float, patience_s: float) -> None:
        """Leave behind, of those before `end`, all who have given up before a time.

        They are not recorded here. That somebody never boards and has waited out their patience is known at the end of
        the day, with the same result and without an event per commuter. Since times rise, they stand at the head.
        """
        self.head = bisect_left(self.times_s, time_s, self.head, end, key=lambda joined_s: joined_s + patience_s)


def take(queues: list[Queue], time_s: float, room: int, patience_s: float) -> tuple[Sequence[int], bool]:
    """Let those present board, first come first served, up to the room there is.

    Parameters
    ----------
    queues : list of Queue
        All queues of the stop that the vehicle serves.
    time_s : float
        Those who have joined by this time are present; seconds after midnight.
    room : int
        Free places.
    patience_s : float
        Those who have waited longer have gone.

    Returns
    -------
    sequence of int
        Rides that board, in order.
    bool
        Whether somebody present was left behind.
    """
    present: list[tuple[Queue, int]] = []
    waiting = 0
    for queue in queues:
        queue.last_visit_s = time_s
        end = bisect_right(queue.times_s, time_s, queue.head)
        if patience_s < FOR_EVER:
            queue.drop_impatient(end, time_s, patience_s)
        if end > queue.head:
            present.append((queue, end))
            waiting += end - queue.head
    if not waiting:
        return NOBODY, False
    if len(present) == 1:
        queue, end = present[0]
        start, queue.head = queue.head, min(end, queue.head + room)
        return queue.rides[start : queue.head], waiting > room
    return _merge(present, min(room, waiting)), waiting > room


FOR_EVER = float("inf")
NOBODY: Sequence[int] = ()


def take_of_one(queue: Queue, time_s: float, room: int) -> tuple[Sequence[int], bool]:
    """Do what `take` does where there is one queue and everybody has patience.

    Parameters
    ----------
    queue : Queue
    time_s : float
    room : int
    """
    queue.last_visit_s = time_s
    start, times_s = queue.head, queue.times_s
    if start == len(times_s) or times_s[start] > time_s:
        return NOBODY, False
    end = bisect_right(times_s, time_s, start)
    if end - start <= room:
        queue.head = end
        return queue.rides[start:end], False
    queue.head = start + room
    return queue.rides[start : queue.head], True


def _merge(present: list[tuple[Queue, int]], number: int) -> list[int]:
    """Take the first of several queues; they are sorted, so only their heads compete."""
    heads = [(queue.times_s[queue.head], queue.rides[queue.head], row) for row, (queue, _) in enumerate(present)]
    heapify(heads)
    boarded: list[int] = []
    while len(boarded) < number:
        _, ride, row = heads[0]
        boarded.append(ride)
        queue, end = present[row]
        queue.head += 1
        if queue.head < end:
            heapreplace(heads, (queue.times_s[queue.head], queue.rides[queue.head], row))
        else:
            heappop(heads)
    return boarded
