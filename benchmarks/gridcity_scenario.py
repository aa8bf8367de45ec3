"""Write the workload "gridcity" as a network folder and a scenario, as a user would have it.

usage: python benchmarks/gridcity_scenario.py SIZE FOLDER [--seed N]      SIZE is XS, S, M or L

FOLDER gets gridcity/ (GTFS, demand by pair of stops and minute, vehicles) and scenario.yaml. Lines, departures,
vehicles and people are those of benchmarks/gridcity_workload.py, whose journeys are given; here people find their own
between the same stops, so that more is done than in the workload and its results are only near. Times are rounded to
seconds.

    peakshift run FOLDER/scenario.yaml --out RUN       the whole process: search for journeys, a day, tables, report
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from gridcity_workload import RULES, SIZES, Workload, make

FIRST_S = 6 * 3600
"""Of the day on which the workload's time 0 is."""

SCENARIO = """name: gridcity
replications: 1
days: 1
network: {folder: gridcity}
population: {preferred_arrival_spread: 0 s}
service: {boarding_rule: present_at_arrival}
journeys: {transfer_walk: 30 s}
preferences: {crowding: {kind: none}}
"""


def clock(seconds: float) -> str:
    """Write seconds after the workload's time 0 as HH:MM:SS of the day."""
    whole = FIRST_S + round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def write_rows(file: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Write a table of text, and its folder where that is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as open_file:
        writer = csv.writer(open_file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def write_service(workload: Workload, gtfs: Path) -> None:
    """Write stops, lines and the timetable."""
    grid = workload.size.grid
    write_rows(
        gtfs / "agency.txt",
        "agency_id,agency_name,agency_url,agency_timezone",
        [("city", "Grid city", "https://example.org", "UTC")],
    )
    write_rows(gtfs / "stops.txt", "stop_id,stop_name,stop_lat,stop_lon", [(n, n, "", "") for n in range(grid**2)])
    routes = [(line, "city", line, 3) for line in range(len(workload.paths) // 2)]
    write_rows(gtfs / "routes.txt", "route_id,agency_id,route_short_name,route_type", routes)
    days = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
    always = [("daily", *(1,) * 7, "20260101", "20261231")]
    write_rows(gtfs / "calendar.txt", f"service_id,{days},start_date,end_date", always)
    trips = [
        (direction // 2, "daily", f"{direction}-{trip}", direction % 2, "bus")
        for direction in range(len(workload.paths))
        for trip in range(workload.departures_s.shape[1])
    ]
    write_rows(gtfs / "trips.txt", "route_id,service_id,trip_id,direction_id,vehicle_type", trips)
    times = (
        (f"{direction}-{trip}", at, at, stop, place)
        for direction, (path, starts) in enumerate(
            zip(workload.paths.tolist(), workload.departures_s.tolist(), strict=True)
        )
        for trip, start in enumerate(starts)
        for place, stop in enumerate(path)
        for at in [clock(start + place * RULES["link_s"])]
    )
    write_rows(gtfs / "stop_times.txt", "trip_id,arrival_time,departure_time,stop_id,stop_sequence", times)


def write_demand(workload: Workload, file: Path) -> None:
    """Write how many leave each stop for each other one in each minute."""
    first_direction, board, alight, second_direction, _, last = workload.legs.T
    paths = workload.paths
    origin = paths[first_direction, board].tolist()
    ends = [
        int(paths[second, at]) if second >= 0 else int(paths[first, out])
        for first, out, second, at in zip(first_direction, alight, second_direction, last, strict=True)
    ]
    minutes = (workload.leaves_s // 60).astype(int).tolist()
    counts = Counter((a, b, minute) for a, b, minute in zip(origin, ends, minutes, strict=True) if a != b)
    rows = ((a, b, clock(60 * m), clock(60 * m + 60), n) for (a, b, m), n in sorted(counts.items()))
    write_rows(file, "origin_stop_id,destination_stop_id,period_start,period_end,commuters", rows)


def write(workload: Workload, folder: Path) -> None:
    """Write the network folder and the scenario."""
    network = folder / "gridcity"
    grid, spacing_m = workload.size.grid, RULES["spacing_m"]
    write_service(workload, network / "gtfs")
    write_demand(workload, network / "demand" / "od.csv")
    nodes = [(n, n, spacing_m * (n % grid), spacing_m * (n // grid)) for n in range(grid**2)]
    write_rows(network / "gmns" / "node.csv", "node_id,name,x_coord,y_coord", nodes)
    write_rows(
        network / "vehicles.csv",
        "vehicle_type,seats,capacity,doors,dwell_rule,dead_time_s,boarding_s,alighting_s,"
        "boarding_channels,alighting_channels",
        [("bus", 40, RULES["capacity"], 1, "sum", RULES["door_s"], RULES["board_s"], RULES["alight_s"], 1, 1)],
    )
    (network / "SOURCE.md").write_text(
        "# Source\n\nAll of it is drawn by chance (benchmarks/gridcity_workload.py); synthetic.\n"
    )
    (folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")


def main() -> None:
    """Write the scenario of the size that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write(make(SIZES[options.size], options.seed), options.folder)
    print(options.folder / "scenario.yaml")


if __name__ == "__main__":
    main()
