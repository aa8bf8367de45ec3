"""Room at stops and order on the road, where vehicles have to wait for each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence

import simpy

Turns = Generator[simpy.Event, None, None]


class Place:
    """A stop with berths; who finds none waits in line, and so does everybody behind a broken vehicle.

    Parameters
    ----------
    env : simpy.Environment
    berths : int or None
        None for as many as come.
    minimum_headway_s : float
        Least time between two departures.
    """

    def __init__(self, env: simpy.Environment, berths: int | None, minimum_headway_s: float) -> None:
        self.env = env
        self.berths = berths
        self.minimum_headway_s = minimum_headway_s
        self.last_departure_s = float("-inf")
        self.standing = 0
        self.blocked = 0
        self.line: deque[simpy.Event] = deque()

    def earliest_s(self) -> float:
        """Return when a vehicle may leave at the earliest, seconds after midnight."""
        return self.last_departure_s + self.minimum_headway_s

    def enter(self) -> Turns:
        """Take a berth, after all who wait for one already."""
        if self.line or not self._has_room():
            turn = self.env.event()
            self.line.append(turn)
            yield turn
        else:
            self.standing += 1

    def leave(self) -> None:
        """Give up a berth."""
        self.standing -= 1
        self._admit()

    def block(self) -> None:
        """Let nobody in until `unblock`."""
        self.blocked += 1

    def unblock(self) -> None:
        """Take back one `block`."""
        self.blocked -= 1
        self._admit()

    def _has_room(self) -> bool:
        return not self.blocked and (self.berths is None or self.standing < self.berths)

    def _admit(self) -> None:
        while self.line and self._has_room():
            self.standing += 1
            self.line.popleft().succeed()


class Lane:
    """Vehicles at a stop that go on to the same next stop and may not pass each other."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.order: list[int] = []
        self.waiting: dict[int, simpy.Event] = {}

    def join(self, visit: int) -> None:
        """Come to the end of the lane."""
        self.order.append(visit)

    def wait_turn(self, visit: int) -> Turns:
        """Wait until nobody is in front."""
        if self.order[0] != visit:
            turn = self.waiting[visit] = self.env.event()
            yield turn

    def leave(self, visit: int) -> None:
        """Go, from wherever in the lane."""
        self.order.remove(visit)
        if self.order and self.order[0] in self.waiting:
            self.waiting.pop(self.order[0]).succeed()


class Spacing:
    """Least headways of vehicles that go the same way, whatever their lines.

    Parameters
    ----------
    headways_s : sequence of sequence of (int, float)
        By line: the number of those who keep a headway together, and the headway in seconds.
    """

    def __init__(self, headways_s: Sequence[Sequence[tuple[int, float]]]) -> None:
        self.headways_s = headways_s
        self.last_departure_s: dict[tuple[int, int], float] = {}

    def earliest_s(self, line: int, way: int) -> float:
        """Return when a vehicle of a line may leave on a way at the earliest, seconds after midnight."""
        if not self.headways_s:
            return float("-inf")
        before, never = self.last_departure_s, float("-inf")
        return max((before.get((group, way), never) + least for group, least in self.headways_s[line]), default=never)

    def departed(self, line: int, way: int, time_s: float) -> None:
        """Note that a vehicle of a line leaves on a way."""
        if self.headways_s:
            for group, _ in self.headways_s[line]:
                self.last_departure_s[group, way] = time_s
