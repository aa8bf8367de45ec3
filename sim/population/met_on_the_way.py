"""What people meet on their way besides the time of arrival: read off where somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import CrowdingParameters
from sim.population.crowding import crowding_multiplier, crowding_slope
from sim.population.met_waiting import table_of
from sim.population.observation import Observation
from sim.population.timed_path import TimedPath
from sim.population.waits import Waits


@dataclass(frozen=True)
class Stands:
    """People where they wait, at the stands of a level.

    Attributes
    ----------
    waits : Waits
        What is met at each distinct set of lines and period of joining.
    met : ndarray of int, shape (stands,)
        Row of `waits`.
    wait_s : ndarray of float, shape (stands,)
        Expected wait here.
    """

    waits: Waits
    met: IntArray
    wait_s: FloatArray


@dataclass(frozen=True)
class MetOnTheWay:
    """People at the last goals of cases; arrays of shape (cases,).

    Attributes
    ----------
    path : TimedPath
    observation : Observation
    crowding : CrowdingParameters
    stands : sequence of Stands
        By level.
    """

    path: TimedPath
    observation: Observation
    crowding: CrowdingParameters
    stands: Sequence[Stands]

    @cached_property
    def _load_factor(self) -> FloatArray:
        """Load factor of each cell."""
        return self.observation.load_factor().reshape(-1)

    @cached_property
    def _running_s(self) -> FloatArray:
        return self.observation.running_s.reshape(-1)

    def wait_s(self) -> FloatArray:
        """Return the expected wait, over all stands on the way."""
        return self._read(self.wait_at_goals_s())

    def wait_at_goals_s(self) -> FloatArray:
        """Return the expected wait on the way to each goal, shape (goals of all levels + 1,)."""
        return self.path.cases.sums_of_stands([stands.wait_s for stands in self.stands])

    def ride_s(self) -> FloatArray:
        """Return the expected time on board."""
        return self._read(self.path.sums_at_goals(self._running_s))

    def crowded_at_goals_s(self) -> FloatArray:
        """Return the time on board to each goal, weighted by what crowding makes of it; shape as of the wait there."""
        return self.path.sums_at_goals(self._running_s * crowding_multiplier(self.crowding, self._load_factor))

    def others_s(self) -> FloatArray:
        """Return by how much one more traveller makes the weighted time on board of others longer."""
        felt = crowding_slope(self.crowding, self._load_factor) * self._load_factor
        return self._read(self.path.sums_at_goals(self._running_s * felt))

    def load_factor(self) -> FloatArray:
        """Return the highest load factor met."""
        return self._read(self.path.highest_at_goals(self._load_factor))

    def denied_share(self) -> FloatArray:
        """Return the chance of being left behind at least once."""
        parts: list[FloatArray] = []
        for level, here in zip(self.path.cases.levels, self.stands, strict=True):
            denied = here.waits.denied_share()[here.met]
            if parts:
                denied = 1.0 - (1.0 - parts[-1][level.parent]) * (1.0 - denied)
            parts.append(denied[level.goal_stand])
        return self._read(np.concatenate([*parts, np.zeros(1)]))

    def queue_s(self) -> FloatArray:
        """Return the longest that one more person in a queue on the way is felt by others."""
        at_stands = [stands.waits.queue_s()[stands.met] for stands in self.stands]
        queue_s = table_of(self.observation.met.queue_s, *self.observation.load.shape)
        return self._read(self.path.highest_at_goals(queue_s.reshape(-1), at_stands))

    def _read(self, at_goals: FloatArray) -> FloatArray:
        at_last: FloatArray = at_goals[self.path.last_goal]
        return at_last
