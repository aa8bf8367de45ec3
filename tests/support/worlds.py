"""Small worlds to work out by hand: scenarios made in memory, and days given to the engine commuter by commuter.

>>> line = bus_line("L", "ABC", [60, 120], departures=[600])
>>> day = run_day(world([line]), [Rider(500, "A", "C")])
>>> day.rider(0).alight_s
[780.0]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import compile_scenario
from sim.engine import DayVariates, Departures, draw_variates, simulate
from sim.loading.scenario import build_scenario
from sim.model.journeys import JourneyOptions
from sim.model.outcome import Cause, Outcome
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.population.route_choice import chosen_journeys
from sim.randomness import Streams
from sim.records.day import DayRecords

INSTANT_BUS = {"seats": 10, "capacity": 20, "dwell_rule": "constant", "dead_time": 0}
"""A vehicle type that stands for no time at all."""


def bus_line(
    name: str,
    stops: Sequence[str],
    running_times_s: Sequence[float],
    departures: Sequence[float] | None = None,
    vehicle: str = "bus",
    **more: Any,
) -> dict[str, Any]:
    """Return a line as a scenario file would have it; a text of stops is one letter each."""
    timing = {} if departures is None else {"departures": list(departures)}
    return {
        "id": name,
        "stops": list(stops),
        "running_times": list(running_times_s),
        "vehicle": vehicle,
        **timing,
        **more,
    }


def flow(
    origin: str,
    destination: str,
    start_s: float,
    end_s: float,
    commuters: float,
    placement: str = "random",
    **more: Any,
) -> dict[str, Any]:
    """Return a flow of one stretch of time as a scenario file would have it."""
    piece = {"start": start_s, "end": end_s, "commuters": commuters}
    return {"origin": origin, "destination": destination, "pieces": [piece], "placement": placement, **more}


def world(
    lines: Sequence[Mapping[str, Any]],
    flows: Sequence[Mapping[str, Any]] = (),
    vehicles: Mapping[str, Mapping[str, Any]] | None = None,
    **sections: Any,
) -> Scenario:
    """Build a scenario of lines and flows; other sections and root keys as in a scenario file."""
    # People who have settled first are a matter of tests/functional/test_two_baselines.py.
    sections = {"replications": 1, "days": 2, "baselines": ["habit"], **sections}
    service = {**sections.pop("service", {}), "vehicles": dict(vehicles or {"bus": INSTANT_BUS})}
    parameters = ScenarioParameters.model_validate(
        {
            "name": "by_hand",
            "network": {"lines": list(lines)},
            "demand": {"flows": list(flows)},
            "service": service,
            **sections,
        }
    )
    return build_scenario(parameters, Path())


def with_blocks(scenario: Scenario, blocks: Mapping[str, Sequence[str]]) -> Scenario:
    """Return the scenario with trips put into blocks, by name; the rows of blocks follow their first trip."""
    service = scenario.service
    block_of = {trip: block for block, trips in blocks.items() for trip in trips}
    names = [block_of.get(trip, trip) for trip in service.trip_id]
    row = {name: number for number, name in enumerate(dict.fromkeys(names))}
    trip_block = np.array([row[name] for name in names], dtype=np.int64)
    return replace(scenario, service=replace(service, trip_block=trip_block, block_id=tuple(row)))


@dataclass(frozen=True)
class Rider:
    """A commuter's departure and stops; with the number of transfers where there is a choice."""

    departure_s: float
    origin: str
    destination: str
    transfers: int | None = None


@dataclass(frozen=True)
class Ridden:
    """What became of one rider; lists have an entry per leg."""

    outcome: str
    cause: str
    arrival_s: float
    wait_s: float
    in_vehicle_s: float
    walk_s: float
    transfers: int
    denied: int
    trips: list[str | None]
    wait_from_s: list[float]
    board_s: list[float]
    alight_s: list[float]


@dataclass(frozen=True)
class Call:
    """A vehicle at a stop."""

    stop: str
    arrival_s: float
    departure_s: float
    boardings: int
    alightings: int
    denied: int
    load: int


