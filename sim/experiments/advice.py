"""Departure windows for one journey, from the tables of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.arrays import FloatArray, IntArray
from sim.errors import UnknownNameError
from sim.experiments.window_options import WindowOption, occupancy_word
from sim.metrics.grouping import split_by_run
from sim.model.demand import Demand, Placement
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.population.observation import Observation, VisitFacts, observe_visits
from sim.population.route_choice import pair_rows
from sim.population.traced_journeys import traced_arrivals
from sim.population.window_forecast import WindowForecast, schedule_cost_min
from sim.population.windows import SAME_VEHICLE_S
from sim.records.table import Table
from sim.units import format_clock_short, parse_duration


@dataclass(frozen=True)
class Flexibility:
    """How far somebody can move.

    Attributes
    ----------
    earlier_s, later_s : float
        How much earlier and later than the scheduled journey before the preferred arrival one could leave.
    """

    earlier_s: float
    later_s: float


def flexibility_of(scenario: Scenario, earlier: str | float | None, later: str | float | None) -> Flexibility:
    """Return the flexibility given, as durations, or that of the scenario's population.

    Raises
    ------
    ValueError
        When a duration cannot be read, or is negative.
    """
    wishes = scenario.parameters.population
    pairs = ((earlier, wishes.earlier_flexibility_s), (later, wishes.later_flexibility_s))
    given = [usual_s if value is None else parse_duration(value) for value, usual_s in pairs]
    if min(given) < 0:
        raise ValueError("flexibility cannot be negative")
    return Flexibility(*given)


def advise_from_tables(
    scenario: Scenario,
    tables: Mapping[str, Table],
    origin: str,
    destination: str,
    arrive_by_s: float,
    flexibility: Flexibility | None = None,
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
    flexibility : Flexibility or None
        That of the scenario's population where None.

    Raises
    ------
    UnknownNameError
        When a stop does not exist, or no journey leads from one to the other around that time.
    """
    ends = _stop_row(scenario, origin), _stop_row(scenario, destination)
    if ends[0] == ends[1]:
        raise UnknownNameError(f"the journey begins and ends at the same stop, {origin}")
    compiled = _compile_for(scenario, *ends, (arrive_by_s - ASKED_S, arrive_by_s))
    if not len(compiled.options.cost_min):
        _refuse_all(scenario, tables, (origin, destination))
    own = flexibility or flexibility_of(scenario, None, None)
    days = _days(compiled, tables)
    observations = [observe_visits(compiled.points, facts) for facts in days]
    windows, cases = _useful_windows(compiled, observations, _windows(compiled, arrive_by_s, own))
    if not len(windows):
        _refuse(compiled, observations, (origin, destination))
    lived = [_lived(compiled, *day, cases[0].option, windows) for day in zip(observations, days, strict=True)]
    return _sorted_options(compiled, cases, windows, np.array(lived), arrive_by_s)


def _refuse_all(scenario: Scenario, tables: Mapping[str, Table], ends: tuple[str, str]) -> NoReturn:
    """Say when journeys lead from one stop to the other where none does around the time wished, or why none does."""
    rows = [_stop_row(scenario, stop) for stop in ends]
    whole_day = _compile_for(scenario, rows[0], rows[1], _service_hours(scenario))
    if len(whole_day.options.cost_min):
        _refuse(whole_day, [observe_visits(whole_day.points, facts) for facts in _days(whole_day, tables)], ends)
    raise UnknownNameError(_no_way(scenario, ends, rows))


def _no_way(scenario: Scenario, ends: tuple[str, str], rows: list[int]) -> str:
    """Say why no journey leads from one stop to another on the whole day."""
    unserved = [stop for stop, row in zip(ends, rows, strict=True) if row not in scenario.service.visit_stop]
    text = f"no journey leads from {ends[0]} to {ends[1]} with the transfers allowed"
    if unserved:
        return f"{text}: no line serves {' and '.join(unserved)}"
    back = _compile_for(scenario, rows[1], rows[0], _service_hours(scenario))
    return f"{text}; one leads from {ends[1]} to {ends[0]}" if len(back.options.cost_min) else text


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


def _service_hours(scenario: Scenario) -> tuple[float, float]:
    """Return when the first vehicle leaves and the last one arrives, seconds after midnight."""
    service = scenario.service
    return (
        float(service.scheduled_departure_s.min(initial=np.inf)),
        float(service.scheduled_arrival_s.max(initial=0.0)),
    )


def _compile_for(scenario: Scenario, origin: int, destination: int, leaves_s: tuple[float, float]) -> CompiledScenario:
    """Compile the scenario with the one pair of stops as its demand, from the first to the last time of leaving."""
    start_s = max(min(leaves_s), 0.0)
    one = Demand(
        origin=np.array([origin]),
        destination=np.array([destination]),
        start_s=np.array([start_s]),
        end_s=np.array([max(leaves_s[1], start_s + 1.0)]),
        commuters=np.ones(1),
        placement=np.array([int(Placement.RANDOM)]),
        series=np.zeros(1, dtype=np.int64),
        preferred_arrival_s=np.full(1, np.nan),
    )
    return compile_scenario(replace(scenario, demand=one))


