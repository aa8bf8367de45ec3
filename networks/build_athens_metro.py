"""Write the network folder ``athens_metro`` from the Athens instance of OpenLinTim.

Usage: ``python networks/build_athens_metro.py PATH_TO_DATA [--out FOLDER]``, where PATH_TO_DATA holds
``athens_metro/basis``. The same input gives the same bytes. How the data were read, and every
assumed figure, is in ``networks/athens_metro/SOURCE.md``.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

from csv_files import write_csv
from simple_network import Line, Network, Stop, Vehicle, clock, write_network

SECONDS_PER_UNIT = 6
STOP_UNITS = 3
PASSENGERS_PER_VEHICLE = 1086
ASSUMED_SEATS = 250
ASSUMED_HEADWAYS = ((330, 1440, 5),)
HOUR_OF_DEMAND = 8
# The three lines as the public knows them, by the stop numbers of the data.
LINES = {
    "1": tuple(range(1, 25)),
    "2": (25, 26, 14, 27, 28, 16, *range(29, 37)),
    "3": (37, 38, 39, 17, 30, *range(40, 52)),
}


def read(path: Path) -> list[list[str]]:
    """Read a table of OpenLinTim: values apart by semicolons, comments after #."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [[value.strip() for value in line.split(";")] for line in lines if line]


def network_of(basis: Path) -> Network:
    """Return stops, links in both directions and the three lines."""
    places = {row[0]: (row[1], row[2]) for row in read(basis / "Stop.giv.geo")}
    names = {row[0]: row[2].partition(",")[0] for row in read(basis / "Stop.giv")}
    stops = {stop: Stop(name, lat=places[stop][0], lon=places[stop][1]) for stop, name in names.items()}
    links: dict[tuple[str, str], tuple[float, int]] = {}
    for _, a, b, length_km, least, _ in read(basis / "Edge.giv"):
        value = (float(length_km) * 1000.0, int(least) * SECONDS_PER_UNIT)
        links[a, b] = links[b, a] = value
    lines = {}
    for name, numbers in LINES.items():
        way = tuple(str(number) for number in numbers)
        if not all(hop in links for hop in pairwise(way)):
            raise SystemExit(f"line {name} does not follow the links of the data")
        lines[name] = Line(f"Line {name}", 1, "metro", way, ASSUMED_HEADWAYS)
    dwell_s = STOP_UNITS * SECONDS_PER_UNIT
    metro = Vehicle(ASSUMED_SEATS, PASSENGERS_PER_VEHICLE, 24, "constant", float(dwell_s), 0.0, 0.0, 24, 24)
    return Network("athens_metro", stops, links, lines, {"metro": metro}, dwell_s=dwell_s)


def demand_of(basis: Path) -> list[tuple[str, str, str, str, str]]:
    """Return the OD table, in the order of the file."""
    start = HOUR_OF_DEMAND * 3600
    return [
        (a, b, clock(start), clock(start + 3600), count)
        for a, b, count in read(basis / "OD.giv")
        if float(count) > 0 and a != b
    ]


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(description="Write the network folder athens_metro.")
    parser.add_argument("data", type=Path, help="folder that holds athens_metro/basis")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "athens_metro")
    arguments = parser.parse_args()
    basis = arguments.data / "athens_metro" / "basis"
    write_network(arguments.out, network_of(basis))
    header = "origin_stop_id,destination_stop_id,period_start,period_end,commuters"
    write_csv(arguments.out / "demand" / "od.csv", header, demand_of(basis))


if __name__ == "__main__":
    main()
