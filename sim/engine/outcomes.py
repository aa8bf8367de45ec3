"""The end of a day: every commuter gets an outcome and a cause, lists become arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.lost_service import LostService
from sim.engine.plan import Plan
from sim.engine.queues import Queue
from sim.engine.returns import return_departures, settle_returns
from sim.engine.state import DayState
from sim.model.journeys import ChosenJourneys, ReturnLegs
from sim.model.outcome import Cause, Outcome
from sim.records.day import DayRecords
from sim.units import quantize


def settle(
    plan: Plan,
    journeys: ChosenJourneys,
    departure_s: FloatArray,
    state: DayState,
    queues: list[Queue],
    back: ReturnLegs,
) -> DayRecords:
    """Turn the state at the end of a day into records.

    Parameters
    ----------
    plan : Plan
    journeys : ChosenJourneys
    departure_s : ndarray of float, shape (commuters,)
        Of journeys back, as planned.
    state : DayState
    queues : list of Queue
    back : ReturnLegs
    """
    cut_s = plan.end_s
    departure_s = return_departures(departure_s, state)
    if cut_s is not None:
        _close_standing(plan, state, cut_s)
    rides = _Rides(plan, journeys, state, queues, cut_s)
    order, commuters = rides.order, len(departure_s)
    egress_s = quantize(journeys.egress_walk_s)
    for ride, last_walk_s in state.last_walk_s.items():
        egress_s[rides.commuter[ride]] = last_walk_s
    arrival, outcome, cause = rides.outcomes(departure_s, egress_s)
    settle_returns(back, state, (departure_s, outcome, cause), cut_s)
    arrived = outcome == Outcome.ARRIVED
    waited_s = rides.waited_s()
    # A wait ends with boarding; time at a stop that somebody then leaves on foot belongs to his walk.
    on_foot_s = np.where(rides.joined, np.array(state.ride_walk_s), 0.0) + np.where(rides.left, waited_s, 0.0)
    walked = _sum(rides.commuter, on_foot_s, commuters)
    return DayRecords(
        departure_s=departure_s,
        outcome=outcome,
        cause=cause,
        arrival_s=np.where(arrived, arrival, np.nan),
        wait_s=_sum(rides.commuter, np.where(rides.left, 0.0, waited_s), commuters),
        in_vehicle_s=_sum(rides.commuter, rides.ridden_s(), commuters),
        walk_s=walked + np.where(arrived, egress_s, 0.0),
        transfers=np.maximum(np.bincount(rides.commuter, rides.boarded, commuters).astype(np.int64) - 1, 0),
        denied_boardings=np.bincount(rides.commuter[rides.denied], minlength=commuters).astype(np.int64),
        ride_commuter=rides.commuter[order],
        ride_leg=rides.leg[order],
        ride_number=rides.numbers(),
        ride_planned_alight_stop=plan.legs.alight_stop[rides.leg[order]],
        ride_wait_from_s=rides.wait_from_s[order],
        ride_board_s=rides.board_s[order],
        ride_alight_s=rides.alight_s[order],
        ride_board_visit=np.array(state.ride_board_visit, dtype=np.int64)[order],
        ride_alight_visit=np.array(state.ride_alight_visit, dtype=np.int64)[order],
        **_visit_columns(state),
        denied_commuter=rides.commuter[rides.denied],
        denied_visit=np.array(state.denied_visit, dtype=np.int64),
        denied_time_s=np.array(state.denied_time_s, dtype=np.float64),
    )


def _visit_columns(state: DayState) -> dict[str, Any]:
    """Return what the records say of visits, by the names of the records."""
    counts = {
        name: getattr(state, name) for name in ("visit_boardings", "visit_alightings", "visit_denied", "visit_load")
    }
    return {
        "visit_arrival_s": np.array(state.visit_arrival_s),
        "visit_departure_s": np.array(state.visit_departure_s),
        **{name: np.array(values, dtype=np.int64) for name, values in counts.items()},
        "visit_holding_s": np.array(state.visit_holding_s),
        "visit_disruption": _by_visit(state.visit_disruption, len(state.visit_load)),
    }


def _by_visit(disruptions: dict[int, int], visits: int) -> IntArray:
    found = np.zeros(visits, dtype=np.int64)
    found[list(disruptions)] = list(disruptions.values())
    return found


def _close_standing(plan: Plan, state: DayState, cut_s: float) -> None:
    """Count who is on board of vehicles that stand at a stop when the horizon cuts the day off.

    Their departure is the horizon, or when the last of those who are getting out is out.
    """
    arrival_s, departure_s = np.array(state.visit_arrival_s), np.array(state.visit_departure_s)
    visits = np.flatnonzero(np.isfinite(arrival_s) & np.isnan(departure_s))
    boarded = np.array(state.ride_board_visit, dtype=np.int64)
    boardings = np.bincount(boarded[boarded >= 0], minlength=len(arrival_s))
    out_s = np.full(len(arrival_s), cut_s)
    left = np.array(state.ride_alight_visit, dtype=np.int64)
    np.maximum.at(out_s, left[left >= 0], np.array(state.ride_alight_s)[left >= 0])
    starts = plan.service.visit_ptr[:-1][~plan.continues]
    first = np.zeros(len(arrival_s), dtype=np.bool_)
    first[starts] = True
    for visit in visits.tolist():
        before = 0 if first[visit] else state.visit_load[visit - 1]
        state.visit_boardings[visit] = int(boardings[visit])
        state.visit_load[visit] = before + int(boardings[visit]) - state.visit_alightings[visit]
        state.visit_departure_s[visit] = float(out_s[visit])


def _sum(commuter: IntArray, values: FloatArray, commuters: int) -> FloatArray:
    """Sum values by commuter; floats even where there is no ride at all."""
    return np.bincount(commuter, values, commuters).astype(np.float64)


class _Rides:
    """The rides of a day as arrays, and how far each one got.

    Rides beyond those of the journeys continue one of them, their root: it ended too early, was
    given up for another way, or left open what follows. `final` is the last ride that goes on
    from each one of the journeys, mostly itself.
    """

    def __init__(
        self, plan: Plan, journeys: ChosenJourneys, state: DayState, queues: list[Queue], cut_s: float | None
    ) -> None:
        self.leg_ptr = journeys.leg_ptr
        self.walks = journeys.walks
        planned = len(journeys.leg)
        self.root: IntArray = np.concatenate([np.arange(planned), np.array(state.root, dtype=np.int64)])
        self.final: IntArray = np.arange(planned)
        np.maximum.at(self.final, self.root, np.arange(len(self.root)))
        self.order: IntArray = np.argsort(self.root, kind="stable")
        leg = np.array(state.ride_leg, dtype=np.int64)
        self.leg: IntArray = np.where(leg < len(plan.legs), leg, journeys.leg[self.root])
        self.queue: IntArray = np.array(state.ride_queue, dtype=np.int64)
        commuter = np.repeat(np.arange(len(journeys.option)), np.diff(journeys.leg_ptr))
        self.commuter: IntArray = commuter[self.root]
        self.wait_from_s = np.array(state.ride_wait_from_s, dtype=np.float64)
        self.board_s = np.array(state.ride_board_s, dtype=np.float64)
        self.alight_s = np.array(state.ride_alight_s, dtype=np.float64)
        self.denied: IntArray = np.array(state.denied_ride, dtype=np.int64)
        self.cut_s = cut_s
        self.patience_s = np.inf if plan.patience_s is None else plan.patience_s
        self.joined: BoolArray = np.isfinite(self.wait_from_s)
        if cut_s is not None:
            self.joined &= self.wait_from_s <= cut_s
        self.boarded: BoolArray = np.isfinite(self.board_s)
        self.alighted: BoolArray = np.isfinite(self.alight_s)
        last_visit_s = np.array([queue.last_visit_s for queue in queues], dtype=np.float64)
        until_s = last_visit_s[self.queue] if cut_s is None else np.full(len(self.root), cut_s)
        self.given_up: BoolArray = self.joined & ~self.boarded & (self.wait_from_s + self.patience_s <= until_s)
        self.until_s = np.where(self.given_up, self.wait_from_s + self.patience_s, until_s)
        left = np.array(list(state.left_s), dtype=np.int64)
        self.given_up[left] = False
        self.until_s[left] = list(state.left_s.values())
        self.left: BoolArray = np.zeros(len(self.root), dtype=np.bool_)
        self.left[left] = True
        self.lost = LostService(plan, state)

    def numbers(self) -> IntArray:
        """Return how many rides each commuter has boarded before each one, in order of commuters and rides."""
        commuter = self.commuter[self.order]
        before = np.concatenate([[0], np.cumsum(self.boarded[self.order])]).astype(np.int64)
        numbers: IntArray = before[:-1] - before[np.searchsorted(commuter, commuter)]
        return numbers

    def waited_s(self) -> FloatArray:
        """Wait of each ride in seconds; until giving up or the last vehicle where it never came."""
        end_s = np.where(self.boarded, self.board_s, self.until_s)
        waited: FloatArray = np.where(self.joined, np.maximum(end_s - self.wait_from_s, 0.0), 0.0)
        return waited

    def ridden_s(self) -> FloatArray:
        """Time on board of each ride in seconds; until the cut where it did not end."""
        end_s = np.where(self.alighted, self.alight_s, self.board_s if self.cut_s is None else self.cut_s)
        ridden: FloatArray = np.where(self.boarded, np.maximum(end_s - self.board_s, 0.0), 0.0)
        return ridden

    def outcomes(self, departure_s: FloatArray, egress_s: FloatArray) -> tuple[FloatArray, IntArray, IntArray]:
        """Return arrival, outcome and cause of each commuter, shape (commuters,) each."""
        commuters = len(departure_s)
        has_legs = np.diff(self.leg_ptr) > 0
        reached = self.alighted[self.final]
        done = np.bincount(self.commuter[: len(reached)], reached, commuters).astype(np.int64)
        complete = has_legs & (done == np.diff(self.leg_ptr))
        arrival = np.full(commuters, np.nan)
        arrival[complete] = self.alight_s[self.final[self.leg_ptr[1:][complete] - 1]] + egress_s[complete]
        arrival[self.walks] = departure_s[self.walks] + egress_s[self.walks]
        complete |= self.walks
        outcome = np.full(commuters, int(Outcome.NO_SERVICE), dtype=np.int64)
        cause = np.full(commuters, int(Cause.NO_JOURNEY_OPTION), dtype=np.int64)
        current = np.minimum(self.leg_ptr[:-1] + done, self.leg_ptr[1:] - 1)
        waits_in_vain = has_legs & ~complete

        def put(rows: BoolArray, how: Outcome, why: Cause) -> None:
            outcome[rows] = how
            cause[rows] = why

        put(complete, Outcome.ARRIVED, Cause.NONE)
        ride = self.final[current[waits_in_vain]]
        rows = np.zeros((5, commuters), dtype=np.bool_)
        was_denied = np.bincount(self.denied, minlength=len(self.commuter) + 1)[:-1] > 0
        rows[0, waits_in_vain] = ~was_denied[ride]
        rows[1, waits_in_vain] = was_denied[ride]
        rows[2, waits_in_vain] = self.given_up[ride]
        rows[3, waits_in_vain] = self.boarded[ride]
        rows[4, waits_in_vain] = ~self.joined[ride]
        put(rows[0], Outcome.NO_SERVICE, Cause.LAST_VEHICLE_GONE)
        put(rows[1], Outcome.NO_SERVICE, Cause.LAST_VEHICLE_FULL)
        for why, by_ride in self.lost.causes(self.queue, self.leg, self.wait_from_s):
            rows[0, waits_in_vain] = by_ride[ride]
            put(rows[0], Outcome.NO_SERVICE, why)
        if self.cut_s is not None:
            put(waits_in_vain, Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WAITING)
            put(rows[3], Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_RIDING)
            put(rows[4], Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WALKING)
            put(complete & (arrival > self.cut_s), Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WALKING)
        put(rows[2], Outcome.GAVE_UP, Cause.PATIENCE_EXHAUSTED)
        return arrival, outcome, cause
