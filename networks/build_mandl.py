"""Write the network folder ``mandl`` from the Mandl instance and two published route sets.

Usage: ``python networks/build_mandl.py PATH_TO_DATA [--out FOLDER]``, where PATH_TO_DATA holds ``mandl``
and ``xiamen_brt2`` (whose boardings by hour are laid over the demand). The same input gives the same
bytes. Every assumed figure is explained in ``networks/mandl/SOURCE.md``.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterable
from itertools import combinations, pairwise
from pathlib import Path

import networkx as nx
import numpy as np
from csv_files import clock, write_csv

ASSUMED_FREE_SPEED_KMH = 30
ASSUMED_HEADWAY_S = 300
METRES_PER_MINUTE = ASSUMED_FREE_SPEED_KMH * 1000 // 60
POSITION_STEP_M = 10
SHARE_DIGITS = 6
SERVICE_ID = "daily"
VEHICLE_TYPE = "bus"
ROUTE_SETS = {4: "Mumford 2013, 4 routes", 6: "Mumford 2013, 6 routes"}


def street_graph(links: Iterable[tuple[int, int, int]]) -> nx.Graph[int]:
    """Return the undirected graph of the instance, with ``minutes`` on each edge."""
    graph: nx.Graph[int] = nx.Graph()
    for start, end, minutes in sorted(links):
        graph.add_edge(start, end, minutes=minutes)
    return graph


def schematic_positions(graph: nx.Graph[int]) -> dict[int, tuple[int, int]]:
    """Place the nodes so that distances resemble link minutes (Kamada and Kawai 1989).

    Returns
    -------
    dict
        Node -> (x, y) in metres, not negative, rounded to 10 m so that the last digits of the
        optimizer do not reach the file.
    """
    minutes = dict(nx.all_pairs_dijkstra_path_length(graph, weight="minutes"))
    layout = nx.kamada_kawai_layout(graph, dist=minutes)
    pairs = list(combinations(sorted(graph), 2))
    drawn = np.array([np.linalg.norm(layout[a] - layout[b]) for a, b in pairs])
    wanted_m = np.array([minutes[a][b] * METRES_PER_MINUTE for a, b in pairs])
    # The layout has no unit: stretch it to the least squared error against the wanted distances.
    scale_m = float(drawn @ wanted_m / (drawn @ drawn))
    corner = np.min(np.array(list(layout.values())), axis=0)
    steps = {node: np.rint((place - corner) * scale_m / POSITION_STEP_M) for node, place in layout.items()}
    return {node: (int(x) * POSITION_STEP_M, int(y) * POSITION_STEP_M) for node, (x, y) in steps.items()}


def boardings_by_hour(path: Path) -> dict[int, int]:
    """Count the boardings of Xiamen BRT line 2 by clock hour."""
    with path.open(encoding="utf-8", newline="") as file:
        hours = Counter(int(row["BOARD_MINUTE"]) // 60 for row in csv.DictReader(file))
    return dict(sorted(hours.items()))


def shares(counts: dict[int, int]) -> dict[int, str]:
    """Turn counts into decimal shares whose printed digits sum to exactly 1.

    The units lost in rounding down go to the largest remainders, the earlier hour first.
    """
    total = sum(counts.values())
    unit = 10**SHARE_DIGITS
    floors = {hour: count * unit // total for hour, count in counts.items()}
    by_remainder = sorted(counts, key=lambda hour: (-(counts[hour] * unit % total), hour))
    for hour in by_remainder[: unit - sum(floors.values())]:
        floors[hour] += 1
    return {hour: f"{floor / unit:.{SHARE_DIGITS}f}" for hour, floor in floors.items()}


def write_gtfs(folder: Path, graph: nx.Graph[int], route_sets: dict[int, list[list[int]]]) -> None:
    """Write both route sets as GTFS: an agency for each set, two template trips for each route."""
    url = "https://github.com/RenatoArbex/TransitNetworkDesign"
    agencies, routes, trips, stop_times, frequencies = [], [], [], [], []
    for size, route_set in route_sets.items():
        agency = f"mumford_2013_{size}"
        agencies.append((agency, f"Mumford 2013, set of {size} routes", url, "Europe/Zurich"))
        for number, nodes in enumerate(route_set, start=1):
            route = f"m{size}_{number}"
            routes.append((route, agency, route, "-".join(map(str, nodes)), 3))
            for direction, path in enumerate((nodes, nodes[::-1])):
                trip = f"{route}_{direction}"
                trips.append((route, SERVICE_ID, trip, f"Node {path[-1]}", direction, VEHICLE_TYPE))
                frequencies.append((trip, "05:00:00", "24:00:00", ASSUMED_HEADWAY_S, 0))
                minute = 0
                stop_times.append((trip, clock(minute), clock(minute), path[0], 1))
                for sequence, (start, end) in enumerate(pairwise(path), start=2):
                    minute += graph.edges[start, end]["minutes"]
                    stop_times.append((trip, clock(minute), clock(minute), end, sequence))
    write_csv(folder / "agency.txt", "agency_id,agency_name,agency_url,agency_timezone", agencies)
    write_csv(
        folder / "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon",
        [(node, f"Node {node}", "", "") for node in sorted(graph)],
    )
    write_csv(folder / "routes.txt", "route_id,agency_id,route_short_name,route_long_name,route_type", routes)
    write_csv(
        folder / "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
        [(SERVICE_ID, 1, 1, 1, 1, 1, 1, 1, "20180601", "20180630")],
    )
    write_csv(folder / "trips.txt", "route_id,service_id,trip_id,trip_headsign,direction_id,vehicle_type", trips)
    write_csv(folder / "stop_times.txt", "trip_id,arrival_time,departure_time,stop_id,stop_sequence", stop_times)
    write_csv(folder / "frequencies.txt", "trip_id,start_time,end_time,headway_secs,exact_times", frequencies)


def write_street_graph(folder: Path, graph: nx.Graph[int]) -> None:
    """Write nodes at schematic positions and a link for each direction of each edge."""
    places = schematic_positions(graph)
    write_csv(
        folder / "node.csv",
        "node_id,name,x_coord,y_coord",
        [(node, f"Node {node}", *places[node]) for node in sorted(graph)],
    )
    directed = sorted((a, b, graph.edges[a, b]["minutes"]) for x, y in graph.edges for a, b in ((x, y), (y, x)))
    write_csv(
        folder / "link.csv",
        "link_id,from_node_id,to_node_id,length,free_speed,lanes,capacity,allowed_uses",
        [
            (f"{a}_{b}", a, b, minutes * METRES_PER_MINUTE, ASSUMED_FREE_SPEED_KMH, "", "", "bus")
            for a, b, minutes in directed
        ],
    )


def build(data: Path, out: Path) -> None:
    """Write the whole folder.

    Parameters
    ----------
    data : Path
        Folder that holds ``mandl`` and ``xiamen_brt2``.
    out : Path
        Network folder to write; files already there are replaced.
    """
    instance = json.loads((data / "mandl" / "instance.json").read_text(encoding="utf-8"))
    published = json.loads((data / "mandl" / "routesets.json").read_text(encoding="utf-8"))["published"]
    routes = {entry["name"]: entry["routes"] for entry in published}
    graph = street_graph(instance["links"])
    write_gtfs(out / "gtfs", graph, {size: routes[name] for size, name in ROUTE_SETS.items()})
    write_street_graph(out / "gmns", graph)
    write_csv(
        out / "vehicles.csv",
        "vehicle_type,seats,capacity,doors,dwell_rule,dead_time_s,boarding_s,alighting_s,"
        "boarding_channels,alighting_channels,standee_friction_s",
        [(VEHICLE_TYPE, 40, 80, 2, "max", "3.5", "3.5", "2.1", 1, 1, "0.5")],
    )
    write_csv(
        out / "demand" / "od.csv",
        "origin_stop_id,destination_stop_id,commuters",
        sorted(map(tuple, instance["demand"])),
    )
    hourly = boardings_by_hour(data / "xiamen_brt2" / "data" / "line_2" / "passenger" / "direction_0.csv")
    write_csv(
        out / "demand" / "profile.csv",
        "period_start,period_end,share",
        [(clock(hour * 60), clock(hour * 60 + 60), share) for hour, share in shares(hourly).items()],
    )


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(description="Write the network folder mandl.")
    parser.add_argument("data", type=Path, help="folder that holds mandl and xiamen_brt2")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "mandl")
    arguments = parser.parse_args()
    build(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
