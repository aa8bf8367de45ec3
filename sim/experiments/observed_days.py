"""What was seen of vehicles on the days of a run, rebuilt from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import split_by_run
from sim.model.outcome import Disruption
from sim.model.scenario import Scenario
from sim.population.closed_visits import is_closed
from sim.population.counted_traffic import as_counted
from sim.population.observation import VisitFacts
from sim.population.service_points import service_points
from sim.records.table import Table


def observed_days(scenario: Scenario, tables: Mapping[str, Table]) -> list[VisitFacts]:
    """Rebuild what was seen of vehicles, for each strategy, replication and day.

    Parameters
    ----------
    scenario : Scenario
        The one that made the tables.
    tables : mapping of str to Table
        `stop_visits` and `legs`.
    """
    legs_of = split_by_run(tables["legs"])
    days = []
    for run, visits in split_by_run(tables["stop_visits"]).items():
        for day in np.unique(visits["day"]).tolist():
            legs = legs_of.get(run)
            today = legs.where(legs["day"] == day) if legs is not None else tables["legs"].where(np.zeros(0, np.int64))
            days.append(_visit_facts(scenario, visits.where(visits["day"] == day), today))
    return days


def days_as_counted(scenario: Scenario, days: Sequence[VisitFacts]) -> Sequence[VisitFacts]:
    """Return simulated days beside as many on which vehicles were as full as counted as their weight asks for.

    No two of them are alike: a counted day is laid on different simulated ones.

    Parameters
    ----------
    scenario : Scenario
        Without counts the days are returned as they are.
    days : sequence of VisitFacts
        At least one.
    """
    counted = scenario.counted
    if counted is None:
        return days
    share, most = counted.share, len(days) * len(counted.days)
    wished = max(len(days), len(counted.days)) if share >= 1.0 else round(len(days) * share / (1.0 - share))
    shown = min(max(wished, 1), most)
    plain = min(round(shown * (1.0 - share) / share), len(days))
    service, parameters = scenario.service, scenario.parameters
    points = service_points(service, scenario.network.stop_id, parameters.period_s)
    laid = [
        as_counted(
            counted.days[number * len(counted.days) // shown], service, points.visit_point, days[number % len(days)]
        )
        for number in range(shown)
    ]
    return [*days[:plain], *laid]


def _visit_facts(scenario: Scenario, visits: Table, legs: Table) -> VisitFacts:
    service = scenario.service
    trip_row = {trip: row for row, trip in enumerate(service.trip_id)}
    trips = np.array([trip_row[name] for name in visits.categories["trip_id"]], dtype=np.int64)[visits["trip_id"]]
    visit = service.visit_ptr[trips] + visits["stop_sequence"]
    departure_s = np.full(len(service.visit_stop), np.nan)
    departure_s[visit] = visits["departure_s"]
    boarding = boarding_visits(scenario, legs, departure_s)
    facts = VisitFacts.empty(service.visit_ptr, boarding, legs["wait_from_s"])
    facts.arrival_s[visit] = visits["arrival_s"]
    facts.arrival_s[service.runs.comes_as[visit]] = visits["arrival_s"]
    facts.departure_s[:] = departure_s
    facts.load[visit] = visits["departing_load"]
    facts.denied[visit] = visits["denied_boardings"]
    facts.capacity[:] = service.trip_capacity[service.visit_trip]
    code = {one.table_name: int(one) for one in Disruption}
    disruption = np.zeros(len(departure_s), dtype=np.int64)
    disruption[visit] = np.array([code[name] for name in visits.categories["disruption"]] or [0])[visits["disruption"]]
    return replace(facts, closed=is_closed(disruption, facts.arrival_s))


def boarding_visits(scenario: Scenario, legs: Table, departure_s: FloatArray) -> IntArray:
    """Find the visit at which each leg boarded: the first one of its trip at its stop that departs after it.

    Parameters
    ----------
    scenario : Scenario
    legs : Table
        Of one day.
    departure_s : ndarray of float, shape (visits,)
        When each vehicle left each of its stops on the day.
    """
    service = scenario.service
    stop_row = scenario.network.stop_index
    trip_row = {trip: row for row, trip in enumerate(service.trip_id)}
    trips = np.array([trip_row[name] for name in legs.categories["trip_id"]] or [0], dtype=np.int64)[legs["trip_id"]]
    stops = np.array([stop_row[name] for name in legs.categories["board_stop_id"]] or [0], dtype=np.int64)[
        legs["board_stop_id"]
    ]
    width = len(stop_row)
    code = service.runs.of_visit * width + service.visit_stop
    order = np.argsort(code, kind="stable")
    wanted = trips * width + stops
    found = np.searchsorted(code[order], wanted)
    end = np.searchsorted(code[order], wanted, side="right")
    while (early := (found + 1 < end) & ~(departure_s[order[found]] >= legs["board_s"])).any():
        found = found + early
    return order[found] if len(legs) else np.zeros(0, dtype=np.int64)
