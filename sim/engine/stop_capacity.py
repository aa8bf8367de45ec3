"""Room at stops and order on the road, where vehicles have to wait for each other.

A vehicle that waits here is woken by the one that makes room, in the same instant, and then takes
its turn in the order of blocks like all others (`sim.engine.turn`).
"""

from __future__ import annotations

import itertools
from collections import deque

from sim.engine.engine_input import StopRoom
from sim.engine.turn import Turn, Turns

NEVER = float("-inf")


class StopBerths:
    """A stop with berths; vehicles that find none wait in line, and so do all behind a broken vehicle.

    Never more vehicles stand than there are berths, and they come in in the order in which they
    came (test_engine_operations_stops.py, test_a_bus_waits_when_the_berths_are_full).

    Parameters
    ----------
    berths : int
        -1 for as many as come.
    minimum_headway_s : float
        Least time between two departures.
    """

    __slots__ = ("berths", "blocked", "last_departure_s", "line", "minimum_headway_s", "standing")

    def __init__(self, berths: int, minimum_headway_s: float) -> None:
        self.berths = berths
        self.minimum_headway_s = minimum_headway_s
        self.last_departure_s = NEVER
        self.standing = 0
        self.blocked = 0
        self.line: deque[Turn] = deque()

    def earliest_s(self) -> float:
        """Return when a vehicle may leave at the earliest, seconds after midnight."""
        return self.last_departure_s + self.minimum_headway_s

    def enter(self, turn: Turn) -> Turns:
        """Take a berth, after all vehicles that wait for one already."""
        if self.line or not self._has_room():
            self.line.append(turn)
            yield turn.pause()
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
        return not self.blocked and (self.berths < 0 or self.standing < self.berths)

    def _admit(self) -> None:
        while self.line and self._has_room():
            # The berth is taken for the vehicle at once: no vehicle that comes in the same instant gets it.
            self.standing += 1
            self.line.popleft().wake()


class NoOvertaking:
    """Vehicles at a stop that go on to the same next stop and may not pass each other.

    They leave in the order in which they came to the stop (test_engine_vehicles.py).
    """

    __slots__ = ("order", "waiting")

    def __init__(self) -> None:
        self.order: list[Turn] = []
        self.waiting: set[Turn] = set()

    def join(self, turn: Turn) -> None:
        """Come to the end of the line."""
        self.order.append(turn)

    def wait_turn(self, turn: Turn) -> Turns:
        """Wait until nobody is in front."""
        if self.order[0] is not turn:
            self.waiting.add(turn)
            yield turn.pause()

    def leave(self, turn: Turn) -> None:
        """Go, from wherever in the line."""
        self.order.remove(turn)
        if self.order and self.order[0] in self.waiting:
            self.waiting.remove(self.order[0])
            self.order[0].wake()


class MinimumHeadways:
    """Least headways of vehicles that go the same way, whatever their lines.

    Parameters
    ----------
    room : StopRoom
        By line: the groups that keep a headway together, and the headway.
    """

    def __init__(self, room: StopRoom) -> None:
        bounds, rows = (
            room.spacing_ptr.tolist(),
            list(zip(room.spacing_group.tolist(), room.spacing_s.tolist(), strict=True)),
        )
        self.of_line = [rows[first:end] for first, end in itertools.pairwise(bounds)]
        self.last_departure_s: dict[tuple[int, int], float] = {}

    def earliest_s(self, line: int, section: int) -> float:
        """Return when a vehicle of a line may leave into a section at the earliest, seconds after midnight."""
        before = self.last_departure_s
        return max(
            (before.get((group, section), NEVER) + least_s for group, least_s in self.of_line[line]), default=NEVER
        )

    def departed(self, line: int, section: int, time_s: float) -> None:
        """Note that a vehicle of a line leaves into a section."""
        for group, _ in self.of_line[line]:
            self.last_departure_s[group, section] = time_s
