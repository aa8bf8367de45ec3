"""Why somebody found no vehicle, where a disruption is to blame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.plan import Plan
from sim.engine.state import DayState
from sim.model.outcome import Cause


class LostService:
    """Service that was planned and did not run.

    Parameters
    ----------
    plan : Plan
    state : DayState
        At the end of the day.
    """

    def __init__(self, plan: Plan, state: DayState) -> None:
        self.plan = plan
        self.broken = state.broken
        self.queues = max(plan.queues, 1 + max(state.ride_queue, default=-1))  # those put out may have one of their own
        self.put_out_by = np.full(len(state.ride_leg), int(Cause.NONE), dtype=np.int64)
        for ride, cause in state.put_out_by.items():
            self.put_out_by[ride] = cause

    def causes(self, queue: IntArray, leg: IntArray, joined_s: FloatArray) -> Iterator[tuple[Cause, BoolArray]]:
        """Yield causes, each with the mask of rides that had no vehicle because of it; later ones go before.

        Parameters
        ----------
        queue, leg : ndarray of int, shape (rides,)
        joined_s : ndarray of float, shape (rides,)
            When the wait began, seconds after midnight; NaN where it did not.
        """
        operations, service = self.plan.operations, self.plan.service
        if operations.cancelled:
            visits = np.flatnonzero(np.isin(service.visit_trip, sorted(operations.cancelled)))
            waits = joined_s <= self._latest_s(visits)[queue]
            yield Cause.TRIP_CANCELLED, waits | (self.put_out_by == Cause.TRIP_CANCELLED)
        if operations.breakdowns:
            missed_s = self._latest_s(self._missed_visits())[queue]
            yield Cause.VEHICLE_BROKE_DOWN, (joined_s <= missed_s) | (self.put_out_by == Cause.VEHICLE_BROKE_DOWN)
        if operations.closed_stops:
            until_s = np.full(int(service.visit_stop.max()) + 1, -np.inf)
            for stop, stretches in operations.closed_stops.items():
                until_s[stop] = max(end for _, end in stretches)
            waits = (joined_s < until_s[self.plan.legs.board_stop[leg]]) & (self.put_out_by == Cause.NONE)
            yield Cause.STOP_CLOSED, waits | (self.put_out_by == Cause.STOP_CLOSED)

    def _missed_visits(self) -> IntArray:
        """Return the visits from where trips broke down to their ends."""
        service = self.plan.service
        trips = [int(service.visit_trip[visit]) for visit in self.broken]
        rows = [np.arange(visit, service.visit_ptr[trip + 1]) for visit, trip in zip(self.broken, trips, strict=True)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *rows])

    def _latest_s(self, visits: IntArray) -> FloatArray:
        """Return by queue the last scheduled departure among visits, shape (queues,); minus infinity for none."""
        service = self.plan.service
        latest = np.full(self.queues, -np.inf)
        patterns = service.trip_pattern[service.visit_trip[visits]]
        times = service.scheduled_departure_s[visits]
        for pattern, sequence, time in zip(
            patterns.tolist(), service.visit_sequence[visits].tolist(), times.tolist(), strict=True
        ):
            for queue in self.plan.position_queues.get((pattern, sequence), ()):
                latest[queue] = max(latest[queue], time)
        return latest
