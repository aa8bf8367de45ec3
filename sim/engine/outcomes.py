"""The end of a day: from the trace of an engine to records.

How far rides and vehicles got is read from the trace; then every commuter has an outcome and a cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.day_arrays import DayStart, DayTrace
from sim.engine.engine_input import EngineInput
from sim.model.journeys import ChosenJourneys, JourneyChain
from sim.model.outcome import Cause, Disruption, Outcome
from sim.records.day import DayRecords
from sim.units import quantize


def settle(
    engine_input: EngineInput, journeys: ChosenJourneys, chain: JourneyChain, start: DayStart, trace: DayTrace
) -> DayRecords:
    """Turn the trace of a day into records; the same for all engines.

    Parameters
    ----------
    engine_input : EngineInput
    journeys : ChosenJourneys
    chain : JourneyChain
    start : DayStart
    trace : DayTrace
    """
    trace = cut_off(trace, engine_input.rules.end_s)
    rides = RiddenRides(engine_input, journeys, trace)
    visits = Visits.at_end(engine_input, trace)
    order, commuter, commuters = rides.order, rides.commuter, len(start.departure_s)
    egress_s = quantize(journeys.egress_walk_s)
    decided = np.isfinite(trace.ride_last_walk_s)
    egress_s[commuter[decided]] = trace.ride_last_walk_s[decided]
    departure_s, arrival = _ends(journeys, chain, start, rides, egress_s)
    denials = np.bincount(trace.denied_ride, minlength=len(commuter))
    outcome, cause = _outcomes(engine_input, journeys, trace, rides, arrival, denials > 0)
    _settle_chained(chain, arrival, (departure_s, outcome, cause), engine_input.rules.end_s)
    arrived = outcome == Outcome.ARRIVED
    waited_s = rides.waited_s()
    # A wait ends with boarding; time at a stop that somebody then leaves on foot belongs to their walk.
    on_foot_s = np.where(rides.joined, trace.ride_walk_s, 0.0) + np.where(rides.left, waited_s, 0.0)
    return DayRecords(
        departure_s=departure_s,
        outcome=outcome,
        cause=cause,
        arrival_s=np.where(arrived, arrival, np.nan),
        wait_s=_sum(commuter, np.where(rides.left, 0.0, waited_s), commuters),
        in_vehicle_s=_sum(commuter, rides.ridden_s(), commuters),
        walk_s=_sum(commuter, on_foot_s, commuters) + np.where(arrived, egress_s, 0.0),
        transfers=np.maximum(np.bincount(commuter, rides.boarded, commuters).astype(np.int64) - 1, 0),
        denied_boardings=np.bincount(commuter, denials, commuters).astype(np.int64),
        ride_commuter=commuter[order],
        ride_leg=rides.leg[order],
        ride_number=rides.numbers(),
        ride_planned_alight_stop=engine_input.legs.goal[rides.leg[order]],
        ride_wait_from_s=trace.ride_wait_from_s[order],
        ride_board_s=rides.board_s[order],
        ride_alight_s=trace.ride_alight_s[order],
        ride_board_visit=trace.ride_board_visit[order],
        ride_alight_visit=trace.ride_alight_visit[order],
        visit_arrival_s=trace.visit_arrival_s,
        visit_departure_s=visits.departure_s,
        visit_boardings=visits.boardings,
        visit_alightings=trace.visit_alightings,
        visit_denied=trace.visit_denied,
        visit_load=visits.load,
        visit_holding_s=visits.holding_s,
        visit_berth_wait_s=trace.visit_berth_wait_s,
        visit_disruption=trace.visit_disruption,
        ride_order=np.arange(len(commuter))[order],
        denied_ride=trace.denied_ride,
        denied_visit=trace.denied_visit,
    )


def cut_off(trace: DayTrace, cut_s: float) -> DayTrace:
    """Return a trace without what would have happened after the end of the horizon.

    An engine lets people out one after the other when their vehicle arrives, so that the last of them, and those who
    walk on, may be out after the end: they are on board, or on the way, then (test_engine_outcomes.py).

    Parameters
    ----------
    trace : DayTrace
    cut_s : float
        End of the horizon in seconds after midnight; infinite for none.
    """
    late = np.flatnonzero(trace.ride_alight_s > cut_s)
    if not len(late):
        return trace
    alight_s, alight_visit = trace.ride_alight_s.copy(), trace.ride_alight_visit.copy()
    by_vehicle = alight_visit[late][alight_visit[late] >= 0]
    inside = np.bincount(by_vehicle, minlength=len(trace.visit_alightings))
    alight_s[late], alight_visit[late] = np.nan, -1
    return replace(
        trace,
        ride_alight_s=alight_s,
        ride_alight_visit=alight_visit,
        visit_alightings=trace.visit_alightings - inside,
    )


def _sum(commuter: IntArray, values: FloatArray, commuters: int) -> FloatArray:
    """Sum values by commuter; floats even where there is no ride at all."""
    return np.bincount(commuter, values, commuters).astype(np.float64)


def _ends(
    journeys: ChosenJourneys, chain: JourneyChain, start: DayStart, rides: RiddenRides, egress_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return departure and arrival of each commuter in seconds; arrival is NaN where the journey did not end."""
    complete, arrival = rides.legs_done == np.diff(journeys.leg_ptr), np.full(len(egress_s), np.nan)
    complete &= journeys.rides
    arrival[complete] = rides.alight_s[rides.final[journeys.leg_ptr[1:][complete] - 1]] + egress_s[complete]
    on_foot = journeys.walks
    arrival[on_foot] = start.departure_s[on_foot] + egress_s[on_foot]
    if chain.is_empty:
        return start.departure_s, arrival
    departure_s = chain.departure_s(start.departure_s, arrival)
    arrival[on_foot] = departure_s[on_foot] + egress_s[on_foot]
    return departure_s, arrival


