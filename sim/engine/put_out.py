"""Where people may have to get out before their stop: what breaks down, is closed or missed, or does not go on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.arrays import BoolArray
from sim.model.detours import Hindrance, find_hindrances
from sim.model.parameters import BreakdownParameters
from sim.model.scenario import Scenario


def breakdown_of_trip(scenario: Scenario) -> dict[int, BreakdownParameters]:
    """Return the breakdown of each trip that has one, by row of the trip; no trip has two.

    Parameters
    ----------
    scenario : Scenario
    """
    rows = {trip: row for row, trip in enumerate(scenario.service.trip_id)}
    return {rows[item.trip]: item for item in scenario.parameters.disruptions.breakdowns if item.trip in rows}


def trips_ended_broken(scenario: Scenario) -> BoolArray:
    """Tell which trips end where their vehicle breaks down, shape (trips,).

    Parameters
    ----------
    scenario : Scenario
    """
    ends = np.zeros(len(scenario.service.trip_id), dtype=np.bool_)
    for trip, item in breakdown_of_trip(scenario).items():
        ends[trip] = item.then == "end"
    return ends


def put_out_places(scenario: Scenario, cancelled: BoolArray, hindrances: Sequence[Hindrance]) -> set[tuple[int, int]]:
    """Return the patterns and positions at which people may have to get out against their will.

    Parameters
    ----------
    scenario : Scenario
    cancelled : ndarray of bool, shape (trips,)
        Trips that do not run.
    hindrances : sequence of Hindrance
        What closed and slow links do.
    """
    service, network = scenario.service, scenario.network
    found: set[tuple[int, int]] = set()
    for trip, item in breakdown_of_trip(scenario).items():
        number = int(service.trip_pattern[trip])
        stops = service.patterns[number].stops
        at = range(len(stops) - 1) if item.stop is None else [stops.index(network.stop_index[item.stop])]
        found |= {(number, place) for place in at}
    for trip in np.flatnonzero(service.runs.end_early(cancelled)).tolist():
        number = int(service.trip_pattern[trip])
        found.add((number, len(service.patterns[number].stops) - 1))
    closed = {network.stop_index[item.stop] for item in scenario.parameters.disruptions.closed_stops}
    for number, pattern in enumerate(service.patterns):
        passed = [at for at, stop in enumerate(pattern.stops[:-1]) if stop in closed]
        found |= {(number, at) for at in range(min(passed, default=len(pattern.stops)) + 1, len(pattern.stops))}
    for hindrance in hindrances:
        if hindrance.missed > 0:
            beyond = hindrance.place + hindrance.missed + 1
            found |= {(hindrance.pattern, at) for at in range(beyond, len(service.patterns[hindrance.pattern].stops))}
    return found


def patterns_cut_short(scenario: Scenario) -> set[int]:
    """Return the patterns of which some vehicle misses stops, or does not run to the end of what people may ride.

    Stops that are closed for a while are not looked at: vehicles run past them, and on.

    Parameters
    ----------
    scenario : Scenario
    """
    service, disruptions = scenario.service, scenario.parameters.disruptions
    short = trips_ended_broken(scenario) | service.runs.end_early(cancelled_trips(scenario))
    # People ride on board of a trip into the one that continues it.
    short[:-1] |= service.runs.continued[:-1] & short[1:]
    missing = [
        item.pattern for item in find_hindrances(scenario.network, service, disruptions.links) if item.missed > 0
    ]
    return {*service.trip_pattern[short].tolist(), *missing}


def cancelled_trips(scenario: Scenario) -> BoolArray:
    """Tell which trips do not run, shape (trips,).

    Parameters
    ----------
    scenario : Scenario
    """
    names = np.array(scenario.service.trip_id, dtype=np.str_)
    cancelled: BoolArray = np.isin(names, sorted(scenario.parameters.disruptions.cancelled_trips))
    return cancelled
