"""A simulated day on which vehicles were as full as counted.

What nobody counted stays as it was simulated, so that counts of some stops, lines or hours are enough. Counts of
boardings do not say when those people came: they are taken to have come evenly since the vehicle before. Nor do they
say how many were left behind, unless somebody counted them: a vehicle that was full leaves behind whoever comes after
the last one who boarded it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.counted import CountedDay, CountedDays
from sim.model.service import Service
from sim.population.observation import Observation, VisitFacts, mean_observation, observe_visits
from sim.population.service_points import ServicePoints


def observe_counted(
    counted: CountedDays, service: Service, points: ServicePoints, simulated: VisitFacts, seen: Observation
) -> Observation:
    """Return what somebody sees of a day who has counts beside it.

    Parameters
    ----------
    counted : CountedDays
    service : Service
    points : ServicePoints
    simulated : VisitFacts
        The simulated day.
    seen : Observation
        The same day by service point and period.
    """
    days = [observe_visits(points, as_counted(day, service, points.visit_point, simulated)) for day in counted.days]
    weights = [1.0 - counted.share, *(counted.share / len(days) for _ in days)]
    known = [(day, weight) for day, weight in zip([seen, *days], weights, strict=True) if weight > 0]
    return mean_observation([day for day, _ in known], [weight for _, weight in known])


def as_counted(day: CountedDay, service: Service, visit_point: IntArray, simulated: VisitFacts) -> VisitFacts:
    """Return a simulated day with the vehicles as full, and as late, as they were counted.

    Parameters
    ----------
    day : CountedDay
    service : Service
    visit_point : ndarray of int, shape (visits,)
        Where people wait for the same vehicles, as of `ServicePoints`.
    simulated : VisitFacts
    """
    facts = _as_late(day, service, simulated)
    load, denied = facts.load.copy(), facts.denied.copy()
    known = np.isfinite(day.load)
    load[day.visit[known]] = np.rint(day.load[known]).astype(np.int64)
    # A load that was counted speaks for itself: nobody is left behind by a vehicle with room.
    left = np.where(np.isfinite(day.left_behind), day.left_behind, 0.0)
    told = known | np.isfinite(day.left_behind)
    denied[day.visit[told]] = np.ceil(left[told]).astype(np.int64)
    return _as_boarded(day, visit_point, replace(facts, load=load, denied=denied))


def _as_late(day: CountedDay, service: Service, simulated: VisitFacts) -> VisitFacts:
    """Move the vehicles whose times are known to them; a vehicle never comes before it has left the stop before.

    Where the timetable has no time for standing they stand as long as they were simulated to: people who come while
    they do may be too late (test_a_vehicle_that_was_late_comes_as_long_before_it_leaves_as_simulated).
    """
    rows = np.flatnonzero(np.isfinite(day.late_s))
    if not len(rows):
        return simulated
    arrival_s, departure_s = simulated.arrival_s.copy(), simulated.departure_s.copy()
    late_s = np.full(len(arrival_s), np.nan)
    late_s[day.visit[rows]] = day.late_s[rows]
    stands_s = service.scheduled_departure_s - service.scheduled_arrival_s
    stands_s = np.where(stands_s > 0, stands_s, np.nan_to_num(simulated.departure_s - simulated.arrival_s))
    for trip in np.unique(service.visit_trip[day.visit[rows]]).tolist():
        own = slice(int(service.visit_ptr[trip]), int(service.visit_ptr[trip + 1]))
        delay_s = _carried_on(late_s[own])
        leaves_s = service.scheduled_departure_s[own] + delay_s
        times = np.stack([leaves_s - stands_s[own], leaves_s], axis=1)
        moved = np.maximum.accumulate(times.ravel()).reshape(-1, 2)
        arrival_s[own], departure_s[own] = moved[:, 0], moved[:, 1]
        # Where the trip goes on from another one the vehicle comes once.
        arrival_s[service.runs.comes_as[own.start]] = arrival_s[own.start]
    return replace(simulated, arrival_s=arrival_s, departure_s=departure_s)


def _carried_on(late_s: FloatArray) -> FloatArray:
    """Carry the delay of a stop on to those after it, as GTFS-Realtime has it, and the first one back."""
    known = np.flatnonzero(np.isfinite(late_s))
    before = np.maximum(np.searchsorted(known, np.arange(len(late_s)), side="right") - 1, 0)
    carried: FloatArray = late_s[known[before]]
    return carried


def _as_boarded(day: CountedDay, visit_point: IntArray, facts: VisitFacts) -> VisitFacts:
    """Let as many board as were counted, who came evenly since the vehicle before."""
    rows = np.flatnonzero(np.isfinite(day.boardings) & np.isfinite(facts.arrival_s[day.visit]))
    if not len(rows):
        return facts
    visit, persons = day.visit[rows], np.rint(day.boardings[rows]).astype(np.int64)
    counted: BoolArray = np.zeros(len(facts.arrival_s), dtype=np.bool_)
    counted[visit] = True
    kept = ~counted[facts.boarding_visit]
    boarding = np.repeat(visit, persons)
    place = np.arange(len(boarding)) - np.repeat(np.cumsum(persons) - persons, persons)
    since_s = _vehicle_before_s(visit_point, facts.arrival_s)[boarding]
    share = (place + 0.5) / np.repeat(persons, persons)
    joined_s = since_s + share * (facts.arrival_s[boarding] - since_s)
    boarding = np.concatenate([facts.boarding_visit[kept], boarding])
    joined_s = np.concatenate([facts.joined_s[kept], joined_s])
    last_joined_s = np.full(len(facts.arrival_s), -np.inf)
    np.maximum.at(last_joined_s, boarding, joined_s)
    return replace(facts, boarding_visit=boarding, joined_s=joined_s, last_joined_s=last_joined_s)


def _vehicle_before_s(visit_point: IntArray, arrival_s: FloatArray) -> FloatArray:
    """Return when the vehicle before came that people at the same place wait for, shape (visits,).

    The first one of a day follows as the second one follows it; a single one has an hour to itself.
    """
    order = np.lexsort((arrival_s, visit_point))
    point, comes_s = visit_point[order], arrival_s[order]
    gap_s = np.full(len(order), 3600.0)
    same = point[1:] == point[:-1]
    gaps_s = np.diff(comes_s)
    gap_s[:-1][same] = gaps_s[same]  # of the first one, until the next
    gap_s[1:][same] = gaps_s[same]
    before_s = np.empty(len(order))
    before_s[order] = comes_s - np.where(np.isfinite(gap_s), gap_s, 3600.0)
    return before_s
