"""Why somebody found no vehicle, where a disruption is to blame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.day_trace import DayTrace
from sim.engine.engine_input import EngineInput
from sim.model.outcome import Cause


class LostService:
    """Service that was planned and did not run.

    Parameters
    ----------
    engine_input : EngineInput
    trace : DayTrace
    """

    def __init__(self, engine_input: EngineInput, trace: DayTrace) -> None:
        self.input = engine_input
        self.trace = trace

    def causes(self, leg: IntArray, planned: int) -> Iterator[tuple[Cause, BoolArray]]:
        """Yield causes, each with the mask of rides that had no vehicle because of it; later ones go before.

        Parameters
        ----------
        leg : ndarray of int, shape (rides,)
            Leg of the journey that each ride belongs to.
        planned : int
            Number of rides of the journeys.
        """
        timetable, stops, joined_s = self.input.timetable, self.input.stops, self.trace.ride_wait_from_s
        queue = self.input.legs.queue[self.trace.ride_leg]
        put_out_by = np.full(len(queue), int(Cause.NONE), dtype=np.int64)
        put_out_by[planned:] = self.trace.continued_cause
        if timetable.trip_cancelled.any():
            waits = joined_s <= self._latest_s(timetable.trip_cancelled[timetable.visit_trip])[queue]
            yield Cause.TRIP_CANCELLED, waits | (put_out_by == Cause.TRIP_CANCELLED)
        if len(self.input.breakdowns.visit):
            waits = joined_s <= self._latest_s(self._missed_visits())[queue]
            yield Cause.VEHICLE_BROKE_DOWN, waits | (put_out_by == Cause.VEHICLE_BROKE_DOWN)
        if len(stops.closed_end_s):
            until_s = np.full(len(stops.berths), -np.inf)
            np.maximum.at(until_s, np.repeat(np.arange(len(until_s)), np.diff(stops.closed_ptr)), stops.closed_end_s)
            waits = (joined_s < until_s[self.input.legs.board_stop[leg]]) & (put_out_by == Cause.NONE)
            yield Cause.STOP_CLOSED, waits | (put_out_by == Cause.STOP_CLOSED)

    def _missed_visits(self) -> BoolArray:
        """Tell which visits trips did not serve that had broken down for good, shape (visits,)."""
        timetable, broken = self.input.timetable, self.trace.trip_broken_visit
        ended = (broken >= 0) & self.input.breakdowns.ends_trip[timetable.trip_breakdown]
        missed: BoolArray = ended[timetable.visit_trip]
        missed &= np.arange(len(missed)) >= broken[timetable.visit_trip]
        return missed

    def _latest_s(self, visits: BoolArray) -> FloatArray:
        """Return by queue the last scheduled departure among visits, shape (queues,); minus infinity for none.

        Queues of people who were put out count no such visit: why they wait is known.
        """
        legs, positions, timetable = self.input.legs, self.input.positions, self.input.timetable
        latest_s = np.full(legs.queues, -np.inf)
        at_position = np.full(len(positions.stop), -np.inf)
        np.maximum.at(at_position, timetable.visit_position[visits], timetable.scheduled_departure_s[visits])
        owner = np.repeat(np.arange(len(positions.stop)), np.diff(positions.queue_ptr))
        np.maximum.at(latest_s, positions.queue, at_position[owner])
        latest_s[1 + legs.queue[: legs.planned].max(initial=-1) :] = -np.inf
        return latest_s
