"""The vehicle of a block, and how long its doors are open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sim.engine.dwell import DwellRule, LateRule, hindered_boardings
from sim.engine.turn import Turn

VehicleFacts = tuple[int, int, float, DwellRule, LateRule, tuple[float, float] | None]
"""Seats, capacity, alighting step, dwell rules, and dead time and dwell per headway where it depends on headways."""

NEVER: Final = float("-inf")


class Vehicle:
    """The vehicle of a block, on its trip and at its stop.

    Attributes
    ----------
    turn : Turn
    first, last : int
        First and last visit of its trip.
    seats, capacity : int
    step_s : float
        Between two persons getting out.
    dwell : DwellRule
    late : LateRule
        What people take who come when nobody is boarding any more.
    fluid : tuple of (float, float) or None
        Dead time and dwell per headway of a vehicle whose dwell depends on the headway.
    load : int
        Persons on board; from 0 to `capacity` (test_extremes.py).
    passed : list of int
        Rides on board whose stop was passed.
    opened_s, out_s : float
        When it opened its doors, and when the last of those who get out is out.
    alighted, boarded : int
        Since then.
    left_behind : bool
        Whether somebody found no place at the last look.
    visit : int
        Where it stands with open doors.
    looked_s : float
        When it looked last for people who want to board, since it opened its doors; minus infinity before.
    late_s, late_after : float, int
        When the first commuter came of the last row that boards without a pause, where nobody was boarding then, and
        how many had boarded before; minus infinity where there was no pause.
    denied : set of int
        Rides that found it full since it opened its doors.
    headway_s : float or None
        Since the arrival before of the line and direction, where a rule looks at it.
    broken : bool
        Whether it has broken down and its trip ends there.
    """

    __slots__ = (
        "alighted",
        "boarded",
        "broken",
        "capacity",
        "denied",
        "dwell",
        "first",
        "fluid",
        "headway_s",
        "last",
        "late",
        "late_after",
        "late_s",
        "left_behind",
        "load",
        "looked_s",
        "opened_s",
        "out_s",
        "passed",
        "seats",
        "step_s",
        "turn",
        "visit",
    )

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.load = 0
        self.broken = False
        self.open_doors(-1, 0.0)
        self.passed: list[int] = []
        self.headway_s: float | None = None

    def begin(self, first: int, last: int, facts: VehicleFacts) -> None:
        """Begin a trip at its first visit; people who have stayed on board go on."""
        self.broken = False
        self.first, self.last = first, last
        self.seats, self.capacity, self.step_s, self.dwell, self.late, self.fluid = facts

    def open_doors(self, visit: int, time_s: float) -> None:
        """Open the doors at a visit, before anybody gets out or in."""
        self.visit = visit
        self.opened_s = self.out_s = time_s
        self.looked_s = self.late_s = NEVER
        self.alighted = self.boarded = self.late_after = 0
        self.left_behind = False
        self.denied: set[int] = set()

    def served_s(self) -> float:
        """Return when all those are out and in who have come so far, in seconds."""
        if self.late_s > NEVER:
            number = self.boarded - self.late_after
            return self.late_s + self.late(self.late_after, number, hindered_boardings(self.load, number, self.seats))
        hindered = hindered_boardings(self.load, self.boarded, self.seats)
        return self.opened_s + self.dwell(self.boarded, hindered, self.alighted)

    def let_in_late(self, joined_s: Iterable[float]) -> None:
        """Let people in who came while the doors were open, at times in order: one after the other.

        People who come while others still get out or in board behind them, as if all had come together. People who
        come later take a time for boarding from then on (test_engine_open_doors.py).
        """
        for time_s in joined_s:
            if time_s > self.served_s():
                self.late_s, self.late_after = time_s, self.boarded
            self.boarded += 1
            self.load += 1
