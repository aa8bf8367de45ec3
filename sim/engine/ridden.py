"""How far the rides of a day got, and the vehicles, read from the trace of an engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.day_trace import DayTrace
from sim.engine.engine_input import EngineInput
from sim.model.journeys import ChosenJourneys


class RiddenRides:
    """The rides of a day, and how far each one got.

    Rides beyond those of the journeys continue one of them, their root: it ended too early, was
    given up for another way, or left open what follows. `final` is the last ride that goes on
    from each one of the journeys, mostly itself.

    Parameters
    ----------
    engine_input : EngineInput
    journeys : ChosenJourneys
    trace : DayTrace
    """

    def __init__(self, engine_input: EngineInput, journeys: ChosenJourneys, trace: DayTrace) -> None:
        planned, leg = len(journeys.leg), trace.ride_leg
        self.wait_from_s, self.alight_s = trace.ride_wait_from_s, trace.ride_alight_s
        self.final: IntArray = np.arange(planned)
        self.commuter: IntArray = np.repeat(np.arange(len(journeys.option)), np.diff(journeys.leg_ptr))
        self.leg: IntArray = leg
        self.order: IntArray | slice = slice(None)
        # Mostly no ride continues another one, and then all rows are in order as they are.
        if len(trace.continued_root):
            root = np.concatenate([self.final, trace.continued_root])
            np.maximum.at(self.final, trace.continued_root, np.arange(planned, len(root)))
            self.order = np.argsort(root, kind="stable")
            self.leg = np.where(leg < engine_input.legs.planned, leg, journeys.leg[root])
            self.commuter = self.commuter[root]
        self.boarded: BoolArray = trace.ride_board_visit >= 0
        self.alighted: BoolArray = np.isfinite(self.alight_s)
        self.board_s = _board_s(trace)
        cut_s, patience_s = engine_input.rules.end_s, engine_input.rules.patience_s
        self.cut_s = cut_s
        self.joined: BoolArray = np.isfinite(self.wait_from_s) & (self.wait_from_s <= cut_s)
        last_visit_s = trace.queue_last_visit_s[engine_input.legs.queue[leg]]
        until_s = last_visit_s if cut_s == np.inf else np.full(len(leg), cut_s)
        self.left: BoolArray = np.isfinite(trace.ride_left_s)
        self.given_up: BoolArray = self.joined & ~self.boarded & (self.wait_from_s + patience_s <= until_s) & ~self.left
        until_s = np.where(self.given_up, self.wait_from_s + patience_s, until_s)
        self.until_s = np.where(self.left, trace.ride_left_s, until_s)

    def numbers(self) -> IntArray:
        """Return how many rides each commuter has boarded before each one, in order of commuters and rides."""
        commuter = self.commuter[self.order]
        before = np.concatenate([[0], np.cumsum(self.boarded[self.order])]).astype(np.int64)
        first = np.concatenate([[0], np.cumsum(np.bincount(commuter))]).astype(np.int64)
        numbers: IntArray = before[:-1] - before[first[commuter]]
        return numbers

    def waited_s(self) -> FloatArray:
        """Return the wait of each ride in seconds; until giving up or the last vehicle where it never came."""
        end_s = np.where(self.boarded, self.board_s, self.until_s)
        waited: FloatArray = np.where(self.joined, np.maximum(end_s - self.wait_from_s, 0.0), 0.0)
        return waited

    def ridden_s(self) -> FloatArray:
        """Return the time on board of each ride in seconds; until the cut where it did not end."""
        end_s = np.where(self.alighted, self.alight_s, self.board_s if self.cut_s == np.inf else self.cut_s)
        ridden: FloatArray = np.where(self.boarded, np.maximum(end_s - self.board_s, 0.0), 0.0)
        return ridden


def _board_s(trace: DayTrace) -> FloatArray:
    """Return when each ride boarded: on joining, or when the vehicle opened its doors; NaN where it did not."""
    opened_s = trace.visit_arrival_s
    again = np.flatnonzero(np.isfinite(trace.trip_reopened_s))
    if len(again):
        opened_s = opened_s.copy()
        opened_s[trace.trip_broken_visit[again]] = trace.trip_reopened_s[again]
    visit = trace.ride_board_visit
    return np.where(visit >= 0, np.maximum(trace.ride_wait_from_s, np.append(opened_s, np.nan)[visit]), np.nan)


@dataclass(frozen=True)
class Visits:
    """Visits as they were at the end of the day; arrays of shape (visits,)."""

    departure_s: FloatArray
    boardings: IntArray
    load: IntArray

    @classmethod
    def at_end(cls, engine_input: EngineInput, trace: DayTrace) -> Visits:
        """Return the visits of a trace, with the load of vehicles that stand when the horizon cuts the day off.

        Their departure is the horizon, or when the last of those who are getting out is out.
        """
        departure_s, cut_s = trace.visit_departure_s, engine_input.rules.end_s
        stands = np.isfinite(trace.visit_arrival_s) & ~(departure_s <= cut_s)
        visit = np.flatnonzero(stands)
        if cut_s == np.inf or not len(visit):
            return cls(departure_s, trace.visit_boardings, trace.visit_load)
        boardings, load, departure_s = trace.visit_boardings.copy(), trace.visit_load.copy(), departure_s.copy()
        boarded, left = trace.ride_board_visit, trace.ride_alight_visit
        boardings[visit] = np.bincount(boarded[boarded >= 0], minlength=len(load))[visit]
        out_s = np.full(len(load), cut_s)
        np.maximum.at(out_s, left[left >= 0], trace.ride_alight_s[left >= 0])
        departure_s[visit] = out_s[visit]
        # Nobody gets on or off between two stops: what a vehicle brings is what it had when it left the one before.
        timetable = engine_input.timetable
        goes_on = np.arange(len(load)) < timetable.trip_last_reached[timetable.visit_trip]
        brings = np.where(np.append(False, goes_on[:-1]), np.append(0, load[:-1]), 0)
        load[visit] = brings[visit] + boardings[visit] - trace.visit_alightings[visit]
        return cls(departure_s, boardings, load)