def _days(compiled: CompiledScenario, tables: Mapping[str, Table]) -> list[VisitFacts]:
    """Rebuild what was seen of vehicles, for each strategy, replication and day."""
    legs_of = split_by_run(tables["legs"])
    days = []
    for run, visits in split_by_run(tables["stop_visits"]).items():
        for day in np.unique(visits["day"]).tolist():
            legs = legs_of.get(run)
            today = legs.where(legs["day"] == day) if legs is not None else tables["legs"].where(np.zeros(0, np.int64))
            days.append(_visit_facts(compiled, visits.where(visits["day"] == day), today))
    return days


def _visit_facts(compiled: CompiledScenario, visits: Table, legs: Table) -> VisitFacts:
    service = compiled.scenario.service
    trip_row = {trip: row for row, trip in enumerate(service.trip_id)}
    trips = np.array([trip_row[name] for name in visits.categories["trip_id"]], dtype=np.int64)[visits["trip_id"]]
    visit = service.visit_ptr[trips] + visits["stop_sequence"]
    departure_s = np.full(len(service.visit_stop), np.nan)
    departure_s[visit] = visits["departure_s"]
    boarding = _boarding_visits(compiled, legs, trip_row, departure_s)
    facts = VisitFacts.empty(service.visit_ptr, boarding, legs["wait_from_s"])
    facts.arrival_s[visit] = visits["arrival_s"]
    # Tables have one visit where a vehicle goes on as another trip.
    seam = visit[np.isin(visit, service.through_visits)]
    facts.arrival_s[seam - 1] = facts.arrival_s[seam]
    facts.departure_s[:] = departure_s
    facts.load[visit] = visits["departing_load"]
    facts.denied[visit] = visits["denied_boardings"]
    facts.capacity[:] = service.trip_capacity[service.visit_trip]
    return facts


def _boarding_visits(
    compiled: CompiledScenario, legs: Table, trip_row: dict[str, int], departure_s: FloatArray
) -> IntArray:
    """Find the visit at which each leg boarded: the first one of its trip at its stop that departs after it."""
    service = compiled.scenario.service
    stop_row = compiled.scenario.network.stop_index
    trips = np.array([trip_row[name] for name in legs.categories["trip_id"]] or [0], dtype=np.int64)[legs["trip_id"]]
    stops = np.array([stop_row[name] for name in legs.categories["board_stop_id"]] or [0], dtype=np.int64)[
        legs["board_stop_id"]
    ]
    width = len(stop_row)
    code = service.visit_run * width + service.visit_stop
    order = np.argsort(code, kind="stable")
    wanted = trips * width + stops
    found = np.searchsorted(code[order], wanted)
    end = np.searchsorted(code[order], wanted, side="right")
    while (early := (found + 1 < end) & ~(departure_s[order[found]] >= legs["board_s"])).any():
        found = found + early
    return order[found] if len(legs) else np.zeros(0, dtype=np.int64)


def _windows(compiled: CompiledScenario, arrive_by_s: float, flexibility: Flexibility) -> IntArray:
    """List the windows from which one may arrive within the flexibility around the preferred time."""
    width = compiled.scenario.parameters.advisor.window_s
    option = int(compiled.options.cost_min.argmin())
    aim_s = arrive_by_s - _scheduled_s(compiled, option)
    first = int(np.floor((aim_s - flexibility.earlier_s) / width))
    last = int(np.floor((aim_s + flexibility.later_s) / width))
    return np.arange(max(first, 0), max(last, 0) + 1)


def _scheduled_s(compiled: CompiledScenario, option: int) -> float:
    """Return walks and scheduled rides of an option in seconds."""
    options = compiled.options
    rows = slice(int(options.leg_ptr[option]), int(options.leg_ptr[option + 1]))
    ride_s = options.legs.ride_s[options.leg[rows]].sum() + options.walk_before_s[rows].sum()
    return float(ride_s + options.egress_walk_s[option])


