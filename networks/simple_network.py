"""Network folders of lines with even headways, as the small build scripts here write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from csv_files import write_csv

SERVICE_ID = "daily"
DATES = ("20260101", "20261231")


@dataclass(frozen=True)
class Stop:
    """A stop: name, and either metres on a drawing or degrees."""

    name: str
    x_m: float = 0.0
    y_m: float = 0.0
    lat: str = ""
    lon: str = ""


@dataclass(frozen=True)
class Line:
    """A line that runs in both directions at an even headway.

    Attributes
    ----------
    name : str
    route_type : int
        As in GTFS.
    vehicle_type : str
    stops : tuple of str
        Ids in the order of direction 0.
    headways : tuple of (first minute, last minute, minutes)
        Stretches of the day; a vehicle leaves each end at first, first + headway, ... before last.
    both_ways : bool
    """

    name: str
    route_type: int
    vehicle_type: str
    stops: tuple[str, ...]
    headways: tuple[tuple[int, int, int], ...]
    both_ways: bool = True


@dataclass(frozen=True)
class Vehicle:
    """A vehicle type and its dwell rule; times in seconds."""

    seats: int
    capacity: int
    doors: int
    dwell_rule: str
    dead_time_s: float
    boarding_s: float
    alighting_s: float
    boarding_channels: int
    alighting_channels: int


@dataclass(frozen=True)
class Network:
    """A network folder.

    Attributes
    ----------
    stops : mapping of str to Stop
    links : mapping of (str, str) to (float, int)
        Length in metres and running time in seconds.
    lines : mapping of str to Line
    vehicles : mapping of str to Vehicle
    dwell_s : int
        Time at each stop on the way in the timetable.
    """

    agency: str
    stops: Mapping[str, Stop]
    links: Mapping[tuple[str, str], tuple[float, int]]
    lines: Mapping[str, Line]
    vehicles: Mapping[str, Vehicle]
    dwell_s: int = 0


def clock(seconds: int) -> str:
    """Write seconds after midnight as HH:MM:SS."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def write_network(folder: Path, network: Network) -> None:
    """Write GTFS tables, street graph and vehicles; demand and sources are the caller's."""
    gtfs = folder / "gtfs"
    write_csv(
        gtfs / "agency.txt",
        "agency_id,agency_name,agency_url,agency_timezone",
        [(network.agency, network.agency, "https://example.org", "UTC")],
    )
    write_csv(
        gtfs / "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon",
        [(stop, item.name, item.lat, item.lon) for stop, item in network.stops.items()],
    )
    write_csv(
        gtfs / "routes.txt",
        "route_id,agency_id,route_short_name,route_type",
        [(line, network.agency, item.name, item.route_type) for line, item in network.lines.items()],
    )
    days = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
    write_csv(gtfs / "calendar.txt", f"service_id,{days},start_date,end_date", [(SERVICE_ID, *(1,) * 7, *DATES)])
    trips, times = timetable(network)
    write_csv(gtfs / "trips.txt", "route_id,service_id,trip_id,direction_id,vehicle_type", trips)
    write_csv(gtfs / "stop_times.txt", "trip_id,arrival_time,departure_time,stop_id,stop_sequence", times)
    drawn = [(stop, item.name, item.x_m, item.y_m) for stop, item in network.stops.items()]
    if not any(item.lat for item in network.stops.values()):
        write_csv(folder / "gmns" / "node.csv", "node_id,name,x_coord,y_coord", drawn)
    else:
        degrees = [(stop, item.name, item.lon, item.lat) for stop, item in network.stops.items()]
        write_csv(folder / "gmns" / "node.csv", "node_id,name,x_coord,y_coord", degrees)
    write_csv(
        folder / "gmns" / "link.csv",
        "link_id,from_node_id,to_node_id,length,free_speed",
        [
            (f"{a}>{b}", a, b, f"{length:.1f}", f"{length / seconds * 3.6:.3f}")
            for (a, b), (length, seconds) in network.links.items()
        ],
    )
    write_csv(
        folder / "vehicles.csv",
        "vehicle_type,seats,capacity,doors,dwell_rule,dead_time_s,boarding_s,alighting_s,"
        "boarding_channels,alighting_channels",
        [(name, *vars(item).values()) for name, item in network.vehicles.items()],
    )


def timetable(network: Network) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the rows of ``trips.txt`` and ``stop_times.txt``."""
    trips: list[tuple[object, ...]] = []
    times: list[tuple[object, ...]] = []
    for line, item in network.lines.items():
        for direction, stops in enumerate((item.stops, item.stops[::-1])[: 2 if item.both_ways else 1]):
            starts = [60 * m for first, last, headway in item.headways for m in range(first, last, headway)]
            for number, start in enumerate(starts, start=1):
                trip = f"{line}_{direction}_{number:03d}"
                trips.append((line, SERVICE_ID, trip, direction, item.vehicle_type))
                now = start
                times.append((trip, clock(now), clock(now), stops[0], 1))
                for place, (a, b) in enumerate(pairwise(stops), start=2):
                    now += network.links[a, b][1]
                    wait = network.dwell_s if b != stops[-1] else 0
                    times.append((trip, clock(now), clock(now + wait), b, place))
                    now += wait
    return trips, times
