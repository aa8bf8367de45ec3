"""The vehicles from which people with real time choose, and what going on in each of them costs by the timetable."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import KnownVehicles, LegTable
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.routing.profile_steps import known_weight
from sim.routing.ragged import pointers
from sim.routing.service_levels import trips_by_pattern


def known_vehicles(legs: LegTable, service: Service, preferences: PreferenceParameters) -> KnownVehicles:
    """List the vehicles of each leg in order of when they are due.

    Parameters
    ----------
    legs : LegTable
        Legs of strategies with all vehicles that lead to where they go; what follows a leg has a lower number.
    service : Service
    preferences : PreferenceParameters
    """
    first_visits = {
        int(service.trip_pattern[trips[0]]): service.visit_ptr[trips].astype(np.int64)
        for trips in trips_by_pattern(service)
    }
    weight = known_weight(preferences)
    found: list[_LegVehicles] = []
    for first, end in pairwise(legs.set_ptr.tolist()):
        mine = _LegVehicles.joined([_row(legs, row, first_visits, service, preferences) for row in range(first, end)])
        whole_s = weight * mine.due_s + mine.onward_s
        for following in np.unique(mine.next_leg[mine.next_leg >= 0]).tolist():
            rows = np.flatnonzero(mine.next_leg == following)
            whole_s[rows] += found[following].waiting_s(mine.ready_s[rows], weight)
        mine.least_s[:] = np.minimum.accumulate(whole_s[::-1])[::-1]
        found.append(mine)
    whole = _LegVehicles.joined(found, keep_order=True)
    ptr = pointers(np.array([len(mine.visit) for mine in found], dtype=np.int64))
    columns = whole.visit, whole.leg_row, whole.onward_s, whole.ready_s, whole.next_leg, whole.least_s
    return KnownVehicles(legs, ptr, *columns, weight)


@dataclass(frozen=True)
class _LegVehicles:
    """The vehicles of a leg; columns as in `KnownVehicles`, and when each is due."""

    visit: IntArray
    leg_row: IntArray
    due_s: FloatArray
    onward_s: FloatArray
    ready_s: FloatArray
    next_leg: IntArray
    least_s: FloatArray

    @classmethod
    def joined(cls, parts: list[_LegVehicles], keep_order: bool = False) -> _LegVehicles:
        """Put vehicles together, in order of when they are due if not as they are."""
        whole, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
        nothing = cls(whole, whole, empty, empty, empty, whole, empty)
        columns = [
            np.concatenate(column) for column in zip(*(vars(part).values() for part in [nothing, *parts]), strict=True)
        ]
        order = slice(None) if keep_order else np.lexsort((columns[0], columns[2]))
        return cls(*(column[order] for column in columns))

    def waiting_s(self, time_s: FloatArray, weight: float) -> FloatArray:
        """Return what waiting costs from times on where all are on time, infinite where none comes any more."""
        cost_s: FloatArray = np.append(self.least_s, np.inf)[np.searchsorted(self.due_s, time_s)] - weight * time_s
        return cost_s


def _row(
    legs: LegTable, row: int, first_visits: dict[int, IntArray], service: Service, preferences: PreferenceParameters
) -> _LegVehicles:
    """Return the vehicles of a row of a leg."""
    first = first_visits[int(legs.pattern[row])]
    visit = first + int(legs.board_sequence[row])
    due_s = service.scheduled_departure_s[visit].astype(np.float64)
    kept = (legs.from_s[row] <= due_s) & (due_s <= legs.until_s[row])
    visit, due_s = visit[kept], due_s[kept]
    arrival_s = service.scheduled_arrival_s[first[kept] + int(legs.alight_sequence[row])]
    follows, walk_s = int(legs.next_leg[row]), float(legs.next_walk_s[row])
    after_s = preferences.walk_weight * walk_s + (preferences.transfer_penalty_s if follows >= 0 else 0.0)
    return _LegVehicles(
        visit=visit,
        leg_row=np.full(len(visit), row, dtype=np.int64),
        due_s=due_s,
        onward_s=preferences.in_vehicle_weight * (arrival_s - due_s) + after_s,
        ready_s=arrival_s + walk_s,
        next_leg=np.full(len(visit), follows, dtype=np.int64),
        least_s=np.zeros(len(visit)),
    )
