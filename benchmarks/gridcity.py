"""Run the neutral workload "gridcity" in the engine and check its exact result.

usage: python benchmarks/gridcity.py FOLDER [--repeat N]

FOLDER holds city.json and commuters.csv of the workload: a grid of lines with constant link
times, dwell = door + 1.5 s per alighting + 2 s per boarding, capacity 80, first come first
served, and commuters whose journeys are given. Every faithful implementation gives the same
mean wait, mean travel time and number left behind, to the last bit of a millisecond.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine import DayVariates, Departures, compile_input, simulate
from sim.model.demand import Demand
from sim.model.journeys import AS_PLANNED, NO_FALLBACK, ChosenJourneys, LegTable
from sim.model.network import Network
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.model.service import Line, Service, StopPattern, VehicleType


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


def journeys_of(
    city: dict[str, Any], rows: list[dict[str, str]]
) -> tuple[LegTable, ChosenJourneys, np.ndarray[Any, Any]]:
    """Build legs, journeys and departures of the commuters."""
    number: dict[tuple[int, int, int], int] = {}
    leg, walk, sizes = [], [], []
    for row in rows:
        legs = [tuple(int(row[f"{part}{place}"]) for part in ("dir", "board", "alight")) for place in (1, 2)]
        used = [item for item in legs if item[0] >= 0]
        sizes.append(len(used))
        for place, item in enumerate(used):
            leg.append(number.setdefault(item, len(number)))  # type: ignore[arg-type]
            walk.append(city["transfer_s"] if place else 0.0)
    pattern, board, alight = np.array(list(number), dtype=np.int64).T
    stops = np.array([direction["stops"] for direction in city["dirs"]])
    legs_table = LegTable(
        board_stop=stops[pattern, board],
        alight_stop=stops[pattern, alight],
        set_ptr=np.arange(len(number) + 1),
        pattern=pattern,
        board_sequence=board,
        alight_sequence=alight,
        wait_s=np.zeros(len(number)),
        ride_s=np.zeros(len(number)),
        free_ride_s=np.zeros(len(number)),
        next_leg=np.full(len(number), AS_PLANNED),
        next_walk_s=np.zeros(len(number)),
        fallback_leg=np.full(len(number), NO_FALLBACK),
        fallback_walk_s=np.zeros(len(number)),
    )
    chosen = ChosenJourneys(
        option=np.zeros(len(rows), dtype=np.int64),
        leg_ptr=np.concatenate([[0], np.cumsum(sizes)]),
        leg=np.array(leg),
        walk_before_s=np.array(walk),
        egress_walk_s=np.zeros(len(rows)),
    )
    return legs_table, chosen, np.array([float(row["depart"]) for row in rows])


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


def main() -> None:
    """Run the workload and print its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    started = time.perf_counter()
    city = json.loads((options.folder / "city.json").read_text())
    with (options.folder / "commuters.csv").open() as file:
        rows = list(csv.DictReader(file))
    legs, journeys, departure_s = journeys_of(city, rows)
    engine_input = compile_input(scenario_of(city), legs)
    timetable = engine_input.timetable
    variates = DayVariates(timetable.scheduled_dispatch_s, np.ones(len(timetable.visit_trip)))
    read_s = time.perf_counter() - started
    for _ in range(options.repeat):
        started = time.perf_counter()
        day = simulate(engine_input, Departures(departure_s, journeys), variates)
        took_s = time.perf_counter() - started
        travel = day.arrival_s - day.departure_s
        print(
            f"read {read_s:.2f} s, simulate {took_s:.3f} s: wait {np.nanmean(day.wait_s):.6f} s, "
            f"travel {np.nanmean(travel):.6f} s, left behind {int(day.denied_boardings.sum())}, "
            f"arrived {int(np.isfinite(travel).sum())} of {len(travel)}"
        )


if __name__ == "__main__":
    main()
