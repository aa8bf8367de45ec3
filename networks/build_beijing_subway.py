"""Write the network folder ``beijing_subway`` from the files of Beijing-Subway-Tools.

Usage: ``python networks/build_beijing_subway.py PATH_TO_DATA [--out FOLDER]``, where PATH_TO_DATA holds
``beijing_subway``. Needs the library pyjson5 (``pip install peakshift[test]``). The same input gives the same
bytes. Every reading of the data made here, and every assumed figure, is explained in
``networks/beijing_subway/SOURCE.md``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import beijing_demand as demand
import beijing_timetable as timetable
import numpy as np
from beijing_timetable import Line, Run
from csv_files import clock, write_csv

SERVICE_ID = "monday_to_thursday"
ASSUMED_SEATS_SHARE = 0.16
WALK_LINK_M = 1
"""Stands for the concourse: whoever enters a station can go to any of its platforms."""
URL = "https://github.com/Mick235711/Beijing-Subway-Tools"


class Stations:
    """Stations and their platforms, one platform (a GTFS stop) for each line.

    Attributes
    ----------
    platforms : dict of str to dict of str to str
        Stop id by name of the station and id of the line.
    number : dict of str to int
        Row of each station, in order of first mention.
    x_m, y_m : dict of str to int
        Position by name of the station.
    """

    def __init__(self, lines: Sequence[Line], coordinates: Mapping[str, Any]) -> None:
        self.platforms: dict[str, dict[str, str]] = {}
        for line in lines:
            for place, name in enumerate(line.stations, start=1):
                self.platforms.setdefault(name, {})[line.line_id] = f"{line.line_id}-{place:02d}"
        self.number = {name: row for row, name in enumerate(self.platforms)}
        scale = metres_per_pixel(lines, coordinates)
        bottom = max(coordinates[name]["y"] for name in self.platforms)
        left = min(coordinates[name]["x"] for name in self.platforms)
        self.x_m = {name: round((coordinates[name]["x"] - left) * scale) for name in self.platforms}
        self.y_m = {name: round((bottom - coordinates[name]["y"]) * scale) for name in self.platforms}

    def station_id(self, name: str) -> str:
        """Return the id of a station."""
        return f"S{self.number[name] + 1:03d}"

    def shown(self, name: str, line_id: str) -> str:
        """Return the name of a platform, with its line where the station has several."""
        return name if len(self.platforms[name]) == 1 else f"{name} {line_id}"


def metres_per_pixel(lines: Sequence[Line], coordinates: Mapping[str, Any]) -> float:
    """Return the scale of the map: the median of track length over distance drawn between neighbours."""
    ratios = []
    for line in lines:
        for (start, end), length in zip(pairwise(line.stations), line.lengths_m[1:], strict=True):
            a, b = coordinates[start], coordinates[end]
            ratios.append(length / float(np.hypot(a["x"] - b["x"], a["y"] - b["y"])))
    return round(float(np.median(ratios)), 3)


def link_lengths(line: Line, runs: Sequence[Run]) -> dict[tuple[str, str], int]:
    """Return the metres of every hop that a train of the line makes."""
    lengths: dict[tuple[str, str], int] = {}
    hops = {hop for run in runs for hop in pairwise([name for name, _ in run.calls])}
    if line.loop:
        first, last = line.stations[0], line.stations[-1]
        hops |= {(first, last), (last, first)}
        lengths[first, last] = lengths[last, first] = line.lengths_m[0]
    circle = next((kinds for kinds in line.raw["train_routes"].values() if kinds.get("end_circle")), None)
    if circle is not None:
        lengths[circle["end_circle_start"], line.stations[0]] = circle["end_circle_split_dist"]
    place = {name: row for row, name in enumerate(line.stations)}
    for start, end in sorted(hops - lengths.keys(), key=lambda hop: (place[hop[0]], place[hop[1]])):
        low, high = sorted((place[start], place[end]))
        lengths[start, end] = sum(line.lengths_m[low + 1 : high + 1])
    return lengths


def vehicle_type(run: Run, line: Line) -> str:
    """Name the type of a train: number and type of its cars."""
    return f"{run.cars}{line.car_type}"


def trips_of(line: Line, runs: Sequence[Run]) -> list[tuple[str, str, Run]]:
    """Return the trips of a line as (trip id, block id or blank, run), laps of loops closed."""
    found = []
    for direction in (0, 1):
        mine = [run for run in runs if run.direction == direction]
        if line.loop:
            linked = timetable.link_laps(line, mine)
        else:
            ordered = sorted(mine, key=lambda run: (run.calls[0][1], run.calls[-1][1], run.routing))
            linked = [(run, -1, None) for run in ordered]
        start = line.stations[-1] if direction else line.stations[0]
        for number, (run, vehicle, back) in enumerate(linked, start=1):
            whole = run if back is None else replace(run, calls=(*run.calls, (start, back)))
            block = f"{line.line_id}-{direction}-v{vehicle + 1:02d}" if vehicle >= 0 else ""
            found.append((f"{line.line_id}-{direction}-{number:03d}", block, whole))
    return found


def write_gtfs(
    folder: Path, lines: Sequence[Line], stations: Stations, trips: Mapping[str, list[tuple[str, str, Run]]]
) -> None:
    """Write agency, stops, routes, calendar, trips and stop times."""
    write_csv(
        folder / "agency.txt",
        "agency_id,agency_name,agency_url,agency_timezone,agency_lang",
        [("beijing_subway", "Beijing Subway (unofficial)", URL, "Asia/Shanghai", "zh")],
    )
    english = timetable.aliases(lines)
    rows: list[Sequence[object]] = []
    for name, platforms in stations.platforms.items():
        station = stations.station_id(name)
        rows.append((station, name, english.get(name, ""), "", "", 1, ""))
        rows += [
            (stop, stations.shown(name, line), english.get(name, ""), "", "", 0, station)
            for line, stop in platforms.items()
        ]
    header = "stop_id,stop_name,stop_desc,stop_lat,stop_lon,location_type,parent_station"
    write_csv(folder / "stops.txt", header, rows)
    write_csv(
        folder / "routes.txt",
        "route_id,agency_id,route_short_name,route_long_name,route_type,route_color",
        [
            (line.line_id, "beijing_subway", line.name, line.english, 0 if line.car_type == "LRT" else 1, line.color)
            for line in lines
        ],
    )
    write_csv(
        folder / "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
        [(SERVICE_ID, 1, 1, 1, 1, 0, 0, 0, "20260817", "20260820")],
    )
    trip_rows, time_rows = [], []
    for line in lines:
        for trip, block, run in trips[line.line_id]:
            goal = run.calls[-1][0]
            kind = vehicle_type(run, line)
            trip_rows.append((line.line_id, SERVICE_ID, trip, goal, run.routing, run.direction, block, kind))
            for sequence, (name, minute) in enumerate(run.calls, start=1):
                stop = stations.platforms[name][line.line_id]
                time_rows.append((trip, clock(minute), clock(minute), stop, sequence))
    header = "route_id,service_id,trip_id,trip_headsign,trip_short_name,direction_id,block_id,vehicle_type"
    write_csv(folder / "trips.txt", header, trip_rows)
    write_csv(folder / "stop_times.txt", "trip_id,arrival_time,departure_time,stop_id,stop_sequence", time_rows)


def write_transfers(path: Path, lines: Sequence[Line], stations: Stations, metadata: Mapping[str, Any]) -> None:
    """Write the walking transfers, within stations and between them."""
    by_name = {line.name: line.line_id for line in lines}
    rows = []
    for transfer in timetable.read_transfers(metadata):
        start = stations.platforms[transfer.station][by_name[transfer.line]]
        goal = stations.platforms[transfer.to_station][by_name[transfer.to_line]]
        rows.append((start, goal, 2, round(transfer.minutes * 60)))
    write_csv(path, "from_stop_id,to_stop_id,transfer_type,min_transfer_time", rows)


def write_street_graph(
    folder: Path, lines: Sequence[Line], stations: Stations, trips: Mapping[str, list[tuple[str, str, Run]]]
) -> None:
    """Write the platforms as nodes, the hops of trains and the ways between platforms as links."""
    nodes = [
        (stop, stations.shown(name, line), stations.x_m[name], stations.y_m[name])
        for name, platforms in stations.platforms.items()
        for line, stop in platforms.items()
    ]
    write_csv(folder / "node.csv", "node_id,name,x_coord,y_coord", nodes)
    rows: list[Sequence[object]] = []
    for line in lines:
        runs = [run for _, _, run in trips[line.line_id]]
        for (start, end), length in link_lengths(line, runs).items():
            ends = stations.platforms[start][line.line_id], stations.platforms[end][line.line_id]
            rows.append((">".join(ends), *ends, length, line.speed_km_h, "", "", "rail"))
    for platforms in stations.platforms.values():
        rows += [
            (">".join(ends), *ends, WALK_LINK_M, "", "", "", "walk") for ends in permutations(platforms.values(), 2)
        ]
    write_csv(
        folder / "link.csv", "link_id,from_node_id,to_node_id,length,free_speed,lanes,capacity,allowed_uses", rows
    )


def write_vehicles(
    path: Path, lines: Sequence[Line], trips: Mapping[str, list[tuple[str, str, Run]]], cars: Mapping[str, Any]
) -> None:
    """Write the types of trains: places as in the data, seats assumed, no time of their own at stops."""
    kinds = {
        vehicle_type(run, line): run.cars * cars[line.car_type]["capacity"]
        for line in lines
        for _, _, run in trips[line.line_id]
    }
    write_csv(
        path,
        "vehicle_type,seats,capacity,dwell_rule,dead_time_s",
        [(kind, round(places * ASSUMED_SEATS_SHARE), places, "constant", 0) for kind, places in sorted(kinds.items())],
    )


def write_fares(folder: Path, lines: Sequence[Line], stations: Stations, rules: Mapping[str, Any]) -> None:
    """Write the fares by distance, and the reduction before 07:00 with its stations."""
    by_name = {line.name: line.line_id for line in lines}
    own = {by_name[name] for group in rules["rule_groups"] for name in group.get("lines", ())}
    fares: list[Sequence[object]] = []
    discounts: list[Sequence[object]] = []
    for group in rules["rule_groups"]:
        if "derive_from" in group:
            window = group["apply_time"][0]
            discounts += [
                (stations.station_id(name), name, stop, f"{window['end']}:00", group["derive_from"]["portion"])
                for name in group["starting_stations"]
                for stop in stations.platforms[name].values()
            ]
            continue
        chosen = [by_name[name] for name in group.get("lines", ())]
        used = chosen or [line.line_id for line in lines if line.line_id not in own]
        names = " ".join(used)
        fares += [(names, rule.get("start", 0), rule.get("end", ""), rule["fare"], "CNY") for rule in group["rules"]]
    write_csv(folder / "fares.csv", "route_ids,from_m,to_m,fare,currency", fares)
    write_csv(folder / "fare_discounts.csv", "station_id,station_name,stop_id,entry_before,fare_multiple", discounts)


def write_demand(
    folder: Path,
    lines: Sequence[Line],
    stations: Stations,
    trips: Mapping[str, list[tuple[str, str, Run]]],
    cars: Mapping[str, Any],
    total: float,
) -> None:
    """Write synthetic commuters: to work, and the same people home again."""
    count = len(stations.number)
    weight = np.zeros(count)
    pairs: dict[tuple[int, int], float] = {}
    main: dict[str, Counter[str]] = {name: Counter() for name in stations.number}
    for line in lines:
        runs = [run for _, _, run in trips[line.line_id]]
        for (start, end), length in link_lengths(line, runs).items():
            ends = (stations.number[start], stations.number[end])
            pairs[ends] = min(length / 1000, pairs.get(ends, np.inf))
        for run in runs:
            for name, _ in run.calls:
                weight[stations.number[name]] += run.cars * cars[line.car_type]["capacity"]
                main[name][line.line_id] += 1
    km = demand.track_km(count, pairs)
    x, y = (np.array(list(place.values()), dtype=float) for place in (stations.x_m, stations.y_m))
    centre = stations.number[demand.CENTRE]
    from_centre_km = np.hypot(x - x[centre], y - y[centre]) / 1000
    journeys = total / demand.BOARDINGS_PER_JOURNEY
    flow = demand.to_work(weight, from_centre_km, km, journeys / 2)
    # Demand starts and ends at the platform of the line with the most trains of a station.
    stops = [stations.platforms[name][max(main[name], key=lambda line: main[name][line])] for name in stations.number]
    rows = [
        (stops[home], stops[work], f"to_work_{demand.band_of(km[home, work])}", flow[home, work])
        for home, work in np.argwhere(flow > 0).tolist()
    ]
    rows += [(work, home, "to_home", commuters) for home, work, _, commuters in rows]
    write_csv(folder / "od.csv", "origin_stop_id,destination_stop_id,profile,commuters", rows)
    write_csv(
        folder / "profile.csv",
        "profile,period_start,period_end,share",
        [
            (name, clock(start), clock(end), share)
            for name, shares in demand.profiles().items()
            for start, end, share in shares
        ],
    )


def build(data: Path, out: Path) -> None:
    """Write the whole folder.

    Parameters
    ----------
    data : Path
        Folder that holds ``beijing_subway``.
    out : Path
        Network folder to write; files already there are replaced.
    """
    source = data / "beijing_subway" / "data"
    lines = timetable.read_lines(source)
    coordinates = timetable.read_json5(source / "maps" / "real_distance.json5")["coordinates"]
    stations = Stations(lines, coordinates)
    trips = {line.line_id: trips_of(line, timetable.read_runs(line)) for line in lines}
    write_gtfs(out / "gtfs", lines, stations, trips)
    write_transfers(out / "gtfs" / "transfers.txt", lines, stations, timetable.read_json5(source / "metadata.json5"))
    write_street_graph(out / "gmns", lines, stations, trips)
    cars = timetable.read_json5(source / "carriage_types.json5")
    write_vehicles(out / "vehicles.csv", lines, trips, cars)
    write_fares(out, lines, stations, timetable.read_json5(source / "fare_rules.json5"))
    riders = demand.working_day_ridership(data / "beijing_subway" / "daily_ridership_2017.txt")
    write_demand(out / "demand", lines, stations, trips, cars, riders)


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(description="Write the network folder beijing_subway.")
    parser.add_argument("data", type=Path, help="folder that holds beijing_subway")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "beijing_subway")
    arguments = parser.parse_args()
    build(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
