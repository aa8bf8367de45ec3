"""Which vehicles people with real time would have boarded on a day that was seen.

They decide at each vehicle that opens its doors, by how late all others are at that moment (`sim.engine.real_time`).
How late these were is in the day's times, so that the decision can be made again for everybody who might have stood
there, and not only for those who did. Forecasts and advice look back at days by these sets
(tests/functional/test_real_time_forecasts.py holds them to the engine, vehicle by vehicle).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import KnownVehicles
from sim.model.service import Service
from sim.routing.ragged import rows_of
from sim.units import quantize

TIE_S = 1e-6
"""Difference of costs below which vehicles are alike, equivalent seconds, as in `sim.engine.real_time`."""

SPARE_S = 0.01
"""By how much a vehicle may seem too dear to be looked at; far more than rounding."""


@dataclass(frozen=True)
class RealTimeSets:
    """The vehicles from which people choose, and how to tell which they would have boarded.

    Attributes
    ----------
    known : KnownVehicles
    service : Service
    ends_broken : ndarray of bool, shape (trips,)
        Whose vehicles break down for good where the day's times end.
    """

    known: KnownVehicles
    service: Service
    ends_broken: BoolArray

    @cached_property
    def leg(self) -> IntArray:
        """The leg of each row, shape (rows,)."""
        return np.repeat(np.arange(len(self.known.ptr) - 1), np.diff(self.known.ptr))

    @cached_property
    def _due_s(self) -> FloatArray:
        due_s: FloatArray = np.asarray(self.service.scheduled_departure_s[self.known.visit], dtype=np.float64)
        return due_s

    @cached_property
    def _trip(self) -> IntArray:
        return self.service.visit_trip[self.known.visit]

    def boarded(self, arrival_s: FloatArray) -> BoolArray:
        """Tell which vehicles people on each leg would have boarded on a day, shape (rows,).

        Vehicles that come at the same moment are still to come for each other. Where a vehicle breaks down and goes on
        later, people decide when it comes.

        Parameters
        ----------
        arrival_s : ndarray of float, shape (visits,)
            When each vehicle came to each of its stops; NaN where it did not.
        """
        known = self.known
        if not len(known.visit):
            return np.zeros(0, dtype=np.bool_)
        day = _DayTimes.of(self, arrival_s)
        comes_s, wait_weight = arrival_s[known.visit], known.wait_weight
        opens = np.flatnonzero(np.isfinite(comes_s) & ~day.broken_here)
        mine_s = self._cost_s(day, opens, comes_s[opens])
        # No vehicle leaves earlier than by the least delay of its trip so far, and no wait after it is below 0: few
        # others can be worth more, and in order of that bound they stand together.
        leg, bound_s = self.leg, wait_weight * (self._due_s + day.least_late_s) + known.onward_s
        order = np.lexsort((bound_s, leg))
        span_s = 4.0 * (
            float(np.abs(bound_s).max()) + float(np.abs(mine_s[np.isfinite(mine_s)]).max(initial=0.0)) + 1e6
        )
        keys = leg[order] * span_s + bound_s[order]
        most_s = np.where(np.isfinite(mine_s), mine_s, span_s / 4.0) + wait_weight * comes_s[opens] + SPARE_S
        end = np.searchsorted(keys, leg[opens] * span_s + np.minimum(most_s, span_s / 2.0), side="right")
        gone_s = np.minimum(day.gone_s, span_s / 8.0)
        last_gone = np.maximum.accumulate(leg[order] * span_s + gone_s[order])
        first = np.maximum(np.searchsorted(last_gone, leg[opens] * span_s + comes_s[opens]), known.ptr[leg[opens]])
        found = np.zeros(len(known.visit), dtype=np.bool_)
        ranges = np.stack([first, np.maximum(end, first)], axis=1).ravel()
        place, bounds = rows_of(ranges, np.arange(0, len(ranges), 2))
        owner, other = np.repeat(np.arange(len(opens)), np.diff(bounds)), order[place]
        still = (other != opens[owner]) & (day.gone_s[other] >= comes_s[opens[owner]])
        owner, other = owner[still], other[still]
        least_s = np.full(len(opens), np.inf)
        np.minimum.at(least_s, owner, self._cost_s(day, other, comes_s[opens[owner]]))
        found[opens] = mine_s <= least_s + TIE_S
        return found

    def _cost_s(self, day: _DayTimes, row: IntArray, time_s: FloatArray) -> FloatArray:
        """Return what waiting from times on for vehicles and going on in them costs, as people know it then."""
        known, due_s = self.known, self._due_s[row]
        leaves_s = np.maximum(due_s + day.late_s(self._trip[row], time_s, known.visit[row]), time_s)
        cost_s: FloatArray = known.wait_weight * (leaves_s - time_s) + known.onward_s[row]
        onward = np.flatnonzero(known.next_leg[row] >= 0)
        ready_s = quantize(known.ready_s)[row[onward]] + (leaves_s - due_s)[onward]
        cost_s[onward] += self._waiting_s(known.next_leg[row[onward]], ready_s)
        return cost_s

    def _waiting_s(self, leg: IntArray, time_s: FloatArray) -> FloatArray:
        """Return what waiting for legs costs from times on where all are on time, infinite where none comes."""
        known = self.known
        apart_s = float(2.0 ** np.ceil(np.log2(max(float(self._due_s.max()), 1.0) + 2.0)))
        keys = self.leg * apart_s + np.clip(self._due_s, 0.0, None)
        row = np.searchsorted(keys, leg * apart_s + np.clip(time_s, 0.0, apart_s - 1.0))
        least_s = np.append(known.least_s, np.inf)[row] - known.wait_weight * time_s
        return np.where(row < known.ptr[leg + 1], least_s, np.inf)


@dataclass(frozen=True)
class _DayTimes:
    """How late the trips of a day were, and until when their vehicles could be waited for.

    Attributes
    ----------
    service : Service
    known_late_s : ndarray of float, shape (visits,)
        How late each vehicle came to each stop.
    column_s : ndarray of float, shape (visits,)
        Arrivals, those of each trip behind those of the one before.
    apart_s : float
        How far trips are apart in it.
    gone_s : ndarray of float, shape (rows,)
        When the vehicle of each row came, or was known not to come any more; infinite where it was waited for in vain.
    least_late_s : ndarray of float, shape (rows,)
        The least delay that was known of it before.
    broken_here : ndarray of bool, shape (rows,)
        Whether it broke down for good there or before.
    """

    service: Service
    known_late_s: FloatArray
    column_s: FloatArray
    apart_s: float
    gone_s: FloatArray
    least_late_s: FloatArray
    broken_here: BoolArray

    @classmethod
    def of(cls, sets: RealTimeSets, arrival_s: FloatArray) -> _DayTimes:
        """Take them from the times of arrival of a day."""
        service, visit, trip = sets.service, sets.known.visit, sets.service.visit_trip
        came = np.isfinite(arrival_s)
        late_s = np.where(came, arrival_s - service.scheduled_arrival_s, 0.0)
        trips = len(service.visit_ptr) - 1
        # Vehicles come to their stops in order; behind the last one that they come to they never come.
        stops = np.bincount(trip, came, trips).astype(np.int64)
        last = service.visit_ptr[:-1] + np.maximum(stops - 1, 0)
        broken_s = np.where(sets.ends_broken & (stops > 0), arrival_s[last], np.inf)
        gone_s = np.where(came, arrival_s, broken_s[trip])
        # Nobody waits for a cancelled trip.
        gone_s[(stops == 0)[trip]] = -np.inf
        broken_here = sets.ends_broken[trip] & (np.arange(len(trip)) >= last[trip])
        apart_s = float(2.0 ** np.ceil(np.log2(float(arrival_s[came].max(initial=1.0)) + 2.0)))
        comes_s = np.where(came, np.maximum(arrival_s, 0.0), apart_s - 1.0)
        column_s = np.asarray(trip * apart_s + comes_s, dtype=np.float64)
        least_s = _least_before(service, late_s)
        return cls(service, late_s, column_s, apart_s, gone_s[visit], least_s[visit], broken_here[visit])

    def late_s(self, trip: IntArray, time_s: FloatArray, visit: IntArray) -> FloatArray:
        """Return how late trips were at the last stop reached before a time, 0 where they had reached none.

        Parameters
        ----------
        trip : ndarray of int
        time_s : ndarray of float
            Seconds after midnight.
        visit : ndarray of int
            A stop of the trip; at it and behind it nothing is known of whether it will be on time there.
        """
        reached = np.searchsorted(self.column_s, trip * self.apart_s + np.minimum(time_s, self.apart_s - 1.5)) - 1
        here = self.column_s[visit] == trip * self.apart_s + time_s
        reached = np.where(here, visit, np.minimum(reached, visit))
        begun = reached >= self.service.visit_ptr[trip]
        return np.where(begun, self.known_late_s[np.maximum(reached, 0)], 0.0)


def _least_before(service: Service, late_s: FloatArray) -> FloatArray:
    """Return the least delay of the trip of each visit over all its stops up to there, 0 counted, shape (visits,)."""
    starts_s = service.visit_trip * -(2.0**20)
    found: FloatArray = np.minimum.accumulate(starts_s + np.minimum(late_s, 0.0)) - starts_s
    return found
