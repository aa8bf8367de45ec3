"""Write the network folder ``xiamen_brt2`` from the public record of one day on Xiamen BRT line 2.

Usage: ``python networks/build_xiamen_brt2.py PATH_TO_DATA [--out FOLDER]``, where PATH_TO_DATA holds
``xiamen_brt2/data/line_2``. The same input gives the same bytes. Every reading of the data made here,
and every assumed figure, is explained in ``networks/xiamen_brt2/SOURCE.md``.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from csv_files import clock, write_csv

STOP_COUNT = 36
PERIOD_MIN = 15
ASSUMED_FREE_SPEED_KMH = 30
SERVICE_ID = "june_2018"
ROUTE_ID = "brt2"
VEHICLE_TYPE = "brt_12m"

Table = dict[int, dict[int, int]]


def read_link_minutes(path: Path) -> Table:
    """Read the observed minutes of each link in each 15-minute period.

    Returns
    -------
    dict
        Link number -> {first minute of the period after midnight: minutes}. A zero in the file is a
        period without a bus on that link and gives no entry.
    """
    table: Table = {link: {} for link in range(STOP_COUNT - 1)}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            # The file counts the first minute of a period from one: 376 for 06:15.
            start = int(row["FROM_MINUTE"]) - 1
            for link, periods in table.items():
                minutes = int(row[f"s{link}"])
                if minutes > 0:
                    periods[start] = minutes
    return table


def read_dispatches(path: Path) -> list[int]:
    """Read the minutes after midnight at which a bus left the first stop."""
    return [int(line) for line in path.read_text(encoding="utf-8").split()]


def read_demand(path: Path) -> Counter[tuple[int, int, int]]:
    """Count commuters by first minute of the boarding period, origin and destination."""
    counts: Counter[tuple[int, int, int]] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            start = int(row["BOARD_MINUTE"]) // PERIOD_MIN * PERIOD_MIN
            counts[start, int(row["FROM_STATION"]), int(row["TO_STATION"])] += 1
    return counts


def minutes_on_link(periods: dict[int, int], entered: int) -> int:
    """Return the minutes a bus needs on a link.

    Parameters
    ----------
    periods : dict
        Observed minutes of the link by first minute of the period.
    entered : int
        Minute after midnight at which the bus enters the link. Where its period has no observation,
        the nearest observed period counts, the earlier of two equally near.
    """
    wanted = entered // PERIOD_MIN * PERIOD_MIN
    nearest = min(periods, key=lambda start: (abs(start - wanted), start))
    return periods[nearest]


def timetable(dispatches: Sequence[int], links: Table) -> list[list[int]]:
    """Cumulate link minutes into one row of stop times, in minutes after midnight, per trip."""
    trips = []
    for dispatch in dispatches:
        times = [dispatch]
        for link in range(STOP_COUNT - 1):
            times.append(times[-1] + minutes_on_link(links[link], times[-1]))
        trips.append(times)
    return trips


def write_gtfs(folder: Path, trips: Sequence[Sequence[int]]) -> None:
    """Write the GTFS tables of the line, one direction, as many trips as there are dispatches."""
    names = [f"{ROUTE_ID}_{number:03d}" for number in range(1, len(trips) + 1)]
    write_csv(
        folder / "agency.txt",
        "agency_id,agency_name,agency_url,agency_timezone",
        [("xiamen_brt", "Xiamen BRT", "https://github.com/bonny2016/bus-holding-control", "Asia/Shanghai")],
    )
    write_csv(
        folder / "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon",
        [(stop, f"Stop {stop}", "", "") for stop in range(STOP_COUNT)],
    )
    write_csv(
        folder / "routes.txt",
        "route_id,agency_id,route_short_name,route_long_name,route_type",
        [(ROUTE_ID, "xiamen_brt", "2", "Xiamen BRT line 2", 3)],
    )
    write_csv(
        folder / "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
        [(SERVICE_ID, 1, 1, 1, 1, 1, 1, 1, "20180601", "20180630")],
    )
    write_csv(
        folder / "trips.txt",
        "route_id,service_id,trip_id,trip_headsign,direction_id,vehicle_type",
        [(ROUTE_ID, SERVICE_ID, name, f"Stop {STOP_COUNT - 1}", 0, VEHICLE_TYPE) for name in names],
    )
    write_csv(
        folder / "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence",
        [
            (name, clock(minute), clock(minute), stop, stop + 1)
            for name, times in zip(names, trips, strict=True)
            for stop, minute in enumerate(times)
        ],
    )


def write_street_graph(folder: Path, links: Table) -> None:
    """Write the schematic street graph: lengths are free running time times an assumed speed."""
    lengths = [min(links[link].values()) * 60 * ASSUMED_FREE_SPEED_KMH * 1000 // 3600 for link in range(STOP_COUNT - 1)]
    write_csv(
        folder / "node.csv",
        "node_id,name,x_coord,y_coord",
        [(stop, f"Stop {stop}", sum(lengths[:stop]), 0) for stop in range(STOP_COUNT)],
    )
    write_csv(
        folder / "link.csv",
        "link_id,from_node_id,to_node_id,length,free_speed,lanes,capacity,allowed_uses",
        [
            (f"s{link}", link, link + 1, length, ASSUMED_FREE_SPEED_KMH, "", "", "bus")
            for link, length in enumerate(lengths)
        ],
    )


def build(data: Path, out: Path) -> None:
    """Write the whole folder.

    Parameters
    ----------
    data : Path
        Folder that holds ``xiamen_brt2/data/line_2``.
    out : Path
        Network folder to write; files already there are replaced.
    """
    source = data / "xiamen_brt2" / "data" / "line_2"
    links = read_link_minutes(source / "bus" / "direction_0.csv")
    dispatches = read_dispatches(source / "bus" / "direction_0_dispatch.csv")
    demand = read_demand(source / "passenger" / "direction_0.csv")
    write_gtfs(out / "gtfs", timetable(dispatches, links))
    write_street_graph(out / "gmns", links)
    write_csv(
        out / "vehicles.csv",
        "vehicle_type,seats,capacity,doors,dwell_rule,dead_time_s,boarding_s,alighting_s,"
        "boarding_channels,alighting_channels,standee_friction_s",
        [(VEHICLE_TYPE, 30, 90, 2, "sum", 0, "2.0", "1.75", 2, 2, "0.5")],
    )
    write_csv(
        out / "demand" / "od.csv",
        "origin_stop_id,destination_stop_id,period_start,period_end,commuters",
        [
            (origin, destination, clock(start), clock(start + PERIOD_MIN), count)
            for (start, origin, destination), count in sorted(demand.items())
        ],
    )
    write_csv(
        out / "traffic.csv",
        "link_id,period_start,period_end,running_time_s",
        [
            (f"s{link}", clock(start), clock(start + PERIOD_MIN), minutes * 60)
            for link, periods in links.items()
            for start, minutes in sorted(periods.items())
        ],
    )


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(description="Write the network folder xiamen_brt2.")
    parser.add_argument("data", type=Path, help="folder that holds xiamen_brt2/data/line_2")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "xiamen_brt2")
    arguments = parser.parse_args()
    build(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