def _useful_windows(
    compiled: CompiledScenario, observations: list[Observation], windows: IntArray
) -> tuple[IntArray, list[WindowForecast]]:
    """Leave out windows after the last vehicle, and those that only wait for the vehicle of the next window."""
    options, width = compiled.options, compiled.scenario.parameters.advisor.window_s
    origin, destination = (np.full(len(windows), int(stop)) for stop in options.pairs[0])
    pair = pair_rows(options, origin, destination, np.asarray((windows + 0.5) * width, dtype=np.float64))
    option = np.array([_cheapest(options, row) for row in pair.tolist()], dtype=np.int64)
    known = np.flatnonzero(option >= 0)
    option, windows = option[known], windows[known]
    forecaster = compiled.forecaster
    wanted = forecaster.cases(option, windows)
    cases = [forecaster.forecast(seen, wanted) for seen in observations]
    lost = np.array([case.lost_share for case in cases]).mean(axis=0)
    arrives_s = np.array([case.place_arrival_s for case in cases])
    useful = lost < 1.0
    same = np.abs(arrives_s[:, :-1, 0] - arrives_s[:, 1:, -1]).max(axis=0, initial=0.0) < SAME_VEHICLE_S
    useful[:-1] &= ~(same & useful[1:])
    kept = np.flatnonzero(useful)
    useful_cases = forecaster.cases(option[kept], windows[kept])
    return windows[kept], [forecaster.forecast(seen, useful_cases) for seen in observations]


def _lived(
    compiled: CompiledScenario, seen: Observation, facts: VisitFacts, option: IntArray, windows: IntArray
) -> FloatArray:
    """Return when riders would have arrived who had left at the places of windows on a day, shape (windows, places)."""
    forecaster = compiled.forecaster
    leave_s = ((windows + 0.5) * forecaster.window_s)[:, None] + forecaster.places_s
    every = np.repeat(option, leave_s.shape[1])
    ((_, boardings),) = seen.days
    arrival_s = traced_arrivals(
        compiled.options, forecaster.waiting, boardings, facts.arrival_s, every, leave_s.ravel()
    )
    return arrival_s.reshape(leave_s.shape)


def _cheapest(options: JourneyOptions, pair: int) -> int:
    """Return the option of least expected cost of a pair of stops and period; -1 where it has none."""
    first, end = int(options.option_ptr[pair]), int(options.option_ptr[pair + 1])
    return first + int(options.cost_min[first:end].argmin()) if end > first else -1


def _refuse(compiled: CompiledScenario, observations: list[Observation], ends: tuple[str, str]) -> NoReturn:
    """Say between which windows vehicles lead from one stop to the other at all."""
    parameters = compiled.scenario.parameters
    width = parameters.advisor.window_s
    every = np.arange(int(compiled.points.periods * compiled.points.period_s / width))
    windows, _ = _useful_windows(compiled, observations, every)
    way = f"no vehicle leads from {ends[0]} to {ends[1]}"
    if not len(windows):
        raise UnknownNameError(f"{way} on the days observed")
    first, last = (format_clock_short(float(windows[place]) * width) for place in (0, -1))
    raise UnknownNameError(f"{way} around the time wished; departure windows begin from {first} to {last}")


def _sorted_options(
    compiled: CompiledScenario, cases: list[WindowForecast], windows: IntArray, lived_s: FloatArray, arrive_by_s: float
) -> list[WindowOption]:
    """Return what each window offers, best first; `lived_s` has shape (days, windows, places)."""
    preferences = compiled.scenario.parameters.preferences
    width = compiled.scenario.parameters.advisor.window_s

    on_foot = ["" if rides else " All the way on foot." for rides in compiled.options.has_legs()[cases[0].option]]

    def column(name: str) -> FloatArray:
        return np.array([getattr(case, name) for case in cases])

    arrival, anywhere = column("arrival_s"), column("place_arrival_s")
    schedule_min = schedule_cost_min(preferences, anywhere, np.full_like(anywhere, arrive_by_s)).mean(axis=2)
    mean_cost = (column("travel_cost_min") + schedule_min).mean(axis=0)
    leave_s = ((windows + 0.5) * width)[:, None] + compiled.forecaster.places_s
    took_min = (lived_s - leave_s) / 60.0
    arrives = np.isfinite(took_min).any(axis=(0, 2))
    took_min[:, ~arrives] = ((anywhere - leave_s) / 60.0)[:, ~arrives]
    means = {name: column(name).mean(axis=0) for name in ("wait_s", "load_factor", "denied_share", "lost_share")}
    on_time = (lived_s <= arrive_by_s).mean(axis=(0, 2))
    order = np.argsort(mean_cost, kind="stable").tolist()
    return [
        WindowOption(
            window_start_s=float(windows[row] * width),
            window_end_s=float((windows[row] + 1) * width),
            door_to_door_min=float(np.nanmean(took_min[:, row])),
            door_to_door_sd_min=float(np.nanstd(took_min[:, row])),
            wait_min=float(means["wait_s"][row] / 60.0),
            load_factor=float(means["load_factor"][row]),
            occupancy=occupancy_word(float(means["load_factor"][row])),
            denied_share=float(means["denied_share"][row]),
            lost_share=float(means["lost_share"][row]),
            on_time_share=float(on_time[row]),
            generalized_cost_min=float(mean_cost[row]),
            reason=_reason(row, order, mean_cost, means, arrival.mean(axis=0), arrive_by_s) + on_foot[row],
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
