"""Run the neutral workload "gridcity" in an engine and say what came out.

usage: python benchmarks/gridcity.py FOLDER [--engine auto|simpy|compiled] [--repeat N] [--json]

FOLDER holds a workload of benchmarks/gridcity_workload.py, whose text gives the rules. Every program that keeps them
finds the same mean wait, mean travel time and number left behind. `simulate_s` is the median over the repeats of the
processor time of one call of `sim.engine.simulate`, from departures to full records.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine import DayVariates, Departures, EngineInput, compile_input, simulate
from sim.model.demand import Demand
from sim.model.journeys import AS_PLANNED, ChosenJourneys, LegTable
from sim.model.network import Network
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.model.service import Line, Service, StopPattern, VehicleType
from sim.records.day import DayRecords


def service_of(city: dict[str, Any]) -> Service:
    """Build lines, trips and the vehicle type of the workload."""
    patterns, trips, pattern_of, times = [], [], [], []
    for direction in city["dirs"]:
        stops = tuple(direction["stops"])
        row = len(patterns)
        patterns.append(StopPattern(str(row), direction["line"], direction["way"], stops, ((),) * (len(stops) - 1)))
        for number, start in enumerate(direction["departures"]):
            trips.append(f"{row}-{number:03d}")
            pattern_of.append(row)
            times.append(start + city["link_s"] * np.arange(len(stops)))
    kind = VehicleType(
        "bus", 40, city["capacity"], 1, "sum", city["door_s"], city["board_s"], city["alight_s"], 1, 1, 0.0
    )
    lengths = [len(row) for row in times]
    scheduled = np.concatenate(times)
    return Service(
        lines=tuple(Line(str(line), str(line), "", "bus") for line in range(len(city["dirs"]) // 2)),
        patterns=tuple(patterns),
        vehicle_types=(kind,),
        trip_id=tuple(trips),
        trip_pattern=np.array(pattern_of),
        trip_vehicle_type=np.zeros(len(trips), dtype=np.int64),
        trip_block=np.arange(len(trips)),
        block_id=tuple(trips),
        visit_ptr=np.concatenate([[0], np.cumsum(lengths)]),
        scheduled_arrival_s=scheduled,
        scheduled_departure_s=scheduled,
    )


def journeys_of(city: dict[str, Any], rides: np.ndarray[Any, Any]) -> tuple[LegTable, ChosenJourneys]:
    """Build legs and journeys from direction, boarding and alighting of the first and the second ride; -1 for none."""
    used = rides.reshape(-1, 3)
    mine = used[:, 0] >= 0
    places = len(city["dirs"][0]["stops"])
    code = (used[mine, 0] * places + used[mine, 1]) * places + used[mine, 2]
    distinct, leg = np.unique(code, return_inverse=True)
    pattern, board, alight = distinct // places**2, distinct // places % places, distinct % places
    stops = np.array([direction["stops"] for direction in city["dirs"]])
    legs_table = LegTable(
        board_stop=stops[pattern, board],
        alight_stop=stops[pattern, alight],
        set_ptr=np.arange(len(distinct) + 1),
        pattern=pattern,
        board_sequence=board,
        alight_sequence=alight,
        wait_s=np.zeros(len(distinct)),
        ride_s=np.zeros(len(distinct)),
        free_ride_s=np.zeros(len(distinct)),
        next_leg=np.full(len(distinct), AS_PLANNED),
        next_walk_s=np.zeros(len(distinct)),
        from_s=np.full(len(distinct), -np.inf),
        until_s=np.full(len(distinct), np.inf),
        fallback_ptr=np.zeros(len(distinct) + 1, dtype=np.int64),
        fallback_from_s=np.zeros(0),
        fallback_leg=np.zeros(0, dtype=np.int64),
        fallback_walk_s=np.zeros(0),
    )
    chosen = ChosenJourneys(
        option=np.zeros(len(rides), dtype=np.int64),
        leg_ptr=np.concatenate([[0], np.cumsum(mine.reshape(-1, 2).sum(axis=1))]),
        leg=leg.reshape(-1).astype(np.int64),
        walk_before_s=np.where(np.arange(len(used)) % 2, city["transfer_s"], 0.0)[mine],
        egress_walk_s=np.zeros(len(rides)),
    )
    return legs_table, chosen


def scenario_of(city: dict[str, Any]) -> Scenario:
    """Build the scenario: the service on a network without demand of its own."""
    stops = city["n"] ** 2
    network = Network(
        "gridcity", tuple(map(str, range(stops))), tuple(map(str, range(stops))), np.zeros(stops), np.zeros(stops),
        False, True, (), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0),
    )  # fmt: skip
    parameters = ScenarioParameters.model_validate({"name": "gridcity", "network": {"folder": "gridcity"}})
    none, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
    demand = Demand(whole, whole, none, none, none, whole, whole, none)
    return Scenario(parameters, network, service_of(city), demand)


@dataclass(frozen=True)
class Prepared:
    """The workload as the engines take it."""

    city: dict[str, Any]
    engine_input: EngineInput
    departures: Departures
    variates: DayVariates


def prepared(folder: Path) -> Prepared:
    """Read the workload of a folder and compile it."""
    city = json.loads((folder / "city.json").read_text())
    commuters = np.loadtxt(folder / "commuters.csv", delimiter=",", skiprows=1, ndmin=2)
    legs, journeys = journeys_of(city, commuters[:, 2:].astype(np.int64))
    engine_input = compile_input(scenario_of(city), legs)
    timetable = engine_input.timetable
    variates = DayVariates(timetable.scheduled_dispatch_s, np.ones(len(timetable.visit_trip)))
    return Prepared(city, engine_input, Departures(commuters[:, 1].copy(), journeys), variates)


def mean_wait_s(city: dict[str, Any], day: DayRecords) -> float:
    """Return the mean time from joining a queue to being on board, boarding steps of those before included.

    The records say when a ride began to board: when the bus had come. The workload counts until each one is in: those
    who get out go first, then people step in one by one.
    """
    boarded = np.flatnonzero(day.ride_board_visit >= 0)
    order = boarded[np.lexsort((boarded, day.ride_wait_from_s[boarded], day.ride_board_visit[boarded]))]
    visit = day.ride_board_visit[order]
    place = np.arange(len(visit)) - np.searchsorted(visit, visit) + 1
    out_s = day.visit_arrival_s[visit] + city["alight_s"] * day.visit_alightings[visit]
    return float(np.mean(out_s + city["board_s"] * place - day.ride_wait_from_s[order]))


def main() -> None:
    """Run the workload and print its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", choices=["auto", "simpy", "compiled"], default="auto")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    work = prepared(options.folder)
    took_s = []
    for _ in range(options.repeat):
        started = time.process_time()
        day = simulate(work.engine_input, work.departures, work.variates, engine=options.engine)
        took_s.append(time.process_time() - started)
    travel_s = day.arrival_s - day.departure_s
    found = {
        "simulate_s": statistics.median(took_s),
        "wait_s": round(mean_wait_s(work.city, day), 6),
        "travel_s": round(float(np.nanmean(travel_s)), 6),
        "left_behind": int(day.denied_boardings.sum()),
        "arrived": int(np.isfinite(travel_s).sum()),
    }
    print(json.dumps(found) if options.as_json else "\n".join(f"{name:12} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
