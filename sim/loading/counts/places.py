"""The vehicles of a scenario at their stops, by what files of counts call them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.loading.naming import Called, names_of_lines, names_of_stops
from sim.model.network import Network
from sim.model.service import Service

Place = tuple[int, int]
"""Rows of a line and of a stop."""


@dataclass(frozen=True)
class CountedPlaces:
    """Where something can have been counted.

    Attributes
    ----------
    network : Network
    service : Service
    scale : float
        Persons of the scenario for one counted: the share of the places that its vehicles have.
    """

    network: Network
    service: Service
    scale: float

    @cached_property
    def lines(self) -> Called:
        """Return lines by what they are called."""
        return names_of_lines(self.service.lines)

    @cached_property
    def stops(self) -> Called:
        """Return stops by what they are called."""
        return names_of_stops(self.network)

    @cached_property
    def line_row(self) -> Mapping[str, int]:
        """Return the row of each line."""
        return {line.line_id: row for row, line in enumerate(self.service.lines)}

    @cached_property
    def trip_row(self) -> Mapping[str, int]:
        """Return the row of each trip."""
        return {trip: row for row, trip in enumerate(self.service.trip_id)}

    @cached_property
    def visit_direction(self) -> IntArray:
        """Return the direction of the vehicle of each visit, shape (visits,)."""
        directions = np.array([pattern.direction_id for pattern in self.service.patterns], dtype=np.int64)
        return directions[self.service.trip_pattern][self.service.visit_trip]

    @cached_property
    def visits_at(self) -> Mapping[Place, IntArray]:
        """Return the visits of each line at each stop."""
        service = self.service
        lines = np.array([pattern.line for pattern in service.patterns], dtype=np.int64)
        line, found = lines[service.trip_pattern][service.visit_trip], defaultdict[Place, list[int]](list)
        for visit, place in enumerate(zip(line.tolist(), service.visit_stop.tolist(), strict=True)):
            found[place].append(visit)
        return {place: np.array(visits, dtype=np.int64) for place, visits in found.items()}

    @property
    def room(self) -> FloatArray:
        """Return the places of the real vehicle of each visit, shape (visits,)."""
        capacity: FloatArray = self.service.trip_capacity[self.service.visit_trip] / self.scale
        return capacity

    def of_trip(self, trip: int) -> range:
        """Return the visits of a trip."""
        return range(int(self.service.visit_ptr[trip]), int(self.service.visit_ptr[trip + 1]))

    def begins_empty(self, trip: int) -> bool:
        """Tell whether a trip continues none that people could have come on."""
        return bool(self.service.runs.of_trip[trip] == trip)
