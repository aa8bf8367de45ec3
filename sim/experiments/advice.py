"""Departure windows for one journey, from the tables of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.errors import UnknownNameError
from sim.metrics.blocks import split_by_run
from sim.model.demand import Demand, Placement
from sim.model.scenario import Scenario
from sim.population.expectation import Expectation, schedule_cost_min
from sim.population.observation import Observation, VisitFacts, observe_visits
from sim.records.table import Table
from sim.units import FloatArray, IntArray, format_clock_short

OCCUPANCY = (
    (0.05, "EMPTY"),
    (0.30, "MANY_SEATS_AVAILABLE"),
    (0.50, "FEW_SEATS_AVAILABLE"),
    (0.80, "STANDING_ROOM_ONLY"),
    (0.98, "CRUSHED_STANDING_ROOM_ONLY"),
    (np.inf, "FULL"),
)
"""GTFS-Realtime OccupancyStatus by load factor; the standard gives words, the limits are assumed."""


@dataclass(frozen=True)
class WindowOption:
    """One departure window for a commuter, with what may be expected of it.

    Attributes
    ----------
    window_start_s, window_end_s : float
        The window, seconds after midnight; the end is not part of it.
    door_to_door_min, door_to_door_sd_min : float
        Expected journey time from the middle of the window and its spread over the days and
        replications observed.
    wait_min : float
    load_factor : float
        Highest expected load factor on the way.
    occupancy : str
        The same as a GTFS-Realtime word.
    denied_share : float
        Chance of being left behind at least once.
    on_time_share : float
        Share of observed days on which one arrives no later than preferred.
    generalized_cost_min : float
        Equivalent minutes of uncrowded time on board, schedule delay included.
    reason : str
        One sentence.
    """

    window_start_s: float
    window_end_s: float
    door_to_door_min: float
    door_to_door_sd_min: float
    wait_min: float
    load_factor: float
    occupancy: str
    denied_share: float
    on_time_share: float
    generalized_cost_min: float
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Return the option as plain values, for JSON."""
        return asdict(self)


def occupancy_word(load_factor: float) -> str:
    """Return the GTFS-Realtime occupancy word for a load factor."""
    return next(word for limit, word in OCCUPANCY if load_factor < limit)


def advise_from_tables(
    scenario: Scenario, tables: Mapping[str, Table], origin: str, destination: str, arrive_by_s: float
) -> list[WindowOption]:
    """Cost every window that fits a preferred arrival, best first.

    Parameters
    ----------
    scenario : Scenario
        The one that made the tables.
    tables : mapping of str to Table
        `stop_visits` and `legs`; each kept day of each replication is one observed day.
    origin, destination : str
        Stop ids.
    arrive_by_s : float
        Preferred arrival, seconds after midnight.

    Raises
    ------
    UnknownNameError
        When a stop does not exist, or no journey leads from one to the other.
    """
    compiled = _compile_for(scenario, _stop_row(scenario, origin), _stop_row(scenario, destination), arrive_by_s)
    if not len(compiled.options.cost_min):
        raise UnknownNameError(f"no journey leads from {origin} to {destination} with the transfers allowed")
    observations = _observed(compiled, tables)
    option = int(compiled.options.cost_min.argmin())
    windows = _windows(compiled, option, arrive_by_s)
    cases = [compiled.expecter.expect(seen, np.full(len(windows), option), windows) for seen in observations]
    return _sorted_options(compiled, cases, windows, arrive_by_s)


def _stop_row(scenario: Scenario, stop: str) -> int:
    rows = scenario.network.stop_index
    if stop not in rows:
        known = ", ".join(list(rows)[:8])
        raise UnknownNameError(
            f"{stop!r} is not a stop of {scenario.network.name}; there are {len(rows)}: {known}, ..."
        )
    return rows[stop]


ASKED_S = 2 * 3600.0
"""How long before the time of arrival somebody may leave, where options differ by departure (assumed)."""


def _compile_for(scenario: Scenario, origin: int, destination: int, arrive_by_s: float) -> CompiledScenario:
    """Compile the scenario with the one pair of stops as its demand."""
    one = Demand(
        origin=np.array([origin]),
        destination=np.array([destination]),
        start_s=np.array([max(arrive_by_s - ASKED_S, 0.0)]),
        end_s=np.array([max(arrive_by_s, 1.0)]),
        commuters=np.ones(1),
        placement=np.array([int(Placement.RANDOM)]),
        series=np.zeros(1, dtype=np.int64),
        preferred_arrival_s=np.full(1, np.nan),
    )
    return compile_scenario(replace(scenario, demand=one))


def _observed(compiled: CompiledScenario, tables: Mapping[str, Table]) -> list[Observation]:
    """Rebuild what was observed, one observation per strategy, replication and day."""
    legs_of = split_by_run(tables["legs"])
    observations = []
    for run, visits in split_by_run(tables["stop_visits"]).items():
        for day in np.unique(visits["day"]).tolist():
            legs = legs_of.get(run)
            today = legs.where(legs["day"] == day) if legs is not None else tables["legs"].where(np.zeros(0, np.int64))
            facts = _visit_facts(compiled, visits.where(visits["day"] == day), today)
            observations.append(observe_visits(compiled.points, facts))
    return observations


