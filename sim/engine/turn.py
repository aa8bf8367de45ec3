"""When a vehicle acts next: the order of events.

The rule, for any engine: of all vehicles that are to act, the one with the least (time, row of
its block) acts first. A vehicle acts until it has to wait, for the clock or for another
vehicle, and each one waits for one thing at a time; so the rule leaves nothing open. A vehicle
that another one wakes is to act at the time at which it is woken, and takes its place among
all others of that instant by its block.
"""

from __future__ import annotations

from collections.abc import Generator

import simpy
from simpy.events import EventPriority

Turns = Generator[simpy.Event, None, None]
TurnsUntil = Generator[simpy.Event, None, float]

BEFORE_ALL = -1
"""Stands for a block whose turn comes before those of all vehicles."""


class Turn(simpy.Event):
    """The next turn of a vehicle: one event that is used again and again.

    SimPy orders events by time, then priority. Since the priority is the row of the block and
    a block has one event, the order of scheduling never decides (test_engine_order.py).

    Parameters
    ----------
    env : simpy.Environment
    block : int
    """

    def __init__(self, env: simpy.Environment, block: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        self.priority = EventPriority(block + 1)

    def at(self, time_s: float) -> Turn:
        """Take the turn at a time of the clock, now or later."""
        # Times lie on the tick, so that the difference and the sum that SimPy makes of it are exact.
        env = self.env
        self.callbacks = []
        env.schedule(self, self.priority, time_s - env.now)
        return self

    def pause(self) -> Turn:
        """Wait until `wake`."""
        self.callbacks = []
        return self

    def wake(self) -> None:
        """Take the turn in this instant."""
        self.env.schedule(self, self.priority)