def _outcomes(
    engine_input: EngineInput,
    journeys: ChosenJourneys,
    trace: DayTrace,
    rides: RiddenRides,
    arrival: FloatArray,
    was_denied: BoolArray,
) -> tuple[IntArray, IntArray]:
    """Return outcome and cause of each commuter, shape (commuters,) each.

    Every commuter has exactly one outcome: what is put last counts (test_engine_outcomes.py).
    """
    cut_s, leg_ptr, commuters = engine_input.rules.end_s, journeys.leg_ptr, len(arrival)
    complete = np.isfinite(arrival)
    outcome = np.full(commuters, int(Outcome.NO_SERVICE), dtype=np.int64)
    cause = np.full(commuters, int(Cause.NO_JOURNEY_OPTION), dtype=np.int64)
    current = np.minimum(leg_ptr[:-1] + rides.legs_done, leg_ptr[1:] - 1)
    in_vain = journeys.rides & ~complete
    ride = rides.final[current[in_vain]]

    def put(of_ride: BoolArray, how: Outcome, why: Cause) -> None:
        rows = np.zeros(commuters, dtype=np.bool_)
        rows[in_vain] = of_ride[ride]
        outcome[rows] = how
        cause[rows] = why

    outcome[complete], cause[complete] = Outcome.ARRIVED, Cause.NONE
    put(~was_denied, Outcome.NO_SERVICE, Cause.LAST_VEHICLE_GONE)
    put(was_denied, Outcome.NO_SERVICE, Cause.LAST_VEHICLE_FULL)
    for why, by_ride in LostService(engine_input, trace).causes(rides.leg, len(rides.final)):
        put(by_ride, Outcome.NO_SERVICE, why)
    if cut_s < np.inf:
        put(np.ones_like(was_denied), Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WAITING)
        put(rides.boarded, Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_RIDING)
        put(~rides.joined | rides.left, Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WALKING)
        on_the_way = complete & (arrival > cut_s)
        outcome[on_the_way], cause[on_the_way] = Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WALKING
    put(rides.given_up, Outcome.GAVE_UP, Cause.PATIENCE_EXHAUSTED)
    return outcome, cause


