"""The end of a day: from the trace of an engine to records, where every commuter has an outcome and a cause."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.day_start import DayStart
from sim.engine.day_trace import DayTrace
from sim.engine.engine_input import EngineInput
from sim.engine.lost_service import LostService
from sim.engine.ridden import RiddenRides, Visits
from sim.model.journeys import ChosenJourneys, ReturnLegs
from sim.model.outcome import Cause, Outcome
from sim.records.day import DayRecords
from sim.units import quantize


def settle(
    engine_input: EngineInput, journeys: ChosenJourneys, back: ReturnLegs, start: DayStart, trace: DayTrace
) -> DayRecords:
    """Turn the trace of a day into records; the same for all engines.

    Parameters
    ----------
    engine_input : EngineInput
    journeys : ChosenJourneys
    back : ReturnLegs
    start : DayStart
    trace : DayTrace
    """
    went_back = np.isfinite(trace.return_departure_s)
    departure_s = np.where(went_back, trace.return_departure_s, start.departure_s)
    rides = RiddenRides(engine_input, journeys, trace)
    visits = Visits.at_end(engine_input, trace)
    order, commuter, commuters = rides.order, rides.commuter, len(departure_s)
    egress_s = quantize(journeys.egress_walk_s)
    decided = np.isfinite(trace.ride_last_walk_s)
    egress_s[commuter[decided]] = trace.ride_last_walk_s[decided]
    arrival, outcome, cause = _outcomes(engine_input, journeys, trace, rides, (departure_s, egress_s))
    _settle_returns(back, went_back, (departure_s, outcome, cause), engine_input.rules.end_s)
    arrived = outcome == Outcome.ARRIVED
    waited_s = rides.waited_s()
    # A wait ends with boarding; time at a stop that somebody then leaves on foot belongs to their walk.
    on_foot_s = np.where(rides.joined, trace.ride_walk_s, 0.0) + np.where(rides.left, waited_s, 0.0)
    denied = trace.denied_ride
    return DayRecords(
        departure_s=departure_s,
        outcome=outcome,
        cause=cause,
        arrival_s=np.where(arrived, arrival, np.nan),
        wait_s=_sum(commuter, np.where(rides.left, 0.0, waited_s), commuters),
        in_vehicle_s=_sum(commuter, rides.ridden_s(), commuters),
        walk_s=_sum(commuter, on_foot_s, commuters) + np.where(arrived, egress_s, 0.0),
        transfers=np.maximum(np.bincount(commuter, rides.boarded, commuters).astype(np.int64) - 1, 0),
        denied_boardings=np.bincount(commuter[denied], minlength=commuters).astype(np.int64),
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
        visit_holding_s=trace.visit_holding_s,
        visit_disruption=trace.visit_disruption,
        denied_commuter=commuter[denied],
        denied_visit=trace.denied_visit,
        denied_time_s=np.maximum(trace.ride_wait_from_s[denied], trace.visit_arrival_s[trace.denied_visit]),
    )


def _sum(commuter: IntArray, values: FloatArray, commuters: int) -> FloatArray:
    """Sum values by commuter; floats even where there is no ride at all."""
    return np.bincount(commuter, values, commuters).astype(np.float64)


def _outcomes(
    engine_input: EngineInput,
    journeys: ChosenJourneys,
    trace: DayTrace,
    rides: RiddenRides,
    ends: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, IntArray, IntArray]:
    """Return arrival, outcome and cause of each commuter, shape (commuters,) each; `ends` are departure and egress.

    Every commuter has exactly one outcome: what is put last counts (test_engine_outcomes.py).
    """
    (departure_s, egress_s), cut_s = ends, engine_input.rules.end_s
    leg_ptr, commuters = journeys.leg_ptr, len(departure_s)
    has_legs = np.diff(leg_ptr) > 0
    reached = rides.alighted[rides.final]
    done = np.bincount(rides.commuter[: len(reached)], reached, commuters).astype(np.int64)
    complete = has_legs & (done == np.diff(leg_ptr))
    arrival = np.full(commuters, np.nan)
    arrival[complete] = trace.ride_alight_s[rides.final[leg_ptr[1:][complete] - 1]] + egress_s[complete]
    arrival[journeys.walks] = departure_s[journeys.walks] + egress_s[journeys.walks]
    complete |= journeys.walks
    outcome = np.full(commuters, int(Outcome.NO_SERVICE), dtype=np.int64)
    cause = np.full(commuters, int(Cause.NO_JOURNEY_OPTION), dtype=np.int64)
    current = np.minimum(leg_ptr[:-1] + done, leg_ptr[1:] - 1)
    in_vain = has_legs & ~complete
    ride = rides.final[current[in_vain]]

    def put(of_ride: BoolArray, how: Outcome, why: Cause) -> None:
        rows = np.zeros(commuters, dtype=np.bool_)
        rows[in_vain] = of_ride[ride]
        outcome[rows] = how
        cause[rows] = why

    outcome[complete], cause[complete] = Outcome.ARRIVED, Cause.NONE
    was_denied = np.bincount(trace.denied_ride, minlength=len(rides.commuter) + 1)[:-1] > 0
    put(~was_denied, Outcome.NO_SERVICE, Cause.LAST_VEHICLE_GONE)
    put(was_denied, Outcome.NO_SERVICE, Cause.LAST_VEHICLE_FULL)
    for why, by_ride in LostService(engine_input, trace).causes(rides.leg, len(rides.final)):
        put(by_ride, Outcome.NO_SERVICE, why)
    if cut_s < np.inf:
        put(np.ones_like(was_denied), Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WAITING)
        put(rides.boarded, Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_RIDING)
        put(~rides.joined, Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WALKING)
        on_the_way = complete & (arrival > cut_s)
        outcome[on_the_way], cause[on_the_way] = Outcome.STILL_TRAVELLING, Cause.HORIZON_WHILE_WALKING
    put(rides.given_up, Outcome.GAVE_UP, Cause.PATIENCE_EXHAUSTED)
    return arrival, outcome, cause


def _settle_returns(
    back: ReturnLegs, went_back: BoolArray, ends: tuple[FloatArray, IntArray, IntArray], cut_s: float
) -> None:
    """Give commuters who could not go back, or not yet, an outcome and a cause, in place.

    Parameters
    ----------
    back : ReturnLegs
    went_back : ndarray of bool, shape (commuters,)
        Journeys back that have begun, or will.
    ends : tuple of ndarray, shape (commuters,) each
        Departures, outcomes, causes.
    cut_s : float
        End of the horizon in seconds.
    """
    departure_s, outcome, cause = ends
    never = np.flatnonzero((back.outward >= 0) & ~went_back)
    outcome[never] = outcome[back.outward[never]]
    cause[never] = Cause.OUTWARD_NOT_ENDED
    later = went_back & (departure_s > cut_s)
    outcome[later] = Outcome.STILL_TRAVELLING
    cause[later] = Cause.HORIZON_BEFORE_RETURN