def _visit_facts(compiled: CompiledScenario, visits: Table, legs: Table) -> VisitFacts:
    service = compiled.plan.service
    trip_row = {trip: row for row, trip in enumerate(service.trip_id)}
    trips = np.array([trip_row[name] for name in visits.categories["trip_id"]], dtype=np.int64)[visits["trip_id"]]
    visit = service.visit_ptr[trips] + visits["stop_sequence"]
    facts = VisitFacts.empty(service.visit_ptr, _boarding_visits(compiled, legs, trip_row), legs["wait_from_s"])
    facts.arrival_s[visit] = visits["arrival_s"]
    facts.departure_s[visit] = visits["departure_s"]
    facts.load[visit] = visits["departing_load"]
    facts.denied[visit] = visits["denied_boardings"]
    facts.capacity[:] = service.trip_capacity[service.visit_trip]
    return facts


def _boarding_visits(compiled: CompiledScenario, legs: Table, trip_row: dict[str, int]) -> IntArray:
    """Find the visit at which each leg boarded: that of its trip at its stop."""
    service = compiled.plan.service
    stop_row = compiled.scenario.network.stop_index
    trips = np.array([trip_row[name] for name in legs.categories["trip_id"]] or [0], dtype=np.int64)[legs["trip_id"]]
    stops = np.array([stop_row[name] for name in legs.categories["board_stop_id"]] or [0], dtype=np.int64)[
        legs["board_stop_id"]
    ]
    width = len(stop_row)
    code = service.visit_trip * width + service.visit_stop
    order = np.argsort(code, kind="stable")
    found = np.searchsorted(code[order], trips * width + stops)
    return order[found] if len(legs) else np.zeros(0, dtype=np.int64)


def _windows(compiled: CompiledScenario, option: int, arrive_by_s: float) -> IntArray:
    """List the windows from which one may arrive within the flexibility around the preferred time."""
    parameters = compiled.scenario.parameters
    options, width = compiled.options, parameters.advisor.window_s
    ride_s = float(options.legs.ride_s[options.leg[options.leg_ptr[option] : options.leg_ptr[option + 1]]].sum())
    aim_s = arrive_by_s - ride_s
    first = int(np.floor((aim_s - parameters.population.earlier_flexibility_s) / width))
    last = int(np.floor((aim_s + parameters.population.later_flexibility_s) / width))
    return np.arange(max(first, 0), max(last, 0) + 1)


def _sorted_options(
    compiled: CompiledScenario, cases: list[Expectation], windows: IntArray, arrive_by_s: float
) -> list[WindowOption]:
    preferences = compiled.scenario.parameters.preferences
    width = compiled.scenario.parameters.advisor.window_s
    middle = (windows + 0.5) * width

    def column(name: str) -> FloatArray:
        return np.array([getattr(case, name) for case in cases])

    arrival = column("arrival_s")
    cost = column("travel_cost_min") + schedule_cost_min(preferences, arrival, np.full_like(arrival, arrive_by_s))
    journey_min = (arrival - middle) / 60.0
    means = {name: column(name).mean(axis=0) for name in ("wait_s", "load_factor", "denied_share")}
    on_time = (arrival <= arrive_by_s).mean(axis=0)
    mean_cost = cost.mean(axis=0)
    order = np.argsort(mean_cost, kind="stable").tolist()
    return [
        WindowOption(
            window_start_s=float(windows[row] * width),
            window_end_s=float((windows[row] + 1) * width),
            door_to_door_min=float(journey_min[:, row].mean()),
            door_to_door_sd_min=float(journey_min[:, row].std(ddof=1)) if len(cases) > 1 else 0.0,
            wait_min=float(means["wait_s"][row] / 60.0),
            load_factor=float(means["load_factor"][row]),
            occupancy=occupancy_word(float(means["load_factor"][row])),
            denied_share=float(means["denied_share"][row]),
            on_time_share=float(on_time[row]),
            generalized_cost_min=float(mean_cost[row]),
            reason=_reason(row, order, mean_cost, means, arrival.mean(axis=0), arrive_by_s),
        )
        for row in order
    ]


def _reason(
    row: int,
    order: list[int],
    cost: FloatArray,
    means: dict[str, FloatArray],
    arrival: FloatArray,
    arrive_by_s: float,
) -> str:
    """Say in one sentence what speaks for or against a window."""
    best = order[0]
    when = f"arrives about {format_clock_short(float(arrival[row]))}"
    gap_min = (arrive_by_s - float(arrival[row])) / 60.0
    timing = f"{gap_min:.0f} min before the time wished" if gap_min >= 0 else f"{-gap_min:.0f} min after it"
    if row == best:
        return f"Cheapest of all windows: {when}, {timing}."
    differences = {
        "more crowded": means["load_factor"][row] - means["load_factor"][best],
        "more often left behind": means["denied_share"][row] - means["denied_share"][best],
        "a longer wait": (means["wait_s"][row] - means["wait_s"][best]) / 600.0,
    }
    worst = max(differences, key=lambda name: float(differences[name]))
    drawback = f", {worst}" if differences[worst] > 0.02 else ""
    return f"{cost[row] - cost[best]:.1f} min dearer: {when}, {timing}{drawback}."