def _settle_chained(
    chain: JourneyChain, arrival: FloatArray, ends: tuple[FloatArray, IntArray, IntArray], cut_s: float
) -> None:
    """Give journeys that never began, or not yet, since the one before did not end, an outcome and a cause, in place.

    Parameters
    ----------
    chain : JourneyChain
    arrival : ndarray of float, shape (commuters,)
        End of each journey in seconds; NaN where it did not end.
    ends : tuple of ndarray, shape (commuters,) each
        Departures, outcomes, causes.
    cut_s : float
        End of the horizon in seconds.
    """
    if chain.is_empty:
        return
    (departure_s, outcome, cause), waits = ends, ~chain.is_first
    began = np.isfinite(arrival[chain.after])
    never = np.flatnonzero(waits & ~began)
    outcome[never] = outcome[chain.after[never]]
    cause[never] = Cause.OUTWARD_NOT_ENDED
    later = waits & began & (departure_s > cut_s)
    outcome[later] = Outcome.STILL_TRAVELLING
    cause[later] = Cause.HORIZON_BEFORE_RETURN


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
        planned, leg, self.commuters = len(journeys.leg), trace.ride_leg, len(journeys.option)
        self.wait_from_s, self.alight_s = trace.ride_wait_from_s, trace.ride_alight_s
        self.final: IntArray = np.arange(planned)
        self.commuter: IntArray = journeys.commuter
        self.leg: IntArray = leg
        self.order: IntArray | slice = slice(None)
        # Mostly no ride continues another one, and then all rows are in order as they are.
        if len(trace.continued_root):
            root = np.concatenate([self.final, trace.continued_root])
            self.order = np.argsort(root, kind="stable")
            # A ride goes on where the one before it ended; one that the horizon cut off is the last.
            ended = np.isfinite(self.alight_s) | np.isfinite(trace.ride_left_s)
            goes_on = np.ones(len(root), dtype=np.bool_)
            goes_on[self.order[1:]] = ended[self.order[:-1]]
            rows = planned + np.flatnonzero(goes_on[planned:])
            np.maximum.at(self.final, root[rows], rows)
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

    @cached_property
    def legs_done(self) -> IntArray:
        """How many legs of each journey have ended, shape (commuters,)."""
        ended = self.alighted[self.final]
        return np.bincount(self.commuter[: len(ended)], ended, self.commuters).astype(np.int64)

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
    holding_s: FloatArray

    @classmethod
    def at_end(cls, engine_input: EngineInput, trace: DayTrace) -> Visits:
        """Return the visits of a trace, with the load of vehicles that stand when the horizon cuts the day off.

        Their departure is the horizon, whatever they would have stood for, and nobody has held them yet.
        """
        departure_s, cut_s = trace.visit_departure_s, engine_input.rules.end_s
        stands = np.isfinite(trace.visit_arrival_s) & ~(departure_s <= cut_s)
        visit = np.flatnonzero(stands)
        if cut_s == np.inf or not len(visit):
            return cls(departure_s, trace.visit_boardings, trace.visit_load, trace.visit_holding_s)
        boardings, load, departure_s = trace.visit_boardings.copy(), trace.visit_load.copy(), departure_s.copy()
        boarded = trace.ride_board_visit
        boardings[visit] = np.bincount(boarded[boarded >= 0], minlength=len(load))[visit]
        departure_s[visit] = cut_s
        # Nobody gets on or off between two stops: what a vehicle brings is what it had when it left the one before.
        timetable = engine_input.timetable
        goes_on = np.arange(len(load)) < timetable.trip_last_reached[timetable.visit_trip]
        brings = np.where(np.append(False, goes_on[:-1]), np.append(0, load[:-1]), 0)
        load[visit] = brings[visit] + boardings[visit] - trace.visit_alightings[visit]
        return cls(departure_s, boardings, load, np.where(stands, 0.0, trace.visit_holding_s))


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
        missed = self.trace.visit_disruption == Disruption.STOP_MISSED
        if missed.any():
            waits = joined_s <= self._latest_s(missed)[queue]
            yield Cause.STOP_CLOSED, waits | (put_out_by == Cause.STOP_CLOSED)
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
        np.maximum.at(latest_s, positions.queue, np.minimum(at_position[owner], positions.queue_until_s))
        latest_s[1 + legs.queue[: legs.planned].max(initial=-1) :] = -np.inf
        return latest_s