@dataclass
class Day:
    """A simulated day, to be asked by name."""

    compiled: CompiledScenario
    records: DayRecords
    draws: DayVariates
    riders: list[Ridden] = field(init=False)

    def __post_init__(self) -> None:
        self.riders = [self._ridden(row) for row in range(len(self.records.departure_s))]

    def rider(self, number: int) -> Ridden:
        """Return what became of a rider."""
        return self.riders[number]

    def calls(self, trip: str) -> list[Call]:
        """Return the stops of a trip in order."""
        service, records = self.compiled.scenario.service, self.records
        row = service.trip_id.index(trip)
        return [
            Call(
                stop=self.compiled.scenario.network.stop_id[int(service.visit_stop[visit])],
                arrival_s=float(records.visit_arrival_s[visit]),
                departure_s=float(records.visit_departure_s[visit]),
                boardings=int(records.visit_boardings[visit]),
                alightings=int(records.visit_alightings[visit]),
                denied=int(records.visit_denied[visit]),
                load=int(records.visit_load[visit]),
            )
            for visit in range(int(service.visit_ptr[row]), int(service.visit_ptr[row + 1]))
        ]

    def times(self, trip: str) -> list[tuple[float, float]]:
        """Return arrival and departure of a trip at each of its stops."""
        return [(call.arrival_s, call.departure_s) for call in self.calls(trip)]

    def _ridden(self, row: int) -> Ridden:
        service, records = self.compiled.scenario.service, self.records
        rides = np.flatnonzero(records.ride_commuter == row)
        visits = records.ride_board_visit[rides].tolist()
        return Ridden(
            outcome=Outcome(int(records.outcome[row])).table_name,
            cause=Cause(int(records.cause[row])).table_name,
            arrival_s=float(records.arrival_s[row]),
            wait_s=float(records.wait_s[row]),
            in_vehicle_s=float(records.in_vehicle_s[row]),
            walk_s=float(records.walk_s[row]),
            transfers=int(records.transfers[row]),
            denied=int(records.denied_boardings[row]),
            trips=[service.trip_id[int(service.visit_trip[visit])] if visit >= 0 else None for visit in visits],
            wait_from_s=records.ride_wait_from_s[rides].tolist(),
            board_s=records.ride_board_s[rides].tolist(),
            alight_s=records.ride_alight_s[rides].tolist(),
        )


def for_riders(scenario: Scenario, riders: Sequence[Rider]) -> CompiledScenario:
    """Compile the scenario with a demand that has just the riders' pairs of stops."""
    pairs = sorted({(rider.origin, rider.destination) for rider in riders})
    start_s = scenario.parameters.horizon.start_s
    flows = [flow(origin, destination, start_s, start_s, 1.0) for origin, destination in pairs]
    raw = scenario.parameters.model_dump()
    raw["demand"]["flows"] = flows
    demand = build_scenario(ScenarioParameters.model_validate(raw), Path()).demand
    return compile_scenario(replace(scenario, demand=demand))


def option_of(compiled: CompiledScenario, rider: Rider) -> int:
    """Return the row of a rider's journey option: the cheapest, or the one with the rider's number of transfers."""
    index, options = compiled.scenario.network.stop_index, compiled.options
    pair = (index[rider.origin], index[rider.destination])
    (row,) = np.flatnonzero((options.pairs == pair).all(axis=1))
    rows = range(int(options.option_ptr[row]), int(options.option_ptr[row + 1]))
    if not rows:
        return -1
    if rider.transfers is None:
        return min(rows, key=lambda option: options.cost_min[option])
    return next(option for option in rows if _legs(options, option) == rider.transfers + 1)


def _legs(options: JourneyOptions, option: int) -> int:
    return int(options.leg_ptr[option + 1] - options.leg_ptr[option])


def departures_of(compiled: CompiledScenario, riders: Sequence[Rider]) -> Departures:
    """Return what the engine is told of the riders, numbered in order."""
    option = np.array([option_of(compiled, rider) for rider in riders], dtype=np.int64)
    leave_s = np.array([rider.departure_s for rider in riders], dtype=np.float64)
    return Departures(leave_s, chosen_journeys(compiled.options, option))


def run_day(
    scenario: Scenario,
    riders: Sequence[Rider],
    draws: DayVariates | None = None,
    day: int = 0,
) -> Day:
    """Simulate a day with just these riders, numbered in order."""
    compiled = for_riders(scenario, riders)
    chance = draws or draw_variates(compiled.engine_input, Streams(scenario.parameters.seed, 0), day)
    return Day(compiled, simulate(compiled.engine_input, departures_of(compiled, riders), chance), chance)


def slowed(scenario: Scenario, factors: Mapping[tuple[str, int], float]) -> DayVariates:
    """Return the draws of a day with factors on running times, by trip and hop counted from 0."""
    compiled = compile_scenario(scenario)
    service = compiled.scenario.service
    drawn = draw_variates(compiled.engine_input, Streams(scenario.parameters.seed, 0), 0)
    running_factor = drawn.running_factor.copy()
    for (trip, hop), factor in factors.items():
        running_factor[int(service.visit_ptr[service.trip_id.index(trip)]) + hop] = factor
    return replace(drawn, running_factor=running_factor)
