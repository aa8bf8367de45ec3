"""Why somebody found no vehicle, where a disruption is to blame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.engine.plan import Plan
from sim.engine.state import DayState
from sim.model.outcome import Cause
from sim.units import BoolArray, FloatArray, IntArray


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
        self.queues = 1 + max(state.ride_queue, default=-1)
        self.broken_stops = {int(plan.service.visit_stop[visit]) for visit in state.broken}
        self.put_out_visit = np.array([state.ride_alight_visit[ride] for ride in state.root], dtype=np.int64)

    def causes(
        self, root: IntArray, queue: IntArray, leg: IntArray, joined_s: FloatArray
    ) -> Iterator[tuple[Cause, BoolArray]]:
        """Yield causes, each with the mask of rides that had no vehicle because of it; later ones go before.

        Parameters
        ----------
        root : ndarray of int, shape (rides,)
            Ride of the journeys that each ride is or continues.
        queue, leg : ndarray of int, shape (rides,)
        joined_s : ndarray of float, shape (rides,)
            When the wait began, seconds after midnight; NaN where it did not.
        """
        operations, service = self.plan.operations, self.plan.service
        if operations.cancelled:
            visits = np.flatnonzero(np.isin(service.visit_trip, sorted(operations.cancelled)))
            yield Cause.TRIP_CANCELLED, joined_s <= self._latest_s(visits)[queue]
        planned = len(root) - len(self.put_out_visit)
        put_out = np.arange(len(root)) >= planned
        if self.broken:
            last = service.visit_ptr[1:][service.visit_trip[self.broken]]
            visits = np.concatenate([np.arange(start, end) for start, end in zip(self.broken, last, strict=True)])
            yield Cause.VEHICLE_BROKE_DOWN, (joined_s <= self._latest_s(visits)[queue]) | put_out
        if operations.closed_stops:
            ends = np.full(int(service.visit_stop.max()) + 1, -np.inf)
            for stop, stretches in operations.closed_stops.items():
                ends[stop] = max(end for _, end in stretches)
            legs = self.plan.legs
            closed = (joined_s < ends[legs.board_stop[leg]]) & ~put_out
            yield Cause.STOP_CLOSED, closed | (put_out & (joined_s < ends[legs.alight_stop[leg]]))

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
